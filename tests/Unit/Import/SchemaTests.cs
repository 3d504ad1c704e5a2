using Gateway.Import;
using Xunit;

namespace Gateway.Tests.Unit.Import;

/// <summary>Schemas of OpenAPI 3.0 and 3.1 as contracts: what they say, and what they let pass.</summary>
public sealed class SchemaTests
{
    [Theory]
    [InlineData("{ type: string, nullable: true, maxLength: 3 }", """{"type":["string","null"],"maxLength":3}""")]
    [InlineData("{ type: string, nullable: true, enum: [a] }", """{"type":["string","null"],"enum":["a",null]}""")]
    [InlineData("{ type: string, nullable: true, enum: [a, null] }", """{"type":["string","null"],"enum":["a",null]}""")]
    [InlineData("{ nullable: true, description: d, allOf: [{ type: string }] }", """{"description":"d","anyOf":[{"allOf":[{"type":"string"}]},{"type":"null"}]}""")]
    [InlineData("{ nullable: true, $ref: '#/components/schemas/Y' }", """{"anyOf":[{"$ref":"t.y@1.schema.json"},{"type":"null"}]}""")]
    [InlineData("{ nullable: true, maxLength: 3 }", """{"maxLength":3}""")]
    [InlineData("{ type: string, nullable: false }", """{"type":"string"}""")]
    [InlineData("{ type: number, minimum: 1.10, exclusiveMinimum: true, maximum: 5, exclusiveMaximum: false }", """{"type":"number","exclusiveMinimum":1.10,"maximum":5}""")]
    [InlineData("{ type: string, example: a }", """{"type":"string","examples":["a"]}""")]
    [InlineData("{ type: object, discriminator: { propertyName: k }, xml: { name: n }, externalDocs: { url: u } }",
        """{"type":"object","x-discriminator":{"propertyName":"k"},"x-xml":{"name":"n"},"x-externalDocs":{"url":"u"}}""")]
    [InlineData("{ type: string, format: binary, readOnly: true, deprecated: true, default: a, x-mine: 1 }",
        """{"type":"string","x-not-enforced-format":"binary","readOnly":true,"deprecated":true,"default":"a","x-mine":1}""")]
    [InlineData("{ $ref: '#/components/schemas/Y', description: d, maxLength: 1 }", """{"$ref":"t.y@1.schema.json","description":"d"}""")]
    [InlineData("{ type: object, properties: { nullable: { type: string }, example: { type: string } }, additionalProperties: false }",
        """{"type":"object","properties":{"nullable":{"type":"string"},"example":{"type":"string"}},"additionalProperties":false}""")]
    [InlineData("{ type: object, required: [a], additionalProperties: { $ref: '#/components/schemas/Y' } }", """{"type":"object","required":["a"],"additionalProperties":{"$ref":"t.y@1.schema.json"}}""")]
    public async Task A_schema_of_3_0_is_said_in_2020_12(string schema, string contract) => await IsAsync("3.0.3", schema, contract);

