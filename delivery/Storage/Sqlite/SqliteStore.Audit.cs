using Gateway.Delivery.Audit;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>The audit. The chains are appended to at the end of each group of writes, where the one writer is: nobody has to be kept out.</summary>
public sealed partial class SqliteStore
{
    private AuditHeads? _heads;

    private AuditRows Audit { get => field ?? throw NotOpen(); set; }

    public async ValueTask AppendAuditAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellation)
    {
        if (records.Count == 0) return;
        var blocks = Audit.Seal(records);
        await WriteAsync(db =>
        {
            Audit.Append(db, blocks);
            return true;
        }, cancellation);
    }

    public async ValueTask<IReadOnlyList<AuditRecord>> FindAuditAsync(string correlationId, int max, CancellationToken cancellation) =>
        await ReadAsync(db => Audit.Find(db, correlationId, max), cancellation);

    public async ValueTask<IReadOnlyList<AuditSegment>> AuditSegmentsAsync(CancellationToken cancellation) =>
        await ReadAsync(db => _heads!.All(db).ConvertAll(head => head.Segment), cancellation);

    public async ValueTask<IReadOnlyList<AuditLink>> ReadAuditAsync(AuditSegment segment, long after, int max, CancellationToken cancellation) =>
        await ReadAsync(db => Audit.After(db, segment, after, max), cancellation);

    public async ValueTask<int> EraseAuditAsync(string person, Func<int, AuditRecord> act, CancellationToken cancellation)
    {
        // All of them are opened and looked at outside the writer: there is nothing in clear by which they could be found.
        var rows = await ReadAsync(db => Audit.FindPerson(db, person), cancellation);
        return await WriteAsync(db =>
        {
            var erased = Audit.Erase(db, rows);
            Audit.Append(db, act(erased));
            return erased;
        }, cancellation);
    }

    public ValueTask<bool> DropAuditAsync(AuditSegment segment, AuditRecord act, CancellationToken cancellation) => WriteAsync(db =>
    {
        if (!Audit.Drop(db, segment, _clock.GetUtcNow())) return false;
        Audit.Append(db, act);
        return true;
    }, cancellation);

    /// <summary>This node's name and the key of its seals; both are made with the file.</summary>
    private AuditRows OpenAudit(Session db)
    {
        var node = db.Command("SELECT name, key FROM audit_node").First(row => new { Name = row.GetString(0), Key = row.Bytes(1) });
        if (node is null)
        {
            node = new { Name = NodeName.New(), Key = _payloads.Seal(PayloadKind.AuditKey, AuditChain.NewKey()) };
            db.Command("INSERT INTO audit_node (name, key) VALUES ($name, $key)").Bind("$name", node.Name).Bind("$key", node.Key).Run();
        }
        _heads = new AuditHeads(node.Name, new AuditChain(_payloads.Open(PayloadKind.AuditKey, node.Key)));
        var audit = new AuditRows(_payloads, _heads);
        AuditImport.Run(db, audit, _clock.GetUtcNow());
        return audit;
    }
}
