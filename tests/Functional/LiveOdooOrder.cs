using System.Text.Json;
using Xunit;
using static Gateway.Tests.Functional.Support.LiveOdoo;

namespace Gateway.Tests.Functional;

/// <summary>
/// The way of an order against a real Odoo 19; wants what <see cref="Support.LiveOdoo"/> says. It leaves quotations and contacts behind.
/// </summary>
public sealed class LiveOdooOrder
{
    [Fact]
    public async Task One_order_however_often_and_however_many_at_once()
    {
        await using var odoo = Open();
        var run = Guid.NewGuid().ToString("N");
        var call = new OperationCall(Order(run), Acme) { ExternalId = $"so_{run}" };
        var create = odoo.Operations["order.create"];
        var cancellation = TestContext.Current.CancellationToken;

        Assert.Equal(OperationStatus.NotFound, (await create.ReadBackAsync(call, cancellation)).Status);
        var parallel = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => create.CallAsync(call, cancellation).AsTask()));
        var again = await create.CallAsync(call, cancellation);
        var back = await create.ReadBackAsync(call, cancellation);
        var read = await odoo.Operations["order.read"].CallAsync(
            new OperationCall(default, Acme) { Reference = back.Reference }, cancellation);

        Assert.All([.. parallel, again, back, read], result => Assert.Equal((OperationStatus.Done, null), (result.Status, result.Reason)));
        Assert.Single(new[] { parallel[0], parallel[1], parallel[2], parallel[3], again, back }.Select(result => result.Reference).Distinct());
        var record = JsonSerializer.Deserialize<JsonElement>(read.Record.Span);
        Assert.Equal($"GW-{run}", record.GetProperty("order").GetProperty("client_order_ref").GetString());
        Assert.Equal("12.50", Assert.Single(record.GetProperty("lines").EnumerateArray()).GetProperty("price_unit").GetString());
        Assert.Equal("37.50", record.GetProperty("order").GetProperty("amount_untaxed").GetString());
    }

    [Fact]
    public async Task An_order_is_changed_confirmed_and_cancelled_and_the_price_stays()
    {
        await using var odoo = Open();
        var run = Guid.NewGuid().ToString("N");
        var cancellation = TestContext.Current.CancellationToken;
        var made = await odoo.Operations["order.create"].CallAsync(new OperationCall(Order(run), Acme) { ExternalId = $"so_{run}" }, cancellation);
        OperationCall About(JsonElement input) => new(input, Acme) { ExternalId = $"int_{run}", Reference = made.Reference };
        ValueTask<OperationResult> CallAsync(string operation, JsonElement input) => odoo.Operations[operation].CallAsync(About(input), cancellation);

        // A quotation, and then the order that it became.
        foreach (var (quantity, confirmed) in ((int, bool)[])[(6, false), (7, true)])
        {
            Assert.Equal(OperationStatus.NotFound, (await odoo.Operations["order.change"].ReadBackAsync(About(Order(run, quantity: quantity)), cancellation)).Status);
            var changed = await CallAsync("order.change", Order(run, quantity: quantity));
            Assert.Equal((OperationStatus.Done, null), (changed.Status, changed.Reason));
            Assert.Equal("12.50", JsonSerializer.Deserialize<JsonElement>(changed.Record.Span).GetProperty("lines")[0].GetProperty("price_unit").GetString());
            Assert.Equal(OperationStatus.Done, (await odoo.Operations["order.change"].ReadBackAsync(About(Order(run, quantity: quantity)), cancellation)).Status);
            if (confirmed) continue;
            var parallel = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => CallAsync("order.confirm", Order(run)).AsTask()));
            Assert.All(parallel, result => Assert.Equal(OperationStatus.Done, result.Status));
        }

        Assert.All([await CallAsync("order.cancel", Order(run)), await CallAsync("order.cancel", Order(run))], result => Assert.Equal(OperationStatus.Done, result.Status));
        Assert.Equal(OperationStatus.Refused, (await CallAsync("order.change", Order(run, quantity: 9))).Status);
        Assert.Equal(OperationStatus.Refused, (await CallAsync("order.confirm", Order(run))).Status);
    }

    [Fact]
    public async Task Customers_and_their_credit_are_read()
    {
        await using var odoo = Open();
        OperationCall buyer = new(JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["buyer"] = Setting("BUYER") }), Acme);

        foreach (var operation in (string[])["partner.read", "credit.check"])
            Assert.Equal(OperationStatus.Done, (await odoo.Operations[operation].CallAsync(buyer, TestContext.Current.CancellationToken)).Status);
    }

    [Fact]
    public async Task What_odoo_does_not_know_is_refused_with_the_line()
    {
        await using var odoo = Open();
        var run = Guid.NewGuid().ToString("N");

        var result = await odoo.Operations["order.create"].CallAsync(
            new OperationCall(Order(run, sku: "GW-" + run), Acme) { ExternalId = $"so_{run}" }, TestContext.Current.CancellationToken);

        Assert.Equal((OperationStatus.Refused, $"orderLines/0: item 'GW-{run}' is not known"), (result.Status, result.Detail));
    }

    [Fact]
    public async Task Items_and_stock_are_read()
    {
        await using var odoo = Open();
        var cancellation = TestContext.Current.CancellationToken;
        OperationCall Ask(string member, string sku) => new(JsonSerializer.SerializeToElement(new Dictionary<string, string> { [member] = sku }), Acme);

        Assert.Equal(OperationStatus.Done, (await odoo.Operations["item.read"].CallAsync(Ask("sku", Setting("SKU")), cancellation)).Status);
        Assert.Equal(OperationStatus.Done, (await odoo.Operations["inventory.read"].CallAsync(Ask("item", Setting("SKU")), cancellation)).Status);
        Assert.Equal(OperationStatus.NotFound, (await odoo.Operations["item.read"].CallAsync(Ask("sku", Guid.NewGuid().ToString("N")), cancellation)).Status);
    }

    private static JsonElement Order(string run, string? sku = null, int quantity = 3) => JsonSerializer.SerializeToElement(new Dictionary<string, object?>
    {
        ["client_order_ref"] = $"GW-{run}",
        ["buyer"] = Setting("BUYER"),
        ["currency"] = Currency,
        ["warehouse"] = Warehouse,
        ["commitment_date"] = "2030-11-27 12:00:00",
        ["delivery"] = new { name = $"Gate {run}", street = "Hafenstr. 1", zip = "20457", city = "Hamburg", country = "DE" },
        ["lines"] = new[] { new { id = "1", default_code = sku ?? Setting("SKU"), product_uom_qty = quantity, unit_code = "C62", price_unit = "12.50" } },
    });
}
