namespace Gateway.Policies.RateLimit;

/// <summary>
/// At most <paramref name="limit"/> in any stretch of time as long as <paramref name="window"/>. Counted by twentieths of it; the one at the edge
/// counts whole, so the limit always holds, and a permit comes back up to a twentieth of the window late.
/// </summary>
public sealed class SlidingWindow(int limit, TimeSpan window, TimeProvider clock) : Counter
{
    private const int Parts = 20;

    private readonly Lock _lock = new();
    private readonly long _part = window.Ticks / Parts;

    /// <summary>What was used in each of the parts that count, by their number modulo their count.</summary>
    private readonly long[] _used = new long[Parts + 1];
    private long _current;
    private long _sum;

    public override TimeSpan? IdleDuration
    {
        get
        {
            lock (_lock) return clock.GetUtcNow().UtcTicks - BackAt(_current) is > 0 and var idle ? new TimeSpan(idle) : null;
        }
    }

    public override LimitTaken Take(int cost, int reserve)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow().UtcTicks;
            Advance(now / _part);
            var taken = cost == 0 || _sum + cost + reserve <= limit;
            if (taken)
            {
                _used[_current % _used.Length] += cost;
                _sum += cost;
            }
            return new LimitTaken(taken, Math.Max(0, limit - _sum), UntilWhole(now), taken ? TimeSpan.Zero : RetryAfter(now, (long)cost + reserve));
        }
    }

    /// <summary>A part that has ended meanwhile counts a little longer; its permits go back to the one before, if there are any.</summary>
    public override void GiveBack(int cost)
    {
        lock (_lock)
        {
            for (var (i, number) = (0, _current); i < _used.Length && cost > 0; i++, number--)
            {
                ref var used = ref _used[(number + _used.Length) % _used.Length];
                var back = (int)Math.Min(cost, used);
                (used, _sum, cost) = (used - back, _sum - back, cost - back);
            }
        }
    }

    /// <summary>A clock that is set back counts on in the part that it was in.</summary>
    private void Advance(long number)
    {
        if (number - _current >= _used.Length)
        {
            Array.Clear(_used);
            (_sum, _current) = (0, number);
        }
        while (_current < number)
        {
            ref var oldest = ref _used[++_current % _used.Length];
            (_sum, oldest) = (_sum - oldest, 0);
        }
    }

    private TimeSpan RetryAfter(long now, long needed)
    {
        var free = limit - _sum;
        for (var number = _current - Parts; number <= _current; number++)
        {
            free += _used[(number + _used.Length) % _used.Length];
            if (free >= needed) return new TimeSpan(BackAt(number) - now);
        }
        return window;
    }

    private TimeSpan UntilWhole(long now)
    {
        for (var number = _current; number >= _current - Parts; number--)
        {
            if (_used[(number + _used.Length) % _used.Length] > 0) return new TimeSpan(BackAt(number) - now);
        }
        return TimeSpan.Zero;
    }

    /// <summary>When what was used in a part counts no more.</summary>
    private long BackAt(long number) => (number + Parts + 1) * _part;
}
