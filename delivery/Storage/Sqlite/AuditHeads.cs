using Gateway.Delivery.Audit;
using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>
/// Table <c>audit_segments</c>: the heads of the chains. This node's running heads are held in memory too, so that a head that somebody changes
/// in the file is not gone on with. Appending is the one writer's.
/// </summary>
internal sealed class AuditHeads(string node, AuditChain chain)
{
    private const string Columns = "node, class, number, previous, opened_at, links, first_at, last_at, head, erased, dropped_at, seal, row";

    private const string AllSql = $"SELECT {Columns} FROM audit_segments ORDER BY node, class, number";

    private const string LastSql = $"SELECT {Columns} FROM audit_segments WHERE node = $node AND class = $class ORDER BY number DESC LIMIT 1";

    private const string FindSql = $"SELECT {Columns} FROM audit_segments WHERE node = $node AND class = $class AND number = $number";

    private const string InsertSql =
        """
        INSERT INTO audit_segments (node, class, number, previous, opened_at, links, first_at, last_at, head, erased, dropped_at, seal)
        VALUES ($node, $class, $number, $previous, $openedAt, 0, $firstAt, $lastAt, $head, 0, NULL, $seal) RETURNING row
        """;

    private const string MoveSql =
        """
        UPDATE audit_segments SET links = $links, first_at = $firstAt, last_at = $lastAt, head = $head, seal = $seal
        WHERE row = $row AND seal = $before
        """;

    private const string ChangeSql = "UPDATE audit_segments SET erased = $erased, dropped_at = $droppedAt, seal = $seal WHERE row = $row";

    private static readonly string[] Classes = [.. Enum.GetNames<AuditClass>().Select(c => c.ToLowerInvariant())];

    private readonly Dictionary<AuditClass, AuditHead> _running = [];
    private Session? _of;

    /// <summary>A class by its name in the file; what is none, since somebody wrote there, has a seal that does not fit.</summary>
    public static AuditClass ClassOf(string name) => (AuditClass)Math.Max(0, Array.IndexOf(Classes, name));

    /// <summary>What is held in memory may not be what is in the file: a write was undone, or a segment was changed.</summary>
    public void Forget() => _running.Clear();

    public List<AuditHead> All(Session db) => db.Command(AllSql).All(Read);

    public AuditHead? Find(Session db, AuditSegment segment) => db.Command(FindSql)
        .Bind("$node", segment.Node).Bind("$class", Classes[(int)segment.Class]).Bind("$number", segment.Number).First(Read);

    /// <summary>Moves the head of a block's chain over it, in a new segment where the running one takes no more.</summary>
    public AuditHead Append(Session db, AuditBlock block, DateTimeOffset now)
    {
        var running = Running(db, block.Class);
        if (running is null || !AuditChain.TakesMore(running.Segment, now)) running = Begin(db, block.Class, running, now);
        if (Moved(db, running, block) is not { } moved)
        {
            // Somebody else changed the head in the file. What this process knows of it is what the next segment goes on from, so it shows.
            Telemetry.AuditBreaks.Add(1);
            running = Begin(db, block.Class, running, now);
            moved = Moved(db, running, block) ?? throw new InvalidOperationException("A segment that was begun just now can't be moved.");
        }
        _running[block.Class] = moved;
        return moved;
    }

    /// <summary>Stores what was erased or dropped of a segment.</summary>
    public void Change(Session db, AuditHead head, AuditSegment changed)
    {
        var resealed = chain.Resealed(changed);
        db.Command(ChangeSql).Bind("$erased", resealed.Erased).Bind("$droppedAt", resealed.DroppedAt).Bind("$seal", resealed.Seal).Bind("$row", head.Row).Run();
        Forget();
    }

    private AuditHead? Running(Session db, AuditClass about)
    {
        if (!ReferenceEquals(_of, db)) Forget();
        _of = db;
        if (_running.TryGetValue(about, out var held)) return held;
        var stored = Last(db, about);
        if (stored is { Segment.Authentic: false }) Telemetry.AuditBreaks.Add(1);
        return stored;
    }

    private AuditHead? Last(Session db, AuditClass about) => db.Command(LastSql).Bind("$node", node).Bind("$class", Classes[(int)about]).First(Read);

    private AuditHead Begin(Session db, AuditClass about, AuditHead? before, DateTimeOffset now)
    {
        var number = Math.Max(before?.Segment.Number ?? 0, Last(db, about)?.Segment.Number ?? 0) + 1;
        var segment = chain.Begin(node, about, number, before?.Segment.Head ?? AuditChain.Nothing, now);
        var row = db.Command(InsertSql)
            .Bind("$node", node).Bind("$class", Classes[(int)about]).Bind("$number", number).Bind("$previous", segment.Previous)
            .Bind("$openedAt", (DateTimeOffset?)segment.OpenedAt).Bind("$firstAt", (DateTimeOffset?)segment.FirstAt)
            .Bind("$lastAt", (DateTimeOffset?)segment.LastAt).Bind("$head", segment.Head).Bind("$seal", segment.Seal)
            .ExecuteScalar();
        return new AuditHead((long)row!, segment);
    }

    private AuditHead? Moved(Session db, AuditHead head, AuditBlock block)
    {
        var next = chain.Append(head.Segment, block);
        var moved = db.Command(MoveSql)
            .Bind("$links", next.Links).Bind("$firstAt", (DateTimeOffset?)next.FirstAt).Bind("$lastAt", (DateTimeOffset?)next.LastAt)
            .Bind("$head", next.Head).Bind("$seal", next.Seal).Bind("$row", head.Row).Bind("$before", head.Segment.Seal)
            .Run();
        return moved == 0 ? null : head with { Segment = next };
    }

    private AuditHead Read(SqliteDataReader row) => new(row.GetInt64(12), chain.Judged(
        new AuditSegment(row.GetString(0), ClassOf(row.GetString(1)), row.GetInt32(2))
        {
            Previous = row.GetString(3),
            OpenedAt = row.AnyTime(4),
            Links = row.GetInt64(5),
            FirstAt = row.AnyTime(6),
            LastAt = row.AnyTime(7),
            Head = row.GetString(8),
            Erased = row.GetInt64(9),
            DroppedAt = row.IsDBNull(10) ? null : row.AnyTime(10),
            Seal = row.GetString(11),
        }));
}

/// <summary>A segment's head and the row that it stands in.</summary>
internal sealed record AuditHead(long Row, AuditSegment Segment);
