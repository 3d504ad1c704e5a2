using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Delivery.Webhooks;

/// <summary>
/// Sends due deliveries and stores every attempt. Each subscription has places of its own, so a dead endpoint waits for itself only.
/// A delivery whose attempt was not stored (crash after the POST) is sent again under the same <c>webhook-id</c>: at least once.
/// </summary>
public sealed partial class WebhookSender : BackgroundService
{
    /// <summary>Deliveries at work at the same time for one subscription, where it does not say.</summary>
    public const int PerSubscription = 4;

    private const int MostCounted = 10_000;
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);

    // For a node to store what came of an attempt, before another one sends the delivery again.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(30);

    private readonly IStore _store;
    private readonly Func<IReadOnlyList<Subscription>> _subscriptions;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly StoreWatch _watch;

    // Of its own: a full disk can still be read.
    private readonly StoreWatch _recording;
    private readonly WebhookCall _call;
    private readonly RetrySchedule _schedule;
    private readonly EndpointBoard _board;
    private readonly Signal _wake;

    // What operators have asked for by id, of this node.
    private readonly ConcurrentQueue<string> _asked = [];

    // Touched by the sending loop only.
    private readonly Dictionary<string, (EventDelivery Delivery, Task Work)> _working = [];
    private DateTimeOffset _nextCount;

    /// <param name="subscriptions">Those of the Plan that runs now.</param>
    /// <param name="http">See <see cref="WebhookCall.NewInvoker"/>; it must not follow redirects.</param>
    /// <param name="random">For the jitter of waits.</param>
    public WebhookSender(
        IStore store, Func<IReadOnlyList<Subscription>> subscriptions, HttpMessageInvoker http, TimeProvider clock, Random random, ILogger<WebhookSender> logger)
    {
        _store = store;
        _subscriptions = subscriptions;
        _clock = clock;
        _logger = logger;
        _watch = new StoreWatch("Webhook sender", clock, logger);
        _recording = new StoreWatch("Recording webhook attempts", clock, logger);
        _call = new WebhookCall(http, clock);
        _schedule = new RetrySchedule(random);
        _board = new EndpointBoard(store, clock, logger);
        _wake = new Signal(clock);
    }

    /// <summary>Says that there may be something to send.</summary>
    public void Wake() => _wake.Raise();

    /// <summary>Says that an operator wants one delivery sent now: it is, also where nothing is sent to its endpoint by itself.</summary>
    public void Send(string id)
    {
        _asked.Enqueue(id);
        _wake.Raise();
    }

    /// <summary>Says that an operator has enabled an endpoint or had it replayed: nothing that was before keeps it back.</summary>
    /// <param name="key">As <see cref="Subscription.Key"/> has it.</param>
    public void Retake(string key)
    {
        _board.Forget(key);
        _wake.Raise();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _watch.RepeatAsync(PassAsync, stoppingToken);
        await Task.WhenAll(_working.Values.Select(w => w.Work));
    }

    /// <summary>Starts what is due and has a place, then sleeps until something ends, is added or falls due.</summary>
    private async Task PassAsync(CancellationToken stopping)
    {
        var woken = _wake.Next;
        foreach (var (id, _) in _working.Where(w => w.Value.Work.IsCompleted).ToList()) _working.Remove(id);

        var now = _clock.GetUtcNow();
        var subscriptions = _subscriptions();
        var closed = await _board.ClosedAsync(subscriptions, now, stopping);
        var most = subscriptions.Select(s => s.Concurrency).DefaultIfEmpty(PerSubscription).Max();
        foreach (var delivery in await _store.DueAsync(now, most, closed, stopping))
        {
            if (!_working.ContainsKey(delivery.Id) && TryTake(delivery, subscriptions, now)) Start(delivery, stopping);
        }
        while (_asked.TryPeek(out var id) && !_working.ContainsKey(id))
        {
            // Of an endpoint that is open to all, it has its turn like the others.
            if (await _store.FindDeliveryAsync(id, stopping) is { State: DeliveryState.Pending } asked && closed.Contains($"{asked.Tenant}/{asked.Subscription}")) Start(asked, stopping);
            _asked.TryDequeue(out _);
        }

        var next = await _store.NextDueAsync(closed, stopping);
        Telemetry.Lag.Record(next < now ? (now - next.Value).TotalSeconds : 0);
        await CountAsync(now, stopping);
        if (_board.NextFree is { } free && (next is null || next <= now || free < next)) next = free;
        await _wake.WaitAsync(woken, next > now && next - now < LongestSleep ? next.Value - now : LongestSleep, stopping);
    }

    /// <summary>On the pool: the loop must not wait for the start of a POST either.</summary>
    private void Start(EventDelivery delivery, CancellationToken stopping) =>
        _working.Add(delivery.Id, (delivery, Task.Run(() => DeliverAsync(delivery, stopping), CancellationToken.None)));

    private bool TryTake(EventDelivery delivery, IReadOnlyList<Subscription> subscriptions, DateTimeOffset now)
    {
        var working = _working.Values.Count(w => w.Delivery.Subscription == delivery.Subscription && w.Delivery.Tenant == delivery.Tenant);
        // One whose subscription is gone is parked.
        return SubscriptionOf(delivery, subscriptions) is { } subscription ? _board.TryTake(subscription, working, now) : working < PerSubscription;
    }

    private static Subscription? SubscriptionOf(EventDelivery delivery, IReadOnlyList<Subscription> subscriptions) =>
        subscriptions.FirstOrDefault(s => s.Tenant == delivery.Tenant && s.Name == delivery.Subscription);

    private async Task CountAsync(DateTimeOffset now, CancellationToken stopping)
    {
        if (now < _nextCount) return;
        _nextCount = now + CountEvery;
        Telemetry.Backlog.Record((await _store.DeliveriesAsync(DeliveryState.Pending, MostCounted, stopping)).Count);
    }

    private async Task DeliverAsync(EventDelivery delivery, CancellationToken stopping)
    {
        try
        {
            var at = _clock.GetUtcNow();
            var subscription = SubscriptionOf(delivery, _subscriptions());
            if (subscription is null)
            {
                await ParkAsync(delivery, at, "the subscription no longer exists", DeliveryCause.EndpointGone, stopping);
            }
            else if (await _store.FindEventAsync(delivery, stopping) is not { } stored)
            {
                await ParkAsync(delivery, at, "the event is no longer in the log", DeliveryCause.EventGone, stopping);
            }
            else if (await _store.ClaimAsync(delivery, at + subscription.Timeout + Grace, stopping) is { } claimed)
            {
                delivery = claimed;
                var answer = await _call.PostAsync(delivery, subscription, stored, stopping);
                var number = delivery.Attempts + 1;
                var (state, nextAt) = _schedule.After(number - delivery.RoundFrom, answer, subscription.Schedule, _clock.GetUtcNow());
                await _board.HearAsync(subscription, answer, stopping);
                await RecordAsync(delivery, new DeliveryAttempt(number, at, answer.Duration, answer.Status, answer.Error) { Details = answer.Details, Cause = answer.Cause }, state, nextAt, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        catch (StoreUnavailableException error) when (error.InnerException is CryptographicException)
        {
            // No outage: this one event can't be read. Parked, it does not stand in the way, and is replayed once the key is back.
            await ParkAsync(delivery, _clock.GetUtcNow(), error.Message, DeliveryCause.Unreadable, stopping);
        }
        catch (Exception error)
        {
            // Still in its place while it waits: it is not picked up again at once.
            await _watch.PauseAsync(error, stopping);
        }
        finally
        {
            _wake.Raise();
        }
    }

    private Task ParkAsync(EventDelivery delivery, DateTimeOffset at, string why, string cause, CancellationToken stopping) =>
        RecordAsync(delivery, new DeliveryAttempt(delivery.Attempts + 1, at, TimeSpan.Zero, 0, why) { Cause = cause }, DeliveryState.Dead, null, stopping);

    /// <summary>Stores an attempt, through an outage too: what was sent and is not stored would be sent again.</summary>
    private async Task RecordAsync(
        EventDelivery delivery, DeliveryAttempt attempt, DeliveryState state, DateTimeOffset? nextAt, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                if (!await _store.RecordAttemptAsync(delivery, attempt, state, nextAt, stopping)) return;
                _recording.Back();
                break;
            }
            catch (StoreUnavailableException error)
            {
                if (!await _recording.PauseAsync(error, stopping)) return;
            }
        }

        var outcome = state switch { DeliveryState.Delivered => "delivered", DeliveryState.Dead => "dead", _ => "retry" };
        Telemetry.Attempts.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        if (state == DeliveryState.Delivered) Delivered(delivery.Id, delivery.Tenant, delivery.Subscription, attempt.Number);
        else if (state == DeliveryState.Dead) Parked(delivery.Id, delivery.Tenant, delivery.Subscription, attempt.Number, attempt.Error);
        else Retried(delivery.Id, delivery.Tenant, delivery.Subscription, attempt.Number, attempt.Error, nextAt);
    }

    [LoggerMessage(20, LogLevel.Debug, "Delivery {Id} to {Tenant}/{Subscription} arrived with attempt {Attempt}")]
    private partial void Delivered(string id, string tenant, string subscription, int attempt);

    [LoggerMessage(21, LogLevel.Information, "Delivery {Id} to {Tenant}/{Subscription} failed with attempt {Attempt}: {Error}; next at {NextAt:O}")]
    private partial void Retried(string id, string tenant, string subscription, int attempt, string? error, DateTimeOffset? nextAt);

    [LoggerMessage(22, LogLevel.Warning, "Delivery {Id} to {Tenant}/{Subscription} is dead after attempt {Attempt}: {Error}")]
    private partial void Parked(string id, string tenant, string subscription, int attempt, string? error);
}
