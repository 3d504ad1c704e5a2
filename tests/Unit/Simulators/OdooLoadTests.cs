using System.Text.Json.Nodes;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Unit.Simulators;

public sealed class OdooLoadTests
{
    [Fact]
    public async Task A_new_external_id_makes_one_order_and_the_same_again_finds_it()
    {
        await using var odoo = await OdooSimulator.StartAsync();
        using var caller = new OdooCaller(odoo);
        var first = await caller.CallAsync("sale.order", "load", OdooCaller.Order("PO-1"));
        var second = await caller.CallAsync("sale.order", "load", OdooCaller.Order("PO-1"));
        Assert.Equal(first!.ToJsonString(), second!.ToJsonString());
        var order = Assert.Single(odoo.Orders);
        Assert.Equal("gw.so_PO-1", order.ExternalId);
        Assert.Equal("gw.sol_PO-1_1", Assert.Single(order.Lines).ExternalId);
        Assert.Equal(37.5m, order.AmountTotal);
    }

    [Fact]
    public async Task A_known_external_id_with_other_content_overwrites_the_order()
    {
        await using var odoo = await OdooSimulator.StartAsync();
        using var caller = new OdooCaller(odoo);
        await caller.CallAsync("sale.order", "load", OdooCaller.Order("PO-1"));
        await caller.CallAsync("sale.order", "load", OdooCaller.Order("PO-1", quantity: "9", price: "1"));
        var line = Assert.Single(Assert.Single(odoo.Orders).Lines);
        Assert.Equal((9m, 1m), (line.Quantity, line.PriceUnit));
    }

    [Fact]
    public async Task One_bad_row_leaves_nothing_of_the_call()
    {
        await using var odoo = await OdooSimulator.StartAsync();
        using var caller = new OdooCaller(odoo);
        var both = OdooCaller.Order("PO-1");
        ((JsonArray)both["data"]!).Add(((JsonArray)OdooCaller.Order("PO-2", partner: "99999999")["data"]!)[0]!.DeepClone());
        var answer = await caller.CallAsync("sale.order", "load", both);
        Assert.Equal("false", answer!["ids"]!.ToJsonString());
        Assert.Empty(odoo.Orders);
        var names = await caller.CallAsync("ir.model.data", "search_count",
            new JsonObject { ["domain"] = new JsonArray(new JsonArray("module", "=", "gw")) });
        Assert.Equal(0, (int)names!);
    }

