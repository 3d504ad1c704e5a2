namespace Gateway.Pipeline.Backends;

/// <summary>What watches a backend that takes only so much: its calls have a turn of their own at the gate, and wait as long as it takes, for nobody waits for them.</summary>
internal sealed class GatedChanges(ChangeSource inner, BackendGate gate, TimeProvider clock) : ChangeSource
{
    /// <summary>In the place of a partner: no partner has such a name.</summary>
    private const string Turn = "(changes)";

    public override ChangesOptions Options => inner.Options;

    public override IReadOnlyList<ChangeKind> Kinds => inner.Kinds;

    public override ValueTask<Asked<IReadOnlyList<DatedRecord>>> ListAsync(ChangeKind kind, IReadOnlyList<Partner> partners, ChangeQuery query, CancellationToken cancellation) =>
        RunAsync(() => inner.ListAsync(kind, partners, query, cancellation), 1, cancellation);

    public override ValueTask<Asked<DateTimeOffset?>> LatestAsync(ChangeKind kind, IReadOnlyList<Partner> partners, CancellationToken cancellation) =>
        RunAsync(() => inner.LatestAsync(kind, partners, cancellation), 1, cancellation);

    public override ValueTask<Asked<IReadOnlyList<RecordHead>>> HeadsAsync(ChangeKind kind, IReadOnlyList<Partner> partners, IReadOnlyList<int> ids, CancellationToken cancellation) =>
        RunAsync(() => inner.HeadsAsync(kind, partners, ids, cancellation), 4, cancellation);

    public override ValueTask<Asked<IReadOnlyList<ChangedRecord>>> ReadAsync(ChangeKind kind, IReadOnlyList<Partner> partners, IReadOnlyList<int> ids, CancellationToken cancellation) =>
        RunAsync(() => inner.ReadAsync(kind, partners, ids, cancellation), kind.Cost, cancellation);

    public override IEnumerable<(ChangeKind Kind, KnownRecord Record)> Left(OperationDescriptor operation, OperationResult result) => inner.Left(operation, result);

    public override Hint? ReadHint(System.Text.Json.JsonElement body) => inner.ReadHint(body);

    private async ValueTask<Asked<T>> RunAsync<T>(Func<ValueTask<Asked<T>>> ask, int calls, CancellationToken cancellation)
    {
        while (await gate.EnterAsync(Turn, calls, goesFirst: false, cancellation) is { } again) await Task.Delay(again, clock, cancellation);
        try
        {
            var asked = await ask();
            if (asked.Failure is { BackendIsBusy: true, RetryAfter: { } pause }) gate.Close(pause);
            return asked;
        }
        finally
        {
            gate.Leave();
        }
    }
}
