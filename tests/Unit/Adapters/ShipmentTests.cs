using System.Text.Json.Nodes;
using Gateway.Simulators;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static Gateway.OperationStatus;
using static Gateway.Tests.Unit.Adapters.LogisticsBench;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>Shipments in Odoo: what leaves, what stays for later, and that nothing leaves twice.</summary>
public sealed class ShipmentTests
{
    private const string Validate = "stock.picking/button_validate";

    [Fact]
    public async Task What_is_left_over_comes_with_a_backorder()
    {
        await using var bench = await StartAsync();

        var shipped = await bench.ShipAsync(desks: 2, lamps: 0);

        Assert.Equal("done", shipped.GetProperty("state").GetString());
        var later = Assert.Single(shipped.GetProperty("backorder_ids").EnumerateArray());
        Assert.Equal("assigned", later.GetProperty("state").GetString());
        Assert.Equal([1m, 2m], later.GetProperty("move_ids").EnumerateArray().Select(move => move.GetProperty("product_uom_qty").GetDecimal()).Order());
    }

    [Fact]
    public async Task What_hardly_ever_changes_is_read_once_in_ten_minutes()
    {
        var clock = new FakeTimeProvider();
        await using var bench = await StartAsync(clock: clock);
        await RenameAsync("Hamburg");

        var (first, before) = (await WarehouseAsync(), bench.Odoo.CallsOf("stock.warehouse", "read"));
        await RenameAsync("Bremen");
        clock.Advance(TimeSpan.FromMinutes(9));
        var (kept, reads) = (await WarehouseAsync(), bench.Odoo.CallsOf("stock.warehouse", "read"));
        clock.Advance(TimeSpan.FromMinutes(1));
        var later = await WarehouseAsync();

        Assert.Equal(("Hamburg", "Hamburg", before, "Bremen"), (first, kept, reads, later));

        Task RenameAsync(string name) =>
            bench.Raw.CallAsync("stock.warehouse", "write", new JsonObject { ["ids"] = new JsonArray(1), ["vals"] = new JsonObject { ["name"] = name } });

        async Task<string?> WarehouseAsync()
        {
            var read = await bench.DoneAsync("shipment.read", "{}", reference: "1");
            return read.GetProperty("shipments")[0].GetProperty("picking_type_id").GetProperty("warehouse_id").GetProperty("name").GetString();
        }
    }

    [Fact]
    public async Task What_never_comes_is_cancelled()
    {
        await using var bench = await StartAsync();

        var shipped = await bench.ShipAsync(desks: 2, lamps: 0, rest: false);

        Assert.Empty(shipped.GetProperty("backorder_ids").EnumerateArray());
        Assert.Single(await bench.RowsAsync("stock.picking", "name"));
    }

