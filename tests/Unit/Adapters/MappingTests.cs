using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Cases;
using Gateway.Configuration;
using Gateway.Policies.Transform;
using Xunit;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>The mappings between the canonical contracts and Odoo, alone and over the whole way.</summary>
public sealed class MappingTests
{
    private static readonly MappingWorkspace Shipped = MappingWorkspace.Of(WorkspaceLoader.Load(WorkspaceFiles.Read(Repository.Root), new LoadOptions { ResolveSecrets = false }));

    private static readonly Partner Buyer = new("acme", "Acme") { Buyers = ["ACME-DE"] };

    [Fact]
    public void An_order_is_mapped_name_by_name()
    {
        var mapped = Run("order.to", Example(), For(Buyer with { Warehouse = "WH" }));

        Assert.Equal(Normal("""
            {"client_order_ref":"PO-4711","buyer":"ACME-DE","currency":"EUR","warehouse":"WH","commitment_date":"2026-11-27 12:00:00","note":"call before delivery",
             "delivery":{"name":"Acme Lager","street":"Hafenstr. 1","zip":"20457","city":"Hamburg","country":"DE"},
             "lines":[{"id":"1","default_code":"DESK0005","product_uom_qty":3,"unit_code":"C62","price_unit":"12.50","price_base":1}]}
            """), mapped.GetRawText());
    }

    [Fact]
    public void What_is_left_out_is_not_sent()
    {
        var order = Example();
        order.Remove("delivery");
        order.Remove("note");
        ((JsonObject)order["orderLines"]![0]!["price"]!).Remove("baseQuantity");

        var mapped = Run("order.to", order);

        Assert.Equal(["client_order_ref", "buyer", "currency", "lines"], mapped.EnumerateObject().Select(member => member.Name));
        Assert.Equal(1, mapped.GetProperty("lines")[0].GetProperty("price_base").GetInt32());
    }

    [Fact]
    public void Lines_with_one_id_are_refused()
    {
        var order = Example();
        order["orderLines"]!.AsArray().Add(order["orderLines"]![0]!.DeepClone());

        Assert.Equal("orderLines: the ids of the lines must differ", Error("order.to", order));
    }

    [Fact]
    public void A_period_that_ends_before_it_starts_is_refused()
    {
        var order = Example();
        order["delivery"]!["requestedDeliveryPeriod"]!["endDate"] = "2026-11-24";

        Assert.Equal("delivery/requestedDeliveryPeriod: endDate is before startDate", Error("order.to", order));
    }

    [Fact]
    public async Task From_the_contract_to_odoo_and_back_to_the_contract()
    {
        await using var bench = await OdooBench.StartAsync();
        var order = Example();
        var second = order["orderLines"]![0]!.DeepClone();
        second["id"] = "20";
        second["quantity"] = 200;
        second["item"] = new JsonObject { ["sellersItemIdentification"] = "CAB-2M" };
        second["price"] = new JsonObject { ["priceAmount"] = "410.00", ["baseQuantity"] = 100 };
        order["orderLines"]!.AsArray().Add(second);

        var input = Run("order.to", order, For(Buyer with { Warehouse = "WH" }));
        var result = await bench.CreateAsync(JsonNode.Parse(input.GetRawText())!.AsObject());
        var answer = Run("order.from", OdooBench.Json(result.Record), new MappingFacts(DateTimeOffset.UnixEpoch, "test") { Accepted = Json(order), Id = "ord_1" });

        Assert.Empty(Workspace.Contract("order-response@1").Validate(answer));
        Assert.Equal("S00001", answer.GetProperty("salesOrderId").GetString());
        Assert.Equal("accepted", answer.GetProperty("orderStatusCode").GetString());
        Assert.Equal("857.50", answer.GetProperty("legalMonetaryTotal").GetProperty("taxExclusiveAmount").GetString());
        var line = answer.GetProperty("orderLines")[1];
        Assert.Equal(("20", "200", "410.00", "100", "820.00", "accepted"), (
            line.GetProperty("id").GetString(), line.GetProperty("quantity").GetRawText(), line.GetProperty("price").GetProperty("priceAmount").GetString(),
            line.GetProperty("price").GetProperty("baseQuantity").GetRawText(), line.GetProperty("lineExtensionAmount").GetString(),
            line.GetProperty("lineStatusCode").GetString()));
        Assert.Equal("Network Cable 2 m", line.GetProperty("item").GetProperty("name").GetString());
        Assert.Equal(
            JsonNode.Parse(result.Facts.Span)!["legalMonetaryTotal"]!.ToJsonString(), answer.GetProperty("legalMonetaryTotal").GetRawText());
    }

