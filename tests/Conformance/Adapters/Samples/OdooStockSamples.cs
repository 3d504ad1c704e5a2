using Gateway.Simulators;

namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>What leaves an Odoo's warehouse, and what is counted there.</summary>
internal static class OdooStockSamples
{
    public static readonly IReadOnlyList<OperationSample> All =
    [
        new("shipment.validate", world => ShipAsync(world, desks: 2))
        {
            ChangedBy = ("POST", "/stock.picking/button_validate"),
            Times = (world, call) => world.Odoo.Transfers.Count(transfer => transfer.State == "done" && transfer.Name == call.Input.GetProperty("name").GetString()),
            // Odoo itself would ship more than was ordered.
            Refused = world => ShipAsync(world, desks: 3),
        },
        new("shipment.read", async world => world.Call("{}", reference: OdooOrderSamples.Reference((await ShippedAsync(world)).OrderId!.Value)))
        {
            Missing = OdooSamples.NobodysAsync,
        },
        new("stock.count", world => ValueTask.FromResult(Count(world, "MON-27")))
        {
            ChangedBy = ("POST", "/stock.quant/action_apply_inventory"),
            Times = (world, call) => world.Odoo.OnHand("MON-27", "WH") == call.Input[0].GetProperty("inventory_quantity").GetDecimal() ? 1 : 0,
            Refused = world => ValueTask.FromResult(Count(world, "NOPE")),
            NamesNothing = true,
            LeavesNoTrace = true,
        },
        new("stock.adjust", world => ValueTask.FromResult(Adjust(world, "MON-27")))
        {
            ChangedBy = ("POST", "/stock.quant/action_apply_inventory"),
            Times = (world, call) => world.Odoo.Adjustments.Count(a => a.Difference == -3 && a.Reference.Contains($"({call.ExternalId})", StringComparison.Ordinal)),
            Refused = world => ValueTask.FromResult(Adjust(world, "NOPE")),
            NamesNothing = true,
        },
    ];

    /// <summary>A delivery that has left.</summary>
    public static async ValueTask<SimulatedTransfer> ShippedAsync(SampleWorld world)
    {
        var (_, shipped) = await world.DoneAsync("shipment.validate");
        return world.Odoo.Transfers.Single(transfer => OdooOrderSamples.Reference(transfer.Id) == shipped.Reference);
    }

    /// <summary>What was done of a product, as transfers take it.</summary>
    public static string Moved(int desks) => $$"""
        "state": "done", "context": { "skip_backorder": true },
        "move_ids": [ { "product_id": { "default_code": "DESK0005" }, "product_uom": { "name": "Units" }, "quantity": {{desks}}, "picked": true } ]
        """;

    private static async ValueTask<OperationCall> ShipAsync(SampleWorld world, int desks)
    {
        var order = OdooOrderSamples.OrderOf(world, (await world.DoneAsync("order.confirm")).Result);
        var delivery = world.Odoo.Transfers.Single(transfer => transfer.OrderId == order.Id);
        return world.Call($$"""{ "name": "{{delivery.Name}}", {{Moved(desks)}} }""", $"int_{world.Next()}");
    }

    private static OperationCall Adjust(SampleWorld world, string sku) => world.Call($$"""
        { "product_id": { "default_code": "{{sku}}" }, "product_uom_id": { "name": "Units" }, "warehouse_id": { "code": "WH" }, "difference": -3, "reason": "Damaged" }
        """, $"int_{world.Next()}");

    private static OperationCall Count(SampleWorld world, string sku) => world.Call($$"""
        [{ "product_id": { "default_code": "{{sku}}" }, "product_uom_id": { "name": "Units" }, "warehouse_id": { "code": "WH" }, "inventory_quantity": {{100 + world.Next()}} }]
        """, $"int_{world.Next()}");
}
