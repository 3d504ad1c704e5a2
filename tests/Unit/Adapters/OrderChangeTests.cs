using System.Text.Json.Nodes;
using Gateway.Adapters.Odoo;
using Gateway.Simulators;
using Xunit;
using static Gateway.OperationStatus;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>Changes of orders that are there, against the simulated Odoo.</summary>
public sealed class OrderChangeTests
{
    [Fact]
    public async Task A_changed_quantity_keeps_the_agreed_price()
    {
        await using var bench = await OrderBench.StartAsync();

        var result = await bench.ChangeAsync(order => order["lines"]![0]!["product_uom_qty"] = 9);

        Assert.Equal((Done, null), (result.Status, result.Reason));
        Assert.Equal([("odoo_gateway.sol_1_1", 9m, 12.5m), ("odoo_gateway.sol_1_2", 200m, 4.1m)], bench.Lines);
        Assert.Equal("932.50", OdooBench.Json(result.Facts).GetProperty("legalMonetaryTotal").GetProperty("lineExtensionAmount").GetString());
    }

    [Fact]
    public async Task Lines_are_added_and_taken_out_by_the_buyers_ids_and_keep_their_ids()
    {
        await using var bench = await OrderBench.StartAsync();

        var result = await bench.ChangeAsync(order =>
        {
            order["lines"]!.AsArray().RemoveAt(0);
            order["lines"]!.AsArray().Add(JsonNode.Parse("""{ "id": "A-1 ü", "default_code": "MON-27", "product_uom_qty": 1, "unit_code": "C62", "price_unit": "99" }"""));
        });

        Assert.Equal((Done, null), (result.Status, result.Reason));
        Assert.Equal([("odoo_gateway.sol_1_1", 0m, 12.5m), ("odoo_gateway.sol_1_2", 200m, 4.1m), ("odoo_gateway.sol_1_A-2D1-20-C3-BC", 1m, 99m)], bench.Lines);
        Assert.Equal(["1", "2", "A-1 ü"], OdooBench.Json(result.Record).GetProperty("lines").EnumerateArray().Select(line => line.GetProperty("line").GetString()));
    }

    [Fact]
    public async Task A_line_that_was_taken_out_comes_back_under_its_id()
    {
        await using var bench = await OrderBench.StartAsync();
        await bench.ChangeAsync(order => order["lines"]!.AsArray().RemoveAt(0));

        var result = await bench.ChangeAsync(_ => { });

        Assert.Equal((Done, null), (result.Status, result.Reason));
        Assert.Equal([("odoo_gateway.sol_1_1", 3m, 12.5m), ("odoo_gateway.sol_1_2", 200m, 4.1m)], bench.Lines);
    }

    [Fact]
    public async Task Date_note_and_address_are_changed_and_date_and_note_are_taken_away()
    {
        await using var bench = await OrderBench.StartAsync();
        void Change(JsonObject order)
        {
            order["commitment_date"] = "2026-12-24 12:00:00";
            order["note"] = "leave it\nat the gate";
            order["delivery"]!["street"] = "Speicherweg 5";
        }

        var changed = await bench.ChangeAsync(Change);
        var kept = await bench.OrderAsync();
        Assert.Equal((Done, null), (changed.Status, changed.Reason));
        Assert.Equal("2026-12-24 12:00:00", (string?)kept["commitment_date"]);
        Assert.Equal("leave it<br/>at the gate", (string?)kept["note"]);
        Assert.NotEqual((int)bench.First["partner_shipping_id"]![0]!, (int)kept["partner_shipping_id"]![0]!);

        var bare = await bench.ChangeAsync(order =>
        {
            Change(order);
            order.Remove("commitment_date");
            order.Remove("note");
        });
        kept = await bench.OrderAsync();
        Assert.Equal((Done, null), (bare.Status, bare.Reason));
        Assert.Equal(("false", "false"), (kept["commitment_date"]!.ToJsonString(), kept["note"]!.ToJsonString()));
    }

    [Fact]
    public async Task An_order_that_is_as_asked_is_not_written()
    {
        await using var bench = await OrderBench.StartAsync();

        var result = await bench.ChangeAsync(_ => { });

        Assert.Equal((Done, true), (result.Status, result.WasSo));
        Assert.Equal(1, bench.Odoo.CallsOf("sale.order", "load"));
    }

