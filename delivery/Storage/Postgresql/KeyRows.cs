using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>
/// Table <c>keys</c>: idempotency keys and their answers. A key's life is counted from its claim and again from its finish;
/// a key whose intent is still open or waiting outlives it, since without the key the call could be made a second time.
/// </summary>
internal sealed class KeyRows(Payloads payloads, NodeTime time)
{
    private const string Open = "EXISTS (SELECT 1 FROM intents i WHERE i.id = keys.intent_id AND i.state IN (0, 4))";

    private const string Dead = $"(keys.expires_at <= {NodeTime.Clock} AND NOT {Open})";

    private const string Scope = "keys.tenant = @tenant AND keys.route = @route AND keys.key = @key";

    private const string FindSql = $"SELECT tenant, route, key, fingerprint, answer, intent_id FROM keys WHERE {Scope} AND NOT {Dead}";

    private const string ClaimSql =
        $"""
        INSERT INTO keys (tenant, route, key, fingerprint, intent_id, answer, expires_at)
        VALUES (@tenant, @route, @key, @fingerprint, @intentId, NULL, {NodeTime.Clock} + @keepFor)
        ON CONFLICT (tenant, route, key) DO UPDATE SET
            fingerprint = excluded.fingerprint, intent_id = excluded.intent_id, answer = NULL, expires_at = excluded.expires_at
        WHERE {Dead}
        """;

    private const string GiveBackSql = $"DELETE FROM keys WHERE {Scope} AND intent_id = @intentId AND NOT EXISTS (SELECT 1 FROM intents WHERE id = @intentId)";

    private const string FinishSql =
        $"UPDATE keys SET answer = @answer, expires_at = {NodeTime.Clock} + @keepFor WHERE {Scope} AND intent_id = @intentId AND ";

    private const string ForgetSql = $"UPDATE keys SET answer = NULL WHERE {Scope} AND intent_id = @intentId AND ";

    private const string FreeSql = $"DELETE FROM keys WHERE {Scope} AND intent_id = @intentId AND ";

    // A key that is dead is taken; one that was finished without an answer, for the same content, gets it.
    private const string RememberSql =
        $"""
        INSERT INTO keys (tenant, route, key, fingerprint, intent_id, answer, expires_at)
        VALUES (@tenant, @route, @key, @fingerprint, NULL, @answer, {NodeTime.Clock} + @keepFor)
        ON CONFLICT (tenant, route, key) DO UPDATE SET
            fingerprint = excluded.fingerprint, intent_id = CASE WHEN {Dead} THEN NULL ELSE keys.intent_id END,
            answer = excluded.answer, expires_at = excluded.expires_at
        WHERE {Dead} OR (keys.fingerprint = excluded.fingerprint AND keys.answer IS NULL AND NOT {Open})
        """;

    // What another node removes just now is left to it.
    private const string PurgeSql =
        $"""
        DELETE FROM keys WHERE (tenant, route, key) IN (
            SELECT tenant, route, key FROM keys WHERE {Dead} ORDER BY expires_at LIMIT @max FOR UPDATE SKIP LOCKED)
        """;

    /// <summary>The key's record while it is alive.</summary>
    public NpgsqlBatchCommand Find(KeyScope key) => time.Now(Scoped(FindSql, key));

    /// <summary>Takes a key for an intent, if it is new or its life is over.</summary>
    public NpgsqlBatchCommand Claim(Intent intent) => time.Now(OfIntent(ClaimSql, intent)).Bind("fingerprint", intent.Fingerprint).Bind("keepFor", intent.KeepKeyFor.Ticks);

    /// <summary>The last step of a claim: gives the key back where the intent was not stored.</summary>
    public static NpgsqlBatchCommand GiveBack(Intent intent) => OfIntent(GiveBackSql, intent);

    /// <summary>Gives an intent's key its answer, or marks it finished without one.</summary>
    public NpgsqlBatchCommand Finish(Intent intent, byte[]? answer, Guard guard) =>
        guard.On(time.Now(OfIntent(FinishSql + guard.Sql, intent)).Bind("answer", answer).Bind("keepFor", intent.KeepKeyFor.Ticks));

    public static NpgsqlBatchCommand Free(Intent intent, Guard guard) => guard.On(OfIntent(FreeSql + guard.Sql, intent));

    /// <summary>The answer of an intent's key does not hold any more.</summary>
    public static NpgsqlBatchCommand Forget(Intent intent, Guard guard) => guard.On(OfIntent(ForgetSql + guard.Sql, intent));

    /// <summary>Stores an answer for a key that nobody has, or the one that a finished key lacks.</summary>
    public NpgsqlBatchCommand Remember(KeyScope key, string fingerprint, byte[] answer, TimeSpan keepFor) =>
        time.Now(Scoped(RememberSql, key)).Bind("fingerprint", fingerprint).Bind("answer", answer).Bind("keepFor", keepFor.Ticks);

    /// <summary>Removes some keys whose life is over.</summary>
    public NpgsqlBatchCommand Purge(int max) => time.Now(Statements.Of(PurgeSql)).Bind("max", max);

    public static KeyScope ScopeOf(Intent intent) => new(intent.Tenant, intent.Route, intent.Key!);

    public KeyRecord Read(NpgsqlDataReader row) => new(
        new KeyScope(row.GetString(0), row.GetString(1), row.GetString(2)),
        row.GetString(3),
        row.BytesOrNull(4) is { } answer ? payloads.OpenAnswer(answer) : null,
        row.TextOrNull(5));

    private static NpgsqlBatchCommand OfIntent(string sql, Intent intent) => Scoped(sql, ScopeOf(intent)).Bind("intentId", intent.Id);

    private static NpgsqlBatchCommand Scoped(string sql, KeyScope key) =>
        Statements.Of(sql).Bind("tenant", key.Tenant).Bind("route", key.Route).Bind("key", key.Key);
}
