namespace Gateway.Policies.RateLimit;

/// <summary>At most <paramref name="limit"/> at the same time; each gives its permit back when it has ended.</summary>
public sealed class AtWork(int limit, TimeProvider clock) : Counter
{
    /// <summary>Nobody knows when somebody ends; who asks again in a second does no harm.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private int _atWork;
    private long _lastAt = clock.GetTimestamp();

    public override TimeSpan? IdleDuration
    {
        get
        {
            lock (_lock) return _atWork == 0 ? clock.GetElapsedTime(_lastAt) : null;
        }
    }

    public override LimitTaken Take(int cost, int reserve)
    {
        lock (_lock)
        {
            _lastAt = clock.GetTimestamp();
            var taken = cost == 0 || _atWork + cost + reserve <= limit;
            if (taken) _atWork += cost;
            return new LimitTaken(taken, limit - _atWork, TimeSpan.Zero, taken ? TimeSpan.Zero : Wait);
        }
    }

    public override void GiveBack(int cost)
    {
        lock (_lock)
        {
            _lastAt = clock.GetTimestamp();
            _atWork -= cost;
        }
    }
}
