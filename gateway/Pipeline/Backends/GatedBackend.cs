namespace Gateway.Pipeline.Backends;

/// <summary>A backend that takes only so much: its operations wait at its gate before they call, and its forwarded requests do (<see cref="GatedForward"/>).</summary>
internal sealed class GatedBackend(Backend inner, Gates gates, TimeProvider clock) : Backend(inner.Name)
{
    public Gates Gates => gates;

    /// <summary>
    /// Whether a forwarded answer that asks to be left alone closes the gate. Not where nobody declared limits: it may be about one caller, whom the backend is
    /// told of, and not about the gateway.
    /// </summary>
    public bool HeedsForwarded { get; init; }

    public override IReadOnlyDictionary<string, BackendOperation> Operations { get; } =
        inner.Operations.ToDictionary(o => o.Key, BackendOperation (o) => new GatedOperation(o.Value, gates, clock), StringComparer.Ordinal);

    public override ForwardAddress? Forward => inner.Forward;

    public override Credential Credential => inner.Credential;

    public override IEnumerable<(string Name, Credential Credential)> Credentials => inner.Credentials;

    public override IReadOnlyList<CircuitReport> Circuits => inner.Circuits;

    public override InboundHook? Hook => inner.Hook;

    public override ChangeSource? Changes { get; } = inner.Changes is { } watched && gates.One is { } gate ? new GatedChanges(watched, gate, clock) : inner.Changes;

    public override bool TakesEndpoints => inner.TakesEndpoints;

    public override bool AllowsInside => inner.AllowsInside;

    public override BackendFindings? Findings => inner.Findings;

    public override ValueTask<string?> ExamineAsync(CancellationToken cancellation) => inner.ExamineAsync(cancellation);

    public override ValueTask DisposeAsync() => inner.DisposeAsync();
}

/// <summary>An operation behind a gate. Who is not let through has sent nothing. A read-back settles what was begun, so it goes first.</summary>
internal sealed class GatedOperation(BackendOperation inner, Gates gates, TimeProvider clock) : BackendOperation
{
    public override string Backend => inner.Backend;

    public override OperationDescriptor Descriptor => inner.Descriptor;

    public override string? WrongReference(string reference) => inner.WrongReference(reference);

    public override string? RecordOf(ReadOnlyMemory<byte> input) => inner.RecordOf(input);

    public override ValueTask<OperationResult> CallAsync(OperationCall call, CancellationToken cancellation) =>
        call.HasTurn ? PassAsync(inner.CallAsync, call, gates.For(call.Partner.Name), cancellation) : RunAsync(inner.CallAsync, call, call.GoesFirst, Descriptor.Cost, cancellation);

    public override ValueTask<OperationResult> ReadBackAsync(OperationCall call, CancellationToken cancellation) =>
        RunAsync(inner.ReadBackAsync, call, goesFirst: true, calls: 1, cancellation);

    private async ValueTask<OperationResult> RunAsync(
        Func<OperationCall, CancellationToken, ValueTask<OperationResult>> run, OperationCall call, bool goesFirst, int calls, CancellationToken cancellation)
    {
        if (gates.For(call.Partner.Name) is not { } gate) return await run(call, cancellation);
        if (await EnterAsync(gate, call, goesFirst, calls, cancellation) is { } again) return Refused(again);
        try
        {
            return await PassAsync(run, call, gate, cancellation);
        }
        finally
        {
            gate.Leave();
        }
    }

    private static async ValueTask<OperationResult> PassAsync(
        Func<OperationCall, CancellationToken, ValueTask<OperationResult>> run, OperationCall call, BackendGate? gate, CancellationToken cancellation)
    {
        var result = await run(call, cancellation);
        if (result is { BackendIsBusy: true, RetryAfter: { } pause }) gate?.Close(pause);
        return result;
    }

    /// <summary>
    /// Who is let through must have time for the call: half of what there is goes for waiting at most. At more load than the backend takes, the line would be
    /// as long as everybody's time otherwise, and nobody would be served. Whose time runs out in the line has sent nothing, and nobody has to ask what
    /// became of it.
    /// </summary>
    private async ValueTask<TimeSpan?> EnterAsync(BackendGate gate, OperationCall call, bool goesFirst, int calls, CancellationToken cancellation)
    {
        try
        {
            var patience = call.Deadline is { } deadline && (deadline - clock.GetUtcNow()) / 2 is var half && half < gate.Limits.Wait ? half : gate.Limits.Wait;
            return await gate.EnterAsync(call.Partner.Name, calls, goesFirst, cancellation, patience > TimeSpan.Zero ? patience : TimeSpan.Zero);
        }
        catch (OperationCanceledException) when (Descriptor.Effect == Effect.Changes)
        {
            return gate.Closed ?? TimeSpan.FromSeconds(1);
        }
    }

    private static OperationResult Refused(TimeSpan again) => new(OperationStatus.NotSent)
    {
        Detail = GatedForward.Busy,
        Reason = GatedForward.Reason,
        RetryAfter = again,
        BackendIsAway = true,
    };
}
