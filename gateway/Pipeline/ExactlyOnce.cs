using System.Diagnostics;
using Gateway.Pipeline.Accepted;
using Gateway.Policies.Idempotency;

namespace Gateway.Pipeline;

/// <summary>
/// Intent before the call; outcome, event and answer after it, in one transaction. What is cut off in between is settled by
/// <see cref="Recovery"/>.
/// </summary>
public sealed partial class ExactlyOnce(WorkAtHand work, TimeProvider clock, ILogger<ExactlyOnce> log)
{
    /// <summary>From a moment on, how long a call that starts then may still be running in a backend: its own time and half as much again.</summary>
    public static DateTimeOffset OverAt(DateTimeOffset start, PlanRoute route) => start + 1.5 * route.Timeout;

    /// <summary>The phase Intent: only who gets the claim calls the target.</summary>
    public async ValueTask Begin(Exchange exchange, ExchangeDelegate next, PlanTarget.Call target)
    {
        // Nothing is stored of what is asked of nothing.
        if (!await Targets.FindAsync(exchange, target)) return;
        if (exchange.Idempotency?.Finished is { } finished)
        {
            if (finished.IsOnItsWay)
            {
                Take(exchange, target, finished);
                return;
            }
            if (target.Creates is { } made) exchange.Object = await exchange.Store.FindObjectAsync(finished.Tenant, made, finished.ObjectId, exchange.Aborted);
            exchange.Result = finished.Result;
            await next(exchange);
            return;
        }
        var intent = IntentOf(exchange, target);
        var waiting = await InLineAsync(exchange, target, intent);
        work.TryEnter(intent.Id);
        var begun = waiting is null ? await ClaimAsync(exchange.Store, intent) : await AcceptAsync(exchange, target, waiting);
        if (begun is not BeginResult.Granted)
        {
            // What was told of an acceptance does not hold.
            exchange.Answer = null;
            work.Leave(intent.Id);
        }
        switch (begun)
        {
            case BeginResult.Granted when exchange.Answer is null:
                exchange.Intent = intent;
                await next(exchange);
                break;
            case BeginResult.Granted:
                work.Leave(intent.Id);
                break;
            case BeginResult.KeyTaken(var holder):
                // Work that was finished without an answer is answered from the look-up on: by the next try.
                if (!await Replay.AnswerAsync(exchange, holder)) break;
                if (exchange.Idempotency!.Finished is { IsOnItsWay: true } onItsWay) Take(exchange, target, onItsWay);
                else exchange.Refusal = Replay.StillRunning;
                break;
            case BeginResult.ReferenceTaken(var holder):
                await MeetAsync(exchange, next, target, holder);
                break;
            case BeginResult.ObjectTaken(var holder):
                // What was cut off is asked about at once; what is alive is waited for by the caller.
                exchange.Refusal = Replay.Refuse(await exchange.Settle(holder, exchange.Aborted)) is { Failure: not Failure.StillRunning } refusal ? refusal : AnotherChange;
                break;
        }
    }

