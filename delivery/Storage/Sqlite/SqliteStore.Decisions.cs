namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>What operators look at, and decide, of intents.</summary>
public sealed partial class SqliteStore
{
    public async ValueTask<IReadOnlyList<Intent>> IntentsAsync(IntentState? state, int max, CancellationToken cancellation) =>
        await ReadAsync(db => Intents.ByState(db, state, max), cancellation);

    public ValueTask<bool> GiveUpAsync(Intent intent, string reason, AuditRecord audit, CancellationToken cancellation) => WriteAsync(db =>
    {
        if (!IntentRows.Close(db, intent, IntentState.NotDone, reason, _clock.GetUtcNow())) return false;
        KeyRows.Free(db, intent);
        Audit.Append(db, audit);
        return true;
    }, cancellation);
}