    [Theory]
    [InlineData("draft", "false", "no", "accepted")]
    [InlineData("sent", "false", "no", "accepted")]
    [InlineData("sale", "false", "to invoice", "released")]
    [InlineData("sale", "\"pending\"", "no", "released")]
    [InlineData("sale", "\"started\"", "no", "picked")]
    [InlineData("sale", "\"partial\"", "no", "picked")]
    [InlineData("sale", "\"partial\"", "invoiced", "picked")]
    [InlineData("sale", "\"full\"", "to invoice", "shipped")]
    [InlineData("sale", "\"full\"", "invoiced", "invoiced")]
    [InlineData("sale", "false", "invoiced", "invoiced")]
    [InlineData("cancel", "\"full\"", "invoiced", "cancelled")]
    public void States_of_orders(string state, string delivery, string invoice, string status)
    {
        var record = Record();
        record["order"]!["state"] = state;
        record["order"]!["delivery_status"] = JsonNode.Parse(delivery);
        record["order"]!["invoice_status"] = invoice;

        Assert.Equal(status, Answer(record).GetProperty("orderStatusCode").GetString());
    }

    [Theory]
    [InlineData("draft", "{}", "accepted")]
    [InlineData("sale", "{}", "released")]
    [InlineData("sale", """{"qty_delivered":1}""", "partiallyShipped")]
    [InlineData("sale", """{"qty_delivered":3}""", "shipped")]
    [InlineData("sale", """{"qty_delivered":3,"qty_invoiced":3}""", "invoiced")]
    [InlineData("cancel", """{"qty_delivered":3}""", "cancelled")]
    [InlineData("draft", """{"product_uom_qty":2}""", "changed")]
    [InlineData("sale", """{"price_unit":"70.00"}""", "changed")]
    [InlineData("draft", """{"product":{"id":6,"default_code":"FURN_8888","name":"Office Lamp"}}""", "changed")]
    public void States_of_lines(string state, string change, string status)
    {
        var record = Record();
        record["order"]!["state"] = state;
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
            record["lines"]![0]![name] = value?.DeepClone();

        Assert.Equal(status, Answer(record).GetProperty("orderLines")[0].GetProperty("lineStatusCode").GetString());
    }

    [Fact]
    public void A_changed_price_is_shown_as_odoo_keeps_it()
    {
        var record = Record();
        record["lines"]![0]!["price_unit"] = "70.00";

        Assert.Equal("""{"priceAmount":"70.00","baseQuantity":1}""", Answer(record).GetProperty("orderLines")[0].GetProperty("price").GetRawText());
    }

    [Fact]
    public void Lines_taken_out_and_lines_added_in_odoo_are_told_apart()
    {
        var record = Record();
        var freight = record["lines"]![0]!.AsObject();
        freight.Remove("line");
        freight["product"] = JsonNode.Parse("""{"id":9,"name":"Freight"}""");

        var lines = Answer(record).GetProperty("orderLines");

        Assert.Equal(2, lines.GetArrayLength());
        Assert.Equal(("1", "0", "cancelled"), (lines[0].GetProperty("id").GetString(), lines[0].GetProperty("quantity").GetRawText(), lines[0].GetProperty("lineStatusCode").GetString()));
        Assert.Equal(("added-1", "product-9"), (lines[1].GetProperty("id").GetString(), lines[1].GetProperty("item").GetProperty("sellersItemIdentification").GetString()));
    }

    [Fact]
    public void Five_hundred_lines_are_mapped_both_ways()
    {
        var order = Example();
        var record = Record();
        for (var n = 2; n <= 500; n++)
        {
            var asked = order["orderLines"]![0]!.DeepClone();
            asked["id"] = n.ToString(System.Globalization.CultureInfo.InvariantCulture);
            order["orderLines"]!.AsArray().Add(asked);
            var kept = record["lines"]![0]!.DeepClone();
            kept["line"] = asked["id"]!.DeepClone();
            record["lines"]!.AsArray().Insert(0, kept);
        }

        Assert.Equal(500, Run("order.to", order).GetProperty("lines").GetArrayLength());
        var answer = Answer(record, order);
        Assert.Equal(500, answer.GetProperty("orderLines").GetArrayLength());
        Assert.All(answer.GetProperty("orderLines").EnumerateArray(), line => Assert.Equal("accepted", line.GetProperty("lineStatusCode").GetString()));
    }

