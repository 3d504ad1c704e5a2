using System.Collections.Concurrent;
using System.Diagnostics;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>
/// Orders that are accepted while Odoo is away: real processes, on SQLite, and on PostgreSQL as far as time allows (the rest in the soak). Each one that was answered 2xx is in Odoo once in the end, whatever was
/// killed meanwhile; none is parked; the client never asks again.
/// </summary>
public sealed class AcceptedTests
{
    /// <summary>What the route does with what can't be sent, and what it does always.</summary>
    private const string WhenDown = ", target: { whenDown: accept, accepted: { urgency: delivery.requestedDeliveryPeriod.startDate } }";

    private static readonly (string Path, string Mode)[] Places =
    [
        ("sale.order/load", "holdBefore"),
        ("sale.order/load", "holdAfter"),
        ("sale.order/read", "holdBefore"),
        ("product.product/search_read", "holdBefore"),
    ];

    public static TheoryData<string, string, string> Cuts
    {
        get
        {
            var cuts = new TheoryData<string, string, string>();
            foreach (var engine in StateEngines.Names.Where(StateEngines.IsEmbedded))
            {
                foreach (var (path, mode) in Places) cuts.Add(engine, path, mode);
            }
            return cuts;
        }
    }

    [Theory]
    [MemberData(nameof(StateEngines.Rows), MemberType = typeof(StateEngines))]
    public async Task Killed_after_it_was_accepted_an_order_is_in_Odoo_once_when_that_is_back(string engine)
    {
        await using var world = await KillWorld.StartAsync(engine, WhenDown);
        await world.Simulated.ChaosAsync(world.Simulated.Odoo, new { mode = "down" });
        var received = (await world.OrderAsync("PO-1", "k-PO-1"))!;
        await world.Gateway.KillAsync();
        await world.RestartAsync();

        Assert.Equal((202, "received"), (received.Status, received.Text("orderStatusCode")));
        Assert.Equal("received", (await world.GetAsync(received.Header("Location"))).Text("orderStatusCode"));
        Assert.Equal((1, 0), await world.LineAsync());
        Assert.Equal(0, await world.Simulated.OrdersAsync("PO-1"));
        await world.Simulated.HealAsync(world.Simulated.Odoo);

        await AssertOnceAsync(world, "PO-1", received);
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task Killed_while_it_is_forwarded_an_accepted_order_is_there_once(string engine, string path, string mode)
    {
        await using var world = await KillWorld.StartAsync(engine, WhenDown);
        await world.Simulated.ChaosAsync(world.Simulated.Odoo, new { mode = "down" });
        var received = (await world.OrderAsync("PO-1", "k-PO-1"))!;
        Assert.Equal(202, received.Status);

        await world.Simulated.ChaosAsync(world.Simulated.Odoo, new { mode, path });
        await Until.Found(async () => (int)(await world.Simulated.StateAsync(world.Simulated.Odoo))["held"]! > 0 ? "" : null, "the request to be held", seconds: 30);
        await world.Gateway.KillAsync();
        await world.Simulated.HealAsync(world.Simulated.Odoo);
        await world.RestartAsync();

        await AssertOnceAsync(world, "PO-1", received);
    }

    [Theory]
    [InlineData("sqlite")]
    public Task With_Odoo_away_under_traffic_every_order_is_answered_and_is_there_once_afterwards(string engine) => AwayAsync(engine, TimeSpan.FromSeconds(12), perSecond: 20);

    [Theory(Explicit = true)]
    [Trait("group", "soak")]
    [MemberData(nameof(StateEngines.Rows), MemberType = typeof(StateEngines))]
    public Task With_Odoo_away_for_40_minutes_every_order_is_answered_and_is_there_once_afterwards(string engine) => AwayAsync(engine, TimeSpan.FromMinutes(40), perSecond: 20);

    /// <summary>PostgreSQL's turn is in the soak: each of these takes half a minute.</summary>
    [Theory(Explicit = true)]
    [Trait("group", "soak")]
    [MemberData(nameof(StateEngines.Shared), MemberType = typeof(StateEngines))]
    public async Task A_shared_store_loses_and_doubles_nothing_either(string engine)
    {
        await AwayAsync(engine, TimeSpan.FromSeconds(12), perSecond: 20);
        await Killed_10_times_at_random_with_Odoo_going_up_and_down_every_accepted_order_is_there_once(engine);
    }

    [Theory]
    [InlineData("sqlite")]
    public async Task Killed_10_times_at_random_with_Odoo_going_up_and_down_every_accepted_order_is_there_once(string engine)
    {
        await using var world = await KillWorld.StartAsync(engine, WhenDown);
        var random = new Random(4711);
        var (sent, answered) = (new ConcurrentBag<string>(), new ConcurrentBag<string>());
        for (var kill = 0; kill < 10; kill++)
        {
            using var stop = new CancellationTokenSource();
            var prefix = $"PO-{kill}-";
            var traffic = Enumerable.Range(0, 4).Select(lane => Task.Run(() => SendAsync(world, $"{prefix}{lane}-", sent, answered, stop.Token))).ToList();
            await Until.True(() => answered.Any(a => a.StartsWith(prefix, StringComparison.Ordinal)), "the first order after a start");
            await world.Simulated.ChaosAsync(world.Simulated.Odoo, new { mode = random.Next(2) == 0 ? "down" : "none" });
            await Task.Delay(random.Next(0, 800), TestContext.Current.CancellationToken);
            if (random.Next(2) == 0) await world.Simulated.HealAsync(world.Simulated.Odoo);
            await Task.Delay(random.Next(0, 800), TestContext.Current.CancellationToken);
            await world.Gateway.KillAsync();
            await stop.CancelAsync();
            await Task.WhenAll(traffic);
            await world.RestartAsync();
        }
        await world.Simulated.HealAsync(world.Simulated.Odoo);

        await AssertAllOnceAsync(world, answered, sent);
    }

    /// <summary>Odoo is away for a time in which orders come without pause; then it is back.</summary>
    private static async Task AwayAsync(string engine, TimeSpan away, int perSecond)
    {
        await using var world = await KillWorld.StartAsync(engine, WhenDown);
        var answered = new ConcurrentBag<string>();
        Assert.Equal(201, (await world.OrderAsync("PO-first", "k-PO-first"))!.Status);
        answered.Add("PO-first");
        await world.Simulated.ChaosAsync(world.Simulated.Odoo, new { mode = "down" });
        var clock = Stopwatch.StartNew();
        var orders = new List<Task>();
        for (var i = 0; clock.Elapsed < away; i++)
        {
            var reference = $"PO-{i}";
            orders.Add(Task.Run(async () =>
            {
                var answer = (await world.OrderAsync(reference, "k-" + reference))!;
                Assert.True(answer.Status is 202, $"{reference}: {answer.Status} {answer.Body}");
                answered.Add(reference);
            }));
            if (TimeSpan.FromSeconds((i + 1.0) / perSecond) - clock.Elapsed is { Ticks: > 0 } rest) await Task.Delay(rest, TestContext.Current.CancellationToken);
        }
        await Task.WhenAll(orders);
        Assert.Equal((orders.Count, 0), await world.LineAsync());
        await world.Simulated.HealAsync(world.Simulated.Odoo);

        await AssertAllOnceAsync(world, answered, answered);
    }

    private static async Task SendAsync(KillWorld world, string prefix, ConcurrentBag<string> sent, ConcurrentBag<string> answered, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            sent.Add(prefix + i);
            if (await world.OrderAsync(prefix + i, "k-" + prefix + i) is { } answer && answer.Status is 201 or 202) answered.Add(prefix + i);
        }
    }

