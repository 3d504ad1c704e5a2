using System.Threading.RateLimiting;

namespace Gateway.Policies.RateLimit;

/// <summary>
/// A <see cref="RateLimiter"/> on a <see cref="TimeProvider"/> that knows costs, leaves a reserve, and takes back what was taken: a request is
/// counted by all limits of its route, or by none. The framework's own limiters take no clock, and nothing back.
/// </summary>
public abstract class Counter : RateLimiter
{
    private static readonly Lease Acquired = new(null, TimeSpan.Zero);

    private readonly Lease _itself;

    /// <summary>Called when nobody will ask it any more.</summary>
    internal Action? Gone { get; set; }

    protected Counter() => _itself = new Lease(this, TimeSpan.Zero);

    /// <summary>Takes <paramref name="cost"/> permits, if as many are there and <paramref name="reserve"/> beside them. A cost of 0 is always taken.</summary>
    public abstract LimitTaken Take(int cost, int reserve);

    /// <summary>Gives permits back, to where they were taken a moment ago.</summary>
    public abstract void GiveBack(int cost);

    public override RateLimiterStatistics GetStatistics() => new() { CurrentAvailablePermits = Take(0, 0).Left };

    /// <summary>The counter of a caller. Permits of none are asked for: so a <see cref="PartitionedRateLimiter{TResource}"/> gives the counter itself.</summary>
    public static Counter Of<TCaller>(PartitionedRateLimiter<TCaller> callers, TCaller caller) => ((Lease)callers.AttemptAcquire(caller, 0)).Counter!;

    /// <summary>Null where it was taken, else after which time it would be.</summary>
    protected virtual TimeSpan? TryTake(int cost) => Take(cost, 0) is { IsTaken: false, RetryAfter: var wait } ? wait : null;

    protected override void Dispose(bool disposing)
    {
        Gone?.Invoke();
        base.Dispose(disposing);
    }

    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        if (permitCount == 0) return _itself;
        return TryTake(permitCount) is { } wait ? new Lease(null, wait) : Acquired;
    }

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        ValueTask.FromResult(AttemptAcquireCore(permitCount));

    /// <summary>What the framework's middleware asks for.</summary>
    public sealed class Lease : RateLimitLease
    {
        private readonly TimeSpan _retryAfter;

        internal Lease(Counter? counter, TimeSpan retryAfter) => (Counter, _retryAfter) = (counter, retryAfter);

        public TimeSpan RetryAfter => _retryAfter;

        internal Counter? Counter { get; }

        public override bool IsAcquired => _retryAfter == TimeSpan.Zero;

        public override IEnumerable<string> MetadataNames => IsAcquired ? [] : [MetadataName.RetryAfter.Name];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = metadataName == MetadataName.RetryAfter.Name && !IsAcquired ? _retryAfter : null;
            return metadata is not null;
        }
    }
}
