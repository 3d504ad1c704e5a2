using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>
/// Tables <c>events</c> and <c>cursors</c>. Positions are counted in one row that is held until the commit, so they become visible in their order,
/// and the sequence behind it counts on what is there.
/// </summary>
internal sealed class EventRows(Payloads payloads)
{
    private const string CountSql = "UPDATE counters SET last = last + 1 WHERE name = 'events' AND ";

    private const string AppendSql =
        """
        INSERT INTO events (position, sequence, id, tenant, type, source, subject, partition_key, time, data, trace_parent, correlation_id, stored_at, standing)
        SELECT (SELECT last FROM counters WHERE name = 'events'),
            coalesce((SELECT max(sequence) FROM events WHERE tenant = @tenant AND partition_key = @partitionKey),
                (SELECT last FROM erased_keys WHERE tenant = @tenant AND partition_key = @partitionKey), 0) + 1,
            @id, @tenant, @type, @source, @subject, @partitionKey, @time, @data, @traceParent, @correlationId, @storedAt, @standing
        WHERE
        """;

    private static readonly Guard IsNew = new(
        """
        NOT EXISTS (SELECT 1 FROM events AS known WHERE known.id = @id AND known.source = @source AND coalesce(known.stored_at, known.time) > @known)
        AND (@newest::bigint IS NULL
            OR NOT EXISTS (SELECT 1 FROM events AS later WHERE later.subject = @subject AND later.tenant = @tenant AND later.type = @type AND later.standing > @newest::bigint))
        """, null, null);

    /// <summary>Since when a subject stands as an event says; null for what says only what has happened.</summary>
    public const string StandingSql = "ALTER TABLE events ADD COLUMN standing bigint";

    /// <summary>By which numbers events are found beside their subjects.</summary>
    public const string NumbersSql =
        """
        CREATE TABLE event_numbers (tenant text NOT NULL, number text NOT NULL, position bigint NOT NULL, PRIMARY KEY (number, position));
        CREATE INDEX event_numbers_position ON event_numbers (position);
        """;

    // In one statement with the event, so that what it changes is still the event's row, and both are guarded alike.
    private const string NumberSql =
        """
        WITH numbered AS (
            INSERT INTO event_numbers (tenant, number, position)
            SELECT @tenant, n.number, (SELECT last FROM counters WHERE name = 'events') FROM unnest(@numbers) AS n (number) WHERE
        """;

    private const string LastSql = "SELECT last FROM counters WHERE name = 'events'";

    private const string Columns =
        "position, sequence, id, tenant, type, source, subject, partition_key, time, data, trace_parent, correlation_id, standing";

    private const string AfterSql = $"SELECT {Columns} FROM events WHERE position > @after ORDER BY position LIMIT @max";

    private const string OfTenantSql = $"SELECT {Columns} FROM events WHERE tenant = @tenant AND position > @after ORDER BY position LIMIT @max";

    // Ordered by what is no column alone: else the planner may go through the log in its order.
    private const string AboutSql =
        $"""
        SELECT {Columns} FROM events
        WHERE position = ANY(ARRAY(
            SELECT position FROM events WHERE subject = ANY(@subjects) AND position > @after
            UNION SELECT position FROM event_numbers WHERE number = ANY(@subjects) AND position > @after))
        AND (@tenant::text IS NULL OR tenant = @tenant::text) ORDER BY position + 0 LIMIT @max
        """;

    private const string HeadsSql = "SELECT position, id, tenant, type, source, partition_key FROM events WHERE position > @after ORDER BY position LIMIT @max";

    private const string FindSql = $"SELECT {Columns} FROM events WHERE position = @position";

    private const string NamedSql = $"SELECT {Columns} FROM events WHERE id = @id AND source = @source ORDER BY position DESC LIMIT 1";

    // Ordered by what is no column: else the planner may go through all that the tenant has, from the end.
    private const string OfTenantNamedSql = $"SELECT {Columns} FROM events WHERE id = @id AND tenant = @tenant ORDER BY position + 0 DESC LIMIT 1";

    private const string CursorSql = "SELECT position, version FROM cursors WHERE reader = @reader";

    private const string FirstMoveSql = "INSERT INTO cursors (reader, position, version, moved_by) VALUES (@reader, @to, 1, @by) ON CONFLICT DO NOTHING";

    private const string MoveSql = "UPDATE cursors SET position = @to, version = version + 1, moved_by = @by WHERE reader = @reader AND version = @version";

    /// <summary>The last statements of a transaction: from the first of them to the commit nobody else appends.</summary>
    public static IEnumerable<NpgsqlBatchCommand> Append(NewEvent added, byte[] data, Guard guard) => [guard.On(Statements.Of(CountSql + guard.Sql)), guard.On(Insert(added, data, added.Time, guard))];

