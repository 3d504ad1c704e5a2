using Gateway.Adapters.Credentials;
using Gateway.Adapters.Odoo.Changes;
using Gateway.Adapters.Odoo.Fields;
using Gateway.Adapters.Odoo.Wire;
using Gateway.Adapters.Resilience;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Odoo;

/// <summary>One Odoo database, opened for one Plan: connections, circuit, what is known of its master data, and the operations.</summary>
internal sealed partial class OdooBackend : Backend
{
    private readonly ILogger _log;

    public OdooBackend(string name, OdooOptions options, TimeProvider clock, ILoggerFactory logs, Outside outside)
        : base(name)
    {
        _log = logs.CreateLogger("Gateway.Adapters.Odoo");
        (Options, Clock, Log, Master) = (options, clock, _log, new MasterData(clock));
        Credential = SignIn.Open(name, options, clock, outside, logs);
        Client = new OdooClient(name, options, Credential, outside, clock);
        Attempts = new Attempts<OdooReply>(name, options.Resilience ?? new ResilienceOptions(), clock, position => LogCircuit(Name, position));
        Operations = OdooAdapter.Bind(this);
        Changes = options.Changes is { } watched ? new OdooChanges(this, watched) : null;
    }

    public OdooOptions Options { get; }

    public TimeProvider Clock { get; }

    public ILogger Log { get; }

    public OdooClient Client { get; }

    public Attempts<OdooReply> Attempts { get; }

    public Discovery Discovery { get; } = new();

    public override Credential Credential { get; }

    public override IReadOnlyList<CircuitReport> Circuits => Attempts.Circuits;

    public MasterData Master { get; }

    public RecordTurns Turns { get; } = new();

    public override IReadOnlyDictionary<string, BackendOperation> Operations { get; }

    public override ChangeSource? Changes { get; }

    public override BackendFindings? Findings => Discovery.Findings;

    /// <summary>Version and fields, asked for as the backend's own company.</summary>
    public override async ValueTask<string?> ExamineAsync(CancellationToken cancellation)
    {
        using var deadline = new Deadline(new OperationCall(default, new Partner(Name, Name)), Options.Timeout, Clock, cancellation);
        var failure = await Discovery.ExamineAsync(new OdooSession(this, [Options.Company], null, null, deadline));
        return failure is null ? null : failure.Reason ?? failure.Detail;
    }

    public override ValueTask DisposeAsync()
    {
        Client.Dispose();
        return Credential.DisposeAsync();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Circuit of backend {Backend} is {Position}")]
    private partial void LogCircuit(string backend, CircuitPosition position);
}
