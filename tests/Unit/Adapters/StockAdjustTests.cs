using System.Text.Json.Nodes;
using Gateway.Simulators;
using Xunit;
using static Gateway.OperationStatus;
using static Gateway.Tests.Unit.Adapters.LogisticsBench;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>Corrections of stock in Odoo: by a difference, once per external id, whatever moves meanwhile.</summary>
public sealed class StockAdjustTests
{
    private const string Less = """{ "product_id": { "default_code": "MON-27" }, "product_uom_id": { "name": "Units" }, "warehouse_id": { "code": "WH" }, "difference": -2, "reason": "9001: Damaged" }""";

    [Fact]
    public async Task A_difference_is_booked_under_its_id_and_people_see_why()
    {
        await using var bench = await StartAsync();
        var before = bench.Odoo.OnHand("MON-27", "WH");

        var record = await bench.DoneAsync("stock.adjust", Less, "fls_1");
        var more = await bench.DoneAsync("stock.adjust", Less.Replace(": -2", ": 2.5", StringComparison.Ordinal), "fls_2");

        Assert.Equal((before - 2, before + 0.5m), (record.GetProperty("quantity").GetDecimal(), more.GetProperty("quantity").GetDecimal()));
        Assert.Equal(before + 0.5m, bench.Odoo.OnHand("MON-27", "WH"));
        Assert.Equal([("9001: Damaged (fls_1) (Mitchell Admin)", -2m), ("9001: Damaged (fls_2) (Mitchell Admin)", 2.5m)], bench.Odoo.Adjustments.Select(a => (a.Reference, a.Difference)));
    }

    [Fact]
    public async Task The_same_id_again_books_nothing()
    {
        await using var bench = await StartAsync();
        await bench.DoneAsync("stock.adjust", Less, "fls_1");

        var again = await bench.CallAsync("stock.adjust", Less, "fls_1");

        Assert.Equal((Done, true), (again.Status, again.WasSo));
        Assert.Single(bench.Odoo.Adjustments);
    }

    [Fact]
    public async Task A_place_is_named_by_its_path_and_one_that_has_nothing_has_less_than_that_then()
    {
        await using var bench = await StartAsync();
        bench.Odoo.SetStock("MON-27", "WH", 1);

        var record = await bench.DoneAsync("stock.adjust", """{ "product_id": { "default_code": "MON-27" }, "location_id": { "complete_name": "WH/Stock" }, "difference": -3 }""", "fls_1");
        var nowhere = await bench.DoneAsync("stock.adjust", """{ "product_id": { "default_code": "MON-27" }, "location_id": { "complete_name": "WH/Output" }, "difference": 4 }""", "fls_2");

        Assert.Equal((-2m, 4m), (record.GetProperty("quantity").GetDecimal(), nowhere.GetProperty("quantity").GetDecimal()));
    }

