using System.Globalization;
using Gateway.Simulators;

namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>Orders in Odoo.</summary>
internal static class OdooOrderSamples
{
    public static readonly IReadOnlyList<OperationSample> All =
    [
        new("order.create", world => ValueTask.FromResult(world.Call(Order($"PO-{world.Next()}"), $"order_{world.Next()}")))
        {
            ChangedBy = ("POST", "/sale.order/load"),
            Times = (world, call) => world.Odoo.Orders.Count(order => order.ExternalId == "odoo_gateway." + call.ExternalId),
            Refused = world => ValueTask.FromResult(world.Call(Order("PO-0", sku: "NOPE"), "order_0")),
        },
        new("order.read", world => OfOrderAsync(world, "order.create")) { Missing = OdooSamples.NobodysAsync },
        new("order.change", world => ChangeAsync(world, reference => Order(reference, quantity: 5)))
        {
            ChangedBy = ("POST", "/sale.order/load"),
            Times = (world, call) => world.Odoo.Orders.Count(order => IsOf(order, call) && order.Lines is [{ Quantity: 5 }]),
            Refused = world => ChangeAsync(world, _ => Order("another")),
        },
        new("order.confirm", world => OfOrderAsync(world, "order.create"))
        {
            ChangedBy = ("POST", "/sale.order/action_confirm"),
            Times = (world, call) => world.Odoo.Orders.Count(order => IsOf(order, call) && order.State == "sale"),
            Refused = world => OfOrderAsync(world, "order.cancel"),
        },
        new("order.cancel", world => OfOrderAsync(world, "order.create"))
        {
            ChangedBy = ("POST", "/sale.order/action_cancel"),
            Times = (world, call) => world.Odoo.Orders.Count(order => IsOf(order, call) && order.State == "cancel"),
            // Odoo itself would cancel what has been shipped.
            Refused = async world => world.Call("{}", $"int_{world.Next()}", Reference((await OdooStockSamples.ShippedAsync(world)).OrderId!.Value)),
        },
    ];

    /// <summary>The order that a result is about.</summary>
    public static SimulatedOrder OrderOf(SampleWorld world, OperationResult result) => world.Odoo.Orders.Single(order => Reference(order.Id) == result.Reference);

    public static string Reference(int id) => id.ToString(CultureInfo.InvariantCulture);

    private static async ValueTask<OperationCall> ChangeAsync(SampleWorld world, Func<string, string> order)
    {
        var (made, result) = await world.DoneAsync("order.create");
        return world.Call(order(made.Input.GetProperty("client_order_ref").GetString()!), $"int_{world.Next()}", result.Reference);
    }

    /// <summary>About an order to which something was done.</summary>
    private static async ValueTask<OperationCall> OfOrderAsync(SampleWorld world, string done) =>
        world.Call("{}", $"int_{world.Next()}", (await world.DoneAsync(done)).Result.Reference);

    private static bool IsOf(SimulatedOrder order, OperationCall call) => Reference(order.Id) == call.Reference;

    private static string Order(string reference, string sku = "DESK0005", int quantity = 2) => $$"""
        {
          "client_order_ref": "{{reference}}", "buyer": "ACME-DE", "currency": "EUR", "warehouse": "WH",
          "lines": [ { "default_code": "{{sku}}", "product_uom_qty": {{quantity}}, "unit_code": "C62", "price_unit": "12.50", "price_base": 1 } ]
        }
        """;
}
