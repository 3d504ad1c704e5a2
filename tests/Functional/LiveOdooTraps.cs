using System.Globalization;
using System.Text.Json;
using Gateway.Adapters.Odoo;
using Gateway.Tests.Functional.Support;
using Xunit;
using static Gateway.Tests.Functional.Support.LiveOdoo;

namespace Gateway.Tests.Functional;

/// <summary>
/// What a real Odoo 19 does to who trusts it, as far as the ways of orders and goods do not meet it: <see cref="LiveOdooOrder"/>, <see cref="LiveOdooLogistics"/>.
/// Wants what <see cref="LiveOdoo"/> says. It leaves orders and contacts behind, and no stock otherwise than it was, but for two pieces shipped.
/// </summary>
public sealed class LiveOdooTraps
{
    private readonly string _run = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task A_known_order_is_not_overwritten()
    {
        await using var odoo = Open();
        var (made, _) = await odoo.DoneAsync("order.create", Order(_run), $"so_{_run}");

        var other = await odoo.CallAsync("order.create", Order(_run, quantity: 9), $"so_{_run}");

        Assert.Equal(OperationStatus.Taken, other.Status);
        Assert.Equal(3m, await QuantityAsync(odoo, made.Reference));
    }

    [Fact]
    public async Task One_bad_row_of_load_is_told_under_200_and_nothing_of_the_call_is_kept()
    {
        var answer = await RawAsync("res.partner", "load", new
        {
            fields = (string[])["id", "name", "country_id/.id"],
            data = (string[][])[[$"odoo_gateway.live_{_run}_a", $"GW {_run}", ""], [$"odoo_gateway.live_{_run}_b", $"GW {_run}", "999999999"]],
        });

        Assert.Equal(JsonValueKind.False, answer.GetProperty("ids").ValueKind);
        Assert.Equal("error", answer.GetProperty("messages")[0].GetProperty("type").GetString());
        Assert.Equal(0, (await RawAsync("res.partner", "search", new { domain = (object[])[(string[])["name", "=", $"GW {_run}"]] })).GetArrayLength());
    }

    [Fact]
    public async Task A_record_is_found_from_its_own_second_on()
    {
        await using var odoo = Open();
        var id = int.Parse((await odoo.DoneAsync("order.create", Order(_run), $"so_{_run}")).Result.Reference!, CultureInfo.InvariantCulture);
        var changed = (await RawAsync("sale.order", "read", new { ids = (int[])[id], fields = (string[])["write_date"] }))[0].GetProperty("write_date").GetString()!;

        Assert.Equal(1, (await RawAsync("sale.order", "search", new { domain = (object[])[(object[])["id", "=", id], (object[])["write_date", ">=", changed]] })).GetArrayLength());
    }

    [Fact]
    public async Task The_feed_looks_from_the_second_on_in_which_a_record_was_written()
    {
        await using var odoo = Open(options => options with { Changes = new ChangesOptions { Of = new Dictionary<string, string> { ["orders"] = "odoo/order.from" } } });
        var id = int.Parse((await odoo.DoneAsync("order.create", Order(_run), $"so_{_run}")).Result.Reference!, CultureInfo.InvariantCulture);
        var orders = odoo.Changes!.Kinds.Single(kind => kind.Name == "orders");
        var cancellation = TestContext.Current.CancellationToken;

        var second = Assert.Single((await odoo.Changes.HeadsAsync(orders, [Acme], [id], cancellation)).Value!).WrittenAt;
        var found = await odoo.Changes.ListAsync(orders, [Acme], new ChangeQuery(1000) { From = second }, cancellation);

        Assert.Contains(new DatedRecord(id, second), found.Value!);
    }

    [Fact]
    public async Task One_line_that_can_not_be_made_leaves_nothing_of_the_order()
    {
        await using var odoo = Open();
        var contact = await RawAsync("res.partner", "load", new { fields = (string[])["id", "name"], data = (string[][])[[$"odoo_gateway.sol_{_run}_2", $"GW {_run}"]] });
        Assert.Equal(JsonValueKind.Array, contact.GetProperty("ids").ValueKind);
        var line = $"\"default_code\": \"{Setting("SKU")}\", \"product_uom_qty\": 1, \"unit_code\": \"C62\", \"price_unit\": \"12.50\"";

        var result = await odoo.CallAsync("order.create", $$"""
            { "client_order_ref": "GW-{{_run}}", "buyer": "{{Setting("BUYER")}}", "currency": "{{Currency}}", "lines": [{ "id": "1", {{line}} }, { "id": "2", {{line}} }] }
            """, $"so_{_run}");

        Assert.True(result.Status is OperationStatus.Refused or OperationStatus.NotSent, $"{result.Status}: {result.Reason}");
        Assert.Equal(0, (await RawAsync("sale.order", "search", new { domain = (object[])[(string[])["client_order_ref", "=", $"GW-{_run}"]] })).GetArrayLength());
    }

    [Fact]
    public async Task A_question_is_no_shipment_and_the_state_is_what_counts()
    {
        await using var odoo = Open();
        var (made, _) = await odoo.DoneAsync("order.create", Order(_run), $"so_{_run}");
        await odoo.DoneAsync("order.confirm", "{}", $"int_{_run}", made.Reference);
        var (_, planned) = await odoo.DoneAsync("shipment.read", "{}", reference: made.Reference);
        var delivery = Assert.Single(planned.GetProperty("shipments").EnumerateArray());
        var (id, name) = (delivery.GetProperty("id").GetInt32(), delivery.GetProperty("name").GetString());
        var moves = await RawAsync("stock.move", "search", new { domain = (object[])[(object[])["picking_id", "=", id]] });
        await RawAsync("stock.move", "write", new { ids = moves, vals = new { quantity = 1, picked = true } });

        // One of three, and nobody said what becomes of the rest.
        var asked = await RawAsync("stock.picking", "button_validate", new { ids = (int[])[id] });

        Assert.Equal(JsonValueKind.Object, asked.ValueKind);
        Assert.NotEqual("done", (await RawAsync("stock.picking", "read", new { ids = (int[])[id], fields = (string[])["state"] }))[0].GetProperty("state").GetString());
        var (_, shipped) = await odoo.DoneAsync("shipment.validate", $$"""{ "name": "{{name}}", {{Moved(1)}} }""");
        Assert.Equal("done", shipped.GetProperty("state").GetString());
        Assert.Single(shipped.GetProperty("backorder_ids").EnumerateArray());
    }

