using System.Net;

namespace Gateway.Policies.Authenticate;

/// <summary>
/// Attempts to get in that failed, by address; of IPv6 by its /64. The counts are bounded, and while nobody has failed, asking costs one comparison.
/// </summary>
public sealed class FailedAddresses(FailedAttemptLimits limits, TimeProvider clock)
{
    private const int PerGeneration = 16 * 1024;

    private const long Never = long.MinValue;

    private readonly Lock _noting = new();
    private readonly Generations<UInt128, FailedCount> _counts = new(PerGeneration);
    private long _latest = Never;

    /// <summary>How many of them an address may have, and in what time.</summary>
    public FailedAttemptLimits Limits { get; } = limits;

    /// <summary>How long an address is not listened to; null when it is.</summary>
    public TimeSpan? Wait(IPAddress? address) => Find(address) is { } here && here.Count >= Limits.PerAddress ? here.Left : null;

    /// <summary>What failed from there within the time that runs; null where nothing did.</summary>
    internal (int Count, TimeSpan Left)? Find(IPAddress? address)
    {
        var latest = Volatile.Read(ref _latest);
        if (latest == Never) return null;
        var now = clock.GetTimestamp();
        if (Left(latest, now) <= TimeSpan.Zero || !_counts.TryGet(CallerAddress.Of(address), out var here)) return null;
        var left = Left(here.Began, now);
        return left > TimeSpan.Zero ? (here.Count, left) : null;
    }

    public void Note(IPAddress? address)
    {
        var now = clock.GetTimestamp();
        var key = CallerAddress.Of(address);
        lock (_noting) _counts.Keep(key, _counts.TryGet(key, out var before) && Left(before.Began, now) > TimeSpan.Zero ? before.OneMore : new FailedCount(now, 1));
        Volatile.Write(ref _latest, now);
    }

    private TimeSpan Left(long began, long now) => Limits.Window - clock.GetElapsedTime(began, now);
}

/// <summary>Failures since the first of a window.</summary>
internal readonly record struct FailedCount(long Began, int Count)
{
    public FailedCount OneMore => this with { Count = Count + 1 };
}
