using Gateway.Adapters.Http;
using Gateway.Cli;
using Gateway.Import;
using Gateway.JsonSchema;
using Gateway.Policies.Contract;
using Xunit;

namespace Gateway.Tests.Unit.Import;

/// <summary>Operations as routes, parameters and bodies as their contracts, the server as a backend.</summary>
public sealed class RouteTests
{
    private const string Head = "openapi: 3.0.3\ninfo: { title: Warehouse API, version: '1' }\n";

    [Fact]
    public async Task An_operation_becomes_a_route_with_contracts_for_each_of_its_parts()
    {
        using var bench = await new ImportBench().ImportAsync(Head + """
            servers: [{ url: 'https://{region}.wms.example/v3/', variables: { region: { default: eu } } }]
            security: [{ key: [] }]
            paths:
              /orders/{order-id}:
                parameters:
                  - { name: order-id, in: path, required: true, schema: { type: integer } }
                put:
                  operationId: replaceOrder
                  summary: Replaces an order
                  parameters:
                    - { name: dryRun, in: query, schema: { type: boolean } }
                    - { name: If-Match, in: header, required: true, schema: { type: string } }
                  requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/SalesOrder' } }, text/json: { schema: { $ref: '#/components/schemas/SalesOrder' } } } }
                  responses:
                    '200': { description: d, content: { application/json: { schema: { $ref: '#/components/schemas/SalesOrder' } } } }
                    '204': { description: d }
                    2XX: { description: d, content: { application/json: { schema: { type: array } } } }
                    '404': { description: d, content: { application/problem+json: { schema: { type: object, required: [title] } } } }
                    '503': { description: d, content: { application/json: { schema: { type: object } } } }
                    default: { description: d, content: { application/json: { schema: { type: object } } } }
            components:
              securitySchemes: { key: { type: apiKey, in: header, name: Api-Key } }
              schemas: { SalesOrder: { type: object, required: [number], properties: { number: { type: string } } }, Unused: { type: string } }
            """, o => o with { Name = "wms", Owner = "logistics" });

        Assert.Equal("""
            # Warehouse API 1 (OpenAPI 3.0.3), from openapi.yaml
            # Made by `import openapi`. What the gateway can't do as that document says stands in a comment at the route.
            backends:
              wms:
                adapter: http
                url: ${WMS_URL:-https://eu.wms.example/v3}
                credential: { key: secret://env/WMS_KEY, header: Api-Key }

            apis:
              wms:
                owner: logistics
                description: Warehouse API
                routes:
                  # answers of default are not checked: a contract belongs to one status, or to all successes
                  wms.replaceOrder:
                    match: PUT /orders/{order-id}
                    summary: Replaces an order
                    policies:
                      - callers
                      - contract:
                          path: wms.path.order-id@1
                          query: wms.query.dry-run@1
                          headers: wms.header.if-match@1
                          request: wms.sales-order@1
                          mediaTypes: [text/json]
                          response: wms.replace-order.success@1
                          responses: { "200": wms.sales-order@1, "404": wms.replace-order.404@1 }
                    target: { forward: wms }

            """, bench.Routes, ignoreLineEndingDifferences: true);
        Assert.DoesNotContain("wms.unused@1", bench.Contracts);
        Assert.True(bench.Accepts("wms.header.if-match@1", """{ "If-Match": "*" }"""));
        Assert.False(bench.Accepts("wms.header.if-match@1", "{}"));
    }