    [Theory]
    [InlineData("{ type: [string, 'null'], const: null }", """{"type":["string","null"],"const":null}""")]
    [InlineData("{ type: array, prefixItems: [{ type: string }, true], items: false, minContains: 1, contains: { type: string } }",
        """{"type":"array","prefixItems":[{"type":"string"},true],"items":false,"minContains":1,"contains":{"type":"string"}}""")]
    [InlineData("{ if: { required: [a] }, then: { required: [b] }, else: true, dependentRequired: { a: [b] }, unevaluatedProperties: false }",
        """{"if":{"required":["a"]},"then":{"required":["b"]},"else":true,"dependentRequired":{"a":["b"]},"unevaluatedProperties":false}""")]
    [InlineData("{ $ref: '#/components/schemas/Y', maxLength: 1 }", """{"$ref":"t.y@1.schema.json","maxLength":1}""")]
    [InlineData("{ type: string, examples: [a, b] }", """{"type":"string","examples":["a","b"]}""")]
    [InlineData("{ type: [string], nullable: true }", """{"type":["string","null"]}""")]
    [InlineData("{ $ref: '#/components/schemas/Z/properties/in' }", """{"$ref":"t.z.in@1.schema.json"}""")]
    [InlineData("{ $ref: '#here' }", """{"$ref":"t.z.in@1.schema.json"}""")]
    [InlineData("{ $ref: 'https://example.com/w#/$defs/d' }", """{"$ref":"t.w.d@1.schema.json"}""")]
    [InlineData("{ type: object, properties: { a: { $ref: '#/$defs/own' } }, $defs: { own: { type: integer } } }",
        """{"type":"object","properties":{"a":{"$ref":"t.request-body.it.own@1.schema.json"}},"$defs":{"own":{"type":"integer"}}}""")]
    [InlineData("{ <<: &base { type: object, required: [a] }, properties: { b: { <<: [*base, { maxProperties: 3 }], required: [c] } } }",
        """{"properties":{"b":{"required":["c"],"type":"object","maxProperties":3}},"type":"object","required":["a"]}""")]
    [InlineData("{ $ref: '#/components/schemas/W/properties/s' }", """{"$ref":"t.w.s@1.schema.json"}""")]
    public async Task A_schema_of_3_1_keeps_its_words_and_finds_what_it_refers_to(string schema, string contract) => await IsAsync("3.1.0", schema, contract);

    /// <summary>What the engine would ignore or refuse is told by its name, and enforced no more.</summary>
    [Theory]
    [InlineData("{ type: string, colour: red }", """{"type":"string","x-not-enforced-colour":"red"}""")]
    [InlineData("{ type: string, pattern: '(' }", """{"type":"string","x-not-enforced-pattern":"("}""")]
    [InlineData("{ type: file }", """{"x-not-enforced-type":"file"}""")]
    [InlineData("{ type: string, required: true }", """{"type":"string","x-not-enforced-required":true}""")]
    [InlineData("{ type: string, enum: [1] }", """{"type":"string","x-not-enforced-enum":[1]}""")]
    [InlineData("{ type: string, enum: [] }", """{"type":"string","x-not-enforced-enum":[]}""")]
    [InlineData("{ type: integer, minimum: 5, maximum: 1 }", """{"type":"integer","x-not-enforced-minimum":5,"x-not-enforced-maximum":1}""")]
    [InlineData("{ type: object, patternProperties: { '(': { type: string } } }", """{"type":"object","x-not-enforced-patternProperties":{"(":{"type":"string"}}}""")]
    [InlineData("{ type: object, required: [a], properties: { a: { type: string, enum: [1] } } }",
        """{"type":"object","required":["a"],"properties":{"a":{"type":"string","x-not-enforced-enum":[1]}}}""")]
    [InlineData("{ type: object, properties: { type: { type: text } } }", """{"type":"object","properties":{"type":{"x-not-enforced-type":"text"}}}""")]
    [InlineData("{ type: object, properties: { u: { $ref: 'https://elsewhere.example/s.json#/x' } } }",
        """{"type":"object","properties":{"u":{"x-not-enforced-$ref":"https://elsewhere.example/s.json#/x"}}}""")]
    [InlineData("{ type: object, properties: { u: { $ref: '#/components/schemas/Nobody' } } }",
        """{"type":"object","properties":{"u":{"x-not-enforced-$ref":"#/components/schemas/Nobody"}}}""")]
    [InlineData("{ type: array, items: [{ type: string }] }", """{"type":"array","x-not-enforced-items":[{"type":"string"}]}""")]
    [InlineData("{ type: object, properties: { a: text } }", """{"type":"object","properties":{"a":true}}""")]
    public async Task What_the_engine_cannot_enforce_becomes_a_note(string schema, string contract)
    {
        using var bench = await IsAsync("3.0.3", schema, contract);

        Assert.NotEmpty(bench.NotesOf(NoteKind.NotEnforced));
    }