    [Fact]
    public async Task Of_concurrent_loads_of_one_external_id_a_single_one_creates()
    {
        await using var odoo = await OdooSimulator.StartAsync(new OdooSimulatorOptions { TransactionTime = TimeSpan.FromMilliseconds(200) });
        using var caller = new OdooCaller(odoo);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(_ => caller.CallAsync("sale.order", "load", OdooCaller.Order("PO-1"))));
        Assert.Single(odoo.Orders);
        Assert.Single(answers, answer => answer!["ids"] is JsonArray);
        Assert.All(answers.Where(answer => answer!["ids"] is not JsonArray), answer => Assert.Equal(
            """{"ids":false,"messages":[{"rows":{"from":0,"to":0},"type":"error","record":0,"message":"could not serialize access due to concurrent update\n"}],"nextrow":0}""",
            answer!.ToJsonString()));
    }

    [Fact]
    public async Task Loads_of_different_external_ids_do_not_disturb_each_other()
    {
        await using var odoo = await OdooSimulator.StartAsync(new OdooSimulatorOptions { TransactionTime = TimeSpan.FromMilliseconds(50) });
        using var caller = new OdooCaller(odoo);
        await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(i => caller.CallAsync("sale.order", "load", OdooCaller.Order($"PO-{i}"))));
        Assert.Equal(20, odoo.Orders.Select(order => order.Name).Distinct().Count());
    }

    [Fact]
    public async Task Concurrent_creates_make_duplicates()
    {
        await using var odoo = await OdooSimulator.StartAsync();
        using var caller = new OdooCaller(odoo);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => caller.CallAsync("sale.order", "create", new JsonObject
        {
            ["vals_list"] = new JsonArray(new JsonObject { ["partner_id"] = 46, ["client_order_ref"] = "PO-SAME" }),
        })));
        Assert.Equal(4, odoo.Orders.Count(order => order.ClientOrderRef == "PO-SAME"));
    }

    [Theory]
    [InlineData("UTC", "2026-07-01 10:00:00")]
    [InlineData(null, "2026-07-01 08:00:00")]
    public async Task Load_reads_times_in_the_users_zone_unless_the_context_names_one(string? zone, string stored)
    {
        await using var odoo = await OdooSimulator.StartAsync();
        using var caller = new OdooCaller(odoo);
        var load = OdooCaller.Order("PO-1");
        ((JsonArray)load["fields"]!).Add("commitment_date");
        ((JsonArray)load["data"]![0]!).Add("2026-07-01 10:00:00");
        if (zone is not null)
            load["context"] = new JsonObject { ["tz"] = zone };
        var id = (int)(await caller.CallAsync("sale.order", "load", load))!["ids"]![0]!;
        var order = await caller.CallAsync("sale.order", "read",
            new JsonObject { ["ids"] = new JsonArray(id), ["fields"] = new JsonArray("commitment_date") });
        Assert.Equal(stored, (string)order![0]!["commitment_date"]!);
    }

    [Fact]
    public async Task Lines_without_external_ids_multiply_on_every_load()
    {
        await using var odoo = await OdooSimulator.StartAsync();
        using var caller = new OdooCaller(odoo);
        var load = new JsonObject
        {
            ["fields"] = new JsonArray("id", "partner_id/.id", "order_line/product_id/.id", "order_line/product_uom_qty"),
            ["data"] = new JsonArray(new JsonArray("gw.so_1", "46", "15", "1")),
        };
        await caller.CallAsync("sale.order", "load", load);
        await caller.CallAsync("sale.order", "load", load);
        Assert.Equal(2, Assert.Single(odoo.Orders).Lines.Count);
    }

    [Fact]
    public async Task All_columns_an_order_needs_are_taken()
    {
        await using var odoo = await OdooSimulator.StartAsync();
        using var caller = new OdooCaller(odoo);
        var load = JsonNode.Parse(
            """
            {"context":{"tz":"UTC"},
             "fields":["id","partner_id/.id","partner_shipping_id/.id","client_order_ref","commitment_date","note","warehouse_id/.id",
                       "currency_id/.id","order_line/id","order_line/product_id/.id","order_line/name","order_line/product_uom_qty",
                       "order_line/product_uom_id/.id","order_line/price_unit","order_line/tax_ids/.id"],
             "data":[["gw.so_1","46","47","PO-1","2026-12-01 08:00:00","call first","2","1","gw.sol_1","15","Desk","2","1","690","1"]]}
            """)!.AsObject();
        var id = (int)(await caller.CallAsync("sale.order", "load", load))!["ids"]![0]!;
        var order = await caller.CallAsync("sale.order", "read", JsonNode.Parse(
            $$"""
            {"ids":[{{id}}],"load":null,
             "fields":["partner_shipping_id","commitment_date","note","warehouse_id","currency_id","amount_untaxed","amount_tax"]}
            """)!.AsObject());
        Assert.Equal(
            """{"id":1,"partner_shipping_id":47,"commitment_date":"2026-12-01 08:00:00","note":"call first","warehouse_id":2,"currency_id":1,"amount_untaxed":1380.0,"amount_tax":262.2}""",
            order![0]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"fields":["id","nope"],"data":[["gw.x","1"]]}""", "builtins.KeyError")]
    [InlineData("""{"fields":["id","client_order_ref"],"data":[["gw.x"]]}""", "builtins.TypeError")]
    [InlineData("""{"fields":[1],"data":[]}""", "builtins.TypeError")]
    public async Task Arguments_of_another_shape_are_errors_of_python(string arguments, string name)
    {
        await using var odoo = await OdooSimulator.StartAsync();
        using var caller = new OdooCaller(odoo);
        var (status, body) = await caller.TryAsync("sale.order", "load", JsonNode.Parse(arguments)!.AsObject());
        Assert.Equal((500, name), (status, (string)body!["name"]!));
    }
}
