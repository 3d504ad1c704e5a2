using Gateway.Adapters.Odoo;
using Gateway.Simulators;

namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>Odoo's operations on its simulator. Each group of operations has a list of its own.</summary>
internal static class OdooSamples
{
    public static readonly AdapterSample Adapter = new("odoo", PlayAsync, Options, [.. Orders, .. ChangesOfOrders, .. Items, .. MasterData])
    {
        Key = "demo-odoo-key",
        ToCome =
        [
            "shipment.read", "shipment.validate", "stock.count", "return.create", "return.receive", "return.read",
            "invoice.create", "invoice.post", "invoice.read", "credit-note.create", "credit-note.read", "payment.status",
        ],
        Chatter =
        [
            (422, """{ "name": "odoo.exceptions.UserError", "message": "{leak}", "arguments": ["{leak}"], "context": {}, "debug": "Traceback (most recent call last):\n{leak}" }"""),
            (403, """{ "name": "odoo.exceptions.AccessError", "message": "{leak}", "arguments": ["{leak}"], "context": {}, "debug": "Traceback (most recent call last):\n{leak}" }"""),
            (404, """{ "name": "odoo.exceptions.MissingError", "message": "{leak}", "arguments": ["{leak}"], "context": {}, "debug": "Traceback (most recent call last):\n{leak}" }"""),
            (500, """{ "name": "psycopg2.OperationalError", "message": "{leak}", "arguments": ["{leak}"], "context": {}, "debug": "Traceback (most recent call last):\n{leak}" }"""),
            (200, """{ "ids": false, "messages": [{ "type": "error", "message": "{leak}" }] }"""),
        ],
    };

    private static IReadOnlyList<OperationSample> Orders =>
    [
        new("order.create", world => ValueTask.FromResult(world.Call(Order($"PO-{world.Next()}"), $"order_{world.Next()}")))
        {
            ChangedBy = ("POST", "/sale.order/load"),
            Times = (world, call) => world.Odoo.Orders.Count(order => order.ExternalId == "odoo_gateway." + call.ExternalId),
            Refused = world => ValueTask.FromResult(world.Call(Order("PO-0", sku: "NOPE"), "order_0")),
        },
        new("order.read", async world => world.Call("{}", reference: (await world.DoneAsync("order.create")).Result.Reference))
        {
            Missing = world => ValueTask.FromResult(world.Call("{}", reference: "999999")),
        },
    ];

    private static IReadOnlyList<OperationSample> ChangesOfOrders =>
    [
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
        },
    ];

    private static IReadOnlyList<OperationSample> MasterData =>
    [
        new("partner.read", world => ValueTask.FromResult(world.Call("""{ "buyer": "ACME-DE" }""")))
        {
            Missing = world => ValueTask.FromResult(world.Call("""{ "buyer": "NOPE" }""")),
        },
        new("credit.check", world => ValueTask.FromResult(world.Call("""{ "buyer": "ACME-DE", "amount": "10" }""")))
        {
            Missing = world => ValueTask.FromResult(world.Call("""{ "buyer": "NOPE" }""")),
        },
        new("price.read", world => ValueTask.FromResult(world.Call("""{ "buyer": "GLOBEX-US", "item": "DESK0005" }""")))
        {
            Missing = world => ValueTask.FromResult(world.Call("""{ "buyer": "GLOBEX-US", "item": "NOPE" }""")),
        },
        new("location.read", world => ValueTask.FromResult(world.Call("""{ "warehouse": "WH" }""")))
        {
            Missing = world => ValueTask.FromResult(world.Call("""{ "warehouse": "NOPE" }""")),
        },
    ];

    private static IReadOnlyList<OperationSample> Items =>
    [
        new("item.read", world => ValueTask.FromResult(world.Call("""{ "sku": "DESK0005" }""")))
        {
            Missing = world => ValueTask.FromResult(world.Call("""{ "sku": "NOPE" }""")),
        },
        new("inventory.read", world => ValueTask.FromResult(world.Call("""{ "item": "DESK0005", "location": "WH" }""")))
        {
            Missing = world => ValueTask.FromResult(world.Call("""{ "item": "DESK0005", "location": "NOPE" }""")),
        },
    ];

    private static async Task<PlayedBackend> PlayAsync()
    {
        var odoo = await OdooSimulator.StartAsync();
        return new PlayedBackend(odoo, odoo.Url, odoo.Chaos, () => odoo.Requests, () => odoo.LastTraceParent);
    }

    private static OdooOptions Options(Uri url, Secret key) => new()
    {
        Adapter = "odoo",
        Url = url,
        Database = "demo",
        Api = OdooApi.Json2,
        Credential = new CredentialOptions { Key = key },
        Resilience = new ResilienceOptions { RetryDelay = TimeSpan.FromMilliseconds(1) },
    };

    private static async ValueTask<OperationCall> ChangeAsync(SampleWorld world, Func<string, string> order)
    {
        var (made, result) = await world.DoneAsync("order.create");
        return world.Call(order(made.Input.GetProperty("client_order_ref").GetString()!), $"int_{world.Next()}", result.Reference);
    }

    /// <summary>About an order to which something was done.</summary>
    private static async ValueTask<OperationCall> OfOrderAsync(SampleWorld world, string done) =>
        world.Call("{}", $"int_{world.Next()}", (await world.DoneAsync(done)).Result.Reference);

    private static bool IsOf(SimulatedOrder order, OperationCall call) => order.Id.ToString(System.Globalization.CultureInfo.InvariantCulture) == call.Reference;

    private static string Order(string reference, string sku = "DESK0005", int quantity = 2) => $$"""
        {
          "client_order_ref": "{{reference}}", "buyer": "ACME-DE", "currency": "EUR", "warehouse": "WH",
          "lines": [ { "default_code": "{{sku}}", "product_uom_qty": {{quantity}}, "unit_code": "C62", "price_unit": "12.50", "price_base": 1 } ]
        }
        """;
}
