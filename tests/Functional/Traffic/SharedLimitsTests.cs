using Gateway.Tests.Functional.Support;
using StackExchange.Redis;
using Xunit;

namespace Gateway.Tests.Functional.Traffic;

/// <summary>Gateways in processes of their own count together, whatever becomes of the Redis they count in.</summary>
public sealed class SharedLimitsTests
{
    private const int Limit = 400;

    /// <summary>A window so long that what comes back meanwhile is nothing.</summary>
    private const string Long = "window: 36500d";

    [Theory]
    [InlineData(2, "tokenBucket")]
    [InlineData(4, "slidingWindow")]
    [InlineData(2, "fixedWindow")]
    public async Task Nodes_let_through_together_what_one_limit_says(int nodes, string algorithm)
    {
        await using var world = await SharingNodes.StartAsync(nodes, $"limit: {Limit}, {Long}, algorithm: {algorithm}");

        var statuses = await world.AskAsync(lanes: 4 * nodes, seen => seen.Count == 2 * Limit / (4 * nodes));

        Assert.Equal([200, 429], statuses.Distinct().Order());
        Assert.InRange(statuses.Count(s => s == 200), Limit * 0.99, Limit * 1.01);
    }

    [Fact]
    public async Task Nodes_have_together_at_work_what_one_limit_says()
    {
        const int atWork = 20;
        await using var world = await SharingNodes.StartAsync(4, $"limit: {atWork}, algorithm: concurrency");
        // No first request of a node is among those that are held, for how long that takes nobody knows; nor is one under the limit, whose turn may still be on its way back.
        await world.WarmAsync("/v1/items/DESK0005");
        await world.Simulated.ChaosAsync(world.Simulated.Tms, new { mode = "holdBefore" });

        var asking = world.AskAsync(lanes: 4 * atWork, seen => seen.Count == 1);
        await Until.Found(async () => (int)(await world.Simulated.StateAsync(world.Simulated.Tms))["held"]! >= atWork ? "" : null, "as many calls as are let through", seconds: 60);
        // Whoever else would come to the backend had the time for it.
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        var held = (int)(await world.Simulated.StateAsync(world.Simulated.Tms))["held"]!;
        await world.Simulated.HealAsync(world.Simulated.Tms);
        var statuses = await asking;

        Assert.Equal(atWork, held);
        Assert.Equal([(200, atWork), (429, 3 * atWork)], statuses.CountBy(s => s).Select(s => (s.Key, s.Value)).Order());
        Assert.Equal([200], (await world.AskAsync(lanes: atWork / 2, seen => seen.Count == 1)).Distinct());
    }

    /// <summary>
    /// The limit denies without its Redis. What was taken and not told, as the answer was lost, is gone: that many are let through less. A Redis that
    /// forgets counts anew, once.
    /// </summary>
    [Theory]
    [InlineData("paused", 1)]
    [InlineData("killed", 1)]
    [InlineData("flushed", 2)]
    public async Task Redis_is_disturbed_in_mid_traffic_and_four_nodes_let_through_no_more_than_they_may(string how, int limits)
    {
        await using var world = await SharingNodes.StartAsync(4, $"limit: {Limit}, {Long}, onStoreFailure: deny", timeout: "500ms");
        var (passed, isOver) = (0, false);

        var asking = world.AskAsync(lanes: 8, seen =>
        {
            if (seen is [.., 200]) Interlocked.Increment(ref passed);
            return Volatile.Read(ref isOver) && seen is [.., 429];
        });
        await Until.True(() => Volatile.Read(ref passed) > Limit / 4, "traffic to flow");
        await DisturbAsync(world, how);
        Volatile.Write(ref isOver, true);
        var statuses = await asking;

        Assert.Subset(new HashSet<int> { 200, 429, 503 }, statuses.ToHashSet());
        var (through, untold) = (statuses.Count(s => s == 200), statuses.Count(s => s == 503));
        Assert.InRange(through, Limit * 0.99 - untold, limits * Limit * 1.01);
        // Disturbed in the middle: the one or the other has been seen of it.
        Assert.True(how == "flushed" ? through > Limit * 1.01 : untold > 0, $"{through} let through, {untold} times 503");
    }

    private static async Task DisturbAsync(SharingNodes world, string how)
    {
        switch (how)
        {
            case "paused":
                await world.Redis.PauseAsync();
                await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
                await world.Redis.ResumeAsync();
                break;
            case "killed":
                await world.Redis.KillAsync();
                await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
                await world.Redis.StartAgainAsync();
                break;
            default:
                await using (var aside = await ConnectionMultiplexer.ConnectAsync(world.Redis.Connection + ",allowAdmin=true")) await aside.GetServers()[0].FlushAllDatabasesAsync();
                break;
        }
    }
}
