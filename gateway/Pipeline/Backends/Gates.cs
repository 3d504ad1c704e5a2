namespace Gateway.Pipeline.Backends;

/// <summary>
/// The gates before a backend: one; or where each partner has an endpoint of its own, one for each of these, so that an endpoint that hangs, or asks to be
/// left alone, holds nobody else's calls up.
/// </summary>
internal sealed class Gates
{
    private readonly BackendGate? _one;
    private readonly Dictionary<string, BackendGate> _endpoints;

    private Gates(BackendLimits limits, BackendGate? one, Dictionary<string, BackendGate> endpoints) => (Limits, _one, _endpoints) = (limits, one, endpoints);

    /// <summary>Of the backend; where there are endpoints, of each of them.</summary>
    public BackendLimits Limits { get; }

    /// <summary>The gate that all calls stand at; null where each endpoint has its own.</summary>
    public BackendGate? One => _one;

    /// <summary>Those of the endpoints, by partner; empty where there is one gate for all.</summary>
    public IReadOnlyDictionary<string, BackendGate> Endpoints => _endpoints;

    public static Gates Of(BackendGate gate) => new(gate.Limits, gate, []);

    /// <param name="partners">Those that have an endpoint.</param>
    public static Gates OfEndpoints(BackendLimits limits, IEnumerable<string> partners, Func<string, BackendGate> open) =>
        new(limits, null, partners.ToDictionary(partner => partner, open, StringComparer.Ordinal));

    /// <summary>Where calls for a partner stand; null where it has no endpoint, and so nothing is sent.</summary>
    /// <param name="partner">Null where nobody's endpoint is meant.</param>
    public BackendGate? For(string? partner) => _one ?? (partner is null ? null : _endpoints.GetValueOrDefault(partner));
}
