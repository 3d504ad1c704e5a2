using System.Collections.Frozen;

namespace Gateway;

/// <summary>Where and how forwarded requests are sent, and what of their callers the backend gets.</summary>
/// <param name="Url">Where the backend is, or the first of its destinations.</param>
/// <param name="Timeout">The longest silence of the backend within one request.</param>
/// <param name="Caller">In which headers it is told who called.</param>
/// <param name="PassHeaders">Credentials of callers that are none of the gateway's business there.</param>
public sealed record ForwardAddress(Uri Url, TimeSpan Timeout, ForwardedForm Caller, IReadOnlyList<string> PassHeaders)
{
    /// <summary>Name of the destination that <see cref="Url"/> is.</summary>
    public const string Main = "main";

    /// <summary>Name of the destination that <see cref="Canary"/> is.</summary>
    public const string CanaryName = "canary";

    /// <summary>All destinations by name but the canary, the first is <see cref="Main"/>.</summary>
    public IReadOnlyDictionary<string, DestinationOptions> Destinations { get; init; } = new Dictionary<string, DestinationOptions> { [Main] = new() { Url = Url } };

    public Balance Balance { get; init; }

    public Affinity Affinity { get; init; }

    public HealthOptions? Health { get; init; }

    public CanaryOptions? Canary { get; init; }

    public BackendProtocol Protocol { get; init; }

    public ConnectionOptions Connections { get; init; } = new();

    /// <summary>Null where a request is sent once, and whatever came of the one before.</summary>
    public ResilienceOptions? Resilience { get; init; }

    /// <summary>How a request is sent where somebody chooses among destinations or attempts; null where it just is.</summary>
    public Func<Exchange, ValueTask>? Send { get; init; }

    /// <summary>Hosts and ports of all destinations: what is inside of the gateway.</summary>
    public FrozenSet<string> Authorities => field ??= Destinations.Values.Select(d => d.Url).Concat(Canary is null ? [] : [Canary.Url]).Select(u => u.Authority).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether somebody has to choose among destinations, or whether and how often to send.</summary>
    public bool Chooses => Destinations.Count > 1 || Canary is not null || Resilience is not null;
}
