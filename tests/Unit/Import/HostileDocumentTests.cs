using System.Text;
using System.Text.Json.Nodes;
using Gateway.Import;
using Xunit;

namespace Gateway.Tests.Unit.Import;

/// <summary>Documents nobody would write on purpose: whatever they hold, what comes out is a valid workspace or a reason.</summary>
public sealed class HostileDocumentTests
{
    private const string Head = "openapi: 3.1.0\ninfo: { title: T, version: '1' }\n";

    [Fact]
    public async Task Circles_of_schemas_stay_where_values_get_smaller_and_are_cut_where_they_do_not()
    {
        using var bench = await new ImportBench().ImportAsync(Head + """
            paths:
              /a: { post: { requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Tree' } } } }, responses: {} } }
              /b: { post: { requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Self' } } } }, responses: {} } }
              /c: { post: { requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Ping' } } } }, responses: {} } }
            components:
              schemas:
                Tree: { type: object, required: [name], properties: { name: { type: string }, children: { type: array, items: { $ref: '#/components/schemas/Tree' } } } }
                Self: { $ref: '#/components/schemas/Self' }
                Ping: { type: object, allOf: [{ $ref: '#/components/schemas/Pong' }], required: [a] }
                Pong: { anyOf: [{ $ref: '#/components/schemas/Ping' }, { type: object, required: [b] }] }
            """);

        Assert.False(bench.Accepts("t.tree@1", """{ "name": "a", "children": [{ "name": "b", "children": [{}] }] }"""));
        Assert.True(bench.Accepts("t.tree@1", """{ "name": "a", "children": [{ "name": "b" }] }"""));
        Assert.True(bench.Accepts("t.self@1", "1"));
        Assert.False(bench.Accepts("t.ping@1", "{}"));
        Assert.Equal(2, bench.NotesOf(NoteKind.NotEnforced).Count());
    }

    [Fact]
    public async Task Circles_of_other_references_and_references_into_nothing_are_left_out()
    {
        using var bench = await new ImportBench().ImportAsync(Head + """
            paths:
              /loop: { $ref: '#/paths/~1loop' }
              /gone: { $ref: 'https://elsewhere.example/p.yaml' }
              /a:
                post:
                  parameters: [{ $ref: '#/components/parameters/p' }, { $ref: '#/nowhere' }, 7]
                  requestBody: { $ref: '#/components/requestBodies/b' }
                  responses: { '200': { $ref: '#/components/responses/r' } }
            components:
              parameters: { p: { $ref: '#/components/parameters/p' } }
              requestBodies: { b: { $ref: '#/components/requestBodies/b' } }
              responses: { r: { $ref: '#/components/responses/q' }, q: { $ref: '#/components/responses/r' } }
            """);

        Assert.Equal("POST /a", Assert.Single(bench.Read()).Value.Match);
        Assert.Equal(2, bench.NotesOf(NoteKind.LeftOut).Count());
        Assert.Equal(5, bench.NotesOf(NoteKind.NotChecked).Count());
    }

