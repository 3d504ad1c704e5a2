using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Adapters.Odoo;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Unit.Adapters;

public abstract class OrderCreateTests(OdooGeneration odoo)
{
    [Fact]
    public async Task An_order_is_made_under_its_external_id_with_the_callers_prices()
    {
        await using var bench = await StartAsync();

        var result = await bench.CreateAsync(OdooBench.Order());

        Assert.Equal((OperationStatus.Done, null), (result.Status, result.Reason));
        var order = Assert.Single(bench.Odoo.Orders);
        Assert.Equal("odoo_gateway.so_1", order.ExternalId);
        Assert.Equal("PO-4711", order.ClientOrderRef);
        Assert.Equal(order.Id.ToString(CultureInfo.InvariantCulture), result.Reference);
        Assert.Equal([("odoo_gateway.sol_1_1", "DESK0005", 3m, 12.5m), ("odoo_gateway.sol_1_2", "CAB-2M", 200m, 4.1m)],
            order.Lines.Select(line => (line.ExternalId, line.Sku, line.Quantity, line.PriceUnit)));
    }

    [Fact]
    public async Task The_record_has_amounts_as_text_and_the_names_behind_ids()
    {
        await using var bench = await StartAsync();

        var record = OdooBench.Json((await bench.CreateAsync(OdooBench.Order())).Record);

        var order = record.GetProperty("order");
        Assert.Equal("857.50", order.GetProperty("amount_untaxed").GetString());
        Assert.Equal("1013.30", order.GetProperty("amount_total").GetString());
        Assert.Equal("EUR", order.GetProperty("currency").GetProperty("name").GetString());
        Assert.Equal("2026-11-27 12:00:00", order.GetProperty("commitment_date").GetString());
        Assert.Equal("draft", order.GetProperty("state").GetString());
        var line = record.GetProperty("lines")[1];
        Assert.Equal("2", line.GetProperty("line").GetString());
        Assert.Equal("4.10", line.GetProperty("price_unit").GetString());
        Assert.Equal("820.00", line.GetProperty("price_subtotal").GetString());
        Assert.Equal("200", line.GetProperty("product_uom_qty").GetRawText());
        Assert.Equal("C62", line.GetProperty("unit_code").GetString());
        Assert.Equal("CAB-2M", line.GetProperty("product").GetProperty("default_code").GetString());
    }

    [Fact]
    public async Task Facts_are_canonical()
    {
        await using var bench = await StartAsync();

        var facts = OdooBench.Json((await bench.CreateAsync(OdooBench.Order())).Facts).GetRawText();

        Assert.Equal(
            """{"salesOrderId":"S00001","orderStatusCode":"accepted","legalMonetaryTotal":{"lineExtensionAmount":"857.50","taxExclusiveAmount":"857.50","taxInclusiveAmount":"1013.30","payableAmount":"1013.30"}}""",
            facts);
    }

    [Fact]
    public async Task A_known_external_id_is_never_loaded_again_even_with_other_content()
    {
        await using var bench = await StartAsync();
        Assert.Equal(OperationStatus.Done, (await bench.CreateAsync(OdooBench.Order())).Status);
        var other = OdooBench.Order();
        other["lines"]![0]!["product_uom_qty"] = 9;

        var second = await bench.CreateAsync(other);

        Assert.Equal(OperationStatus.Taken, second.Status);
        Assert.Equal(1, bench.Odoo.CallsOf("sale.order", "load"));
        Assert.Equal(3, Assert.Single(bench.Odoo.Orders).Lines[0].Quantity);
    }

    /// <summary>All lines go in one load, so that no half of an order is ever there: here one of them has a name that is a contact's.</summary>
    [Fact]
    public async Task One_line_that_can_not_be_made_leaves_nothing_of_the_order()
    {
        await using var bench = await StartAsync();
        var contact = await bench.Odoo.DoAsync("res.partner", "load", new JsonObject
        {
            ["fields"] = new JsonArray("id", "name"),
            ["data"] = new JsonArray(new JsonArray("odoo_gateway.sol_1_2", "A contact")),
        });
        Assert.IsType<JsonArray>(contact!["ids"]);

        var result = await bench.CreateAsync(OdooBench.Order());

        Assert.Equal(OperationStatus.Refused, result.Status);
        Assert.Empty(bench.Odoo.Orders);
        Assert.Equal(OperationStatus.NotFound, (await bench.ReadBackAsync(OdooBench.Order())).Status);
        Assert.Equal(OperationStatus.Done, (await bench.CreateAsync(OdooBench.Order("PO-4712"), "so_2")).Status);
    }