    [Theory]
    [InlineData("/a/{order-id}/{order_id}", "/a/{order-id}/{order_id}")]
    [InlineData("/a/{id:int}/{*rest}", "/a/{id_int}/{_rest}")]
    [InlineData("/a/{ID}/{id}", "/a/{ID}/{id2}")]
    [InlineData("/a/{x}.{format}", "/a/{x}.{format}")]
    [InlineData("/a/{x?}", "/a/{x_}")]
    [InlineData("/a/{ünïcode}", "/a/{_n_code}")]
    public async Task Names_in_a_path_become_names_that_routing_takes(string path, string match)
    {
        var names = System.Text.RegularExpressions.Regex.Matches(path, @"\{([^}]+)\}").Select(m => m.Groups[1].Value);
        using var bench = await new ImportBench().ImportAsync(Head + $$"""
            paths:
              '{{path}}': { get: { parameters: [{{string.Join(", ", names.Select(n => $"{{ name: '{n}', in: path, required: true, schema: {{ type: string }} }}"))}}], responses: {} } }
            """, o => o with { Prefix = "/wms" });
        var route = Assert.Single(bench.Read()).Value;

        Assert.Equal(("GET /wms" + match, match), (route.Match, route.Target.Path));
        Assert.NotNull(ImportBench.ContractOf(route).Path);
        Assert.Empty(bench.NotesOf(NoteKind.NotChecked));
    }

    [Fact]
    public async Task What_cannot_be_a_route_is_told()
    {
        using var bench = await new ImportBench().ImportAsync(Head + """
            paths:
              /a/{x}: { get: { responses: {} }, options: { responses: {} }, trace: { responses: {} } }
              /a/{y}: { get: { responses: {} }, post: { responses: {} } }
              /A/{x}: { get: { responses: {} } }
              /a?action=b: { get: { responses: {} } }
              /{a}{b}: { get: { responses: {} } }
              /openapi.json: { get: { responses: {} } }
              b: { get: { responses: {} } }
            """);

        Assert.Equal(["GET /a/{x}", "POST /a/{y}"], bench.Read().Values.Select(r => r.Match));
        Assert.Equal(10, bench.Result.Operations);
        Assert.Equal(
            ["OPTIONS /a/{x}", "TRACE /a/{x}", "GET /a/{y}", "GET /A/{x}", "GET /a?action=b", "GET /{a}{b}", "GET /openapi.json", "GET b"],
            bench.Result.Notes.Where(n => n.Kind == NoteKind.LeftOut).Select(n => n.Place));
    }

    [Theory]
    [InlineData("{ name: q, in: query, schema: { type: array, items: { type: integer } } }", """{ "q": [1] }""", """{ "q": ["a"] }""")]
    [InlineData("{ name: q, in: query, schema: { oneOf: [{ type: integer }, { type: string, enum: [all] }] } }", """{ "q": 1 }""", """{ "q": "some" }""")]
    [InlineData("{ name: q, in: query, schema: { $ref: '#/components/schemas/Limit' } }", """{ "q": 1 }""", """{ "q": 0 }""")]
    [InlineData("{ name: q, in: query, allowEmptyValue: true, schema: { type: boolean } }", """{ "q": "" }""", """{ "q": "x" }""")]
    public async Task A_parameter_is_checked_as_the_gateway_reads_it(string parameter, string good, string bad)
    {
        using var bench = await new ImportBench().ImportAsync(With(parameter));
        var contract = ImportBench.ContractOf(Assert.Single(bench.Read()).Value).Query!;

        Assert.True(bench.Accepts(contract, good));
        Assert.False(bench.Accepts(contract, bad));
        Assert.NotEqual(SchemaKinds.Any, bench.Schema(contract).Members["q"].Kinds);
    }

