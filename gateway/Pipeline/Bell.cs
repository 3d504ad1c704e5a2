namespace Gateway.Pipeline;

/// <summary>Wakes one sleeper; rung while nobody sleeps, it wakes the next at once.</summary>
public sealed class Bell
{
    private readonly SemaphoreSlim _rung = new(0, 1);

    public void Ring()
    {
        if (_rung.CurrentCount > 0) return;
        try
        {
            _rung.Release();
        }
        catch (SemaphoreFullException)
        {
            // Rung already: one wake-up is enough for all.
        }
    }

    public Task WaitAsync(TimeSpan atMost, CancellationToken cancellation) => _rung.WaitAsync(atMost, cancellation);
}
