using System.Text.Json;
using Gateway.JsonSchema;
using Xunit;

namespace Gateway.Tests.Unit.JsonSchema;

public sealed class ValueTests
{
    [Theory]
    [InlineData("""{"const":1}""", "1.0", true)]
    [InlineData("""{"const":1}""", "10e-1", true)]
    [InlineData("""{"const":0}""", "-0.00e5", true)]
    [InlineData("""{"const":9007199254740993}""", "9007199254740992", false)]
    [InlineData("""{"const":1e400}""", "10e399", true)]
    [InlineData("""{"const":100}""", "1.00e2", true)]
    [InlineData("""{"maximum":0.1}""", "0.1000000000000000000000000001", false)]
    [InlineData("""{"maximum":1e1000}""", "9e999", true)]
    [InlineData("""{"minimum":-1e1000}""", "-1e1001", false)]
    [InlineData("""{"exclusiveMinimum":1.5}""", "1.50", false)]
    [InlineData("""{"exclusiveMaximum":1000000000000000000}""", "999999999999999999.9", true)]
    [InlineData("""{"multipleOf":0.01}""", "19.99", true)]
    [InlineData("""{"multipleOf":0.01}""", "19.999", false)]
    [InlineData("""{"multipleOf":0.0001}""", "1e308", true)]
    [InlineData("""{"multipleOf":3}""", "1e1000000", false)]
    [InlineData("""{"multipleOf":7}""", "700000000000000000000000000000", true)]
    [InlineData("""{"multipleOf":123456789012345678901}""", "246913578024691357802", true)]
    [InlineData("""{"multipleOf":2.5}""", "7.5", true)]
    [InlineData("""{"multipleOf":1e2}""", "50", false)]
    [InlineData("""{"type":"integer"}""", "1.0", true)]
    [InlineData("""{"type":"integer"}""", "12.50e1", true)]
    [InlineData("""{"type":"integer"}""", "1e-1", false)]
    [InlineData("""{"type":["integer","string"]}""", "1.5", false)]
    [InlineData("""{"type":["integer","number"]}""", "1.5", true)]
    public void Numbers_are_exact(string schema, string instance, bool valid) => Assert.Equal(valid, Schemas.Good(schema).Accepts(instance));

    [Theory]
    [InlineData("""{"maxLength":2}""", "\"\U0001F600\U0001F600\"", true)]
    [InlineData("""{"maxLength":1}""", "\"\\ud83d\\ude00\"", true)]
    [InlineData("""{"minLength":2}""", "\"\\ud83d\\ude00\"", false)]
    [InlineData("""{"maxLength":1}""", "\"\\ud83d\"", true)]
    [InlineData("""{"const":"a\/b"}""", "\"a/b\"", true)]
    [InlineData("""{"enum":["\u00e9"]}""", "\"é\"", true)]
    [InlineData("""{"const":{"a":[1,{"b":null}],"c":"x"}}""", """{"c":"\u0078","a":[1.0,{"b":null}]}""", true)]
    [InlineData("""{"const":{"a":1}}""", """{"a":1,"b":2}""", false)]
    [InlineData("""{"const":[1,2]}""", "[1]", false)]
    [InlineData("""{"enum":[[],{}]}""", "{}", true)]
    [InlineData("""{"const":false}""", "0", false)]
    public void Strings_and_containers_are_compared_by_meaning(string schema, string instance, bool valid) =>
        Assert.Equal(valid, Schemas.Good(schema).Accepts(instance));

    [Fact]
    public void Items_are_unique_by_meaning_in_long_arrays_too()
    {
        Schema schema = Schemas.Good("""{"uniqueItems":true}""");
        string items = string.Join(",", Enumerable.Range(0, 1000).Select(i => $$"""{ "n": {{i}}, "s": "x{{i}}" }"""));
        Assert.True(schema.Accepts($"[{items}]"));
        Assert.False(schema.Accepts($$"""[{{items}},{"s":"\u0078500","n":5e2}]"""));
    }

    [Fact]
    public void Members_are_found_in_any_order_and_spelling()
    {
        Schema schema = Schemas.Good("""
            {"properties":{"first":{"type":"string"},"a much longer name than the others":{"type":"integer"},"q\"\\":{"type":"null"},"\u0001":{"type":"null"}},
             "required":["first","a much longer name than the others"],"additionalProperties":false}
            """);
        Assert.True(schema.Accepts("""{"a much longer name than the others":1,"first":"x","q\"\\":null,"\u0001":null}"""));
        Assert.True(schema.Accepts("""{"f\u0069rst":"x","a much longer name than the others" : 1 , "q\u0022\u005c":null}"""));
        Assert.False(schema.Accepts("""{"first":"x","a much longer name than the other":1}"""));
        Assert.False(schema.Accepts("""{"first":"x"}"""));
    }

    [Fact]
    public void More_than_64_required_members_are_all_required()
    {
        string names = string.Join(",", Enumerable.Range(0, 150).Select(i => $"\"m{i}\""));
        Schema schema = Schemas.Good($$"""{"required":[{{names}}],"dependentRequired":{"x":["m149","y"]} }""");
        string members = string.Join(",", Enumerable.Range(0, 150).Select(i => $"\"m{i}\":0"));
        Assert.True(schema.Accepts($"{{{members}}}"));
        Assert.Equal(["# member 'm100' is required"], schema.Complaints("{" + members.Replace("\"m100\":0,", "", StringComparison.Ordinal) + "}"));
        Assert.Equal(["# member 'y' is required when 'x' is present"], schema.Complaints("{\"x\":1," + members + "}"));
    }

    [Fact]
    public void Indented_documents_comments_and_trailing_commas_are_read_as_the_parser_read_them()
    {
        const string text = """
            {
              // the key
              "id" : 1 , /* "id": "x", } */
              "tags" : [ "a" , "b", ], "url": "http://x/y",
              "more" : { "deep" : [ { "x" : "}]\"" } , ] , },
            }
            """;
        using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        Schema schema = Schemas.Good("""
            {"properties":{"id":{"type":"integer"},"tags":{"maxItems":2,"items":{"type":"string"}},"url":true,"more":{"minProperties":1,"maxProperties":1}},
             "additionalProperties":false,"minProperties":4}
            """);
        Assert.Empty(schema.Validate(document.RootElement));
        Assert.True(schema.IsValid(document.RootElement));
    }

    [Fact]
    public void A_part_of_a_document_can_be_validated()
    {
        JsonElement whole = Schemas.Json("""{"a":[1,"x",true]}""");
        Schema schema = Schemas.Good("""{"type":"string"}""");
        Assert.Equal([false, true, false], whole.GetProperty("a").EnumerateArray().Select(schema.IsValid));
    }
}
