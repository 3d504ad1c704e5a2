using System.Text.Json;
using Gateway.Pipeline.Accepted;

namespace Gateway.Pipeline;

/// <summary>Calls whose caller is not there any more: work that was cut off, and work that was accepted. What they end with is stored as a request's is.</summary>
public sealed partial class Endings(CurrentPlan plans, IStore store, IssuedKeys keys, TimeProvider clock, EventReports reports, ILogger<Endings> log)
{
    /// <summary>How long behind its deadline an operation is cancelled that does not end by itself.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>The route that an intent came by, as it is now; null where it has gone, or calls something else.</summary>
    public (PlanRoute Route, PlanTarget.Call Target)? RouteOf(Intent intent) =>
        plans.Current.Route(intent.Route) is { Target: PlanTarget.Call target } route && target.Operation.FullName == intent.Operation ? (route, target) : null;

    public Consumer ConsumerOf(Intent intent) => Revived.ConsumerOf(intent, plans.Current);

    /// <summary>Calls an operation for an intent, or its read-back.</summary>
    /// <param name="about">The object that the call is about; null where it is about none.</param>
    /// <param name="until">From here on nothing may be sent that changes something.</param>
    /// <param name="goesFirst">It settles what was begun; else it begins what was accepted, and its turn was waited for.</param>
    public static async ValueTask<OperationResult> CallAsync(
        Func<OperationCall, CancellationToken, ValueTask<OperationResult>> operation, Intent intent, OwnedObject? about, Partner partner, TimeSpan timeout, TimeProvider clock, DateTimeOffset? until, bool goesFirst = true)
    {
        using var late = new CancellationTokenSource(timeout + Grace, clock);
        using var input = JsonDocument.Parse(intent.Input);
        try
        {
            var call = new OperationCall(input.RootElement, partner) { ExternalId = intent.ExternalId, ObjectId = intent.ObjectId, Reference = about?.Reference, CorrelationId = intent.CorrelationId, Deadline = clock.GetUtcNow() + timeout, Until = until, GoesFirst = goesFirst, HasTurn = !goesFirst };
            return await operation(call, late.Token);
        }
        catch (OperationCanceledException)
        {
            return new OperationResult(OperationStatus.TimedOut);
        }
    }

    /// <summary>
    /// The input of an intent as its route prepares it now; null where that is what it has. What was accepted under another workspace is sent as this one says:
    /// somebody may have corrected what kept it.
    /// </summary>
    public async ValueTask<ReadOnlyMemory<byte>?> PrepareAsync(Intent intent, PlanRoute route)
    {
        if (intent.Revision == route.Revision || !route.MapsRequest) return null;
        using var revived = Revive(intent, route);
        await route.Prepare(revived.Exchange);
        // What can't be mapped by now is sent as it was mapped then.
        return revived.Exchange is { Refusal: null, Input: { IsEmpty: false } input } && !input.Span.SequenceEqual(intent.Input.Span) ? input : null;
    }

    /// <summary>The backend has it: outcome, object, event and answer are stored.</summary>
    /// <param name="isTold">Somebody has told of it already.</param>
    public async ValueTask CompleteAsync(Intent intent, OwnedObject? about, PlanRoute route, PlanTarget.Call target, OperationResult result, bool isTold = false)
    {
        using var revived = Revive(intent, route);
        var exchange = revived.Exchange;
        Targets.Take(exchange, target, about);
        exchange.Result = result;
        exchange.Answer = Answers.Of(exchange, target);
        try
        {
            await route.Respond(exchange);
        }
        catch (Exception bug)
        {
            // The work is done: outcome and event are stored, without an answer.
            Failed(bug, intent.Operation, intent.ExternalId, intent.CorrelationId);
            exchange.Refusal = new Refusal(Failure.Internal, "The gateway failed after the work was done.");
        }
        if (!await store.CompleteAsync(Outcomes.Of(exchange, intent, isTold ? result with { WasSo = true } : result, isFirst: isTold), CancellationToken.None)) return;
        reports.Tell(exchange);
        Settled(intent.Operation, intent.ExternalId, intent.ObjectId, intent.CorrelationId);
    }

    /// <summary>The backend says no: the refusal is stored. What was accepted is parked, and its event published.</summary>
    public async ValueTask RefuseAsync(Intent intent, PlanRoute route, PlanTarget.Call target, OperationResult result)
    {
        using var revived = Revive(intent, route);
        var exchange = revived.Exchange;
        (exchange.Result, exchange.Refusal) = (result, Refusals.Of(result));
        if (intent.Line is null)
        {
            await store.RefuseAsync(intent, route.Problem(exchange.Refusal), AuditTrail.Of(exchange), CancellationToken.None);
        }
        else
        {
            // Whatever kept it from being done, who asked for it is told that it won't be.
            exchange.Refusal = exchange.Refusal with { Failure = Failure.BusinessRefused };
            await store.RejectAsync(Acceptances.Rejected(exchange, target, intent, result with { Detail = exchange.Refusal.Detail }), CancellationToken.None);
            reports.Tell(exchange);
        }
        Refused(intent.Operation, intent.ExternalId, intent.Id, result.Reason ?? result.Detail, intent.CorrelationId);
    }

    /// <summary>An operator says that nothing becomes of accepted work. False when somebody else was first.</summary>
    public ValueTask<bool> RejectAsync(Intent intent, PlanRoute route, PlanTarget.Call target, string why, AuditRecord audit)
    {
        using var revived = Revive(intent, route);
        var exchange = revived.Exchange;
        var result = new OperationResult(OperationStatus.Refused) { Detail = "It was rejected by one of our people. Ask them, and send it anew.", Reason = why };
        (exchange.Result, exchange.Refusal) = (result, Refusals.Of(result));
        return store.RejectAsync(Acceptances.Rejected(exchange, target, intent, result) with { State = IntentState.Refused, Audit = audit }, CancellationToken.None);
    }

    private Revived Revive(Intent intent, PlanRoute route) =>
        new(intent, route, ConsumerOf(intent), new Surroundings(store, clock, static (_, _) => new(Settlement.AtWork), keys));

    [LoggerMessage(1, LogLevel.Information, "{Operation} {ExternalId} was settled as {ObjectId} without its caller [{CorrelationId}]")]
    private partial void Settled(string operation, string externalId, string objectId, string correlationId);

    [LoggerMessage(2, LogLevel.Warning, "{Operation} {ExternalId} was refused without its caller ({Id}): {Reason} [{CorrelationId}]")]
    private partial void Refused(string operation, string externalId, string id, string reason, string correlationId);

    [LoggerMessage(3, LogLevel.Error, "Answering {Operation} {ExternalId} failed after the work was done [{CorrelationId}]")]
    private partial void Failed(Exception failed, string operation, string externalId, string correlationId);
}