    [Theory]
    [InlineData("MON-27", "04012345000115", "goods")]
    [InlineData("SETUP", null, "service")]
    public async Task Items(string sku, string? gtin, string type)
    {
        await using var bench = await OdooBench.StartAsync();
        var result = await bench.CallAsync("item.read", $$"""{"sku":"{{sku}}"}""");

        var item = Run("item.from", OdooBench.Json(result.Record));

        Assert.Empty(Workspace.Contract("item@1").Validate(item));
        Assert.Equal(type, item.GetProperty("itemTypeCode").GetString());
        Assert.Equal(gtin, item.TryGetProperty("standardItemIdentification", out var standard) ? standard.GetString() : null);
        Assert.Equal("C62", item.GetProperty("unitCode").GetString());
        Assert.Equal("EUR", item.GetProperty("documentCurrencyCode").GetString());
        Assert.True(item.GetProperty("active").GetBoolean());
    }

    [Theory]
    [InlineData("partner.read", "partner.from", "partner@1", "ACME-DE")]
    [InlineData("location.read", "warehouse.from", "location@1", "WH")]
    [InlineData("price.read", "price.from", "price@1", "2")]
    public async Task Master_data_as_the_operations_read_them(string operation, string mapping, string contract, string id)
    {
        await using var bench = await OdooBench.StartAsync();
        var result = await bench.CallAsync(operation, $$"""{"buyer":"{{(id == "2" ? "GLOBEX-US" : id)}}","warehouse":"{{id}}"}""");

        var document = Run(mapping, OdooBench.Json(result.Record));

        Assert.Empty(Workspace.Contract(contract).Validate(document));
        Assert.Equal(id, document.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Stock_below_zero_is_nothing_available()
    {
        await using var bench = await OdooBench.StartAsync();
        bench.Odoo.SetStock("MON-27", "WH", -4);
        var result = await bench.CallAsync("inventory.read", """{"item":"MON-27","location":"WH"}""");

        var stock = Run("stock.from", OdooBench.Json(result.Record));

        Assert.Empty(Workspace.Contract("stock@1").Validate(stock));
        Assert.Equal(("-4", "0", "WH"), (
            stock.GetProperty("quantity").GetRawText(), stock.GetProperty("availableQuantity").GetRawText(),
            stock.GetProperty("inventoryLocation").GetProperty("id").GetString()));
    }

    private static JsonObject Example() => JsonNode.Parse(Workspace.Document("order@1").GetProperty("examples")[0].GetRawText())!.AsObject();

    /// <summary>The example's order as Odoo answers it.</summary>
    private static JsonObject Record() => JsonNode.Parse("""
        {
          "order": { "id": 79, "name": "S00079", "state": "draft", "delivery_status": false, "invoice_status": "no",
            "currency": { "name": "EUR", "decimal_places": 2 }, "amount_untaxed": "37.50", "amount_tax": "0.00", "amount_total": "37.50" },
          "lines": [ { "id": 237, "line": "1", "product_id": [15, "[DESK0005] Desk"], "product_uom_qty": 3, "price_unit": "12.50", "qty_delivered": 0, "qty_invoiced": 0,
            "price_subtotal": "37.50", "unit_code": "C62", "product": { "id": 15, "default_code": "DESK0005", "name": "Customizable Desk" } } ]
        }
        """)!.AsObject();

    private static JsonElement Answer(JsonObject record, JsonObject? accepted = null)
    {
        var answer = Run("order.from", record, new MappingFacts(DateTimeOffset.UnixEpoch, "test") { Accepted = Json(accepted ?? Example()), Id = "ord_1" });
        Assert.Empty(Workspace.Contract("order-response@1").Validate(answer));
        return answer;
    }

    private static JsonElement Run(string mapping, JsonObject input, MappingFacts? facts = null) => Run(mapping, Json(input), facts);

    private static JsonElement Run(string mapping, JsonElement input, MappingFacts? facts = null)
    {
        var (output, error) = Shipped.Find("odoo/" + mapping)!.Run(input, facts ?? For(Buyer));
        Assert.Null(error);
        return OdooBench.Json(output!.Value);
    }

    private static string? Error(string mapping, JsonObject input) => Shipped.Find("odoo/" + mapping)!.Run(Json(input), For(Buyer)).Error?.Message;

    private static MappingFacts For(Partner partner) => new(DateTimeOffset.UnixEpoch, "test") { Partner = partner };

    private static JsonElement Json(JsonObject document) => OdooBench.Json(document.ToJsonString());

    private static string Normal(string json) => JsonNode.Parse(json)!.ToJsonString();
}
