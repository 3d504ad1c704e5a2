using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>What was accepted to be forwarded later.</summary>
public sealed partial class PostgresqlStore
{
    public async ValueTask<BeginResult> AcceptAsync(Acceptance acceptance, CancellationToken cancellation)
    {
        var intent = acceptance.Intent;
        var canonical = _payloads.Seal(PayloadKind.Canonical, intent.Canonical.Span);
        var input = _payloads.Seal(PayloadKind.Input, intent.Input.Span);
        var path = _payloads.SealPath(intent);
        var data = acceptance.Event is { } happened ? _payloads.Seal(PayloadKind.EventData, happened.Data.Span) : null;
        var by = NewWrite();
        var guard = Guard.Closed(intent, by);
        BeginResult? begun = null;
        await ChainedAsync(acceptance.Audit, async (connection, links) =>
        {
            for (var claim = 0; claim < Claims; claim++)
            {
                var insert = _intents.Insert(intent, canonical, input, path, by);
                List<NpgsqlBatchCommand> batch = intent.Key is null ? [insert] : [_keys.Claim(intent), insert, KeyRows.GiveBack(intent)];
                batch.AddRange([IntentRows.Hurry(intent.Line!, guard), .. With(acceptance, data, guard, links)]);
                await connection.RunAsync(batch);
                begun = insert.RecordsAffected > 0 ? new BeginResult.Granted() : await HolderAsync(connection, intent);
                if (begun is not null) return insert.RecordsAffected > 0;
            }
            throw Outage.TooLong("others take and free the same key or reference all the time.");
        }, cancellation);
        if (begun is BeginResult.Granted && data is not null) Appended();
        return begun!;
    }

    public async ValueTask<Intent?> PutInLineAsync(Acceptance acceptance, CancellationToken cancellation)
    {
        var intent = acceptance.Intent;
        var data = acceptance.Event is { } happened ? _payloads.Seal(PayloadKind.EventData, happened.Data.Span) : null;
        var result = intent.Result is { } why ? _payloads.Seal(why) : null;
        var by = NewWrite();
        var guard = Guard.Closed(intent, by);
        var waits = await ChainedAsync(acceptance.Audit, async (connection, links) =>
            (await connection.RunAsync([_intents.LineUp(intent, result, by), IntentRows.Hurry(intent.Line!, guard), .. With(acceptance, data, guard, links)]))[0] > 0, cancellation);
        if (waits && data is not null) Appended();
        return waits ? intent with { State = IntentState.Waiting, Version = intent.Version + 1 } : null;
    }

    public async ValueTask<IReadOnlyList<Intent>> WaitingAsync(string backend, string? tenant, Waiting which, int max, CancellationToken cancellation) =>
        await AllAsync(_intents.Waiting(backend, tenant, which, max), _intents.ReadAny, cancellation);

    public async ValueTask<IReadOnlyList<string>> WaitingTenantsAsync(string backend, CancellationToken cancellation) =>
        await AllAsync(IntentRows.Tenants(backend), row => row.GetString(0), cancellation);

    public async ValueTask<Intent?> DispatchAsync(Intent intent, string owner, DateTimeOffset until, ReadOnlyMemory<byte>? input, CancellationToken cancellation)
    {
        var prepared = input is { } anew ? _payloads.Seal(PayloadKind.Input, anew.Span) : null;
        try
        {
            return await RunAsync([_intents.Dispatch(intent, owner, until, prepared)], cancellation) > 0
                ? intent with { State = IntentState.Open, LeaseOwner = owner, LeaseUntil = until, Input = input ?? intent.Input, Version = intent.Version + 1 }
                : null;
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Another node opened one of the same lane in this moment.
            return null;
        }
    }

    public async ValueTask<bool> RejectAsync(Rejection rejection, CancellationToken cancellation)
    {
        var intent = rejection.Intent;
        var result = _payloads.Seal(rejection.Result);
        var answer = _payloads.Seal(rejection.Answer);
        var data = rejection.Event is { } happened ? _payloads.Seal(PayloadKind.EventData, happened.Data.Span) : null;
        var by = NewWrite();
        var guard = Guard.Closed(intent, by);
        var rejected = await ChainedAsync(rejection.Audit, async (connection, links) =>
        {
            List<NpgsqlBatchCommand> batch = [_intents.Reject(intent, rejection.State, result, by)];
            if (intent.Key is not null) batch.Add(_keys.Finish(intent, answer, guard));
            batch.AddRange(links(guard));
            if (data is not null) batch.AddRange(EventRows.Append(rejection.Event!, data, guard));
            return (await connection.RunAsync(batch))[0] > 0;
        }, cancellation);
        if (rejected && data is not null) Appended();
        return rejected;
    }

    public async ValueTask<bool> ReviseAsync(Intent intent, IntentState next, AuditRecord audit, CancellationToken cancellation)
    {
        var by = NewWrite();
        var guard = Guard.Closed(intent, by);
        try
        {
            return await ChainedAsync(audit, async (connection, links) =>
            {
                List<NpgsqlBatchCommand> batch = [_intents.Revise(intent, next, by)];
                if (intent.Key is not null && next == IntentState.Waiting) batch.Add(KeyRows.Forget(intent, guard));
                batch.AddRange(links(guard));
                return (await connection.RunAsync(batch))[0] > 0;
            }, cancellation);
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // The external id is another intent's by now.
            return false;
        }
    }

    public async ValueTask<bool> IsWaitingAsync(string lane, CancellationToken cancellation) =>
        (await AllAsync(IntentRows.Lane(lane), row => row.GetInt32(0), cancellation)).Count > 0;

    public ValueTask<Intent?> FindAcceptedAsync(string tenant, string objectId, CancellationToken cancellation) =>
        FirstAsync(_intents.Accepted(tenant, objectId), _intents.Read, cancellation);

    public async ValueTask<IReadOnlyList<LineCount>> LinesAsync(CancellationToken cancellation) => await AllAsync(IntentRows.Lines(), IntentRows.ReadLine, cancellation);

    /// <summary>What comes with an acceptance; events last, for they hold the counter.</summary>
    private static IEnumerable<NpgsqlBatchCommand> With(Acceptance acceptance, byte[]? data, Guard guard, Func<Guard, IReadOnlyList<NpgsqlBatchCommand>> links) =>
    [
        .. acceptance.Object is { } made ? [ObjectRows.Put(made, acceptance.Intent, guard)] : Enumerable.Empty<NpgsqlBatchCommand>(),
        .. links(guard),
        .. data is null ? [] : EventRows.Append(acceptance.Event!, data, guard),
    ];

    private void Appended(int events = 1)
    {
        Telemetry.EventsAppended.Add(events);
        _appended.Raise();
    }
}
