using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Ranges of the table <c>events</c>, and what is left of erased ones: <c>erased_keys</c> and <c>erased_tenants</c>.</summary>
internal static class RetentionRows
{
    private const string RangeSql =
        """
        SELECT max(position), type, max(time) FROM (
            SELECT position, type, time FROM events
            WHERE position > @after AND position <= (SELECT min(position) FROM cursors WHERE reader <> @cursor) ORDER BY position LIMIT @max) first
        GROUP BY type
        """;

    private const string KeysSql =
        """
        INSERT INTO erased_keys (tenant, partition_key, last)
        SELECT tenant, partition_key, max(sequence) FROM events WHERE position > @after AND position <= @upTo GROUP BY tenant, partition_key
        ON CONFLICT (tenant, partition_key) DO UPDATE SET last = greatest(erased_keys.last, excluded.last)
        """;

    private const string TenantsSql =
        """
        INSERT INTO erased_tenants (tenant, position)
        SELECT tenant, max(position) FROM events WHERE position > @after AND position <= @upTo GROUP BY tenant
        ON CONFLICT (tenant) DO UPDATE SET position = greatest(erased_tenants.position, excluded.position)
        """;

    // Of the ranges before, those are left that a delivery needed: pending, or dead and not decided about.
    private const string EraseSql =
        "DELETE FROM events e WHERE e.position <= @upTo AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.state IN (0, 2) AND d.event_position = e.position)";

    private const string ErasedSql = "SELECT position FROM erased_tenants WHERE tenant = @tenant";

    public static NpgsqlBatchCommand Range(long after, int max) => Statements.Of(RangeSql).Bind("after", (long?)after).Bind("cursor", LogRange.Cursor).Bind("max", max);

    public static NpgsqlBatchCommand Keys(LogRange range) => Of(KeysSql, range).Bind("after", (long?)range.After);

    public static NpgsqlBatchCommand Tenants(LogRange range) => Of(TenantsSql, range).Bind("after", (long?)range.After);

    public static NpgsqlBatchCommand Erase(LogRange range) => Of(EraseSql, range);

    public static NpgsqlBatchCommand UpTo(string tenant) => Statements.Of(ErasedSql).Bind("tenant", tenant);

    private static NpgsqlBatchCommand Of(string sql, LogRange range) => Statements.Of(sql).Bind("upTo", (long?)range.UpTo);
}
