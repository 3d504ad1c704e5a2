using System.Threading.RateLimiting;
using Gateway.Policies.RateLimit;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Policies;

/// <summary>How many come through, and when the next one may.</summary>
public sealed class TokenBucketTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void A_full_bucket_gives_its_limit_and_no_more()
    {
        var bucket = Bucket(3, 30);

        Assert.Equal([2, 1, 0], Enumerable.Range(0, 3).Select(_ => Take(bucket).Remaining));
        Assert.False(Take(bucket).IsAcquired);
    }

    [Fact]
    public void Tokens_come_back_evenly()
    {
        var bucket = Bucket(3, 30);
        Drain(bucket);

        _clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.False(Take(bucket).IsAcquired);
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.True(Take(bucket).IsAcquired);
        Assert.False(Take(bucket).IsAcquired);
    }

    /// <summary>Asking often must not lose a part of a token: a caller that polls gets as much as one that waits.</summary>
    [Theory]
    [InlineData(10, 10, 100)]
    [InlineData(3, 10, 7)]
    [InlineData(7, 60, 1)]
    [InlineData(600, 60, 13)]
    [InlineData(2_000, 60, 3)]
    public void However_often_it_is_asked_a_window_brings_exactly_the_limit(int limit, int seconds, int everyMilliseconds)
    {
        var bucket = Bucket(limit, seconds);
        Drain(bucket);
        var taken = 0;
        for (var passed = 0; passed < seconds * 1000; passed += everyMilliseconds)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(Math.Min(everyMilliseconds, seconds * 1000 - passed)));
            while (Take(bucket).IsAcquired) taken++;
        }

        Assert.Equal(limit, taken);
    }

    [Theory]
    [InlineData(3, 30)]
    [InlineData(7, 60)]
    [InlineData(30, 10)]
    [InlineData(600, 60)]
    [InlineData(100_000, 1)]
    public void Who_waits_as_long_as_he_is_told_gets_through_and_not_a_tick_earlier(int limit, int seconds)
    {
        var bucket = Bucket(limit, seconds);
        Drain(bucket);
        for (var i = 0; i < 20; i++)
        {
            var wait = Take(bucket).RetryAfter;
            Assert.True(wait > TimeSpan.Zero);
            if (wait > TimeSpan.FromTicks(1))
            {
                _clock.Advance(wait - TimeSpan.FromTicks(1));
                Assert.False(Take(bucket).IsAcquired);
                _clock.Advance(TimeSpan.FromTicks(1));
            }
            else
            {
                _clock.Advance(wait);
            }
            Assert.True(Take(bucket).IsAcquired);
            Drain(bucket);
        }
    }

    [Fact]
    public void A_lease_says_when_the_bucket_is_full_again()
    {
        var bucket = Bucket(3, 30);

        Assert.Equal(TimeSpan.FromSeconds(10), Take(bucket).UntilFull);
        Assert.Equal(TimeSpan.FromSeconds(20), Take(bucket).UntilFull);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(25), Take(bucket).UntilFull);
        _clock.Advance(TimeSpan.FromSeconds(25));
        Assert.Equal(3, bucket.GetStatistics()!.CurrentAvailablePermits);
    }

    [Fact]
    public void It_never_holds_more_than_its_limit()
    {
        var bucket = Bucket(2, 1);
        _clock.Advance(TimeSpan.FromDays(400));

        Assert.True(Take(bucket).IsAcquired);
        Assert.True(Take(bucket).IsAcquired);
        Assert.False(Take(bucket).IsAcquired);
    }

    [Fact]
    public void The_longest_window_and_the_highest_limit_do_not_overflow()
    {
        var bucket = new TokenBucket(10_000_000, TimeSpan.FromDays(36_500), _clock);

        Assert.Equal(9_999_999, Take(bucket).Remaining);
        Assert.True(bucket.AttemptAcquire(9_999_999).IsAcquired);
        Assert.Equal(TimeSpan.FromTicks((TimeSpan.FromDays(36_500).Ticks + 9_999_999) / 10_000_000), Take(bucket).RetryAfter);
        Assert.Equal(TimeSpan.FromDays(36_500), Take(bucket).UntilFull);
    }

    [Fact]
    public void A_refusal_costs_nothing()
    {
        var bucket = Bucket(1, 10);
        Drain(bucket);
        for (var i = 0; i < 50; i++) Assert.Equal(TimeSpan.FromSeconds(10), Take(bucket).RetryAfter);
    }

    [Fact]
    public void Only_a_refusal_tells_when_to_retry()
    {
        var bucket = Bucket(1, 10);

        using var first = Take(bucket);
        using var second = Take(bucket);

        Assert.False(first.TryGetMetadata(MetadataName.RetryAfter, out _));
        Assert.True(second.TryGetMetadata(MetadataName.RetryAfter, out var wait));
        Assert.Equal(TimeSpan.FromSeconds(10), wait);
    }

    [Fact]
    public void It_is_idle_when_it_must_be_full()
    {
        var bucket = Bucket(5, 10);
        Drain(bucket);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(bucket.IdleDuration);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(bucket.IdleDuration);
    }

    [Fact]
    public void Callers_at_once_get_exactly_the_limit()
    {
        var bucket = Bucket(1_000, 60);
        var taken = 0;

        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 1_000; i++)
                if (Take(bucket).IsAcquired) Interlocked.Increment(ref taken);
        });

        Assert.Equal(1_000, taken);
        Assert.Equal((1_000, 7_000), (bucket.GetStatistics()!.TotalSuccessfulLeases, bucket.GetStatistics()!.TotalFailedLeases));
    }

    private TokenBucket Bucket(int limit, int seconds) => new(limit, TimeSpan.FromSeconds(seconds), _clock);

    private static TokenBucket.Lease Take(TokenBucket bucket) => (TokenBucket.Lease)bucket.AttemptAcquire();

    private static int Drain(TokenBucket bucket)
    {
        var taken = 0;
        while (Take(bucket).IsAcquired) taken++;
        return taken;
    }
}
