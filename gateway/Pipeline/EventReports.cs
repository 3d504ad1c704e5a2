namespace Gateway.Pipeline;

/// <summary>Tells operators of events that break the contract of the catalogue. They are told to partners all the same: what they say has happened.</summary>
public sealed partial class EventReports(Telemetry telemetry, ILogger<EventReports> log)
{
    /// <param name="by">What made them: a route, a feed, a notice.</param>
    public void Look(EventTypes catalogue, IEnumerable<NewEvent> told, string by)
    {
        foreach (var happened in told)
            if (catalogue.ViolationOf(happened) is { } violation) Tell(violation, by, happened.CorrelationId);
    }

    /// <summary>What an exchange without a caller has found.</summary>
    public void Tell(Exchange exchange)
    {
        foreach (var violation in exchange.Violations ?? [])
            if (violation.Part == "event") Tell(violation, exchange.Route.Name, exchange.CorrelationId);
    }

    private void Tell(Violation violation, string by, string? correlationId)
    {
        telemetry.Violated(by, violation);
        LogBroken(by, violation.Contract, string.Join("; ", violation.Findings.Select(f => $"{f.Pointer} {f.Detail}")), correlationId ?? "-");
    }

    [LoggerMessage(1, LogLevel.Warning, "An event of {By} breaks contract {Contract}, and is told all the same: {Findings} [{CorrelationId}]")]
    private partial void LogBroken(string by, string contract, string findings, string correlationId);
}