    [Fact]
    public async Task What_is_read_only_is_not_required_of_a_request_and_stays_required_of_an_answer()
    {
        using var bench = await new ImportBench().ImportAsync("""
            openapi: 3.0.3
            info: { title: T, version: '1' }
            paths:
              /a:
                post:
                  requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Outer' } } } }
                  responses: { '200': { description: d, content: { application/json: { schema: { $ref: '#/components/schemas/Outer' } } } } }
            components:
              schemas:
                Outer: { type: object, required: [inner], properties: { inner: { $ref: '#/components/schemas/Inner' }, plain: { $ref: '#/components/schemas/Plain' } } }
                Inner:
                  allOf:
                    - { type: object, required: [id, name], properties: { name: { type: string } } }
                    - { type: object, required: [secret], properties: { id: { type: integer, readOnly: true }, secret: { type: string, writeOnly: true } } }
                Plain: { type: object, required: [x], properties: { x: { type: string } } }
            """);

        Assert.Equal(["t.inner.request@1", "t.inner.response@1", "t.outer.request@1", "t.outer.response@1", "t.plain@1"], bench.Contracts);
        Assert.True(bench.Accepts("t.outer.request@1", """{ "inner": { "name": "a", "secret": "s" } }"""));
        Assert.False(bench.Accepts("t.outer.request@1", """{ "inner": { "name": "a" } }"""));
        Assert.True(bench.Accepts("t.outer.response@1", """{ "inner": { "id": 1, "name": "a" } }"""));
        Assert.False(bench.Accepts("t.outer.response@1", """{ "inner": { "name": "a" } }"""));
    }

    [Fact]
    public async Task Numbers_keep_their_digits()
    {
        using var bench = await new ImportBench().ImportAsync("""
            { "openapi": "3.0.3", "info": { "title": "T", "version": "1" }, "paths": { "/a": { "post": {
              "requestBody": { "content": { "application/json": { "schema": { "type": "number", "maximum": 12345678901234567890.10, "multipleOf": 0.010 } } } },
              "responses": { "200": { "description": "d" } } } } } }
            """, file: "openapi.json");

        Assert.Contains("12345678901234567890.10", bench.Json("t.post.a.request@1").ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("0.010", bench.Json("t.post.a.request@1").ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_beside_the_document_are_followed_and_none_above_it()
    {
        using var bench = new ImportBench();
        bench.Write("documents/shared/parts.yaml", "Part: { type: object, properties: { self: { $ref: '#/Part' }, back: { $ref: '../openapi.yaml#/components/schemas/Y' } } }\n");
        bench.Write("secret.yaml", "Key: { type: string, const: hidden }\n");
        await bench.ImportAsync(Document("3.0.3", "{ type: object, properties: { a: { $ref: 'shared/parts.yaml#/Part' }, b: { $ref: '../secret.yaml#/Key' } } }"));

        Assert.Equal(["t.part@1", "t.post.a.request@1", "t.y@1"], bench.Contracts);
        Assert.Equal("""{"$ref":"t.part@1.schema.json"}""", bench.Json("t.part@1")["properties"]!["self"]!.ToJsonString());
        Assert.Contains("../secret.yaml#/Key", Assert.Single(bench.NotesOf(NoteKind.NotEnforced)), StringComparison.Ordinal);
    }

    /// <summary>A document with one body, an object whose member <c>it</c> has the schema.</summary>
    private static string Document(string version, string schema) => $$"""
        openapi: {{version}}
        info: { title: T, version: '1' }
        paths:
          /a:
            post:
              requestBody: { required: true, content: { application/json: { schema: { type: object, properties: { it: {{schema}} } } } } }
              responses: { '200': { description: d } }
        components:
          schemas:
            Y: { type: string }
            Z: { type: object, properties: { in: { type: integer, $anchor: here } } }
            W: { $id: 'https://example.com/w', type: object, properties: { s: { $ref: '#/$defs/d' } }, $defs: { d: { type: boolean } } }
        """;

    private static async Task<ImportBench> IsAsync(string version, string schema, string contract)
    {
        var bench = await new ImportBench().ImportAsync(Document(version, schema));
        Assert.Equal(contract, bench.Json("t.post.a.request@1")["properties"]!["it"]!.ToJsonString().Replace("\u0027", "'", StringComparison.Ordinal));
        return bench;
    }
}
