using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Ranges of the table <c>events</c>, with the deliveries that were made of them and are settled, and what is left of erased ones: <c>erased_keys</c> and <c>erased_tenants</c>.</summary>
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

    private const string NumbersSql = "DELETE FROM event_numbers n WHERE n.position <= @upTo AND NOT EXISTS (SELECT 1 FROM events e WHERE e.position = n.position)";

    /// <summary>By which it is found whether something dead stands before what has arrived.</summary>
    public const string DeadLineSql = "CREATE INDEX deliveries_dead_line ON deliveries (tenant, subscription, ordering_key, event_position) WHERE state = 2 AND ordering_key IS NOT NULL";

    /// <summary>Of one transaction; what is left goes with the next range.</summary>
    private const int MostDeliveries = 100_000;

    // What has arrived of a line stays while something before it has not: it says that this was overtaken. What is sent again meanwhile is judged anew by its state.
    private const string DeliveriesSql =
        """
        WITH settled AS (
            DELETE FROM deliveries u WHERE u.state IN (1, 3) AND u.row IN (
                SELECT d.row FROM deliveries d WHERE d.event_position <= @upTo AND d.state IN (1, 3)
                    AND (d.state = 3 OR d.ordering_key IS NULL OR (
                        NOT EXISTS (SELECT 1 FROM deliveries l WHERE l.state = 0 AND l.ordering_key IS NOT NULL
                            AND l.tenant = d.tenant AND l.subscription = d.subscription AND l.ordering_key = d.ordering_key AND l.event_position < d.event_position)
                        AND NOT EXISTS (SELECT 1 FROM deliveries l WHERE l.state = 2 AND l.ordering_key IS NOT NULL
                            AND l.tenant = d.tenant AND l.subscription = d.subscription AND l.ordering_key = d.ordering_key AND l.event_position < d.event_position)))
                ORDER BY d.event_position, d.row LIMIT @most)
            RETURNING u.id),
        tried AS (DELETE FROM attempts a USING settled s WHERE a.delivery_id = s.id)
        DELETE FROM edits e USING settled s WHERE e.delivery_id = s.id
        """;

    private const string ErasedSql = "SELECT position FROM erased_tenants WHERE tenant = @tenant";

    public static NpgsqlBatchCommand Range(long after, int max) => Statements.Of(RangeSql).Bind("after", (long?)after).Bind("cursor", LogRange.Cursor).Bind("max", max);

    public static NpgsqlBatchCommand Keys(LogRange range) => Of(KeysSql, range).Bind("after", (long?)range.After);

    public static NpgsqlBatchCommand Tenants(LogRange range) => Of(TenantsSql, range).Bind("after", (long?)range.After);

    public static NpgsqlBatchCommand Erase(LogRange range) => Of(EraseSql, range);

    /// <summary>What erased events were found by; behind <see cref="Erase"/>.</summary>
    public static NpgsqlBatchCommand Numbers(LogRange range) => Of(NumbersSql, range);

    /// <summary>What was delivered of a range, or given up, with its attempts and what was sent in its place.</summary>
    public static NpgsqlBatchCommand Deliveries(LogRange range) => Of(DeliveriesSql, range).Bind("most", MostDeliveries);

    public static NpgsqlBatchCommand UpTo(string tenant) => Statements.Of(ErasedSql).Bind("tenant", tenant);

    private static NpgsqlBatchCommand Of(string sql, LogRange range) => Statements.Of(sql).Bind("upTo", (long?)range.UpTo);
}
