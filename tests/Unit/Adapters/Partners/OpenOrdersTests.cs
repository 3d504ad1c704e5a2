using System.Text.Json.Nodes;
using Xunit;
using static Gateway.Tests.Unit.Adapters.LogisticsBench;

namespace Gateway.Tests.Unit.Adapters.Partners;

/// <summary>What of a customer's orders counts as used credit: what will still be invoiced, and no more. The order is 3 desks of 12.50 and 2 lamps of 7.25.</summary>
public sealed class OpenOrdersTests
{
    private const string Order = """{ "order": "S00001" }""";

    [Fact]
    public async Task An_order_is_open_until_it_is_invoiced_shipped_or_not()
    {
        await using var bench = await LogisticsBench.StartAsync();

        Assert.Equal("52.00", await OpenAsync(bench));
        await bench.ShipAsync(desks: 2, lamps: 0);
        Assert.Equal("52.00", await OpenAsync(bench));
        await bench.DoneAsync("invoice.create", Order, "invoice_1");
        Assert.Equal("27.00", await OpenAsync(bench));
    }

    [Fact]
    public async Task What_came_back_and_was_credited_is_no_longer_open()
    {
        await using var bench = await LogisticsBench.StartAsync();
        await bench.ShipAsync();
        await bench.DoneAsync("invoice.create", Order, "invoice_1");
        Assert.Equal("0.00", await OpenAsync(bench));

        await ReturnAsync(bench);
        Assert.Equal("0.00", await OpenAsync(bench));
        await bench.DoneAsync("credit-note.create", Order, "credit_1");
        Assert.Equal("0.00", await OpenAsync(bench));
    }

    [Fact]
    public async Task What_came_back_of_a_part_leaves_open_what_is_still_to_leave()
    {
        await using var bench = await LogisticsBench.StartAsync();
        await bench.ShipAsync(desks: 2, lamps: 0);
        await bench.DoneAsync("invoice.create", Order, "invoice_1");
        await ReturnAsync(bench);
        await bench.DoneAsync("credit-note.create", Order, "credit_1");

        Assert.Equal("27.00", await OpenAsync(bench));
    }

    [Fact]
    public async Task The_rest_of_an_order_that_was_closed_short_is_not_open()
    {
        await using var bench = await LogisticsBench.StartAsync();
        await bench.ShipAsync(desks: 1, lamps: 0, rest: false);
        Assert.Equal("12.50", await OpenAsync(bench));

        await bench.DoneAsync("invoice.create", Order, "invoice_1");
        Assert.Equal("0.00", await OpenAsync(bench));
    }

    [Fact]
    public async Task A_service_is_open_until_it_is_invoiced_though_nothing_of_it_moves()
    {
        await using var bench = await LogisticsBench.StartAsync();
        await bench.Raw.CallAsync("sale.order", "write", new JsonObject
        {
            ["ids"] = new JsonArray(1),
            ["vals"] = new JsonObject { ["order_line"] = new JsonArray(new JsonArray(0, 0, new JsonObject { ["product_id"] = 60, ["product_uom_qty"] = 2, ["price_unit"] = 100 })) },
        });

        Assert.Equal("290.00", await OpenAsync(bench)); // 52, and 200 with 19 % of taxes
        await bench.DoneAsync("invoice.create", Order, "invoice_1");
        Assert.Equal("52.00", await OpenAsync(bench));
    }

    [Fact]
    public async Task Where_the_transfer_counts_in_another_unit_all_that_is_not_delivered_is_open()
    {
        await using var bench = await LogisticsBench.StartAsync();
        await bench.Raw.CallAsync("stock.move", "write", new JsonObject { ["ids"] = new JsonArray(1), ["vals"] = new JsonObject { ["product_uom"] = 3, ["product_uom_qty"] = 0.25 } });

        Assert.Equal("52.00", await OpenAsync(bench));
    }

    private static async Task ReturnAsync(LogisticsBench bench)
    {
        await bench.DoneAsync("return.create", Back(1), "return_1");
        await bench.DoneAsync("return.receive", Received(1));
    }

    private static async Task<string?> OpenAsync(LogisticsBench bench) =>
        (await bench.DoneAsync("credit.check", """{ "buyer": "ACME-DE" }""")).GetProperty("open_orders").GetString();
}
