using System.Text.Json.Nodes;
using Gateway.Simulators;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static Gateway.OperationStatus;
using static Gateway.Tests.Unit.Adapters.LogisticsBench;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>Returns in Odoo: announced once, never more than was shipped, and received.</summary>
public sealed class ReturnTests
{
    private const string Wizard = "stock.return.picking/action_create_returns";

    [Fact]
    public async Task A_return_brings_back_just_what_is_named()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();

        var back = await bench.DoneAsync("return.create", Back(desks: 1), "return_1");

        Assert.Equal("WH/IN/00001", back.GetProperty("name").GetString());
        Assert.Equal("Return of WH/OUT/00001 (return_1)", back.GetProperty("origin").GetString());
        Assert.Equal("TRK-BACK", back.GetProperty("carrier_tracking_ref").GetString());
        var move = Assert.Single(back.GetProperty("move_ids").EnumerateArray());
        Assert.Equal((1m, true), (move.GetProperty("product_uom_qty").GetDecimal(), move.GetProperty("to_refund").GetBoolean()));
        Assert.Equal("DESK0005", move.GetProperty("product_id").GetProperty("default_code").GetString());
    }

    [Fact]
    public async Task The_same_return_again_is_the_one_that_there_is()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        var first = await bench.CallAsync("return.create", Back(), "return_1");

        var again = await bench.CallAsync("return.create", Back(), "return_1");

        Assert.Equal((Done, first.Reference), (again.Status, again.Reference));
        Assert.Equal(1, bench.Odoo.CallsOf("stock.return.picking", "action_create_returns"));
    }

    [Fact]
    public async Task No_more_comes_back_than_went_out_over_all_returns()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync(desks: 2);
        await bench.DoneAsync("return.create", Back(desks: 1), "return_1");

        var over = await bench.CallAsync("return.create", Back(desks: 2), "return_2");
        Assert.Equal(Refused, over.Status);
        Assert.Contains("returnLines/0", over.Detail, StringComparison.Ordinal);

        Assert.Equal(Done, (await bench.CallAsync("return.create", Back(desks: 1), "return_3")).Status);
        Assert.Equal(Refused, (await bench.CallAsync("return.create", Back(desks: 1), "return_4")).Status);
    }

    [Fact]
    public async Task What_was_cancelled_may_be_returned_again()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        await bench.DoneAsync("return.create", Back(desks: 3), "return_1");
        await bench.Raw.CallAsync("stock.picking", "action_cancel", new JsonObject { ["ids"] = new JsonArray(2) });

        Assert.Equal(Done, (await bench.CallAsync("return.create", Back(desks: 3), "return_2")).Status);
    }

    [Fact]
    public async Task Four_at_once_of_the_same_return_are_one_and_of_different_ones_never_too_many()
    {
        await using var bench = await StartAsync(simulator: new OdooSimulatorOptions { TransactionTime = TimeSpan.FromMilliseconds(10) });
        await bench.ShipAsync();

        var same = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => bench.CallAsync("return.create", Back(), "return_1").AsTask()));
        Assert.Single(same.Select(result => (result.Status, result.Reference)).Distinct());

        var others = await Task.WhenAll(Enumerable.Range(2, 4).Select(n => bench.CallAsync("return.create", Back(), $"return_{n}").AsTask()));
        Assert.Equal(2, others.Count(result => result.Status == Done));
        Assert.Equal(2, others.Count(result => result.Status == Refused));
    }

    [Fact]
    public async Task Two_gateways_at_once_never_return_too_much()
    {
        await using var bench = await StartAsync(simulator: new OdooSimulatorOptions { TransactionTime = TimeSpan.FromMilliseconds(30) });
        await using var other = OdooBench.Open(bench.Odoo.Url);
        await bench.ShipAsync();

        await Task.WhenAll(
            bench.CallAsync("return.create", Back(desks: 2), "return_1").AsTask(),
            other.Operations["return.create"].CallAsync(new OperationCall(OdooBench.Json(Back(desks: 2)), Acme) { ExternalId = "return_2" }, TestContext.Current.CancellationToken).AsTask());

        var moves = await bench.RowsAsync("stock.move", "origin_returned_move_id", "state", "product_uom_qty");
        Assert.InRange(moves.Where(move => move!["origin_returned_move_id"] is JsonArray && move["state"]!.GetValue<string>() != "cancel").Sum(move => move!["product_uom_qty"]!.GetValue<decimal>()), 0, 3);
    }

    [Fact]
    public async Task An_answer_lost_after_the_wizard_has_worked_is_taken_up_and_makes_no_second_return()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropAfterWork) { Path = Wizard, Count = 1 });

        Assert.Equal(Unknown, (await bench.CallAsync("return.create", Back(), "return_1")).Status);

        // It bears no mark yet, so nobody can say whose it is; the call that is sent again takes it.
        Assert.Equal(NotFound, (await bench.ReadBackAsync("return.create", Back(), "return_1")).Status);
        var resumed = await bench.CallAsync("return.create", Back(), "return_1", resumes: true);
        Assert.Equal((Done, "2"), (resumed.Status, resumed.Reference));
        Assert.Equal(Done, (await bench.ReadBackAsync("return.create", Back(), "return_1")).Status);
        Assert.Equal(1, bench.Odoo.CallsOf("stock.return.picking", "action_create_returns"));
    }

    [Fact]
    public async Task A_mark_whose_answer_is_lost_is_found()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropAfterWork) { Path = "stock.picking/write", Count = 1 });

        Assert.Equal(Unknown, (await bench.CallAsync("return.create", Back(), "return_1")).Status);
        Assert.Equal(Done, (await bench.ReadBackAsync("return.create", Back(), "return_1")).Status);
    }

    [Fact]
    public async Task What_another_call_may_still_be_marking_is_not_taken_up()
    {
        await using var bench = await StartAsync(options => options with { Timeout = TimeSpan.FromSeconds(2) });
        await bench.ShipAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.HoldBefore) { Path = "stock.picking/write", Count = 1 });
        Assert.NotEqual(Done, (await bench.CallAsync("return.create", Back(), "return_1")).Status);

        // The mark is under way. Another return of the same goods, which was cut off before it came to the wizard, is settled meanwhile.
        Task<OperationResult> SettleAsync() => bench.CallAsync("return.create", Back(name: "RMA-2"), "return_2", resumes: true, until: TimeProvider.System.GetUtcNow().AddMinutes(1)).AsTask();
        var early = await SettleAsync();
        bench.Odoo.Chaos.Heal();
        while (!(await OriginsAsync(bench)).Contains("Return of WH/OUT/00001 (return_1)")) await Task.Delay(20, TestContext.Current.CancellationToken);
        var late = await SettleAsync();

        Assert.Equal((NotSent, Done), (early.Status, late.Status));
        Assert.Equal(["Return of WH/OUT/00001 (return_1)", "Return of WH/OUT/00001 (return_2)"], (await OriginsAsync(bench))[1..]);
    }

    [Fact]
    public async Task What_was_cut_off_long_ago_is_taken_up()
    {
        var anHourAgo = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(-1));
        await using var bench = await StartAsync(simulator: new OdooSimulatorOptions { Clock = anHourAgo });
        await bench.ShipAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropAfterWork) { Path = Wizard, Count = 1 });
        Assert.Equal(Unknown, (await bench.CallAsync("return.create", Back(), "return_1")).Status);

        var resumed = await bench.CallAsync("return.create", Back(), "return_1", resumes: true, until: TimeProvider.System.GetUtcNow().AddMinutes(1));

        Assert.Equal((Done, "2"), (resumed.Status, resumed.Reference));
        Assert.Equal(1, bench.Odoo.CallsOf("stock.return.picking", "action_create_returns"));
    }

    [Fact]
    public async Task A_connection_lost_before_the_wizard_worked_leaves_no_return()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropBefore) { Path = Wizard, Count = 1 });

        Assert.Equal(Unknown, (await bench.CallAsync("return.create", Back(), "return_1")).Status);
        Assert.Equal(NotFound, (await bench.ReadBackAsync("return.create", Back(), "return_1")).Status);
        Assert.Equal(Done, (await bench.CallAsync("return.create", Back(), "return_1", resumes: true)).Status);
        Assert.Equal(2, (await bench.RowsAsync("stock.picking", "name")).Count);
    }

    [Fact]
    public async Task A_return_that_somebody_made_in_Odoo_is_never_taken_for_ours()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        await bench.DoneAsync("return.create", Back(), "return_1");

        // The same content, marked as another's: it is left alone also where work is taken up.
        var resumed = await bench.CallAsync("return.create", Back(), "return_2", resumes: true);

        Assert.Equal((Done, "3"), (resumed.Status, resumed.Reference));
    }

    [Fact]
    public async Task Goods_of_another_partner_are_not_there()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();

        var result = await bench.CallAsync("return.create", Back(), "return_1", partner: Acme with { Buyers = ["GLOBEX-DE"] });
        var unknown = await bench.CallAsync("return.create", Back(delivery: "WH/OUT/00001x"), "return_2");

        Assert.Equal((Refused, Refused), (result.Status, unknown.Status));
        Assert.Equal(result.Detail.Replace("WH/OUT/00001", "?", StringComparison.Ordinal), unknown.Detail.Replace("WH/OUT/00001x", "?", StringComparison.Ordinal));
        Assert.Equal(0, bench.Odoo.CallsOf("stock.return.picking", "create"));
    }

    [Theory]
    [InlineData("CAB-2M", "Units", "no such line")]
    [InlineData("DESK0005", "Dozens", "unit")]
    public async Task What_the_delivery_has_not_is_refused(string sku, string unit, string says)
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();

        var result = await bench.CallAsync("return.create", Back().Replace("DESK0005", sku, StringComparison.Ordinal).Replace("Units", unit, StringComparison.Ordinal), "return_1");

        Assert.Equal(Refused, result.Status);
        Assert.Contains(says, result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_has_not_left_does_not_come_back()
    {
        await using var bench = await StartAsync();

        Assert.Equal(Refused, (await bench.CallAsync("return.create", Back(), "return_1")).Status);
    }

    [Fact]
    public async Task What_is_received_is_delivered_no_more()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        await bench.DoneAsync("return.create", Back(desks: 2), "return_1");

        var received = await bench.DoneAsync("return.receive", Received(desks: 1));

        Assert.Equal("done", received.GetProperty("state").GetString());
        Assert.Equal(2m, (await bench.RowsAsync("sale.order.line", "qty_delivered"))[0]!["qty_delivered"]!.GetValue<decimal>());
        Assert.Equal(Done, (await bench.CallAsync("return.receive", Received(desks: 1))).Status);
        Assert.Equal(Refused, (await bench.CallAsync("return.receive", Received(desks: 2))).Status);
        Assert.Equal("WH/IN/00001", (await bench.DoneAsync("return.read", "{}", reference: "2")).GetProperty("name").GetString());
    }

    [Fact]
    public async Task What_comes_back_in_parts_is_received_part_by_part_of_the_one_return()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        await bench.DoneAsync("return.create", Back(desks: 3), "return_1");
        foreach (var part in (string[])["WH/IN/00001", "WH/IN/00002", "WH/IN/00003"])
            Assert.Equal("done", (await bench.DoneAsync("return.receive", Received(desks: 1, name: part, rest: true), reference: "2")).GetProperty("state").GetString());

        Assert.Equal(0m, (await bench.RowsAsync("sale.order.line", "qty_delivered"))[0]!["qty_delivered"]!.GetValue<decimal>());
        Assert.Equal(Refused, (await bench.CallAsync("return.receive", Received(desks: 1, name: "WH/IN/00003"), reference: "99")).Status);
    }

    [Fact]
    public async Task More_than_was_announced_is_not_received()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        await bench.DoneAsync("return.create", Back(desks: 1), "return_1");

        Assert.Equal(Refused, (await bench.CallAsync("return.receive", Received(desks: 2))).Status);
    }

    [Fact]
    public async Task A_receipt_whose_answer_is_lost_is_found_received()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        await bench.DoneAsync("return.create", Back(desks: 1), "return_1");
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropAfterWork) { Path = "stock.picking/button_validate", Count = 1 });

        Assert.Equal(Unknown, (await bench.CallAsync("return.receive", Received(desks: 1))).Status);
        Assert.Equal(Done, (await bench.ReadBackAsync("return.receive", Received(desks: 1))).Status);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("0")]
    [InlineData("79000000000000000000000000000")]
    public async Task What_is_no_quantity_does_not_come_back_by_any_try_and_is_never_an_error(string quantity)
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        var back = Back().Replace("\"quantity\": 1", $"\"quantity\": {quantity}", StringComparison.Ordinal);
        Assert.Contains(quantity, back, StringComparison.Ordinal);

        var refused = await bench.CallAsync("return.create", back, "return_1");

        Assert.Equal(Refused, refused.Status);
        Assert.StartsWith("returnLines/0: ", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(NotFound, (await bench.ReadBackAsync("return.create", back, "return_1")).Status);
        Assert.Equal(Refused, (await bench.CallAsync("return.create", back, "return_1", resumes: true)).Status);
        Assert.Equal(0, bench.Odoo.CallsOf("stock.return.picking", "create"));
    }

    [Fact]
    public async Task Less_than_nothing_is_not_received()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        await bench.DoneAsync("return.create", Back(desks: 1), "return_1");
        var received = Received(desks: 1).Replace("\"picked\": true, \"quantity\": 1", "\"picked\": true, \"quantity\": -1", StringComparison.Ordinal);

        var refused = await bench.CallAsync("return.receive", received);

        Assert.Equal((Refused, "returnLines/0: a quantity can't be less than nothing"), (refused.Status, refused.Detail));
        Assert.Equal(NotFound, (await bench.ReadBackAsync("return.receive", received)).Status);
    }

    [Fact]
    public async Task A_return_of_anothers_goods_is_not_there_to_be_received()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        await bench.DoneAsync("return.create", Back(desks: 1), "return_1");
        var validated = bench.Odoo.CallsOf("stock.picking", "button_validate");
        var globex = Acme with { Name = "globex", Buyers = ["GLOBEX-DE"] };

        var foreign = await bench.CallAsync("return.receive", Received(desks: 1), partner: globex);
        var unknown = await bench.CallAsync("return.receive", Received(desks: 1, name: "WH/IN/00099"), partner: globex);

        Assert.Equal((Refused, Refused), (foreign.Status, unknown.Status));
        Assert.Equal(foreign.Detail.Replace("00001", "?", StringComparison.Ordinal), unknown.Detail.Replace("00099", "?", StringComparison.Ordinal));
        Assert.Equal(validated, bench.Odoo.CallsOf("stock.picking", "button_validate"));
        Assert.Equal(NotFound, (await bench.ReadBackAsync("return.receive", Received(desks: 1), partner: globex)).Status);
        Assert.Equal(Done, (await bench.CallAsync("return.receive", Received(desks: 1))).Status);
    }

    private static async Task<string[]> OriginsAsync(LogisticsBench bench) =>
        [.. (await bench.RowsAsync("stock.picking", "origin")).Select(row => (string?)row!["origin"] ?? "")];
}
