namespace Gateway.Delivery.Flows;

/// <summary>Forgets signals that were kept for instances that have not come: a day later nobody waits for them any more.</summary>
internal sealed class SpentSignals(IStore store, TimeProvider clock)
{
    private const int AtOnce = 1000;

    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(1);

    private static readonly TimeSpan LookEvery = TimeSpan.FromHours(1);

    /// <summary>How far the log was when, an hour apart.</summary>
    private readonly Queue<(DateTimeOffset At, long Position)> _marks = new();
    private DateTimeOffset _lookAt;

    public async ValueTask ForgetAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (now < _lookAt) return;
        _lookAt = now + LookEvery;
        _marks.Enqueue((now, await store.LastPositionAsync(cancellation)));
        long? upTo = null;
        while (_marks.TryPeek(out var mark) && mark.At + KeptFor <= now) upTo = _marks.Dequeue().Position;
        if (upTo is not { } position) return;
        while (await store.ForgetSignalsAsync(position, AtOnce, cancellation) == AtOnce)
        {
        }
    }
}