    [Fact]
    public async Task An_answer_lost_after_it_was_booked_is_found_and_what_moved_since_is_of_no_matter()
    {
        await using var bench = await StartAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropAfterWork) { Path = "action_apply_inventory", Count = 1 });
        Assert.Equal(Unknown, (await bench.CallAsync("stock.adjust", Less, "fls_1")).Status);
        bench.Odoo.SetStock("MON-27", "WH", 5);

        Assert.Equal(Done, (await bench.ReadBackAsync("stock.adjust", Less, "fls_1")).Status);
        Assert.Equal(NotFound, (await bench.ReadBackAsync("stock.adjust", Less, "fls_10")).Status);
        Assert.Equal(5m, bench.Odoo.OnHand("MON-27", "WH"));
    }

    [Fact]
    public async Task What_was_proposed_and_not_booked_is_booked_by_the_next_try_once()
    {
        await using var bench = await StartAsync();
        var before = bench.Odoo.OnHand("MON-27", "WH");
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropBefore) { Path = "action_apply_inventory", Count = 1 });

        Assert.Equal(Unknown, (await bench.CallAsync("stock.adjust", Less, "fls_1")).Status);
        Assert.Equal(NotFound, (await bench.ReadBackAsync("stock.adjust", Less, "fls_1")).Status);
        Assert.Equal(Done, (await bench.CallAsync("stock.adjust", Less, "fls_1", resumes: true)).Status);

        Assert.Equal(before - 2, bench.Odoo.OnHand("MON-27", "WH"));
        Assert.Single(bench.Odoo.Adjustments);
    }

    /// <summary>Odoo asks back then, and books nothing: who went on from the count would undo the shipment.</summary>
    [Fact]
    public async Task What_ships_between_proposal_and_booking_stays_shipped()
    {
        await using var bench = await StartAsync();
        bench.Odoo.SetStock("MON-27", "WH", 40);
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.HoldBefore) { Path = "action_apply_inventory", Count = 1 });
        var call = bench.CallAsync("stock.adjust", Less, "fls_1").AsTask();
        await UntilAsync(() => bench.Odoo.CallsOf("stock.quant", "create") == 1 && bench.Odoo.Chaos.Held > 0);
        bench.Odoo.SetStock("MON-27", "WH", 30);
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.None));

        Assert.Equal(Done, (await call).Status);

        Assert.Equal(28m, bench.Odoo.OnHand("MON-27", "WH"));
        Assert.Equal(-2m, Assert.Single(bench.Odoo.Adjustments).Difference);
    }

    /// <summary>Another node's proposal stands in the quant by then, and is what is booked under this id. So the rest is booked behind it.</summary>
    [Fact]
    public async Task Where_another_has_written_over_the_proposal_the_sum_is_what_was_asked_for()
    {
        await using var bench = await StartAsync();
        bench.Odoo.SetStock("MON-27", "WH", 40);
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.HoldBefore) { Path = "action_apply_inventory", Count = 1 });
        var call = bench.CallAsync("stock.adjust", Less, "fls_1").AsTask();
        await UntilAsync(() => bench.Odoo.Chaos.Held > 0);
        await ProposeAsync(bench, 45);
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.None));

        Assert.Equal(Done, (await call).Status);

        Assert.Equal((38m, -2m), (bench.Odoo.OnHand("MON-27", "WH"), bench.Odoo.Adjustments.Sum(a => a.Difference)));
        Assert.Equal([5m, -7m], bench.Odoo.Adjustments.Select(a => a.Difference));
    }

    /// <summary>Then the proposal is gone: what is applied is nothing, and it begins anew.</summary>
    [Fact]
    public async Task Where_another_has_applied_the_proposal_before_it_is_booked_all_the_same()
    {
        await using var bench = await StartAsync();
        bench.Odoo.SetStock("MON-27", "WH", 40);
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.HoldBefore) { Path = "action_apply_inventory", Count = 1 });
        var call = bench.CallAsync("stock.adjust", Less, "fls_1").AsTask();
        await UntilAsync(() => bench.Odoo.Chaos.Held > 0);
        await bench.Raw.CallAsync("stock.quant", "action_apply_inventory", new JsonObject { ["ids"] = new JsonArray(await ProposeAsync(bench, 45)) });
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.None));

        Assert.Equal(Done, (await call).Status);

        Assert.Equal(43m, bench.Odoo.OnHand("MON-27", "WH"));
        Assert.Equal([5m, 0m, -2m], bench.Odoo.Adjustments.Select(a => a.Difference));
    }

    [Fact]
    public async Task What_somebody_has_counted_in_Odoo_is_not_written_over()
    {
        await using var bench = await StartAsync();
        var quant = await ProposeAsync(bench, 45);
        await bench.Raw.CallAsync("stock.quant", "write", new JsonObject { ["ids"] = new JsonArray(quant), ["vals"] = new JsonObject { ["user_id"] = false } });

        var result = await bench.CallAsync("stock.adjust", Less, "fls_1");

        Assert.Equal((NotSent, false), (result.Status, result.BackendIsAway));
        Assert.Contains("somebody has counted it", result.Reason, StringComparison.Ordinal);
        Assert.Empty(bench.Odoo.Adjustments);
    }

    [Theory]
    [InlineData("""{ "product_id": { "default_code": "NOPE" }, "warehouse_id": { "code": "WH" }, "difference": 1 }""", Refused, "item 'NOPE' is not known")]
    [InlineData("""{ "product_id": { "default_code": "MON-27" }, "warehouse_id": { "code": "NOWHERE" }, "difference": 1 }""", Refused, "there is no place 'NOWHERE'")]
    [InlineData("""{ "product_id": { "default_code": "MON-27" }, "product_uom_id": { "name": "Dozens" }, "warehouse_id": { "code": "WH" }, "difference": 1 }""", Refused, "another unit")]
    [InlineData("""{ "product_id": { "default_code": "MON-27" }, "warehouse_id": { "code": "WH" }, "difference": 0 }""", Malformed, "a difference of nothing")]
    [InlineData("""{ "product_id": { "default_code": "MON-27" }, "warehouse_id": { "code": "WH" }, "lot_id": { "name": "L1" }, "difference": 1 }""", Malformed, "lot_id")]
    [InlineData("""{ "product_id": { "default_code": "MON-27" }, "warehouse_id": { "code": "WH" } }""", Malformed, "difference")]
    public async Task What_can_not_be_corrected_is_told_and_nothing_is_written(string input, OperationStatus status, string says)
    {
        await using var bench = await StartAsync();

        var result = await bench.CallAsync("stock.adjust", input, "fls_1");

        Assert.Equal(status, result.Status);
        Assert.Contains(says, result.Reason ?? result.Detail, StringComparison.Ordinal);
        Assert.Equal(0, bench.Odoo.CallsOf("stock.quant", "create"));
    }

    /// <summary>Under the gateway's own key, as another of its nodes does.</summary>
    private static async Task<int> ProposeAsync(LogisticsBench bench, int counted)
    {
        var product = (await bench.RowsAsync("product.product", "default_code")).First(row => (string?)row!["default_code"] == "MON-27")!["id"]!.GetValue<int>();
        var place = (await bench.RowsAsync("stock.warehouse", "lot_stock_id"))[0]!["lot_stock_id"]![0]!.GetValue<int>();
        var made = await bench.Raw.CallAsync("stock.quant", "create", new JsonObject
        {
            ["vals_list"] = new JsonArray(new JsonObject { ["product_id"] = product, ["location_id"] = place, ["inventory_quantity"] = counted }),
            ["context"] = new JsonObject { ["inventory_mode"] = true },
        });
        return made![0]!.GetValue<int>();
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var i = 0; i < 500 && !holds(); i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.True(holds());
    }
}
