using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>
/// Table <c>keys</c>: idempotency keys and their answers. A key's life is counted from its claim and again from its finish;
/// a key whose intent is still open or waiting outlives it, since without the key the call could be made a second time.
/// </summary>
internal sealed class KeyRows(Payloads payloads)
{
    private const string Alive = "(expires_at > $now OR EXISTS (SELECT 1 FROM intents i WHERE i.id = keys.intent_id AND i.state IN (0, 4)))";

    private const string FindSql =
        $"SELECT tenant, route, key, fingerprint, answer, intent_id FROM keys WHERE tenant = $tenant AND route = $route AND key = $key AND {Alive}";

    private const string ClaimSql =
        """
        INSERT INTO keys (tenant, route, key, fingerprint, intent_id, answer, expires_at)
        VALUES ($tenant, $route, $key, $fingerprint, $intentId, $answer, $expiresAt)
        ON CONFLICT (tenant, route, key) DO UPDATE SET
            fingerprint = excluded.fingerprint, intent_id = excluded.intent_id, answer = excluded.answer, expires_at = excluded.expires_at
        """;

    private const string FinishSql =
        """
        UPDATE keys SET answer = $answer, expires_at = $expiresAt
        WHERE tenant = $tenant AND route = $route AND key = $key AND intent_id = $intentId
        """;

    private const string FreeSql = "DELETE FROM keys WHERE tenant = $tenant AND route = $route AND key = $key AND intent_id = $intentId";

    private const string ForgetSql = "UPDATE keys SET answer = NULL WHERE tenant = $tenant AND route = $route AND key = $key AND intent_id = $intentId";

    private const string FillSql =
        """
        UPDATE keys SET answer = $answer, expires_at = $expiresAt
        WHERE tenant = $tenant AND route = $route AND key = $key AND fingerprint = $fingerprint AND answer IS NULL
            AND NOT EXISTS (SELECT 1 FROM intents i WHERE i.id = keys.intent_id AND i.state IN (0, 4))
        """;

    private const string PurgeSql =
        $"DELETE FROM keys WHERE row IN (SELECT row FROM keys WHERE expires_at <= $now AND NOT {Alive} ORDER BY expires_at LIMIT $max)";

    /// <summary>The key's record while it is alive.</summary>
    public KeyRecord? Find(Session db, KeyScope key, DateTimeOffset now) => Scoped(db.Command(FindSql), key).Bind("$now", now).First(Read);

    /// <summary>Takes a key that is new or whose life is over.</summary>
    public static void Claim(Session db, KeyScope key, string fingerprint, string? intentId, byte[]? answer, DateTimeOffset expiresAt) =>
        Scoped(db.Command(ClaimSql), key)
            .Bind("$fingerprint", fingerprint).Bind("$intentId", intentId).Bind("$answer", answer).Bind("$expiresAt", expiresAt).Run();

    /// <summary>Gives an intent's key its answer, or marks it finished without one.</summary>
    public static void Finish(Session db, Intent intent, byte[]? answer, DateTimeOffset now)
    {
        if (intent.Key is null) return;
        Scoped(db.Command(FinishSql), ScopeOf(intent))
            .Bind("$intentId", intent.Id).Bind("$answer", answer).Bind("$expiresAt", now + intent.KeepKeyFor).Run();
    }

    public static void Free(Session db, Intent intent)
    {
        if (intent.Key is not null) Scoped(db.Command(FreeSql), ScopeOf(intent)).Bind("$intentId", intent.Id).Run();
    }

    /// <summary>The answer of an intent's key does not hold any more.</summary>
    public static void Forget(Session db, Intent intent)
    {
        if (intent.Key is not null) Scoped(db.Command(ForgetSql), ScopeOf(intent)).Bind("$intentId", intent.Id).Run();
    }

    /// <summary>Gives a finished key the answer it lacks; false when it has one, is still running, or belongs to other content.</summary>
    public static bool Fill(Session db, KeyScope key, string fingerprint, byte[] answer, DateTimeOffset expiresAt) => Scoped(db.Command(FillSql), key)
        .Bind("$fingerprint", fingerprint).Bind("$answer", answer).Bind("$expiresAt", expiresAt).Run() > 0;

    /// <summary>Removes some keys whose life is over; how many.</summary>
    public static int Purge(Session db, DateTimeOffset now, int max) => db.Command(PurgeSql).Bind("$now", now).Bind("$max", max).Run();

    public static KeyScope ScopeOf(Intent intent) => new(intent.Tenant, intent.Route, intent.Key!);

    private static SqliteCommand Scoped(SqliteCommand command, KeyScope key) =>
        command.Bind("$tenant", key.Tenant).Bind("$route", key.Route).Bind("$key", key.Key);

    private KeyRecord Read(SqliteDataReader row) => new(
        new KeyScope(row.GetString(0), row.GetString(1), row.GetString(2)),
        row.GetString(3),
        row.BytesOrNull(4) is { } answer ? payloads.OpenAnswer(answer) : null,
        row.TextOrNull(5));
}