    [Fact]
    public async Task Names_are_plain_and_told_apart_without_regard_to_case()
    {
        using var bench = await new ImportBench().ImportAsync(Head + """
            paths:
              /a: { get: { operationId: List Orders!, responses: { '200': { description: d, content: { application/json: { schema: { $ref: '#/components/schemas/Order' } } } } } } }
              /b: { get: { operationId: list-orders, responses: { '200': { description: d, content: { application/json: { schema: { $ref: '#/components/schemas/order' } } } } } } }
              /c: { get: { operationId: LIST-ORDERS, responses: { '200': { description: d, content: { application/json: { schema: { $ref: '#/components/schemas/ORDER' } } } } } } }
              /d: { get: { operationId: '注文', responses: { '200': { description: d, content: { application/json: { schema: { $ref: '#/components/schemas/../../etc/passwd' } } } } } } }
              /e: { get: { operationId: '../../x', responses: { '200': { description: d, content: { application/json: { schema: { $ref: '#/components/schemas/..~1..~1etc~1passwd' } } } } } } }
              /f: { get: { operationId: "a\n# b: [", responses: { '200': { description: d, content: { application/json: { schema: { $ref: '#/components/schemas/注文' } } } } } } }
              /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: { get: { responses: {} }, head: { responses: {} } }
              /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab: { get: { responses: {} } }
            components:
              schemas:
                Order: { type: object, required: [a] }
                order: { type: object, required: [b] }
                ORDER: { type: object, required: [c] }
                ../../etc/passwd: { type: string }
                注文: { type: integer }
            """);
        var routes = bench.Read();

        Assert.Equal(9, routes.Count);
        Assert.Equal(9, routes.Keys.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(routes.Keys, name => Assert.Matches("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", name));
        Assert.Equal(bench.Contracts.Count(), bench.Contracts.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(bench.Contracts, name => Assert.Matches(@"^t\.[a-z0-9._-]+@1$", name));
        Assert.True(bench.Accepts("t.order@1", """{ "a": 1 }"""));
        Assert.True(bench.Accepts("t.order-2@1", """{ "b": 1 }"""));
        Assert.True(bench.Accepts("t.order-3@1", """{ "c": 1 }"""));
    }

    [Fact]
    public async Task Long_and_strange_texts_stay_on_their_line_and_mean_nothing()
    {
        var text = "a: b # c ${HOME} \"q\" \\ \u2028x\u0085y\0\ttab 'single' 😀 " + new string('z', 5000);
        var document = new JsonObject
        {
            ["openapi"] = "3.0.3",
            ["info"] = new JsonObject { ["title"] = text + "\nbackends: {}", ["version"] = "1\n2", ["description"] = text },
            ["paths"] = new JsonObject
            {
                ["/a"] = new JsonObject
                {
                    ["get"] = new JsonObject
                    {
                        ["description"] = text,
                        ["parameters"] = new JsonArray(new JsonObject { ["name"] = text + "\n  injected: true", ["in"] = "cookie" }),
                        ["responses"] = new JsonObject(),
                    },
                    ["head"] = new JsonObject { ["summary"] = "- true", ["responses"] = new JsonObject() },
                    ["put"] = new JsonObject { ["summary"] = "yes", ["responses"] = new JsonObject() },
                },
            },
        };
        using var bench = await new ImportBench().ImportAsync(document.ToJsonString(), file: "openapi.json");
        var routes = bench.Read();

        Assert.StartsWith("a: b # c ${HOME} \"q\" \\ x y tab 'single' 😀 zzz", routes["t.get.a"].Summary, StringComparison.Ordinal);
        Assert.EndsWith("…", routes["t.get.a"].Summary, StringComparison.Ordinal);
        Assert.Equal("- true", routes["t.head.a"].Summary);
        Assert.Equal("yes", routes["t.put.a"].Summary);
        Assert.All(bench.Routes.Split('\n'), line => Assert.True(line.Length < 400, line));
    }

    [Fact]
    public async Task What_is_nested_deeper_than_a_contract_may_be_is_split()
    {
        var schema = new StringBuilder("""{ "type": "string" }""");
        for (var i = 0; i < 60; i++) schema.Insert(0, """{ "type": "object", "required": ["a"], "properties": { "a": """).Append(" } }");
        using var bench = await new ImportBench().ImportAsync($$"""
            { "openapi": "3.1.0", "info": { "title": "T", "version": "1" },
              "paths": { "/a": { "post": { "requestBody": { "content": { "application/json": { "schema": {{schema}} } } }, "responses": {} } } } }
            """, file: "openapi.json");

        Assert.Equal(3, bench.Contracts.Count());
        // Too deep for a body as well: only the first levels can be tried.
        Assert.False(bench.Accepts("t.post.a.request@1", string.Concat(Enumerable.Repeat("{\"a\":", 30)) + "1" + new string('}', 30)));
    }

    [Theory]
    [InlineData("openapi.json", "{ \"openapi\": \"3.0.3\",\n  \"info\": }", "(2,11)")]
    [InlineData("openapi.json", "{ \"openapi\": \"3.0.3\",\n  \"openapi\": \"3.1.0\" }", "twice")]
    [InlineData("openapi.yaml", "openapi: 3.0.3\ninfo: [\npaths: {}\n", "openapi.yaml(")]
    [InlineData("openapi.yaml", "a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c]\n"
        + "e: &e [*d, *d, *d, *d, *d, *d, *d, *d]\nf: &f [*e, *e, *e, *e, *e, *e, *e, *e]\ng: &g [*f, *f, *f, *f, *f, *f, *f, *f]\nh: [*g, *g, *g, *g, *g, *g, *g, *g]\n", "can't be read")]
    [InlineData("openapi.yaml", "swagger: '2.0'\ninfo: {}\n", "Swagger 2.0")]
    [InlineData("openapi.yaml", "openapi: 4.0.0\n", "versions 3.0 and 3.1")]
    [InlineData("openapi.yaml", "name: something\n", "not an OpenAPI document")]
    [InlineData("openapi.yaml", "- a\n", "no object")]
    [InlineData("openapi.yaml", "", "no object")]
    [InlineData("openapi.json", "", "no object")]
    public void What_is_no_OpenAPI_document_is_said_so(string file, string content, string reason)
    {
        using var bench = new ImportBench();
        var path = bench.Write(file, content);

        var refused = Assert.Throws<ImportRefusedException>(() => OpenApiImport.Run(new ImportOptions { File = path, Workspace = bench.Root }));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(bench.Root, "routes")));
    }

