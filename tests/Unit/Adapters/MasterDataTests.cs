using System.Text.Json.Nodes;
using Xunit;
using static Gateway.OperationStatus;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>Customers, credit, prices and places, against the simulated Odoo.</summary>
public sealed class MasterDataTests
{
    [Fact]
    public async Task A_customer_is_read_with_its_country()
    {
        await using var bench = await OdooBench.StartAsync();

        var result = await bench.CallAsync("partner.read", """{"buyer":"ACME-DE"}""");

        Assert.Equal(Done, result.Status);
        Assert.Equal("DE", OdooBench.Json(result.Record).GetProperty("country_id").GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("partner.read", """{"buyer":"NOPE"}""")]
    [InlineData("partner.read", "{}")]
    [InlineData("credit.check", """{"buyer":"NOPE"}""")]
    [InlineData("price.read", """{"buyer":"NOPE","item":"DESK0005"}""")]
    [InlineData("price.read", """{"buyer":"GLOBEX-US","item":"NOPE"}""")]
    [InlineData("price.read", """{"buyer":"ACME-DE","item":"DESK0005"}""")]
    [InlineData("location.read", """{"warehouse":"NOPE"}""")]
    [InlineData("location.read", """{"location":"WH/Nowhere"}""")]
    [InlineData("location.read", "{}")]
    public async Task What_is_not_there_is_not_found(string operation, string input)
    {
        await using var bench = await OdooBench.StartAsync();

        Assert.Equal(NotFound, (await bench.CallAsync(operation, input)).Status);
    }

    [Fact]
    public async Task A_warehouse_and_a_place_are_read_with_what_they_refer_to()
    {
        await using var bench = await OdooBench.StartAsync();

        var warehouse = OdooBench.Json((await bench.CallAsync("location.read", """{"warehouse":"WH"}""")).Record);
        var place = OdooBench.Json((await bench.CallAsync("location.read", """{"location":"WH/Stock"}""")).Record);

        Assert.Equal("WH/Stock", warehouse.GetProperty("lot_stock_id").GetProperty("complete_name").GetString());
        Assert.Equal(("WH", "WH"), (place.GetProperty("location_id").GetProperty("complete_name").GetString(), place.GetProperty("warehouse_id").GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("DESK0005", 2)]
    [InlineData("MON-27", 1)]
    [InlineData(null, 2)]
    public async Task Of_a_price_list_those_rows_are_told_that_are_about_the_item(string? item, int rows)
    {
        await using var order = await OrderBench.StartAsync();
        await order.OdooAsync("res.partner/write", new JsonObject { ["ids"] = new JsonArray(46), ["vals"] = new JsonObject { ["property_product_pricelist"] = 1 } });

        var result = await order.CallAsync("price.read", new JsonObject { ["buyer"] = "ACME-DE", ["item"] = item }.ToJsonString().Replace("\"item\":null", "\"other\":1", StringComparison.Ordinal));

        Assert.Equal(Done, result.Status);
        var list = OdooBench.Json(result.Record);
        Assert.Equal((rows, "EUR"), (list.GetProperty("item_ids").GetArrayLength(), list.GetProperty("currency_id").GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Credit_is_the_limit_less_what_is_owed_and_what_is_confirmed()
    {
        await using var bench = await OrderBench.StartAsync();
        await bench.OdooAsync("res.partner/write", new JsonObject { ["ids"] = new JsonArray(46), ["vals"] = new JsonObject { ["use_partner_credit_limit"] = true, ["credit_limit"] = 2000 } });
        async Task<string> CheckAsync(string amount) => OdooBench.Json((await bench.CallAsync("credit.check", $$"""{"buyer":"ACME-DE","amount":"{{amount}}"}""")).Record) is var check
            ? $"{check.GetProperty("open_orders")} {check.GetProperty("available")} {check.GetProperty("sufficient")}"
            : "";

        Assert.Equal("0.00 2000.00 True", await CheckAsync("2000"));
        await bench.ConfirmAsync();
        Assert.Equal("1013.30 986.70 True", await CheckAsync("986.70"));
        Assert.Equal("1013.30 986.70 False", await CheckAsync("986.71"));
    }

    [Fact]
    public async Task Without_a_limit_every_amount_is_sufficient_and_no_limit_is_told()
    {
        await using var bench = await OdooBench.StartAsync();

        var check = OdooBench.Json((await bench.CallAsync("credit.check", """{"buyer":"ACME-DE","amount":1000000}""")).Record);

        Assert.True(check.GetProperty("sufficient").GetBoolean());
        Assert.False(check.TryGetProperty("credit_limit", out _));
        Assert.Equal(Malformed, (await bench.CallAsync("credit.check", """{"buyer":"ACME-DE","amount":"-1"}""")).Status);
    }

    [Fact]
    public async Task A_customer_of_another_company_is_not_there()
    {
        await using var bench = await OrderBench.StartAsync();
        await bench.OdooAsync("res.company/create", new JsonObject { ["vals_list"] = new JsonArray(new JsonObject { ["name"] = "Other", ["currency_id"] = 125, ["partner_id"] = 1 }) });
        await bench.OdooAsync("res.partner/write", new JsonObject { ["ids"] = new JsonArray(46), ["vals"] = new JsonObject { ["company_id"] = 2 } });

        Assert.Equal(NotFound, (await bench.CallAsync("partner.read", """{"buyer":"ACME-DE"}""")).Status);
        Assert.Equal(NotFound, (await bench.CallAsync("credit.check", """{"buyer":"ACME-DE"}""")).Status);
    }
}
