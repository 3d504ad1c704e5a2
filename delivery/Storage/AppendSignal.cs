namespace Gateway.Delivery.Storage;

/// <summary>
/// Wakes every reader that waits when something was appended. A wait counts from its call, so a reader asks for it before it reads
/// and awaits it when it has read nothing; then no append can slip between.
/// </summary>
internal sealed class AppendSignal(TimeProvider clock)
{
    private TaskCompletionSource next = New();

    public void Raise() => Interlocked.Exchange(ref next, New()).TrySetResult();

    /// <summary>Completes at the next append or after a time, whichever is first.</summary>
    public ValueTask WaitAsync(TimeSpan atMost, CancellationToken cancellation)
    {
        var raised = Volatile.Read(ref next).Task;
        return new ValueTask(WaitForAsync(raised, atMost, cancellation));
    }

    private async Task WaitForAsync(Task raised, TimeSpan atMost, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var late = Task.Delay(atMost, clock, either.Token);
        await Task.WhenAny(raised, late);
        // Without this the timer would live on after every append.
        await either.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