    /// <summary>Two changes of one object are never open: each sees what the other has left.</summary>
    private static Refusal AnotherChange { get; } = new(Failure.StillRunning, "Another change of this object is being worked on. Send the same request again, with the same Idempotency-Key.")
    {
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    /// <summary>The phase Outcome, around everything behind the replay.</summary>
    public async ValueTask Finish(Exchange exchange, ExchangeDelegate next)
    {
        try
        {
            try
            {
                await next(exchange);
            }
            catch (Exception bug) when (exchange is { Intent: not null, Result.Status: OperationStatus.Done })
            {
                // The work is done: whatever broke behind it, outcome and event are kept.
                exchange.Refusal = new Refusal(Failure.Internal, "The gateway failed after the work was done. Send the same request with the same Idempotency-Key.")
                {
                    Reason = $"{bug.GetType().Name}: {bug.Message}",
                };
            }
            await StoreAsync(exchange);
        }
        finally
        {
            if (exchange.Intent is { } intent) work.Leave(intent.Id);
        }
    }

    /// <summary>A claim whose answer is lost may have been stored: the caller is told that nothing was done, so nothing may be done of it later.</summary>
    private async ValueTask<BeginResult> ClaimAsync(IStore store, Intent intent)
    {
        try
        {
            return await store.BeginAsync(intent, CancellationToken.None);
        }
        catch (Exception failed)
        {
            if (failed is StoreUnavailableException { NothingWritten: true }) work.Leave(intent.Id);
            else work.KeepUnsent(intent);
            throw;
        }
    }

    /// <summary>
    /// Nothing was sent. What can't be released now is released later, whatever the reason, for an intent that stays open would be sent one day.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The store is away: the caller's next try would not be taken either.</exception>
    private async ValueTask ReleaseAsync(Exchange exchange, Intent intent, string reason)
    {
        try
        {
            await exchange.Store.ReleaseAsync(intent, reason, CancellationToken.None);
        }
        catch (Exception failed)
        {
            work.KeepUnsent(intent);
            exchange.Intent = null;
            if (failed is StoreUnavailableException) throw;
            NotReleased(failed, intent.Operation, intent.ExternalId, intent.CorrelationId);
        }
    }

    private Intent IntentOf(Exchange exchange, PlanTarget.Call target)
    {
        var now = clock.GetUtcNow();
        var id = Ids.New("int");
        var known = exchange.Idempotency;
        var input = Targets.InputOf(exchange);
        return new Intent
        {
            Id = id,
            Tenant = exchange.Tenant,
            Consumer = exchange.Consumer?.Name ?? "-",
            Route = exchange.Route.Name,
            Path = exchange.Http.Request.Path + exchange.Http.Request.QueryString.Value,
            Backend = target.Operation.Backend,
            Operation = target.Operation.FullName,
            // Without a business key only the idempotency key, for as long as it is kept, tells a repeat.
            ExternalId = known?.Reference ?? id,
            Fingerprint = known?.Fingerprint ?? "",
            Key = known?.Key,
            KeepKeyFor = known?.KeepFor ?? TimeSpan.FromHours(24),
            ObjectId = exchange.Object?.Id ?? Ids.New(target.Creates is { } kind ? kind[..Math.Min(3, kind.Length)] : "obj"),
            Canonical = exchange.Body?.Raw ?? default,
            Record = target.Operation.RecordOf(input),
            Input = input,
            CorrelationId = exchange.CorrelationId,
            TraceParent = Activity.Current?.Id,
            Revision = exchange.Route.Revision,
            CreatedAt = now,
            OverAt = OverAt(now, exchange.Route),
            LeaseOwner = work.Owner,
            LeaseUntil = OverAt(now, exchange.Route),
        };
    }

    /// <summary>The business reference is known: same content is the existing object, other content a conflict that names it.</summary>
    private async ValueTask MeetAsync(Exchange exchange, ExchangeDelegate next, PlanTarget.Call target, Intent holder)
    {
        if (holder is { State: IntentState.Open, Line: null })
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
        if (holder.IsOnItsWay)
        {
            exchange.Answer = Receipts.Taken(exchange, target, holder);
            return;
        }
        if (target.Creates is { } kind) exchange.Object = await exchange.Store.FindObjectAsync(exchange.Tenant, kind, holder.ObjectId, exchange.Aborted);
        exchange.Existing = true;
        if (holder.Result is { Record.IsEmpty: true })
        {
            exchange.Answer = Answers.WithoutRecord(exchange, target, holder.ObjectId);
            return;
        }
        exchange.Result = await KnownAsync(exchange, target.Operation, holder);
        await next(exchange);
    }

    /// <summary>What became of work that is done: as the backend has it now, or else as it answered then.</summary>
    private async ValueTask<OperationResult> KnownAsync(Exchange exchange, BackendOperation operation, Intent holder)
    {
        if (!operation.Descriptor.ReadsBack) return holder.Result!;
        var found = await Recovery.ReadBackAsync(operation, holder, exchange.About, exchange.Partner, exchange.Route.Timeout, clock);
        return found.Status == OperationStatus.NotFound
            ? new OperationResult(OperationStatus.Unusable) { Detail = "The existing object is gone from the backend. The gateway's operators know.", Reason = "known by its reference, not found by read-back" }
            : found;
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
                await ReleaseAsync(exchange, intent, "the target was not called");
                break;
            case { Status: OperationStatus.Done } done:
                if (exchange.Refusal is { } unanswered) Unanswered(intent.Operation, intent.ExternalId, unanswered.Reason ?? unanswered.Detail, exchange.CorrelationId);
                await CompleteAsync(exchange, Outcomes.Of(exchange, intent, done, isFirst: true));
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
            case { Status: OperationStatus.NotSent, BackendIsAway: true } when exchange.Route.Target is PlanTarget.Call { Accepting: { } accepting } target && await TryPutInLineAsync(exchange, target, accepting, intent):
                break;
            default:
                await ReleaseAsync(exchange, intent, exchange.Result.Reason ?? exchange.Result.Status.ToString());
                break;
        }
    }

    private static async ValueTask CompleteAsync(Exchange exchange, Completion completion)
    {
        exchange.Audited = await exchange.Store.CompleteAsync(completion, CancellationToken.None);
        if (exchange is { Audited: true, Idempotency: { } known }) known.Stored = completion.Answer;
    }

    /// <summary>An answer without an intent of its own: a known reference with the same content, or work whose answer was not stored with it.</summary>
    private static async ValueTask RememberAsync(Exchange exchange)
    {
        // What is on its way is answered as it is then.
        if (exchange is not { Idempotency: { Key: { } key, Replayed: false } known, Answer: { Status: not StatusCodes.Status202Accepted } answer, Refusal: null }) return;
        known.Replayed = known.Finished is not null;
        if (!Outcomes.IsKept(answer)) return;
        var scope = new KeyScope(exchange.Tenant, exchange.Route.Name, key);
        await exchange.Store.RememberAsync(scope, known.Fingerprint, known.KeepFor, answer, AuditTrail.Of(exchange), CancellationToken.None);
        (exchange.Audited, known.Stored) = (true, answer);
    }

    [LoggerMessage(1, LogLevel.Error, "{Operation} {ExternalId} was carried out, but its answer could not be given: {Reason} [{CorrelationId}]")]
    private partial void Unanswered(string operation, string externalId, string reason, string correlationId);

    [LoggerMessage(2, LogLevel.Warning, "{Operation} {ExternalId} was cut off: {Reason}; what became of it will be found out [{CorrelationId}]")]
    private partial void Cut(string operation, string externalId, string reason, string correlationId);

    [LoggerMessage(3, LogLevel.Error, "{Operation} {ExternalId} was not sent, and could not be released; that is tried again [{CorrelationId}]")]
    private partial void NotReleased(Exception failed, string operation, string externalId, string correlationId);

    [LoggerMessage(4, LogLevel.Warning, "How urgent a request on {Route} is can't be told, so it waits behind others: {Trouble} [{CorrelationId}]")]
    private partial void NotUrgent(string route, string trouble, string correlationId);
}
