using Gateway.Configuration;
using Gateway.Policies.Quota;

namespace Gateway.Pipeline;

/// <summary>
/// Gives back what this node holds of quotas and nobody uses, so that other nodes may, and tells the store what was used while it was away. When
/// the process stops, and no request runs any more, all is given back.
/// </summary>
internal sealed partial class QuotaKeeping(KeptState kept, IStore store, TimeProvider clock, ILogger<QuotaKeeping> log) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Behind the last request.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken) => SettleAsync(all: true, cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Every, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stoppingToken.IsCancellationRequested) await SettleAsync(all: false, stoppingToken);
        }
    }

    private async Task SettleAsync(bool all, CancellationToken cancellation)
    {
        if (kept.All.OfType<QuotaBook>().FirstOrDefault() is not { } book) return;
        try
        {
            await book.SettleAsync(store, all, cancellation);
        }
        catch (Exception failed) when (failed is StoreUnavailableException or OperationCanceledException)
        {
            if (!cancellation.IsCancellationRequested) Unsettled(failed.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Quotas can't be settled; they will be later: {Message}")]
    private partial void Unsettled(string message);
}
