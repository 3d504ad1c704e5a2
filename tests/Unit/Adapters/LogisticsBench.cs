using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Adapters.Odoo;
using Gateway.Simulators;
using Gateway.Tests.Unit.Simulators;
using Xunit;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>A simulated Odoo with a confirmed order of 3 desks and 2 lamps, and what becomes of it.</summary>
internal sealed class LogisticsBench : IAsyncDisposable
{
    public static readonly Partner Acme = OdooBench.Acme with { Buyers = ["ACME-DE"] };

    private readonly OdooBench _bench;

    private LogisticsBench(OdooBench bench) => (_bench, Raw) = (bench, new OdooCaller(bench.Odoo));

    public OdooSimulator Odoo => _bench.Odoo;

    public Backend Backend => _bench.Backend;

    /// <summary>What people and other programs do in Odoo.</summary>
    public OdooCaller Raw { get; }

    public static async Task<LogisticsBench> StartAsync(Func<OdooOptions, OdooOptions>? change = null, OdooSimulatorOptions? simulator = null, TimeProvider? clock = null)
    {
        var bench = new LogisticsBench(await OdooBench.StartAsync(change, simulator, clock));
        await bench.OrderAsync("PO-1");
        return bench;
    }

    /// <summary>One more order, the database id of which is counted from 1.</summary>
    public async Task<int> OrderAsync(string reference, string buyer = "ACME-DE")
    {
        var made = await Backend.Operations["order.create"].CallAsync(new OperationCall(OdooBench.Json($$"""
            { "client_order_ref": "{{reference}}", "buyer": "{{buyer}}", "currency": "EUR",
              "lines": [ { "default_code": "DESK0005", "product_uom_qty": 3, "unit_code": "C62", "price_unit": "12.50" },
                         { "default_code": "FURN_8888", "product_uom_qty": 2, "unit_code": "C62", "price_unit": "7.25" } ] }
            """), Acme) { ExternalId = "order_" + reference.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant() }, TestContext.Current.CancellationToken);
        Assert.True(made.Status == OperationStatus.Done, made.Reason);
        var id = int.Parse(made.Reference!, System.Globalization.CultureInfo.InvariantCulture);
        await Raw.CallAsync("sale.order", "action_confirm", new JsonObject { ["ids"] = new JsonArray(id) });
        return id;
    }

    public ValueTask<OperationResult> CallAsync(string operation, string input, string? externalId = null, string? reference = null, bool resumes = false, Partner? partner = null, DateTimeOffset? until = null) =>
        Backend.Operations[operation].CallAsync(Call(input, externalId, reference, resumes, partner) with { Until = until }, TestContext.Current.CancellationToken);

    public ValueTask<OperationResult> ReadBackAsync(string operation, string input, string? externalId = null, Partner? partner = null) =>
        Backend.Operations[operation].ReadBackAsync(Call(input, externalId, null, true, partner), TestContext.Current.CancellationToken);

    /// <summary>Done, with its record.</summary>
    public async Task<JsonElement> DoneAsync(string operation, string input, string? externalId = null, string? reference = null)
    {
        var result = await CallAsync(operation, input, externalId, reference);
        Assert.True(result.Status == OperationStatus.Done, $"{result.Status}: {result.Reason ?? result.Detail}");
        return OdooBench.Json(result.Record);
    }

    /// <summary>What left of the order's delivery.</summary>
    public Task<JsonElement> ShipAsync(decimal desks = 3, decimal lamps = 2, string name = "WH/OUT/00001", bool rest = true) =>
        DoneAsync("shipment.validate", Shipped(desks, lamps, name, rest));

    public static string Shipped(decimal desks = 3, decimal lamps = 2, string name = "WH/OUT/00001", bool rest = true, string more = "") => $$"""
        { "name": "{{name}}", "state": "done", {{more}}
          "move_ids": [ {{Move("DESK0005", desks)}}, {{Move("FURN_8888", lamps)}} ],
          "context": { "skip_backorder": true{{(rest ? "" : $$""", "picking_ids_not_to_backorder": [{ "name": "{{name}}" }]""")}} } }
        """;

    public static string Back(decimal desks = 1, string name = "RMA-1", string delivery = "WH/OUT/00001") => $$"""
        { "name": "{{name}}", "picking_id": { "name": "{{delivery}}" }, "picking": { "carrier_tracking_ref": "TRK-BACK" },
          "product_return_moves": [ { "product_id": { "default_code": "DESK0005" }, "uom_id": { "name": "Units" }, "quantity": {{desks}}, "to_refund": true } ] }
        """;

    public static string Received(decimal desks, string name = "WH/IN/00001", string delivery = "WH/OUT/00001", bool rest = false) => $$"""
        { "name": "{{name}}", "picking_id": { "name": "{{delivery}}" },
          "product_return_moves": [ { "product_id": { "default_code": "DESK0005" }, "uom_id": { "name": "Units" }, "quantity": {{desks}} } ],
          "picking": { "state": "done", "move_ids": [ {{Move("DESK0005", desks)}} ], "context": { "skip_backorder": true{{(rest ? "" : $$""", "picking_ids_not_to_backorder": [{ "return_id": { "name": "{{delivery}}" } }]""")}} } } }
        """;

    /// <summary>Rows of a model, as somebody sees them who looks into Odoo.</summary>
    public async Task<JsonArray> RowsAsync(string model, params string[] fields) => (await Raw.CallAsync(model, "search_read", new JsonObject
    {
        ["domain"] = new JsonArray(),
        ["fields"] = new JsonArray([.. fields.Select(field => (JsonNode)field)]),
        ["order"] = "id",
    }))!.AsArray();

    /// <summary>Somebody in Odoo writes to a record.</summary>
    public Task WriteAsync(string model, int id, JsonObject values) =>
        Raw.CallAsync(model, "write", new JsonObject { ["ids"] = new JsonArray(id), ["vals"] = values });

    /// <summary>Holds the next call of a method until the task that is given is done.</summary>
    public async Task<OperationResult> MeanwhileAsync(string path, Func<ValueTask<OperationResult>> call, Func<Task> meanwhile)
    {
        Odoo.Chaos.Set(new ChaosRule(ChaosMode.HoldBefore) { Path = path, Count = 1 });
        var calling = call().AsTask();
        while (Odoo.Chaos.Held == 0)
            await Task.Delay(5, TestContext.Current.CancellationToken);
        await meanwhile();
        Odoo.Chaos.Heal();
        return await calling;
    }

    private static OperationCall Call(string input, string? externalId, string? reference, bool resumes, Partner? partner) =>
        new(OdooBench.Json(input), partner ?? Acme) { ExternalId = externalId, Reference = reference, GoesFirst = resumes };

    private static string Move(string sku, decimal quantity) => $$"""
        { "product_id": { "default_code": "{{sku}}" }, "product_uom": { "name": "Units" }, "picked": {{(quantity > 0 ? $"true, \"quantity\": {quantity}" : "false")}} }
        """;

    public async ValueTask DisposeAsync()
    {
        Raw.Dispose();
        await _bench.DisposeAsync();
    }
}
