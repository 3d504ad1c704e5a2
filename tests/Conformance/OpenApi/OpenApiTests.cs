using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.JsonSchema;
using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.OpenApi;

/// <summary>The public description: what it says is what the gateway does, and a validator of others takes it.</summary>
public sealed class OpenApiTests
{
    private const string Routes = """
        apis:
          sales:
            owner: order-desk
            description: Sales.
            routes:
              sales.create:
                match: POST /sales/{shop}
                policies:
                  - callers
                  - contract: { request: order@1, response: order-response@1, path: shop@1, query: options@1, headers: trace@1, mediaTypes: [text/json] }
                  - idempotency: { key: [buyerParty.id, customerReference] }
                  - transform: { request: odoo/order.to, response: odoo/order.from }
                  - rateLimit: { limit: 1000, window: 1m }
                target: { call: odoo/order.create, creates: order }
              sales.read:
                match: GET /sales/{shop}/{id}
                policies: [callers, contract: { response: order-response@1 }, transform: { response: odoo/order.from }]
                target: { call: odoo/order.read, object: "order/{id}" }
          parcels:
            owner: logistics
            lifecycle: deprecated
            deprecated: 2026-01-31
            routes:
              parcels.read:
                match: GET /parcels/{**rest}
                public: For a test.
                summary: Reads a parcel.
                policies: [contract: { responses: { "200": parcel@1, "404": parcel@1 } }]
                target: { forward: echo }
          marked:
            owner: us
            routes:
              marked.read:
                match: GET /marked/{id}
                public: For a test.
                policies: [contract: { path: marked@1, response: parcel@1 }]
                target: { forward: echo }
          plans:
            owner: us
            lifecycle: draft
            audience: [acme-shop]
            routes:
              plans.read:
                match: GET /plans
                policies: [callers, contract: { response: secret-plan@1 }]
                target: { forward: echo }
        """;