    [Fact]
    public async Task Eight_changes_of_one_order_at_once_leave_one_of_them_whole()
    {
        await using var odoo = Open();
        var (made, _) = await odoo.DoneAsync("order.create", Order(_run), $"so_{_run}");

        var results = await Task.WhenAll(Enumerable.Range(1, 8).Select(n => odoo.CallAsync("order.change", Order(_run, n), $"int_{_run}_{n}", made.Reference).AsTask()));

        Assert.Contains(results, result => result.Status == OperationStatus.Done);
        Assert.All(results, result => Assert.True(result.Status is OperationStatus.Done or OperationStatus.NotSent, $"{result.Status}: {result.Reason}"));
        Assert.InRange(await QuantityAsync(odoo, made.Reference), 1m, 8m);
    }

    [Fact]
    public async Task What_has_been_shipped_is_not_cancelled()
    {
        await using var odoo = Open();
        var (made, _) = await odoo.DoneAsync("order.create", Order(_run, quantity: 1), $"so_{_run}");
        await odoo.DoneAsync("order.confirm", "{}", $"int_{_run}", made.Reference);
        var (_, planned) = await odoo.DoneAsync("shipment.read", "{}", reference: made.Reference);
        var delivery = Assert.Single(planned.GetProperty("shipments").EnumerateArray()).GetProperty("name").GetString();
        await odoo.DoneAsync("shipment.validate", $$"""{ "name": "{{delivery}}", {{Moved(1)}} }""");

        Assert.Equal(OperationStatus.Refused, (await odoo.CallAsync("order.cancel", "{}", $"int_{_run}_c", made.Reference)).Status);
        var (_, order) = await odoo.DoneAsync("order.read", "{}", reference: made.Reference);
        Assert.Equal("sale", order.GetProperty("order").GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_count_that_is_answered_with_nothing_is_booked()
    {
        var place = Warehouse ?? "WH";
        await using var odoo = Open();
        var before = await OnHandAsync();

        await odoo.DoneAsync("stock.count", $$"""
            [{ "product_id": { "default_code": "{{Setting("SKU")}}" }, "warehouse_id": { "code": "{{place}}" }, "inventory_quantity": {{before.GetRawText()}} }]
            """, $"int_{_run}");

        Assert.Equal(before.GetDecimal(), (await OnHandAsync()).GetDecimal());

        async Task<JsonElement> OnHandAsync() =>
            (await odoo.DoneAsync("inventory.read", $$"""{ "item": "{{Setting("SKU")}}", "location": "{{place}}" }""")).Record.GetProperty("qty_available");
    }

    [Fact]
    public async Task A_difference_is_booked_once_and_found_and_taken_back()
    {
        var place = Warehouse ?? "WH";
        await using var odoo = Open();
        var before = await OnHandAsync();

        await odoo.DoneAsync("stock.adjust", By(2), $"int_{_run}_a");
        await odoo.DoneAsync("stock.adjust", By(2), $"int_{_run}_a");
        Assert.Equal(before + 2, await OnHandAsync());

        await odoo.DoneAsync("stock.adjust", By(-2), $"int_{_run}_b");
        Assert.Equal(before, await OnHandAsync());

        string By(int difference) => $$"""{ "product_id": { "default_code": "{{Setting("SKU")}}" }, "warehouse_id": { "code": "{{place}}" }, "difference": {{difference}}, "reason": "A trial" }""";

        async Task<decimal> OnHandAsync() =>
            (await odoo.DoneAsync("inventory.read", $$"""{ "item": "{{Setting("SKU")}}", "location": "{{place}}" }""")).Record.GetProperty("qty_available").GetDecimal();
    }

    [Theory]
    [InlineData(OdooApi.Json2)]
    [InlineData(OdooApi.Jsonrpc)]
    public async Task What_an_unknown_database_is_answered_with_shows_nobody_where_it_is(OdooApi api)
    {
        await using var odoo = Open(options => options with { Api = api, Login = "nobody", Database = $"no_{_run}" });

        var result = await odoo.CallAsync("order.read", "{}", reference: "1");

        Assert.Equal((OperationStatus.NotSent, "The order system is not available; nothing was changed."), (result.Status, result.Detail));
    }

    [Fact]
    public async Task A_key_that_is_refused_under_200_is_no_success()
    {
        await using var odoo = Open(options => options with { Api = OdooApi.Jsonrpc, Login = $"nobody-{_run}" });

        Assert.Equal(OperationStatus.NotSent, (await odoo.CallAsync("order.read", "{}", reference: "1")).Status);
    }

    /// <summary>Of the one line, whose price is the agreed one whatever became of it.</summary>
    private static async Task<decimal> QuantityAsync(Backend odoo, string? reference)
    {
        var (_, order) = await odoo.DoneAsync("order.read", "{}", reference: reference);
        var line = Assert.Single(order.GetProperty("lines").EnumerateArray());
        Assert.Equal("12.50", line.GetProperty("price_unit").GetString());
        return line.GetProperty("product_uom_qty").GetDecimal();
    }
}
