using Gateway.Delivery.Events;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Dead letters.</summary>
public sealed partial class SqliteStore
{
    public async ValueTask<IReadOnlyList<DeadLetterCount>> CountDeadAsync(DeadLetterQuery query, CancellationToken cancellation) =>
        await ReadAsync(db => DeadRows.Count(db, query), cancellation);

    public async ValueTask<IReadOnlyList<DeadLetter>> DeadLettersAsync(DeadLetterQuery query, DeadLetterPlace? after, int max, CancellationToken cancellation) =>
        await ReadAsync(db => DeadRows.List(db, query, after, max), cancellation);

    public async ValueTask<IReadOnlyList<DeadLetterLine>> DeadLinesAsync(DeadLetterQuery query, CancellationToken cancellation) =>
        await ReadAsync(db => DeadRows.Lines(db, query), cancellation);

    public async ValueTask<IReadOnlyList<DeadLetter>> NextDeadAsync(DeadLetterRetry retry, CancellationToken cancellation) =>
        await ReadAsync(db => DeadRows.Next(db, retry), cancellation);

    public ValueTask<int> RetryDeadAsync(DeadLetterRetry retry, Func<int, AuditRecord> audit, CancellationToken cancellation) => WriteAsync(db =>
    {
        var retried = DeadRows.Retry(db, retry);
        Audit.Append(db, audit(retried));
        return retried;
    }, cancellation);

    public ValueTask<int> SkipDeadAsync(DeadLetterQuery query, string note, int max, Func<int, AuditRecord> audit, CancellationToken cancellation) => WriteAsync(db =>
    {
        var skipped = DeadRows.Skip(db, query, note, max);
        Audit.Append(db, audit(skipped));
        return skipped;
    }, cancellation);

    public ValueTask<bool> EditDeadAsync(EventDelivery dead, EventDelivery edited, ReadOnlyMemory<byte> data, AuditRecord audit, CancellationToken cancellation)
    {
        var kept = _payloads.Seal(PayloadKind.EditedData, data.Span);
        return WriteAsync(db =>
        {
            if (!DeadRows.Replace(db, dead, edited, kept)) return false;
            Audit.Append(db, audit);
            return true;
        }, cancellation);
    }

    public ValueTask<bool> AddDeadAsync(EventDelivery dead, DeliveryAttempt attempt, CancellationToken cancellation)
    {
        var details = _payloads.Seal(attempt.Details);
        return WriteAsync(db =>
        {
            if (DeliveryRows.Add(db, dead) == 0) return false;
            DeliveryRows.AddAttempt(db, dead, attempt, details);
            return true;
        }, cancellation);
    }

    public async ValueTask<StoredEvent?> FindEventAsync(EventDelivery delivery, CancellationToken cancellation)
    {
        if (delivery.Edit == 0) return await FindEventAsync(delivery.EventPosition, cancellation);
        return await ReadAsync(db => Events.Find(db, delivery.EventPosition) is { } original && DeadRows.Data(db, delivery.Id) is { } data
            ? EditedEvent.Of(original, delivery.Edit, _payloads.Open(PayloadKind.EditedData, data))
            : null, cancellation);
    }

    public ValueTask<EventDelivery?> FindEditAsync(string deliveryId, CancellationToken cancellation) => ReadAsync(db => DeadRows.FindEdit(db, deliveryId), cancellation);
}
