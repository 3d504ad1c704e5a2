using Gateway.Delivery.Audit;
using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>
/// Tables <c>audit_links</c>, the links of the chains (<see cref="AuditForm"/>), and <c>audit_persons</c>, what of them is about persons and can
/// be erased. The records of the writes of one group are one link for each class; the others come many a link.
/// </summary>
internal sealed class AuditRows(Payloads payloads, AuditHeads heads)
{
    // OR REPLACE: what somebody put behind the head is in nobody's way.
    private const string InsertSql =
        """
        INSERT OR REPLACE INTO audit_links (segment, number, first_at, last_at, correlation_id, filter, hash, records)
        VALUES ($segment, $number, $firstAt, $lastAt, $correlationId, $filter, $hash, $records)
        """;

    private const string InsertPersonSql = "INSERT OR REPLACE INTO audit_persons (segment, link, number, sealed) VALUES ($segment, $link, $number, $sealed)";

    private const string Columns = "l.number, l.first_at, l.last_at, l.correlation_id, l.filter, l.records, l.hash, l.segment, l.row";

    private const string AfterSql = $"SELECT {Columns} FROM audit_links l WHERE l.segment = $segment AND l.number > $after ORDER BY l.number LIMIT $max";

    private const string AloneSql = $"SELECT {Columns}, s.class FROM audit_links l JOIN audit_segments s ON s.row = l.segment WHERE l.correlation_id = $correlationId ORDER BY l.row LIMIT $max";

    private const string OneSql = $"SELECT {Columns}, s.class FROM audit_links l JOIN audit_segments s ON s.row = l.segment WHERE l.row = $row";

    private const string FiltersSql = "SELECT row, filter FROM audit_links WHERE filter IS NOT NULL";

    private const string PersonsSql = "SELECT number, sealed FROM audit_persons WHERE segment = $segment AND link = $link";

    private const string AllPersonsSql = "SELECT segment, link, number, sealed FROM audit_persons";

    private const string ErasePersonSql = "DELETE FROM audit_persons WHERE segment = $segment AND link = $link AND number = $number";

    private const string DropPersonsSql = "DELETE FROM audit_persons WHERE segment = $segment";

    private const string PurgeSql =
        """
        DELETE FROM audit_links WHERE row IN (
            SELECT l.row FROM audit_segments s JOIN audit_links l ON l.segment = s.row WHERE s.dropped_at IS NOT NULL LIMIT $max)
        """;

    private readonly List<AuditRecord> _pending = [];
    private readonly List<SealedBlock> _blocks = [];
    private Session? _of;

    /// <summary>Makes the links of records before the writer's turn.</summary>
    public List<SealedBlock> Seal(IReadOnlyList<AuditRecord> records) => SealedBlock.Of(records, payloads);

    /// <summary>
    /// Adds the record of a write; it is stored with those of the other writes of the group, in their transaction. The last step of a write:
    /// one that is undone must have added nothing.
    /// </summary>
    public void Append(Session db, AuditRecord? record)
    {
        if (record is not null) PendingOf(db).Add(record);
    }

    /// <inheritdoc cref="Append(Session, AuditRecord?)"/>
    public void Append(Session db, IReadOnlyList<SealedBlock> blocks)
    {
        PendingOf(db);
        _blocks.AddRange(blocks);
    }

    /// <summary>Stores what the writes of a group have added: the end of each chain moves once a group.</summary>
    public void Flush(Session db, DateTimeOffset now)
    {
        var records = PendingOf(db);
        if (records.Count > 0) _blocks.AddRange(Seal(records));
        foreach (var block in _blocks) Insert(db, block, now);
        records.Clear();
        _blocks.Clear();
    }

    /// <summary>What waits belongs to a connection: when that one is given up, its transaction is gone, and what waited with it.</summary>
    private List<AuditRecord> PendingOf(Session db)
    {
        if (!ReferenceEquals(_of, db))
        {
            _pending.Clear();
            _blocks.Clear();
            _of = db;
        }
        return _pending;
    }

    private void Insert(Session db, SealedBlock made, DateTimeOffset now)
    {
        var (block, persons) = made;
        var head = heads.Append(db, block, now);
        db.Command(InsertSql)
            .Bind("$segment", head.Row).Bind("$number", head.Segment.Links).Bind("$firstAt", (DateTimeOffset?)block.FirstAt)
            .Bind("$lastAt", (DateTimeOffset?)block.LastAt).Bind("$correlationId", block.Search.CorrelationId)
            .Bind("$filter", block.Search.Filter?.ToArray()).Bind("$hash", head.Segment.Head).Bind("$records", block.Records)
            .Run();
        for (var i = 0; i < persons.Count; i++)
        {
            db.Command(InsertPersonSql).Bind("$segment", head.Row).Bind("$link", head.Segment.Links).Bind("$number", i + 1).Bind("$sealed", persons[i]).Run();
        }
    }

