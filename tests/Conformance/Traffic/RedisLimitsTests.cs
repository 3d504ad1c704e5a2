using Gateway.Delivery.Redis;
using StackExchange.Redis;
using Xunit;

namespace Gateway.Tests.Conformance.Traffic;

/// <summary>What only a count of several nodes has to keep to.</summary>
public sealed class RedisLimitsTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Who_is_refused_by_one_limit_is_counted_by_none()
    {
        await using var bench = await StartAsync();
        LimitAsk[] asks =
        [
            new("wide", LimitAlgorithm.TokenBucket, 100, Minute, 1, 0),
            new("narrow", LimitAlgorithm.FixedWindow, 2, Minute, 1, 0),
            new("sliding", LimitAlgorithm.SlidingWindow, 50, Minute, 1, 0),
            new("at work", LimitAlgorithm.Concurrency, 9, TimeSpan.Zero, 1, 0),
        ];
        await bench.Limits.TakeAsync(asks);
        await bench.Limits.TakeAsync(asks);
        for (var i = 0; i < 5; i++)
        {
            var refused = (await bench.Limits.TakeAsync(asks))!;

            Assert.False(refused.IsTaken);
            Assert.Equal([true, false, true, true], refused.Taken.Select(t => t.IsTaken));
            Assert.Equal([98L, 0, 48, 7], refused.Taken.Select(t => t.Left));
        }
    }

    [Fact]
    public async Task Callers_at_once_get_exactly_the_limit()
    {
        await using var bench = await StartAsync();
        LimitAsk[] asks = [new("a", LimitAlgorithm.TokenBucket, 200, Minute, 1, 0), new("b", LimitAlgorithm.SlidingWindow, 100, Minute, 1, 0)];

        var taken = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => bench.Limits.TakeAsync(asks).AsTask()));

        Assert.Equal(100, taken.Count(t => t!.IsTaken));
        Assert.Equal(100, (await bench.Limits.TakeAsync(asks))!.Taken[0].Left);
    }

    [Theory]
    [InlineData(LimitAlgorithm.TokenBucket)]
    [InlineData(LimitAlgorithm.SlidingWindow)]
    [InlineData(LimitAlgorithm.FixedWindow)]
    [InlineData(LimitAlgorithm.Concurrency)]
    public async Task Every_key_goes_by_itself(LimitAlgorithm algorithm)
    {
        await using var bench = await StartAsync();
        await bench.Limits.TakeAsync([new LimitAsk("goes", algorithm, 5, Minute, 1, 0)]);

        await using var aside = await ConnectionMultiplexer.ConnectAsync(redis.Demand().Connection);
        var keys = aside.GetServers()[0].Keys(pattern: "*:limit:goes").ToList();

        var key = Assert.Single(keys, k => bench.Owns(k.ToString()));
        Assert.InRange((await aside.GetDatabase().KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(70));
    }

    /// <summary>A node that is killed gives nothing back; its permits come back when their lease ends. One that lives keeps them.</summary>
    [Fact]
    public async Task Permits_of_a_node_that_was_killed_come_back_and_those_of_a_living_one_do_not()
    {
        await using var bench = await StartAsync();
        var other = new RedisLimits(bench.Connection, TimeProvider.System, bench.Time);
        LimitAsk[] asks = [new("work", LimitAlgorithm.Concurrency, 2, TimeSpan.Zero, 1, 0)];
        Assert.True((await bench.Limits.TakeAsync(asks))!.IsTaken);
        Assert.True((await other.TakeAsync(asks))!.IsTaken);
        Assert.False((await bench.Limits.TakeAsync(asks))!.IsTaken);

        for (var i = 0; i < 8; i++)
        {
            await bench.AdvanceAsync(TimeSpan.FromSeconds(5));
            await bench.Limits.PulseAsync();
        }

        Assert.True((await bench.Limits.TakeAsync(asks))!.IsTaken);
        Assert.False((await bench.Limits.TakeAsync(asks))!.IsTaken);
        other.Dispose();
    }

    [Fact]
    public async Task Nodes_know_how_many_they_are_and_forget_who_is_gone()
    {
        await using var bench = await StartAsync();
        using var other = new RedisLimits(bench.Connection, TimeProvider.System, bench.Time);
        await other.PulseAsync();
        await bench.Limits.PulseAsync();
        Assert.Equal(2, bench.Limits.Nodes);

        await bench.AdvanceAsync(TimeSpan.FromSeconds(16));
        await bench.Limits.PulseAsync();

        Assert.Equal(1, bench.Limits.Nodes);
    }

    [Fact]
    public async Task A_Redis_that_forgot_its_scripts_is_told_them_again()
    {
        await using var bench = await StartAsync();
        LimitAsk[] asks = [new("scripts", LimitAlgorithm.TokenBucket, 5, Minute, 1, 0)];
        Assert.True((await bench.Limits.TakeAsync(asks))!.IsTaken);
        await using var aside = await ConnectionMultiplexer.ConnectAsync(redis.Demand().Connection);
        await aside.GetDatabase().ExecuteAsync("SCRIPT", "FLUSH");

        Assert.Equal(3, (await bench.Limits.TakeAsync(asks))!.Taken[0].Left);
        Assert.Equal(2, (await bench.Limits.TakeAsync(asks))!.Taken[0].Left);
    }

    /// <summary>What a request does after its limits runs beside the connection that all share, and not on it.</summary>
    [Fact]
    public async Task A_request_that_goes_on_slowly_holds_up_no_other()
    {
        await using var bench = await StartAsync();
        LimitAsk[] asks = [new("slow", LimitAlgorithm.TokenBucket, 50, Minute, 1, 0)];
        using var second = new ManualResetEventSlim();
        var slow = Task.Run(async () =>
        {
            await bench.Limits.TakeAsync(asks);
            return second.Wait(TimeSpan.FromSeconds(20));
        }, TestContext.Current.CancellationToken);

        for (var i = 0; i < 5; i++) Assert.NotNull(await bench.Limits.TakeAsync(asks));
        second.Set();

        Assert.True(await slow);
    }

    /// <summary>All limits of a request are one call: what Redis counts of scripts does not grow with them.</summary>
    [Fact]
    public async Task All_limits_of_a_request_are_one_round_trip()
    {
        await using var bench = await StartAsync();
        LimitAsk[] asks = [.. Enumerable.Range(0, 5).Select(i => new LimitAsk($"trip-{i}", LimitAlgorithm.TokenBucket, 50, Minute, 1, 0))];
        await bench.Limits.TakeAsync(asks);
        await using var aside = await ConnectionMultiplexer.ConnectAsync(redis.Demand().Connection + ",allowAdmin=true");
        var before = await CallsAsync();

        for (var i = 0; i < 10; i++) await bench.Limits.TakeAsync(asks);

        Assert.Equal(10, await CallsAsync() - before);

        async Task<int> CallsAsync()
        {
            var stats = (string)(await aside.GetDatabase().ExecuteAsync("INFO", "commandstats"))!;
            return stats.Split('\n').Where(l => l.StartsWith("cmdstat_eval", StringComparison.Ordinal)).Sum(l => int.Parse(l.Split("calls=")[1].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    private Task<BenchInRedis> StartAsync() => BenchInRedis.StartAsync(redis.Demand().Connection, LimitAlgorithm.TokenBucket, 1, Minute);
}
