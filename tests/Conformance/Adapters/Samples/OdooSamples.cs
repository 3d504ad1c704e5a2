using Gateway.Adapters.Odoo;
using Gateway.Simulators;

namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>Odoo's operations on its simulator. Each group of operations has a list of its own.</summary>
internal static class OdooSamples
{
    public static readonly AdapterSample Adapter = new("odoo", PlayAsync, Options, [.. Orders, .. Items])
    {
        Key = "demo-odoo-key",
        ToCome =
        [
            "order.change", "order.confirm", "order.cancel", "location.read", "price.read", "partner.read", "credit.check",
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
        Credential = new CredentialOptions { Key = key },
        Resilience = new ResilienceOptions { RetryDelay = TimeSpan.FromMilliseconds(1) },
    };

    private static string Order(string reference, string sku = "DESK0005") => $$"""
        {
          "client_order_ref": "{{reference}}", "buyer": "ACME-DE", "currency": "EUR", "warehouse": "WH",
          "lines": [ { "default_code": "{{sku}}", "product_uom_qty": 2, "unit_code": "C62", "price_unit": "12.50", "price_base": 1 } ]
        }
        """;
}
