using System.Text.Json;
using Gateway.JsonSchema;
using Xunit;

namespace Gateway.Tests.Unit.JsonSchema;

public sealed class LimitTests
{
    private const string Tree = """{"items":{"$ref":"#"}}""";

    [Fact]
    public void Depth_is_limited_with_an_error_and_not_with_the_stack()
    {
        Schema schema = Schemas.Good(Tree);
        Assert.True(schema.Accepts(Nested(64)));
        JsonElement deep = Schemas.Json(Nested(5000), maxDepth: 10000);
        Assert.False(schema.IsValid(deep));
        Assert.Equal("is nested deeper than 64 levels", Assert.Single(schema.Validate(deep)).Message);
        Assert.True(Schemas.Good(Tree, new SchemaOptions { MaxDepth = 65 }).IsValid(Schemas.Json(Nested(65), maxDepth: 100)));
    }

    [Fact]
    public void A_limit_is_never_turned_into_success_by_a_negation()
    {
        Schema schema = Schemas.Good("""{"not":{"$ref":"#/$defs/tree"},"$defs":{"tree":{"items":{"$ref":"#/$defs/tree"}}}}""");
        JsonElement deep = Schemas.Json(Nested(100), maxDepth: 200);
        Assert.False(schema.IsValid(deep));
        Assert.NotEmpty(schema.Validate(deep));
    }

    [Fact]
    public void A_reference_loop_ends_with_an_error()
    {
        Schema schema = Schemas.Good("""{"anyOf":[{"$ref":"#/$defs/a"},{"type":"null"}],"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"allOf":[{"$ref":"#/$defs/a"}]}}}""");
        Assert.False(schema.Accepts("1"));
    }

    [Fact]
    public void Values_nested_without_end_can_be_compared()
    {
        JsonElement twins = Schemas.Json($"[{Nested(20000)},{Nested(20000)}]", maxDepth: 50000);
        Assert.False(Schemas.Good("""{"uniqueItems":true}""").IsValid(twins));
    }

    [Fact]
    public void A_pattern_that_explodes_is_given_up()
    {
        Schema schema = Schemas.Good("""{"pattern":"^(?=(a+)+$)(a|b)*c"}""");
        Assert.False(schema.IsValid(Schemas.Json($"\"{new string('a', 40)}!\"")));
    }

    [Fact]
    public void Without_lookaround_no_pattern_explodes()
    {
        Schema schema = Schemas.Good("""{"pattern":"^(a+)+$"}""");
        Assert.False(schema.IsValid(Schemas.Json($"\"{new string('a', 100_000)}!\"")));
    }

    [Fact]
    public void Nested_choices_are_explained_in_reasonable_time()
    {
        Schema schema = Schemas.Good("""{"anyOf":[{"type":"integer"},{"type":"object","properties":{"next":{"$ref":"#"}},"required":["next"]}]}""");
        string chain = string.Concat(Enumerable.Repeat("{\"next\":", 60)) + "\"x\"" + new string('}', 60);
        Assert.NotEmpty(schema.Complaints(chain));
    }

    /// <summary>The filter language of many an API: with its arguments before its operator, each level doubles the ways in which it may fit.</summary>
    [Theory]
    [InlineData("oneOf")]
    [InlineData("anyOf")]
    public async Task Choices_within_choices_end(string choice)
    {
        Schema schema = Schemas.Good("""
            {"CHOICE":[
              {"type":"object","required":["op","args"],"properties":{"args":{"type":"array","items":{"$ref":"#"}},"op":{"const":"and"}}},
              {"type":"object","required":["op","args"],"properties":{"args":{"type":"array","items":{"$ref":"#"}},"op":{"const":"or"}}},
              {"type":"object","required":["field"],"properties":{"field":{"type":"string"}}}]}
            """.Replace("CHOICE", choice, StringComparison.Ordinal));
        string document = string.Concat(Enumerable.Repeat("{\"args\":[", 30)) + "{\"field\":1}" + string.Concat(Enumerable.Repeat("],\"op\":\"or\"}", 30));
        Task<string[]> checking = Task.Run(() => schema.IsValid(Schemas.Json(document)) ? [] : schema.Complaints(document));

        Assert.Same(checking, await Task.WhenAny(checking, Task.Delay(TimeSpan.FromSeconds(60), TimeProvider.System, TestContext.Current.CancellationToken)));
        Assert.Contains(await checking, complaint => complaint.EndsWith("cannot be checked: it fits the schema's alternatives in too many ways", StringComparison.Ordinal));
        Assert.True(schema.Accepts("""{"args":[{"args":[{"field":"a"}],"op":"and"},{"field":"b"}],"op":"or"}"""));
    }

