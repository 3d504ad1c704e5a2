using System.Text.Json.Nodes;
using Gateway.Simulators;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Simulators;

public sealed class OdooSearchTests
{
    [Theory]
    [InlineData("product.product", """[["default_code","=","DESK0005"]]""", "15")]
    [InlineData("product.product", """[["barcode","=","04012345000016"]]""", "15")]
    [InlineData("product.product", """[["default_code","in",["DESK0005","FURN_7777"]]]""", "15,5")]
    [InlineData("product.product",
        """["|",["default_code","=","DESK0005"],"&",["name","ilike","office"],["list_price","<",50]]""", "15,6")]
    [InlineData("product.product", """["!",["is_storable","=",true]]""", "60")]
    [InlineData("product.product", """[["default_code","=like","CAB-_M"]]""", "40,41")]
    [InlineData("product.product", """[["default_code","like","cab"]]""", "")]
    [InlineData("product.product", """[["default_code","=ilike","cab-%"]]""", "40,41")]
    [InlineData("product.product", """[["default_code","not ilike","_"],["id","<=",15]]""", "")]
    [InlineData("product.product", """[["list_price",">=",750],["list_price","!=",885]]""", "15")]
    [InlineData("product.product", """[["taxes_id","in",[1]],["type","=","service"]]""", "60")]
    [InlineData("product.product", """[["description_sale","!=",false]]""", "5")]
    [InlineData("stock.quant", """[["product_id","=",15],["location_id.warehouse_id.code","=","WH2"]]""", "6")]
    [InlineData("stock.quant", """[["product_id.default_code","=","DESK0005"],["location_id","ilike","WH2/"]]""", "6")]
    [InlineData("res.partner", """[["country_id.code","=","DE"],["ref","!=",false]]""", "46,48")]
    [InlineData("res.partner", """[["country_id","=","Germany"],["ref","not in",["ACME-DE"]],["ref","!=",false]]""", "48")]
    [InlineData("stock.warehouse", """[[1,"=",1]]""", "1,2")]
    public async Task Domains_find_what_they_say(string model, string domain, string found)
    {
        await using var odoo = await OdooSimulator.StartAsync();
        using var caller = new OdooCaller(odoo);
        var ids = await caller.CallAsync(model, "search", new JsonObject { ["domain"] = JsonNode.Parse(domain) });
        Assert.Equal(found, string.Join(',', ids!.AsArray().Select(id => id!.ToJsonString())));
    }

    [Theory]
    [InlineData("""[["name","~~","x"]]""", "Invalid operator in condition ('name', '~~', 'x')")]
    [InlineData("""[["nope","=",1]]""", "Invalid field res.partner.nope in condition ('nope', '=', 1)")]
    [InlineData("""["|",["name","=","x"]]""", "Domain ['|', ['name', '=', 'x']] is syntactically not correct")]
    [InlineData("""[["write_date",">","2026-11-23T10:00:00Z"]]""",
        "time data '2026-11-23T10:00:00Z' does not match format '%Y-%m-%d %H:%M:%S'")]
    public async Task Broken_domains_are_value_errors(string domain, string message)
    {
        await using var odoo = await OdooSimulator.StartAsync();
        using var caller = new OdooCaller(odoo);
        var (status, body) = await caller.TryAsync("res.partner", "search",
            new JsonObject { ["domain"] = JsonNode.Parse(domain) });
        Assert.Equal((500, "builtins.ValueError", message), (status, (string)body!["name"]!, (string)body["message"]!));
    }

    [Fact]
    public async Task Pages_follow_order_offset_and_limit()
    {
        await using var odoo = await OdooSimulator.StartAsync();
        using var caller = new OdooCaller(odoo);
        var page = await caller.CallAsync("product.product", "search",
            JsonNode.Parse("""{"domain":[],"order":"list_price desc, id","offset":1,"limit":2}""")!.AsObject());
        Assert.Equal("[15,20]", page!.ToJsonString());
    }

    [Fact]
    public async Task Archived_records_show_only_when_asked_for()
    {
        await using var odoo = await OdooSimulator.StartAsync();
        using var caller = new OdooCaller(odoo);
        await caller.CallAsync("res.partner", "write", JsonNode.Parse("""{"ids":[46],"vals":{"active":false}}""")!.AsObject());
        async Task<int> CountAsync(string arguments) =>
            (int)(await caller.CallAsync("res.partner", "search_count", JsonNode.Parse(arguments)!.AsObject()))!;
        Assert.Equal(0, await CountAsync("""{"domain":[["ref","=","ACME-DE"]]}"""));
        Assert.Equal(1, await CountAsync("""{"domain":[["ref","=","ACME-DE"]],"context":{"active_test":false}}"""));
        Assert.Equal(1, await CountAsync("""{"domain":[["ref","=","ACME-DE"],["active","in",[true,false]]]}"""));
    }

    [Fact]
    public async Task Stock_figures_are_of_the_contexts_warehouse()
    {
        await using var odoo = await OdooSimulator.StartAsync();
        using var caller = new OdooCaller(odoo);
        await caller.CallAsync("sale.order", "load", OdooCaller.Order("PO-1", quantity: "5"));
        await caller.CallAsync("sale.order", "action_confirm", JsonNode.Parse("""{"ids":[1]}""")!.AsObject());
        async Task<string> StockAsync(string context) => (await caller.CallAsync("product.product", "read",
            JsonNode.Parse($$"""{"ids":[15],"fields":["qty_available","free_qty","virtual_available","outgoing_qty"],"context":{{context}}}""")!.AsObject()))![0]!.ToJsonString();
        Assert.Equal("""{"id":15,"qty_available":60.0,"free_qty":55.0,"virtual_available":55.0,"outgoing_qty":5.0}""",
            await StockAsync("""{"warehouse_id":1}"""));
        Assert.Equal("""{"id":15,"qty_available":20.0,"free_qty":20.0,"virtual_available":20.0,"outgoing_qty":0.0}""",
            await StockAsync("""{"warehouse_id":2}"""));
        Assert.Equal("""{"id":15,"qty_available":80.0,"free_qty":75.0,"virtual_available":75.0,"outgoing_qty":5.0}""",
            await StockAsync("{}"));
    }

    [Fact]
    public async Task A_change_later_in_the_watermarks_second_is_lost_to_greater_than()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 14, 0, 0, 700, TimeSpan.Zero));
        await using var odoo = await OdooSimulator.StartAsync(new OdooSimulatorOptions { Clock = clock });
        using var caller = new OdooCaller(odoo);
        await caller.CallAsync("sale.order", "load", OdooCaller.Order("PO-1"));
        async Task<int> CountAsync(string symbol) => (int)(await caller.CallAsync("sale.order", "search_count",
            new JsonObject { ["domain"] = new JsonArray(new JsonArray("write_date", symbol, "2026-11-23 14:00:00")) }))!;
        Assert.Equal(0, await CountAsync(">"));
        Assert.Equal(1, await CountAsync(">="));
    }
}
