using System.Text;
using Gateway.JsonSchema;
using Xunit;

namespace Gateway.Tests.Unit.JsonSchema;

/// <summary>What a new version of a contract breaks, for those who write its documents and for those who read them.</summary>
public sealed class ComparisonTests
{
    private const string Breaking = "breaking";
    private const string Compatible = "compatible";
    private const string Nothing = "nothing";

    /// <summary>Name, older, newer, verdict for requests, verdict for responses, pointer of the first change.</summary>
    public static TheoryData<string, string, string, string, string, string> Cases => new()
    {
        // Words that match nothing.
        { "title", """{"title":"a"}""", """{"title":"b","description":"c"}""", Nothing, Nothing, "" },
        { "examples", """{"examples":[1]}""", """{"examples":[2]}""", Nothing, Nothing, "" },
        { "own keyword", """{"x-owner":"a"}""", """{"x-owner":"b"}""", Nothing, Nothing, "" },
        { "deprecated", """{}""", """{"deprecated":true}""", Nothing, Nothing, "" },
        { "order of members", """{"properties":{"a":{"type":"string"},"b":true}}""", """{"properties":{"b":true,"a":{"type":"string"}}}""", Nothing, Nothing, "" },
        { "true is the empty schema", """true""", """{}""", Nothing, Nothing, "" },

        // All or nothing.
        { "closed altogether", """true""", """false""", Breaking, Compatible, "#" },
        { "opened altogether", """false""", """true""", Compatible, Breaking, "#" },

        // Types.
        { "type added", """{}""", """{"type":"string"}""", Breaking, Compatible, "#" },
        { "type dropped", """{"type":"string"}""", """{}""", Compatible, Breaking, "#" },
        { "type replaced", """{"type":"string"}""", """{"type":"number"}""", Breaking, Breaking, "#" },
        { "type narrowed", """{"type":["string","null"]}""", """{"type":"string"}""", Breaking, Compatible, "#" },
        { "type widened", """{"type":"string"}""", """{"type":["string","null"]}""", Compatible, Breaking, "#" },
        { "number to integer", """{"type":"number"}""", """{"type":"integer"}""", Breaking, Compatible, "#" },
        { "integer to number", """{"type":"integer"}""", """{"type":"number"}""", Compatible, Breaking, "#" },
        { "types in another order", """{"type":["string","null"]}""", """{"type":["null","string"]}""", Nothing, Nothing, "" },
        { "type beside an enum of it", """{"enum":["a","b"]}""", """{"type":"string","enum":["a","b"]}""", Nothing, Nothing, "" },

        // Values.
        { "enum added", """{"type":"string"}""", """{"type":"string","enum":["a"]}""", Breaking, Compatible, "#" },
        { "enum dropped", """{"type":"string","enum":["a"]}""", """{"type":"string"}""", Compatible, Breaking, "#" },
        { "enum narrowed", """{"enum":["a","b"]}""", """{"enum":["a"]}""", Breaking, Compatible, "#" },
        { "enum widened", """{"enum":["a"]}""", """{"enum":["a","b"]}""", Compatible, Breaking, "#" },
        { "enum replaced", """{"enum":["a"]}""", """{"enum":["b"]}""", Breaking, Breaking, "#" },
        { "enum in another order", """{"enum":["a","b"]}""", """{"enum":["b","a"]}""", Nothing, Nothing, "" },
        { "enum of equal numbers", """{"enum":[1,2]}""", """{"enum":[1.0,2e0]}""", Nothing, Nothing, "" },
        { "const changed", """{"const":1}""", """{"const":2}""", Breaking, Breaking, "#" },
        { "const to enum", """{"const":"a"}""", """{"enum":["a","b"]}""", Compatible, Breaking, "#" },
        { "enum to const", """{"enum":["a","b"]}""", """{"const":"b"}""", Breaking, Compatible, "#" },

        // Numbers.
        { "minimum raised", """{"minimum":0}""", """{"minimum":1}""", Breaking, Compatible, "#" },
        { "minimum lowered", """{"minimum":1}""", """{"minimum":0}""", Compatible, Breaking, "#" },
        { "minimum added", """{}""", """{"minimum":0}""", Breaking, Compatible, "#" },
        { "minimum dropped", """{"minimum":0}""", """{}""", Compatible, Breaking, "#" },
        { "minimum excluded", """{"minimum":0}""", """{"exclusiveMinimum":0}""", Breaking, Compatible, "#" },
        { "minimum included", """{"exclusiveMinimum":0}""", """{"minimum":0}""", Compatible, Breaking, "#" },
        { "minimum written otherwise", """{"minimum":1}""", """{"minimum":1.0}""", Nothing, Nothing, "" },
        { "maximum lowered", """{"maximum":10}""", """{"maximum":9.5}""", Breaking, Compatible, "#" },
        { "maximum raised", """{"maximum":10}""", """{"maximum":1e2}""", Compatible, Breaking, "#" },
        { "maximum beyond doubles", """{"maximum":9007199254740993}""", """{"maximum":9007199254740992}""", Breaking, Compatible, "#" },
        { "maximum excluded", """{"maximum":10}""", """{"exclusiveMaximum":10}""", Breaking, Compatible, "#" },
        { "a weaker bound beside a stronger", """{"minimum":5}""", """{"minimum":5,"exclusiveMinimum":4}""", Nothing, Nothing, "" },
        { "step added", """{}""", """{"multipleOf":0.01}""", Breaking, Compatible, "#" },
        { "step dropped", """{"multipleOf":0.01}""", """{}""", Compatible, Breaking, "#" },
        { "step made finer", """{"multipleOf":0.01}""", """{"multipleOf":0.001}""", Compatible, Breaking, "#" },
        { "step made coarser", """{"multipleOf":0.01}""", """{"multipleOf":0.05}""", Breaking, Compatible, "#" },
        { "step made another", """{"multipleOf":2}""", """{"multipleOf":3}""", Breaking, Breaking, "#" },

        // Strings.
        { "minLength raised", """{"minLength":1}""", """{"minLength":2}""", Breaking, Compatible, "#" },
        { "minLength lowered", """{"minLength":2}""", """{"minLength":1}""", Compatible, Breaking, "#" },
        { "minLength of nothing", """{}""", """{"minLength":0}""", Nothing, Nothing, "" },
        { "maxLength lowered", """{"maxLength":35}""", """{"maxLength":30}""", Breaking, Compatible, "#" },
        { "maxLength dropped", """{"maxLength":35}""", """{}""", Compatible, Breaking, "#" },
        { "pattern added", """{}""", """{"pattern":"^a"}""", Breaking, Compatible, "#" },
        { "pattern dropped", """{"pattern":"^a"}""", """{}""", Compatible, Breaking, "#" },
        { "pattern changed", """{"pattern":"^a"}""", """{"pattern":"^[ab]"}""", Breaking, Breaking, "#" },
        { "format added", """{"type":"string"}""", """{"type":"string","format":"date"}""", Breaking, Compatible, "#" },
        { "format changed", """{"format":"date"}""", """{"format":"date-time"}""", Breaking, Breaking, "#" },

        // Defaults.
        { "default changed", """{"default":1}""", """{"default":2}""", Breaking, Compatible, "#" },
        { "default dropped", """{"default":1}""", """{}""", Breaking, Compatible, "#" },
        { "default added", """{}""", """{"default":1}""", Compatible, Compatible, "#" },
        { "default of the same value", """{"default":1}""", """{"default":1.0}""", Nothing, Nothing, "" },

        // Members of a closed object.
        { "required added", Object("""{"a":true,"b":true}""", "a"), Object("""{"a":true,"b":true}""", "a", "b"), Breaking, Compatible, "#/b" },
        { "required dropped", Object("""{"a":true,"b":true}""", "a", "b"), Object("""{"a":true,"b":true}""", "a"), Compatible, Breaking, "#/b" },
        { "member added", Object("""{"a":true}"""), Object("""{"a":true,"b":true}"""), Compatible, Compatible, "#/b" },
        { "required member added", Object("""{"a":true}"""), Object("""{"a":true,"b":true}""", "b"), Breaking, Compatible, "#/b" },
        { "member removed", Object("""{"a":true,"b":true}"""), Object("""{"a":true}"""), Breaking, Breaking, "#/b" },
        { "member renamed", Object("""{"a":true}"""), Object("""{"b":true}"""), Breaking, Breaking, "#/a" },
        { "member narrowed", Object("""{"a":{"maxLength":9}}"""), Object("""{"a":{"maxLength":8}}"""), Breaking, Compatible, "#/a" },
        { "member forbidden", Object("""{"a":true}"""), Object("""{"a":false}"""), Breaking, Compatible, "#/a" },
        { "name with a slash", Object("""{"a/b":{"minimum":0}}"""), Object("""{"a/b":{"minimum":1}}"""), Breaking, Compatible, "#/a~1b" },

        // Members of an open one.
        { "closed", """{"type":"object"}""", """{"type":"object","additionalProperties":false}""", Breaking, Compatible, "#" },
        { "opened", """{"additionalProperties":false}""", """{}""", Compatible, Compatible, "#" },
        { "closed by unevaluatedProperties", """{}""", """{"unevaluatedProperties":false}""", Breaking, Compatible, "#" },
        { "a free member is bound", """{}""", """{"properties":{"a":{"type":"string"}}}""", Breaking, Compatible, "#/a" },
        { "a free member is named", """{}""", """{"properties":{"a":true}}""", Nothing, Nothing, "" },
        { "a bound member is free", """{"properties":{"a":{"type":"string"}}}""", """{}""", Compatible, Breaking, "#/a" },
        { "others narrowed", """{"additionalProperties":{"type":["string","null"]}}""", """{"additionalProperties":{"type":"string"}}""", Breaking, Compatible, "#/*" },
        { "a member becomes one of the others", """{"properties":{"a":{"type":"string"}},"additionalProperties":{"type":"string"}}""", """{"additionalProperties":{"type":"string"}}""", Nothing, Nothing, "" },
        { "members by pattern added", """{"additionalProperties":false}""", """{"patternProperties":{"^x-":true},"additionalProperties":false}""", Compatible, Compatible, "#" },
        { "members by pattern removed", """{"patternProperties":{"^x-":true},"additionalProperties":false}""", """{"additionalProperties":false}""", Breaking, Compatible, "#/%5Ex-" },
        { "members by pattern narrowed", """{"patternProperties":{"^x-":{"maxLength":2}}}""", """{"patternProperties":{"^x-":{"maxLength":1}}}""", Breaking, Compatible, "#/%5Ex-" },
        { "a named member falls under a pattern", """{"properties":{"x-a":{"type":"string"}}}""", """{"patternProperties":{"^x-":{"type":"string"}}}""", Breaking, Compatible, "#/%5Ex-" },
        { "names limited", """{}""", """{"propertyNames":{"maxLength":5}}""", Breaking, Compatible, "#" },
        { "fewer members", """{"maxProperties":5}""", """{"maxProperties":4}""", Breaking, Compatible, "#" },
        { "more members demanded", """{}""", """{"minProperties":1}""", Breaking, Compatible, "#" },
        { "dependent member demanded", """{}""", """{"dependentRequired":{"a":["b"]}}""", Breaking, Compatible, "#" },
        { "dependent member no longer demanded", """{"dependentRequired":{"a":["b","c"]}}""", """{"dependentRequired":{"a":["b"]}}""", Compatible, Breaking, "#" },
        { "dependent schema added", """{}""", """{"dependentSchemas":{"a":{"required":["b"]}}}""", Breaking, Compatible, "#" },

        // Items.
        { "items narrowed", """{"items":{"maxLength":9}}""", """{"items":{"maxLength":8}}""", Breaking, Compatible, "#/*" },
        { "items of items", """{"items":{"properties":{"q":{"minimum":0}}}}""", """{"items":{"properties":{"q":{"minimum":1}}}}""", Breaking, Compatible, "#/*/q" },
        { "items forbidden", """{"prefixItems":[true]}""", """{"prefixItems":[true],"items":false}""", Breaking, Compatible, "#/*" },
        { "first item bound", """{"items":{"type":"string"}}""", """{"prefixItems":[{"const":"a"}],"items":{"type":"string"}}""", Breaking, Compatible, "#/0" },
        { "more items demanded", """{"minItems":1}""", """{"minItems":2}""", Breaking, Compatible, "#" },
        { "fewer items allowed", """{}""", """{"maxItems":500}""", Breaking, Compatible, "#" },
        { "items must differ", """{}""", """{"uniqueItems":true}""", Breaking, Compatible, "#" },
        { "items need not differ", """{"uniqueItems":true}""", """{"uniqueItems":false}""", Compatible, Breaking, "#" },
        { "an item demanded", """{}""", """{"contains":{"const":1}}""", Breaking, Compatible, "#" },
        { "more such items demanded", """{"contains":{"const":1}}""", """{"contains":{"const":1},"minContains":2}""", Breaking, Compatible, "#" },

        // Schemas of schemas.
        { "condition added to allOf", """{"allOf":[{"minimum":1}]}""", """{"allOf":[{"minimum":1},{"maximum":9}]}""", Breaking, Compatible, "#" },
        { "allOf in another order", """{"allOf":[{"minimum":1},{"maximum":9}]}""", """{"allOf":[{"maximum":9},{"minimum":1}]}""", Nothing, Nothing, "" },
        { "condition of allOf narrowed", """{"allOf":[{"minimum":1}]}""", """{"allOf":[{"minimum":2}]}""", Breaking, Compatible, "#" },
        { "form added to oneOf", """{"oneOf":[{"const":1}]}""", """{"oneOf":[{"const":1},{"const":2}]}""", Compatible, Breaking, "#" },
        { "form added that overlaps", """{"oneOf":[{"minimum":1}]}""", """{"oneOf":[{"minimum":1},{"maximum":9}]}""", Breaking, Breaking, "#" },
        { "form added with a discriminator", Form("a"), """{"oneOf":[{"type":"object","required":["k"],"properties":{"k":{"const":"a"}}},{"type":"object","required":["k"],"properties":{"k":{"const":"b"}}}]}""", Compatible, Breaking, "#" },
        { "form removed from anyOf", """{"anyOf":[{"const":1},{"const":2}]}""", """{"anyOf":[{"const":2}]}""", Breaking, Compatible, "#" },
        { "forms added", """{}""", """{"anyOf":[{"const":1},{"const":2}]}""", Breaking, Compatible, "#" },
        { "excluded form narrowed", """{"not":{"minimum":10}}""", """{"not":{"minimum":20}}""", Compatible, Breaking, "#" },
        { "excluded form widened", """{"not":{"minimum":20}}""", """{"not":{"minimum":10}}""", Breaking, Compatible, "#" },
        { "form excluded", """{}""", """{"not":{"const":0}}""", Breaking, Compatible, "#" },
        { "condition added", """{}""", """{"if":{"required":["a"]},"then":{"required":["b"]}}""", Breaking, Compatible, "#" },
        { "condition changed", """{"if":{"const":1},"then":{"minimum":1}}""", """{"if":{"const":2},"then":{"minimum":1}}""", Breaking, Breaking, "#" },
        { "consequence narrowed", """{"if":{"const":1},"then":{"minimum":1}}""", """{"if":{"const":1},"then":{"minimum":2}}""", Breaking, Compatible, "#" },
        { "an if without consequence", """{}""", """{"if":{"const":1}}""", Nothing, Nothing, "" },

        // References.
        { "moved into $defs", """{"properties":{"a":{"type":"string"}}}""", """{"$defs":{"s":{"type":"string"}},"properties":{"a":{"$ref":"#/$defs/s"}}}""", Nothing, Nothing, "" },
        { "target narrowed", """{"$defs":{"s":{"maxLength":9}},"items":{"$ref":"#/$defs/s"}}""", """{"$defs":{"s":{"maxLength":8}},"items":{"$ref":"#/$defs/s"}}""", Breaking, Compatible, "#/*" },
        { "keyword beside a reference", """{"$defs":{"s":{"maxLength":9}},"$ref":"#/$defs/s","minLength":1}""", """{"$defs":{"s":{"maxLength":8}},"$ref":"#/$defs/s","minLength":1}""", Breaking, Compatible, "#" },
        { "recursive schema", """{"properties":{"next":{"$ref":"#"},"v":{"minimum":0}}}""", """{"properties":{"next":{"$ref":"#"},"v":{"minimum":1}}}""", Breaking, Compatible, "#/v" },
        { "draft-07 definitions", """{"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"s":{"maxLength":9}},"items":[{"$ref":"#/definitions/s"}]}""", """{"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"s":{"maxLength":8}},"items":[{"$ref":"#/definitions/s"}]}""", Breaking, Compatible, "#/0" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_change_is_judged_for_writers_and_for_readers(string name, string older, string newer, string request, string response, string pointer)
    {
        var asRequest = Compare(older, newer, SchemaDirection.Request);
        var asResponse = Compare(older, newer, SchemaDirection.Response);

        Assert.True(request == Verdict(asRequest), $"{name}, request: {string.Join("; ", asRequest)}");
        Assert.True(response == Verdict(asResponse), $"{name}, response: {string.Join("; ", asResponse)}");
        if (asRequest.Count > 0) Assert.Equal(pointer, asRequest[0].Pointer);
        Assert.Equal(asRequest.Select(c => c.Reason).Order(), asResponse.Select(c => c.Reason).Order());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Nothing_differs_from_itself(string name, string older, string newer, string request, string response, string pointer)
    {
        Assert.NotNull(request + response + pointer);
        Assert.True(Compare(older, older, SchemaDirection.Request) is [], name);
        Assert.True(Compare(newer, newer, SchemaDirection.Response) is [], name);
    }

    [Theory]
    [InlineData("""{"minimum":0}""", """{"exclusiveMinimum":2}""", "the lower bound was 0 and is 2, itself excluded", "#/exclusiveMinimum")]
    [InlineData("""{"enum":["a","b"]}""", """{"enum":["a"]}""", "'b' is no longer allowed", "#/enum")]
    [InlineData("""{"maxLength":35}""", """{"maxLength":1}""", "at most 35 characters were allowed, now at most 1 character", "#/maxLength")]
    [InlineData("""{"properties":{"a":true}}""", """{"properties":{"a":{"type":["string","null"]}}}""", "it must be a string or null now", "#/properties/a/type")]
    [InlineData("""{"pattern":"^a"}""", """{}""", "the pattern was ^a and is free", "#/pattern")]
    public void The_reason_names_what_was_and_what_is(string older, string newer, string reason, string location)
    {
        var change = Assert.Single(Compare(older, newer, SchemaDirection.Request));

        Assert.Equal(reason, change.Reason);
        Assert.Equal(location, change.Location);
    }

    [Fact]
    public void Breaking_changes_come_first()
    {
        var changes = Compare("""{"minimum":1,"maximum":9}""", """{"minimum":0,"maximum":8}""", SchemaDirection.Request);

        Assert.Equal([true, false], changes.Select(c => c.Breaking));
    }

    [Theory]
    [InlineData("""{"a":""", "(1,6)")]
    [InlineData("""{"properties":{"a":{"minLength":"1"}}}""", "#/properties/a/minLength")]
    [InlineData("""{"items":{"$ref":"#/$defs/nowhere"}}""", "#/items/$ref")]
    public void What_does_not_compile_is_refused_with_its_place(string schema, string place)
    {
        Assert.Contains(place, Assert.Throws<ArgumentException>(() => Compare(schema, "true", SchemaDirection.Request)).Message, StringComparison.Ordinal);
        Assert.Contains(place, Assert.Throws<ArgumentException>(() => Compare("true", schema, SchemaDirection.Response)).Message, StringComparison.Ordinal);
    }

    private static string Form(string kind) => $$$$"""{"oneOf":[{"type":"object","required":["k"],"properties":{"k":{"const":"{{{{kind}}}}"}}}]}""";

    private static string Object(string members, params string[] required) =>
        $$"""{"type":"object","properties":{{members}},"required":[{{string.Join(',', required.Select(r => $"\"{r}\""))}}],"additionalProperties":false}""";

    private static string Verdict(IReadOnlyList<SchemaChange> changes) => changes.Count == 0 ? Nothing : changes.Any(c => c.Breaking) ? Breaking : Compatible;

    private static IReadOnlyList<SchemaChange> Compare(string older, string newer, SchemaDirection direction) =>
        SchemaComparison.Compare(Encoding.UTF8.GetBytes(older), new SchemaOptions(), Encoding.UTF8.GetBytes(newer), new SchemaOptions(), direction);
}