    [Fact]
    public void References_that_double_on_the_same_value_end()
    {
        Schema schema = Schemas.Good("""{"anyOf":[{"$ref":"#"},{"$ref":"#"},{"$ref":"#"}]}""");
        Assert.False(schema.IsValid(Schemas.Json("1")));
        Assert.NotEmpty(schema.Validate(Schemas.Json("1")));
    }

    [Fact]
    public void What_is_large_and_plain_is_not_mistaken_for_it()
    {
        Schema schema = Schemas.Good("""{"type":"array","items":{"anyOf":[{"type":"null"},{"type":"object","properties":{"a":{"$ref":"#"}}}]}}""");
        Assert.True(schema.Accepts("[" + string.Join(",", Enumerable.Repeat("""{"a":[{},null,{"a":[]}]}""", 50_000)) + "]"));
    }

    [Theory]
    [InlineData("""{"a":1,"b":{"c":1,"d":2,"c":3}}""", "#/b/c")]
    [InlineData("""{"a":[1,[2],{"x":1,"y":{},"x":2}]}""", "#/a/2/x")]
    [InlineData("""[{"a":1},{"a":1,"\u0061":2}]""", "#/1/a")]
    [InlineData("""{"a/b":1,"a/b":2}""", "#/a~1b")]
    [InlineData("""{"a":{"a":{"a":1}},"b":{"a":1}}""", null)]
    [InlineData("[[],{},1,\"a\"]", null)]
    [InlineData("1", null)]
    public void Duplicate_members_are_found(string document, string? pointer) =>
        Assert.Equal(pointer, JsonLimits.FindDuplicateMember(Schemas.Json(document)));

    [Fact]
    public void Duplicates_are_found_at_any_depth_and_width()
    {
        Assert.Null(JsonLimits.FindDuplicateMember(Schemas.Json(Nested(20000), maxDepth: 50000)));
        string wide = "{" + string.Join(",", Enumerable.Range(0, 20000).Select(i => $"\"m{i}\":{i}")) + "}";
        Assert.Null(JsonLimits.FindDuplicateMember(Schemas.Json(wide)));
        Assert.Equal("#/m7", JsonLimits.FindDuplicateMember(Schemas.Json(wide[..^1] + ",\"m7\":0}")));
    }

    [Fact]
    public void A_valid_instance_costs_no_allocation()
    {
        Schema schema = Schemas.Good("""
            {"type":"object","required":["id","lines"],"unevaluatedProperties":false,
             "properties":{"id":{"type":"string","pattern":"^[A-Z]{2}-\\d+$","maxLength":20},"note":{"type":["string","null"]},
               "lines":{"type":"array","uniqueItems":true,"items":{"oneOf":[{"$ref":"#/$defs/line"},{"type":"null"}]}}},
             "$defs":{"line":{"type":"object","required":["q"],"properties":{"q":{"type":"number","minimum":0,"multipleOf":0.01},"d":{"format":"date"}}}}}
            """, new SchemaOptions { AssertFormats = true });
        JsonElement instance = Schemas.Json("""{"id":"AB-12","note":"tr\u00e8s\nbien","lines":[{"q":1.25,"d":"2025-03-31"},null,{"q":12345678901234567890.5}]}""");
        for (int i = 0; i < 100; i++)
            Assert.True(schema.IsValid(instance));
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool valid = schema.IsValid(instance);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(valid);
        Assert.Equal(0, allocated);
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);
}