    private static readonly (string Path, string Content)[] Contracts =
    [
        ("shop@1", """{ "type": "object", "properties": { "shop": { "type": "string", "description": "Which shop.", "examples": ["one"] } } }"""),
        ("options@1", """
            {
              "allOf": [{ "$ref": "#/$defs/paging" }],
              "type": "object",
              "required": ["channel"],
              "properties": { "channel": { "$ref": "#channel" } },
              "$defs": {
                "paging": { "properties": { "limit": { "type": "integer", "maximum": 10 } } },
                "channel": { "$anchor": "channel", "description": "Where it was sold.", "enum": ["web", "edi"] }
              }
            }
            """),
        ("trace@1", """{ "type": "object", "properties": { "X-Shop-Trace": { "$ref": "parcel@1.schema.json#/$defs/number" } } }"""),
        ("parcel@1", """
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": "parcel@1.schema.json",
              "type": "object",
              "properties": { "number": { "$ref": "#/$defs/number" }, "parts": { "type": "array", "items": { "$ref": "#" } }, "$ref": { "const": { "$ref": "#/no-reference" } } },
              "unevaluatedProperties": false,
              "if": { "required": ["parts"] }, "then": { "minProperties": 2 },
              "$defs": { "number": { "type": "string", "pattern": "^[0-9]+$", "x-sensitive": true } }
            }
            """),
        ("secret-plan@1", """{ "type": "object" }"""),
        // With the byte order mark that editors like to write.
        ("marked@1", "\uFEFF{ \"type\": \"object\", \"properties\": { \"id\": { \"type\": \"string\", \"description\": \"Which.\" } } }"),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_tells_what_a_route_takes_and_gives()
    {
        await using var world = await StartAsync();
        var document = await DescriptionAsync(world);
        var create = document["paths"]!["/sales/{shop}"]!["post"]!;

        Assert.Equal("sales.create", (string?)create["operationId"]);
        Assert.Equal(
            ["path shop True", "header X-Shop-Trace False", "query channel True", "query limit False", "header Idempotency-Key True"],
            create["parameters"]!.AsArray().Select(p => $"{p!["in"]} {p["name"]} {p["required"] is not null}"));
        Assert.Equal("Where it was sold.", (string?)create["parameters"]![2]!["description"]);
        Assert.Equal(["application/json", "text/json"], create["requestBody"]!["content"]!.AsObject().Select(c => c.Key));
        Assert.Equal("#/components/schemas/order.1", (string?)create["requestBody"]!["content"]!["application/json"]!["schema"]!["$ref"]);
        Assert.Equal(["200", "201", "400", "401", "408", "409", "413", "414", "415", "422", "429", "431", "500", "502", "503", "504"], create["responses"]!.AsObject().Select(r => r.Key));
        Assert.Equal("""[{"key-X-Api-Key":[]}]""", create["security"]!.ToJsonString());
        Assert.Equal(["Location", "Idempotency-Replayed", "RateLimit-Policy", "RateLimit", "X-Correlation-Id"], create["responses"]!["201"]!["headers"]!.AsObject().Select(h => h.Key));
        Assert.Equal("[]", document["paths"]!["/parcels/{rest}"]!["get"]!["security"]!.ToJsonString());
        Assert.Equal("Reads a parcel.", (string?)document["paths"]!["/parcels/{rest}"]!["get"]!["summary"]);
        Assert.True((bool?)document["paths"]!["/parcels/{rest}"]!["get"]!["deprecated"]);
    }

    [Fact]
    public async Task Drafts_and_what_nobody_may_know_of_are_not_in_it()
    {
        await using var world = await StartAsync();
        var text = (await DescriptionAsync(world)).ToJsonString();

        foreach (var secret in (string[])["plans", "secret-plan", "127.0.0.1", "key-of", "echo", "odoo/"]) Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
        Assert.Equal(200, (await world.SendAsync(new CaseRequest { Path = "/plans", Headers = new Dictionary<string, string> { ["X-Api-Key"] = "key-of-acme-shop" } }, Cancellation)).Status);
    }

    [Fact]
    public async Task Every_reference_leads_somewhere_and_every_component_is_used()
    {
        await using var world = await StartAsync();
        var document = await DescriptionAsync(world);
        var references = References(document).ToHashSet();

        Assert.All(references, reference => Assert.True(Find(document, reference) is not null, reference + " leads nowhere"));
        foreach (var (kind, components) in document["components"]!.AsObject().Where(c => c.Key != "securitySchemes"))
            Assert.All(components!.AsObject(), c => Assert.Contains(references, r => r == $"#/components/{kind}/{c.Key}" || r.StartsWith($"#/components/{kind}/{c.Key}/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Contracts_are_taken_over_word_for_word_but_for_their_references()
    {
        await using var world = await StartAsync();
        var schemas = (await DescriptionAsync(world))["components"]!["schemas"]!;

        var expected = JsonNode.Parse(Contracts.Single(c => c.Path == "parcel@1").Content)!.AsObject();
        expected.Remove("$schema");
        expected.Remove("$id");
        expected["properties"]!["number"]!["$ref"] = "#/components/schemas/parcel.1/$defs/number";
        expected["properties"]!["parts"]!["items"]!["$ref"] = "#/components/schemas/parcel.1";
        Assert.True(JsonNode.DeepEquals(expected, schemas["parcel.1"]), schemas["parcel.1"]!.ToJsonString());
    }

    [Fact]
    public async Task What_the_gateway_answers_is_among_what_it_says()
    {
        await using var world = await StartAsync();
        var document = await DescriptionAsync(world);
        var create = document["paths"]!["/sales/{shop}"]!["post"]!;
        var order = create["requestBody"]!["content"]!["application/json"]!["example"]!.ToJsonString();
        Dictionary<string, string> headers = new() { ["X-Api-Key"] = "key-of-acme-shop", ["Idempotency-Key"] = "k-1" };
        CaseRequest good = new() { Method = "POST", Path = "/sales/one?channel=web", Headers = headers, Body = order };
        (CaseRequest Request, int Status)[] calls =
        [
            (good, 201),
            (good, 201),
            (good with { Headers = new Dictionary<string, string>(headers) { ["Idempotency-Key"] = "k-2" } }, 200),
            (good with { Path = "/sales/one", Headers = new Dictionary<string, string>(headers) { ["Idempotency-Key"] = "k-5" } }, 400),
            (good with { Headers = new Dictionary<string, string> { ["X-Api-Key"] = "key-of-acme-shop" } }, 400),
            (good with { Headers = new Dictionary<string, string>() }, 401),
            (good with { Headers = new Dictionary<string, string>(headers) { ["Idempotency-Key"] = "k-3" }, Body = order.Replace("\"quantity\":3", "\"quantity\":4", StringComparison.Ordinal) }, 409),
            (good with { Headers = new Dictionary<string, string>(headers) { ["Content-Type"] = "text/xml" } }, 415),
            (good with { Headers = new Dictionary<string, string>(headers) { ["Idempotency-Key"] = "k-4" }, Body = "{}" }, 422),
        ];
        var problem = SchemaOf(document, "problem");
        foreach (var (request, status) in calls)
        {
            var answer = await world.SendAsync(request, Cancellation);
            Assert.True(answer.Status == status, $"{status} was expected, not {answer.Status} {answer.Body}");
            var told = create["responses"]![status.ToString(System.Globalization.CultureInfo.InvariantCulture)]!;
            Assert.Contains(answer.Header("Content-Type"), told["content"]!.AsObject().Select(c => c.Key));
            if (status < 400) continue;
            Assert.Contains(answer.Problem, told["content"]!["application/problem+json"]!["examples"]!.AsObject().Select(e => e.Key));
            using var body = JsonDocument.Parse(answer.Body);
            Assert.Empty(problem.Validate(body.RootElement));
        }
    }

    [Fact]
    public async Task It_is_fetched_again_only_when_it_has_changed()
    {
        await using var world = await StartAsync();
        using var client = new HttpClient { BaseAddress = world.Url };
        using var first = await client.GetAsync("/openapi.json", Cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/openapi.json");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using var second = await client.SendAsync(request, Cancellation);

        Assert.Equal("application/json", first.Content.Headers.ContentType?.MediaType);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync(Cancellation));
    }

    /// <summary>The workspace of this repository too, as partners see it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_validator_of_others_finds_nothing(bool shipped)
    {
        var validator = Path.Combine(Repository.Root, "artifacts", "tools", "redocly", "node_modules", "@redocly", "cli", "bin", "cli.js");
        Assert.SkipUnless(File.Exists(validator), "@redocly/cli is not in artifacts/tools: ./test installs it where npm and Node 20.19 or newer are there");
        await using var world = shipped
            ? await KindWorld.StartAsync(((string[])["buyers", "catalogue", "events", "invoices", "labels", "orders", "returns", "shipments", "tracking", "usage", "warehouse", "webhooks"]).Select(name => new CaseWorkspaceFile
            {
                Path = $"routes/{name}.yaml",
                Content = File.ReadAllText(Path.Combine(Repository.Root, "routes", name + ".yaml")),
            }).Append(new CaseWorkspaceFile { Path = "flows/order-to-ship.yaml", Content = File.ReadAllText(Path.Combine(Repository.Root, "flows", "order-to-ship.yaml")) })
            .Append(new CaseWorkspaceFile { Path = "routes/names.yaml", Content = """
                policies:
                  partner-callers: { authenticate: { apiKey: {}, bearer: { issuers: [company] } } }
                  partner-quota: { rateLimit: { limit: 600, window: 1m } }
                  orders-a-month: { quota: { limit: 10000, per: month } }
                description: { title: Distribution API, license: LicenseRef-Partners }
                backends:
                  wms: { adapter: wms, url: http://127.0.0.1:1 }
                  tms: { adapter: tms, url: http://127.0.0.1:1, webhooks: {} }
                scopes:
                  buyers.read: Reads buyers.
                  orders.confirm: Confirms orders.
                  shipments.read: Reads shipments.
                  returns.write: Announces returns.
                  returns.read: Reads returns.
                  returns.receive: Receives returns.
                  invoices.read: Reads invoices.
                  invoices.write: Writes invoices.
                  warehouse.read: Reads the warehouse.
                  warehouse.write: Orders from the warehouse.
                  labels.write: Buys labels.
                  events.read: Reads events.
                  webhooks.read: Reads subscriptions.
                  webhooks.write: Makes subscriptions.
                """ }))
            : await StartAsync();
        var file = Path.GetTempFileName() + ".json";
        await File.WriteAllTextAsync(file, (await DescriptionAsync(world)).ToJsonString(new() { WriteIndented = true }), Cancellation);
        try
        {
            using var process = Process.Start(new ProcessStartInfo("node", [validator, "lint", "--format=stylish", file])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["REDOCLY_TELEMETRY"] = "off", ["REDOCLY_SUPPRESS_UPDATE_NOTICE"] = "true" },
            })!;
            var errors = process.StandardError.ReadToEndAsync(Cancellation);
            var said = await process.StandardOutput.ReadToEndAsync(Cancellation) + await errors;
            await process.WaitForExitAsync(Cancellation);

            Assert.True(process.ExitCode == 0, said);
            Assert.Contains("is valid", said, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Task<KindWorld> StartAsync() => KindWorld.StartAsync(
    [
        new CaseWorkspaceFile { Path = "routes/cases.yaml", Content = Routes },
        new CaseWorkspaceFile { Path = "routes/about.yaml", Content = "description: { title: Cases, license: MIT }" },
        .. Contracts.Select(c => new CaseWorkspaceFile { Path = $"transforms/canonical/{c.Path}.schema.json", Content = c.Content }),
    ]);

    private static async Task<JsonNode> DescriptionAsync(KindWorld world)
    {
        using var client = new HttpClient { BaseAddress = world.Url };
        return JsonNode.Parse(await client.GetStringAsync("/openapi.json", Cancellation))!;
    }

    private static Schema SchemaOf(JsonNode document, string component) =>
        Schema.Compile(Encoding.UTF8.GetBytes(document["components"]!["schemas"]![component]!.ToJsonString()), new SchemaOptions { Strict = true }).Schema!;

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(m => m is { Key: "$ref", Value: JsonValue value } && value.GetValueKind() == JsonValueKind.String && !((string)value!).Contains("no-reference", StringComparison.Ordinal)
            ? [(string)value!]
            : References(m.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };

    private static JsonNode? Find(JsonNode document, string reference) => reference.Split('/').Skip(1)
        .Select(p => p.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))
        .Aggregate((JsonNode?)document, (at, part) => at is JsonArray list ? list[int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)] : at?[part]);
}
