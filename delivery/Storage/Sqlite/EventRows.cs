using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Tables <c>events</c> and <c>cursors</c>. One writer appends, so positions become visible in their order.</summary>
internal sealed class EventRows(Payloads payloads)
{
    private const string AppendSql =
        """
        INSERT INTO events (sequence, id, tenant, type, source, subject, partition_key, time, data, trace_parent, correlation_id, stored_at, standing)
        SELECT coalesce((SELECT max(sequence) FROM events WHERE tenant = $tenant AND partition_key = $partitionKey),
            (SELECT last FROM erased_keys WHERE tenant = $tenant AND partition_key = $partitionKey), 0) + 1,
            $id, $tenant, $type, $source, $subject, $partitionKey, $time, $data, $traceParent, $correlationId, $storedAt, $standing
        """;

    private const string AppendOnceSql =
        AppendSql +
        """
         WHERE NOT EXISTS (SELECT 1 FROM events WHERE id = $id AND source = $source AND stored_at > $known)
            AND ($newest IS NULL OR NOT EXISTS (SELECT 1 FROM events INDEXED BY events_subject WHERE subject = $subject AND tenant = $tenant AND type = $type AND standing > $newest))
        """;

    /// <summary>Since when a subject stands as an event says; null for what says only what has happened.</summary>
    public const string StandingSql = "ALTER TABLE events ADD COLUMN standing INTEGER";

    /// <summary>By which numbers events are found beside their subjects.</summary>
    public const string NumbersSql =
        """
        CREATE TABLE event_numbers (tenant TEXT NOT NULL, number TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (number, position)) STRICT, WITHOUT ROWID;
        CREATE INDEX event_numbers_position ON event_numbers (position);
        """;

    // The table has no rowids of its own, so the last is the event's.
    private const string NumberSql = "INSERT INTO event_numbers (tenant, number, position) SELECT $tenant, value, last_insert_rowid() FROM json_each($numbers)";

    private const string Columns =
        "position, sequence, id, tenant, type, source, subject, partition_key, time, data, trace_parent, correlation_id, standing";

    private const string AfterSql = $"SELECT {Columns} FROM events WHERE position > $after ORDER BY position LIMIT $max";

    private const string OfTenantSql = $"SELECT {Columns} FROM events WHERE tenant = $tenant AND position > $after ORDER BY position LIMIT $max";

    // The index is named because the planner, without statistics, goes through the log in its order.
    private const string AboutSql =
        $"""
        SELECT {Columns} FROM events
        WHERE position IN (
            SELECT position FROM events INDEXED BY events_subject WHERE subject IN (SELECT value FROM json_each($subjects)) AND position > $after
            UNION SELECT position FROM event_numbers WHERE number IN (SELECT value FROM json_each($subjects)) AND position > $after)
        AND ($tenant IS NULL OR tenant = $tenant) ORDER BY position LIMIT $max
        """;

    private const string LastSql = $"SELECT max(coalesce((SELECT max(position) FROM events), 0), coalesce((SELECT position FROM cursors WHERE reader = '{LogRange.Cursor}'), 0))";

    private const string HeadsSql = "SELECT position, id, tenant, type, source, partition_key FROM events WHERE position > $after ORDER BY position LIMIT $max";

    private const string FindSql = $"SELECT {Columns} FROM events WHERE position = $position";

    private const string NamedSql = $"SELECT {Columns} FROM events WHERE id = $id AND source = $source ORDER BY position DESC LIMIT 1";

    // The index is named because the planner, without statistics, takes the one over the tenant and its order, and reads all that the tenant has.
    private const string OfTenantNamedSql = $"SELECT {Columns} FROM events INDEXED BY events_named WHERE id = $id AND tenant = $tenant ORDER BY position DESC LIMIT 1";

    private const string CursorSql = "SELECT position, version FROM cursors WHERE reader = $reader";

    private const string FirstMoveSql = "INSERT INTO cursors (reader, position, version) VALUES ($reader, $to, 1) ON CONFLICT DO NOTHING";

    private const string MoveSql = "UPDATE cursors SET position = $to, version = version + 1 WHERE reader = $reader AND version = $version";

