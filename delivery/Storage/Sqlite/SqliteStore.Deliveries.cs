namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Deliveries, and how their endpoints do.</summary>
public sealed partial class SqliteStore
{
    public async ValueTask<IReadOnlyList<EventDelivery>> DueAsync(DateTimeOffset now, int max, WhichEndpoints which, CancellationToken cancellation) =>
        await ReadAsync(db => DeliveryRows.Due(db, now, max, which), cancellation);

    public ValueTask<DateTimeOffset?> NextDueAsync(WhichEndpoints which, CancellationToken cancellation) => ReadAsync(db => DeliveryRows.NextDue(db, which), cancellation);

    public async ValueTask<IReadOnlyList<string>> DueEndpointsAsync(DateTimeOffset until, CancellationToken cancellation) => await ReadAsync(db => DeliveryRows.DueEndpoints(db, until), cancellation);

    public async ValueTask<IReadOnlyList<EventDelivery>> AskedAsync(DateTimeOffset now, IReadOnlyList<string> endpoints, CancellationToken cancellation) =>
        await ReadAsync(db => DeliveryRows.Asked(db, now, endpoints), cancellation);

    public ValueTask<EventDelivery?> ClaimAsync(EventDelivery delivery, DateTimeOffset until, CancellationToken cancellation) => ValueTask.FromResult<EventDelivery?>(delivery);

    public ValueTask<bool> RecordAttemptAsync(
        EventDelivery delivery, DeliveryAttempt attempt, DeliveryState next, DateTimeOffset? nextAt, CancellationToken cancellation)
    {
        var details = _payloads.Seal(attempt.Details);
        return WriteAsync(db => DeliveryRows.RecordAttempt(db, delivery, attempt, details, next, nextAt), cancellation);
    }

    public async ValueTask<IReadOnlyList<DeliveryAttempt>> AttemptsAsync(string deliveryId, CancellationToken cancellation) =>
        await ReadAsync(db => Deliveries.Attempts(db, deliveryId), cancellation);

    public async ValueTask<IReadOnlyList<EventDelivery>> DeliveriesAsync(DeliveryState? state, int max, CancellationToken cancellation) =>
        await ReadAsync(db => DeliveryRows.ByState(db, state, max), cancellation);

    public ValueTask<EventDelivery?> FindDeliveryAsync(string id, CancellationToken cancellation) => ReadAsync(db => DeliveryRows.Find(db, id), cancellation);

    public ValueTask<bool> DecideAsync(EventDelivery delivery, DeliveryState next, DateTimeOffset? nextAt, AuditRecord audit, CancellationToken cancellation) => WriteAsync(db =>
    {
        if (!DeliveryRows.Decide(db, delivery, next, nextAt)) return false;
        Audit.Append(db, audit);
        return true;
    }, cancellation);

    public async ValueTask<IReadOnlyList<EndpointState>> EndpointsAsync(CancellationToken cancellation) => await ReadAsync(EndpointRows.All, cancellation);

    public async ValueTask<bool> ChangeEndpointAsync(EndpointState endpoint, AuditRecord? audit, NewEvent? happened, CancellationToken cancellation)
    {
        var data = happened is null ? null : _payloads.Seal(PayloadKind.EventData, happened.Data.Span);
        var appended = false;
        var changed = await WriteAsync(db =>
        {
            if (!EndpointRows.Change(db, endpoint)) return false;
            appended = happened is not null && EventRows.AppendOnce(db, happened, data!, _clock.GetUtcNow());
            Audit.Append(db, audit);
            return true;
        }, cancellation);
        if (changed && appended) Appended();
        return changed;
    }

    public ValueTask<int> ReplayAsync(EndpointReplay replay, Func<int, AuditRecord>? audit, CancellationToken cancellation) => WriteAsync(db =>
    {
        var replayed = DeliveryRows.Replay(db, replay);
        Audit.Append(db, audit?.Invoke(replayed));
        return replayed;
    }, cancellation);

    public ValueTask<int> WithheldAsync(EndpointReplay replay, CancellationToken cancellation) => ReadAsync(db => DeliveryRows.Withheld(db, replay), cancellation);

    public async ValueTask<bool> RecoverAsync(EndpointReplay replay, string source, string id, Func<int, NewEvent> told, CancellationToken cancellation)
    {
        var recovered = await WriteAsync(db =>
        {
            if (Events.Find(db, source, id) is not null) return false;
            var happened = told(DeliveryRows.Replay(db, replay));
            EventRows.Append(db, happened, _payloads.Seal(PayloadKind.EventData, happened.Data.Span));
            EndpointRows.Retake(db, replay.Key);
            return true;
        }, cancellation);
        if (recovered) Appended();
        return recovered;
    }

    public async ValueTask<bool> ReopenAsync(EndpointReopening reopening, CancellationToken cancellation)
    {
        var (reopened, appended) = await WriteAsync(db => Reopen(db, reopening), cancellation);
        if (appended) Appended();
        return reopened;
    }

    private (bool Reopened, bool Appended) Reopen(Session db, EndpointReopening reopening)
    {
        var known = EndpointRows.Find(db, reopening.Tenant, reopening.Name);
        if (reopening.After(known) is not { } next || !EndpointRows.Change(db, next)) return (false, false);
        DeliveryRows.Replay(db, reopening.Waiting);
        EndpointRows.Retake(db, next.Key);
        if (known!.DisabledAt is null) return (true, false);
        var (record, happened) = reopening.Told(next);
        Audit.Append(db, record);
        return (true, EventRows.AppendOnce(db, happened, _payloads.Seal(PayloadKind.EventData, happened.Data.Span), _clock.GetUtcNow()));
    }

    public async ValueTask RetakeAsync(IReadOnlyList<string> endpoints, CancellationToken cancellation) => await WriteAsync(db =>
    {
        foreach (var endpoint in endpoints) EndpointRows.Retake(db, endpoint);
        return true;
    }, cancellation);
}