    [Fact]
    public async Task A_read_back_tells_a_change_that_was_done_from_one_that_was_not()
    {
        await using var bench = await OrderBench.StartAsync();
        static void Change(JsonObject order) => order["lines"]![0]!["product_uom_qty"] = 4;

        Assert.Equal(NotFound, (await bench.FindChangeAsync(Change)).Status);
        await bench.ChangeAsync(Change);
        Assert.Equal(Done, (await bench.FindChangeAsync(Change)).Status);
        Assert.Equal(NotFound, (await bench.FindChangeAsync(order => order["note"] = "another")).Status);
        Assert.Equal(NotFound, (await bench.FindChangeAsync(order => { Change(order); order.Remove("commitment_date"); })).Status);
        Assert.Equal(NotFound, (await bench.FindChangeAsync(order => { Change(order); order["delivery"]!["street"] = "Elsewhere 1"; })).Status);
    }

    [Theory]
    [InlineData("dropAfterWork", Unknown, 1)]
    [InlineData("dropBefore", Unknown, 0)]
    public async Task A_lost_answer_is_unknown_until_the_read_back_speaks(string chaos, OperationStatus status, int done)
    {
        await using var bench = await OrderBench.StartAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(Enum.Parse<ChaosMode>(chaos, ignoreCase: true)) { Path = "sale.order/load", Count = 1 });
        static void Change(JsonObject order) => order["lines"]![0]!["product_uom_qty"] = 5;

        var cut = await bench.ChangeAsync(Change);
        var found = await bench.FindChangeAsync(Change);

