using System.Diagnostics;
using Gateway.Policies.Idempotency;

namespace Gateway.Pipeline;

/// <summary>
/// Intent before the call; outcome, event and answer after it, in one transaction. What is cut off in between is settled by
/// <see cref="Recovery"/>.
/// </summary>
public sealed partial class ExactlyOnce(WorkAtHand work, TimeProvider clock, ILogger<ExactlyOnce> log)
{
    /// <summary>How much longer than its own time a call may still be running in a backend.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    /// <summary>The phase Intent: only who gets the claim calls the target.</summary>
    public async ValueTask Begin(Exchange exchange, ExchangeDelegate next, PlanTarget.Call target)
    {
        if (exchange.Idempotency?.Finished is { } finished)
        {
            exchange.Object = await exchange.Store.FindObjectAsync(finished.Tenant, target.Creates ?? "", finished.ObjectId, exchange.Aborted);
            exchange.Result = finished.Result;
            await next(exchange);
            return;
        }
        var intent = IntentOf(exchange, target);
        work.TryEnter(intent.Id);
        exchange.Intent = intent;
        var begun = await exchange.Store.BeginAsync(intent, CancellationToken.None);
        if (begun is not BeginResult.Granted)
        {
            exchange.Intent = null;
            work.Leave(intent.Id);
        }
        switch (begun)
        {
            case BeginResult.Granted:
                await next(exchange);
                break;
            case BeginResult.KeyTaken(var holder):
                if (await Replay.AnswerAsync(exchange, holder)) exchange.Refusal = Replay.StillRunning;
                break;
            case BeginResult.ReferenceTaken(var holder):
                await MeetAsync(exchange, next, target, holder);
                break;
        }
    }

    /// <summary>The phase Outcome, around everything behind the replay.</summary>
    public async ValueTask Finish(Exchange exchange, ExchangeDelegate next)
    {
        try
        {
            await next(exchange);
            await StoreAsync(exchange);
        }
        finally
        {
            if (exchange.Intent is { } intent) work.Leave(intent.Id);
        }
    }

    private Intent IntentOf(Exchange exchange, PlanTarget.Call target)
    {
        var now = clock.GetUtcNow();
        var id = Ids.New("int");
        var known = exchange.Idempotency;
        var reference = known?.Reference
            ?? (known?.Key is { } key ? "key_" + Fingerprint.OfParts(exchange.Tenant, exchange.Route.Name, key) : id);
        return new Intent
        {
            Id = id,
            Tenant = exchange.Tenant,
            Consumer = exchange.Consumer?.Name ?? "-",
            Route = exchange.Route.Name,
            Backend = target.Operation.Backend,
            Operation = target.Operation.FullName,
            ExternalId = reference,
            Fingerprint = known?.Fingerprint ?? "",
            Key = known?.Key,
            KeepKeyFor = known?.KeepFor ?? TimeSpan.FromHours(24),
            ObjectId = Ids.New(target.Creates is { } kind ? kind[..Math.Min(3, kind.Length)] : "obj"),
            Canonical = exchange.Body?.Raw ?? default,
            Input = exchange.Input,
            CorrelationId = exchange.CorrelationId,
            TraceParent = Activity.Current?.Id,
            Revision = exchange.Route.Revision,
            CreatedAt = now,
            OverAt = now + exchange.Route.Timeout + Margin,
            LeaseOwner = work.Owner,
            LeaseUntil = now + exchange.Route.Timeout + Margin,
        };
    }

    /// <summary>The business reference is known: same content is the existing object, other content a conflict that names it.</summary>
    private async ValueTask MeetAsync(Exchange exchange, ExchangeDelegate next, PlanTarget.Call target, Intent holder)
    {
        if (holder.State == IntentState.Open)
        {
            exchange.Refusal = Replay.Refuse(await exchange.Settle(holder, exchange.Aborted)) ?? Replay.StillRunning;
            return;
        }
        if (holder.Fingerprint != exchange.Idempotency?.Fingerprint)
        {
            exchange.Refusal = new Refusal(Failure.ReferenceConflict, $"This reference belongs to {holder.ObjectId}, which has other content. Use a new reference for a new order.")
            {
                Existing = holder.ObjectId,
            };
            return;
        }
        exchange.Object = await exchange.Store.FindObjectAsync(exchange.Tenant, target.Creates ?? "", holder.ObjectId, exchange.Aborted);
        exchange.Existing = true;
        exchange.Result = await Recovery.ReadBackAsync(target.Operation, holder, exchange.Consumer!.Partner, exchange.Route.Timeout, clock);
        await next(exchange);
    }

    private async ValueTask StoreAsync(Exchange exchange)
    {
        if (exchange.Intent is not { } intent)
        {
            await RememberAsync(exchange);
            return;
        }
        switch (exchange.Result)
        {
            case null:
                await exchange.Store.ReleaseAsync(intent, "the target was not called", CancellationToken.None);
                break;
            case { Status: OperationStatus.Done } done:
                if (exchange.Refusal is { } unanswered) Unanswered(intent.Operation, intent.ExternalId, unanswered.Reason ?? unanswered.Detail, exchange.CorrelationId);
                await exchange.Store.CompleteAsync(Outcomes.Of(exchange, intent, done), CancellationToken.None);
                exchange.Audited = true;
                break;
            case { Status: OperationStatus.Refused }:
                await exchange.Store.RefuseAsync(intent, exchange.Route.Problem(exchange.Refusal!), AuditTrail.Of(exchange), CancellationToken.None);
                exchange.Audited = true;
                break;
            case { MayHaveHappened: true } unknown:
                Cut(intent.Operation, intent.ExternalId, unknown.Reason ?? unknown.Status.ToString(), exchange.CorrelationId);
                await exchange.Store.LeaseAsync(intent, work.Owner, clock.GetUtcNow(), CancellationToken.None);
                work.Nudge();
                break;
            default:
                await exchange.Store.ReleaseAsync(intent, exchange.Result.Reason ?? exchange.Result.Status.ToString(), CancellationToken.None);
                break;
        }
    }

    /// <summary>An answer without an intent of its own: a known reference with the same content, or work whose answer could not be mapped before.</summary>
    private static async ValueTask RememberAsync(Exchange exchange)
    {
        if (exchange is not { Idempotency: { Key: { } key, Replayed: false } known, Answer: { } answer, Refusal: null }) return;
        var scope = new KeyScope(exchange.Tenant, exchange.Route.Name, key);
        await exchange.Store.RememberAsync(scope, known.Fingerprint, known.KeepFor, answer, AuditTrail.Of(exchange), CancellationToken.None);
        exchange.Audited = true;
    }

    [LoggerMessage(1, LogLevel.Error, "{Operation} {ExternalId} was carried out, but its answer could not be given: {Reason} [{CorrelationId}]")]
    private partial void Unanswered(string operation, string externalId, string reason, string correlationId);

    [LoggerMessage(2, LogLevel.Warning, "{Operation} {ExternalId} was cut off: {Reason}; it will be settled by read-back [{CorrelationId}]")]
    private partial void Cut(string operation, string externalId, string reason, string correlationId);
}
