using Gateway.Delivery.Events;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Dead letters.</summary>
public sealed partial class PostgresqlStore
{
    public async ValueTask<IReadOnlyList<DeadLetterCount>> CountDeadAsync(DeadLetterQuery query, CancellationToken cancellation) =>
        await AllAsync(DeadRows.Count(query), DeadRows.ReadCount, cancellation);

    public async ValueTask<IReadOnlyList<DeadLetter>> DeadLettersAsync(DeadLetterQuery query, DeadLetterPlace? after, int max, CancellationToken cancellation) =>
        await AllAsync(_dead.List(query, after, max), _dead.Read, cancellation);

    public async ValueTask<IReadOnlyList<DeadLetterLine>> DeadLinesAsync(DeadLetterQuery query, CancellationToken cancellation) =>
        await AllAsync(DeadRows.Lines(query), DeadRows.ReadLine, cancellation);

    public async ValueTask<IReadOnlyList<DeadLetter>> NextDeadAsync(DeadLetterRetry retry, CancellationToken cancellation) =>
        await AllAsync(_dead.Next(retry), _dead.Read, cancellation);

    public async ValueTask<int> RetryDeadAsync(DeadLetterRetry retry, Func<int, AuditRecord> audit, CancellationToken cancellation)
    {
        var retried = 0;
        await ChainedTransactAsync(async connection =>
        {
            retried = (int)(await connection.RunAsync(_dead.Retry(retry)))[0];
            await LinkAsync(connection, audit(retried));
            return true;
        }, cancellation);
        return retried;
    }

    public async ValueTask<int> SkipDeadAsync(DeadLetterQuery query, string note, int max, Func<int, AuditRecord> audit, CancellationToken cancellation)
    {
        var skipped = 0;
        await ChainedTransactAsync(async connection =>
        {
            skipped = (int)(await connection.RunAsync(DeadRows.Skip(query, note, max)))[0];
            await LinkAsync(connection, audit(skipped));
            return true;
        }, cancellation);
        return skipped;
    }

    public ValueTask<bool> EditDeadAsync(EventDelivery dead, EventDelivery edited, ReadOnlyMemory<byte> data, AuditRecord audit, CancellationToken cancellation)
    {
        var kept = _payloads.Seal(PayloadKind.EditedData, data.Span);
        return ChainedTransactAsync(async connection =>
        {
            if ((await connection.RunAsync(DeadRows.Replace(dead)))[0] == 0) return false;
            await connection.RunAsync(_deliveries.Add(edited), DeadRows.AddData(edited, kept));
            await LinkAsync(connection, audit);
            return true;
        }, cancellation);
    }

    public ValueTask<bool> AddDeadAsync(EventDelivery dead, DeliveryAttempt attempt, CancellationToken cancellation) => _db.TransactAsync(async connection =>
    {
        if ((await connection.RunAsync(_deliveries.Add(dead)))[0] == 0) return false;
        await connection.RunAsync(_deliveries.AddAttempt(dead, attempt));
        return true;
    }, cancellation);

    public async ValueTask<StoredEvent?> FindEventAsync(EventDelivery delivery, CancellationToken cancellation)
    {
        if (await FindEventAsync(delivery.EventPosition, cancellation) is not { } happened) return null;
        if (delivery.Edit == 0) return happened;
        return await FirstAsync(DeadRows.Data(delivery.Id), row => row.Bytes(0), cancellation) is { } data
            ? EditedEvent.Of(happened, delivery.Edit, _payloads.Open(PayloadKind.EditedData, data))
            : null;
    }

    public ValueTask<EventDelivery?> FindEditAsync(string deliveryId, CancellationToken cancellation) => FirstAsync(_dead.FindEdit(deliveryId), _deliveries.Read, cancellation);
}
