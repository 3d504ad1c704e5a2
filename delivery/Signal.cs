namespace Gateway.Delivery;

/// <summary>
/// Wakes everybody who waits. Who waits takes <see cref="Next"/> before looking for work, and sleeps on it after finding none;
/// then nothing that is raised in between is missed.
/// </summary>
internal sealed class Signal(TimeProvider clock)
{
    private TaskCompletionSource _next = New();

    /// <summary>Completes at the next raise after it was taken.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Raise() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    /// <summary>Completes when <paramref name="raised"/> does, or after a time.</summary>
    public async Task WaitAsync(Task raised, TimeSpan atMost, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(raised, Task.Delay(atMost, clock, either.Token));
        // Without this the timer would live on after every raise.
        await either.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
