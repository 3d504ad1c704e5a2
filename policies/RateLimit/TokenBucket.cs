using System.Threading.RateLimiting;

namespace Gateway.Policies.RateLimit;

/// <summary>
/// A token bucket on a <see cref="TimeProvider"/>: holds at most <paramref name="limit"/> tokens, and gets them back evenly over
/// <paramref name="window"/>. The framework's own takes no clock. Counts in whole units, of which a tick of the clock brings
/// <paramref name="limit"/>, so that nothing is lost or won by rounding however often it is asked.
/// </summary>
public sealed class TokenBucket(int limit, TimeSpan window, TimeProvider clock) : RateLimiter
{
    private readonly Lock _lock = new();
    private readonly Int128 _unitsPerToken = UnitsPerToken(window, clock);
    private readonly Int128 _capacity = limit * UnitsPerToken(window, clock);
    private Int128 _units = limit * UnitsPerToken(window, clock);
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
                CurrentAvailablePermits = (long)(_units / _unitsPerToken),
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
            var missing = permitCount * _unitsPerToken - _units;
            var taken = missing <= 0;
            if (taken)
            {
                _units -= permitCount * _unitsPerToken;
                _successes++;
            }
            else
            {
                _failures++;
            }
            return new Lease(this, taken, _units, taken ? 0 : missing);
        }
    }

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        ValueTask.FromResult(AttemptAcquireCore(permitCount));

    private void Refill()
    {
        var now = clock.GetTimestamp();
        if (now <= _countedAt) return;
        _units = Int128.Min(_capacity, _units + (Int128)(now - _countedAt) * limit);
        Volatile.Write(ref _countedAt, now);
    }

    /// <summary>When so many units will have come, never too early.</summary>
    private TimeSpan After(Int128 units)
    {
        var ticks = (units + limit - 1) / limit;
        return new TimeSpan((long)((ticks * TimeSpan.TicksPerSecond + clock.TimestampFrequency - 1) / clock.TimestampFrequency));
    }

    private static Int128 UnitsPerToken(TimeSpan window, TimeProvider clock) => (Int128)window.Ticks * clock.TimestampFrequency / TimeSpan.TicksPerSecond;

    /// <summary>
    /// What one request took: tokens left, time until the bucket is full, time until one more may come. The divisions are made by who asks:
    /// they cost more than taking the token.
    /// </summary>
    public sealed class Lease(TokenBucket bucket, bool acquired, Int128 units, Int128 missing) : RateLimitLease
    {
        public override bool IsAcquired => acquired;

        public long Remaining => (long)(units / bucket._unitsPerToken);

        public TimeSpan UntilFull => bucket.After(bucket._capacity - units);

        public TimeSpan RetryAfter => acquired ? TimeSpan.Zero : bucket.After(missing);

        public override IEnumerable<string> MetadataNames => acquired ? [] : [MetadataName.RetryAfter.Name];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = metadataName == MetadataName.RetryAfter.Name && !acquired ? RetryAfter : null;
            return metadata is not null;
        }
    }
}
