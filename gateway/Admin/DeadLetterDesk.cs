using System.Text.Json;
using Gateway.Delivery.Events;
using Gateway.Delivery.Webhooks;
using Gateway.Pipeline;

namespace Gateway.Admin;

/// <summary>What operators decide about one dead letter: sent again as it is, sent with other data, or skipped. Act and record are one transaction.</summary>
internal sealed class DeadLetterDesk(IStore store, CurrentPlan plans, SubscriptionBook book, TimeProvider clock, EndpointBell bell)
{
    /// <summary>Of an edit, in bytes.</summary>
    public const int LongestEdit = 1024 * 1024;

    private const int MostChanges = 50;

    /// <summary>It is due now, under the id it has, with its whole schedule before it.</summary>
    public async Task<Acted> RetryAsync(OperatorRequest request)
    {
        if (Wish(request) is not { } wish) return Bad("The body may say outOfOrder and reason.", "body-malformed");
        var (dead, refused) = await FindAsync(request, sending: true, wish.OutOfOrder);
        if (refused is not null) return refused;
        var now = clock.GetUtcNow();
        var query = new DeadLetterQuery { Id = dead.Id };
        var next = dead with { State = DeliveryState.Pending, NextAt = now, Cause = null, DiedAt = null };
        var acted = Done(dead, next);
        var retried = await store.RetryDeadAsync(new DeadLetterRetry(query, now, TimeSpan.Zero) { Max = 1, Late = wish.OutOfOrder }, count => request.Record(count == 1 ? acted : Changed(dead)), request.Aborted);
        if (retried == 0) return Changed(dead) with { Recorded = true };
        await bell.RetakeAsync(dead.Endpoint);
        return acted;
    }

    /// <summary>It stays with its history, and nobody is to look at it any more.</summary>
    public async Task<Acted> SkipAsync(OperatorRequest request)
    {
        var (dead, refused) = await FindAsync(request, sending: false, late: true);
        if (refused is not null) return refused;
        var acted = Done(dead, dead with { State = DeliveryState.Skipped, Note = request.Note });
        var skipped = await store.SkipDeadAsync(new DeadLetterQuery { Id = dead.Id }, request.Note, 1, count => request.Record(count == 1 ? acted : Changed(dead)), request.Aborted);
        return skipped == 1 ? acted : Changed(dead) with { Recorded = true };
    }

    /// <summary>
    /// <c>{"data":{…}}</c>: the event with other data, which keep to its contract. It is another message, with an id of its own: a receiver that has the first one
    /// and lost its answer would throw away what comes under an id it knows. The first one is skipped, and stays.
    /// </summary>
    public async Task<Acted> EditAsync(OperatorRequest request)
    {
        if (Wish(request) is not { Data: { ValueKind: JsonValueKind.Object } data } wish) return Bad("Write the event's new data as data, a JSON object; beside it outOfOrder and reason alone.", "body-malformed");
        var (dead, refused) = await FindAsync(request, sending: true, wish.OutOfOrder);
        if (refused is not null) return refused;
        if (await store.FindEventAsync(dead, request.Aborted) is not { } told || await store.FindEventAsync(dead.EventPosition, request.Aborted) is not { } happened)
            return Refused(dead, "The event is no longer in the log, so nothing can be made of it.", "event-expired");
        var bytes = JsonSerializer.SerializeToUtf8Bytes(data, Views.Compact);
        if (Wrong(told, data, bytes) is { } wrong) return wrong with { Tenant = dead.Tenant };
        var (now, edit) = (clock.GetUtcNow(), dead.Edit + 1);
        var id = DeliveryId.Of(dead.Tenant, dead.Subscription, happened.Event.Source, EditedEvent.IdOf(happened.Event.Id, edit));
        var edited = new EventDelivery(id, dead.Tenant, dead.Subscription, dead.EventPosition, now) { NextAt = now, OrderingKey = dead.OrderingKey, EditOf = dead.Id, Edit = edit };
        var replaced = dead with { Note = $"edited as {id} by {request.Note}" };
        var shown = new { edited.Id, partner = edited.Tenant, edited.Endpoint, edited.State, edited.EditOf, @event = EditedEvent.IdOf(happened.Event.Id, edit), contract = plans.Current.EventTypes.Of(told.Event.Type)?.Contract, changed = Changed(told, data) };
        var acted = new Acted { Tenant = dead.Tenant, Before = Shown(dead), After = shown, Answer = shown, Recorded = true };
        if (!await store.EditDeadAsync(replaced, edited, bytes, request.Record(acted), request.Aborted)) return Changed(dead);
        await bell.RetakeAsync(dead.Endpoint);
        return acted;
    }

