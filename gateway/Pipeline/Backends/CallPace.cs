namespace Gateway.Pipeline.Backends;

/// <summary>
/// So many calls a second over time, and some at once after a pause: the generic cell rate algorithm (ITU-T I.371, annex A). A caller that takes
/// more calls than may be made at once begins when all of them are there, and the next waits for what it took beyond. Belongs to a gate, under its lock.
/// </summary>
internal sealed class CallPace(double perSecond, int burst)
{
    private readonly TimeSpan _interval = TimeSpan.FromSeconds(1 / perSecond);

    /// <summary>When all calls that were taken will have been earned.</summary>
    private TimeSpan _paidAt;

    /// <summary>How long until so many calls may begin; nothing or less: now.</summary>
    public TimeSpan WaitFor(int calls, TimeSpan now) => _paidAt - now - _interval * (burst - Math.Min(calls, burst));

    public void Take(int calls, TimeSpan now) => _paidAt = (_paidAt > now ? _paidAt : now) + _interval * calls;

    /// <summary>How long until so many calls more will have begun.</summary>
    public TimeSpan TimeFor(int calls, TimeSpan now) => (_paidAt > now ? _paidAt - now : TimeSpan.Zero) + _interval * Math.Max(0, calls - burst);
}
