using Gateway.Delivery.Audit;
using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>
/// Tables <c>audit_links</c>, the links of the chains (<see cref="AuditForm"/>), and <c>audit_persons</c>, what of them is about persons and can
/// be erased.
/// </summary>
internal sealed class AuditRows(Payloads payloads)
{
    private const string Segment = "(SELECT row FROM audit_segments WHERE node = @node AND class = @class AND number = @segment AND seal = @seal)";

    // A head that was not moved has no row: NULL for the segment fails, and with it all that belongs to the record.
    // What somebody put behind the head is in nobody's way.
    private const string InsertSql =
        $"""
        INSERT INTO audit_links (segment, number, first_at, last_at, correlation_id, filter, hash, records)
        SELECT {Segment}, @number, @firstAt, @lastAt, @correlationId, @filter, @hash, @records WHERE
        """;

    private const string OnLink =
        """

        ON CONFLICT (segment, number) DO UPDATE SET first_at = excluded.first_at, last_at = excluded.last_at,
            correlation_id = excluded.correlation_id, filter = excluded.filter, hash = excluded.hash, records = excluded.records
        """;

    private const string InsertPersonsSql =
        $"""
        INSERT INTO audit_persons (segment, link, number, sealed)
        SELECT {Segment}, @number, p.number, p.sealed FROM unnest(@persons) WITH ORDINALITY AS p (sealed, number) WHERE
        """;

    private const string OnPerson = "\nON CONFLICT (segment, link, number) DO UPDATE SET sealed = excluded.sealed";

    private const string Columns = "l.number, l.first_at, l.last_at, l.correlation_id, l.filter, l.records, l.hash, p.numbers, p.sealed";

    private const string Persons =
        """
        CROSS JOIN LATERAL (
            SELECT array_agg(number ORDER BY number) AS numbers, array_agg(sealed ORDER BY number) AS sealed
            FROM audit_persons WHERE segment = l.segment AND link = l.number) p
        """;

    private const string AfterSql =
        $"""
        SELECT {Columns} FROM audit_segments s JOIN audit_links l ON l.segment = s.row {Persons}
        WHERE s.node = @node AND s.class = @class AND s.number = @segment AND l.number > @after ORDER BY l.number LIMIT @max
        """;

    // The filters are probed where they lie, as AuditFilter does it: a byte array's bit 0 is the lowest of its first byte.
    private const string FindSql =
        $"""
        SELECT {Columns}, s.class FROM (
            (SELECT * FROM audit_links WHERE correlation_id = @correlationId ORDER BY first_at LIMIT @max)
            UNION ALL
            SELECT * FROM audit_links WHERE filter IS NOT NULL AND (
                SELECT bool_and(get_bit(filter, (@low + probe * @high) % 4294967296 % nullif(8 * length(filter), 0)) = 1)
                FROM generate_series(0::bigint, @probes) probe)) l
        JOIN audit_segments s ON s.row = l.segment {Persons}
        ORDER BY l.segment, l.number
        """;

    private const string SomePersonsSql =
        """
        SELECT segment, link, number, sealed FROM audit_persons
        WHERE (segment, link, number) > (@segment, @link, @number) ORDER BY segment, link, number LIMIT @max
        """;

    private const string ErasePersonSql = "DELETE FROM audit_persons WHERE segment = @segment AND link = @link AND number = @number";

    private const string DropPersonsSql = "DELETE FROM audit_persons WHERE segment = @segment";

    private const string PurgeSql =
        """
        DELETE FROM audit_links WHERE (segment, number) IN (
            SELECT l.segment, l.number FROM audit_segments s JOIN audit_links l ON l.segment = s.row
            WHERE s.dropped_at IS NOT NULL LIMIT @max FOR UPDATE OF l SKIP LOCKED)
        """;

    /// <summary>Whether a failure is that of a link whose head was not moved.</summary>
    public static bool IsHeadElsewhere(PostgresException error) =>
        error is { SqlState: PostgresErrorCodes.NotNullViolation, TableName: "audit_links", ColumnName: "segment" }
        or { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "audit_segments_name" };