    [Fact]
    public async Task Parallel_calls_with_one_external_id_make_one_order()
    {
        await using var bench = await StartAsync(
            options => options with { Resilience = options.Resilience! with { Retries = 5 } }, new OdooSimulatorOptions { TransactionTime = TimeSpan.FromMilliseconds(30) });

        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => bench.CreateAsync(OdooBench.Order()).AsTask()));

        Assert.All(results, result => Assert.Equal((OperationStatus.Done, null), (result.Status, result.Reason)));
        var order = Assert.Single(bench.Odoo.Orders);
        Assert.All(results, result => Assert.Equal(order.Id.ToString(CultureInfo.InvariantCulture), result.Reference));
        Assert.True(bench.Odoo.CallsOf("sale.order", "load") > 1, "the calls did not overlap: nothing was proved");
    }

    [Theory]
    [InlineData("buyer", "NOBODY", "buyerParty/id: buyer 'NOBODY' is not known")]
    [InlineData("currency", "CHF", "documentCurrencyCode: currency 'CHF' is not in use")]
    public async Task An_unknown_name_in_the_header_is_refused(string member, string value, string detail)
    {
        await using var bench = await StartAsync();
        var order = OdooBench.Order();
        order[member] = value;

        var result = await bench.CreateAsync(order);

        Assert.Equal((OperationStatus.Refused, detail), (result.Status, result.Detail));
        Assert.Equal(0, bench.Odoo.CallsOf("sale.order", "load"));
    }

    [Theory]
    [InlineData("default_code", "NOPE", "orderLines/1: item 'NOPE' is not known")]
    [InlineData("unit_code", "DZN", "orderLines/1: item 'CAB-2M' is not sold in unit 'DZN'")]
    [InlineData("unit_code", "XYZ", "orderLines/1: item 'CAB-2M' is not sold in unit 'XYZ'")]
    public async Task An_unknown_name_in_a_line_is_refused_with_the_line(string member, string value, string detail)
    {
        await using var bench = await StartAsync();
        var order = OdooBench.Order();
        order["lines"]![1]![member] = value;

        var result = await bench.CreateAsync(order);

        Assert.Equal((OperationStatus.Refused, detail), (result.Status, result.Detail));
        Assert.Empty(bench.Odoo.Orders);
    }

    [Fact]
    public async Task A_price_that_has_no_exact_price_for_one_is_refused()
    {
        await using var bench = await StartAsync();
        var order = OdooBench.Order();
        order["lines"]![0]!["price_unit"] = "10.00";
        order["lines"]![0]!["price_base"] = 3;

        var result = await bench.CreateAsync(order);

        Assert.Equal(OperationStatus.Refused, result.Status);
        Assert.StartsWith("orderLines/0/price: 10 for 3 has no exact price", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_country_is_refused()
    {
        await using var bench = await StartAsync();
        var order = OdooBench.Order();
        order["delivery"]!["country"] = "XX";

        var result = await bench.CreateAsync(order);

        Assert.Equal((OperationStatus.Refused, "delivery/deliveryAddress/countryCode: country 'XX' is not known"), (result.Status, result.Detail));
    }

    [Fact]
    public async Task The_currency_is_kept_through_a_price_list_where_it_is_not_the_companys()
    {
        await using var bench = await StartAsync();
        var order = OdooBench.Order();
        order["currency"] = "USD";

        var record = OdooBench.Json((await bench.CreateAsync(order)).Record);

        Assert.Equal("USD", record.GetProperty("order").GetProperty("currency").GetProperty("name").GetString());
        Assert.Equal("12.50", record.GetProperty("lines")[0].GetProperty("price_unit").GetString());
    }

    [Fact]
    public async Task A_buyer_with_a_foreign_price_list_still_gets_the_asked_currency()
    {
        await using var bench = await StartAsync();
        var order = OdooBench.Order();
        order["buyer"] = "GLOBEX-US";

        var result = await bench.CreateAsync(order);

        Assert.Equal((OperationStatus.Done, null), (result.Status, result.Reason));
        Assert.Equal("EUR", OdooBench.Json(result.Record).GetProperty("order").GetProperty("currency").GetProperty("name").GetString());
    }

    [Fact]
    public async Task One_address_is_one_contact_and_does_not_become_the_buyers_default()
    {
        await using var bench = await StartAsync();
        var first = OdooBench.Json((await bench.CreateAsync(OdooBench.Order("A"), "so_a")).Record);
        var second = OdooBench.Json((await bench.CreateAsync(OdooBench.Order("B"), "so_b")).Record);
        var none = OdooBench.Order("C");
        none.Remove("delivery");
        var third = OdooBench.Json((await bench.CreateAsync(none, "so_c")).Record);

        Assert.Equal(ShippingId(first), ShippingId(second));
        Assert.Equal(1, bench.Odoo.CallsOf("res.partner", "load"));
        Assert.NotEqual(46, ShippingId(first));
        Assert.Equal(46, ShippingId(third));

        static int ShippingId(System.Text.Json.JsonElement record) => record.GetProperty("order").GetProperty("partner_shipping_id")[0].GetInt32();
    }

    [Fact]
    public async Task A_mapping_that_gives_something_else_is_our_fault_and_named_to_the_operator_only()
    {
        await using var bench = await StartAsync();
        var order = OdooBench.Order();
        order["pricelist"] = "typo";

        var result = await bench.CreateAsync(order);

        Assert.Equal(OperationStatus.Malformed, result.Status);
        Assert.DoesNotContain("pricelist", result.Detail, StringComparison.Ordinal);
        Assert.Contains("pricelist", result.Reason, StringComparison.Ordinal);
        Assert.Equal(0, bench.Odoo.CallsOf("ir.model.data", "search_read"));
    }

    [Fact]
    public async Task Read_back_of_nothing_is_certain_and_of_an_order_is_its_record()
    {
        await using var bench = await StartAsync();

        Assert.Equal(OperationStatus.NotFound, (await bench.ReadBackAsync(OdooBench.Order())).Status);
        var made = await bench.CreateAsync(OdooBench.Order());
        var found = await bench.ReadBackAsync(OdooBench.Order());

        Assert.Equal((OperationStatus.Done, made.Reference, null), (found.Status, found.Reference, found.Reason));
        Assert.Equal(made.Facts.ToArray(), found.Facts.ToArray());
        Assert.Equal(made.Record.ToArray(), found.Record.ToArray());
    }

    [Fact]
    public async Task Read_back_that_differs_from_what_was_asked_is_done_with_a_reason()
    {
        await using var bench = await StartAsync();
        await bench.CreateAsync(OdooBench.Order());
        var asked = OdooBench.Order();
        asked["lines"]![0]!["price_unit"] = "11.00";

        var found = await bench.ReadBackAsync(asked);

        Assert.Equal(OperationStatus.Done, found.Status);
        Assert.Contains("orderLines/0: price 11 became 12.5", found.Reason, StringComparison.Ordinal);
        Assert.Contains("untaxed total 853 became 857.5", found.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reading_by_reference_gives_the_same_record()
    {
        await using var bench = await StartAsync();
        var made = await bench.CreateAsync(OdooBench.Order());

        var read = await bench.ReadAsync(made.Reference);

        Assert.Equal(OperationStatus.Done, read.Status);
        Assert.Equal(made.Record.ToArray(), read.Record.ToArray());
        Assert.Equal(OperationStatus.NotFound, (await bench.ReadAsync("99999")).Status);
        Assert.Equal(OperationStatus.NotFound, (await bench.ReadAsync("so_1")).Status);
        Assert.Equal(OperationStatus.NotFound, (await bench.ReadAsync(null)).Status);
    }

    [Fact]
    public async Task Five_hundred_lines_are_one_order()
    {
        await using var bench = await StartAsync();
        var order = OdooBench.Order();
        var lines = order["lines"]!.AsArray();
        while (lines.Count < 500)
            lines.Add(new JsonObject(lines[0]!.AsObject().Where(member => member.Key != "id").Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))));

        var result = await bench.CreateAsync(order);

        Assert.Equal((OperationStatus.Done, null), (result.Status, result.Reason));
        Assert.Equal(500, Assert.Single(bench.Odoo.Orders).Lines.Count);
    }

    private protected Task<OdooBench> StartAsync(Func<OdooOptions, OdooOptions>? change = null, OdooSimulatorOptions? simulator = null) => odoo.StartAsync(change, simulator);
}

public sealed class OrderCreateOverJson2() : OrderCreateTests(new OdooGeneration(19, OdooApi.Json2))
{
    [Fact]
    public async Task The_agreed_price_survives_a_later_change_of_quantity_in_odoo()
    {
        await using var bench = await StartAsync();
        await bench.CreateAsync(OdooBench.Order());
        using var http = new HttpClient { DefaultRequestHeaders = { { "Authorization", "bearer demo-odoo-key" } } };

        var answer = await http.PostAsync(
            new Uri(bench.Odoo.Url, "/json/2/sale.order.line/write"),
            new StringContent($$$"""{"ids":[{{{bench.Odoo.Orders[0].Lines[0].Id}}}],"vals":{"product_uom_qty":6}}""", null, "application/json"),
            TestContext.Current.CancellationToken);

        Assert.True(answer.IsSuccessStatusCode);
        Assert.Equal((6m, 12.5m), (bench.Odoo.Orders[0].Lines[0].Quantity, bench.Odoo.Orders[0].Lines[0].PriceUnit));
    }
}

public sealed class OrderCreateOverJsonRpcOf19() : OrderCreateTests(new OdooGeneration(19, OdooApi.Jsonrpc));

public sealed class OrderCreateOverJsonRpcOf18() : OrderCreateTests(new OdooGeneration(18, OdooApi.Auto));

public sealed class OrderCreateOverJsonRpcOf17() : OrderCreateTests(new OdooGeneration(17, OdooApi.Auto));

public sealed class OrderCreateOverJsonRpcOf16() : OrderCreateTests(new OdooGeneration(16, OdooApi.Auto));

public sealed class OrderCreateOverJsonRpcOf15() : OrderCreateTests(new OdooGeneration(15, OdooApi.Auto));

public sealed class OrderCreateOverJsonRpcOf14() : OrderCreateTests(new OdooGeneration(14, OdooApi.Auto));
