using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Delivery.Webhooks;

/// <summary>
/// Reads the event log and stores one delivery per event and matching subscription. Its cursor moves in the transaction that stores the
/// deliveries, so no event is passed over and none is fanned out twice, however many of these run.
/// </summary>
public sealed partial class WebhookFanOut : BackgroundService
{
    /// <summary>Name of the cursor.</summary>
    public const string Reader = "webhooks";

    private const int Batch = 200;
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);

    private readonly IStore _store;
    private readonly Func<IReadOnlyList<Subscription>> _subscriptions;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly StoreWatch _watch;
    private readonly WebhookSender? _sender;

    /// <param name="subscriptions">Those of the Plan that runs now.</param>
    /// <param name="sender">Woken when there is something to send; null when it runs in another process.</param>
    public WebhookFanOut(
        IStore store, Func<IReadOnlyList<Subscription>> subscriptions, TimeProvider clock, ILogger<WebhookFanOut> logger, WebhookSender? sender = null)
    {
        _store = store;
        _subscriptions = subscriptions;
        _clock = clock;
        _logger = logger;
        _sender = sender;
        _watch = new StoreWatch("Webhook fan-out", clock, logger);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var woken = Task.CompletedTask;
        return _watch.RepeatAsync(async stopping =>
        {
            if (woken.IsCompleted) woken = _store.WaitForAppendAsync(LongestSleep, stopping).AsTask();
            // Nobody waits: events are passed by together, not one by one.
            if (_subscriptions().Count == 0) await Task.Delay(LongestSleep, _clock, stopping);
            var passed = 0;
            while (await PassAsync(stopping)) passed++;
            if (passed == 0) await woken;
        }, stoppingToken);
    }

    /// <summary>One batch of events; false when there was none.</summary>
    private async Task<bool> PassAsync(CancellationToken stopping)
    {
        var cursor = await _store.FindCursorAsync(Reader, stopping);
        var events = await _store.ReadEventHeadsAsync(cursor.Position, Batch, stopping);
        if (events.Count == 0) return false;

        var wanted = _subscriptions();
        var now = _clock.GetUtcNow();
        var deliveries = new List<EventDelivery>();
        foreach (var stored in events)
        {
            foreach (var subscription in wanted)
            {
                if (subscription.Tenant != stored.Tenant || !subscription.Wants(stored.Type)) continue;
                deliveries.Add(new EventDelivery(DeliveryId.Of(subscription.Tenant, subscription.Name, stored.Source, stored.Id), subscription.Tenant, subscription.Name, stored.Position, now)
                {
                    NextAt = now,
                    OrderingKey = subscription.Order == WebhookOrder.Fifo ? stored.PartitionKey : null,
                });
            }
        }

        if (await _store.AdvanceAsync(Reader, cursor, events[^1].Position, deliveries, stopping))
        {
            FannedOut(events.Count, deliveries.Count);
            if (deliveries.Count > 0) _sender?.Wake();
        }

        return true;
    }

    [LoggerMessage(10, LogLevel.Debug, "{Events} events became {Deliveries} deliveries")]
    private partial void FannedOut(int events, int deliveries);
}