    private static async Task AssertOnceAsync(KillWorld world, string reference, Answered received)
    {
        await Until.Found(async () => await world.Simulated.WebhooksAsync(reference) is { Count: > 0 } some ? some : null, "the webhook", seconds: 40);
        Assert.Equal(1, await world.Simulated.OrdersAsync(reference));
        Assert.Equal(["order.received.v1", "order.accepted.v1"], (await world.EventsAsync()).Select(e => (string?)e["type"]));
        Assert.Equal("accepted", (await world.GetAsync(received.Header("Location"))).Text("orderStatusCode"));
        var replayed = (await world.OrderAsync(reference, "k-" + reference))!;
        Assert.Equal((201, "true", received.Header("Location")), (replayed.Status, replayed.Header("Idempotency-Replayed"), replayed.Header("Location")));
        Assert.Equal((0, 0), await world.LineAsync());
    }

    /// <summary>What was answered is in Odoo; nothing is there twice, and nothing that was never sent; each has its two events at most, in their order.</summary>
    private static async Task AssertAllOnceAsync(KillWorld world, IReadOnlyCollection<string> answered, IReadOnlyCollection<string> sent)
    {
        var missing = answered.ToHashSet();
        await Until.Found(async () =>
        {
            missing.ExceptWith(await world.OrdersAsync());
            return missing.Count == 0 ? "" : null;
        }, "every answered order in Odoo", seconds: 120 + answered.Count / 10);
        await world.SettledAsync();
        Assert.Equal((0, 0), await world.LineAsync());
        var orders = await world.OrdersAsync();
        Assert.Equal(orders.Count, orders.Distinct().Count());
        Assert.Subset(sent.ToHashSet(), orders.ToHashSet());
        var events = (await world.EventsAsync()).GroupBy(e => (string)e["subject"]!, e => (string)e["type"]!).Select(e => string.Join(',', e)).ToList();
        Assert.Equal(orders.Count, events.Count);
        Assert.All(events, e => Assert.True(e is "order.accepted.v1" or "order.received.v1,order.accepted.v1", e));
    }
}
