namespace Gateway.Adapters.Resilience;

/// <summary>The end of an operation in all, retries included: the backend's timeout, or sooner what its caller still has. Disposed with the operation.</summary>
public sealed class Deadline : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _either;
    private readonly long _began;
    private readonly TimeSpan _all;

    /// <param name="timeout">Of the backend.</param>
    /// <param name="caller">Ends it as well; the only token whose cancellation is thrown.</param>
    public Deadline(OperationCall call, TimeSpan timeout, TimeProvider clock, CancellationToken caller)
    {
        var waited = call.Deadline - clock.GetUtcNow();
        (_clock, _began, _all, Caller) = (clock, clock.GetTimestamp(), waited < timeout ? waited.Value : timeout, caller);
        _timer = new CancellationTokenSource(_all > TimeSpan.Zero ? _all : TimeSpan.Zero, clock);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, caller);
    }

    /// <summary>Cancelled when time is over, and when the caller cancels.</summary>
    public CancellationToken Token => _either.Token;

    public CancellationToken Caller { get; }

    /// <summary>Time that is left; nothing or less when it is over.</summary>
    public TimeSpan Left => _all - _clock.GetElapsedTime(_began);

    /// <summary>Begins one attempt within it, which is to be disposed.</summary>
    /// <param name="time">Of the attempt; null for all that is left.</param>
    public Attempt Begin(TimeSpan? time) => new(Token, time < Left ? time : null, _clock);

    public void Dispose()
    {
        _either.Dispose();
        _timer.Dispose();
    }
}

/// <summary>One attempt of a call, with an end of its own.</summary>
public sealed class Attempt : IDisposable
{
    private readonly CancellationTokenSource? _timer;
    private readonly CancellationTokenSource? _either;

    internal Attempt(CancellationToken deadline, TimeSpan? time, TimeProvider clock)
    {
        Token = deadline;
        if (time is not { } most) return;
        _timer = new CancellationTokenSource(most, clock);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, deadline);
        Token = _either.Token;
    }

    /// <summary>Cancelled when the attempt is over, or the whole call.</summary>
    public CancellationToken Token { get; }

    public void Dispose()
    {
        _either?.Dispose();
        _timer?.Dispose();
    }
}
