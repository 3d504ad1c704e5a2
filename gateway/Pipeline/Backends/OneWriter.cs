using Gateway.Adapters.Resilience;

namespace Gateway.Pipeline.Backends;

/// <summary>A changing operation that waits for its record's turn. Its read-back changes nothing and does not wait.</summary>
internal sealed class OneWriter(BackendOperation inner, RecordTurns turns) : BackendOperation
{
    public override string Backend => inner.Backend;

    public override OperationDescriptor Descriptor => inner.Descriptor;

    public override string? WrongReference(string reference) => inner.WrongReference(reference);

    public override string? RecordOf(ReadOnlyMemory<byte> input) => inner.RecordOf(input);

    public override ValueTask<OperationResult> ReadBackAsync(OperationCall call, CancellationToken cancellation) => inner.ReadBackAsync(call, cancellation);

    public override async ValueTask<OperationResult> CallAsync(OperationCall call, CancellationToken cancellation)
    {
        if ((call.Reference ?? call.ExternalId) is not { } record) return await inner.CallAsync(call, cancellation);
        IDisposable turn;
        try
        {
            turn = await turns.EnterAsync(record, cancellation);
        }
        catch (OperationCanceledException)
        {
            return new OperationResult(OperationStatus.NotSent) { Reason = "record-busy", RetryAfter = TimeSpan.FromSeconds(1) };
        }
        using (turn) return await inner.CallAsync(call, cancellation);
    }
}
