using System.Threading.RateLimiting;
using Gateway.Policies.RateLimit;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Policies;

/// <summary>How many come through, and when the next one may.</summary>
public sealed class TokenBucketTests
{
    private readonly FakeTimeProvider _clock = new();

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
            while (Take(bucket).IsTaken) taken++;
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
                Assert.False(Take(bucket).IsTaken);
                _clock.Advance(TimeSpan.FromTicks(1));
            }
            else
            {
                _clock.Advance(wait);
            }
            Assert.True(Take(bucket).IsTaken);
            Drain(bucket);
        }
    }

    [Fact]
    public void It_never_holds_more_than_its_limit()
    {
        var bucket = Bucket(2, 1);
        _clock.Advance(TimeSpan.FromDays(400));

        Assert.True(Take(bucket).IsTaken);
        Assert.True(Take(bucket).IsTaken);
        Assert.False(Take(bucket).IsTaken);
    }

    [Fact]
    public void Only_a_refusal_tells_when_to_retry()
    {
        var bucket = Bucket(1, 10);

        using var first = bucket.AttemptAcquire();
        using var second = bucket.AttemptAcquire();

        Assert.False(first.TryGetMetadata(MetadataName.RetryAfter, out _));
        Assert.True(second.TryGetMetadata(MetadataName.RetryAfter, out var wait));
        Assert.Equal(TimeSpan.FromSeconds(10), wait);
    }

    /// <summary>As the framework's middleware asks, which knows nothing of costs.</summary>
    [Fact]
    public void Who_asks_as_the_framework_does_gets_the_same()
    {
        var bucket = Bucket(3, 30);

        Assert.True(bucket.AttemptAcquire(2).IsAcquired);
        var refused = (TokenBucket.Lease)bucket.AttemptAcquire(2);

        Assert.Equal((false, TimeSpan.FromSeconds(10)), (refused.IsAcquired, refused.RetryAfter));
        Assert.True(bucket.AttemptAcquire(1).IsAcquired);
    }

    [Fact]
    public void What_is_given_back_is_there_again_and_never_more_than_the_limit()
    {
        var bucket = Bucket(3, 30);
        bucket.Take(2, 0);

        bucket.GiveBack(2);
        bucket.GiveBack(2);

        Assert.Equal(3, Take(bucket).Left + 1);
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
                if (Take(bucket).IsTaken) Interlocked.Increment(ref taken);
        });

        Assert.Equal(1_000, taken);
        Assert.Equal(0, bucket.GetStatistics().CurrentAvailablePermits);
    }

    private TokenBucket Bucket(int limit, int seconds) => new(limit, TimeSpan.FromSeconds(seconds), _clock);

    private static LimitTaken Take(TokenBucket bucket) => bucket.Take(1, 0);

    private static int Drain(TokenBucket bucket)
    {
        var taken = 0;
        while (Take(bucket).IsTaken) taken++;
        return taken;
    }
}