    [Fact]
    public async Task Without_the_right_context_Odoo_only_asks_a_question_so_the_state_is_what_counts()
    {
        await using var bench = await StartAsync();
        await bench.Raw.CallAsync("stock.move", "write", new JsonObject { ["ids"] = new JsonArray(1), ["vals"] = new JsonObject { ["quantity"] = 1, ["picked"] = true } });

        var asked = await bench.Raw.CallAsync("stock.picking", "button_validate", new JsonObject { ["ids"] = new JsonArray(1) });

        Assert.Equal("stock.backorder.confirmation", asked!["res_model"]!.GetValue<string>());
        Assert.Equal("assigned", (await bench.RowsAsync("stock.picking", "state"))[0]!["state"]!.GetValue<string>());
        Assert.Equal("done", (await bench.ShipAsync(desks: 1)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task More_than_was_ordered_is_refused_and_nothing_leaves()
    {
        await using var bench = await StartAsync();

        var result = await bench.CallAsync("shipment.validate", Shipped(desks: 4));

        Assert.Equal(Refused, result.Status);
        Assert.Contains("despatchLines/0", result.Detail, StringComparison.Ordinal);
        Assert.Equal(0, bench.Odoo.CallsOf("stock.picking", "button_validate"));
        Assert.Equal(0, bench.Odoo.CallsOf("stock.move", "write"));
    }

    /// <summary>It has left: that the books know less of it is a matter of the books, and seen there.</summary>
    [Fact]
    public async Task More_than_lies_there_by_the_books_is_booked_and_the_stock_is_below_zero()
    {
        await using var bench = await StartAsync();
        bench.Odoo.SetStock("DESK0005", "WH", 1);

        Assert.Equal("done", (await bench.ShipAsync()).GetProperty("state").GetString());

        var stock = await bench.DoneAsync("inventory.read", """{ "item": "DESK0005", "location": "WH" }""");
        Assert.Equal(-2m, stock.GetProperty("qty_available").GetDecimal());
    }

    [Fact]
    public async Task What_it_costs_is_written_once_and_seen_by_who_asks_what_became_of_it()
    {
        const string priced = """{ "name": "WH/OUT/00001", "carrier_price": "5.60" }""";
        await using var bench = await StartAsync();
        Assert.Equal(NotFound, (await bench.ReadBackAsync("shipment.validate", priced)).Status);

        Assert.Equal(5.6m, (await bench.DoneAsync("shipment.validate", priced)).GetProperty("carrier_price").GetDecimal());
        await bench.DoneAsync("shipment.validate", priced);

        Assert.Equal(1, bench.Odoo.CallsOf("stock.picking", "write"));
        Assert.Equal(Done, (await bench.ReadBackAsync("shipment.validate", priced)).Status);
    }

    [Fact]
    public async Task Validating_twice_is_done_and_ships_once()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync(desks: 2);

        var again = await bench.CallAsync("shipment.validate", Shipped(desks: 2));

        Assert.Equal(Done, again.Status);
        Assert.Equal(1, bench.Odoo.CallsOf("stock.picking", "button_validate"));
        Assert.Equal(2, (await bench.RowsAsync("stock.picking", "name")).Count);
    }

    [Fact]
    public async Task Validating_twice_with_other_quantities_is_refused()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync(desks: 2);

        var again = await bench.CallAsync("shipment.validate", Shipped(desks: 1));

        Assert.Equal(Refused, again.Status);
        Assert.Contains("done already", again.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Four_at_once_ship_once()
    {
        await using var bench = await StartAsync(simulator: new OdooSimulatorOptions { TransactionTime = TimeSpan.FromMilliseconds(20) });

        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => bench.CallAsync("shipment.validate", Shipped(desks: 2)).AsTask()));

        Assert.All(results, result => Assert.True(result.Status == Done, result.Reason));
        Assert.Equal(1, bench.Odoo.CallsOf("stock.picking", "button_validate"));
        Assert.Equal(2, (await bench.RowsAsync("stock.picking", "name")).Count);
    }

    [Fact]
    public async Task An_answer_lost_after_the_work_is_unknown_and_the_read_back_finds_it_shipped()
    {
        await using var bench = await StartAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropAfterWork) { Path = Validate, Count = 1 });

        Assert.Equal(Unknown, (await bench.CallAsync("shipment.validate", Shipped(desks: 2))).Status);

