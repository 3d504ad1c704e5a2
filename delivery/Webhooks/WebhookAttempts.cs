using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Gateway.Delivery.Webhooks;

/// <summary>
/// Makes attempts, and stores each with what follows from it. A delivery whose attempt was not stored (crash after the POST) is sent again under the same
/// <c>webhook-id</c>: at least once. Who claims a delivery sends it, whoever else thinks it is his to send.
/// </summary>
internal sealed partial class WebhookAttempts(IStore store, SubscriptionBook book, HttpMessageInvoker http, TimeProvider clock, Random random, RetellNotice? retell, StoreWatch watch, ILogger logger)
{
    // For a node to store what came of an attempt, before another one sends the delivery again.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    private readonly WebhookCall _call = new(http, clock);
    private readonly RetrySchedule _schedule = new(random);

    // Of its own: a full disk can still be read.
    private readonly StoreWatch _recording = new("Recording webhook attempts", clock, logger);

    /// <summary>One attempt, or what is stored in the place of one that can't be made.</summary>
    /// <param name="hear">Told how it ended, before that is stored.</param>
    public async Task MakeAsync(EventDelivery delivery, Func<Subscription, StoredEvent, WebhookAnswer, Task> hear, CancellationToken stopping)
    {
        try
        {
            var at = clock.GetUtcNow();
            if (NoticeLetter.TypeOf(delivery.Subscription) is not null)
            {
                await RetellAsync(delivery, at, stopping);
                return;
            }
            // Another node may have made it a moment ago.
            if (await book.FindFreshAsync(delivery.Tenant, delivery.Subscription, stopping) is not { Subscription: var subscription } subscriber)
            {
                await ParkAsync(delivery, at, "the subscription no longer exists", DeliveryCause.EndpointGone, stopping);
            }
            else if (await store.FindEventAsync(delivery, stopping) is not { } stored)
            {
                await ParkAsync(delivery, at, "the event is no longer in the log", DeliveryCause.EventGone, stopping);
            }
            else if (subscriber.Map(stored, at) is var (told, broken) && broken is not null)
            {
                await ParkAsync(delivery, at, $"the mapping failed: {broken}", DeliveryCause.MappingFailed, stopping);
            }
            else if (await store.ClaimAsync(delivery, at + subscription.Timeout + Grace, stopping) is { } claimed)
            {
                delivery = claimed;
                var answer = await _call.PostAsync(delivery, subscription, told, stopping);
                var number = delivery.Attempts + 1;
                var (state, nextAt) = _schedule.After(number - delivery.RoundFrom, answer, subscription.Schedule, clock.GetUtcNow());
                await hear(subscription, stored, answer);
                await RecordAsync(delivery, new DeliveryAttempt(number, at, answer.Duration, answer.Status, answer.Error) { Details = answer.Details, Cause = answer.Cause }, state, nextAt, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        catch (StoreUnavailableException error) when (error.InnerException is CryptographicException)
        {
            // No outage: this one event can't be read. Parked, it does not stand in the way, and is replayed once the key is back.
            await ParkAsync(delivery, clock.GetUtcNow(), error.Message, DeliveryCause.Unreadable, stopping);
        }
        catch (Exception error)
        {
            // Still in its place while it waits: it is not picked up again at once.
            await watch.PauseAsync(error, stopping);
        }
    }

    /// <summary>What could not be told to a partner is told once more: it arrives by being in the log.</summary>
    private async Task RetellAsync(EventDelivery letter, DateTimeOffset at, CancellationToken stopping)
    {
        if (await store.FindEventAsync(letter, stopping) is not { } told)
        {
            await ParkAsync(letter, at, "the event is no longer in the log", DeliveryCause.EventGone, stopping);
            return;
        }
        if (retell is null || await store.ClaimAsync(letter, at + Grace, stopping) is not { } claimed) return;
        if (await retell(claimed, told, stopping) is { } fault) await ParkAsync(claimed, at, fault.Reason, fault.Cause, stopping);
        else await RecordAsync(claimed, new DeliveryAttempt(claimed.Attempts + 1, at, clock.GetUtcNow() - at, 0, null), DeliveryState.Delivered, null, stopping);
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
                if (!await store.RecordAttemptAsync(delivery, attempt, state, nextAt, stopping)) return;
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
