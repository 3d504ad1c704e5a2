namespace HandWrittenOrders;

/// <summary>Settles what was cut off: an intent without outcome whose call can no longer be running is looked up in Odoo, and completed or sent again.</summary>
internal sealed class Recovery(Ledger ledger, TakeOrder orders, TimeProvider clock, ILogger<Recovery> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var intent in ledger.Abandoned((clock.GetUtcNow() - 1.5 * TakeOrder.Timeout).Ticks))
            {
                try
                {
                    await orders.SettleAsync(intent, stoppingToken);
                }
                catch (Exception failed) when (failed is not OperationCanceledException)
                {
                    log.LogError(failed, "{ExternalId} can't be settled now", intent.ExternalId);
                }
            }
        }
    }
}
