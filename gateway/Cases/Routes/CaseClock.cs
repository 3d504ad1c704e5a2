using Microsoft.Extensions.Time.Testing;

namespace Gateway.Cases.Routes;

/// <summary>
/// The time of one case. It stands still while the gateway works, and passes when a step says so, when a backend does not answer, and when the
/// gateway itself waits: whoever sleeps on it is woken at once, and it is that much later.
/// </summary>
internal sealed class CaseClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        // A deadline is not waited for; a delay is.
        if (state is CancellationTokenSource) return timer;
        PassSoon(dueTime);
        return new Delay(this, timer);
    }

    /// <summary>Lets time pass until somebody gives up.</summary>
    public void PassUntil(CancellationToken givenUp, TimeSpan atMost)
    {
        for (var passed = TimeSpan.Zero; passed < atMost && !givenUp.IsCancellationRequested; passed += Tick) Advance(Tick);
    }

    private void PassSoon(TimeSpan wait)
    {
        if (wait > TimeSpan.Zero) ThreadPool.UnsafeQueueUserWorkItem(clock => clock.Advance(wait), this, preferLocal: false);
    }

    /// <summary>A timer that somebody waits for, again each time it is set.</summary>
    private sealed class Delay(CaseClock clock, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var changed = timer.Change(dueTime, period);
            if (changed) clock.PassSoon(dueTime);
            return changed;
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
