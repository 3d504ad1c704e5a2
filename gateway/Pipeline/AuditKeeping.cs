using Gateway.Delivery.Audit;

namespace Gateway.Pipeline;

/// <summary>
/// Once an hour: drops the segments of the audit that have been kept long enough, and tells the log the heads. What a log collector has heard,
/// nobody who writes to the store can take back.
/// </summary>
public sealed partial class AuditKeeping(IStore store, CurrentPlan plans, TimeProvider clock, ILogger<AuditKeeping> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    private readonly HashSet<string> _told = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
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

    private async Task LookAsync(CancellationToken cancellation)
    {
        foreach (var segment in await AuditActs.RetainAsync(store, plans.Current.AuditRetention, clock.GetUtcNow(), cancellation)) Dropped(segment.Name, segment.Links, segment.Head);
        // The last of each chain says all: the heads before it are part of it.
        var heads = (await store.AuditSegmentsAsync(cancellation)).GroupBy(s => (s.Node, s.Class)).Select(chain => chain.Last()).ToList();
        foreach (var segment in heads)
        {
            if (!segment.Authentic) Broken(segment.Name);
            else if (!_told.Contains(segment.Seal)) Head(segment.Name, segment.Links, segment.Head);
        }
        _told.Clear();
        _told.UnionWith(heads.Select(s => s.Seal));
    }

    [LoggerMessage(1, LogLevel.Information, "Audit head of {Segment}: {Links} links, {Head}")]
    private partial void Head(string segment, long links, string head);

    [LoggerMessage(2, LogLevel.Information, "Audit segment {Segment} was kept long enough and is dropped: {Links} links, {Head}")]
    private partial void Dropped(string segment, long links, string head);

    [LoggerMessage(3, LogLevel.Error, "The head of the audit segment {Segment} was changed by somebody else; 'audit verify' says more")]
    private partial void Broken(string segment);

    [LoggerMessage(4, LogLevel.Error, "The audit can't be looked after: {Message}")]
    private partial void Unavailable(string message);
}
