namespace Gateway.Pipeline.Backends;

/// <summary>A backend that is forwarded to and has several destinations, a canary or resilience: its requests are sent by a <see cref="Spread"/>.</summary>
internal sealed class SpreadBackend(Backend inner, Spread spread) : Backend(inner.Name)
{
    public override IReadOnlyDictionary<string, BackendOperation> Operations => inner.Operations;

    public override ForwardAddress? Forward { get; } = inner.Forward! with { Send = spread.SendAsync };

    public override Credential Credential => inner.Credential;

    public override InboundHook? Hook => inner.Hook;

    public override IReadOnlyList<CircuitReport> Circuits => spread.Circuits;

    public override ValueTask DisposeAsync() => inner.DisposeAsync();
}
