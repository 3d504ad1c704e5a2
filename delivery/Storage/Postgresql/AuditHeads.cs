using Gateway.Delivery.Audit;
using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>
/// Table <c>audit_segments</c>: the heads of the chains. This node's running heads are held in memory too: that saves reading them, and a head that
/// somebody changes in the database is not gone on with. Used by one writer of this node at a time.
/// </summary>
internal sealed class AuditHeads(string node, AuditChain chain)
{
    private const string Columns = "node, class, number, previous, opened_at, links, first_at, last_at, head, erased, dropped_at, seal, row";

    private const string AllSql = $"""SELECT {Columns} FROM audit_segments ORDER BY node COLLATE "C", class COLLATE "C", number""";

    private const string LastSql = $"SELECT DISTINCT ON (class) {Columns} FROM audit_segments WHERE node = @node ORDER BY class, number DESC";

    private const string FindSql = $"SELECT {Columns} FROM audit_segments WHERE node = @node AND class = @class AND number = @number FOR UPDATE";

    private const string ChangeSql = "UPDATE audit_segments SET erased = @erased, dropped_at = @droppedAt, seal = @seal WHERE row = @row";

    private const string InsertSql =
        """
        INSERT INTO audit_segments (node, class, number, previous, opened_at, links, first_at, last_at, head, erased, dropped_at, seal)
        SELECT @node, @class, @number, @previous, @openedAt, @links, @firstAt, @lastAt, @head, 0, NULL, @seal WHERE
        """;

    private const string MoveSql =
        """
        UPDATE audit_segments SET links = @links, first_at = @firstAt, last_at = @lastAt, head = @head, seal = @seal
        WHERE node = @node AND class = @class AND number = @number AND seal = @before AND
        """;

    private static readonly AuditClass[] Classes = Enum.GetValues<AuditClass>();

    private readonly Dictionary<AuditClass, Running> _running = [];

    // Of the write that is under way.
    private readonly Dictionary<AuditClass, Running> _next = [];

    // What is held in memory may not be what is in the database: nothing was read yet, or nobody knows how a write ended.
    private bool _inDoubt = true;

    /// <summary>A class by its name in the database; what is none, since somebody wrote there, has a seal that does not fit.</summary>
    public static AuditClass ClassOf(string name) => Array.Find(Classes, about => NameOf(about) == name);

    public static string NameOf(AuditClass about) => about.ToString().ToLowerInvariant();

    public NpgsqlBatchCommand All() => Statements.Of(AllSql);

    /// <summary>A segment's head, which nobody else moves until the end of the transaction.</summary>
    public static NpgsqlBatchCommand Find(AuditSegment segment) =>
        Statements.Of(FindSql).Bind("node", segment.Node).Bind("class", NameOf(segment.Class)).Bind("number", segment.Number);

    /// <summary>Stores what was erased or dropped of a segment.</summary>
    public NpgsqlBatchCommand Change(AuditHead head, AuditSegment changed)
    {
        var resealed = chain.Resealed(changed);
        _inDoubt = true;
        return Statements.Of(ChangeSql).Bind("erased", resealed.Erased).Bind("droppedAt", resealed.DroppedAt).Bind("seal", resealed.Seal).Bind("row", head.Row);
    }

    /// <summary>Reads the heads of this node's chains, where it is not certain that they are known.</summary>
    public async Task RefreshAsync(NpgsqlConnection connection)
    {
        _next.Clear();
        if (!_inDoubt) return;
        foreach (var stored in await connection.AllAsync(Statements.Of(LastSql).Bind("node", node), row => Read(row).Segment, CancellationToken.None))
            _running[stored.Class] = Judged(stored, _running.GetValueOrDefault(stored.Class));
        _inDoubt = false;
    }

    /// <summary>Moves the head of a block's chain over it, in a new segment where the running one takes no more.</summary>
    /// <returns>The statement, and the segment as it becomes.</returns>
    public (NpgsqlBatchCommand Statement, AuditSegment Moved) Append(AuditBlock block, DateTimeOffset now, Guard guard)
    {
        var running = _next.GetValueOrDefault(block.Class) ?? _running.GetValueOrDefault(block.Class);
        if (running is not null && AuditChain.TakesMore(running.Segment, now))
        {
            var moved = chain.Append(running.Segment, block);
            _next[block.Class] = running with { Segment = moved };
            return (guard.On(Of(MoveSql, moved, guard)).Bind("before", running.Segment.Seal), moved);
        }
        var number = (running?.Number ?? 0) + 1;
        var begun = chain.Append(chain.Begin(node, block.Class, number, running?.Segment.Head ?? AuditChain.Nothing, now), block);
        _next[block.Class] = new Running(begun, number);
        return (guard.On(Of(InsertSql, begun, guard)).Bind("previous", begun.Previous).Bind("openedAt", begun.OpenedAt), begun);
    }

    /// <summary>The write was committed.</summary>
    public void Keep()
    {
        foreach (var (about, moved) in _next) _running[about] = moved;
        _next.Clear();
    }

    /// <summary>The write certainly stored nothing.</summary>
    public void Undo() => _next.Clear();

    /// <summary>The write failed, and what it stored is not known.</summary>
    public void Doubt()
    {
        _next.Clear();
        _inDoubt = true;
    }

    public AuditHead Read(NpgsqlDataReader row) => new(row.GetInt64(12), chain.Judged(
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

    /// <summary>
    /// What to go on from. A head that fits its seal and is not behind what this process knows was moved by this node, or by somebody who erased or
    /// dropped. Any other was changed: what is known is gone on from, in the next segment, so it shows.
    /// </summary>
    private static Running Judged(AuditSegment stored, Running? known)
    {
        if (stored.Authentic && (known is null || (stored.Number, stored.Links).CompareTo((known.Segment.Number, known.Segment.Links)) >= 0)) return new Running(stored, stored.Number);
        Telemetry.AuditBreaks.Add(1);
        return known is null
            ? new Running(stored, stored.Number)
            : new Running(known.Segment with { Authentic = false }, Math.Max(stored.Number, known.Number));
    }

    private static NpgsqlBatchCommand Of(string sql, AuditSegment segment, Guard guard) => Statements.Of($"{sql} {guard.Sql}")
        .Bind("node", segment.Node).Bind("class", NameOf(segment.Class)).Bind("number", segment.Number).Bind("links", segment.Links)
        .Bind("firstAt", segment.FirstAt).Bind("lastAt", segment.LastAt).Bind("head", segment.Head).Bind("seal", segment.Seal);

    /// <param name="Segment">What is gone on from; not authentic where the next link begins a segment.</param>
    /// <param name="Number">Of the last segment that is there.</param>
    private sealed record Running(AuditSegment Segment, int Number);
}

/// <summary>A segment's head and the row that it stands in.</summary>
internal sealed record AuditHead(long Row, AuditSegment Segment);