    /// <summary>The link of a block, behind the head that was moved over it.</summary>
    public static IEnumerable<NpgsqlBatchCommand> Insert(SealedBlock made, AuditSegment moved, Guard guard)
    {
        var (block, persons) = made;
        yield return Of(InsertSql, OnLink, moved, guard)
            .Bind("firstAt", block.FirstAt).Bind("lastAt", block.LastAt).Bind("correlationId", block.Search.CorrelationId)
            .Bind("filter", block.Search.Filter?.ToArray()).Bind("hash", moved.Head).Bind("records", block.Records);
        if (persons.Count > 0) yield return Of(InsertPersonsSql, OnPerson, moved, guard).Bind("persons", persons.ToArray());
    }

    public static NpgsqlBatchCommand After(AuditSegment segment, long after, int max) => Statements.Of(AfterSql)
        .Bind("node", segment.Node).Bind("class", AuditHeads.NameOf(segment.Class)).Bind("segment", segment.Number).Bind("after", after).Bind("max", max);

    /// <summary>The links that have a correlation id, or may have it.</summary>
    public static NpgsqlBatchCommand Find(string correlationId, int max)
    {
        var (low, high, probes) = AuditFilter.Probed(correlationId);
        return Statements.Of(FindSql).Bind("correlationId", correlationId).Bind("max", max).Bind("low", low).Bind("high", high).Bind("probes", (long)probes - 1);
    }

    /// <summary>What is about persons, behind a row of it.</summary>
    public static NpgsqlBatchCommand SomePersons(PersonRow after, int max) => Statements.Of(SomePersonsSql)
        .Bind("segment", after.Segment).Bind("link", after.Link).Bind("number", after.Number).Bind("max", max);

    public static NpgsqlBatchCommand Erase(PersonRow row) => Statements.Of(ErasePersonSql).Bind("segment", row.Segment).Bind("link", row.Link).Bind("number", row.Number);

    public static NpgsqlBatchCommand DropPersons(AuditHead head) => Statements.Of(DropPersonsSql).Bind("segment", head.Row);

    /// <summary>Removes some links of dropped segments.</summary>
    public static NpgsqlBatchCommand Purge(int max) => Statements.Of(PurgeSql).Bind("max", max);

    /// <summary>Where something about somebody stands, and whether it is about this person.</summary>
    public (PersonRow Row, bool Is) ReadPerson(NpgsqlDataReader row, string person) => (
        new PersonRow(row.GetInt64(0), row.GetInt64(1), row.GetInt32(2)),
        payloads.TryOpen(PayloadKind.AuditPerson, row.Bytes(3)) is { } salted && AuditPerson.Read(salted).Is(person));

    public (AuditLink Link, AuditClass Class) ReadWithClass(NpgsqlDataReader row) => (Read(row), AuditHeads.ClassOf(row.GetString(9)));

    public AuditLink Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.AnyTime(1), row.AnyTime(2),
        new AuditSearch(row.TextOrNull(3), row.BytesOrNull(4) is { } filter ? new ReadOnlyMemory<byte>(filter) : null),
        row.Bytes(5), row.GetString(6))
    {
        Persons = row.IsDBNull(7) ? new Dictionary<int, ReadOnlyMemory<byte>>() : row.GetFieldValue<int[]>(7).Zip(row.GetFieldValue<byte[][]>(8))
            .ToDictionary(p => p.First, p => (ReadOnlyMemory<byte>)payloads.TryOpen(PayloadKind.AuditPerson, p.Second)),
    };

    private static NpgsqlBatchCommand Of(string sql, string onConflict, AuditSegment moved, Guard guard) => guard.On(Statements.Of($"{sql} {guard.Sql}{onConflict}"))
        .Bind("node", moved.Node).Bind("class", AuditHeads.NameOf(moved.Class)).Bind("segment", moved.Number).Bind("seal", moved.Seal).Bind("number", moved.Links);
}

/// <summary>The row of something about a person.</summary>
internal readonly record struct PersonRow(long Segment, long Link, int Number);
