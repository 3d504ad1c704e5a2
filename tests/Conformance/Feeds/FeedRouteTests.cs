using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Conformance.Feeds;

/// <summary>What the gateway's own routes do in Odoo is told by them, and not by the feed again.</summary>
public sealed class FeedRouteTests
{
    [Fact]
    public async Task What_a_route_has_done_is_told_once_and_what_somebody_does_to_it_afterwards_is_told_under_its_id()
    {
        await using var world = await FeedWorld.StartAsync();

        var made = await world.OrderAsync("PO-1");
        var location = made.Header("Location");
        Assert.Equal(["order.accepted.v1"], (await world.LaterAsync(3)).Select(e => e.Type));
        await world.WriteAsync(world.Odoo.Orders[0].Id, """{"commitment_date":"2026-12-01 11:00:00"}""");
        await world.EventsAsync(2);
        await world.SendAsync("POST", location + "/cancellation", body: "{}", key: "c-1");
        var events = await world.LaterAsync(3);

        Assert.Equal(201, made.Status);
        Assert.Equal(["order.accepted.v1", "order.changed.v1", "order.cancelled.v1"], events.Select(e => e.Type));
        Assert.All(events, e => Assert.Equal(("acme", location.Split('/')[^1]), (e.Tenant, e.Subject)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_somebody_has_done_before_a_route_could_is_told_by_the_feed_and_not_by_the_route(bool seen)
    {
        await using var world = await FeedWorld.StartAsync();
        var location = (await world.OrderAsync("PO-1")).Header("Location");
        await world.LaterAsync();

        await world.ActAsync("sale.order", "action_cancel", world.Odoo.Orders[0].Id);
        if (seen) await world.EventsAsync(2);
        var statuses = new List<int>();
        for (var n = 1; n < 3; n++) statuses.Add((await world.SendAsync("POST", location + "/cancellation", body: "{}", key: $"c-{n}")).Status);
        await world.EventsAsync(2);

        Assert.Equal([200, 200], statuses);
        Assert.Equal(["order.accepted.v1", "order.cancelled.v1"], (await world.LaterAsync(3)).Select(e => e.Type));
    }

    [Fact]
    public async Task While_a_route_is_at_it_the_feed_waits_for_what_it_tells()
    {
        await using var world = await FeedWorld.StartAsync();
        world.Away.Away = static call => call == "CompleteAsync";

        var made = await world.OrderAsync("PO-1");
        Assert.Single(world.Odoo.Orders);
        Assert.Empty(await world.LaterAsync(4));
        world.Away.Away = null;
        await world.EventsAsync(1);

        Assert.NotEqual(201, made.Status);
        Assert.Equal(["order.accepted.v1"], (await world.LaterAsync(4)).Select(e => e.Type));
    }

    [Fact]
    public async Task What_somebody_changes_while_a_route_is_at_it_is_told_behind_the_routes_own_event()
    {
        await using var world = await FeedWorld.StartAsync();
        world.Away.Away = static call => call == "CompleteAsync";
        await world.OrderAsync("PO-1");

        await world.ActAsync("sale.order", "action_confirm", world.Odoo.Orders[0].Id);
        await world.LaterAsync(2);
        world.Away.Away = null;
        var events = await world.EventsAsync(1);
        await world.ActAsync("sale.order", "action_cancel", world.Odoo.Orders[0].Id);
        events = await world.EventsAsync(2);

        Assert.Equal("order.accepted.v1", events[0].Type);
        Assert.Equal("order.cancelled.v1", events[^1].Type);
        Assert.Single(events.Select(e => e.Subject).Distinct());
    }

    [Fact]
    public async Task A_step_whose_commit_is_lost_loses_and_doubles_nothing()
    {
        await using var world = await FeedWorld.StartAsync();
        var (tried, done) = (0, 0);
        world.Away.Away = call => call == "StepAsync" && Interlocked.Increment(ref tried) is 2 or 7;
        world.Away.Lost = call => call == "StepAsync" && Interlocked.Increment(ref done) is 3 or 4 or 8;

        for (var i = 0; i < 6; i++) await world.EnterAsync(FeedWorld.Acme, $"PO-{i}");
        await world.EventsAsync(6, seconds: 40);
        await world.LaterAsync();
        (world.Away.Lost, world.Away.Away) = (null, null);

        Assert.Equal(6, (await world.LaterAsync()).Select(e => (string?)FeedWorld.DataOf(e)["customerReference"]).Distinct().Count());
        Assert.Equal(6, (await world.LaterAsync()).Count);
    }

    [Fact]
    public async Task An_Odoo_that_is_down_is_left_alone_and_told_of_and_what_happened_meanwhile_is_told_when_it_is_back()
    {
        await using var world = await FeedWorld.StartAsync("every: 100ms, hints: { secrets: [secret://demo/" + FeedWorld.Secret + "] }",
            odoo: "resilience: { retries: 0, circuit: { minimumCalls: 2, window: 5s, break: 1s } },");
        world.Odoo.Chaos.Set(new ChaosRule(ChaosMode.Error) { Status = 503, Path = "/json/2/" });
        await UntilAsync(world, ready => ready.Contains("\"trouble\": \"odoo: ", StringComparison.Ordinal));
        var asked = world.Odoo.Requests;
        await Task.Delay(2000, TestContext.Current.CancellationToken);
        var spent = world.Odoo.Requests - asked;
        var metrics = await world.MetricsAsync();

        await world.EnterAsync(FeedWorld.Acme, "PO-1");
        await world.HintAsync("""{"_model":"sale.order","_id":1}""");
        world.Odoo.Chaos.Heal();

        Assert.Single(await world.EventsAsync(1, seconds: 40));
        Assert.Single(await world.LaterAsync());
        Assert.InRange(spent, 0, 6);
        Assert.Contains("gateway_changes_lag_seconds{", metrics, StringComparison.Ordinal);
        await UntilAsync(world, ready => !ready.Contains("\"trouble\": \"odoo: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_record_that_its_mapping_can_not_tell_holds_up_no_other_and_is_told_when_it_can()
    {
        await using var world = await FeedWorld.StartAsync(of: "orders: odoo/picky.from", more: ("transforms/odoo/picky.from.jsonata", """(order.client_order_ref = "BAD" ? $error("not this one"); { "reference": order.client_order_ref })"""));

        var bad = (await world.EnterAsync(FeedWorld.Acme, "BAD"))[0];
        await world.EnterAsync(FeedWorld.Acme, "GOOD");
        Assert.Equal("GOOD", (string?)FeedWorld.DataOf(Assert.Single(await world.EventsAsync(1)))["reference"]);
        Assert.Single(await world.LaterAsync(3));
        Assert.Contains("gateway_changes_untold_total", await world.MetricsAsync(), StringComparison.Ordinal);
        await world.WriteAsync(bad, """{"client_order_ref":"FINE"}""");

        var told = (await world.EventsAsync(2))[1];
        Assert.Equal(("order.created.v1", "FINE"), (told.Type, (string?)FeedWorld.DataOf(told)["reference"]));
    }

    private static async Task UntilAsync(FeedWorld world, Func<string, bool> holds)
    {
        for (var tries = 0; !holds(await world.ReadyAsync()); tries++)
        {
            if (tries == 400) throw new TimeoutException(await world.ReadyAsync());
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
