using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Adapters.Odoo;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>Shipments in an Odoo before 17, where nothing is picked: what is counted on a line is what leaves.</summary>
public sealed class OlderShipmentTests
{
    private const string Desks = """
        { "name": "WH/OUT/00001", "state": "done", "context": { "skip_backorder": true },
          "move_ids": [ { "product_id": { "default_code": "DESK0005" }, "product_uom": { "name": "Units" }, "quantity": 2, "picked": true } ] }
        """;

    public static TheoryData<int, bool> Versions => new() { { 14, false }, { 15, false }, { 16, false }, { 16, true } };

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task What_is_not_named_stays_though_somebody_has_counted_it(int version, bool counted)
    {
        await using var bench = await OdooBench.StartAsync(options => options with { Api = OdooApi.Jsonrpc }, new OdooSimulatorOptions { Version = version });
        var order = OdooBench.Order();
        order["lines"] = JsonNode.Parse("""
            [ { "id": "1", "default_code": "DESK0005", "product_uom_qty": 3, "unit_code": "C62", "price_unit": 10 },
              { "id": "2", "default_code": "FURN_8888", "product_uom_qty": 2, "unit_code": "C62", "price_unit": 7 } ]
            """);
        var reference = (await bench.CreateAsync(order)).Reference;
        Assert.Equal(OperationStatus.Done, (await CallAsync(bench, "order.confirm", "{}", reference)).Status);
        if (counted) await OlderOdoo.WriteAsync(bench.Odoo, "stock.move", 2, new JsonObject { ["quantity_done"] = 2 });

        var result = await CallAsync(bench, "shipment.validate", Desks, reference);

        Assert.True(result.Status == OperationStatus.Done, result.Reason ?? result.Detail);
        var shipped = OdooBench.Json(result.Record);
        Assert.Equal([("DESK0005", 2m)], MovesOf(shipped).Where(move => move.Done > 0));
        var rest = Assert.Single(shipped.GetProperty("backorder_ids").EnumerateArray()).GetProperty("move_ids").EnumerateArray();
        Assert.Equal([1m, 2m], rest.Select(move => move.GetProperty("product_uom_qty").GetDecimal()).Order());
    }

    private static IEnumerable<(string Item, decimal Done)> MovesOf(JsonElement picking) => picking.GetProperty("move_ids").EnumerateArray()
        .Select(move => (move.GetProperty("product_id").GetProperty("default_code").GetString()!, move.GetProperty("state").GetString() == "done" ? move.GetProperty("quantity").GetDecimal() : 0));

    private static ValueTask<OperationResult> CallAsync(OdooBench bench, string operation, string input, string? reference) => bench.Backend.Operations[operation].CallAsync(
        new OperationCall(OdooBench.Json(input), LogisticsBench.Acme) { ExternalId = operation.Replace('.', '_'), Reference = reference }, TestContext.Current.CancellationToken);
}
