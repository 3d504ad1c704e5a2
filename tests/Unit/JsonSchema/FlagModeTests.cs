using Gateway.JsonSchema;
using Xunit;

namespace Gateway.Tests.Unit.JsonSchema;

/// <summary>The short cuts of flag mode come to what the long way of list mode comes to; <see cref="Schemas.Accepts"/> asks both.</summary>
public sealed class FlagModeTests
{
    [Theory]
    [InlineData("""{"minimum":-1.5}""", "-1", true)]
    [InlineData("""{"minimum":-1.5}""", "-2", false)]
    [InlineData("""{"minimum":-1.5}""", "-1.5", true)]
    [InlineData("""{"exclusiveMinimum":0.5}""", "1", true)]
    [InlineData("""{"exclusiveMinimum":0.5}""", "0", false)]
    [InlineData("""{"exclusiveMinimum":-1}""", "-1", false)]
    [InlineData("""{"exclusiveMinimum":-1}""", "0", true)]
    [InlineData("""{"maximum":-0.5}""", "-1", true)]
    [InlineData("""{"maximum":-0.5}""", "0", false)]
    [InlineData("""{"exclusiveMaximum":1.5}""", "1", true)]
    [InlineData("""{"exclusiveMaximum":1.5}""", "2", false)]
    [InlineData("""{"exclusiveMaximum":2}""", "2", false)]
    [InlineData("""{"exclusiveMaximum":2}""", "2.0", false)]
    [InlineData("""{"minimum":1,"multipleOf":2}""", "3", false)]
    [InlineData("""{"minimum":1,"multipleOf":2}""", "4", true)]
    [InlineData("""{"minimum":1,"multipleOf":0.01}""", "1.234", false)]
    [InlineData("""{"minimum":1,"multipleOf":0.01}""", "1.23", true)]
    [InlineData("""{"minimum":1e400}""", "5", false)]
    [InlineData("""{"maximum":1e400}""", "5", true)]
    [InlineData("""{"type":"integer","maximum":5}""", "5.5", false)]
    [InlineData("""{"type":"integer","maximum":5}""", "5.0", true)]
    [InlineData("""{"maximum":999999999999999999}""", "999999999999999999.5", false)]
    public void Whole_numbers_are_held_against_all_limits(string schema, string number, bool valid) =>
        Assert.Equal(valid, Schemas.Good(schema).Accepts(number));

    [Theory]
    [InlineData("a")]
    [InlineData("thirteen-long")]
    [InlineData("fourteen-longs")]
    [InlineData("twenty-nine-bytes-are-allowed")]
    [InlineData("thirty-bytes-are-too-many-here")]
    [InlineData("forty-bytes-are-beyond-all-short-cuts-now")]
    [InlineData("with \\\" a quote")]
    [InlineData("größer")]
    public void Names_are_told_apart_however_long_and_spaced(string name)
    {
        Schema schema = Schemas.Good($$$"""{"properties":{"first":{"const":1},"{{{name}}}":{"const":2}},"required":["{{{name}}}"],"additionalProperties":false}""");

        Assert.True(schema.Accepts($$"""{"first":1,"{{name}}":2}"""));
        Assert.True(schema.Accepts($$"""{"{{name}}":2,"first":1}"""));
        Assert.True(schema.Accepts($$"""{ "first" : 1 , "{{name}}" : 2 }"""));
        Assert.True(schema.Accepts($$"""{"{{name}}":2}"""));
        Assert.False(schema.Accepts($$"""{"first":1,"{{name}}":3}"""));
        Assert.False(schema.Accepts($$"""{"first":1,"{{name}}x":2}"""));
        Assert.False(schema.Accepts($$"""{"first":1,"x{{name}}":2}"""));
        Assert.False(schema.Accepts("""{"first":1}"""));
    }

    [Theory]
    [InlineData("\"\"", false)]
    [InlineData("\"ä\"", true)]
    [InlineData("\"\\u00e4\"", true)]
    [InlineData("\"äöü\"", true)]
    [InlineData("\"äöüß\"", false)]
    [InlineData("\"😀😀😀\"", true)]
    [InlineData("\"😀😀😀😀\"", false)]
    public void Lengths_are_counted_in_code_points(string text, bool valid) =>
        Assert.Equal(valid, Schemas.Good("""{"type":"string","minLength":1,"maxLength":3}""").Accepts(text));

    [Fact]
    public void Sensitive_values_are_checked_and_marked()
    {
        Schema schema = Schemas.Good("""{"properties":{"note":{"type":"string","maxLength":3,"x-sensitive":true}}}""");

        Assert.True(schema.Accepts("""{"note":"abc"}"""));
        Assert.False(schema.Accepts("""{"note":"abcd"}"""));
        Assert.True(Assert.Single(schema.Validate(Schemas.Json("""{"note":"abcd"}"""))).Sensitive);
    }
}
