using Microsoft.Extensions.Logging;

namespace Gateway.Delivery;

/// <summary>One reader's view of the store: an outage is said once when it begins and once when it is over.</summary>
internal sealed partial class StoreWatch(string reader, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan BackOff = TimeSpan.FromSeconds(1);

    private int _away;

    /// <summary>Runs one pass of a reader again and again until the process stops; whatever goes wrong, the reader goes on.</summary>
    public async Task RepeatAsync(Func<CancellationToken, Task> pass, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await pass(stopping);
                Back();
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                if (!await PauseAsync(error, stopping)) return;
            }
        }
    }

    /// <summary>Says what went wrong and waits; false when the process stops.</summary>
    public async Task<bool> PauseAsync(Exception error, CancellationToken stopping)
    {
        if (error is not StoreUnavailableException) Failed(reader, error);
        else if (Interlocked.Exchange(ref _away, 1) == 0) Away(reader, error.Message);
        await Task.Delay(BackOff, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stopping.IsCancellationRequested;
    }

    public void Back()
    {
        if (Interlocked.Exchange(ref _away, 0) == 1) BackAgain(reader);
    }

    [LoggerMessage(1, LogLevel.Error, "{Reader} waits: {Message}")]
    private partial void Away(string reader, string message);

    [LoggerMessage(2, LogLevel.Information, "{Reader} goes on: the store is available again")]
    private partial void BackAgain(string reader);

    [LoggerMessage(3, LogLevel.Error, "{Reader} failed and goes on")]
    private partial void Failed(string reader, Exception error);
}
