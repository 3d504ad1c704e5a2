namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>What operators look at, and decide, of intents.</summary>
public sealed partial class PostgresqlStore
{
    public async ValueTask<IReadOnlyList<Intent>> IntentsAsync(IntentState? state, int max, CancellationToken cancellation) =>
        await AllAsync(_intents.ByState(state, max), _intents.ReadAny, cancellation);

    public ValueTask<bool> GiveUpAsync(Intent intent, string reason, AuditRecord audit, CancellationToken cancellation)
    {
        var by = NewWrite();
        var guard = Guard.Closed(intent, by);
        return ChainedAsync(audit, async (connection, links) =>
        {
            List<Npgsql.NpgsqlBatchCommand> batch = [_intents.Close(intent, IntentState.NotDone, reason, by)];
            if (intent.Key is not null) batch.Add(KeyRows.Free(intent, guard));
            batch.AddRange(links(guard));
            return (await connection.RunAsync(batch))[0] > 0;
        }, cancellation);
    }
}
