using Gateway.Import;
using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Import;

/// <summary>What the import writes, served: the contracts hold on real requests.</summary>
public sealed class ImportedRoutesTests
{
    private const string Document = """
        openapi: 3.0.3
        info: { title: Warehouse, version: '1' }
        paths:
          /orders/{order-id}/lines:
            parameters:
              - { name: order-id, in: path, required: true, schema: { type: integer, minimum: 1 } }
              - { name: sku, in: query, schema: { type: array, maxItems: 2, items: { type: string, pattern: '^[A-Z]+$' } } }
              - { name: limit, in: query, schema: { nullable: true, oneOf: [{ type: integer, maximum: 10 }, { type: string, enum: [all] }] } }
              - { name: X-Shift, in: header, schema: { type: string, enum: [day, night] } }
            get: { responses: { '200': { description: d, content: { application/json: { schema: { $ref: '#/components/schemas/Echo' } } } } } }
            post:
              requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Line' } }, text/json: { schema: { $ref: '#/components/schemas/Line' } } } }
              responses: { 2XX: { description: d, content: { application/json: { schema: { $ref: '#/components/schemas/Echo' } } } } }
            put:
              requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Line' } } } }
              responses: { default: { description: d, content: { application/json: { schema: { type: object, required: [nobody-sends-this] } } } } }
        components:
          schemas:
            Echo: { type: object, required: [method, path] }
            Line:
              type: object
              additionalProperties: false
              required: [id, sku, quantity]
              properties:
                id: { type: integer, readOnly: true }
                sku: { type: string }
                quantity: { type: number, minimum: 0, exclusiveMinimum: true }
                note: { type: string, nullable: true }
        """;

    [Theory]
    [InlineData("GET", "/wms/orders/7/lines?sku=A&sku=B&limit=10", null, 200, "/orders/7/lines?sku=A&sku=B&limit=10")]
    [InlineData("GET", "/wms/orders/7/lines?limit=all&unknown=1", null, 200, "\"authorization\":\"Bearer key-of-the-gateway\"")]
    [InlineData("GET", "/wms/orders/0/lines", null, 400, "\"in\":\"path\",\"pointer\":\"#/order-id\"")]
    [InlineData("GET", "/wms/orders/x/lines", null, 400, "must be an integer")]
    [InlineData("GET", "/wms/orders/7/lines?sku=A&sku=b", null, 400, "\"in\":\"query\",\"pointer\":\"#/sku/1\"")]
    [InlineData("GET", "/wms/orders/7/lines?limit=11", null, 400, "#/limit")]
    [InlineData("GET", "/wms/orders/7/lines?limit=some", null, 400, "#/limit")]
    [InlineData("GET", "/orders/7/lines", null, 404, "not-found")]
    [InlineData("POST", "/wms/orders/7/lines", """{ "sku": "A", "quantity": 1, "note": null }""", 200, "POST")]
    [InlineData("POST", "/wms/orders/7/lines", """{ "sku": "A", "quantity": 0 }""", 422, "#/quantity")]
    [InlineData("POST", "/wms/orders/7/lines", """{ "sku": "A", "quantity": 1, "colour": "red" }""", 422, "#/colour")]
    [InlineData("POST", "/wms/orders/7/lines", null, 415, "unsupported-media-type")]
    [InlineData("PUT", "/wms/orders/7/lines", null, 502, "backend-unusable")]
    public async Task A_request_is_judged_by_the_document(string method, string path, string? body, int status, string holds)
    {
        await using var world = await StartAsync();
        var headers = new Dictionary<string, string> { ["X-Api-Key"] = "key-of-acme-shop" };

        var answer = await world.SendAsync(new CaseRequest { Method = method, Path = path, Body = body, Headers = headers }, TestContext.Current.CancellationToken);

        Assert.True(answer.Status == status, $"{answer.Status} {answer.Body}");
        Assert.Contains(holds, answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_and_callers_are_judged_too()
    {
        await using var world = await StartAsync();
        foreach (var (key, shift, type, status) in new[] { ("key-of-acme-shop", "night", "text/json", 200), ("key-of-acme-shop", "noon", "text/json", 400), ("key-of-acme-shop", "day", "text/plain", 415), ("nobody", "day", "text/json", 401) })
        {
            var headers = new Dictionary<string, string> { ["X-Api-Key"] = key, ["X-Shift"] = shift, ["Content-Type"] = type };
            var answer = await world.SendAsync(
                new CaseRequest { Method = "POST", Path = "/wms/orders/7/lines", Body = """{ "sku": "A", "quantity": 1 }""", Headers = headers }, TestContext.Current.CancellationToken);
            Assert.True(answer.Status == status, $"{shift}: {answer.Status} {answer.Body}");
        }
    }

    private static async Task<KindWorld> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("gateway-import-");
        try
        {
            KindWorld.WriteWorkspace(folder.FullName, [], new Uri("http://echo"), new Uri("http://odoo"), "http://issuer");
            var document = Path.Combine(folder.FullName, "wms-openapi.yaml");
            await File.WriteAllTextAsync(document, Document, TestContext.Current.CancellationToken);
            // The overlay of the demo resolves the secrets of this workspace; the import does not need it.
            var result = OpenApiImport.Run(new ImportOptions { File = document, Workspace = folder.FullName, Name = "wms", Backend = "echo", Prefix = "/wms" });
            var written = Directory.EnumerateFiles(Path.Combine(folder.FullName, "transforms/canonical"), "wms.*").Append(Path.Combine(folder.FullName, result.RouteFile));
            return await KindWorld.StartAsync([.. written.Select(f => new CaseWorkspaceFile { Path = Path.GetRelativePath(folder.FullName, f), Content = File.ReadAllText(f) })]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
