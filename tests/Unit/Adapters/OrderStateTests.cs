using Gateway.Simulators;
using Xunit;
using static Gateway.OperationStatus;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>Confirming and cancelling, against the simulated Odoo.</summary>
public sealed class OrderStateTests
{
    [Fact]
    public async Task A_confirmed_order_has_a_transfer_and_confirming_it_again_changes_nothing()
    {
        await using var bench = await OrderBench.StartAsync();

        var first = await bench.ConfirmAsync();
        var second = await bench.ConfirmAsync();

        Assert.Equal((Done, Done), (first.Status, second.Status));
        Assert.Equal((false, true, false), (first.WasSo, second.WasSo, (await bench.FindAsync("order.confirm")).WasSo));
        Assert.Equal("released", OdooBench.Json(first.Facts).GetProperty("orderStatusCode").GetString());
        Assert.Single((await bench.OrderAsync())["picking_ids"]!.AsArray());
        Assert.Equal(1, bench.Odoo.CallsOf("sale.order", "action_confirm"));
    }

    [Fact]
    public async Task Four_confirm_at_once_and_there_is_one_transfer()
    {
        await using var bench = await OrderBench.StartAsync(new OdooSimulatorOptions { TransactionTime = TimeSpan.FromMilliseconds(30) });

        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => bench.ConfirmAsync().AsTask()));

        Assert.All(results, result => Assert.Equal(Done, result.Status));
        Assert.Single((await bench.OrderAsync())["picking_ids"]!.AsArray());
    }

    [Theory]
    [InlineData("order.confirm", "action_confirm", ChaosMode.DropAfterWork, true)]
    [InlineData("order.confirm", "action_confirm", ChaosMode.DropBefore, false)]
    [InlineData("order.cancel", "action_cancel", ChaosMode.DropAfterWork, true)]
    [InlineData("order.cancel", "action_cancel", ChaosMode.DropBefore, false)]
    public async Task A_lost_answer_is_unknown_until_the_state_speaks(string operation, string method, ChaosMode chaos, bool done)
    {
        await using var bench = await OrderBench.StartAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(chaos) { Path = method, Count = 1 });

        var cut = await bench.CallAsync(operation);
        var found = await bench.FindAsync(operation);

        Assert.Equal((Unknown, done ? Done : NotFound), (cut.Status, found.Status));
        Assert.Equal(Done, (await bench.CallAsync(operation)).Status);
        Assert.Equal(done ? 1 : 2, bench.Odoo.CallsOf("sale.order", method) + (done ? 0 : 1));
    }

    [Fact]
    public async Task A_cancelled_order_is_not_confirmed()
    {
        await using var bench = await OrderBench.StartAsync();
        await bench.CancelAsync();

        Assert.Equal(Refused, (await bench.ConfirmAsync()).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_order_is_cancelled_once_whatever_is_repeated(bool confirmed)
    {
        await using var bench = await OrderBench.StartAsync();
        if (confirmed) await bench.ConfirmAsync();

        var first = await bench.CancelAsync();
        var second = await bench.CancelAsync();

        Assert.Equal((Done, Done), (first.Status, second.Status));
        Assert.Equal("cancel", (string?)(await bench.OrderAsync())["state"]);
        var facts = OdooBench.Json(first.Facts);
        Assert.Equal(("cancelled", "PO-4711"), (facts.GetProperty("orderStatusCode").GetString(), facts.GetProperty("customerReference").GetString()));
        Assert.Equal(1, bench.Odoo.CallsOf("sale.order", "action_cancel"));
    }

    [Fact]
    public async Task What_has_been_shipped_is_not_cancelled()
    {
        await using var bench = await OrderBench.StartAsync();
        await bench.ConfirmAsync();
        await bench.ShipAsync(2);

        var result = await bench.CancelAsync();

        Assert.Equal((Refused, "Goods of this order have been shipped, so it can't be cancelled any more. What was shipped can be returned."), (result.Status, result.Detail));
        Assert.Equal(("sale", 0), ((string?)(await bench.OrderAsync())["state"], bench.Odoo.CallsOf("sale.order", "action_cancel")));
    }

    [Fact]
    public async Task What_odoo_answers_with_a_form_is_not_cancelled()
    {
        await using var odoo = await CannedOdoo.StartAsync(async (http, call) => await CannedOdoo.JsonAsync(http, 200, call switch
        {
            "sale.order/read" => """[{"id":42,"name":"S00042","state":"sale","locked":false,"client_order_ref":"PO-1","currency_id":[1,"EUR"],"company_id":[1,"Us"]}]""",
            "sale.order/action_cancel" => """{"type":"ir.actions.act_window","res_model":"sale.order.cancel","target":"new"}""",
            "res.currency/search_read" => """[{"id":1,"name":"EUR","decimal_places":2}]""",
            _ => "[]",
        }));
        await using var backend = OdooBench.Open(odoo.Url);

        var result = await backend.Operations["order.cancel"].CallAsync(new OperationCall(OdooBench.Json("{}"), OdooBench.Acme) { Reference = "42", ExternalId = "int_1" }, TestContext.Current.CancellationToken);

        Assert.Equal(Refused, result.Status);
        Assert.DoesNotContain("action_cancel", result.Detail, StringComparison.Ordinal);
        Assert.Contains("sale.order/action_cancel", odoo.Calls);
    }

    [Theory]
    [InlineData("order.cancel")]
    [InlineData("order.confirm")]
    [InlineData("order.change")]
    public async Task A_reference_of_nothing_is_refused_before_anything_is_sent(string operation)
    {
        await using var bench = await OdooBench.StartAsync();

        var result = await bench.Backend.Operations[operation].CallAsync(OdooBench.Call(OdooBench.Order(), "int_1") with { Reference = "4711" }, TestContext.Current.CancellationToken);

        Assert.Equal(Refused, result.Status);
    }
}
