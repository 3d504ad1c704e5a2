using Gateway.Pipeline;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Gateway.Tests.Unit.Pipeline;

/// <summary>The header <c>Forwarded</c> (RFC 7239 section 4), in the words of <c>X-Forwarded-*</c>.</summary>
public sealed class ForwardedHeaderTests
{
    [Theory]
    [InlineData("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60", "http", "")]
    [InlineData("for=192.0.2.43, for=198.51.100.17", "192.0.2.43, 198.51.100.17", "", "")]
    [InlineData("For=\"[2001:db8:cafe::17]:4711\"", "[2001:db8:cafe::17]:4711", "", "")]
    [InlineData("for=\"_gazonk\"", "_gazonk", "", "")]
    [InlineData("for=192.0.2.1; PROTO=https ;host=\"a.example:8443\"", "192.0.2.1", "https", "a.example:8443")]
    [InlineData("for=1.2.3.4;ext=\"a,b;c=\\\"d\\\"\", for=5.6.7.8", "1.2.3.4, 5.6.7.8", "", "")]
    [InlineData("by=203.0.113.43, for=5.6.7.8", "unknown, 5.6.7.8", "", "")]
    [InlineData("ext=1, for=5.6.7.8", "unknown, 5.6.7.8", "", "")]
    [InlineData(", for=5.6.7.8 ,,", "5.6.7.8", "", "")]
    [InlineData("for=1.2.3.4;proto=https, for=5.6.7.8", "1.2.3.4, 5.6.7.8", "", "")]
    [InlineData("for=1.2.3.4;host=\"a, b\"", "1.2.3.4", "", "")]
    public void What_is_well_formed_is_translated(string forwarded, string address, string scheme, string host)
    {
        var headers = new HeaderDictionary { ["Forwarded"] = forwarded };

        ForwardedHeader.Translate(headers);

        Assert.Equal((address, scheme, host), (headers["X-Forwarded-For"].ToString(), headers["X-Forwarded-Proto"].ToString(), headers["X-Forwarded-Host"].ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("for")]
    [InlineData("for=")]
    [InlineData("for=a b")]
    [InlineData("for=\"1.2.3.4")]
    [InlineData("for=\"1.2.3.4\\")]
    [InlineData("for=1.2.3.4;for=5.6.7.8")]
    [InlineData("=1.2.3.4")]
    [InlineData("for=[2001:db8::1]")]
    [InlineData("for=\"x, for=5.6.7.8")]
    [InlineData("for=1.2.3.4; for 5.6.7.8")]
    public void Of_what_is_malformed_nothing_is_believed_and_what_stood_beside_it_goes(string forwarded)
    {
        var headers = new HeaderDictionary { ["Forwarded"] = forwarded, ["X-Forwarded-For"] = "6.6.6.6", ["X-Forwarded-Proto"] = "https", ["X-Forwarded-Host"] = "evil" };

        ForwardedHeader.Translate(headers);

        Assert.Equal(["Forwarded"], headers.Keys);
    }
}