    public List<AuditLink> After(Session db, AuditSegment segment, long after, int max)
    {
        if (heads.Find(db, segment) is not { } head) return [];
        var links = db.Command(AfterSql).Bind("$segment", head.Row).Bind("$after", after).Bind("$max", max).All(Read);
        return [.. links.Select(link => link with { Persons = PersonsOf(db, head.Row, link.Number) })];
    }

    public List<AuditRecord> Find(Session db, string correlationId, int max)
    {
        var found = db.Command(AloneSql).Bind("$correlationId", correlationId).Bind("$max", max).All(ReadWithClass);
        foreach (var row in MayHave(db, correlationId)) found.AddRange(db.Command(OneSql).Bind("$row", row).All(ReadWithClass));
        return [.. found
            .OrderBy(f => f.Row)
            .SelectMany(f => AuditReading.Records(f.Link with { Persons = PersonsOf(db, f.Segment, f.Link.Number) }, f.Class))
            .Where(record => record.CorrelationId == correlationId)
            .OrderBy(record => record.At)
            .Take(max)];
    }

    /// <summary>Where something about a person stands.</summary>
    public List<PersonRow> FindPerson(Session db, string person)
    {
        var found = new List<PersonRow>();
        using var rows = db.Command(AllPersonsSql).ExecuteReader();
        while (rows.Read())
        {
            if (payloads.TryOpen(PayloadKind.AuditPerson, rows.Bytes(3)) is { } salted && AuditPerson.Read(salted).Is(person))
                found.Add(new PersonRow(rows.GetInt64(0), rows.GetInt64(1), rows.GetInt32(2)));
        }
        return found;
    }

    /// <summary>Removes what is about a person; how often. Its bytes are overwritten, not only given back to the file.</summary>
    public int Erase(Session db, IReadOnlyList<PersonRow> rows)
    {
        var erased = 0;
        Overwriting(db, () =>
        {
            foreach (var head in heads.All(db).Where(h => rows.Any(r => r.Segment == h.Row)))
            {
                var here = rows.Where(r => r.Segment == head.Row).Sum(r =>
                    db.Command(ErasePersonSql).Bind("$segment", r.Segment).Bind("$link", r.Link).Bind("$number", r.Number).Run());
                heads.Change(db, head, head.Segment with { Erased = head.Segment.Erased + here });
                erased += here;
            }
        });
        return erased;
    }

    /// <summary>Marks a segment as dropped; its links go by and by.</summary>
    public bool Drop(Session db, AuditSegment segment, DateTimeOffset now)
    {
        if (heads.Find(db, segment) is not { Segment.DroppedAt: null } head) return false;
        heads.Change(db, head, head.Segment with { DroppedAt = now });
        Overwriting(db, () => db.Command(DropPersonsSql).Bind("$segment", head.Row).Run());
        return true;
    }

    /// <summary>Removes some links of dropped segments; how many.</summary>
    public static int Purge(Session db, int max) => db.Command(PurgeSql).Bind("$max", max).Run();

    private static void Overwriting(Session db, Action delete)
    {
        db.Execute("PRAGMA secure_delete=ON");
        delete();
        db.Execute("PRAGMA secure_delete=FAST");
    }

    private static List<long> MayHave(Session db, string correlationId)
    {
        var blocks = new List<long>();
        using var rows = db.Command(FiltersSql).ExecuteReader();
        while (rows.Read())
        {
            if (AuditFilter.MayHave(rows.Bytes(1), correlationId)) blocks.Add(rows.GetInt64(0));
        }
        return blocks;
    }

    private Dictionary<int, ReadOnlyMemory<byte>> PersonsOf(Session db, long segment, long link) => db.Command(PersonsSql)
        .Bind("$segment", segment).Bind("$link", link)
        .All(row => (Number: row.GetInt32(0), Salted: (ReadOnlyMemory<byte>)payloads.TryOpen(PayloadKind.AuditPerson, row.Bytes(1))))
        .ToDictionary(p => p.Number, p => p.Salted);

    private static (AuditLink Link, long Segment, long Row, AuditClass Class) ReadWithClass(SqliteDataReader row) =>
        (Read(row), row.GetInt64(7), row.GetInt64(8), AuditHeads.ClassOf(row.GetString(9)));

    private static AuditLink Read(SqliteDataReader row) => new(
        row.GetInt64(0), row.AnyTime(1), row.AnyTime(2),
        new AuditSearch(row.TextOrNull(3), row.BytesOrNull(4) is { } filter ? new ReadOnlyMemory<byte>(filter) : null),
        row.Bytes(5), row.GetString(6));
}

/// <summary>The row of something about a person.</summary>
internal readonly record struct PersonRow(long Segment, long Link, int Number);
