using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Flows that run. Each write is one batch, so nobody waits for a node that holds locks and stands still.</summary>
public sealed partial class PostgresqlStore
{
    public async ValueTask<bool> HearAsync(FlowHearing heard, CancellationToken cancellation)
    {
        var starts = SealedFlow.Of(heard, _payloads).Zip(heard.Starts, (start, move) => (Flow: start, Move: move, By: NewWrite())).ToList();
        var by = NewWrite();
        var moved = Guard.Moved(heard.Reader, by);
        var (did, appended) = await _db.WriteAsync(async connection =>
        {
            List<NpgsqlBatchCommand> batch = [EventRows.MoveCursor(heard.Reader, heard.From.Version, heard.To, by)];
            if (starts.Count + heard.Signals.Count > 0) batch.Add(FlowSignalRows.Alone());
            foreach (var (start, move, begins) in starts)
            {
                var begun = Guard.Saved(start.Instance, begins);
                batch.AddRange([_flows.Begin(start, begins, moved), .. _flowSignals.Add(start, begun), .. FlowFigureRows.Add(move, begun, _clock.GetUtcNow())]);
            }
            if (heard.Signals.Count > 0) batch.Add(_flowSignals.Keep(heard.Signals, moved));
            var events = starts.SelectMany(start => Append(start.Flow, Guard.Saved(start.Flow.Instance, start.By))).ToList();
            return ((await connection.RunAsync([.. batch, .. events]))[0] > 0, Appended(events));
        }, cancellation);
        if (did && appended > 0) Appended(appended);
        return did;
    }

    public async ValueTask<FlowInstance?> SaveFlowAsync(FlowMove step, CancellationToken cancellation)
    {
        var flow = SealedFlow.Of(step, _payloads);
        var by = NewWrite();
        var guard = Guard.Saved(step.Instance, by);
        var appended = 0;
        var saved = await ChainedAsync(step.Audit, async (connection, links) =>
        {
            var save = step.Instance.Version == 0 ? _flows.Begin(flow, by, Guard.None) : _flows.Save(flow, by);
            var events = Append(flow, guard).ToList();
            List<NpgsqlBatchCommand> batch = step.Refs.Count > 0 ? [FlowSignalRows.Beside()] : [];
            await connection.RunAsync([.. batch, save, .. _flowSignals.Add(flow, guard), .. FlowFigureRows.Add(step, guard, _clock.GetUtcNow()), .. links(guard), .. events]);
            appended = Appended(events);
            return save.RecordsAffected > 0;
        }, cancellation);
        if (saved && appended > 0) Appended(appended);
        return saved ? step.Instance with { Version = step.Instance.Version + 1 } : null;
    }

    /// <remarks>Every node lives for all that anybody can tell, so <paramref name="owner"/> says nothing here.</remarks>
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<FlowInstance>> DueFlowsAsync(DateTimeOffset now, string owner, IReadOnlyList<int>? shards, int max, CancellationToken cancellation) =>
        await AllAsync(_flows.Due(now, shards, max), _flows.Read, cancellation);

    public ValueTask<DateTimeOffset?> NextFlowAsync(IReadOnlyList<int>? shards, CancellationToken cancellation) => FirstAsync(_flows.Next(shards), _flows.ReadNext, cancellation);

    public async ValueTask<IReadOnlyList<FlowInstance>> FlowsWaitingForAsync(string backend, IReadOnlyList<int>? shards, int max, CancellationToken cancellation) =>
        await AllAsync(_flows.Waiting(backend, shards, max), _flows.Read, cancellation);

    public ValueTask<FlowInstance?> FindFlowAsync(string id, CancellationToken cancellation) => FirstAsync(_flows.Find(id), _flows.Read, cancellation);

    public async ValueTask<IReadOnlyList<FlowEntry>> FlowJournalAsync(string id, CancellationToken cancellation) =>
        await AllAsync(FlowSignalRows.Journal(id), _flowSignals.ReadEntry, cancellation);

    public async ValueTask<IReadOnlyList<FlowSignal>> FlowSignalsAsync(string tenant, string type, string kind, string value, int max, CancellationToken cancellation) =>
        await AllAsync(FlowSignalRows.Of(tenant, type, kind, value, max), row => new FlowSignal(tenant, type, kind, value, row.GetInt64(0)), cancellation);

    public async ValueTask<IReadOnlyList<FlowInstance>> FlowsAsync(FlowFilter filter, int max, CancellationToken cancellation) =>
        await AllAsync(_flows.List(filter, max), _flows.ReadPlain, cancellation);

    public async ValueTask<IReadOnlyList<FlowCount>> FlowCountsAsync(CancellationToken cancellation) =>
        await AllAsync(FlowRows.Counts(_clock.GetUtcNow()), FlowRows.ReadCount, cancellation);

    public async ValueTask<IReadOnlyList<(string Flow, string Revision)>> FlowRevisionsAsync(CancellationToken cancellation) =>
        await AllAsync(FlowRows.Revisions(), row => (row.GetString(0), row.GetString(1)), cancellation);

    public async ValueTask<IReadOnlyList<FigureSum>> FlowFiguresAsync(DateTimeOffset since, CancellationToken cancellation) =>
        await AllAsync(FlowFigureRows.Sums(since), FlowFigureRows.ReadSum, cancellation);

    public async ValueTask<IReadOnlyList<FlowHour>> FlowHoursAsync(DateTimeOffset since, CancellationToken cancellation) =>
        await AllAsync(FlowFigureRows.Hours(since), FlowFigureRows.ReadHour, cancellation);

    public async ValueTask ForgetHoursAsync(DateTimeOffset before, CancellationToken cancellation) => await RunAsync([FlowFigureRows.Forget(before)], cancellation);

    public async ValueTask KeepDefinitionAsync(FlowDefinition definition, CancellationToken cancellation) => await RunAsync([FlowRows.Keep(definition)], cancellation);

    public ValueTask<FlowDefinition?> FindDefinitionAsync(string flow, string revision, CancellationToken cancellation) =>
        FirstAsync(FlowRows.Definition(flow, revision), FlowRows.ReadDefinition, cancellation);

    public async ValueTask<int> ForgetSignalsAsync(long upTo, int max, CancellationToken cancellation)
    {
        // Looked for before anybody is kept waiting: there may be many that somebody waits for.
        var spent = await AllAsync(FlowSignalRows.Spent(upTo, max), FlowSignalRows.ReadSpent, cancellation);
        if (spent.Count == 0) return 0;
        var forget = FlowSignalRows.Forget(spent);
        await RunAsync([FlowSignalRows.Alone(), forget], cancellation);
        return (int)forget.RecordsAffected;
    }

    /// <summary>The last statements of a batch: from the first of them to the commit nobody else appends.</summary>
    private IEnumerable<NpgsqlBatchCommand> Append(SealedFlow flow, Guard guard) =>
        flow.Step.Events.Zip(flow.Events).SelectMany(e => EventRows.AppendOnce(e.First, e.Second, _clock.GetUtcNow(), guard));

    /// <summary>How many were appended by statements that ran: of each two, the second says it.</summary>
    private static int Appended(List<NpgsqlBatchCommand> events) => (int)events.Where((_, n) => n % 2 == 1).Sum(insert => (long)insert.RecordsAffected);
}