    [Theory]
    [InlineData("{ name: q, in: query, style: deepObject, schema: { type: object } }", "members stand under names of their own")]
    [InlineData("{ name: q, in: query, schema: { type: object } }", "members stand under names of their own")]
    [InlineData("{ name: q, in: query, style: pipeDelimited, schema: { type: array, items: { type: integer } } }", "style pipeDelimited")]
    [InlineData("{ name: q, in: query, explode: false, schema: { type: array, items: { type: integer } } }", "not exploded")]
    [InlineData("{ name: q, in: query, schema: { type: array, items: { type: object } } }", "flat lists")]
    [InlineData("{ name: q, in: query, content: { application/json: { schema: { type: object } } } }", "media type of its own")]
    [InlineData("{ name: q, in: cookie, schema: { type: string } }", "cookie")]
    [InlineData("{ name: x-api-key, in: header, schema: { type: string } }", "belongs to the gateway")]
    [InlineData("{ name: z, in: path, required: true, schema: { type: string } }", "no such parameter")]
    public async Task A_parameter_that_the_gateway_reads_otherwise_is_told_here_and_at_the_route(string parameter, string reason)
    {
        using var bench = await new ImportBench().ImportAsync(With(parameter));
        var route = Assert.Single(bench.Read()).Value;

        Assert.Contains(reason, Assert.Single(bench.NotesOf(NoteKind.NotChecked)), StringComparison.Ordinal);
        Assert.Contains(bench.Routes.Split('\n'), line => line.TrimStart().StartsWith("# ", StringComparison.Ordinal) && line.Contains(reason, StringComparison.Ordinal));
        if (ImportBench.ContractOf(route).Query is { } query) Assert.True(bench.Accepts(query, """{ "q": "1|2,3" }"""));
    }

    [Fact]
    public async Task Bodies_that_are_no_JSON_are_told_and_not_checked()
    {
        using var bench = await new ImportBench().ImportAsync(Head + """
            paths:
              /form: { post: { requestBody: { content: { multipart/form-data: { schema: { type: object } } } }, responses: { '200': { description: d, content: { text/csv: {} } } } } }
              /both: { post: { requestBody: { required: true, content: { application/json: { schema: { type: object, required: [a] } }, application/xml: {} } }, responses: {} } }
              /body: { delete: { requestBody: { content: { application/json: { schema: { type: object } } } }, responses: {} } }
              /maybe: { post: { requestBody: { content: { application/json: { schema: { type: object, maxProperties: 1 } } } }, responses: {} } }
              /any: { post: { requestBody: { content: { application/json: {} } }, responses: {} } }
            """);

        Assert.Equal(["t.post.both.request@1", "t.post.maybe.request@1"], bench.Contracts);
        Assert.Equal(4, bench.NotesOf(NoteKind.NotChecked).Count());
        Assert.Single(bench.NotesOf(NoteKind.Stricter));
        Assert.Equal(["POST /maybe"], bench.Read().Values.Where(r => ImportBench.ContractOf(r).BodyOptional).Select(r => r.Match));
    }

    [Theory]
    [InlineData("bearer: { type: http, scheme: bearer }", "Authorization", "Bearer")]
    [InlineData("raw: { type: apiKey, in: header, name: authorization }", "Authorization", "")]
    [InlineData("key: { type: apiKey, in: header, name: X-Key }", "X-Key", "Bearer")]
    [InlineData("o: { type: oauth2, flows: {} }", "Authorization", "Bearer")]
    public async Task The_credential_goes_where_the_document_wants_it(string scheme, string header, string prefix)
    {
        using var bench = await new ImportBench().ImportAsync(Head + $"servers: [{{ url: 'https://x.example' }}]\npaths: {{ /a: {{ get: {{ responses: {{}} }} }} }}\ncomponents: {{ securitySchemes: {{ {scheme} }} }}\n", o => o with { Name = "3pl" });
        var backend = Assert.IsType<HttpBackendOptions>(bench.Document.Backends["3pl"]);

        Assert.Equal(("secret://env/API_3PL_KEY", header, prefix), (backend.Credential!.Key!.Reference, backend.Credential.Header, backend.Credential.Scheme));
    }

    [Theory]
    [InlineData("basic: { type: http, scheme: basic }", "the password of gateway")]
    [InlineData("o: { type: oauth2, flows: { clientCredentials: { tokenUrl: 'https://login.example/token', scopes: {} } } }", "tokens of login.example for gateway")]
    [InlineData("o: { type: oauth2, flows: { clientCredentials: { tokenUrl: /token, scopes: {} } } }", "a key in Authorization")]
    public async Task A_way_to_sign_in_that_needs_more_than_a_key_asks_for_it(string scheme, string text)
    {
        using var bench = await new ImportBench().ImportAsync(Head + $"servers: [{{ url: 'https://x.example' }}]\npaths: {{ /a: {{ get: {{ responses: {{}} }} }} }}\ncomponents: {{ securitySchemes: {{ {scheme} }} }}\n", o => o with { Name = "3pl" });

        Assert.Equal(text, bench.Document.Backends["3pl"].Credential!.Text);
    }

