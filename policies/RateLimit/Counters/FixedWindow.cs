namespace Gateway.Policies.RateLimit;

/// <summary>
/// At most <paramref name="limit"/> in each window, which begins with the full second, minute or hour of UTC. All are back at its end at once.
/// </summary>
public sealed class FixedWindow(int limit, TimeSpan window, TimeProvider clock) : Counter
{
    private readonly Lock _lock = new();
    private long _number;
    private long _used;

    public override TimeSpan? IdleDuration
    {
        get
        {
            lock (_lock) return clock.GetUtcNow().UtcTicks - (_number + 1) * window.Ticks is > 0 and var idle ? new TimeSpan(idle) : null;
        }
    }

    public override LimitTaken Take(int cost, int reserve)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow().UtcTicks;
            Begin(now);
            var taken = cost == 0 || _used + cost + reserve <= limit;
            if (taken) _used += cost;
            var ends = new TimeSpan((_number + 1) * window.Ticks - now);
            return new LimitTaken(taken, Math.Max(0, limit - _used), _used == 0 ? TimeSpan.Zero : ends, taken ? TimeSpan.Zero : ends);
        }
    }

    public override void GiveBack(int cost)
    {
        lock (_lock) _used = Math.Max(0, _used - cost);
    }

    /// <summary>A clock that is set back does not begin a window anew.</summary>
    private void Begin(long now)
    {
        if (now / window.Ticks is var number && number > _number) (_number, _used) = (number, 0);
    }
}
