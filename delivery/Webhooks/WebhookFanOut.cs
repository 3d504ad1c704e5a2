using System.Security.Cryptography;
using System.Text.Json;
using Gateway.Delivery.Events;
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
    private readonly SubscriptionBook _book;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly StoreWatch _watch;
    private readonly Action<IReadOnlyCollection<string>>? _added;

    /// <param name="added">Told the keys of endpoints that there is something to send to.</param>
    public WebhookFanOut(
        IStore store, SubscriptionBook book, TimeProvider clock, ILogger<WebhookFanOut> logger, Action<IReadOnlyCollection<string>>? added = null)
    {
        _store = store;
        _book = book;
        _clock = clock;
        _logger = logger;
        _added = added;
        _watch = new StoreWatch("Webhook fan-out", clock, logger);
    }

    /// <summary>How many subscriptions were looked at for the events so far: those of their tenants and types, and no others.</summary>
    internal long Considered { get; private set; }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var woken = Task.CompletedTask;
        return _watch.RepeatAsync(async stopping =>
        {
            if (woken.IsCompleted) woken = _store.WaitForAppendAsync(LongestSleep, stopping).AsTask();
            // Nobody waits: events are passed by together, not one by one.
            if (_book.IsEmpty) await Task.Delay(LongestSleep, _clock, stopping);
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

        // What was made before one of these happened is known, whoever made it.
        await _book.FollowAsync(stopping);
        var deliveries = new List<EventDelivery>();
        foreach (var happened in events) await AddAsync(happened, deliveries, stopping);

        if (await _store.AdvanceAsync(Reader, cursor, events[^1].Position, deliveries, stopping))
        {
            FannedOut(events.Count, deliveries.Count);
            if (deliveries.Count > 0) _added?.Invoke(deliveries.Select(d => d.Endpoint).ToHashSet());
        }

        return true;
    }

    /// <summary>The deliveries that follow from one event.</summary>
    private async ValueTask AddAsync(EventHead happened, List<EventDelivery> deliveries, CancellationToken stopping)
    {
        var now = _clock.GetUtcNow();
        // It tries a disabled endpoint, too.
        if (PingEvent.EndpointOf(happened) is { } tried)
        {
            if (_book.Find(tried) is { } one) deliveries.Add(Delivery(happened, one.Subscription, now) with { Asked = true });
            return;
        }
        var subscribers = _book.Of(happened.Tenant, happened.Type);
        Considered += subscribers.Count;
        if (subscribers.Count == 0) return;
        using var envelope = subscribers.Any(s => s.Subscription.When is not null) ? await EnvelopeAsync(happened, stopping) : null;
        foreach (var subscriber in subscribers)
        {
            // What can't be read can't be judged: who sends it says so, and it is not lost.
            var (wants, error) = subscriber.Subscription.When is null || envelope is null ? (true, null) : subscriber.Judge(() => envelope.RootElement, now);
            if (error is not null) await _book.TellTroubleAsync(subscriber.Subscription, error, stopping);
            if (wants) deliveries.Add(Delivery(happened, subscriber.Subscription, now));
        }
    }

    private async ValueTask<JsonDocument?> EnvelopeAsync(EventHead happened, CancellationToken stopping)
    {
        try
        {
            return await _store.FindEventAsync(happened.Position, stopping) is { } stored ? JsonDocument.Parse(Envelope.Write(stored)) : null;
        }
        catch (StoreUnavailableException unavailable) when (unavailable.InnerException is CryptographicException)
        {
            return null;
        }
    }

    private static EventDelivery Delivery(EventHead happened, Subscription subscription, DateTimeOffset now) =>
        new(DeliveryId.Of(subscription.Tenant, subscription.Name, happened.Source, happened.Id), subscription.Tenant, subscription.Name, happened.Position, now)
        {
            NextAt = now,
            OrderingKey = subscription.Order == WebhookOrder.Fifo ? happened.PartitionKey : null,
        };

    [LoggerMessage(10, LogLevel.Debug, "{Events} events became {Deliveries} deliveries")]
    private partial void FannedOut(int events, int deliveries);
}
