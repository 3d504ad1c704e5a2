using System.Diagnostics.Metrics;

namespace Gateway.Pipeline;

/// <summary>The gateway's own numbers; names and units by OpenTelemetry's conventions.</summary>
public sealed class Telemetry : IDisposable
{
    public const string MeterName = "Gateway";

    /// <summary>Sources of spans and numbers in all rooms.</summary>
    public static readonly string[] Sources = [MeterName, "Gateway.Adapters", "Gateway.Delivery", "Gateway.Policies"];

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _requests;
    private readonly Counter<long> _reloads;
    private readonly Counter<long> _violations;
    private bool _refused;

    public Telemetry()
    {
        _requests = _meter.CreateHistogram<double>("gateway.request.duration", "s", "Governed calls by route and outcome.");
        _violations = _meter.CreateCounter<long>("gateway.contract.violations", "{violation}", "Requests, answers and events that broke a contract, by contract, part and mode.");
        _reloads = _meter.CreateCounter<long>("gateway.reloads", "{reload}", "Attempts to take over a changed workspace, by result.");
        _meter.CreateObservableGauge("gateway.workspace.refused", () => Volatile.Read(ref _refused) ? 1 : 0, null, "1 while the workspace as it stands was refused, so that an older one runs.");
    }

    public void Answered(AuditRecord record, TimeSpan took) => _requests.Record(
        took.TotalSeconds,
        new("gateway.route", record.Route),
        new("gateway.outcome", record.Outcome));

    public void Violated(string route, Violation violation) => _violations.Add(
        1,
        new("gateway.route", route),
        new("gateway.contract", violation.Contract),
        new("gateway.part", violation.Part),
        new("gateway.mode", violation.Enforced ? "enforce" : "report"));

    public void Reloaded(bool taken)
    {
        Volatile.Write(ref _refused, !taken);
        _reloads.Add(1, new KeyValuePair<string, object?>("gateway.result", taken ? "taken" : "refused"));
    }

    public void Dispose() => _meter.Dispose();
}
