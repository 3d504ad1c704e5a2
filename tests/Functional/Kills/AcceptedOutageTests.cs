using System.Collections.Concurrent;
using System.Diagnostics;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Kills;

/// <summary>Odoo is away while orders come without pause: each is answered 202 and is in Odoo once in the end; none is parked.</summary>
public sealed class AcceptedOutageTests
{
    [Theory]
    [InlineData("sqlite")]
    public Task With_Odoo_away_under_traffic_every_order_is_answered_and_is_there_once_afterwards(string engine) => AwayAsync(engine, TimeSpan.FromSeconds(12), perSecond: 20);

    /// <summary>Forty minutes pass by a clock that is moved, in tests/Conformance/Accepted; here four of them take as long as they are.</summary>
    [Theory(Explicit = true)]
    [Trait("group", "soak")]
    [MemberData(nameof(StateEngines.Rows), MemberType = typeof(StateEngines))]
    public Task With_Odoo_away_for_minutes_every_order_is_answered_and_is_there_once_afterwards(string engine) => AwayAsync(engine, TimeSpan.FromMinutes(4), perSecond: 20);

    /// <summary>Odoo is away for a time in which orders come without pause; then it is back.</summary>
    private static async Task AwayAsync(string engine, TimeSpan away, int perSecond)
    {
        await using var world = await KillWorld.StartAsync(engine, AcceptedOrders.WhenDown, change: overlay => overlay.Replace("circuit: { minimumCalls: 1000 }", "", StringComparison.Ordinal));
        var answered = new ConcurrentBag<string>();
        Assert.Equal(201, (await world.OrderAsync("PO-first", "k-PO-first"))!.Status);
        answered.Add("PO-first");
        await world.Simulated.ChaosAsync(world.Simulated.Odoo, new { mode = "down" });
        var clock = Stopwatch.StartNew();
        var orders = new List<Task>();
        var (openFor, left, asked, looked) = (TimeSpan.Zero, (TimeSpan?)null, 0, TimeSpan.Zero);
        for (var i = 0; clock.Elapsed < away; i++)
        {
            var reference = $"PO-{i}";
            orders.Add(Task.Run(async () =>
            {
                var answer = (await world.OrderAsync(reference, "k-" + reference))!;
                Assert.True(answer.Status is 202, $"{reference}: {answer.Status} {answer.Body}");
                answered.Add(reference);
            }));
            if (clock.Elapsed >= looked + TimeSpan.FromSeconds(1))
            {
                // Where the circuit is open at both looks, and for longer than that before, nothing was sent between them.
                var (still, requests) = (await world.OpenForAsync("odoo"), await world.Simulated.RequestsAsync());
                if (left is { TotalSeconds: < 14 } before && still <= before)
                {
                    Assert.Equal(asked, requests);
                    openFor += clock.Elapsed - looked;
                }
                (left, asked, looked) = (still, requests, clock.Elapsed);
            }
            if (TimeSpan.FromSeconds((i + 1.0) / perSecond) - clock.Elapsed is { Ticks: > 0 } rest) await Task.Delay(rest, TestContext.Current.CancellationToken);
        }
        await Task.WhenAll(orders);
        Assert.Equal((orders.Count, 0), await world.LineAsync());
        // What waits in the line has spent nothing: nobody was asked, all the while that the circuit was seen open.
        Assert.True(openFor >= away / 2, $"the circuit was seen open for {openFor}");
        await world.Simulated.HealAsync(world.Simulated.Odoo);

        await AcceptedOrders.AssertAllOnceAsync(world, answered, answered);
    }
}
