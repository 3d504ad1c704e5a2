namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Ranges of the table <c>events</c>, with the deliveries that were made of them and are settled, and what is left of erased ones: <c>erased_keys</c> and <c>erased_tenants</c>.</summary>
internal static class RetentionRows
{
    /// <summary>The step of the schema that let go of events.</summary>
    public const string Sql =
        """
        -- One id and source are one event within its window, and no longer for good: a table's own constraint goes with the table. Positions go on where they were.
        ALTER TABLE events RENAME TO events_before;
        CREATE TABLE events (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            sequence INTEGER NOT NULL,
            id TEXT NOT NULL,
            tenant TEXT NOT NULL,
            type TEXT NOT NULL,
            source TEXT NOT NULL,
            subject TEXT NOT NULL,
            partition_key TEXT NOT NULL,
            time INTEGER NOT NULL,
            data BLOB NOT NULL,
            trace_parent TEXT,
            correlation_id TEXT,
            stored_at INTEGER NOT NULL,
            UNIQUE (tenant, partition_key, sequence)
        ) STRICT;
        INSERT INTO events SELECT position, sequence, id, tenant, type, source, subject, partition_key, time, data, trace_parent, correlation_id, time FROM events_before ORDER BY position;
        DROP TABLE events_before;
        CREATE INDEX events_tenant ON events (tenant, position);
        CREATE INDEX events_named ON events (id, source);
        -- What is left of erased events: where sequences go on, and behind which position nothing of a tenant is missing.
        CREATE TABLE erased_keys (
            tenant TEXT NOT NULL,
            partition_key TEXT NOT NULL,
            last INTEGER NOT NULL,
            PRIMARY KEY (tenant, partition_key)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE erased_tenants (
            tenant TEXT NOT NULL PRIMARY KEY,
            position INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """;

    private const string RangeSql =
        """
        SELECT max(position), type, max(time) FROM (
            SELECT position, type, time FROM events
            WHERE position > $after AND position <= (SELECT min(position) FROM cursors WHERE reader <> $cursor) ORDER BY position LIMIT $max)
        GROUP BY type
        """;

    private const string KeysSql =
        """
        INSERT INTO erased_keys (tenant, partition_key, last)
        SELECT tenant, partition_key, max(sequence) FROM events WHERE position > $after AND position <= $upTo GROUP BY tenant, partition_key
        ON CONFLICT (tenant, partition_key) DO UPDATE SET last = max(last, excluded.last)
        """;

    private const string TenantsSql =
        """
        INSERT INTO erased_tenants (tenant, position)
        SELECT tenant, max(position) FROM events WHERE position > $after AND position <= $upTo GROUP BY tenant
        ON CONFLICT (tenant) DO UPDATE SET position = max(position, excluded.position)
        """;

    // Of the ranges before, those are left that a delivery needed: pending, or dead and not decided about.
    private const string EraseSql = "DELETE FROM events WHERE position <= $upTo AND position NOT IN (SELECT event_position FROM deliveries WHERE state IN (0, 2))";

    private const string NumbersSql = "DELETE FROM event_numbers WHERE position <= $upTo AND NOT EXISTS (SELECT 1 FROM events WHERE events.position = event_numbers.position)";

    /// <summary>By which it is found whether something dead stands before what has arrived.</summary>
    public const string DeadLineSql = "CREATE INDEX deliveries_dead_line ON deliveries (tenant, subscription, ordering_key, event_position) WHERE state = 2 AND ordering_key IS NOT NULL";

    /// <summary>Of one transaction; what is left goes with the next range.</summary>
    private const int MostDeliveries = 100_000;

    // What has arrived of a line stays while something before it has not: it says that this was overtaken.
    private const string SettledSql =
        """
        SELECT d.id FROM deliveries d INDEXED BY deliveries_event WHERE d.event_position <= $upTo AND d.state IN (1, 3)
            AND (d.state = 3 OR d.ordering_key IS NULL OR (
                NOT EXISTS (SELECT 1 FROM deliveries l INDEXED BY deliveries_line WHERE l.state = 0 AND l.ordering_key IS NOT NULL
                    AND l.tenant = d.tenant AND l.subscription = d.subscription AND l.ordering_key = d.ordering_key AND l.event_position < d.event_position)
                AND NOT EXISTS (SELECT 1 FROM deliveries l INDEXED BY deliveries_dead_line WHERE l.state = 2 AND l.ordering_key IS NOT NULL
                    AND l.tenant = d.tenant AND l.subscription = d.subscription AND l.ordering_key = d.ordering_key AND l.event_position < d.event_position)))
        ORDER BY d.event_position, d.row LIMIT $most
        """;

    // In this order: the deliveries say which they are.
    private static readonly string[] DeliveriesSql =
    [
        $"DELETE FROM attempts WHERE delivery_id IN ({SettledSql})",
        $"DELETE FROM edits WHERE delivery_id IN ({SettledSql})",
        $"DELETE FROM deliveries WHERE id IN ({SettledSql})",
    ];

    private const string ErasedSql = "SELECT position FROM erased_tenants WHERE tenant = $tenant";

    public static LogRange? First(Session db, int max)
    {
        var after = EventRows.FindCursor(db, LogRange.Cursor).Position;
        var types = db.Command(RangeSql).Bind("$after", after).Bind("$cursor", LogRange.Cursor).Bind("$max", max).All(row => (Position: row.GetInt64(0), Type: row.GetString(1), Latest: row.Time(2)));
        return types.Count == 0 ? null : new LogRange(after, types.Max(t => t.Position), types.ToDictionary(t => t.Type, t => t.Latest));
    }

    public static bool Erase(Session db, LogRange range)
    {
        var cursor = EventRows.FindCursor(db, LogRange.Cursor);
        if (cursor.Position != range.After || !EventRows.MoveCursor(db, LogRange.Cursor, cursor.Version, range.UpTo)) return false;
        db.Command(KeysSql).Bind("$after", range.After).Bind("$upTo", range.UpTo).Run();
        db.Command(TenantsSql).Bind("$after", range.After).Bind("$upTo", range.UpTo).Run();
        db.Command(EraseSql).Bind("$upTo", range.UpTo).Run();
        db.Command(NumbersSql).Bind("$upTo", range.UpTo).Run();
        foreach (var sql in DeliveriesSql) db.Command(sql).Bind("$upTo", range.UpTo).Bind("$most", MostDeliveries).Run();
        return true;
    }

    public static long UpTo(Session db, string tenant) => Convert.ToInt64(db.Command(ErasedSql).Bind("$tenant", tenant).ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
}
