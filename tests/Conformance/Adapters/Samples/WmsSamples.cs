using System.Globalization;
using Gateway.Adapters.Wms;
using Gateway.Simulators;

namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>The warehouse's operations on its simulator.</summary>
internal static class WmsSamples
{
    public static readonly AdapterSample Adapter = new("wms", PlayAsync, Options,
    [
        new("warehouse-order.create", world => ValueTask.FromResult(Order(world)))
        {
            ChangedBy = ("POST", "/order"),
            Times = (world, call) => world.Wms.Orders.Count(order => order.ReferenceId == call.ExternalId),
            Refused = world => ValueTask.FromResult(Order(world, sku: "NOPE")),
        },
        new("warehouse-order.cancel", async world => world.Call("{}", $"cancel_{world.Next()}", (await world.DoneAsync("warehouse-order.create")).Result.Reference))
        {
            ChangedBy = ("POST", ":cancel"),
            Times = (world, call) => world.Wms.Orders.Count(order => Id(order.Id) == call.Reference && order.Status == "Cancelled"),
            Refused = async world => world.Call("{}", $"cancel_{world.Next()}", Id((await ShippedAsync(world)).OrderId)),
        },
        new("warehouse-order.read", async world => world.Call("{}", reference: (await world.DoneAsync("warehouse-order.create")).Result.Reference))
        {
            Missing = world => ValueTask.FromResult(world.Call("{}", reference: "9999")),
        },
        new("return.create", world => ValueTask.FromResult(Return(world)))
        {
            ChangedBy = ("POST", "/return"),
            Times = (world, call) => world.Wms.Returns.Count(back => back.ReferenceId == call.ExternalId),
            Refused = world => ValueTask.FromResult(Return(world, sku: "NOPE")),
        },
        new("return.cancel", async world => world.Call("{}", $"cancel_{world.Next()}", (await world.DoneAsync("return.create")).Result.Reference))
        {
            ChangedBy = ("POST", ":cancel"),
            Times = (world, call) => world.Wms.Returns.Count(back => Id(back.Id) == call.Reference && back.Status == "Cancelled"),
            Refused = async world => world.Call("{}", $"cancel_{world.Next()}", await ReceivedAsync(world)),
        },
        new("return.read", async world => world.Call("{}", reference: await ReceivedAsync(world)))
        {
            Missing = world => ValueTask.FromResult(world.Call("{}", reference: "9999")),
        },
        new("shipment.read", async world => world.Call($$"""{ "id": "{{Name(await ShippedAsync(world))}}" }"""))
        {
            Missing = async world => world.Call($$"""{ "id": "{{(await ShippedAsync(world)).OrderId}}/99" }"""),
        },
        new("stock.read", world => ValueTask.FromResult(world.Call("""{ "item": "DESK0005", "location": "WH2" }""")))
        {
            Missing = world => ValueTask.FromResult(world.Call("""{ "item": "NOPE" }""")),
        },
    ])
    {
        Key = "demo-wms-key",
        Chatter =
        [
            (422, """{ "errors": [{ "code": "unknown_sku", "field": "products[0].reference_id", "message": "{leak}" }] }"""),
            (422, """{ "message": "{leak}" }"""),
            (400, """{ "errors": [{ "code": "invalid", "field": null, "message": "{leak}" }] }"""),
            (404, """{ "errors": [{ "code": "not_found", "message": "{leak}" }] }"""),
            (409, """{ "errors": [{ "code": "already_shipped", "message": "{leak}" }] }"""),
            (500, """{ "errors": [{ "code": "internal", "message": "{leak}" }] }"""),
            (500, """{ "trace": "{leak}" }"""),
            (200, """{ "surprise": "{leak}" }"""),
        ],
    };

    private static OperationCall Order(SampleWorld world, string sku = "DESK0005") => world.Call($$"""
        {
          "order_number": "S{{world.Next()}}", "fulfillment_center": "WH", "shipping_method": "Standard",
          "recipient": { "name": "Acme Lager", "address": { "address1": "Hafenstr. 1", "city": "Hamburg", "zip_code": "20457", "country": "DE" } },
          "products": [ { "reference_id": "{{sku}}", "quantity": 1, "external_line_id": 1 } ]
        }
        """, $"warehouse-order_{world.Next()}");

    private static OperationCall Return(SampleWorld world, string sku = "DESK0005") =>
        world.Call($$"""{ "fulfillment_center": "WH", "inventory": [ { "sku": "{{sku}}", "quantity": 2, "requested_action": "Default" } ] }""", $"return_{world.Next()}");

    private static async ValueTask<string> ReceivedAsync(SampleWorld world)
    {
        var (_, made) = await world.DoneAsync("return.create");
        world.Wms.Receive(int.Parse(made.Reference!, CultureInfo.InvariantCulture), new Dictionary<string, int> { ["DESK0005"] = 2 });
        return made.Reference!;
    }

    private static async ValueTask<WmsShipment> ShippedAsync(SampleWorld world)
    {
        var (_, made) = await world.DoneAsync("warehouse-order.create");
        return world.Wms.Ship(int.Parse(made.Reference!, CultureInfo.InvariantCulture)).Shipment!;
    }

    private static string Name(WmsShipment shipment) => $"{Id(shipment.OrderId)}/{Id(shipment.Id)}";

    private static string Id(int id) => id.ToString(CultureInfo.InvariantCulture);

    private static async Task<PlayedBackend> PlayAsync()
    {
        var wms = await WmsSimulator.StartAsync();
        return new PlayedBackend(wms, wms.Url, wms.Chaos, () => wms.Requests, () => wms.LastTraceParent);
    }

    private static WmsOptions Options(Uri url, Secret key) => new()
    {
        Adapter = "wms",
        Url = url,
        Channel = 100_001,
        Credential = new CredentialOptions { Key = key },
        Resilience = new ResilienceOptions { RetryDelay = TimeSpan.FromMilliseconds(1) },
    };
}
