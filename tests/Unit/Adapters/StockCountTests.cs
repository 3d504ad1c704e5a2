using Gateway.Simulators;
using Xunit;
using static Gateway.OperationStatus;
using static Gateway.Tests.Unit.Adapters.LogisticsBench;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>Counts in Odoo: absolute, and never booked over what has moved since.</summary>
public sealed class StockCountTests
{
    private const string Count = """[{ "product_id": { "default_code": "MON-27" }, "product_uom_id": { "name": "Units" }, "warehouse_id": { "code": "WH" }, "inventory_quantity": 40 }]""";

    [Fact]
    public async Task What_was_counted_is_what_there_is()
    {
        await using var bench = await StartAsync();

        await bench.DoneAsync("stock.count", Count);
        await bench.DoneAsync("stock.count", Count);

        Assert.Equal(40m, await OnHandAsync(bench));
    }

    [Fact]
    public async Task A_place_is_counted_by_its_path()
    {
        await using var bench = await StartAsync();

        await bench.DoneAsync("stock.count", """[{ "product_id": { "default_code": "MON-27" }, "location_id": { "complete_name": "WH/Stock" }, "inventory_quantity": 7.5 }]""");

        Assert.Equal(7.5m, await OnHandAsync(bench));
    }

    [Fact]
    public async Task An_answer_lost_after_the_count_was_booked_is_found()
    {
        await using var bench = await StartAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropAfterWork) { Path = "action_apply_inventory", Count = 1 });

        Assert.Equal(Unknown, (await bench.CallAsync("stock.count", Count)).Status);
        Assert.Equal(Done, (await bench.ReadBackAsync("stock.count", Count)).Status);
    }

    [Fact]
    public async Task A_count_that_was_proposed_and_not_booked_is_booked_by_the_next_try()
    {
        await using var bench = await StartAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropBefore) { Path = "action_apply_inventory", Count = 1 });

        Assert.Equal(Unknown, (await bench.CallAsync("stock.count", Count)).Status);
        Assert.Equal(NotFound, (await bench.ReadBackAsync("stock.count", Count)).Status);
        Assert.Equal(Done, (await bench.CallAsync("stock.count", Count, resumes: true)).Status);
    }

    [Fact]
    public async Task Where_goods_moved_since_nobody_can_say_whether_it_was_booked_so_it_is_not_booked_again()
    {
        await using var bench = await StartAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropAfterWork) { Path = "action_apply_inventory", Count = 1 });
        Assert.Equal(Unknown, (await bench.CallAsync("stock.count", Count)).Status);
        bench.Odoo.SetStock("MON-27", "WH", 39);

        Assert.Equal(NotSent, (await bench.ReadBackAsync("stock.count", Count)).Status);
    }

    [Theory]
    [InlineData("""[{ "product_id": { "default_code": "NOPE" }, "warehouse_id": { "code": "WH" }, "inventory_quantity": 1 }]""", "NOPE")]
    [InlineData("""[{ "product_id": { "default_code": "MON-27" }, "warehouse_id": { "code": "NOWHERE" }, "inventory_quantity": 1 }]""", "NOWHERE")]
    [InlineData("""[{ "product_id": { "default_code": "MON-27" }, "product_uom_id": { "name": "Dozens" }, "warehouse_id": { "code": "WH" }, "inventory_quantity": 1 }]""", "unit")]
    [InlineData("""[{ "product_id": { "default_code": "MON-27" }, "warehouse_id": { "code": "WH" }, "lot_id": { "name": "L1" }, "inventory_quantity": 1 }]""", "lots")]
    [InlineData("""[{ "product_id": { "default_code": "MON-27" }, "warehouse_id": { "code": "WH" }, "inventory_quantity": -5 }]""", "stockDetails/0: a quantity can't be less than nothing")]
    [InlineData("""[{ "product_id": { "default_code": "MON-27" }, "warehouse_id": { "code": "WH" }, "inventory_quantity": 4 }, { "product_id": { "default_code": "MON-27" }, "location_id": { "complete_name": "WH/Stock" }, "inventory_quantity": 5 }]""", "stockDetails/1: item 'MON-27' is counted twice in this place, before in stockDetails/0")]
    public async Task What_can_not_be_counted_is_refused_and_nothing_is_written(string count, string says)
    {
        await using var bench = await StartAsync();

        var result = await bench.CallAsync("stock.count", count);

        Assert.Equal(Refused, result.Status);
        Assert.Contains(says, result.Detail, StringComparison.Ordinal);
        Assert.Equal(0, bench.Odoo.CallsOf("stock.quant", "create"));
        Assert.Equal(NotFound, (await bench.ReadBackAsync("stock.count", count)).Status);
    }

    private static async Task<decimal> OnHandAsync(LogisticsBench bench)
    {
        var record = await bench.DoneAsync("inventory.read", """{ "item": "MON-27", "location": "WH" }""");
        return record.GetProperty("qty_available").GetDecimal();
    }
}
