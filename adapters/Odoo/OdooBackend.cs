using Gateway.Adapters.Credentials;
using Gateway.Adapters.Odoo.Wire;
using Microsoft.Extensions.Logging;
using Polly.CircuitBreaker;

namespace Gateway.Adapters.Odoo;

/// <summary>One Odoo database, opened for one Plan: connections, circuit, what is known of its master data, and the operations.</summary>
internal sealed partial class OdooBackend : Backend
{
    private readonly ILogger _log;

    public OdooBackend(string name, OdooOptions options, TimeProvider clock, ILoggerFactory logs, Outside outside)
        : base(name)
    {
        _log = logs.CreateLogger("Gateway.Adapters.Odoo");
        (Options, Clock, Log) = (options, clock, _log);
        Credential = SignIn.Open(name, options, clock, outside, logs);
        Client = new OdooClient(name, options, Credential, outside, clock);
        Resilience = new Resilience(name, options, clock, state => LogCircuit(Name, state));
        Operations = OdooAdapter.Bind(this);
    }

    public OdooOptions Options { get; }

    public TimeProvider Clock { get; }

    public ILogger Log { get; }

    public OdooClient Client { get; }

    public Resilience Resilience { get; }

    public override Credential Credential { get; }

    public MasterData Master { get; } = new();

    public Turns Turns { get; } = new();

    public override IReadOnlyDictionary<string, BackendOperation> Operations { get; }

    public override ValueTask DisposeAsync()
    {
        Client.Dispose();
        return Credential.DisposeAsync();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Circuit of backend {Backend} is {State}")]
    private partial void LogCircuit(string backend, CircuitState state);
}
