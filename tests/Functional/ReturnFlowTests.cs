using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Demo;
using Gateway.Simulators;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>The flow return-to-credit as it is shipped, between the simulators, with answers that are lost and webhooks that come twice.</summary>
public sealed class ReturnFlowTests
{
    // GLOBEX-DE and DESK0005, in the simulated Odoo.
    private const int Buyer = 48;

    private const int Desk = 15;

    [Fact]
    public async Task Just_what_the_warehouse_takes_is_booked_and_credited_whatever_answers_are_lost()
    {
        var (demo, _) = await Demonstration.StartAsync(new DemoOptions { Workspace = Repository.Root, Urls = "http://127.0.0.1:0", AdminUrls = "http://127.0.0.1:0" }, TestContext.Current.CancellationToken);
        await using (demo!)
        {
            var (odoo, wms) = (demo!.Simulators.Odoo, demo.Simulators.Wms);
            using var partner = new Caller(demo.Gateway.Url, "globex-demo-key");
            var (order, shipment) = await ShippedAsync(odoo, 3);
            wms.Chaos.Set(new ChaosRule(ChaosMode.DropAfterWork) { Count = 1, Method = "POST", Path = "/return" });

            var announced = await partner.SendAsync("POST", "/v1/returns", Return(shipment, 3), "r-1");
            Assert.True(announced.Status == 201, announced.Body);
            await Until.True(() => wms.Returns.Count > 0, "the return at the warehouse");
            wms.Chaos.Set(new ChaosRule(ChaosMode.HookTwice) { Count = 1 });
            odoo.Chaos.Set(new ChaosRule(ChaosMode.DropAfterWork) { Count = 1, Path = "button_validate" });
            Assert.Null(wms.Receive(wms.Returns[0].Id, new Dictionary<string, int> { ["DESK0005"] = 2 }, new Dictionary<string, int> { ["DESK0005"] = 1 }));

            var issued = await Until.Found(() => EventAsync(partner, "credit-note.issued.v1"), "the credit note");
            var received = await Until.Found(() => EventAsync(partner, "return.received.v1"), "the receipt");

            Assert.Equal((announced.Text("id"), order), ((string)issued["subject"]!, (string)issued["data"]!["salesOrderId"]!));
            var line = received["data"]!["returnLines"]![0]!;
            Assert.Equal((announced.Text("id"), "received", 3, 1), ((string)received["subject"]!, (string)received["data"]!["returnStatusCode"]!, (int)line["receivedQuantity"]!, (int)line["rejectedQuantity"]!));
            var credit = Assert.Single(await RowsAsync(odoo, "account.move", """[["move_type","=","out_refund"]]""", "name", "state", "invoice_line_ids"))!;
            Assert.Equal(((string)issued["data"]!["creditNoteIds"]![0]!, "posted"), ((string)credit["name"]!, (string)credit["state"]!));
            var credited = await RowsAsync(odoo, "account.move.line", $$"""[["id","in",{{credit["invoice_line_ids"]!.ToJsonString()}}]]""", "quantity");
            Assert.Equal(2, credited.Sum(row => (decimal)row!["quantity"]!));
            Assert.Single(wms.Returns);
        }
    }

    private static string Return(string shipment, int desks) => $$"""
        { "customerReference": "RET-1", "shipmentId": "{{shipment}}", "returnLines": [{ "id": "1", "item": { "sellersItemIdentification": "DESK0005" }, "unitCode": "C62", "quantity": {{desks}} }] }
        """;

    /// <summary>An order of the buyer's that our people have entered, shipped and invoiced in Odoo: its number, and that of its shipment.</summary>
    private static async Task<(string Order, string Shipment)> ShippedAsync(OdooSimulator odoo, int desks)
    {
        var id = await MadeAsync(odoo, "sale.order", $$"""{ "partner_id": {{Buyer}}, "order_line": [[0, 0, { "product_id": {{Desk}}, "product_uom_qty": {{desks}} }]] }""");
        await DoAsync(odoo, "sale.order", "action_confirm", $$"""{ "ids": [{{id}}] }""");
        var shipment = Assert.Single(await RowsAsync(odoo, "stock.picking", $"""[["sale_id","=",{id}]]""", "name"))!;
        await DoAsync(odoo, "stock.picking", "button_validate", $$"""{ "ids": [{{shipment["id"]}}], "context": { "skip_backorder": true } }""");
        var context = $$"""{ "active_model": "sale.order", "active_id": {{id}}, "active_ids": [{{id}}] }""";
        var wizard = await MadeAsync(odoo, "sale.advance.payment.inv", """{ "advance_payment_method": "delivered" }""", context);
        await DoAsync(odoo, "sale.advance.payment.inv", "create_invoices", $$"""{ "ids": [{{wizard}}], "context": {{context}} }""");
        var invoice = Assert.Single(await RowsAsync(odoo, "account.move", "[]", "name"))!;
        await DoAsync(odoo, "account.move", "action_post", $$"""{ "ids": [{{invoice["id"]}}] }""");
        var order = Assert.Single(await RowsAsync(odoo, "sale.order", $"""[["id","=",{id}]]""", "name"))!;
        return ((string)order["name"]!, (string)shipment["name"]!);
    }

    private static async Task<string> MadeAsync(OdooSimulator odoo, string model, string values, string context = "{}") =>
        ((int)(await DoAsync(odoo, model, "create", $$"""{ "vals_list": [{{values}}], "context": {{context}} }"""))![0]!).ToString(CultureInfo.InvariantCulture);

    private static async Task<JsonArray> RowsAsync(OdooSimulator odoo, string model, string domain, params string[] fields) =>
        (await DoAsync(odoo, model, "search_read", $$"""{ "domain": {{domain}}, "fields": ["{{string.Join("\",\"", fields)}}"] }"""))!.AsArray();

    private static Task<JsonNode?> DoAsync(OdooSimulator odoo, string model, string method, string body) => odoo.DoAsync(model, method, JsonNode.Parse(body)!.AsObject());

    /// <summary>The one event of a type that the partner has; null before there is one.</summary>
    private static async Task<JsonNode?> EventAsync(Caller partner, string type)
    {
        var answer = await partner.GetAsync($"/v1/events?type={type}");
        Assert.True(answer.Status == 200, answer.Body);
        return answer.Json.AsArray().SingleOrDefault();
    }
}
