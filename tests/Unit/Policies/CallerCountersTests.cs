using Gateway.Policies.RateLimit;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Policies;

/// <summary>How many counters a caller can bring about.</summary>
public sealed class CallerCountersTests
{
    private readonly FakeTimeProvider _clock = new();
    private int _made;

    [Fact]
    public void Values_beyond_the_most_of_a_caller_are_counted_together_and_those_of_others_are_not()
    {
        using var counters = Counters();
        for (var i = 0; i < CallerCounters.MostOfOne; i++) Assert.True(counters.Of($"v{i}", 1, "acme").Take(1, 0).IsTaken);

        Assert.True(counters.Of("more", 1, "acme").Take(1, 0).IsTaken);
        for (var i = 0; i < 5_000; i++) Assert.False(counters.Of($"more{i}", 1, "acme").Take(1, 0).IsTaken);
        Assert.False(counters.Of("v7", 1, "acme").Take(1, 0).IsTaken);

        Assert.True(counters.Of("more7", 1, "globex").Take(1, 0).IsTaken);
        Assert.True(counters.Of("acme", 1, "globex").Take(1, 0).IsTaken);
        Assert.Equal(CallerCounters.MostOfOne + 3, _made);
    }

    [Fact]
    public void What_nobody_can_choose_is_counted_apart_however_many_there_are()
    {
        using var counters = Counters();

        for (var i = 0; i < CallerCounters.MostOfOne + 10; i++) Assert.True(counters.Of($"v{i}", 1, owner: null).Take(1, 0).IsTaken);
    }

    [Fact]
    public async Task A_caller_whose_values_are_idle_may_bring_new_ones()
    {
        using var counters = Counters();
        for (var i = 0; i < CallerCounters.MostOfOne; i++) counters.Of($"v{i}", 1, "acme").Take(1, 0);
        Assert.Same(counters.Of("a", 1, "acme"), counters.Of("b", 1, "acme"));

        _clock.Advance(TimeSpan.FromMinutes(3));
        for (var tries = 0; tries < 300 && counters.Of("a", 1, "acme") == counters.Of("b", 1, "acme"); tries++) await Task.Delay(50, TestContext.Current.CancellationToken);

        Assert.NotSame(counters.Of("a", 1, "acme"), counters.Of("b", 1, "acme"));
    }

    private CallerCounters Counters() => new(limit =>
    {
        _made++;
        return new TokenBucket(limit, TimeSpan.FromMinutes(1), _clock);
    });
}
