using System.Text;
using Gateway.Policies.Authenticate.Signatures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace Gateway.Tests.Unit.Policies.Signatures;

/// <summary>The values that RFC 9421 publishes in its appendix B: keys (B.1), signatures over a request and a response (B.2), and messages that proxies changed (B.4).</summary>
public sealed class Rfc9421Tests
{
    private const string RequestDigest = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";
    private const string ResponseDigest = "sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:";

    /// <summary>B.1.2, B.1.3, B.1.4 and B.1.5.</summary>
    private static readonly Dictionary<string, (string Algorithm, string Key)> Keys = new()
    {
        ["test-key-rsa-pss"] = ("rsa-pss-sha512", """
            MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
            +QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
            oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
            gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
            Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
            aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
            2wIDAQAB
            """),
        ["test-key-ecc-p256"] = ("ecdsa-p256-sha256", "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lfw0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ=="),
        ["test-key-ed25519"] = ("ed25519", "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="),
        ["test-shared-secret"] = ("hmac-sha256", "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="),
    };

    public static TheoryData<string, string, string> Signatures => new()
    {
        {
            "sig-b21=();created=1618884473;keyid=\"test-key-rsa-pss\";nonce=\"b3k2pp5k7z-50gnwp.yemd\"",
            "d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==",
            "\"@signature-params\": ();created=1618884473;keyid=\"test-key-rsa-pss\";nonce=\"b3k2pp5k7z-50gnwp.yemd\""
        },
        {
            "sig-b22=(\"@authority\" \"content-digest\" \"@query-param\";name=\"Pet\");created=1618884473;keyid=\"test-key-rsa-pss\";tag=\"header-example\"",
            "LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB4+ECxCmT8rtAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTlaqwZVtR8NV7+4UKkjqpcAoFqWFQh62s7Cl+H2fjBSpqfZUJcsIk4N6wiKYd4je2U/lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY8Bh0aaUEb0rQl3/XaVe4bXTugEjHSw==",
            $"\"@authority\": example.com\n\"content-digest\": {RequestDigest}\n\"@query-param\";name=\"Pet\": dog\n"
            + "\"@signature-params\": (\"@authority\" \"content-digest\" \"@query-param\";name=\"Pet\");created=1618884473;keyid=\"test-key-rsa-pss\";tag=\"header-example\""
        },
        {
            "sig-b23=(\"date\" \"@method\" \"@path\" \"@query\" \"@authority\" \"content-type\" \"content-digest\" \"content-length\");created=1618884473;keyid=\"test-key-rsa-pss\"",
            "bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==",
            "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n\"@query\": ?param=Value&Pet=dog\n\"@authority\": example.com\n\"content-type\": application/json\n"
            + $"\"content-digest\": {RequestDigest}\n\"content-length\": 18\n"
            + "\"@signature-params\": (\"date\" \"@method\" \"@path\" \"@query\" \"@authority\" \"content-type\" \"content-digest\" \"content-length\");created=1618884473;keyid=\"test-key-rsa-pss\""
        },
        {
            "sig-b24=(\"@status\" \"content-type\" \"content-digest\" \"content-length\");created=1618884473;keyid=\"test-key-ecc-p256\"",
            "wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==",
            $"\"@status\": 200\n\"content-type\": application/json\n\"content-digest\": {ResponseDigest}\n\"content-length\": 23\n"
            + "\"@signature-params\": (\"@status\" \"content-type\" \"content-digest\" \"content-length\");created=1618884473;keyid=\"test-key-ecc-p256\""
        },
        {
            "sig-b25=(\"date\" \"@authority\" \"content-type\");created=1618884473;keyid=\"test-shared-secret\"",
            "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=",
            "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@authority\": example.com\n\"content-type\": application/json\n"
            + "\"@signature-params\": (\"date\" \"@authority\" \"content-type\");created=1618884473;keyid=\"test-shared-secret\""
        },
        {
            "sig-b26=(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \"content-length\");created=1618884473;keyid=\"test-key-ed25519\"",
            "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==",
            "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n\"@authority\": example.com\n\"content-type\": application/json\n\"content-length\": 18\n"
            + "\"@signature-params\": (\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \"content-length\");created=1618884473;keyid=\"test-key-ed25519\""
        },
    };

    [Theory]
    [MemberData(nameof(Signatures))]
    public void A_signature_of_appendix_B_2_is_over_what_the_standard_says_and_holds(string input, string signature, string wanted)
    {
        var member = FieldReader.Dictionary(input)![0];
        var signed = SignatureBase.Of(member, member.Name == "sig-b24" ? OfResponse : new RequestComponents(Request(), null).Of)!;
        var given = Convert.FromBase64String(signature);

        Assert.Equal(wanted, Encoding.UTF8.GetString(signed));
        Assert.True(Check(member)(signed, given));
        for (var i = 0; i < given.Length; i += given.Length / 8)
        {
            given[i] ^= 1;
            Assert.False(Check(member)(signed, given), $"byte {i} was changed");
            given[i] ^= 1;
        }
        signed[^1] ^= 1;
        Assert.False(Check(member)(signed, given));
        Assert.False(Check(member)(signed, []));
    }

