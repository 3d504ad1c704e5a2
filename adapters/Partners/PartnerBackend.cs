using Gateway.Adapters.Credentials;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Partners;

/// <summary>The endpoints of partners, opened for one Plan.</summary>
internal sealed partial class PartnerBackend : Backend
{
    private readonly Dictionary<string, Endpoint> _endpoints = new(StringComparer.Ordinal);
    private readonly ILoggerFactory _logs;
    private readonly ILogger _log;
    private readonly Outside _outside;

    public PartnerBackend(string name, PartnerOptions options, TimeProvider clock, ILoggerFactory logs, Outside outside)
        : base(name)
    {
        (Options, Clock, _log, _logs, _outside) = (options, clock, logs.CreateLogger("Gateway.Adapters.Partners"), logs, outside);
        Operations = new Dictionary<string, BackendOperation> { [DocumentSend.Description.Name] = new DocumentSend(this) };
    }

    public PartnerOptions Options { get; }

    public TimeProvider Clock { get; }

    public ILogger Log => _log;

    public override IReadOnlyDictionary<string, BackendOperation> Operations { get; }

    public override bool TakesEndpoints => true;

    public override bool AllowsInside => Options.AllowInside;

    public override IEnumerable<(string Name, Credential Credential)> Credentials => _endpoints.Select(e => ($"{e.Key}/{Name}", e.Value.Credential));

    public override IReadOnlyList<CircuitReport> Circuits => [.. _endpoints.Values.SelectMany(e => e.Attempts.Circuits)];

    public override void AddEndpoint(string partner, EndpointOptions endpoint)
    {
        // The credential is opened as any backend's is.
        var declared = Options with { Url = endpoint.Url, Credential = endpoint.Credential, Authorities = endpoint.Authorities };
        _endpoints[partner] = new Endpoint(this, partner, endpoint, SignIn.Open(Name, declared, Clock, _outside, _logs), _outside,
            position => LogCircuit(Name, partner, position));
    }

    /// <summary>Where a partner's documents go; null for one without an endpoint here.</summary>
    public Endpoint? Find(string partner) => _endpoints.GetValueOrDefault(partner);

    public override async ValueTask DisposeAsync()
    {
        foreach (var endpoint in _endpoints.Values) await endpoint.DisposeAsync();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Circuit of backend {Backend}, partner {Partner}, is {Position}")]
    private partial void LogCircuit(string backend, string partner, CircuitPosition position);
}
