namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>What was accepted to be forwarded later.</summary>
public sealed partial class SqliteStore
{
    public async ValueTask<BeginResult> AcceptAsync(Acceptance acceptance, CancellationToken cancellation)
    {
        var intent = acceptance.Intent;
        var canonical = _payloads.Seal(PayloadKind.Canonical, intent.Canonical.Span);
        var input = _payloads.Seal(PayloadKind.Input, intent.Input.Span);
        var path = _payloads.SealPath(intent);
        var add = With(acceptance);
        var begun = await WriteAsync(db =>
        {
            if (Begin(db, intent, canonical, input, path) is { } held) return held;
            IntentRows.Hurry(db, intent.Line!);
            add(db);
            return new BeginResult.Granted();
        }, cancellation);
        if (begun is BeginResult.Granted && acceptance.Event is not null) Appended();
        return begun;
    }

    public async ValueTask<Intent?> PutInLineAsync(Acceptance acceptance, CancellationToken cancellation)
    {
        var intent = acceptance.Intent;
        var add = With(acceptance);
        var result = intent.Result is { } why ? _payloads.Seal(why) : null;
        var waits = await WriteAsync(db =>
        {
            if (!IntentRows.LineUp(db, intent, result)) return false;
            IntentRows.Hurry(db, intent.Line!);
            add(db);
            return true;
        }, cancellation);
        if (waits && acceptance.Event is not null) Appended();
        return waits ? intent with { State = IntentState.Waiting, Version = intent.Version + 1 } : null;
    }

    public async ValueTask<IReadOnlyList<Intent>> WaitingAsync(string backend, string? tenant, Waiting which, int max, CancellationToken cancellation) =>
        await ReadAsync(db => Intents.Waiting(db, backend, tenant, which, _clock.GetUtcNow(), max), cancellation);

    public async ValueTask<IReadOnlyList<string>> WaitingTenantsAsync(string backend, CancellationToken cancellation) =>
        await ReadAsync(db => IntentRows.Tenants(db, backend), cancellation);

    public ValueTask<Intent?> DispatchAsync(Intent intent, string owner, DateTimeOffset until, ReadOnlyMemory<byte>? input, CancellationToken cancellation)
    {
        var prepared = input is { } anew ? _payloads.Seal(PayloadKind.Input, anew.Span) : null;
        return WriteAsync(
            db => IntentRows.Dispatch(db, intent, owner, until, prepared)
                ? intent with { State = IntentState.Open, LeaseOwner = owner, LeaseUntil = until, Input = input ?? intent.Input, Version = intent.Version + 1 }
                : null,
            cancellation);
    }

    public async ValueTask<bool> RejectAsync(Rejection rejection, CancellationToken cancellation)
    {
        var result = _payloads.Seal(rejection.Result);
        var answer = _payloads.Seal(rejection.Answer);
        var data = rejection.Event is { } happened ? _payloads.Seal(PayloadKind.EventData, happened.Data.Span) : null;
        var rejected = await WriteAsync(db =>
        {
            var now = _clock.GetUtcNow();
            if (!IntentRows.Reject(db, rejection.Intent, rejection.State, result, now)) return false;
            KeyRows.Finish(db, rejection.Intent, answer, now);
            if (data is not null) EventRows.Append(db, rejection.Event!, data);
            Audit.Append(db, rejection.Audit);
            return true;
        }, cancellation);
        if (rejected && data is not null) Appended();
        return rejected;
    }

    public ValueTask<bool> ReviseAsync(Intent intent, IntentState next, AuditRecord audit, CancellationToken cancellation) => WriteAsync(db =>
    {
        if (next == IntentState.Waiting && IntentRows.HolderId(db, intent) is { } holder && holder != intent.Id) return false;
        if (!IntentRows.Revise(db, intent, next, _clock.GetUtcNow())) return false;
        if (next == IntentState.Waiting) KeyRows.Forget(db, intent);
        Audit.Append(db, audit);
        return true;
    }, cancellation);

    public ValueTask<bool> IsWaitingAsync(string lane, CancellationToken cancellation) => ReadAsync(db => IntentRows.IsBusy(db, lane), cancellation);

    public ValueTask<Intent?> FindAcceptedAsync(string tenant, string objectId, CancellationToken cancellation) =>
        ReadAsync(db => Intents.Accepted(db, tenant, objectId), cancellation);

    public async ValueTask<IReadOnlyList<LineCount>> LinesAsync(CancellationToken cancellation) => await ReadAsync(IntentRows.Lines, cancellation);

    /// <summary>What comes with an acceptance, sealed before the writer's turn.</summary>
    private Action<Session> With(Acceptance acceptance)
    {
        var data = acceptance.Event is { } happened ? _payloads.Seal(PayloadKind.EventData, happened.Data.Span) : null;
        return db =>
        {
            if (acceptance.Object is { } made) ObjectRows.Put(db, made, acceptance.Intent);
            if (data is not null) EventRows.Append(db, acceptance.Event!, data);
            Audit.Append(db, acceptance.Audit);
        };
    }

    private void Appended(int events = 1)
    {
        Telemetry.EventsAppended.Add(events);
        _appended.Raise();
    }
}
