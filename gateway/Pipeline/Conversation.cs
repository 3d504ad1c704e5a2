using System.Diagnostics;

namespace Gateway.Pipeline;

/// <summary>One request from its first byte to its audit record: makes the exchange, runs the route's road, writes the answer.</summary>
public sealed partial class Conversation(IStore store, TimeProvider clock, Recovery recovery, IssuedKeys keys, SharedLimits shared, NearAnswers near, AuditTrail audit, Telemetry telemetry, ILogger<Conversation> log, PassFlow? flows = null)
{
    private readonly Surroundings _around = new(store, clock, recovery.SettleAsync, keys) { Shared = shared, Near = near, Flows = flows };

    /// <summary>A request that calls an operation reads the store, contracts and mappings: it leaves the socket's thread.</summary>
    public Task RunOperationAsync(HttpContext http, PlanRoute route) => LeaveAndRunAsync(http, route, forward: null);

    /// <summary>A forwarded request stays on the socket's thread, unless its route looks at the body or at the answer.</summary>
    public Task RunForwardedAsync(HttpContext http, PlanRoute route, RequestDelegate forward) =>
        route.ReadsBytes || route.ReadsBody || route.ReadsAnswer ? LeaveAndRunAsync(http, route, forward) : RunAsync(http, route, forward);

    private async Task LeaveAndRunAsync(HttpContext http, PlanRoute route, RequestDelegate? forward)
    {
        await SocketThread.LeaveAsync();
        await RunAsync(http, route, forward);
    }

    private async Task RunAsync(HttpContext http, PlanRoute route, RequestDelegate? forward)
    {
        var exchange = new Exchange(http, route, _around, CorrelationId.Of(http)) { Forward = forward };
        var started = clock.GetTimestamp();
        try
        {
            await route.Run(exchange);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            exchange.Refuse(Failure.MalformedRequest, "The caller hung up.");
        }
        catch (BadHttpRequestException broken)
        {
            exchange.Refusal = Refusals.Of(broken);
        }
        catch (StoreUnavailableException unavailable)
        {
            exchange.Refusal = new Refusal(Failure.StoreUnavailable, "The gateway's store is not available at the moment. Send the same request again, with the same Idempotency-Key.")
            {
                RetryAfter = TimeSpan.FromSeconds(2),
                Reason = unavailable.Message,
            };
        }
        catch (Exception bug)
        {
            Broken(bug, route.Name, exchange.CorrelationId);
            exchange.Refusal = new Refusal(Failure.Internal, "The gateway failed. Its operators know; quote the X-Correlation-Id.") { Reason = bug.GetType().Name };
        }
        await EndAsync(exchange, started);
    }

    private async ValueTask EndAsync(Exchange exchange, long started)
    {
        try
        {
            await Answers.WriteAsync(exchange);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            // The caller is gone; what was done is stored, and what follows is for us.
        }
        var record = AuditTrail.Of(exchange);
        if (exchange.Refusal is { Reason: { } reason } refusal) Refused(LevelOf(refusal.Failure), record.Status, record.Outcome, record.Route, record.Consumer ?? "-", reason, exchange.CorrelationId);
        if (!exchange.Audited) await audit.AddAsync(record);
        if (exchange.Violations is { } violations) Tell(exchange, violations);
        telemetry.Answered(record, clock.GetElapsedTime(started));
        if (Activity.Current is { Recorded: true } span)
        {
            if (exchange.Route.HidesPath) span.SetTag("url.path", exchange.Route.Pattern);
            span.SetTag("gateway.route", record.Route);
            span.SetTag("gateway.consumer", record.Consumer);
            span.SetTag("gateway.outcome", record.Outcome);
            span.SetTag("gateway.correlation_id", exchange.CorrelationId);
        }
    }

    /// <summary>Every broken contract is counted; one that only reports has the log line that a refusal would have had.</summary>
    private void Tell(Exchange exchange, IReadOnlyList<Violation> violations)
    {
        foreach (var violation in violations)
        {
            telemetry.Violated(exchange.Route.Name, violation);
            if (violation.Enforced) continue;
            var findings = string.Join("; ", violation.Findings.Select(f => $"{f.Pointer} {f.Detail}"));
            Reported(exchange.Route.Name, exchange.Consumer?.Name ?? "-", violation.Part, violation.Contract, findings, exchange.CorrelationId);
        }
    }

    [LoggerMessage(3, LogLevel.Warning, "Let pass on {Route} for {Consumer}: the {Part} breaks contract {Contract}: {Findings} [{CorrelationId}]")]
    private partial void Reported(string route, string consumer, string part, string contract, string findings, string correlationId);

    [LoggerMessage(1, LogLevel.Error, "Route {Route} failed [{CorrelationId}]")]
    private partial void Broken(Exception bug, string route, string correlationId);

    /// <summary>What is our own fault or the backend's answer to us asks for somebody; the rest is daily life.</summary>
    private static LogLevel LevelOf(Failure failure) => failure switch
    {
        Failure.Internal or Failure.BackendUnusable or Failure.StoreUnavailable => LogLevel.Error,
        Failure.BackendUnavailable or Failure.DeadlineExceeded or Failure.IssuerUnavailable => LogLevel.Warning,
        _ => LogLevel.Information,
    };

    [LoggerMessage(EventId = 2, Message = "{Status} {Outcome} on {Route} for {Consumer}: {Reason} [{CorrelationId}]")]
    private partial void Refused(LogLevel level, int status, string outcome, string route, string consumer, string reason, string correlationId);
}
