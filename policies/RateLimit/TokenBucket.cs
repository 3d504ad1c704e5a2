using System.Threading.RateLimiting;

namespace Gateway.Policies.RateLimit;

/// <summary>
/// A token bucket on a <see cref="TimeProvider"/>: holds at most <paramref name="limit"/> tokens, and gets them back evenly over
/// <paramref name="window"/>. The framework's own takes no clock.
/// </summary>
public sealed class TokenBucket(int limit, TimeSpan window, TimeProvider clock) : RateLimiter
{
    private readonly Lock _lock = new();
    private readonly double _ticksPerToken = window.TotalSeconds * clock.TimestampFrequency / limit;
    private double _tokens = limit;
    private long _countedAt = clock.GetTimestamp();
    private long _successes;
    private long _failures;

    /// <summary>Not null while the bucket is full: the framework then may forget it.</summary>
    public override TimeSpan? IdleDuration
    {
        get
        {
            var idle = clock.GetElapsedTime(Volatile.Read(ref _countedAt));
            return idle > window ? idle : null;
        }
    }

    public override RateLimiterStatistics GetStatistics()
    {
        lock (_lock)
        {
            Refill();
            return new RateLimiterStatistics
            {
                CurrentAvailablePermits = (long)_tokens,
                TotalSuccessfulLeases = _successes,
                TotalFailedLeases = _failures,
            };
        }
    }

    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        lock (_lock)
        {
            Refill();
            var taken = permitCount <= _tokens;
            if (taken)
            {
                _tokens -= permitCount;
                _successes++;
            }
            else
            {
                _failures++;
            }
            return new Lease(taken, (long)_tokens, After(limit - _tokens), taken ? TimeSpan.Zero : After(permitCount - _tokens));
        }
    }

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        ValueTask.FromResult(AttemptAcquireCore(permitCount));

    private void Refill()
    {
        var now = clock.GetTimestamp();
        if (now <= _countedAt) return;
        _tokens = Math.Min(limit, _tokens + (now - _countedAt) / _ticksPerToken);
        Volatile.Write(ref _countedAt, now);
    }

    private TimeSpan After(double tokens) => TimeSpan.FromSeconds(tokens * _ticksPerToken / clock.TimestampFrequency);

    /// <summary>What one request took: tokens left, time until the bucket is full, time until one more may come.</summary>
    public sealed class Lease(bool acquired, long remaining, TimeSpan untilFull, TimeSpan retryAfter) : RateLimitLease
    {
        public override bool IsAcquired => acquired;

        public long Remaining => remaining;

        public TimeSpan UntilFull => untilFull;

        public TimeSpan RetryAfter => retryAfter;

        public override IEnumerable<string> MetadataNames => acquired ? [] : [MetadataName.RetryAfter.Name];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = metadataName == MetadataName.RetryAfter.Name && !acquired ? retryAfter : null;
            return metadata is not null;
        }
    }
}