    [Theory]
    [InlineData("GET", "example.org", "/demo?name1=Value1&Name2=value2", "application/json|*/*", true)]
    [InlineData("GET", "example.org", "/demo?name1=Value1&Name2=value2&param=added", "application/json|*/*", true)]
    [InlineData("GET", "EXAMPLE.org:80", "http://example.org/demo?name1=Value1", " application/json, */* ", true)]
    [InlineData("POST", "example.com", "/demo?name1=Value1&Name2=value2", "application/json|*/*", false)]
    [InlineData("GET", "example.org", "/demo?name1=Value1&Name2=value2", "*/*|application/json", false)]
    public void A_message_that_a_proxy_changed_holds_where_appendix_B_4_says_so(string method, string host, string target, string accept, bool holds)
    {
        var member = FieldReader.Dictionary("transform=(\"@method\" \"@path\" \"@authority\" \"accept\");created=1618884473;keyid=\"test-key-ed25519\"")![0];
        var request = Request(method, host, target);
        request.Headers.Accept = accept.Split('|');

        var signed = SignatureBase.Of(member, new RequestComponents(request, null).Of)!;

        Assert.Equal(holds, Check(member)(signed, Convert.FromBase64String("ZT1kooQsEHpZ0I1IjCqtQppOmIqlJPeo7DHR3SoMn0s5JZ1eRGS0A+vyYP9t/LXlh5QMFFQ6cpLt2m0pmj3NDA==")));
    }

    /// <summary>Section 2.2.8.</summary>
    [Theory]
    [InlineData("var", "this%20is%20a%20big%0Amultiline%20value")]
    [InlineData("bar", "with%20plus%20whitespace")]
    [InlineData("fa%C3%A7ade%22%3A%20", "something")]
    [InlineData("empty", "")]
    [InlineData("none", "")]
    [InlineData("twice", null)]
    [InlineData("missing", null)]
    public void A_parameter_of_the_query_is_encoded_anew_and_counts_once(string name, string? value)
    {
        var request = Request("GET", "example.com", "/parameters?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something&empty=&none&twice=1&twice=1");
        var component = new FieldItem(new FieldValue.Text("@query-param"), [new FieldParameter("name", new FieldValue.Text(name))]);

        Assert.Equal(value, new RequestComponents(request, null).Of(component));
    }

    /// <summary>Section 2.2; what comes over the wire is neither decoded nor mended.</summary>
    [Theory]
    [InlineData("@method", "GET")]
    [InlineData("@target-uri", "https://example.com/a%2Fb/../%7e?q=%20&&x")]
    [InlineData("@authority", "example.com")]
    [InlineData("@scheme", "https")]
    [InlineData("@request-target", "/a%2Fb/../%7e?q=%20&&x")]
    [InlineData("@path", "/a%2Fb/../%7e")]
    [InlineData("@query", "?q=%20&&x")]
    [InlineData("@status", null)]
    [InlineData("@query-param", null)]
    [InlineData("@signature-params", null)]
    [InlineData("x-many", "1, 2")]
    [InlineData("x-empty", "")]
    [InlineData("X-Many", null)]
    [InlineData("x-none", null)]
    public void A_component_is_what_was_sent(string name, string? value)
    {
        var request = Request("GET", "Example.com:443", "/a%2Fb/../%7e?q=%20&&x");
        request.Scheme = "https";
        request.Headers["X-Many"] = new([" 1 ", "2"]);
        request.Headers["X-Empty"] = "";

        Assert.Equal(value, new RequestComponents(request, null).Of(new FieldItem(new FieldValue.Text(name), [])));
    }

    [Theory]
    [InlineData("sf")]
    [InlineData("bs")]
    [InlineData("req")]
    [InlineData("tr")]
    public void Components_that_are_not_taken_are_not_there(string parameter) => Assert.Null(
        new RequestComponents(Request(), null).Of(new FieldItem(new FieldValue.Text("content-type"), [new FieldParameter(parameter, new FieldValue.Flag(true))])));

    [Fact]
    public void Where_a_proxy_changes_the_host_the_declared_address_is_signed()
    {
        var components = new RequestComponents(Request(), new Uri("https://API.example.com:8443/"));

        Assert.Equal("https://api.example.com:8443/foo?param=Value&Pet=dog", components.Of(new FieldItem(new FieldValue.Text("@target-uri"), [])));
    }

    private static SignatureCheck Check(FieldMember member)
    {
        var (algorithm, key) = Keys[((FieldValue.Text)member["keyid"]!).Value];
        return SignatureAlgorithms.Open(algorithm, Convert.FromBase64String(key))!;
    }

    private static HttpRequest Request(string method = "POST", string host = "example.com", string target = "/foo?param=Value&Pet=dog")
    {
        var request = new DefaultHttpContext().Request;
        request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        (request.Method, request.Scheme, request.Host) = (method, "http", new HostString(host));
        request.Headers.Date = "Tue, 20 Apr 2021 02:07:55 GMT";
        request.Headers.ContentType = "application/json";
        request.Headers["Content-Digest"] = RequestDigest;
        request.Headers.ContentLength = 18;
        return request;
    }

    /// <summary>The gateway checks no responses; the standard's only value of ecdsa-p256-sha256 is one.</summary>
    private static string? OfResponse(FieldItem component) => ((FieldValue.Text)component.Value).Value switch
    {
        "@status" => "200",
        "content-type" => "application/json",
        "content-digest" => ResponseDigest,
        "content-length" => "23",
        _ => null,
    };
}
