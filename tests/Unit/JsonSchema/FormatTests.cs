using Gateway.JsonSchema;
using Xunit;

namespace Gateway.Tests.Unit.JsonSchema;

public sealed class FormatTests
{
    private static readonly SchemaOptions Asserting = new() { AssertFormats = true };

    [Theory]
    [InlineData("gtin", "4006381333931", true)]
    [InlineData("gtin", "4006381333932", false)]
    [InlineData("gtin", "73513537", true)]
    [InlineData("gtin", "036000291452", true)]
    [InlineData("gtin", "10614141000415", true)]
    [InlineData("gtin", "1061414100041", false)]
    [InlineData("gtin", "400638133393A", false)]
    [InlineData("gln", "4012345000009", true)]
    [InlineData("gln", "4012345000008", false)]
    [InlineData("gln", "73513537", false)]
    [InlineData("sscc", "106141412345678908", true)]
    [InlineData("sscc", "106141412345678909", false)]
    [InlineData("iso-4217", "EUR", true)]
    [InlineData("iso-4217", "eur", false)]
    [InlineData("iso-4217", "EURO", false)]
    [InlineData("iso-3166", "DE", true)]
    [InlineData("iso-3166", "UK", false)]
    [InlineData("uncl-rec20", "KGM", true)]
    [InlineData("uncl-rec20", "H87", true)]
    [InlineData("uncl-rec20", "kilo", false)]
    public void Trade_formats_check_digits_and_code_lists(string format, string text, bool valid) => Assert.Equal(valid, Holds(format, text));

    [Theory]
    [InlineData("email", "joe.bloggs@example.com", true)]
    [InlineData("email", "\\\"joe..bloggs@home\\\"@example.com", true)]
    [InlineData("email", "joe@[127.0.0.1]", true)]
    [InlineData("email", "joe@[IPv6:::1]", true)]
    [InlineData("email", "joe@[127.0.0.300]", false)]
    [InlineData("email", ".joe@example.com", false)]
    [InlineData("email", "joe..b@example.com", false)]
    [InlineData("email", "joe@exa_mple.com", false)]
    [InlineData("email", "jöe@example.com", false)]
    [InlineData("email", "a@b@example.com", false)]
    [InlineData("idn-hostname", "cafe\u0301.example", false)]
    [InlineData("idn-hostname", "café.example", true)]
    [InlineData("json-pointer", "/a~1b/~0/", true)]
    [InlineData("json-pointer", "/a~", false)]
    [InlineData("json-pointer", "a", false)]
    [InlineData("date-time", "0000-02-29T00:00:00Z", true)]
    [InlineData("regex", "^\\\\p{Script=Greek}+$", true)]
    [InlineData("regex", "^\\\\p{Script=Klingon}+$", false)]
    [InlineData("regex", "a{2,1}", false)]
    [InlineData("regex", "[z-a]", false)]
    [InlineData("regex", "(?<a>.)(?<a>.)", false)]
    [InlineData("regex", "(?<a>.)|(?<a>.)", true)]
    [InlineData("regex", "\\\\1", false)]
    [InlineData("no-such-format", "anything", true)]
    public void Standard_formats_follow_their_grammars(string format, string text, bool valid) => Assert.Equal(valid, Holds(format, text));

    [Fact]
    public void Formats_are_annotations_unless_asked_for() => Assert.True(Schemas.Good("""{"format":"ipv4"}""").Accepts("\"x\""));

    private static bool Holds(string format, string text) => Schemas.Good($$"""{"format":"{{format}}"}""", Asserting).Accepts($"\"{text}\"");
}
