using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>HTTP binding of CloudEvents 1.0.2, section 3.1.3.2, with its own examples.</summary>
public sealed class CloudEventHeadersTests
{
    [Theory]
    [InlineData("evt_1", "evt_1")]
    [InlineData("", "")]
    [InlineData("Euro € 😀", "Euro%20%E2%82%AC%20%F0%9F%98%80")]
    [InlineData(" a b ", "%20a%20b%20")]
    [InlineData("say \"hi\"", "say%20%22hi%22")]
    [InlineData("100%", "100%25")]
    [InlineData("%20", "%2520")]
    [InlineData("Grüße", "Gr%C3%BC%C3%9Fe")]
    [InlineData("\U0001F600\U0001F600", "%F0%9F%98%80%F0%9F%98%80")]
    [InlineData("!#$&'()*+,-./:;<=>?@[\\]^_`{|}~", "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~")]
    [InlineData("a\u007fb\r\nc", "a%7Fb%0D%0Ac")]
    public void What_headers_cant_hold_is_percent_encoded_and_comes_back(string value, string header)
    {
        Assert.Equal(header, CloudEventHeaders.Encode(value));
        Assert.Equal(value, CloudEventHeaders.Decode(header));
    }

    [Fact]
    public void Half_of_a_pair_is_a_character_that_nobody_knows() => Assert.Equal("a%EF%BF%BDb", CloudEventHeaders.Encode("a\ud83db"));

    [Theory]
    [InlineData("a b", "a b")]
    [InlineData("%e2%82%ac", "€")]
    [InlineData("%41%42", "AB")]
    [InlineData("%2520", "%20")]
    [InlineData("\"a b\"", "a b")]
    [InlineData("\"\"", "")]
    [InlineData("\"say \\\"hi\\\" \\\\ %22there%22\"", "say \"hi\" \\ \"there\"")]
    public void What_others_encode_is_read_too(string header, string value) => Assert.Equal(value, CloudEventHeaders.Decode(header));

    [Theory]
    [InlineData("%C0%A0")] // an overlong space
    [InlineData("%FF")]
    [InlineData("%E2%82")] // the beginning of a character
    [InlineData("%ED%A0%BD")] // half of a pair
    [InlineData("100%")]
    [InlineData("%4")]
    [InlineData("%zz")]
    [InlineData("% 20")]
    [InlineData("\"open")]
    [InlineData("\"a\" b")]
    [InlineData("\"a\\")]
    [InlineData("Grüße")]
    [InlineData("a\tb")]
    public void What_says_nothing_is_refused(string header) => Assert.Null(CloudEventHeaders.Decode(header));
}
