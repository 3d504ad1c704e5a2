using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Table <c>issued_keys</c>. Change numbers are counted as positions of events are: who follows them passes over none.</summary>
internal static class IssuedKeyRows
{
    private const string CountSql = "UPDATE counters SET last = last + 1 WHERE name = 'keys'";

    private const string Change = "(SELECT last FROM counters WHERE name = 'keys')";

    private const string AddSql =
        $"""
        INSERT INTO issued_keys (id, tenant, consumer, hash, scopes, location, created_at, expires_at, change)
        VALUES (@id, @tenant, @consumer, @hash, @scopes, @location, @createdAt, @expiresAt, {Change})
        ON CONFLICT (id) DO NOTHING
        """;

    private const string ChangeSql =
        $"""
        UPDATE issued_keys SET expires_at = @expiresAt, revoked_at = @revokedAt, replaced_by = @replacedBy, change = {Change}
        WHERE id = @id AND change = @change
        """;

    private const string ChangedSql =
        """
        SELECT id, tenant, consumer, hash, scopes, location, created_at, expires_at, revoked_at, replaced_by, last_used_at, change
        FROM issued_keys WHERE change > @after ORDER BY change LIMIT @max
        """;

    // In the order of ids: two nodes that note the same keys wait for each other, and never each for the other.
    private const string UseSql =
        """
        WITH used AS MATERIALIZED (
            SELECT k.id, u.at FROM issued_keys k JOIN unnest(@ids, @times) AS u (id, at) ON u.id = k.id
            WHERE coalesce(k.last_used_at, 0) < u.at ORDER BY k.id FOR UPDATE OF k)
        UPDATE issued_keys SET last_used_at = greatest(coalesce(last_used_at, 0), used.at) FROM used WHERE issued_keys.id = used.id
        """;

    /// <summary>The first statement of a change: nobody else changes a key until the commit.</summary>
    public static NpgsqlBatchCommand Count() => Statements.Of(CountSql);

    public static NpgsqlBatchCommand Add(IssuedKey key) => Statements.Of(AddSql)
        .Bind("id", key.Id).Bind("tenant", key.Tenant).Bind("consumer", key.Consumer).Bind("hash", key.Hash.ToArray())
        .Bind("scopes", key.Scopes is { } scopes ? string.Join(' ', scopes) : null).Bind("location", key.Location)
        .Bind("createdAt", key.CreatedAt).Bind("expiresAt", key.ExpiresAt);

    /// <summary>Changes a key if nobody changed it since it was read.</summary>
    public static NpgsqlBatchCommand Alter(IssuedKey key) => Statements.Of(ChangeSql)
        .Bind("id", key.Id).Bind("change", key.Change)
        .Bind("expiresAt", key.ExpiresAt).Bind("revokedAt", key.RevokedAt).Bind("replacedBy", key.ReplacedBy);

    public static NpgsqlBatchCommand Changed(long after, int max) => Statements.Of(ChangedSql).Bind("after", after).Bind("max", max);

    public static NpgsqlBatchCommand Use(IReadOnlyCollection<KeyValuePair<string, DateTimeOffset>> used) => Statements.Of(UseSql)
        .Bind("ids", [.. used.Select(u => u.Key)]).Bind("times", used.Select(u => u.Value.UtcTicks).ToArray());

    public static IssuedKey Read(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), row.Bytes(3))
    {
        Scopes = row.TextOrNull(4)?.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        Location = row.TextOrNull(5),
        CreatedAt = row.Time(6),
        ExpiresAt = row.TimeOrNull(7),
        RevokedAt = row.TimeOrNull(8),
        ReplacedBy = row.TextOrNull(9),
        LastUsedAt = row.TimeOrNull(10),
        Change = row.GetInt64(11),
    };
}