    /// <summary>The same, where no event of that id and source was stored within its window, and no newer one says how its subject stands. Who waited for the count sees, behind it, what was appended meanwhile.</summary>
    public static NpgsqlBatchCommand[] AppendOnce(NewEvent added, byte[] data, DateTimeOffset now)
    {
        var known = KnownSince(added, now);
        return [Count(added, known, IsNew), Insert(added, data, now, IsNew).Bind("known", known).Bind("newest", Newest(added))];
    }

    /// <summary>The same, where also something else is so: <see cref="Append"/>. The second statement says whether it was appended.</summary>
    public static NpgsqlBatchCommand[] AppendOnce(NewEvent added, byte[] data, DateTimeOffset now, Guard guard)
    {
        var both = guard with { Sql = $"{IsNew.Sql} AND {guard.Sql}" };
        var known = KnownSince(added, now);
        return [both.On(Count(added, known, both)), both.On(Insert(added, data, now, both).Bind("known", known).Bind("newest", Newest(added)))];
    }

    /// <summary>The last position that is there.</summary>
    public static NpgsqlBatchCommand Last() => Statements.Of(LastSql);

    public static NpgsqlBatchCommand After(long after, int max) => Statements.Of(AfterSql).Bind("after", after).Bind("max", max);

    public static NpgsqlBatchCommand After(string tenant, long after, int max) => Statements.Of(OfTenantSql).Bind("tenant", tenant).Bind("after", after).Bind("max", max);

    public static NpgsqlBatchCommand About(IEnumerable<string> subjects, string? tenant, long after, int max) =>
        Statements.Of(AboutSql).Bind("subjects", subjects.ToArray()).Bind("tenant", tenant).Bind("after", after).Bind("max", max);

    public static NpgsqlBatchCommand HeadsAfter(long after, int max) => Statements.Of(HeadsSql).Bind("after", after).Bind("max", max);

    public static NpgsqlBatchCommand Find(long position) => Statements.Of(FindSql).Bind("position", position);

    public static NpgsqlBatchCommand Find(string source, string id) => Statements.Of(NamedSql).Bind("id", id).Bind("source", source);

    public static NpgsqlBatchCommand FindOf(string tenant, string id) => Statements.Of(OfTenantNamedSql).Bind("id", id).Bind("tenant", tenant);

    public static NpgsqlBatchCommand FindCursor(string reader) => Statements.Of(CursorSql).Bind("reader", reader);

    /// <summary>Moves a cursor if its version is still the one that was read.</summary>
    /// <param name="by">The write that moves it, where statements behind it depend on that.</param>
    public static NpgsqlBatchCommand MoveCursor(string reader, int version, long to, string? by = null)
    {
        var move = Statements.Of(version == 0 ? FirstMoveSql : MoveSql).Bind("reader", reader).Bind("to", to).Bind("by", by);
        return version == 0 ? move : move.Bind("version", version);
    }

    private static NpgsqlBatchCommand Count(NewEvent added, DateTimeOffset? known, Guard guard) => Statements.Of(CountSql + guard.Sql)
        .Bind("id", added.Id).Bind("source", added.Source).Bind("known", known)
        .Bind("newest", Newest(added)).Bind("subject", added.Subject).Bind("tenant", added.Tenant).Bind("type", added.Type);

    private static DateTimeOffset? Newest(NewEvent added) => added.IfNewest ? added.Standing : null;

    private static DateTimeOffset? KnownSince(NewEvent added, DateTimeOffset now) => added.Window is { } window ? now - window : DateTimeOffset.MinValue;

    private static NpgsqlBatchCommand Insert(NewEvent added, byte[] data, DateTimeOffset storedAt, Guard guard) => added.Numbers.Count == 0
        ? Bound(Statements.Of($"{AppendSql} {guard.Sql}"), added, data, storedAt)
        : Bound(Statements.Of($"{NumberSql} {guard.Sql}) {AppendSql} {guard.Sql}"), added, data, storedAt).Bind("numbers", added.Numbers.ToArray());

    private static NpgsqlBatchCommand Bound(NpgsqlBatchCommand command, NewEvent added, byte[] data, DateTimeOffset storedAt) => command
        .Bind("id", added.Id).Bind("tenant", added.Tenant).Bind("type", added.Type).Bind("source", added.Source)
        .Bind("subject", added.Subject).Bind("partitionKey", added.PartitionKey).Bind("time", added.Time).Bind("data", data)
        .Bind("traceParent", added.TraceParent).Bind("correlationId", added.CorrelationId).Bind("storedAt", (DateTimeOffset?)storedAt)
        .Bind("standing", added.Standing);

    public static EventHead ReadHead(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4)) { PartitionKey = row.GetString(5) };

    public StoredEvent Read(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetInt64(1), new NewEvent(
        row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6), row.GetString(7),
        row.Time(8), payloads.Open(PayloadKind.EventData, row.Bytes(9)))
    {
        TraceParent = row.TextOrNull(10),
        CorrelationId = row.TextOrNull(11),
        Standing = row.TimeOrNull(12),
    });
}
