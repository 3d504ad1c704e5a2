using System.Text.Json;
using Gateway.JsonSchema;
using Xunit;

namespace Gateway.Tests.Unit.JsonSchema;

public sealed class PatternTests
{
    [Theory]
    [InlineData("^\\d+$", "42", true)]
    [InlineData("^\\d+$", "\u0663", false)]
    [InlineData("^[a-c]{2,3}x?$", "abx", true)]
    [InlineData("^[a-c]{2,3}x?$", "abccx", false)]
    [InlineData("^[A-Z]+A$", "BBA", true)]
    [InlineData("^a*ab$", "aaab", true)]
    [InlineData("^x-", "x-trace", true)]
    [InlineData("b", "abc", true)]
    [InlineData("^$", "", true)]
    [InlineData("^$", "\n", false)]
    [InlineData("^.$", "\U0001F600", true)]
    [InlineData("^..$", "\U0001F600", false)]
    [InlineData("^[^a]$", "\U0001F600", true)]
    [InlineData("^[\U0001F600-\U0001F64F]+$", "\U0001F601\U0001F602", true)]
    [InlineData("^\\u{1F600}$", "\U0001F600", true)]
    [InlineData("^\\uD83D\\uDE00$", "\U0001F600", true)]
    [InlineData("^\\S+$", "a\uFEFFb", false)]
    [InlineData("\\bcat\\b", "a cat!", true)]
    [InlineData("\\bcat\\b", "concat", false)]
    [InlineData("^(a)?(?:b|\\1)c$", "c", true)]
    [InlineData("^(?<y>.)\\k<y>$", "zz", true)]
    [InlineData("^(?<y>.)\\k<y>$", "zy", false)]
    [InlineData("^(?!0)\\d+$", "012", false)]
    [InlineData("(?<=€)\\d", "€5", true)]
    [InlineData("^(?i:abc)$", "aBC", true)]
    [InlineData("^[\\w.-]+$", "a.b-c_d", true)]
    [InlineData("^[]$", "a", false)]
    [InlineData("^[^]$", "\n", true)]
    [InlineData("^\\p{Lu}\\p{Script=Greek}$", "Aλ", true)]
    [InlineData("^\\P{L}$", "1", true)]
    [InlineData("^a{,2}$", "a{,2}", true)]
    [InlineData("^(ab){2}$", "abab", true)]
    [InlineData("^(\\d{3}-){2}\\d{4}$", "123-456-7890", true)]
    [InlineData("^\\cJ$", "\n", true)]
    [InlineData("^\\x41\\0$", "A\0", true)]
    public void Patterns_have_the_meaning_of_ecma_262(string pattern, string text, bool matches)
    {
        Schema schema = Schemas.Good($$"""{"pattern":{{JsonSerializer.Serialize(pattern)}}}""");
        Assert.Equal(matches, schema.Accepts(JsonSerializer.Serialize(text)));
    }

    [Theory]
    [InlineData("^[a-z]$", "\"\\u0061\"", true)]
    [InlineData("^\\n$", "\"\\n\"", true)]
    [InlineData("^ä+$", "\"\\u00e4ä\"", true)]
    public void Escapes_in_the_instance_are_resolved_first(string pattern, string instance, bool matches) =>
        Assert.Equal(matches, Schemas.Good($$"""{"pattern":{{JsonSerializer.Serialize(pattern)}}}""").Accepts(instance));

    [Theory]
    [InlineData("a**")]
    [InlineData("(?<1a>x)")]
    [InlineData("\\p{Nonsense}")]
    [InlineData("\\a")]
    [InlineData("\\u{110000}")]
    [InlineData("x{3,2}")]
    [InlineData("(?#note)")]
    [InlineData("\\k<none>")]
    [InlineData("a)")]
    [InlineData("*")]
    [InlineData("\\")]
    public void What_is_no_regular_expression_is_a_finding(string pattern) => Assert.StartsWith(
        "the pattern is not a regular expression", Schemas.TheOnlyFinding($$"""{"pattern":{{JsonSerializer.Serialize(pattern)}}}""").Message, StringComparison.Ordinal);
}
