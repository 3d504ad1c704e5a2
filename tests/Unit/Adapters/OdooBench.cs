using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Adapters.Odoo;
using Gateway.Simulators;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>A simulated Odoo and a backend opened on it, over real sockets.</summary>
internal sealed class OdooBench : IAsyncDisposable
{
    public static readonly Partner Acme = new("acme", "Acme") { Warehouse = "WH" };

    private OdooBench(OdooSimulator odoo, Backend backend) => (Odoo, Backend) = (odoo, backend);

    public OdooSimulator Odoo { get; }

    public Backend Backend { get; }

    public static async Task<OdooBench> StartAsync(
        Func<OdooOptions, OdooOptions>? change = null, OdooSimulatorOptions? simulator = null, TimeProvider? clock = null, ILoggerFactory? logs = null, Outside? outside = null)
    {
        var odoo = await OdooSimulator.StartAsync(simulator);
        return new OdooBench(odoo, Open(odoo.Url, change, clock, logs, outside));
    }

    /// <summary>Quick retries, so that tests don't wait.</summary>
    public static Backend Open(Uri url, Func<OdooOptions, OdooOptions>? change = null, TimeProvider? clock = null, ILoggerFactory? logs = null, Outside? outside = null)
    {
        var options = new OdooOptions
        {
            Adapter = "odoo",
            Url = url,
            Database = "demo",
            Login = "admin",
            Credential = new CredentialOptions { Key = new Secret("secret://demo/demo-odoo-key", "demo-odoo-key") },
            Resilience = new ResilienceOptions { RetryDelay = TimeSpan.FromMilliseconds(10) },
            Timeout = TimeSpan.FromSeconds(10),
        };
        return new OdooAdapter(logs ?? NullLoggerFactory.Instance, outside ?? Outside.World).Open("odoo", change?.Invoke(options) ?? options, clock ?? TimeProvider.System);
    }

    public ValueTask<OperationResult> CreateAsync(JsonObject order, string externalId = "so_1", CancellationToken? cancellation = null) =>
        Backend.Operations["order.create"].CallAsync(Call(order, externalId), cancellation ?? TestContext.Current.CancellationToken);

    public ValueTask<OperationResult> ReadBackAsync(JsonObject order, string externalId = "so_1") =>
        Backend.Operations["order.create"].ReadBackAsync(Call(order, externalId), TestContext.Current.CancellationToken);

    public ValueTask<OperationResult> ReadAsync(string? reference) =>
        Backend.Operations["order.read"].CallAsync(
            new OperationCall(default, Acme) { Reference = reference }, TestContext.Current.CancellationToken);

    public ValueTask<OperationResult> CallAsync(string operation, string input) =>
        Backend.Operations[operation].CallAsync(new OperationCall(Json(input), Acme), TestContext.Current.CancellationToken);

    public static OperationCall Call(JsonObject order, string externalId) =>
        new(Json(order.ToJsonString()), Acme) { ExternalId = externalId, CorrelationId = "corr-1" };

    /// <summary>Two lines, with an address, as the mapping would give it.</summary>
    public static JsonObject Order(string reference = "PO-4711") => JsonNode.Parse($$"""
        {
          "client_order_ref": "{{reference}}", "buyer": "ACME-DE", "currency": "EUR", "warehouse": "WH",
          "commitment_date": "2026-11-27 12:00:00", "note": "call <before> delivery",
          "delivery": { "name": "Acme Lager", "street": "Hafenstr. 2", "zip": "20457", "city": "Hamburg", "country": "DE" },
          "lines": [
            { "id": "1", "default_code": "DESK0005", "product_uom_qty": 3, "unit_code": "C62", "price_unit": "12.50", "price_base": 1 },
            { "id": "2", "default_code": "CAB-2M", "product_uom_qty": 200, "unit_code": "EA", "price_unit": "410", "price_base": 100 }
          ]
        }
        """)!.AsObject();

    public static JsonElement Json(string json) => JsonSerializer.Deserialize<JsonElement>(json);

    public static JsonElement Json(ReadOnlyMemory<byte> json) => JsonSerializer.Deserialize<JsonElement>(json.Span);

    public async ValueTask DisposeAsync()
    {
        await Backend.DisposeAsync();
        await Odoo.DisposeAsync();
    }
}
