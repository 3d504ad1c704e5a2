using Gateway.Policies.Idempotency;
using Xunit;

namespace Gateway.Tests.Unit.Policies;

/// <summary>Which Idempotency-Key headers are taken (RFC 9651 section 3.3.3, and the unquoted form).</summary>
public sealed class KeyHeaderTests
{
    [Theory]
    [InlineData("\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "8e03978e-40d5-43dd-bc93-6894a57f9324")]
    [InlineData("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324")]
    [InlineData("  k-1  ", "k-1")]
    [InlineData("\"with space\"", "with space")]
    [InlineData("\"a\\\"b\\\\c\"", "a\"b\\c")]
    [InlineData("a=b;c,d", "a=b;c,d")]
    [InlineData("x", "x")]
    public void A_key_comes_without_its_quotes(string header, string key) => Assert.Equal(key, KeyHeader.Parse(header));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\"\"")]
    [InlineData("\"")]
    [InlineData("\"open")]
    [InlineData("open\"")]
    [InlineData("a\"b")]
    [InlineData("with space")]
    [InlineData("a\\b")]
    [InlineData("\"a\"b\"")]
    [InlineData("\"a\\nb\"")]
    [InlineData("\"a\\\"")]
    [InlineData("\"a\"; p=1")]
    [InlineData("\"a\tb\"")]
    [InlineData("a\tb")]
    [InlineData("é")]
    [InlineData("\"é\"")]
    [InlineData("a\u007f")]
    public void Anything_else_is_refused(string header) => Assert.Null(KeyHeader.Parse(header));

    [Theory]
    [InlineData("\"k-1\"", "k-1")]
    [InlineData(" \"k-1\" ", "k-1")]
    [InlineData("\"\\\"\"", "\"")]
    [InlineData("k-1", null)]
    [InlineData("\"k-1", null)]
    [InlineData("k-1\"", null)]
    [InlineData("\"k-1\";a=1", null)]
    [InlineData(":azE=:", null)]
    [InlineData("\"\"", null)]
    public void Strictly_a_key_stands_in_quotes(string header, string? key) => Assert.Equal(key, KeyHeader.Parse(header, strict: true));

    [Fact]
    public void A_key_has_at_most_255_characters_quotes_and_escapes_not_counted()
    {
        Assert.NotNull(KeyHeader.Parse(new string('k', 255)));
        Assert.Null(KeyHeader.Parse(new string('k', 256)));
        Assert.NotNull(KeyHeader.Parse($"\"{new string('k', 254)}\\\\\""));
        Assert.Null(KeyHeader.Parse($"\"{new string('k', 256)}\""));
    }
}
