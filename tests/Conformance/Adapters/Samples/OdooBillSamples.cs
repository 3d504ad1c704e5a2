using System.Net.Http.Json;
using System.Text.Json;
using Gateway.Simulators;

namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>Invoices and credit notes in Odoo. Wizards make them as drafts, and a call's work is done when they are posted.</summary>
internal static class OdooBillSamples
{
    private static readonly (string, string) Posting = ("POST", "/account.move/action_post");

    public static readonly IReadOnlyList<OperationSample> All =
    [
        new("invoice.create", async world => Bill(world, await ShippedAsync(world), "invoice"))
        {
            ChangedBy = Posting,
            Times = (world, call) => Posted(world, "out_invoice", call),
            InAll = (world, call) => OfOrder(world, "out_invoice", call),
            Refused = async world => Bill(world, OdooOrderSamples.OrderOf(world, (await world.DoneAsync("order.confirm")).Result), "invoice"),
        },
        new("credit-note.create", async world =>
        {
            var order = await InvoicedAsync(world);
            await OdooReturnSamples.TakeBackAsync(world, DeliveryOf(world, order));
            return Bill(world, order, "credit-note");
        })
        {
            ChangedBy = Posting,
            Times = (world, call) => Posted(world, "out_refund", call),
            InAll = (world, call) => OfOrder(world, "out_refund", call),
            Refused = async world => Bill(world, await InvoicedAsync(world), "credit-note"),
        },
        new("invoice.post", async world => world.Call($$"""{ "id": {{await DraftAsync(world, await ShippedAsync(world))}} }""", $"int_{world.Next()}"))
        {
            ChangedBy = Posting,
            Times = (world, call) => world.Odoo.Bills.Count(bill => bill.State == "posted" && bill.Id == call.Input.GetProperty("id").GetInt32()),
            Refused = world => ValueTask.FromResult(world.Call("""{ "id": 999999 }""", $"int_{world.Next()}")),
        },
        new("invoice.read", async world => world.Call("{}", reference: OdooOrderSamples.Reference((await InvoicedAsync(world)).Id))) { Missing = OdooSamples.NobodysAsync },
        new("credit-note.read", async world => world.Call("{}", reference: OdooOrderSamples.Reference((await InvoicedAsync(world)).Id))) { Missing = OdooSamples.NobodysAsync },
        new("payment.status", async world => world.Call($$"""{ "id": {{(await world.DoneAsync("invoice.create")).Result.Reference}} }"""))
        {
            Missing = world => ValueTask.FromResult(world.Call("""{ "id": 999999 }""")),
        },
    ];

    private static OperationCall Bill(SampleWorld world, SimulatedOrder order, string kind) =>
        world.Call($$"""{ "order": "{{order.Name}}" }""", $"{kind}_{world.Next()}");

    private static int Posted(SampleWorld world, string type, OperationCall call) => world.Odoo.Bills.Count(
        bill => bill.Type == type && bill.State == "posted" && bill.Origin?.Contains($"({call.ExternalId})", StringComparison.Ordinal) == true);

    private static int OfOrder(SampleWorld world, string type, OperationCall call) => world.Odoo.Bills.Count(
        bill => bill.Type == type && bill.Origin?.StartsWith(call.Input.GetProperty("order").GetString()!, StringComparison.Ordinal) == true);

    private static async ValueTask<SimulatedOrder> ShippedAsync(SampleWorld world)
    {
        var delivery = await OdooStockSamples.ShippedAsync(world);
        return world.Odoo.Orders.Single(order => order.Id == delivery.OrderId);
    }

    private static async ValueTask<SimulatedOrder> InvoicedAsync(SampleWorld world)
    {
        var order = await ShippedAsync(world);
        await world.DoneAsync("invoice.create", Bill(world, order, "invoice"));
        return order;
    }

    private static SimulatedTransfer DeliveryOf(SampleWorld world, SimulatedOrder order) => world.Odoo.Transfers.Single(transfer => transfer.OrderId == order.Id && transfer.ReturnOf is null);

    /// <summary>Somebody in Odoo makes a draft of an order's invoice; its id. Over JSON-RPC, which all versions speak.</summary>
    private static async Task<int> DraftAsync(SampleWorld world, SimulatedOrder order)
    {
        using var odoo = new HttpClient { BaseAddress = world.Url };
        var wizard = await CallAsync("create", """{ "advance_payment_method": "delivered" }""");
        await CallAsync("create_invoices", $"[{wizard}]");
        return world.Odoo.Bills[^1].Id;

        async Task<JsonElement> CallAsync(string method, string argument)
        {
            using var answer = await odoo.PostAsJsonAsync("jsonrpc", SampleWorld.Json($$"""
                { "jsonrpc": "2.0", "method": "call", "id": 1, "params": { "service": "object", "method": "execute_kw", "args": [
                    "demo", 2, "{{world.Key}}", "sale.advance.payment.inv", "{{method}}", [{{argument}}], { "context": { "active_ids": [{{order.Id}}] } } ] } }
                """));
            answer.EnsureSuccessStatusCode();
            return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("result");
        }
    }
}
