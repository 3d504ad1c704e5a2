namespace Gateway.Policies.RateLimit;

/// <summary>
/// Holds at most <paramref name="limit"/> tokens, and gets them back evenly over <paramref name="window"/>. Counts in whole units, of which a tick
/// of the clock brings <paramref name="limit"/>, so that nothing is lost or won by rounding however often it is asked.
/// </summary>
public sealed class TokenBucket(int limit, TimeSpan window, TimeProvider clock) : Counter
{
    private readonly Lock _lock = new();
    private readonly Int128 _unitsPerToken = UnitsPerToken(window, clock);
    private readonly Int128 _capacity = limit * UnitsPerToken(window, clock);
    private Int128 _units = limit * UnitsPerToken(window, clock);
    private long _countedAt = clock.GetTimestamp();

    /// <summary>Not null while the bucket is full: the framework then may forget it.</summary>
    public override TimeSpan? IdleDuration
    {
        get
        {
            var idle = clock.GetElapsedTime(Volatile.Read(ref _countedAt));
            return idle > window ? idle : null;
        }
    }

    public override LimitTaken Take(int cost, int reserve)
    {
        var missing = Count(cost, reserve, out var units);
        return new LimitTaken(missing <= 0, (long)(units / _unitsPerToken), After(_capacity - units), missing <= 0 ? TimeSpan.Zero : After(missing));
    }

    public override void GiveBack(int cost)
    {
        lock (_lock) _units = Int128.Min(_capacity, _units + cost * _unitsPerToken);
    }

    protected override TimeSpan? TryTake(int cost) => Count(cost, 0, out _) is var missing && missing > 0 ? After(missing) : null;

    /// <returns>Units that were missing: none, where it was taken. The divisions are made outside the lock, and only for who asks.</returns>
    private Int128 Count(int cost, int reserve, out Int128 units)
    {
        lock (_lock)
        {
            Refill();
            var missing = cost == 0 ? 0 : ((Int128)cost + reserve) * _unitsPerToken - _units;
            if (missing <= 0) _units -= cost * _unitsPerToken;
            units = _units;
            return missing;
        }
    }

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
}