    [Fact]
    public async Task A_backend_of_the_workspace_is_used_as_it_is()
    {
        using var bench = await new ImportBench("backends: { wms: { adapter: http, url: \"http://wms\" } }\npolicies: { a: { authenticate: { apiKey: {} } }, b: { authenticate: { apiKey: {} } } }\n")
            .ImportAsync(Head + "paths: { /a: { get: { responses: {} } } }\n", o => o with { Backend = "wms", Policies = ["a"], Report = true });

        Assert.DoesNotContain("backends:", bench.Routes, StringComparison.Ordinal);
        Assert.Equal("wms", Assert.Single(bench.Read()).Value.Target.Forward);
    }

    [Fact]
    public async Task Files_that_are_there_are_kept_until_force_is_used()
    {
        using var bench = await new ImportBench().ImportAsync(With("{ name: q, in: query, schema: { type: integer } }"));
        var refused = Assert.Throws<ImportRefusedException>(() => OpenApiImport.Run(new ImportOptions { File = Path.Combine(bench.Root, "documents/openapi.yaml"), Workspace = bench.Root, Name = "t" }));

        Assert.Contains("routes/t.yaml", refused.Message, StringComparison.Ordinal);
        await bench.ImportAsync(With("{ name: q, in: query, schema: { type: array, items: { type: object } } }"), o => o with { Force = true, Report = true });
        Assert.Equal(ContractMode.Report, ImportBench.ContractOf(Assert.Single(bench.Read()).Value).Mode);
        Assert.NotNull(bench.Document.Backends["t"]);
    }

    [Theory]
    [InlineData("--name=a/b")]
    [InlineData("--name=busy")]
    [InlineData("--prefix=v1")]
    [InlineData("--prefix=/{x}")]
    [InlineData("--backend=a b")]
    [InlineData("--workspace=/nowhere/at/all")]
    public void What_cannot_be_done_is_said_and_nothing_is_written(string argument)
    {
        using var bench = new ImportBench("backends: { b: { adapter: http, url: \"http://b\" } }\napis: { busy: { owner: o, routes: { r: { match: GET /r, target: { forward: b } } } } }\n");
        var (option, value) = argument.Split('=') is [var o, var v] ? (o, v) : ("", "");
        var options = new ImportOptions { File = bench.Write("o.yaml", With("{ name: q, in: query }")), Workspace = bench.Root, Name = "t" };
        options = option switch
        {
            "--name" => options with { Name = value },
            "--prefix" => options with { Prefix = value },
            "--backend" => options with { Backend = value },
            _ => options with { Workspace = value },
        };

        Assert.NotEmpty(Assert.Throws<ImportRefusedException>(() => OpenApiImport.Run(options)).Message);
        Assert.False(Directory.Exists(Path.Combine(bench.Root, "routes")));
    }

    [Fact]
    public async Task The_verb_ends_with_0_1_or_2()
    {
        using var bench = new ImportBench();
        var file = bench.Write("o.yaml", With("{ name: q, in: query, schema: { type: integer } }"));
        var options = new ImportOptions { File = file, Workspace = bench.Root };
        var output = new StringWriter();

        Assert.Equal(Commands.Fine, await ImportCommand.RunAsync(options, output));
        Assert.Contains("routes/warehouse-api.yaml: 1 routes of 1 operations", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("valid: 1 routes", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(Commands.CouldNotRun, await ImportCommand.RunAsync(options, output));
        Assert.Equal(Commands.Findings, await ImportCommand.RunAsync(options with { Force = true, Policies = ["nobody"] }, output));
    }

    private static string With(string parameter) => Head + $$"""
        paths: { /a: { get: { operationId: get, parameters: [{{parameter}}], responses: {} } } }
        components: { schemas: { Limit: { type: integer, minimum: 1 } } }
        """;
}
