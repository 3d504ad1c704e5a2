using Gateway.Delivery.Audit;
using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>
/// The audit. Each node has chains of its own, so no node waits for another; within one, the writes that append to them take turns. What is
/// appended goes with the batch of its write.
/// </summary>
public sealed partial class PostgresqlStore
{
    private const int PersonBatch = 2000;
    private const int PurgeBatch = 1000;
    private const int Tries = 10;
    private const int MostMilliseconds = 20;
    private static readonly TimeSpan PurgeEvery = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _turn = new(1, 1);

    // Set by OpenAsync.
    private AuditHeads? _heads;
    private DateTimeOffset _nextPurge;

    private AuditHeads Heads => _heads ?? throw new InvalidOperationException("The store is not open.");

    public async ValueTask AppendAuditAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellation)
    {
        if (records.Count == 0) return;
        var blocks = SealedBlock.Of(records, _payloads);
        await TurnAsync(() => _db.WriteAsync(async connection =>
        {
            await Heads.RefreshAsync(connection);
            await connection.RunAsync(Links(blocks, Guard.None));
            return true;
        }, cancellation), cancellation);
        await PurgeAsync(cancellation);
    }

    public ValueTask<IReadOnlyList<AuditRecord>> FindAuditAsync(string correlationId, int max, CancellationToken cancellation) =>
        _db.ReadAsync<IReadOnlyList<AuditRecord>>(async connection =>
        {
            var found = await connection.AllAsync(AuditRows.Find(correlationId, max), _audit.ReadWithClass, cancellation);
            return [.. found
                .SelectMany(f => AuditReading.Records(f.Link, f.Class))
                .Where(record => record.CorrelationId == correlationId)
                .OrderBy(record => record.At)
                .Take(max)];
        }, cancellation);

    public async ValueTask<IReadOnlyList<AuditSegment>> AuditSegmentsAsync(CancellationToken cancellation) =>
        await AllAsync(Heads.All(), row => Heads.Read(row).Segment, cancellation);

    public async ValueTask<IReadOnlyList<AuditLink>> ReadAuditAsync(AuditSegment segment, long after, int max, CancellationToken cancellation) =>
        await AllAsync(AuditRows.After(segment, after, max), _audit.Read, cancellation);

    public async ValueTask<int> EraseAuditAsync(string person, Func<int, AuditRecord> act, CancellationToken cancellation)
    {
        // All of them are opened and looked at before the turn: there is nothing in clear by which they could be found.
        var rows = (await FindPersonAsync(person, cancellation)).ToLookup(row => row.Segment);
        var erased = 0;
        await ChainedTransactAsync(async connection =>
        {
            erased = 0;
            foreach (var (_, segment) in (await connection.AllAsync(Heads.All(), Heads.Read, CancellationToken.None)).Where(head => rows.Contains(head.Row)))
            {
                var head = (await connection.FirstAsync(AuditHeads.Find(segment), Heads.Read, CancellationToken.None))!;
                var here = (await connection.RunAsync(rows[head.Row].Select(AuditRows.Erase))).Sum();
                await connection.RunAsync(Heads.Change(head, head.Segment with { Erased = head.Segment.Erased + here }));
                erased += (int)here;
            }
            await LinkAsync(connection, act(erased));
            return true;
        }, cancellation);
        return erased;
    }

    public ValueTask<bool> DropAuditAsync(AuditSegment segment, AuditRecord act, CancellationToken cancellation) => ChainedTransactAsync(async connection =>
    {
        if (await connection.FirstAsync(AuditHeads.Find(segment), Heads.Read, CancellationToken.None) is not { Segment.DroppedAt: null } head) return false;
        await connection.RunAsync(Heads.Change(head, head.Segment with { DroppedAt = _clock.GetUtcNow() }), AuditRows.DropPersons(head));
        await LinkAsync(connection, act);
        return true;
    }, cancellation);

    // --- Inside ---------------------------------------------------------------------------------

    /// <summary>A write whose batch carries the link of its record, where it has one; false where it stored nothing.</summary>
    /// <param name="write">Gets the statements of the link, by what they depend on.</param>
    private ValueTask<bool> ChainedAsync(
        AuditRecord? audit, Func<NpgsqlConnection, Func<Guard, IReadOnlyList<NpgsqlBatchCommand>>, Task<bool>> write, CancellationToken cancellation)
    {
        if (audit is null) return _db.WriteAsync(connection => write(connection, _ => []), cancellation);
        var blocks = SealedBlock.Of([audit], _payloads);
        return TurnAsync(() => _db.WriteAsync(async connection =>
        {
            await Heads.RefreshAsync(connection);
            return await write(connection, guard => Links(blocks, guard));
        }, cancellation), cancellation);
    }

    /// <summary>The same for a write of several steps; it appends by <see cref="LinkAsync"/>.</summary>
    private ValueTask<bool> ChainedTransactAsync(Func<NpgsqlConnection, Task<bool>> write, CancellationToken cancellation) =>
        TurnAsync(() => _db.TransactAsync(write, cancellation), cancellation);

    private async Task LinkAsync(NpgsqlConnection connection, AuditRecord record)
    {
        await Heads.RefreshAsync(connection);
        await connection.RunAsync(Links(SealedBlock.Of([record], _payloads), Guard.None));
    }

    /// <summary>The statements that append blocks, in one order on all nodes: who needs several heads waits for none who needs them the other way round.</summary>
    private List<NpgsqlBatchCommand> Links(IEnumerable<SealedBlock> blocks, Guard guard)
    {
        var statements = new List<NpgsqlBatchCommand>();
        foreach (var made in blocks.OrderBy(b => AuditHeads.NameOf(b.Block.Class), StringComparer.Ordinal))
        {
            var (move, moved) = Heads.Append(made.Block, _clock.GetUtcNow(), guard);
            statements.Add(move);
            statements.AddRange(AuditRows.Insert(made, moved, guard));
        }
        return statements;
    }

    /// <summary>
    /// Runs a write when it is its turn. Where somebody else has moved a head (another node has erased or dropped something of it, or another process
    /// works under this node's name) it is done again on what is there now: it stored nothing.
    /// </summary>
    private async ValueTask<bool> TurnAsync(Func<ValueTask<bool>> write, CancellationToken cancellation)
    {
        await SocketThread.LeaveAsync();
        if (!await _turn.WaitAsync(Database.LongestTurn, cancellation)) throw Outage.TooLong("writes before this one have not been answered.");
        try
        {
            for (var tries = 1; ; tries++)
            {
                try
                {
                    var stored = await write();
                    if (stored) Heads.Keep();
                    else Heads.Undo();
                    return stored;
                }
                catch (Exception error)
                {
                    Heads.Doubt();
                    if (error is not PostgresException moved || !AuditRows.IsHeadElsewhere(moved)) throw;
                    if (tries == Tries) throw Outage.TooLong("others append to the chains of this node all the time: two processes have one data directory.");
                    // Apart from who tries the same again.
                    await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(MostMilliseconds)), TimeProvider.System, CancellationToken.None);
                }
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<List<PersonRow>> FindPersonAsync(string person, CancellationToken cancellation)
    {
        var found = new List<PersonRow>();
        for (var after = default(PersonRow); ;)
        {
            var rows = await AllAsync(AuditRows.SomePersons(after, PersonBatch), row => _audit.ReadPerson(row, person), cancellation);
            found.AddRange(rows.Where(r => r.Is).Select(r => r.Row));
            if (rows.Count < PersonBatch) return found;
            after = rows[^1].Row;
        }
    }

    /// <summary>A few expired keys and dropped links at a time, by whichever node comes first; a full batch is followed by the next append's.</summary>
    private async ValueTask PurgeAsync(CancellationToken cancellation)
    {
        var now = _clock.GetUtcNow();
        if (now < _nextPurge) return;
        try
        {
            var purged = await _db.WriteAsync(connection => connection.RunAsync(_keys.Purge(PurgeBatch), _taken.Purge(PurgeBatch), QuotaRows.Purge(now, PurgeBatch), AuditRows.Purge(PurgeBatch)), cancellation);
            if (purged.All(rows => rows < PurgeBatch)) _nextPurge = now + PurgeEvery;
        }
        catch (StoreUnavailableException)
        {
            // What was appended is appended. The next one finds what is left.
        }
    }
}
