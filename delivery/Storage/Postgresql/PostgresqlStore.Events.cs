namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>The event log, its cursors, and deliveries.</summary>
public sealed partial class PostgresqlStore
{
    public async ValueTask<bool> AppendEventAsync(NewEvent happened, CancellationToken cancellation)
    {
        var data = _payloads.Seal(PayloadKind.EventData, happened.Data.Span);
        if (!await _db.WriteAsync(async connection => (await connection.RunAsync(EventRows.AppendOnce(happened, data, _clock.GetUtcNow())))[1] > 0, cancellation)) return false;
        Telemetry.EventsAppended.Add(1);
        _appended.Raise();
        return true;
    }

    public async ValueTask<IReadOnlyList<StoredEvent>> ReadEventsAsync(long after, int max, CancellationToken cancellation) =>
        await AllAsync(EventRows.After(after, max), _events.Read, cancellation);

    public async ValueTask<IReadOnlyList<StoredEvent>> ReadEventsAsync(string tenant, long after, int max, CancellationToken cancellation) =>
        await AllAsync(EventRows.After(tenant, after, max), _events.Read, cancellation);

    public ValueTask<long> LastPositionAsync(CancellationToken cancellation) => FirstAsync(EventRows.Last(), row => row.GetInt64(0), cancellation);

    public async ValueTask<IReadOnlyList<EventHead>> ReadEventHeadsAsync(long after, int max, CancellationToken cancellation) =>
        await AllAsync(EventRows.HeadsAfter(after, max), EventRows.ReadHead, cancellation);

    public ValueTask<StoredEvent?> FindEventAsync(long position, CancellationToken cancellation) => FirstAsync(EventRows.Find(position), _events.Read, cancellation);

    public ValueTask<StoredEvent?> FindEventAsync(string source, string id, CancellationToken cancellation) => FirstAsync(EventRows.Find(source, id), _events.Read, cancellation);

    public ValueTask<StoredEvent?> FindEventOfAsync(string tenant, string id, CancellationToken cancellation) => FirstAsync(EventRows.FindOf(tenant, id), _events.Read, cancellation);

    public ValueTask<Cursor> FindCursorAsync(string reader, CancellationToken cancellation) =>
        FirstAsync(EventRows.FindCursor(reader), row => new Cursor(row.GetInt64(0), row.GetInt32(1)), cancellation);

    public ValueTask<bool> AdvanceAsync(string reader, Cursor from, long to, IReadOnlyList<EventDelivery> deliveries, CancellationToken cancellation) =>
        _db.TransactAsync(async connection =>
        {
            if ((await connection.RunAsync(EventRows.MoveCursor(reader, from.Version, to)))[0] == 0) return false;
            if (deliveries.Count > 0) await connection.RunAsync(deliveries.Select(_deliveries.Add));
            return true;
        }, cancellation);

    public async ValueTask<IReadOnlyList<EventDelivery>> DueAsync(DateTimeOffset now, int max, WhichEndpoints which, CancellationToken cancellation) =>
        await AllAsync(_deliveries.Due(now, max, which), _deliveries.Read, cancellation);

    public ValueTask<DateTimeOffset?> NextDueAsync(WhichEndpoints which, CancellationToken cancellation) => FirstAsync(_deliveries.NextDue(which), _deliveries.ReadNext, cancellation);

    public async ValueTask<EventDelivery?> ClaimAsync(EventDelivery delivery, DateTimeOffset until, CancellationToken cancellation) =>
        await RunAsync([_deliveries.Claim(delivery, until)], cancellation) > 0 ? delivery with { NextAt = until, Version = delivery.Version + 1 } : null;

    public async ValueTask<bool> RecordAttemptAsync(
        EventDelivery delivery, DeliveryAttempt attempt, DeliveryState next, DateTimeOffset? nextAt, CancellationToken cancellation) =>
        await RunAsync([_deliveries.Record(delivery, attempt, next, nextAt)], cancellation) > 0;

    public async ValueTask<IReadOnlyList<DeliveryAttempt>> AttemptsAsync(string deliveryId, CancellationToken cancellation) =>
        await AllAsync(DeliveryRows.Attempts(deliveryId), _deliveries.ReadAttempt, cancellation);

    public async ValueTask<IReadOnlyList<EventDelivery>> DeliveriesAsync(DeliveryState? state, int max, CancellationToken cancellation) =>
        await AllAsync(_deliveries.ByState(state, max), _deliveries.Read, cancellation);

    public ValueTask<EventDelivery?> FindDeliveryAsync(string id, CancellationToken cancellation) => FirstAsync(_deliveries.Find(id), _deliveries.Read, cancellation);

    public ValueTask<bool> DecideAsync(EventDelivery delivery, DeliveryState next, DateTimeOffset? nextAt, AuditRecord audit, CancellationToken cancellation) =>
        ChainedTransactAsync(async connection =>
        {
            if ((await connection.RunAsync(_deliveries.Decide(delivery, next, nextAt)))[0] == 0) return false;
            await LinkAsync(connection, audit);
            return true;
        }, cancellation);

    /// <summary>
    /// Woken at once by what this process appends; for what other nodes append it looks twice a second. A poll costs a read of one row, needs no
    /// connection of its own, and goes on by itself after an outage, which a subscription (LISTEN) would not.
    /// </summary>
    public async ValueTask WaitForAppendAsync(TimeSpan atMost, CancellationToken cancellation)
    {
        var raised = _appended.Next;
        var began = _clock.GetTimestamp();
        while (atMost - _clock.GetElapsedTime(began) is var left && left > TimeSpan.Zero)
        {
            await _appended.WaitAsync(raised, left < PollEvery ? left : PollEvery, cancellation);
            if (raised.IsCompleted) return;
            var last = await FirstAsync(EventRows.Last(), row => row.GetInt64(0), cancellation);
            // Compared with what somebody has looked for before this call, not with what is there now: nothing slips between.
            if (Interlocked.Exchange(ref _polled, last) >= last) continue;
            _appended.Raise();
            return;
        }
    }
}
