using System.Text.Json.Nodes;
using Gateway.Simulators;
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
}
