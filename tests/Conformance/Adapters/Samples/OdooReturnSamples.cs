using Gateway.Simulators;

namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>What comes back to Odoo.</summary>
internal static class OdooReturnSamples
{
    public static readonly IReadOnlyList<OperationSample> All =
    [
        new("return.create", async world => Announce(world, await OdooStockSamples.ShippedAsync(world)))
        {
            // The transfer is made by a wizard, which takes no external id, and the mark makes it this call's.
            ChangedBy = ("POST", "/stock.picking/write"),
            Times = (world, call) => world.Odoo.Transfers.Count(transfer => transfer.ReturnOf is not null && transfer.Origin?.Contains($"({call.ExternalId})", StringComparison.Ordinal) == true),
            InAll = (world, call) => world.Odoo.Transfers.Count(transfer => transfer.ReturnOf == DeliveryOf(world, call).Id),
            // Odoo itself would take back more than was shipped.
            Refused = async world => Announce(world, await OdooStockSamples.ShippedAsync(world), desks: 3),
        },
        new("return.receive", world => ReceiveAsync(world, desks: 1))
        {
            ChangedBy = ("POST", "/stock.picking/button_validate"),
            Times = (world, call) => world.Odoo.Transfers.Count(transfer => transfer.State == "done" && transfer.Name == call.Input.GetProperty("name").GetString()),
            Refused = world => ReceiveAsync(world, desks: 2),
        },
        new("return.read", async world => world.Call("{}", reference: (await world.DoneAsync("return.create")).Result.Reference))
        {
            Missing = OdooSamples.NobodysAsync,
        },
    ];

    /// <summary>One desk of a delivery comes back, and is there.</summary>
    public static async ValueTask TakeBackAsync(SampleWorld world, SimulatedTransfer delivery)
    {
        var announced = await world.DoneAsync("return.create", Announce(world, delivery));
        await world.DoneAsync("return.receive", Receive(world, announced, desks: 1));
    }

    private static SimulatedTransfer DeliveryOf(SampleWorld world, OperationCall call) =>
        world.Odoo.Transfers.Single(transfer => transfer.Name == call.Input.GetProperty("picking_id").GetProperty("name").GetString());

    private static OperationCall Announce(SampleWorld world, SimulatedTransfer delivery, int desks = 1) => world.Call($$"""
        { "name": "RMA-{{world.Next()}}", "picking_id": { "name": "{{delivery.Name}}" }, "picking": {}, {{Lines(desks)}} }
        """, $"return_{world.Next()}");

    private static async ValueTask<OperationCall> ReceiveAsync(SampleWorld world, int desks) => Receive(world, (await world.DoneAsync("return.create")).Result, desks);

    private static OperationCall Receive(SampleWorld world, OperationResult announced, int desks)
    {
        var transfers = world.Odoo.Transfers;
        var back = transfers.Single(transfer => OdooOrderSamples.Reference(transfer.Id) == announced.Reference);
        return world.Call($$"""
            { "name": "{{back.Name}}", "picking_id": { "name": "{{transfers.Single(transfer => transfer.Id == back.ReturnOf).Name}}" }, {{Lines(desks)}},
              "picking": { {{OdooStockSamples.Moved(desks)}} } }
            """, $"int_{world.Next()}");
    }

    private static string Lines(int desks) => $$"""
        "product_return_moves": [ { "product_id": { "default_code": "DESK0005" }, "uom_id": { "name": "Units" }, "quantity": {{desks}}, "to_refund": true } ]
        """;
}
