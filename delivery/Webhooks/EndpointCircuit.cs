namespace Gateway.Delivery.Webhooks;

/// <summary>
/// Leaves an endpoint alone after failures one behind the other: for five seconds, then for twice as long each time, up to five minutes. Behind
/// each pause one delivery tries; the first that arrives closes it. Deliveries that wait meanwhile use up nothing of their schedules. One node's own.
/// </summary>
internal sealed class EndpointCircuit
{
    public const int Failures = 10;

    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private int _failures;
    private TimeSpan _pause = First;
    private DateTimeOffset _openUntil;

    /// <summary>Nothing is sent now.</summary>
    public bool IsOpen(DateTimeOffset now)
    {
        lock (_lock) return now < _openUntil;
    }

    /// <summary>It was open, and nothing has arrived since: one at a time.</summary>
    public bool IsOnTrial
    {
        get
        {
            lock (_lock) return _failures >= Failures;
        }
    }

    /// <summary>Hears how an attempt ended; true where that opened or closed it.</summary>
    public bool Hear(bool failed, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (!failed)
            {
                var was = _failures >= Failures;
                (_failures, _pause, _openUntil) = (0, First, default);
                return was;
            }
            _failures++;
            // Those that were under way when it opened say nothing new.
            if (_failures < Failures || now < _openUntil) return false;
            _openUntil = now + _pause;
            _pause = _pause * 2 < Longest ? _pause * 2 : Longest;
            return _failures == Failures;
        }
    }
}