    /// <summary>Of an event whose cause is stored with it: it happens now.</summary>
    public static void Append(Session db, NewEvent added, byte[] data)
    {
        Bind(db.Command(AppendSql), added, data, added.Time).Run();
        AddNumbers(db, added);
    }

    /// <summary>False where an event of that id and source was stored within its window, or a newer one says how its subject stands.</summary>
    public static bool AppendOnce(Session db, NewEvent added, byte[] data, DateTimeOffset now)
    {
        var isNew = Bind(db.Command(AppendOnceSql), added, data, now).Bind("$known", added.Window is { } window ? now - window : DateTimeOffset.MinValue)
            .Bind("$newest", added.IfNewest ? added.Standing : null).Run() > 0;
        if (isNew) AddNumbers(db, added);
        return isNew;
    }

    private static void AddNumbers(Session db, NewEvent added)
    {
        if (added.Numbers.Count > 0) db.Command(NumberSql).Bind("$tenant", added.Tenant).Bind("$numbers", JsonSerializer.Serialize(added.Numbers)).Run();
    }

    private static SqliteCommand Bind(SqliteCommand command, NewEvent added, byte[] data, DateTimeOffset storedAt) => command
        .Bind("$id", added.Id).Bind("$tenant", added.Tenant).Bind("$type", added.Type).Bind("$source", added.Source)
        .Bind("$subject", added.Subject).Bind("$partitionKey", added.PartitionKey).Bind("$time", added.Time).Bind("$data", data)
        .Bind("$traceParent", added.TraceParent).Bind("$correlationId", added.CorrelationId).Bind("$storedAt", storedAt).Bind("$standing", added.Standing);

    public List<StoredEvent> After(Session db, long after, int max) => db.Command(AfterSql).Bind("$after", after).Bind("$max", max).All(Read);

    public List<StoredEvent> After(Session db, string tenant, long after, int max) => db.Command(OfTenantSql).Bind("$tenant", tenant).Bind("$after", after).Bind("$max", max).All(Read);

    public List<StoredEvent> About(Session db, IEnumerable<string> subjects, string? tenant, long after, int max) =>
        db.Command(AboutSql).Bind("$subjects", JsonSerializer.Serialize(subjects)).Bind("$tenant", tenant).Bind("$after", after).Bind("$max", max).All(Read);

    public static long Last(Session db) => Convert.ToInt64(db.Command(LastSql).ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);

    public static List<EventHead> HeadsAfter(Session db, long after, int max) => db.Command(HeadsSql).Bind("$after", after).Bind("$max", max)
        .All(row => new EventHead(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4)) { PartitionKey = row.GetString(5) });

    public StoredEvent? Find(Session db, long position) => db.Command(FindSql).Bind("$position", position).First(Read);

    public StoredEvent? Find(Session db, string source, string id) => db.Command(NamedSql).Bind("$id", id).Bind("$source", source).First(Read);

    public StoredEvent? FindOf(Session db, string tenant, string id) => db.Command(OfTenantNamedSql).Bind("$id", id).Bind("$tenant", tenant).First(Read);

    public static Cursor FindCursor(Session db, string reader)
    {
        using var row = db.Command(CursorSql).Bind("$reader", reader).ExecuteReader();
        return row.Read() ? new Cursor(row.GetInt64(0), row.GetInt32(1)) : default;
    }

    /// <summary>Moves a cursor if its version is still the one that was read.</summary>
    public static bool MoveCursor(Session db, string reader, int version, long to) => version == 0
        ? db.Command(FirstMoveSql).Bind("$reader", reader).Bind("$to", to).Run() > 0
        : db.Command(MoveSql).Bind("$reader", reader).Bind("$to", to).Bind("$version", version).Run() > 0;

    private StoredEvent Read(SqliteDataReader row) => new(row.GetInt64(0), row.GetInt64(1), new NewEvent(
        row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6), row.GetString(7),
        row.Time(8), payloads.Open(PayloadKind.EventData, row.Bytes(9)))
    {
        TraceParent = row.TextOrNull(10),
        CorrelationId = row.TextOrNull(11),
        Standing = row.TimeOrNull(12),
    });
}
