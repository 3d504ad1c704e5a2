namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Flows that run.</summary>
public sealed partial class SqliteStore
{
    private FlowRows Flows => field ??= new FlowRows(_payloads);

    private FlowSignalRows FlowSignals => field ??= new FlowSignalRows(_payloads);

    public async ValueTask<bool> HearAsync(FlowHearing heard, CancellationToken cancellation)
    {
        var starts = SealedFlow.Of(heard, _payloads);
        var appended = 0;
        var moved = await WriteAsync(db =>
        {
            if (!EventRows.MoveCursor(db, heard.Reader, heard.From.Version, heard.To)) return false;
            var now = _clock.GetUtcNow();
            foreach (var start in starts)
            {
                if (FlowRows.Begin(db, start)) appended += Add(db, start, now);
            }
            var woken = new HashSet<string>();
            foreach (var signal in heard.Signals)
            {
                if (FlowSignalRows.Keep(db, signal)) woken.UnionWith(FlowSignalRows.For(db, signal));
            }
            foreach (var id in woken) FlowRows.Wake(db, id, now);
            return true;
        }, cancellation);
        if (moved && appended > 0) Appended(appended);
        return moved;
    }

    public async ValueTask<FlowInstance?> SaveFlowAsync(FlowMove step, CancellationToken cancellation)
    {
        var flow = SealedFlow.Of(step, _payloads);
        var appended = 0;
        var saved = await WriteAsync(db =>
        {
            var now = _clock.GetUtcNow();
            if (!(step.Instance.Version == 0 ? FlowRows.Begin(db, flow) : FlowRows.Save(db, flow, now))) return false;
            appended = Add(db, flow, now);
            Audit.Append(db, step.Audit);
            return true;
        }, cancellation);
        if (saved && appended > 0) Appended(appended);
        return saved ? step.Instance with { Version = step.Instance.Version + 1 } : null;
    }

    public async ValueTask<IReadOnlyList<FlowInstance>> DueFlowsAsync(DateTimeOffset now, string owner, IReadOnlyList<int>? shards, int max, CancellationToken cancellation) =>
        await ReadAsync(db => Flows.Due(db, now, _clock.GetUtcNow(), owner, shards, max), cancellation);

    public ValueTask<DateTimeOffset?> NextFlowAsync(IReadOnlyList<int>? shards, CancellationToken cancellation) => ReadAsync(db => FlowRows.Next(db, shards), cancellation);

    public async ValueTask<IReadOnlyList<FlowInstance>> FlowsWaitingForAsync(string backend, IReadOnlyList<int>? shards, int max, CancellationToken cancellation) =>
        await ReadAsync(db => Flows.Waiting(db, backend, shards, max), cancellation);

    public ValueTask<FlowInstance?> FindFlowAsync(string id, CancellationToken cancellation) => ReadAsync(db => Flows.Find(db, id), cancellation);

    public async ValueTask<IReadOnlyList<FlowEntry>> FlowJournalAsync(string id, CancellationToken cancellation) => await ReadAsync(db => FlowSignals.Journal(db, id), cancellation);

    public async ValueTask<IReadOnlyList<FlowSignal>> FlowSignalsAsync(string tenant, string type, string kind, string value, int max, CancellationToken cancellation) =>
        await ReadAsync(db => FlowSignalRows.Of(db, tenant, type, kind, value, max), cancellation);

    public async ValueTask<IReadOnlyList<FlowInstance>> FlowsAsync(FlowFilter filter, int max, CancellationToken cancellation) =>
        await ReadAsync(db => FlowRows.List(db, filter, max), cancellation);

    public async ValueTask<IReadOnlyList<FlowCount>> FlowCountsAsync(CancellationToken cancellation) => await ReadAsync(db => FlowRows.Counts(db, _clock.GetUtcNow()), cancellation);

    public async ValueTask<IReadOnlyList<(string Flow, string Revision)>> FlowRevisionsAsync(CancellationToken cancellation) => await ReadAsync(FlowRows.Revisions, cancellation);

    public async ValueTask<IReadOnlyList<FigureSum>> FlowFiguresAsync(DateTimeOffset since, CancellationToken cancellation) =>
        await ReadAsync(db => FlowFigureRows.Sums(db, since), cancellation);

    public async ValueTask<IReadOnlyList<FlowHour>> FlowHoursAsync(DateTimeOffset since, CancellationToken cancellation) => await ReadAsync(db => FlowFigureRows.Hours(db, since), cancellation);

    public async ValueTask ForgetHoursAsync(DateTimeOffset before, CancellationToken cancellation) => await WriteAsync(db => FlowFigureRows.Forget(db, before), cancellation);

    public async ValueTask KeepDefinitionAsync(FlowDefinition definition, CancellationToken cancellation) => await WriteAsync(db =>
    {
        FlowRows.Keep(db, definition);
        return true;
    }, cancellation);

    public ValueTask<FlowDefinition?> FindDefinitionAsync(string flow, string revision, CancellationToken cancellation) =>
        ReadAsync(db => FlowRows.Definition(db, flow, revision), cancellation);

    public async ValueTask<int> ForgetSignalsAsync(long upTo, int max, CancellationToken cancellation)
    {
        // Looked for beside the writer: there may be many that somebody waits for.
        var spent = await ReadAsync(db => FlowSignalRows.Spent(db, upTo, max), cancellation);
        return spent.Count == 0 ? 0 : await WriteAsync(db => FlowSignalRows.Forget(db, spent), cancellation);
    }

    /// <summary>Stores what comes with an instance that was stored; how many events were appended.</summary>
    private static int Add(Session db, SealedFlow flow, DateTimeOffset now)
    {
        if (FlowSignalRows.Add(db, flow)) FlowRows.Wake(db, flow.Instance.Id, now);
        FlowFigureRows.Add(db, flow.Step, now);
        return flow.Step.Events.Zip(flow.Events).Count(e => EventRows.AppendOnce(db, e.First, e.Second, now));
    }
}