        Assert.Equal(Done, (await bench.ReadBackAsync("shipment.validate", Shipped(desks: 2))).Status);
    }

    [Fact]
    public async Task A_connection_lost_before_the_work_is_unknown_and_the_read_back_is_certain_that_nothing_left()
    {
        await using var bench = await StartAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropBefore) { Path = Validate, Count = 1 });

        Assert.Equal(Unknown, (await bench.CallAsync("shipment.validate", Shipped(desks: 2))).Status);

        Assert.Equal(NotFound, (await bench.ReadBackAsync("shipment.validate", Shipped(desks: 2))).Status);
        Assert.Equal(Done, (await bench.CallAsync("shipment.validate", Shipped(desks: 2), resumes: true)).Status);
    }

    [Fact]
    public async Task A_500_after_the_work_is_unknown_and_the_read_back_finds_it_shipped()
    {
        await using var bench = await StartAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.ErrorAfterWork) { Path = Validate, Count = 1, Status = 502 });

        Assert.Equal(Unknown, (await bench.CallAsync("shipment.validate", Shipped())).Status);
        Assert.Equal(Done, (await bench.ReadBackAsync("shipment.validate", Shipped())).Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ChaosMode.DropAfterWork)]
    public async Task What_was_booked_before_was_so_and_a_number_that_is_told_later_is_news(ChaosMode? chaos)
    {
        await using var bench = await StartAsync();
        var tracked = Shipped(more: """ "carrier_tracking_ref": "TRK-9", """);

        Assert.False((await bench.CallAsync("shipment.validate", Shipped())).WasSo);
        Assert.True((await bench.CallAsync("shipment.validate", Shipped())).WasSo);
        if (chaos is { } mode) bench.Odoo.Chaos.Set(new ChaosRule(mode) { Path = "stock.picking/write", Count = 1 });
        var told = await bench.CallAsync("shipment.validate", tracked);
        var again = await bench.CallAsync("shipment.validate", tracked);

        Assert.Equal((Done, false), (told.Status, told.WasSo));
        Assert.Equal((Done, true), (again.Status, again.WasSo));
        // Who asks what became of a call is never told that it was nothing.
        Assert.False((await bench.ReadBackAsync("shipment.validate", tracked)).WasSo);
    }

    [Fact]
    public async Task Quantities_that_could_not_be_written_mean_that_nothing_left()
    {
        await using var bench = await StartAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropAfterWork) { Path = "stock.move/write", Count = 1 });

        Assert.Equal(NotSent, (await bench.CallAsync("shipment.validate", Shipped(desks: 2))).Status);
        Assert.Equal(0, bench.Odoo.CallsOf("stock.picking", "button_validate"));
    }

    [Fact]
    public async Task A_line_that_nobody_names_does_not_leave_even_if_somebody_had_picked_it()
    {
        await using var bench = await StartAsync();
        await bench.Raw.CallAsync("stock.move", "write", new JsonObject { ["ids"] = new JsonArray(2), ["vals"] = new JsonObject { ["picked"] = true } });

        await bench.DoneAsync("shipment.validate", """
            { "name": "WH/OUT/00001", "state": "done", "context": { "skip_backorder": true },
              "move_ids": [ { "id": 1, "product_id": { "default_code": "DESK0005" }, "product_uom": { "name": "Units" }, "quantity": 3, "picked": true } ] }
            """);

        var moves = await bench.RowsAsync("stock.move", "product_id", "state", "quantity");
        Assert.Equal(["done"], moves.Where(move => move!["state"]!.GetValue<string>() == "done").Select(move => move!["state"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Carrier_and_number_are_written_before_and_after_it_left()
    {
        await using var bench = await StartAsync();

        var shipped = await bench.DoneAsync("shipment.validate", Shipped(more: """ "carrier_id": { "name": "Standard delivery" }, "carrier_tracking_ref": "1Z1", """));
        Assert.Equal("1Z1", shipped.GetProperty("carrier_tracking_ref").GetString());
        Assert.Equal(1, shipped.GetProperty("carrier_id")[0].GetInt32());

        var corrected = await bench.DoneAsync("shipment.validate", """{ "name": "WH/OUT/00001", "carrier_tracking_ref": "1Z2" }""");
        Assert.Equal(("1Z2", "done"), (corrected.GetProperty("carrier_tracking_ref").GetString(), corrected.GetProperty("state").GetString()));
        Assert.Equal(Done, (await bench.ReadBackAsync("shipment.validate", """{ "name": "WH/OUT/00001", "carrier_tracking_ref": "1Z2" }""")).Status);
        Assert.Equal(NotFound, (await bench.ReadBackAsync("shipment.validate", """{ "name": "WH/OUT/00001", "carrier_tracking_ref": "1Z3" }""")).Status);
    }

    [Theory]
    [InlineData("""{ "name": "WH/OUT/00099", "state": "cancel" }""", "WH/OUT/00099")]
    [InlineData("""{ "name": "WH/OUT/00001", "sale_id": { "name": "S00099" }, "state": "cancel" }""", "S00099")]
    [InlineData("""{ "name": "WH/OUT/00001", "warehouse_id": { "code": "WH2" }, "state": "cancel" }""", "WH2")]
    [InlineData("""{ "name": "WH/OUT/00001", "carrier_id": { "name": "Nobody" } }""", "Nobody")]
    [InlineData("""{ "name": "WH/OUT/00001", "packages": [{ "name": "PACK1" }] }""", "packages")]
    [InlineData("""{ "name": "WH/OUT/00001", "state": "done", "move_ids": [{ "id": 9, "product_id": { "default_code": "DESK0005" }, "product_uom": { "name": "Units" }, "picked": true, "quantity": 1 }] }""", "despatchLines/0")]
    [InlineData("""{ "name": "WH/OUT/00001", "state": "done", "move_ids": [{ "product_id": { "default_code": "DESK0005" }, "product_uom": { "name": "Dozens" }, "picked": true, "quantity": 1 }] }""", "unit")]
    [InlineData("""{ "name": "WH/OUT/00001", "state": "done", "move_ids": [{ "product_id": { "default_code": "DESK0005" }, "product_uom": { "name": "Units" }, "picked": false }] }""", "nothing was done")]
    public async Task What_is_not_the_transfers_is_refused_before_anything_is_changed(string input, string says)
    {
        await using var bench = await StartAsync();

        var result = await bench.CallAsync("shipment.validate", input);

        Assert.Equal(Refused, result.Status);
        Assert.Contains(says, result.Detail, StringComparison.Ordinal);
        Assert.Equal(0, bench.Odoo.CallsOf("stock.picking", "write") + bench.Odoo.CallsOf("stock.picking", "button_validate"));
    }

    [Fact]
    public async Task What_has_left_can_not_be_cancelled_and_what_has_not_can()
    {
        await using var bench = await StartAsync();
        await bench.OrderAsync("PO-2");
        await bench.ShipAsync();

        Assert.Equal(Refused, (await bench.CallAsync("shipment.validate", """{ "name": "WH/OUT/00001", "state": "cancel" }""")).Status);
        Assert.Equal(Done, (await bench.CallAsync("shipment.validate", """{ "name": "WH/OUT/00002", "state": "cancel" }""")).Status);
        Assert.Equal(Done, (await bench.CallAsync("shipment.validate", """{ "name": "WH/OUT/00002", "state": "cancel" }""")).Status);
        Assert.Equal(1, bench.Odoo.CallsOf("stock.picking", "action_cancel"));
    }

    [Fact]
    public async Task An_order_has_the_shipments_that_it_has_in_Odoo()
    {
        await using var bench = await StartAsync();
        await bench.OrderAsync("PO-2");
        await bench.ShipAsync(desks: 2);

        var shipments = (await bench.DoneAsync("shipment.read", "{}", reference: "1")).GetProperty("shipments").EnumerateArray().ToArray();

        Assert.Equal(["WH/OUT/00001", "WH/OUT/00003"], shipments.Select(shipment => shipment.GetProperty("name").GetString()));
        Assert.Equal("ACME-DE", shipments[0].GetProperty("sale_id").GetProperty("partner_id").GetProperty("ref").GetString());
        Assert.Equal(NotFound, (await bench.CallAsync("shipment.read", "{}", reference: "S00001")).Status);
    }

    [Fact]
    public async Task More_than_is_left_of_the_order_does_not_leave_though_the_transfer_still_says_it()
    {
        await using var bench = await StartAsync();
        // In somebody's hands: Odoo takes nothing off it any more.
        await bench.WriteAsync("stock.picking", 1, new JsonObject { ["printed"] = true });
        await bench.WriteAsync("sale.order.line", 1, new JsonObject { ["product_uom_qty"] = 1 });
        await bench.WriteAsync("sale.order.line", 2, new JsonObject { ["product_uom_qty"] = 0 });
        Assert.Equal([3m, 2m], (await bench.RowsAsync("stock.move", "product_uom_qty")).Take(2).Select(move => move!["product_uom_qty"]!.GetValue<decimal>()));

        var desks = await bench.CallAsync("shipment.validate", Shipped(desks: 3, lamps: 0));
        var lamps = await bench.CallAsync("shipment.validate", Shipped(desks: 1, lamps: 2));
        Assert.Equal((Refused, Refused), (desks.Status, lamps.Status));
        Assert.Equal("despatchLines/0: 3 of 'DESK0005' is 2 more than is left of what was ordered", desks.Detail);
        Assert.StartsWith("despatchLines/1: ", lamps.Detail, StringComparison.Ordinal);
        Assert.Equal(0, bench.Odoo.CallsOf("stock.picking", "button_validate"));

        await bench.ShipAsync(desks: 1, lamps: 0);
        var rest = (await bench.RowsAsync("stock.picking", "name", "state")).Last(picking => picking!["name"]!.GetValue<string>().StartsWith("WH/OUT/", StringComparison.Ordinal))!["name"]!.GetValue<string>();
        Assert.Equal(Refused, (await bench.CallAsync("shipment.validate", Shipped(desks: 1, lamps: 0, name: rest))).Status);
        Assert.Equal([1m, 0m], (await bench.RowsAsync("sale.order.line", "qty_delivered")).Select(line => line!["qty_delivered"]!.GetValue<decimal>()));
    }

    [Fact]
    public async Task What_was_split_over_lines_of_a_document_is_counted_together()
    {
        await using var bench = await StartAsync();
        await bench.WriteAsync("stock.picking", 1, new JsonObject { ["printed"] = true });
        await bench.WriteAsync("sale.order.line", 1, new JsonObject { ["product_uom_qty"] = 2 });
        string Desk(decimal quantity) => $$"""{ "product_id": { "default_code": "DESK0005" }, "product_uom": { "name": "Units" }, "picked": true, "quantity": {{quantity}} }""";
        string Twice(decimal first, decimal second) => $$"""{ "name": "WH/OUT/00001", "state": "done", "move_ids": [ {{Desk(first)}}, {{Desk(second)}} ], "context": { "skip_backorder": true } }""";

        var over = await bench.CallAsync("shipment.validate", Twice(1, 2));

        Assert.Equal(Refused, over.Status);
        Assert.StartsWith("despatchLines/1: ", over.Detail, StringComparison.Ordinal);
        await bench.DoneAsync("shipment.validate", Twice(1, 1));
    }

    [Theory]
    [InlineData("-1", "less than nothing")]
    [InlineData("-0.000001", "less than nothing")]
    [InlineData("79000000000000000000000000000", "so much")]
    public async Task What_is_no_quantity_is_refused_by_every_try_and_never_an_error(string quantity, string says)
    {
        await using var bench = await StartAsync();
        string Moved(string name) => $$"""
            { "name": "{{name}}", "state": "done", "context": { "skip_backorder": true },
              "move_ids": [ { "product_id": { "default_code": "DESK0005" }, "product_uom": { "name": "Units" }, "picked": true, "quantity": {{quantity}} },
                            { "product_id": { "default_code": "DESK0005" }, "product_uom": { "name": "Units" }, "picked": true, "quantity": {{quantity}} } ] }
            """;

        var refused = await bench.CallAsync("shipment.validate", Moved("WH/OUT/00001"));
        Assert.Equal(Refused, refused.Status);
        Assert.Contains(says, refused.Detail, StringComparison.Ordinal);
        Assert.StartsWith("despatchLines/0: ", refused.Detail, StringComparison.Ordinal);
        // As work that was cut off is settled: it is asked about, and sent again.
        await bench.ShipAsync();
        Assert.Equal(NotFound, (await bench.ReadBackAsync("shipment.validate", Moved("WH/OUT/00001"))).Status);
        Assert.Equal(Refused, (await bench.CallAsync("shipment.validate", Moved("WH/OUT/00001"), resumes: true)).Status);
    }

    [Fact]
    public async Task What_somebody_changes_while_it_is_booked_is_not_validated()
    {
        await using var bench = await StartAsync();

        var result = await bench.MeanwhileAsync("stock.picking/read", () => bench.CallAsync("shipment.validate", Shipped(desks: 1)),
            () => bench.WriteAsync("stock.move", 1, new JsonObject { ["quantity"] = 3 }));

        Assert.Equal(NotSent, result.Status);
        Assert.Contains("Somebody else", result.Detail, StringComparison.Ordinal);
        Assert.Equal(0, bench.Odoo.CallsOf("stock.picking", "button_validate"));
        Assert.Equal(Done, (await bench.CallAsync("shipment.validate", Shipped(desks: 1))).Status);
    }

    [Fact]
    public async Task What_somebody_finishes_in_the_last_moment_is_told_as_it_is()
    {
        await using var bench = await StartAsync();
        async Task ShipOneAsync()
        {
            await bench.WriteAsync("stock.move", 1, new JsonObject { ["quantity"] = 1 });
            await bench.Raw.CallAsync("stock.picking", "button_validate", new JsonObject { ["ids"] = new JsonArray(1), ["context"] = new JsonObject { ["skip_backorder"] = true } });
        }

        var result = await bench.MeanwhileAsync("stock.picking/button_validate", () => bench.CallAsync("shipment.validate", Shipped(desks: 2)), ShipOneAsync);

        Assert.Equal((Refused, "transfer 'WH/OUT/00001' is done already, with other quantities"), (result.Status, result.Detail));
    }

    [Fact]
    public async Task A_transfer_of_anothers_order_is_not_there()
    {
        await using var bench = await StartAsync();
        var globex = Acme with { Name = "globex", Buyers = ["GLOBEX-DE"] };

        foreach (var input in (string[])[Shipped(), """{ "name": "WH/OUT/00001", "state": "cancel" }""", """{ "name": "WH/OUT/00001", "carrier_tracking_ref": "1Z1" }"""])
        {
            var foreign = await bench.CallAsync("shipment.validate", input, partner: globex);
            var unknown = await bench.CallAsync("shipment.validate", input.Replace("WH/OUT/00001", "WH/OUT/00099", StringComparison.Ordinal), partner: globex);

            Assert.Equal((Refused, Refused), (foreign.Status, unknown.Status));
            Assert.Equal(foreign.Detail.Replace("00001", "?", StringComparison.Ordinal), unknown.Detail.Replace("00099", "?", StringComparison.Ordinal));
            Assert.Equal((true, true), (foreign.Record.IsEmpty, foreign.Facts.IsEmpty));
        }
        Assert.Equal(0, bench.Odoo.CallsOf("stock.picking", "write") + bench.Odoo.CallsOf("stock.picking", "button_validate") + bench.Odoo.CallsOf("stock.picking", "action_cancel"));
        await bench.ShipAsync();
        Assert.Equal(NotFound, (await bench.ReadBackAsync("shipment.validate", Shipped(), partner: globex)).Status);
        Assert.Equal(Refused, (await bench.CallAsync("shipment.validate", Shipped(), partner: globex)).Status);
    }

    [Theory]
    [InlineData("shipment.validate", """{ "name": "WH/OUT/00001", "state": "done" }""", "stock.picking WH/OUT/00001")]
    [InlineData("return.receive", """{ "name": "WH/IN/00001", "picking_id": { "name": "WH/OUT/00001" } }""", "stock.picking WH/IN/00001")]
    [InlineData("return.create", """{ "name": "RMA-1", "picking_id": { "name": "WH/OUT/00001" } }""", "stock.picking WH/OUT/00001")]
    [InlineData("shipment.validate", """{ "name": 7 }""", null)]
    [InlineData("return.create", """{ "picking_id": "WH/OUT/00001" }""", null)]
    [InlineData("return.create", "[]", null)]
    [InlineData("shipment.validate", "no json", null)]
    [InlineData("order.create", """{ "name": "WH/OUT/00001" }""", null)]
    public async Task Operations_say_which_transfer_they_are_at(string operation, string input, string? record)
    {
        await using var bench = await StartAsync();

        Assert.Equal(record, bench.Backend.Operations[operation].RecordOf(System.Text.Encoding.UTF8.GetBytes(input)));
    }

    [Fact]
    public async Task A_name_longer_than_any_is_still_short_enough_to_be_held()
    {
        await using var bench = await StartAsync();

        var record = bench.Backend.Operations["shipment.validate"].RecordOf(System.Text.Encoding.UTF8.GetBytes($$"""{ "name": "{{new string('x', 100_000)}}" }"""));

        Assert.InRange(record!.Length, 1, 250);
    }
}
