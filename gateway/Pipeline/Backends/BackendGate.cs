namespace Gateway.Pipeline.Backends;

/// <summary>
/// The gate before a backend: so many calls a second and so many at once, from this node. Who has to wait stands in line with its partner's
/// others; the partners take turns, so that one with a thousand waiting holds nobody else's first one up. What settles earlier work goes
/// before all. While the backend itself asks to be left alone, nothing passes. Outlives reloads that leave its limits as they are.
/// </summary>
internal sealed class BackendGate(string backend, BackendLimits limits, TimeProvider clock) : IDisposable
{
    /// <summary>However long a backend asks to be left alone, it is tried again after this.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>In the place of a partner, for what was accepted: no partner has such a name.</summary>
    public const string Accepted = "(accepted)";

    private readonly Lock _lock = new();
    private readonly long _began = clock.GetTimestamp();
    private readonly WaitingLine _line = new();
    private readonly CallPace? _pace = limits.PerSecond is { } perSecond ? new CallPace(perSecond, limits.Burst) : null;
    private readonly List<Waiter> _leaving = [];
    private ITimer? _timer;
    private TimeSpan _closedUntil;
    private int _running;

    public BackendLimits Limits => limits;

    /// <summary>Calls that are under way.</summary>
    public int Running
    {
        get
        {
            lock (_lock) return _running;
        }
    }

    /// <summary>How long nothing passes yet, because the backend asked for it; null while it is open.</summary>
    public TimeSpan? Closed
    {
        get
        {
            lock (_lock) return _closedUntil > Now ? _closedUntil - Now : null;
        }
    }

    /// <summary>How many wait, by partner; under an empty name, those that go first.</summary>
    public IReadOnlyDictionary<string, int> Waiting
    {
        get
        {
            lock (_lock) return _line.Counts();
        }
    }

    private TimeSpan Now => clock.GetElapsedTime(_began);

    /// <summary>Waits until a call may begin. Who may begin says so when it is over (<see cref="Leave"/>).</summary>
    /// <param name="calls">Calls that it will take, about.</param>
    /// <param name="patience">How long it waits at most; by default as the limits say.</param>
    /// <returns>Null for who may begin; else when it is worth to come again.</returns>
    /// <exception cref="OperationCanceledException">Cancelled while it waited; it is in no line any more.</exception>
    public ValueTask<TimeSpan?> EnterAsync(string partner, int calls, bool goesFirst, CancellationToken cancellation, TimeSpan? patience = null)
    {
        var wait = patience ?? limits.Wait;
        Waiter waiter;
        TimeSpan? refused = null;
        lock (_lock)
        {
            var now = Now;
            if (_line.Count == 0 && CanBegin(calls, now))
            {
                Begin(calls, now);
                return ValueTask.FromResult<TimeSpan?>(null);
            }
            waiter = new Waiter(partner, calls, now + wait);
            if (_closedUntil > waiter.Until) refused = _closedUntil - now;
            else if (!TryLineUp(waiter, goesFirst)) refused = Estimate(now);
            else Serve(now);
        }
        Answer();
        if (refused is null) return WaitAsync(waiter, wait, cancellation);
        BackendTelemetry.Refused(backend);
        return ValueTask.FromResult(refused);
    }

