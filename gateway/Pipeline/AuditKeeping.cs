using Gateway.Delivery.Audit;

namespace Gateway.Pipeline;

/// <summary>
/// Once an hour: drops the segments of the audit that have been kept long enough, and tells the log the heads. Once a minute: keeps the heads beside
/// the keys. What a log collector has heard, and what lies there, nobody who writes to the store can take back.
/// </summary>
public sealed partial class AuditKeeping(IStore store, CurrentPlan plans, KeptHeads kept, TimeProvider clock, ILogger<AuditKeeping> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly HashSet<string> _told = [];
    private readonly HashSet<string> _gone = [];
    private DateTimeOffset _nextHour = DateTimeOffset.MinValue;

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
                // Nothing may end it, and with it the gateway: the next minute comes.
                Unavailable(failed.Message);
            }
            await Task.Delay(Every, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        await KeepAsync(cancellation);
        if (clock.GetUtcNow() < _nextHour) return;
        _nextHour = clock.GetUtcNow() + Hour;
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

    /// <summary>What is gone is told once, until the process ends.</summary>
    private async Task KeepAsync(CancellationToken cancellation)
    {
        foreach (var segment in await kept.KeepAsync(await store.AuditSegmentsAsync(cancellation), cancellation))
        {
            if (_gone.Add(segment)) Gone(segment, KeptHeads.FileName);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Audit head of {Segment}: {Links} links, {Head}")]
    private partial void Head(string segment, long links, string head);

    [LoggerMessage(2, LogLevel.Information, "Audit segment {Segment} was kept long enough and is dropped: {Links} links, {Head}")]
    private partial void Dropped(string segment, long links, string head);

    [LoggerMessage(3, LogLevel.Error, "The head of the audit segment {Segment} was changed by somebody else; 'audit verify' says more")]
    private partial void Broken(string segment);

    [LoggerMessage(5, LogLevel.Error, "Of the audit segment {Segment} something is gone that {File} beside the keys knows of; 'audit verify' says more")]
    private partial void Gone(string segment, string file);

    [LoggerMessage(4, LogLevel.Error, "The audit can't be looked after: {Message}")]
    private partial void Unavailable(string message);
}
