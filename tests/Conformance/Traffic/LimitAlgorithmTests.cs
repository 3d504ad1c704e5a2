using Xunit;

namespace Gateway.Tests.Conformance.Traffic;

/// <summary>What every algorithm keeps to, wherever it counts: in this process, and in Redis.</summary>
public sealed class LimitAlgorithmTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private const string Here = "here";
    private const string InRedis = "in Redis";

    public static TheoryData<string> Places => [Here, InRedis];

    public static TheoryData<string, LimitAlgorithm> PlacesAndAlgorithms => new(
        from place in (string[])[Here, InRedis]
        from algorithm in Enum.GetValues<LimitAlgorithm>()
        select (place, algorithm));

    public static TheoryData<string, LimitAlgorithm> PlacesAndWindows => new(
        from place in (string[])[Here, InRedis]
        from algorithm in Enum.GetValues<LimitAlgorithm>()
        where algorithm != LimitAlgorithm.Concurrency
        select (place, algorithm));

    [Theory]
    [MemberData(nameof(PlacesAndAlgorithms))]
    public async Task It_gives_its_limit_and_no_more(string place, LimitAlgorithm algorithm)
    {
        await using var bench = await BenchAsync(place, algorithm, 3, 60);

        Assert.Equal([(true, 2L), (true, 1L), (true, 0L), (false, 0L)], await Takes(bench, 4));
    }

    [Theory]
    [MemberData(nameof(PlacesAndAlgorithms))]
    public async Task A_refusal_costs_nothing(string place, LimitAlgorithm algorithm)
    {
        await using var bench = await BenchAsync(place, algorithm, 2, 60);
        await Takes(bench, 2);

        var waits = new List<TimeSpan>();
        for (var i = 0; i < 10; i++) waits.Add((await bench.TakeAsync()).RetryAfter);

        Assert.Single(waits.Distinct());
        Assert.True(waits[0] > TimeSpan.Zero);
    }

    /// <summary>Wherever in the window it was: the moment that it says it lets a request through, and one moment earlier it does not.</summary>
    [Theory]
    [MemberData(nameof(PlacesAndWindows))]
    public async Task Who_waits_as_long_as_he_is_told_gets_through_and_not_a_moment_earlier(string place, LimitAlgorithm algorithm)
    {
        await using var bench = await BenchAsync(place, algorithm, 7, 60);
        for (var i = 0; i < 12; i++)
        {
            await bench.AdvanceAsync(TimeSpan.FromSeconds(1.7 * i));
            while ((await bench.TakeAsync()).IsTaken)
            {
            }
            var wait = (await bench.TakeAsync()).RetryAfter;
            Assert.InRange(wait, bench.Moment, TimeSpan.FromSeconds(63));

            await bench.AdvanceAsync(wait - bench.Moment);
            Assert.False((await bench.TakeAsync()).IsTaken);
            await bench.AdvanceAsync(bench.Moment);
            Assert.True((await bench.TakeAsync()).IsTaken);
        }
    }

    [Theory]
    [MemberData(nameof(PlacesAndWindows))]
    public async Task The_same_holds_for_costs_and_reserves(string place, LimitAlgorithm algorithm)
    {
        await using var bench = await BenchAsync(place, algorithm, 20, 60);
        for (var i = 0; i < 6; i++)
        {
            await bench.AdvanceAsync(TimeSpan.FromSeconds(2.3 * i));
            while ((await bench.TakeAsync(cost: 3, reserve: 4)).IsTaken) await bench.AdvanceAsync(TimeSpan.FromSeconds(0.2));
            var wait = (await bench.TakeAsync(cost: 3, reserve: 4)).RetryAfter;

            await bench.AdvanceAsync(wait - bench.Moment);
            Assert.False((await bench.TakeAsync(cost: 3, reserve: 4)).IsTaken);
            await bench.AdvanceAsync(bench.Moment);
            Assert.True((await bench.TakeAsync(cost: 3, reserve: 4)).IsTaken);
        }
    }

    [Theory]
    [MemberData(nameof(PlacesAndAlgorithms))]
    public async Task A_reserve_is_left_to_those_who_need_not_leave_it(string place, LimitAlgorithm algorithm)
    {
        await using var bench = await BenchAsync(place, algorithm, 5, 60);

        Assert.True((await bench.TakeAsync(reserve: 3)).IsTaken);
        Assert.True((await bench.TakeAsync(reserve: 3)).IsTaken);
        Assert.False((await bench.TakeAsync(reserve: 3)).IsTaken);
        Assert.Equal([(true, 2L), (true, 1L), (true, 0L), (false, 0L)], await Takes(bench, 4));
    }

    [Theory]
    [MemberData(nameof(PlacesAndWindows))]
    public async Task A_request_takes_what_it_costs_or_nothing(string place, LimitAlgorithm algorithm)
    {
        await using var bench = await BenchAsync(place, algorithm, 10, 60);

        Assert.Equal((true, 3L), Short(await bench.TakeAsync(cost: 7)));
        Assert.Equal((false, 3L), Short(await bench.TakeAsync(cost: 4)));
        Assert.Equal((true, 0L), Short(await bench.TakeAsync(cost: 3)));
        Assert.Equal((true, 0L), Short(await bench.TakeAsync(cost: 0)));
        Assert.Equal((false, 0L), Short(await bench.TakeAsync()));
    }

    [Theory]
    [MemberData(nameof(PlacesAndWindows))]
    public async Task It_is_whole_again_when_it_says_so(string place, LimitAlgorithm algorithm)
    {
        await using var bench = await BenchAsync(place, algorithm, 4, 60);
        await bench.TakeAsync();
        await bench.AdvanceAsync(TimeSpan.FromSeconds(5));
        var whole = (await bench.TakeAsync()).UntilWhole;
        Assert.True(whole > TimeSpan.Zero);

        await bench.AdvanceAsync(whole);

        Assert.Equal([(true, 3L), (true, 2L), (true, 1L), (true, 0L), (false, 0L)], await Takes(bench, 5));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Tokens_come_back_evenly(string place)
    {
        await using var bench = await BenchAsync(place, LimitAlgorithm.TokenBucket, 3, 30);
        await Takes(bench, 3);

        await bench.AdvanceAsync(TimeSpan.FromSeconds(10) - bench.Moment);
        Assert.False((await bench.TakeAsync()).IsTaken);
        await bench.AdvanceAsync(bench.Moment);
        Assert.Equal([(true, 0L), (false, 0L)], await Takes(bench, 2));
    }

    /// <summary>Asking often must not lose a part of a token: a caller that polls gets as much as one that waits.</summary>
    [Theory]
    [InlineData(Here, 10, 10, 100)]
    [InlineData(Here, 7, 60, 10)]
    [InlineData(Here, 2_000, 60, 100)]
    [InlineData(InRedis, 10, 10, 100)]
    [InlineData(InRedis, 7, 60, 100)]
    [InlineData(InRedis, 700, 60, 100)]
    public async Task However_often_a_bucket_is_asked_a_window_brings_exactly_the_limit(string place, int limit, int seconds, int everyMilliseconds)
    {
        await using var bench = await BenchAsync(place, LimitAlgorithm.TokenBucket, limit, seconds);
        Assert.True((await bench.TakeAsync(cost: limit)).IsTaken);
        var taken = 0;
        for (var passed = 0; passed < seconds * 1000; passed += everyMilliseconds)
        {
            await bench.AdvanceAsync(TimeSpan.FromMilliseconds(Math.Min(everyMilliseconds, seconds * 1000 - passed)));
            while ((await bench.TakeAsync()).IsTaken) taken++;
        }

        Assert.Equal(limit, taken);
    }

    /// <summary>The difference between the two windows: what was used at the end of a minute counts on, or is forgotten.</summary>
    [Theory]
    [InlineData(Here, LimitAlgorithm.FixedWindow, true)]
    [InlineData(InRedis, LimitAlgorithm.FixedWindow, true)]
    [InlineData(Here, LimitAlgorithm.SlidingWindow, false)]
    [InlineData(InRedis, LimitAlgorithm.SlidingWindow, false)]
    public async Task A_fixed_window_begins_anew_with_the_minute_and_a_sliding_one_does_not(string place, LimitAlgorithm algorithm, bool anew)
    {
        await using var bench = await BenchAsync(place, algorithm, 5, 60);
        await bench.AdvanceAsync(TimeSpan.FromSeconds(59));
        await Takes(bench, 5);

        await bench.AdvanceAsync(TimeSpan.FromSeconds(1));

        Assert.Equal(anew, (await bench.TakeAsync()).IsTaken);
    }

    /// <summary>In no stretch of time as long as the window there are more than the limit, however they come.</summary>
    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_sliding_window_never_lets_more_through_in_any_window(string place)
    {
        const int Limit = 10;
        await using var bench = await BenchAsync(place, LimitAlgorithm.SlidingWindow, Limit, 60);
        var (random, at, taken) = (new Random(4711), 0.0, new List<double>());
        for (var i = 0; i < 600; i++)
        {
            var step = random.NextDouble() * (random.Next(8) == 0 ? 30 : 2);
            at += step;
            await bench.AdvanceAsync(TimeSpan.FromSeconds(step));
            if ((await bench.TakeAsync()).IsTaken) taken.Add(at);
        }

        Assert.All(taken, first => Assert.InRange(taken.Count(t => t >= first && t < first + 60), 1, Limit));
        // And it is not idle either: those who come all the time get most of the limit.
        Assert.True(taken.Count > at / 60 * Limit * 0.8, $"{taken.Count} in {at:0} s");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task What_has_ended_gives_its_permit_back(string place)
    {
        await using var bench = await BenchAsync(place, LimitAlgorithm.Concurrency, 2, 0);
        Assert.Equal([(true, 1L), (true, 0L), (false, 0L)], await Takes(bench, 3));

        await bench.GiveBackAsync();

        Assert.Equal([(true, 0L), (false, 0L)], await Takes(bench, 2));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task The_longest_window_and_the_highest_limit_do_not_overflow(string place)
    {
        await using var bench = await BenchAsync(place, LimitAlgorithm.TokenBucket, 10_000_000, 36_500L * 86_400);

        Assert.Equal((true, 9_999_999L), Short(await bench.TakeAsync()));
        Assert.Equal((true, 0L), Short(await bench.TakeAsync(cost: 9_999_999)));
        Assert.Equal(315.36, (await bench.TakeAsync()).RetryAfter.TotalSeconds, 2);
    }

    private async Task<LimitBench> BenchAsync(string place, LimitAlgorithm algorithm, int limit, long seconds) => place == Here
        ? new BenchHere(algorithm, limit, TimeSpan.FromSeconds(seconds))
        : await BenchInRedis.StartAsync(redis.Demand().Connection, algorithm, limit, TimeSpan.FromSeconds(seconds));

    private static async Task<List<(bool, long)>> Takes(LimitBench bench, int times)
    {
        var taken = new List<(bool, long)>();
        for (var i = 0; i < times; i++) taken.Add(Short(await bench.TakeAsync()));
        return taken;
    }

    private static (bool, long) Short(LimitTaken taken) => (taken.IsTaken, taken.Left);
}