    /// <summary>A call is over.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _running--;
            Serve(Now);
        }
        Answer();
    }

    /// <summary>The backend asks to be left alone. Who would wait longer than it may is told at once.</summary>
    public void Close(TimeSpan pause)
    {
        lock (_lock)
        {
            var now = Now;
            var until = now + (pause < LongestPause ? pause : LongestPause);
            if (until <= _closedUntil) return;
            _closedUntil = until;
            foreach (var waiter in _line.TakeAll(w => w.Until < until)) Refuse(waiter, until - now);
            Arm(now);
        }
        Answer();
    }

    /// <summary>Nobody waits long at a gate that others have taken the place of.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _timer?.Dispose();
            foreach (var waiter in _line.TakeAll(w => w.Partner == Accepted)) Refuse(waiter, TimeSpan.Zero);
        }
        Answer();
    }

    private async ValueTask<TimeSpan?> WaitAsync(Waiter waiter, TimeSpan longest, CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        using var patience = new CancellationTokenSource(longest, clock);
        await using var impatient = patience.Token.UnsafeRegister(_ => GiveUp(waiter, cancelled: false), null);
        await using var cancelled = cancellation.UnsafeRegister(_ => GiveUp(waiter, cancelled: true), null);
        BackendTelemetry.Begin(backend);
        var outcome = "cancelled";
        try
        {
            var again = await waiter.Answer.Task;
            outcome = again is null ? "served" : "refused";
            return again;
        }
        finally
        {
            BackendTelemetry.End(backend, clock.GetElapsedTime(began), outcome);
        }
    }

    private void GiveUp(Waiter waiter, bool cancelled)
    {
        lock (_lock)
        {
            if (!_line.Remove(waiter)) return;
            if (cancelled) waiter.IsCancelled = true;
            Refuse(waiter, Estimate(Now));
        }
        Answer();
    }

    /// <summary>A full line lets in who has fewer waiting than somebody else: the last of that one goes.</summary>
    private bool TryLineUp(Waiter waiter, bool goesFirst)
    {
        if (goesFirst)
        {
            _line.AddFirst(waiter);
            return true;
        }
        if (_line.CountOfPartners < limits.Queue)
        {
            _line.Add(waiter);
            return true;
        }
        if (_line.LastOfLongest(moreThan: _line.CountOf(waiter.Partner) + 1) is not { } last) return false;
        _line.Remove(last);
        Refuse(last, Estimate(Now));
        _line.Add(waiter);
        return true;
    }

    private bool CanBegin(int calls, TimeSpan now) =>
        now >= _closedUntil && _running < (limits.Concurrent ?? int.MaxValue) && (_pace is null || _pace.WaitFor(calls, now) <= TimeSpan.Zero);

    private void Begin(int calls, TimeSpan now)
    {
        _running++;
        _pace?.Take(calls, now);
    }

    private void Serve(TimeSpan now)
    {
        while (_line.Peek() is { } next && CanBegin(next.Calls, now))
        {
            _line.TakeNext();
            Begin(next.Calls, now);
            next.Again = null;
            _leaving.Add(next);
        }
        Arm(now);
    }

    private void Refuse(Waiter waiter, TimeSpan again)
    {
        waiter.Again = again;
        _leaving.Add(waiter);
    }

    /// <summary>Wakes up when time alone lets the next begin.</summary>
    private void Arm(TimeSpan now)
    {
        if (_line.Peek() is not { } next) return;
        var wait = _closedUntil - now;
        if (_pace?.WaitFor(next.Calls, now) is { } paced && paced > wait) wait = paced;
        if (wait <= TimeSpan.Zero) return;
        // A timer's millisecond is cut off: it must not come too early.
        wait = TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
        if (_timer is null) _timer = clock.CreateTimer(_ => Wake(), null, wait, Timeout.InfiniteTimeSpan);
        else _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private void Wake()
    {
        lock (_lock) Serve(Now);
        Answer();
    }

    /// <summary>Tells who was decided about, outside of the lock.</summary>
    private void Answer()
    {
        List<Waiter> decided;
        lock (_lock)
        {
            if (_leaving.Count == 0) return;
            decided = [.. _leaving];
            _leaving.Clear();
        }
        foreach (var waiter in decided) waiter.Tell();
    }

    /// <summary>When all that wait now will have had their turn, about.</summary>
    private TimeSpan Estimate(TimeSpan now)
    {
        var wait = _closedUntil > now ? _closedUntil - now : TimeSpan.Zero;
        var turn = _pace?.TimeFor(_line.Calls + 1, now) ?? limits.Wait;
        return turn > wait ? turn : wait;
    }
}
