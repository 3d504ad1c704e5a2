using System.Globalization;
using Gateway.JsonSchema;
using Xunit;

namespace Gateway.Tests.Unit.JsonSchema;

public sealed class DiagnosticTests
{
    private static readonly SchemaOptions Strict = new() { Strict = true, BaseUri = new Uri("https://contracts.example/order.json") };

    [Theory]
    [InlineData("{\n  \"type\": \"object\",\n  oops\n}", 3, 3)]
    [InlineData("{\n  \"type\": ", 2, 11)]
    [InlineData("\uFEFF{ \"titel\": \"Größe\", }", 1, 21)]
    [InlineData("", 1, 1)]
    public void A_broken_document_is_a_finding_with_its_place(string schema, int line, int column)
    {
        SchemaDiagnostic finding = Schemas.TheOnlyFinding(schema, Strict);
        Assert.Equal("the document is not valid JSON here", finding.Message);
        Assert.Equal((line, column), (finding.Line, finding.Column));
        Assert.Equal("https://contracts.example/order.json", finding.Uri);
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_document() =>
        Assert.Equal((1, 2), Schemas.TheOnlyFinding("\uFEFF{\"type\":1}") is { } finding ? (finding.Line, finding.Column) : default);

    [Fact]
    public void Line_and_column_count_characters_and_point_at_the_keyword()
    {
        SchemaDiagnostic finding = Schemas.TheOnlyFinding("{\n  \"title\": \"Größe\",\n  \"properties\": { \"größe\": { \"minLength\": -1 } }\n}");
        Assert.Equal("#/properties/gr%C3%B6%C3%9Fe/minLength", finding.Pointer);
        Assert.Equal((3, 30), (finding.Line, finding.Column));
        Assert.Equal("'minLength' must be a non-negative integer", finding.Message);
    }

    [Theory]
    [InlineData("""{"$ref":"#/$defs/missing"}""", "'#/$defs/missing' refers to nothing in this document")]
    [InlineData("""{"$ref":"other.json"}""", "'other.json' refers to other.json, which does not exist here")]
    [InlineData("""{"pattern":"("}""", "the pattern is not a regular expression: it has a ( without its )")]
    [InlineData("""{"patternProperties":{"[":true}}""", "the pattern is not a regular expression: it has a [ without its ]")]
    [InlineData("""{"type":"strnig"}""", "'strnig' is not a type")]
    [InlineData("""{"items":[{}]}""", "'items' must be a schema")]
    [InlineData("""{"properties":{"a":5}}""", "a schema must be an object, true or false")]
    [InlineData("""{"required":["a",1]}""", "'required' must be an array of strings")]
    [InlineData("""{"multipleOf":0}""", "'multipleOf' must be a number greater than 0")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-04/schema#"}""", "the dialect http://json-schema.org/draft-04/schema# is not known")]
    [InlineData("""{"$defs":{"a":{"$anchor":"x"},"b":{"$anchor":"x"}}}""", "the anchor 'x' exists twice in this schema resource")]
    [InlineData("""[]""", "a schema must be an object, true or false")]
    public void What_cannot_be_compiled_is_refused_in_every_mode(string schema, string message) =>
        Assert.Equal(message, Schemas.TheOnlyFinding(schema).Message);

    [Theory]
    [InlineData("""{"minimun":1}""", "'minimun' is not a keyword", "did you mean 'minimum'?")]
    [InlineData("""{"dependentRequire":{}}""", "'dependentRequire' is not a keyword", "did you mean 'dependentRequired'?")]
    [InlineData("""{"additionalItems":false}""", "'additionalItems' is a keyword of another draft and means nothing in this one", "remove it, or let its name start with x-")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","prefixItems":[true]}""",
        "'prefixItems' is a keyword of another draft and means nothing in this one", "remove it, or let its name start with x-")]
    public void Strict_mode_refuses_unknown_keywords(string schema, string message, string cure)
    {
        SchemaDiagnostic finding = Schemas.TheOnlyFinding(schema, Strict);
        Assert.Equal((message, cure), (finding.Message, finding.Cure));
        Schemas.Good(schema);
    }

    [Theory]
    [InlineData("""{"then":{"type":"string"}}""", "'then' means nothing without 'if'")]
    [InlineData("""{"minContains":1}""", "'minContains' means nothing without 'contains'")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"$ref":"#/definitions/t","maxLength":3}},"definitions":{"t":{"type":"string"}}}""", "'maxLength' means nothing beside $ref in draft-07")]
    [InlineData("""{"description":5}""", "'description' must be a string")]
    [InlineData("""{"format":"emial"}""", "there is no format 'emial'")]
    [InlineData("""{"$defs":{"unused":{"tpye":"string"}}}""", "'tpye' is not a keyword")]
    [InlineData("""{"contentSchema":{"tpye":"string"}}""", "'tpye' is not a keyword")]
    public void Strict_mode_refuses_what_does_nothing_where_it_stands(string schema, string message)
    {
        SchemaDiagnostic finding = Schemas.TheOnlyFinding(schema, Strict with { AssertFormats = true });
        Assert.Equal(message, finding.Message);
        Schemas.Good(schema);
    }

    [Fact]
    public void A_member_that_comes_twice_is_refused_in_every_mode()
    {
        SchemaDiagnostic finding = Schemas.TheOnlyFinding("{\n \"properties\": {\n  \"a\": {\"maxLength\": 3},\n  \"a\": {}\n }\n}");
        Assert.Equal(("#/properties/a", 3, 3), (finding.Pointer, finding.Line, finding.Column));
        Assert.StartsWith("this member comes twice", finding.Message, StringComparison.Ordinal);
    }

    /// <summary>References to the same schema from many places: each is looked at once.</summary>
    [Theory]
    [InlineData("\"allOf\":[{0},{0}]")]
    [InlineData("\"type\":\"object\",\"required\":[\"a\",\"b\"],\"properties\":{{\"a\":{0},\"b\":{0}}}")]
    [InlineData("\"anyOf\":[{0},{0}]")]
    public async Task Many_ways_to_the_same_schema_cost_no_more_than_one(string keywords)
    {
        string definitions = string.Join(",", Enumerable.Range(0, 40).Select(i => $"\"d{i}\":{{{string.Format(CultureInfo.InvariantCulture, keywords, $"{{\"$ref\":\"#/$defs/d{i + 1}\"}}")}}}"));
        Task compiling = Task.Run(() => Schemas.Good($"{{\"$ref\":\"#/$defs/d0\",\"$defs\":{{{definitions},\"d40\":{{\"type\":[\"object\",\"null\"]}}}}}}", Strict));
        Assert.Same(compiling, await Task.WhenAny(compiling, Task.Delay(TimeSpan.FromSeconds(60), TimeProvider.System, TestContext.Current.CancellationToken)));
        await compiling;
    }

    [Fact]
    public void Extensions_are_no_unknown_keywords() => Schemas.Good("""{"x-owner":"sales","x-sensitive":true}""", Strict);

    [Theory]
    [InlineData("""{"type":"string","minLength":3,"maxLength":2}""", "minLength is greater than maxLength")]
    [InlineData("""{"type":"number","minimum":3,"exclusiveMaximum":3.0}""", "minimum leaves nothing below exclusiveMaximum")]
    [InlineData("""{"type":"array","minItems":2,"maxItems":1}""", "minItems is greater than maxItems")]
    [InlineData("""{"type":"array","prefixItems":[true],"items":false,"minItems":2}""", "minItems is greater than the number of items allowed")]
    [InlineData("""{"type":"object","required":["a"],"additionalProperties":false}""", "the required member 'a' can never have a value")]
    [InlineData("""{"type":"object","required":["a","b"],"maxProperties":1}""", "more members are required than maxProperties allows")]
    [InlineData("""{"enum":[]}""", "its enum is empty")]
    [InlineData("""{"type":"string","enum":[1,2]}""", "the rest of the schema refuses all values of its enum")]
    [InlineData("""{"const":"abc","maxLength":2}""", "the rest of the schema refuses its const")]
    [InlineData("""{"type":"string","allOf":[{"type":"number"}]}""", "its parts demand different types")]
    [InlineData("""{"not":{}}""", "it refuses everything with not")]
    [InlineData("""{"anyOf":[false,{"enum":[]}]}""", "none of its alternatives can match", 2)]
    public void Strict_mode_refuses_what_can_never_match(string schema, string reason, int findings = 1)
    {
        SchemaCompilation compilation = Schemas.Compile(schema, Strict);
        Assert.Equal(findings, compilation.Diagnostics.Count);
        Assert.Equal($"no value can ever match this schema: {reason}", compilation.Diagnostics[0].Message);
        Schemas.Good(schema);
    }

    [Theory]
    [InlineData("""{"properties":{"a":false},"if":{"type":"null"},"else":false,"items":false}""")]
    [InlineData("""{"minLength":3,"maxLength":2}""")]
    [InlineData("""{"type":["string","null"],"minLength":3,"maxLength":2}""")]
    [InlineData("""{"properties":{"next":{"$ref":"#"}}}""")]
    [InlineData("""{"type":"object","required":["next"],"properties":{"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}}}""")]
    public void Strict_mode_lets_pass_what_some_value_matches(string schema) => Schemas.Good(schema, Strict);

    [Theory]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"allOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"anyOf":[{"$ref":"#"},{"type":"null"}]}}}""")]
    [InlineData("""{"properties":{"x":{"$ref":"#/$defs/a"}},"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}""")]
    public void Strict_mode_refuses_references_in_a_circle(string schema)
    {
        SchemaCompilation compilation = Schemas.Compile(schema, Strict);
        Assert.Contains(compilation.Diagnostics, finding => finding.Message.Contains("refers back to itself", StringComparison.Ordinal));
    }

    [Fact]
    public void A_finding_in_another_document_names_that_document()
    {
        SchemaDiagnostic finding = Schemas.TheOnlyFinding("""{"$ref":"parts/address.json"}""", Strict with
        {
            Resolver = uri => uri.AbsolutePath == "/parts/address.json" ? "{\n \"type\": \"objekt\"\n}"u8.ToArray() : null,
        });
        Assert.Equal("https://contracts.example/parts/address.json", finding.Uri);
        Assert.Equal((2, 2, "did you mean 'object'?"), (finding.Line, finding.Column, finding.Cure));
    }

    [Fact]
    public void A_document_nested_too_deeply_is_a_finding() => Assert.Equal(
        "the document is nested deeper than 64 levels",
        Schemas.TheOnlyFinding(string.Concat(Enumerable.Repeat("{\"not\":", 70)) + "true" + new string('}', 70)).Message);

    [Fact]
    public void Both_metaschemas_are_built_in_and_accept_themselves()
    {
        foreach (string uri in new[] { "https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema#" })
        {
            Schema metaschema = Schemas.Good($$"""{"$ref":"{{uri}}"}""", new SchemaOptions { Strict = true, AssertFormats = true });
            Assert.True(metaschema.Accepts("""{"type":"object","properties":{"a":{"minimum":1}}}"""));
            Assert.False(metaschema.Accepts("""{"properties":{"a":{"minimum":"1"}}}"""));
            Assert.False(metaschema.Accepts("""{"allOf":[{"pattern":"("}]}"""));
        }
    }
}
