using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Kills;

/// <summary><c>kill -9</c> at any moment, again and again, while orders flow without pause: each that was ever accepted or stored is there once.</summary>
public sealed class RandomKillTests
{
    [Theory]
    [MemberData(nameof(StateEngines.Rows), MemberType = typeof(StateEngines))]
    public Task Killed_25_times_at_random_under_traffic_every_order_is_there_once_and_every_key_is_replayed(string engine) => KillAtRandomAsync(engine, kills: 25, seed: 4711);

    [Theory(Explicit = true)]
    [Trait("group", "soak")]
    [MemberData(nameof(StateEngines.Rows), MemberType = typeof(StateEngines))]
    public Task Killed_300_times_at_random_every_order_is_there_once_and_every_key_is_replayed(string engine) => KillAtRandomAsync(engine, kills: 300, seed: Environment.TickCount);

    private static async Task KillAtRandomAsync(string engine, int kills, int seed)
    {
        TestContext.Current.SendDiagnosticMessage($"the seed is {seed}");
        await using var world = await KillWorld.StartAsync(engine, change: ToldInOrder);
        var random = new Random(seed);

        var (sent, accepted) = await RandomKills.KillAsync(world, kills, () => Task.Delay(random.Next(0, 600), TestContext.Current.CancellationToken), callsOff: true);
        await world.SettledAsync();
        var made = await world.OrdersAsync();
        Assert.NotEmpty(accepted);
        Assert.Subset(made.ToHashSet(), accepted.ToHashSet());
        Assert.Subset(sent.ToHashSet(), made.ToHashSet());

        await world.AssertReplayedAsync([.. sent], made);

        var orders = await world.OrdersAsync();
        var events = (await world.EventsAsync()).Where(e => (string?)e["type"] == "order.accepted.v1").Select(e => (string)e["subject"]!).ToList();
        Assert.Equal(orders.Count, orders.Distinct().Count());
        Assert.Equal(sent.Count, orders.Count);
        Assert.Equal(events.Count, events.Distinct().Count());
        Assert.Equal(orders.Count, events.Count);
        await Arrivals.AssertAsync(world, world.Deaths);
        await world.AssertAuditedAsync(accepted);
    }

    /// <summary>
    /// The endpoint gets what happens to an order one behind the other; and a cancellation that was cut off is taken up as soon as an order is, for the log is held against what has come
    /// when it has stood still for that long.
    /// </summary>
    internal static string ToldInOrder(string overlay)
    {
        const string Routes = "    routes:\n      # What can't be sent";
        Assert.Contains(Routes, overlay, StringComparison.Ordinal);
        return overlay.Replace("webhooks\", retry:", "webhooks\", order: fifo, retry:", StringComparison.Ordinal)
            .Replace(Routes, Routes.Replace("routes:\n", "routes:\n      orders.cancel: { timeout: 3s }\n", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
