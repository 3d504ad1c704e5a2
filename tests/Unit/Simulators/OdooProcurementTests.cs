using System.Text.Json.Nodes;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Unit.Simulators;

/// <summary>What becomes of a confirmed order's transfers when its lines change.</summary>
public sealed class OdooProcurementTests : IAsyncLifetime
{
    private OdooSimulator _odoo = null!;
    private OdooCaller _caller = null!;

    public async ValueTask InitializeAsync()
    {
        _odoo = await OdooSimulator.StartAsync();
        _caller = new OdooCaller(_odoo);
        await _caller.CallAsync("sale.order", "create", Json("""{"vals_list":[{"partner_id":46,"order_line":[[0,0,{"product_id":5,"product_uom_qty":3}],[0,0,{"product_id":40,"product_uom_qty":2}]]}]}"""));
        await _caller.CallAsync("sale.order", "action_confirm", Json("""{"ids":[1]}"""));
    }

    public async ValueTask DisposeAsync()
    {
        _caller.Dispose();
        await _odoo.DisposeAsync();
    }

    [Fact]
    public async Task Less_is_taken_off_the_delivery_and_nothing_of_a_line_cancels_its_move()
    {
        await OrderAsync(1, 1);
        await OrderAsync(2, 0);

        Assert.Equal([("WH/OUT/00001", 1m), ("WH/OUT/00001", 0m)], await MovesAsync());
        Assert.Equal(["assigned", "cancel"], (await RowsAsync("stock.move", "state")).Select(move => move!["state"]!.GetValue<string>()));
    }

    [Fact]
    public async Task More_is_added_to_what_has_not_left_and_comes_on_its_own_behind_what_has()
    {
        await OrderAsync(1, 4);
        Assert.Equal([("WH/OUT/00001", 4m), ("WH/OUT/00001", 2m)], await MovesAsync());

        await _caller.CallAsync("stock.picking", "button_validate", Json("""{"ids":[1]}"""));
        await OrderAsync(1, 6);
        Assert.Equal([("WH/OUT/00001", 4m), ("WH/OUT/00001", 2m), ("WH/OUT/00002", 2m)], await MovesAsync());
    }

    [Fact]
    public async Task What_is_printed_stays_as_it_is_and_the_difference_is_to_come_back()
    {
        await _caller.CallAsync("stock.picking", "write", Json("""{"ids":[1],"vals":{"printed":true}}"""));

        await OrderAsync(1, 1);

        Assert.Equal([("WH/OUT/00001", 3m), ("WH/OUT/00001", 2m), ("WH/IN/00001", 2m)], await MovesAsync());
        // Both are in the plan of the line by now: the same quantity again changes nothing.
        await OrderAsync(1, 1);
        Assert.Equal(3, (await MovesAsync()).Length);
    }

    private Task<JsonNode?> OrderAsync(int line, int quantity) => _caller.CallAsync("sale.order.line", "write", Json($$"""{"ids":[{{line}}],"vals":{"product_uom_qty":{{quantity}} } }"""));

    private async Task<(string Transfer, decimal Quantity)[]> MovesAsync() =>
        [.. (await RowsAsync("stock.move", "reference", "product_uom_qty")).Select(move => (move!["reference"]!.GetValue<string>(), move["product_uom_qty"]!.GetValue<decimal>()))];

    private async Task<JsonArray> RowsAsync(string model, params string[] fields) => (await _caller.CallAsync(model, "search_read", new JsonObject
    {
        ["domain"] = new JsonArray(),
        ["fields"] = new JsonArray([.. fields.Select(field => (JsonNode)field)]),
        ["order"] = "id",
    }))!.AsArray();

    private static JsonObject Json(string json) => JsonNode.Parse(json)!.AsObject();
}
