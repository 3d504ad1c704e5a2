using Gateway.Adapters.Credentials;
using Gateway.Adapters.Resilience;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Rest;

/// <summary>A system that is spoken to over REST, opened for one Plan: connections, circuit, and the operations.</summary>
internal sealed partial class RestBackend : Backend
{
    private readonly ILogger _log;

    /// <param name="dialect">How its API words its errors.</param>
    /// <param name="table">Its operations, and how each is bound.</param>
    /// <param name="hook">Made of its declaration, where it has one, and of what the backend can be asked with.</param>
    public RestBackend(
        string name, RestOptions options, RestDialect dialect, IEnumerable<RestBinding> table, Func<HookOptions, RestClient, InboundHook> hook, RestSurroundings around)
        : base(name)
    {
        _log = around.Logs.CreateLogger("Gateway.Adapters.Rest");
        (Options, Dialect, Clock, Log) = (options, dialect, around.Clock, _log);
        Credential = SignIn.Open(name, options, around.Clock, around.Outside, around.Logs);
        Client = new RestClient(name, options, dialect, Credential, around.Outside, around.Clock);
        Attempts = new Attempts<RestReply>(name, options.Resilience ?? new ResilienceOptions(), around.Clock, position => LogCircuit(Name, position));
        Operations = table.ToDictionary(row => row.Descriptor.Name, BackendOperation (row) => new RestOperation(this, row), StringComparer.Ordinal);
        Hook = options.Webhooks is { } declared ? hook(declared, Client) : null;
    }

    public RestOptions Options { get; }

    public RestDialect Dialect { get; }

    public TimeProvider Clock { get; }

    public ILogger Log { get; }

    public RestClient Client { get; }

    public Attempts<RestReply> Attempts { get; }

    public override Credential Credential { get; }

    public override IReadOnlyList<CircuitReport> Circuits => Attempts.Circuits;

    public override InboundHook? Hook { get; }

    public override IReadOnlyDictionary<string, BackendOperation> Operations { get; }

    public override ValueTask DisposeAsync()
    {
        Client.Dispose();
        return Credential.DisposeAsync();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Circuit of backend {Backend} is {Position}")]
    private partial void LogCircuit(string backend, CircuitPosition position);
}

/// <summary>What a backend is opened in.</summary>
internal sealed record RestSurroundings(TimeProvider Clock, Outside Outside, ILoggerFactory Logs);