    /// <summary>Pointers to what an edit changes, for the audit: where, and not what, for the data are encrypted at rest and records of the audit are not.</summary>
    private static IReadOnlyList<string> Changed(StoredEvent told, JsonElement data)
    {
        using var before = JsonDocument.Parse(told.Event.Data);
        var changed = DataChange.Between(before.RootElement, data);
        return changed.Count <= MostChanges ? changed : [.. changed.Take(MostChanges), $"and {changed.Count - MostChanges} more"];
    }

    private Acted? Wrong(StoredEvent told, JsonElement data, byte[] bytes)
    {
        var type = plans.Current.EventTypes.Of(told.Event.Type);
        if (type?.Findings(bytes) is { Count: > 0 } findings)
            return new Acted { Refusal = new Refusal(Failure.ContractBroken, $"The data break {type.Contract}, the contract of {type.Name}.") { Findings = [.. findings.Take(20)], Reason = "contract-broken" } };
        if (type is not null && type.OrderingKey is { } path && type.KeyOf(told.Event with { Data = bytes }) != told.Event.PartitionKey)
            return Acted.Refused(Failure.ContractBroken, $"The data have another ordering key: leave {path} as it is, or the event would stand in another line.", "key-changed");
        using var before = JsonDocument.Parse(told.Event.Data);
        return JsonElement.DeepEquals(before.RootElement, data) ? Bad("The data are what they were: retry it as it is.", "data-unchanged") : null;
    }

    /// <param name="sending">It has to be sent where it goes.</param>
    /// <param name="late">It may arrive behind what happened after it.</param>
    private async Task<(EventDelivery Dead, Acted? Refused)> FindAsync(OperatorRequest request, bool sending, bool late)
    {
        if (await store.FindDeliveryAsync(request.Parameter("id"), request.Aborted) is not { } found)
            return (null!, Acted.Refused(Failure.NotFound, "There is no delivery of this id.", "delivery-unknown"));
        return (found, found.State != DeliveryState.Dead
            ? Refused(found, $"The delivery is {found.State.ToString().ToLowerInvariant()}; only one that is dead waits for a decision.", "delivery-not-dead")
            : sending ? await ObstacleAsync(found, late, request.Aborted) : null);
    }

    private async Task<Acted?> ObstacleAsync(EventDelivery dead, bool late, CancellationToken cancellation)
    {
        if (NoticeLetter.IsOne(dead.Endpoint)) return null;
        if (book.Find(dead.Endpoint) is null) return Refused(dead, "Its endpoint is no longer in the workspace, nor one of its partner's own, so nothing would be sent: skip it.", "endpoint-removed");
        if ((await store.EndpointsAsync(cancellation)).Any(e => e.Key == dead.Endpoint && e.DisabledAt is not null))
            return Refused(dead, "Its endpoint is disabled, so nothing would be sent: enable it first.", "endpoint-disabled");
        var never = plans.Current.EventTypes.NeverReplayed;
        if (never.Count > 0 && await store.FindEventAsync(dead.EventPosition, cancellation) is { Event.Type: var type } && never.Contains(type))
            return Refused(dead, $"The catalogue says of {type} that it is never replayed: what it says was true in its time only. Skip it.", "replay-forbidden");
        return !late && (await store.DeadLinesAsync(new DeadLetterQuery { Id = dead.Id }, cancellation)).Any(l => l.Overtaken > 0)
            ? Refused(dead, "A later event of its ordering key has arrived: say outOfOrder to have it sent behind that.", "overtaken")
            : null;
    }

    private static DeadLetterOne? Wish(OperatorRequest request)
    {
        if (request.Body is not { } body) return new DeadLetterOne();
        try
        {
            return body.Deserialize<DeadLetterOne>(Views.Strict);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Acted Done(EventDelivery before, EventDelivery after) => new() { Tenant = before.Tenant, Before = Shown(before), After = Shown(after), Answer = Shown(after), Recorded = true };

    private static object Shown(EventDelivery delivery) => new { delivery.Id, partner = delivery.Tenant, delivery.Endpoint, delivery.State, delivery.Cause, delivery.Attempts, delivery.NextAt, delivery.Note };

    private static Acted Refused(EventDelivery delivery, string detail, string reason) => Acted.Refused(Failure.WrongState, detail, reason) with { Tenant = delivery.Tenant };

    private static Acted Changed(EventDelivery dead) => Refused(dead, "Somebody else decided in the meantime, or a later event of its key arrived; look at it again.", "delivery-changed");

    private static Acted Bad(string detail, string reason) => Acted.Refused(Failure.MalformedRequest, detail, reason);

    /// <summary>What is said of one letter.</summary>
    private sealed record DeadLetterOne
    {
        public JsonElement? Data { get; init; }

        public bool OutOfOrder { get; init; }

        public string? Reason { get; init; }
    }
}
