namespace Gateway.Pipeline;

/// <summary>
/// Once an hour: erases the beginning of the log, range by range, as long as all that a range holds is past the retention of its type. A type that is
/// kept for long keeps what stands beside it; readers are not given what is past its own (<see cref="EventTypes.RetentionOf"/>).
/// </summary>
public sealed partial class LogKeeping(IStore store, CurrentPlan plans, TimeProvider clock, ILogger<LogKeeping> log) : BackgroundService
{
    /// <summary>Events of a range: what is erased in one transaction, while nobody else writes in SQLite.</summary>
    public const int Range = 2000;

    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await EraseAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failed)
            {
                // Nothing may end it, and with it the gateway: the next hour comes.
                Unavailable(failed.Message);
            }
            await Task.Delay(Every, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Erases what can be; how many ranges.</summary>
    internal async Task<int> EraseAsync(CancellationToken cancellation)
    {
        var ranges = 0;
        for (var most = Range; most > 0 && await store.FirstRangeAsync(most, cancellation) is { } range;)
        {
            // In half of it there may be nothing that is still to be kept.
            if (!IsOver(range, plans.Current.EventTypes)) most /= 2;
            else if (!await store.EraseAsync(range, cancellation)) break;
            else Erased(range.After + 1, range.UpTo, ++ranges);
        }
        return ranges;
    }

    private bool IsOver(LogRange range, EventTypes types)
    {
        var now = clock.GetUtcNow();
        return range.Latest.All(type => now - type.Value >= types.RetentionOf(type.Key));
    }

    [LoggerMessage(1, LogLevel.Information, "Events {First} to {Last} were kept long enough and are erased, range {Number} of this hour")]
    private partial void Erased(long first, long last, int number);

    [LoggerMessage(2, LogLevel.Error, "The log can't be looked after: {Message}")]
    private partial void Unavailable(string message);
}