    /// <summary>Each value of a document in turn replaced by others: a valid workspace or a reason, never another exception.</summary>
    [Fact]
    public async Task Nothing_that_stands_in_a_document_breaks_the_import()
    {
        const string Whole = """
            { "openapi": "3.1.0", "info": { "title": "T", "version": "1" }, "servers": [{ "url": "https://{a}.example", "variables": { "a": { "default": "b" } } }], "security": [{ "k": [] }],
              "paths": { "/a/{id}": { "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } }],
                "put": { "operationId": "o", "summary": "s", "servers": [{ "url": "/" }], "callbacks": { "c": {} },
                  "parameters": [{ "name": "q", "in": "query", "style": "form", "explode": true, "schema": { "anyOf": [{ "type": "array", "items": { "type": "string" } }, { "type": "null" }] } }],
                  "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/A" } } } },
                  "responses": { "200": { "description": "d", "content": { "application/json": { "schema": { "type": "array", "items": { "$ref": "#here" } } } } }, "default": { "$ref": "#/components/responses/R" } } } } },
              "components": { "securitySchemes": { "k": { "type": "apiKey", "in": "header", "name": "K" } }, "responses": { "R": { "description": "d" } },
                "schemas": { "A": { "$id": "https://x.example/a", "type": "object", "required": ["b"], "nullable": true, "properties": { "b": { "$ref": "#/$defs/d" }, "c": { "$ref": "https://x.example/a" } },
                    "$defs": { "d": { "$anchor": "here", "type": "number", "minimum": 1, "exclusiveMinimum": true, "readOnly": true, "example": 1 } }, "allOf": [{ "if": true, "then": { "minProperties": 1 } }] } } } }
            """;
        var places = new List<string>();
        Visit(JsonNode.Parse(Whole)!, node => places.Add(node.GetPath()));
        foreach (var place in places)
        {
            foreach (var value in (string[])["null", "7", "\"#/paths\"", "[[]]", "{}", "false"])
            {
                var document = JsonNode.Parse(Whole)!;
                Visit(document, node =>
                {
                    if (node.GetPath() == place && node.Parent is not null) node.ReplaceWith(JsonNode.Parse(value));
                });
                using var bench = new ImportBench();
                try
                {
                    await bench.ImportAsync(document.ToJsonString(), file: "openapi.json");
                }
                catch (ImportRefusedException)
                {
                    // A reason is as good.
                }
                catch (Exception unexpected)
                {
                    Assert.Fail($"{place} = {value}: {unexpected}");
                }
            }
        }

        static void Visit(JsonNode node, Action<JsonNode> action)
        {
            IEnumerable<JsonNode?> inside = node switch { JsonObject members => members.Select(m => m.Value), JsonArray items => items, _ => [] };
            foreach (var inner in inside.OfType<JsonNode>().ToList()) Visit(inner, action);
            action(node);
        }
    }

    [Fact]
    public void What_is_nested_without_end_is_refused()
    {
        using var bench = new ImportBench();
        foreach (var (file, content) in new[] { ("a.json", new string('[', 100_000)), ("a.yaml", new string('[', 100_000)), ("b.yaml", string.Concat(Enumerable.Range(0, 2000).Select(i => new string(' ', i) + "a:\n"))) })
            Assert.Throws<ImportRefusedException>(() => OpenApiImport.Run(new ImportOptions { File = bench.Write(file, content), Workspace = bench.Root }));
    }
}
