using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>How endpoints of webhooks do.</summary>
public sealed partial class PostgresqlStore
{
    public async ValueTask<IReadOnlyList<EndpointState>> EndpointsAsync(CancellationToken cancellation) => await AllAsync(EndpointRows.All(), EndpointRows.Read, cancellation);

    public async ValueTask<bool> ChangeEndpointAsync(EndpointState endpoint, AuditRecord? audit, NewEvent? happened, CancellationToken cancellation)
    {
        var data = happened is null ? null : _payloads.Seal(PayloadKind.EventData, happened.Data.Span);
        var appended = false;
        var changed = await ChainedTransactAsync(async connection =>
        {
            if ((await connection.RunAsync(EndpointRows.Change(endpoint)))[0] == 0) return false;
            if (audit is not null) await LinkAsync(connection, audit);
            // Last: from here to the commit nobody else appends.
            appended = happened is not null && (await connection.RunAsync(EventRows.AppendOnce(happened, data!, _clock.GetUtcNow())))[1] > 0;
            return true;
        }, cancellation);
        if (changed && appended) Appended();
        return changed;
    }

    public async ValueTask<int> ReplayAsync(EndpointReplay replay, Func<int, AuditRecord>? audit, CancellationToken cancellation)
    {
        var replayed = 0;
        await ChainedTransactAsync(async connection =>
        {
            replayed = (int)(await connection.RunAsync(_deliveries.Replay(replay)))[0];
            if (audit is not null) await LinkAsync(connection, audit(replayed));
            return true;
        }, cancellation);
        return replayed;
    }

    public ValueTask<int> WithheldAsync(EndpointReplay replay, CancellationToken cancellation) => FirstAsync(DeliveryRows.Withheld(replay), row => row.GetInt32(0), cancellation);

    public async ValueTask<bool> RecoverAsync(EndpointReplay replay, string source, string id, Func<int, NewEvent> told, CancellationToken cancellation)
    {
        var recovered = await _db.TransactAsync(async connection =>
        {
            // First: who waits for the row sees behind it what was told meanwhile.
            await connection.RunAsync(EndpointRows.Retake(replay.Key));
            if (await connection.FirstAsync(EventRows.Find(source, id), _events.Read, CancellationToken.None) is not null) return false;
            var happened = told((int)(await connection.RunAsync(_deliveries.Replay(replay)))[0]);
            await connection.RunAsync(EventRows.Append(happened, _payloads.Seal(PayloadKind.EventData, happened.Data.Span), Guard.None));
            return true;
        }, cancellation);
        if (recovered) Appended();
        return recovered;
    }

    public async ValueTask<bool> ReopenAsync(EndpointReopening reopening, CancellationToken cancellation)
    {
        var (reopened, appended) = (false, false);
        await ChainedTransactAsync(async connection =>
        {
            (reopened, appended) = await ReopenAsync(connection, reopening);
            return reopened;
        }, cancellation);
        if (appended) Appended();
        return reopened;
    }

    private async Task<(bool Reopened, bool Appended)> ReopenAsync(NpgsqlConnection connection, EndpointReopening reopening)
    {
        var known = await connection.FirstAsync(EndpointRows.Find(reopening.Tenant, reopening.Name), EndpointRows.Read, CancellationToken.None);
        if (reopening.After(known) is not { } next) return (false, false);
        await connection.RunAsync(EndpointRows.Change(next), _deliveries.Replay(reopening.Waiting), EndpointRows.Retake(next.Key));
        if (known!.DisabledAt is null) return (true, false);
        var (record, happened) = reopening.Told(next);
        await LinkAsync(connection, record);
        return (true, (await connection.RunAsync(EventRows.AppendOnce(happened, _payloads.Seal(PayloadKind.EventData, happened.Data.Span), _clock.GetUtcNow())))[1] > 0);
    }

    public async ValueTask RetakeAsync(IReadOnlyList<string> endpoints, CancellationToken cancellation)
    {
        // In one order: two operators who do it at the same time wait for each other, and not for ever.
        if (endpoints.Count > 0) await RunAsync([.. endpoints.Order(StringComparer.Ordinal).Select(EndpointRows.Retake)], cancellation);
    }

    public async ValueTask<IReadOnlyList<EventDelivery>> AskedAsync(DateTimeOffset now, IReadOnlyList<string> endpoints, CancellationToken cancellation) =>
        await AllAsync(_deliveries.Asked(now, endpoints), _deliveries.Read, cancellation);

    public async ValueTask<IReadOnlyList<string>> DueEndpointsAsync(DateTimeOffset until, CancellationToken cancellation) =>
        await AllAsync(_deliveries.DueEndpoints(until), row => row.GetString(0), cancellation);
}