        Assert.Equal((status, done == 1 ? Done : NotFound), (cut.Status, found.Status));
        Assert.Equal(Done, (await bench.ChangeAsync(Change)).Status);
        Assert.Equal(5m, bench.Lines[0].Quantity);
    }

    [Fact]
    public async Task Parallel_changes_leave_one_of_them_whole()
    {
        await using var bench = await OrderBench.StartAsync(new OdooSimulatorOptions { TransactionTime = TimeSpan.FromMilliseconds(30) }, retries: 8);

        var results = await Task.WhenAll(Enumerable.Range(4, 4).Select(n => bench.ChangeAsync(order =>
        {
            order["lines"]![0]!["product_uom_qty"] = n;
            order["lines"]![1]!["product_uom_qty"] = n;
        }).AsTask()));

        Assert.All(results, result => Assert.Equal(Done, result.Status));
        Assert.Equal(bench.Lines[0].Quantity, bench.Lines[1].Quantity);
        Assert.Equal([12.5m, 4.1m], bench.Lines.Select(line => line.Price));
    }

    [Theory]
    [InlineData("""{ "client_order_ref": "PO-2" }""", "customerReference: the order has another; place a new order")]
    [InlineData("""{ "buyer": "GLOBEX-DE" }""", "buyerParty/id: the order is another buyer's; place a new order")]
    [InlineData("""{ "currency": "USD" }""", "documentCurrencyCode: the order is in EUR; place a new order")]
    [InlineData("""{ "lines": [ { "id": "1", "default_code": "MON-27", "product_uom_qty": 3, "unit_code": "C62", "price_unit": "12.50" } ] }""",
        "orderLines/0/item: line '1' is item 'DESK0005'; leave it out, and add a line with an id of its own")]
    [InlineData("""{ "lines": [ { "id": "1", "default_code": "DESK0005", "product_uom_qty": 3, "unit_code": "DZN", "price_unit": "12.50" } ] }""",
        "orderLines/0/unitCode: line '1' is in unit 'C62'; leave it out, and add a line with an id of its own")]
    [InlineData("""{ "lines": [ { "id": "9", "default_code": "NOPE", "product_uom_qty": 3, "unit_code": "C62", "price_unit": "12.50" } ] }""", "orderLines/0: item 'NOPE' is not known")]
    public async Task What_would_make_it_another_order_is_refused_and_nothing_is_written(string change, string detail)
    {
        await using var bench = await OrderBench.StartAsync();

        var result = await bench.ChangeAsync(order =>
        {
            foreach (var (name, value) in JsonNode.Parse(change)!.AsObject()) order[name] = value?.DeepClone();
        });

        Assert.Equal((Refused, detail), (result.Status, result.Detail));
        Assert.Equal(1, bench.Odoo.CallsOf("sale.order", "load"));
    }

    [Theory]
    [InlineData(2, "12.50", null)]
    [InlineData(5, "12.50", null)]
    [InlineData(1, "12.50", "orderLines/0/quantity: it can't be less, for 2 of it have been shipped")]
    [InlineData(3, "11.00", "orderLines/0/price: it can't be another, for 2 of it have been shipped")]
    public async Task Only_what_is_not_shipped_is_changed(int quantity, string price, string? detail)
    {
        await using var bench = await OrderBench.StartAsync();
        await bench.ConfirmAsync();
        await bench.ShipAsync(2);

        var result = await bench.ChangeAsync(order =>
        {
            order["lines"]![0]!["product_uom_qty"] = quantity;
            order["lines"]![0]!["price_unit"] = price;
        });

        Assert.Equal((detail is null ? Done : Refused, detail ?? ""), (result.Status, result.Detail));
        Assert.Equal(detail is null ? quantity : 3, bench.Lines[0].Quantity);
        Assert.Equal(12.5m, bench.Lines[0].Price);
    }

    [Fact]
    public async Task A_line_of_which_something_was_shipped_is_not_left_out()
    {
        await using var bench = await OrderBench.StartAsync();
        await bench.ConfirmAsync();
        await bench.ShipAsync(2);

        var result = await bench.ChangeAsync(order => order["lines"]!.AsArray().RemoveAt(0));

        Assert.Equal((Refused, "orderLines: line '1' can't be left out, for 2 of it have been shipped"), (result.Status, result.Detail));
    }

    [Fact]
    public async Task The_address_of_a_confirmed_order_stays_and_none_is_made_for_it()
    {
        await using var bench = await OrderBench.StartAsync();
        await bench.ConfirmAsync();
        var contacts = bench.Odoo.CallsOf("res.partner", "load");

        var result = await bench.ChangeAsync(order => order["delivery"]!["street"] = "Speicherweg 5");

        Assert.Equal((Refused, "delivery/deliveryAddress: the order is released, so its address can't be changed any more"), (result.Status, result.Detail));
        Assert.Equal(contacts, bench.Odoo.CallsOf("res.partner", "load"));
    }

    [Fact]
    public async Task An_order_whose_address_is_left_out_goes_to_the_buyer_again_and_that_is_its_own_proof()
    {
        await using var bench = await OrderBench.StartAsync();
        static void Without(JsonObject order) => order.Remove("delivery");
        var named = (int)bench.First["partner_shipping_id"]![0]!;

        Assert.Equal(NotFound, (await bench.FindChangeAsync(Without)).Status);
        var result = await bench.ChangeAsync(Without);

        Assert.Equal((Done, null), (result.Status, result.Reason));
        var kept = OdooBench.Json(result.Record).GetProperty("order");
        var buyer = kept.GetProperty("partner_id")[0].GetInt32();
        Assert.Equal(buyer, kept.GetProperty("partner_shipping_id")[0].GetInt32());
        Assert.NotEqual(named, buyer);
        Assert.Equal(Done, (await bench.FindChangeAsync(Without)).Status);

        // Named once more, it is the same contact.
        Assert.Equal((Done, null), (await bench.ChangeAsync(_ => { }) is var back ? (back.Status, back.Reason) : default));
        Assert.Equal(named, (int)(await bench.OrderAsync())["partner_shipping_id"]![0]!);
    }

    [Fact]
    public async Task An_address_left_out_is_the_one_to_which_odoo_sends_new_orders_of_the_buyer()
    {
        await using var bench = await OrderBench.StartAsync();
        var buyer = (int)(await bench.OdooAsync("sale.order/read", new JsonObject { ["ids"] = new JsonArray(bench.Id), ["fields"] = new JsonArray("partner_id") }))[0]!["partner_id"]![0]!;
        var dock = (int)(await bench.OdooAsync("res.partner/create", new JsonObject
        {
            ["vals_list"] = new JsonArray(new JsonObject { ["parent_id"] = buyer, ["type"] = "delivery", ["name"] = "Dock" }),
        }))[0]!;

        Assert.Equal((Done, null), (await bench.ChangeAsync(order => order.Remove("delivery")) is var result ? (result.Status, result.Reason) : default));
        Assert.Equal(dock, (int)(await bench.OrderAsync())["partner_shipping_id"]![0]!);
    }

    [Fact]
    public async Task An_address_that_people_have_chosen_stays_where_the_buyer_names_none()
    {
        await using var bench = await OrderBench.StartAsync();
        await bench.ChangeAsync(order => order.Remove("delivery"));
        var yard = (int)(await bench.OdooAsync("res.partner/create", new JsonObject { ["vals_list"] = new JsonArray(new JsonObject { ["type"] = "other", ["name"] = "Yard" }) }))[0]!;
        await bench.OdooAsync("sale.order/write", new JsonObject { ["ids"] = new JsonArray(bench.Id), ["vals"] = new JsonObject { ["partner_shipping_id"] = yard } });

        var result = await bench.ChangeAsync(order => { order.Remove("delivery"); order["note"] = "another"; });

        Assert.Equal((Done, null), (result.Status, result.Reason));
        Assert.Equal(yard, (int)(await bench.OrderAsync())["partner_shipping_id"]![0]!);
    }

    [Fact]
    public async Task The_address_of_a_confirmed_order_is_not_taken_away()
    {
        await using var bench = await OrderBench.StartAsync();
        await bench.ConfirmAsync();

        var result = await bench.ChangeAsync(order => order.Remove("delivery"));

        Assert.Equal((Refused, "delivery: the order is released, so its address can't be taken away any more; name the one that it has"), (result.Status, result.Detail));
        Assert.Equal((int)bench.First["partner_shipping_id"]![0]!, (int)(await bench.OrderAsync())["partner_shipping_id"]![0]!);
    }

    [Theory]
    [InlineData(19, OdooApi.Json2)]
    [InlineData(19, OdooApi.Jsonrpc)]
    [InlineData(18, OdooApi.Auto)]
    [InlineData(17, OdooApi.Auto)]
    [InlineData(16, OdooApi.Auto)]
    [InlineData(15, OdooApi.Auto)]
    [InlineData(14, OdooApi.Auto)]
    public async Task The_address_is_left_out_in_every_version(int version, OdooApi api)
    {
        await using var bench = await new OdooGeneration(version, api).StartAsync();
        var made = await bench.CreateAsync(OdooBench.Order(), "order_1");
        var order = OdooBench.Order();
        order.Remove("delivery");

        var result = await bench.Backend.Operations["order.change"].CallAsync(OdooBench.Call(order, "int_1") with { Reference = made.Reference }, TestContext.Current.CancellationToken);

        Assert.Equal((Done, null), (result.Status, result.Reason));
        var kept = OdooBench.Json(result.Record).GetProperty("order");
        Assert.Equal(kept.GetProperty("partner_id")[0].GetInt32(), kept.GetProperty("partner_shipping_id")[0].GetInt32());
    }

    [Theory]
    [InlineData("cancel", "This order is cancelled, so it can't be changed any more. Place a new order.")]
    [InlineData("lock", "This order is locked, so it can't be changed any more.")]
    public async Task A_cancelled_or_locked_order_is_not_changed(string state, string detail)
    {
        await using var bench = await OrderBench.StartAsync();
        if (state == "cancel") await bench.CancelAsync();
        else await bench.OdooAsync("sale.order/write", new JsonObject { ["ids"] = new JsonArray(bench.Id), ["vals"] = new JsonObject { ["locked"] = true } });

        var result = await bench.ChangeAsync(order => order["lines"]![0]!["product_uom_qty"] = 4);

        Assert.Equal((Refused, detail), (result.Status, result.Detail));
    }

    [Fact]
    public async Task Lines_that_were_added_in_odoo_stay_and_are_no_difference()
    {
        await using var bench = await OrderBench.StartAsync();
        await bench.OdooAsync("sale.order.line/create", new JsonObject
        {
            ["vals_list"] = new JsonArray(new JsonObject { ["order_id"] = bench.Id, ["product_id"] = 5, ["product_uom_qty"] = 1, ["price_unit"] = 15 }),
        });

        var result = await bench.ChangeAsync(order => order["lines"]![0]!["product_uom_qty"] = 4);

        Assert.Equal((Done, null), (result.Status, result.Reason));
        Assert.Equal(3, bench.Lines.Count);
        Assert.Equal(Done, (await bench.FindChangeAsync(order => order["lines"]![0]!["product_uom_qty"] = 4)).Status);
    }

    [Fact]
    public async Task An_order_that_is_gone_is_refused_and_its_read_back_finds_nothing()
    {
        await using var bench = await OrderBench.StartAsync();
        await bench.OdooAsync("sale.order/unlink", new JsonObject { ["ids"] = new JsonArray(bench.Id) });

        Assert.Equal(Refused, (await bench.ChangeAsync(order => order["note"] = "x")).Status);
        Assert.Equal(NotFound, (await bench.FindChangeAsync(order => order["note"] = "x")).Status);
    }
}
