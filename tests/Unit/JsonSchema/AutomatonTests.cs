using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.JsonSchema;
using Xunit;

namespace Gateway.Tests.Unit.JsonSchema;

/// <summary>Patterns that run as an automaton, and those that are too much for one.</summary>
public sealed class AutomatonTests
{
    [Theory]
    [InlineData("^\\S(.*\\S)?$", "a", true)]
    [InlineData("^\\S(.*\\S)?$", "a b", true)]
    [InlineData("^\\S(.*\\S)?$", "a ", false)]
    [InlineData("^\\S(.*\\S)?$", "ä ö", true)]
    [InlineData("^\\S(.*\\S)?$", "ä\u00A0", false)]
    [InlineData("^\\S(.*\\S)?$", "a\nb", false)]
    [InlineData("^([0-9]{8}|[0-9]{12,14})$", "12345678", true)]
    [InlineData("^([0-9]{8}|[0-9]{12,14})$", "123456789", false)]
    [InlineData("^([0-9]{8}|[0-9]{12,14})$", "12345678901234", true)]
    [InlineData("^([0-9]{8}|[0-9]{12,14})$", "123456789012345", false)]
    [InlineData("^a|b$", "ax", true)]
    [InlineData("^a|b$", "xb", true)]
    [InlineData("^a|b$", "xa", false)]
    [InlineData("", "", true)]
    [InlineData("", "any", true)]
    [InlineData("x^a", "xa", false)]
    [InlineData("a$b", "ab", false)]
    [InlineData("$^", "", true)]
    [InlineData("$^", "a", false)]
    [InlineData("(^|,)b", "a,b", true)]
    [InlineData("(^|,)b", "b", true)]
    [InlineData("(^|,)b", "ab", false)]
    [InlineData("aab", "aaab", true)]
    [InlineData("(a*)*b$", "aaaac", false)]
    [InlineData("(|a)+$", "", true)]
    [InlineData("^(a|ab)(c|bcd)$", "abcd", true)]
    [InlineData("[\u00e4-\u00fc]", "xyz\u00f6", true)]
    [InlineData("^[\U0001F600-\U0001F64F]x$", "\U0001F600x", true)]
    public void An_automaton_finds_what_the_expression_means(string pattern, string text, bool matches) =>
        Assert.Equal(matches, Of(pattern).Accepts(JsonSerializer.Serialize(text)));

    [Theory]
    [InlineData("^[a-z]{1,500}$", 500, true)]
    [InlineData("^[a-z]{1,500}$", 501, false)]
    [InlineData("^[a-z]{1,5000}$", 5000, true)]
    [InlineData("^[a-z]{1,5000}$", 5001, false)]
    [InlineData("^((a{99}){99}){99}$", 99, false)]
    [InlineData("(a|b)*a(a|b){20}$", 21, true)]
    [InlineData("(a|b)*a(a|b){20}$", 20, false)]
    public void What_is_too_large_for_one_means_the_same(string pattern, int length, bool matches) =>
        Assert.Equal(matches, Of(pattern).Accepts($"\"{new string('a', length)}\""));

    [Theory]
    [InlineData("^.$")]
    [InlineData("^\\S$")]
    public void Half_a_surrogate_pair_is_a_character(string pattern) => Assert.True(Of(pattern).IsValid(Schemas.Json("\"\\ud800\"")));

    [Fact]
    public void Any_expression_means_what_it_means_to_dotnet()
    {
        string[] atoms = ["a", "b", "[ab]", "[^a]", ".", "^", "$", "c"];
        string[] quantifiers = ["", "", "*", "+", "?", "{2}", "{1,3}", "{2,}"];
        Random random = new(4711);
        for (int i = 0; i < 400; i++)
        {
            string pattern = Write(3);
            Regex regex = new(pattern.Replace("$", "\\z", StringComparison.Ordinal), RegexOptions.CultureInvariant);
            Schema schema = Of(pattern);
            for (int j = 0; j < 40; j++)
            {
                string text = string.Concat(Enumerable.Range(0, random.Next(7)).Select(_ => "abc"[random.Next(3)]));
                Assert.True(regex.IsMatch(text) == schema.IsValid(Schemas.Json($"\"{text}\"")), $"{pattern} on '{text}'");
            }
        }

        string Write(int depth)
        {
            string[] parts = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => depth > 0 && random.Next(3) == 0 ? $"({Write(depth - 1)}){Quantifier()}" : Atom())];
            return random.Next(4) == 0 ? string.Join('|', parts) : string.Concat(parts);
        }

        string Atom() => atoms[random.Next(atoms.Length)] is var atom && atom is "^" or "$" ? atom : atom + Quantifier();

        string Quantifier() => quantifiers[random.Next(quantifiers.Length)];
    }

    private static Schema Of(string pattern) => Schemas.Good($$"""{"pattern":{{JsonSerializer.Serialize(pattern)}}}""");
}
