using System.Collections.Concurrent;

namespace Gateway.Pipeline;

/// <summary>
/// Settles every intent without outcome that nobody works on: at start, when a lease has run out, and when a call was cut off. Asks the
/// backend by read-back; sends the same request again only when the first can no longer be running. The client need not retry.
/// </summary>
public sealed partial class Recovery(IStore store, WorkAtHand work, Endings endings, TimeProvider clock, ILogger<Recovery> log, PassFlow? flows = null)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a statement whose answer was lost may be under way in a store, and as long again.</summary>
    private static readonly TimeSpan LongestStatement = TimeSpan.FromMinutes(1);

    /// <summary>How often operators are reminded of what waits for them.</summary>
    private static readonly TimeSpan Reminder = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, Task<Settlement>> _asking = new();
    private readonly ConcurrentDictionary<string, int> _tries = new();

    private DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Asks the backend what an earlier call with the intent's external id did.</summary>
    /// <param name="about">The object that the call is about; null where it is about none.</param>
    public static ValueTask<OperationResult> ReadBackAsync(BackendOperation operation, Intent intent, OwnedObject? about, Partner partner, TimeSpan timeout, TimeProvider clock) =>
        Endings.CallAsync(operation.ReadBackAsync, intent, about, partner, timeout, clock, until: null);

    /// <inheritdoc cref="SettleIntent"/>
    public ValueTask<Settlement> SettleAsync(Intent intent, CancellationToken cancellation) =>
        IsAtWorkElsewhere(intent) ? new(Settlement.AtWork) : SettleAbandonedAsync(intent, cancellation);

    /// <summary>
    /// Another node may still be at its call, so nobody takes its lease: what it ends with would not be stored. An embedded engine knows
    /// that other owners are dead, and recovery is told by it.
    /// </summary>
    private bool IsAtWorkElsewhere(Intent intent)
    {
        var now = Now;
        return intent.LeaseOwner != work.Owner && now < intent.LeaseUntil && now < intent.OverAt;
    }

    private async ValueTask<Settlement> SettleAbandonedAsync(Intent intent, CancellationToken cancellation)
    {
        if (!work.TryEnter(intent.Id))
        {
            // A living request is at work, or somebody asks the backend already: then his answer is everybody's.
            return _asking.TryGetValue(intent.Id, out var asking) ? await asking.WaitAsync(cancellation) : Settlement.AtWork;
        }
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = AskAsync(intent, start.Task);
        _asking[intent.Id] = asked;
        start.SetResult();
        // A caller who hangs up leaves the work running: it ends its own entry.
        return await asked.WaitAsync(cancellation);
    }

    private async Task<Settlement> AskAsync(Intent intent, Task start)
    {
        await start;
        try
        {
            if (endings.RouteOf(intent) is not var (route, target))
            {
                Orphaned(intent.Id, intent.Route, intent.Operation, intent.CorrelationId);
                await store.LeaseAsync(intent, work.Owner, Now + NextTry(intent), CancellationToken.None);
                return Settlement.Unknown;
            }
            if (!target.Operation.Descriptor.ReadsBack) return await LeaveToOperatorsAsync(intent);
            var working = Now + 2 * route.Timeout;
            if (await store.LeaseAsync(intent, work.Owner, working, CancellationToken.None) is not { } leased)
            {
                return await store.FindIntentAsync(intent.Id, CancellationToken.None) is { State: IntentState.Open } ? Settlement.AtWork : Settlement.Settled;
            }
            var (settlement, last) = await AskBackendAsync(leased, route, target);
            if (settlement == Settlement.Settled) _tries.TryRemove(intent.Id, out _);
            else await store.LeaseAsync(last, work.Owner, Now + NextTry(last), CancellationToken.None);
            return settlement;
        }
        finally
        {
            _asking.TryRemove(intent.Id, out _);
            work.Leave(intent.Id);
        }
    }

    /// <summary>
    /// What can't be read back is never sent again and never released: an operator decides. The lease keeps it from being looked at all the time.
    /// </summary>
    private async ValueTask<Settlement> LeaveToOperatorsAsync(Intent intent)
    {
        var now = Now;
        if ((intent.LeaseOwner != work.Owner || now >= intent.LeaseUntil) && await store.LeaseAsync(intent, work.Owner, now + Reminder, CancellationToken.None) is not null)
            Undecided(intent.Operation, intent.ExternalId, intent.Id, intent.CorrelationId);
        return Settlement.Undecided;
    }

    /// <summary>
    /// How long an intent that could not be settled is left alone: longer with every try, so that what can't be settled takes no turn from
    /// the others; but no longer than until its first call is over.
    /// </summary>
    private TimeSpan NextTry(Intent intent)
    {
        var tries = _tries.AddOrUpdate(intent.Id, 1, (_, before) => before + 1);
        var wait = TimeSpan.FromMilliseconds(Math.Min(60_000, 250 * Math.Pow(2, Math.Min(tries, 10))));
        var over = intent.OverAt - Now;
        return over > TimeSpan.Zero && over < wait ? over : wait;
    }

    /// <summary>Looks once for intents that nobody works on, and settles what can be settled.</summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        await ReleaseUnsentAsync(cancellation);
        var abandoned = await store.AbandonedAsync(work.Owner, 64, cancellation);
        await Parallel.ForEachAsync(abandoned, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellation }, TrySettleAsync);
    }

    /// <summary>
    /// Releases what this process knows to be unsent. A claim that the store does not know may still arrive there: only when no statement can be
    /// under way any more it is let go of.
    /// </summary>
    private Task ReleaseUnsentAsync(CancellationToken cancellation) => Parallel.ForEachAsync(work.Unsent, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellation }, async (intent, _) =>
    {
        try
        {
            await store.ReleaseAsync(intent, "nothing was sent", CancellationToken.None);
            if (await store.FindIntentAsync(intent.Id, CancellationToken.None) is null && Now < intent.CreatedAt + LongestStatement) return;
            work.Released(intent.Id);
        }
        catch (Exception failed) when (failed is not StoreUnavailableException)
        {
            Failed(failed, intent.Operation, intent.ExternalId, intent.CorrelationId);
        }
    });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await (work.TakesOver ? LookAsync(stoppingToken) : ReleaseUnsentAsync(stoppingToken));
                await work.WaitAsync(Pause, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failed)
            {
                // Nothing may end recovery: not a store that is away, and not a row that can't be read.
                Unavailable(failed.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async ValueTask TrySettleAsync(Intent intent, CancellationToken cancellation)
    {
        try
        {
            await SettleAbandonedAsync(intent, cancellation);
        }
        catch (Exception failed) when (failed is not (OperationCanceledException or StoreUnavailableException))
        {
            // Whatever one intent brings, the others must be settled.
            Failed(failed, intent.Operation, intent.ExternalId, intent.CorrelationId);
            await store.LeaseAsync(await store.FindIntentAsync(intent.Id, cancellation) ?? intent, work.Owner, Now + NextTry(intent), cancellation);
        }
    }

    private async ValueTask<(Settlement Settlement, Intent Intent)> AskBackendAsync(Intent intent, PlanRoute route, PlanTarget.Call target)
    {
        var partner = endings.ConsumerOf(intent).Partner;
        var about = await AboutAsync(store, intent, route, target);
        var result = await ReadBackAsync(target.Operation, intent, about, partner, route.Timeout, clock);
        if (result.Status == OperationStatus.NotFound)
        {
            var now = Now;
            if (now < intent.OverAt) return (Settlement.Unknown, intent);
            // Its flow has gone on meanwhile.
            var passage = await PassAsync(intent, about, target);
            if (passage == FlowPassage.UnderWay) return (Settlement.Unknown, intent);
            if (passage == FlowPassage.Refused)
            {
                await endings.RefuseAsync(intent, route, target, Targets.InTheWay(target.First!, about!.Kind));
                return (Settlement.Settled, intent);
            }
            // The call that is made now must be over, too, before there is another.
            intent = intent with { OverAt = ExactlyOnce.OverAt(now, route) };
            if (await store.LeaseAsync(intent, work.Owner, now + 2 * route.Timeout, CancellationToken.None) is not { } renewed) return (Settlement.AtWork, intent);
            intent = renewed;
            SentAgain(intent.Operation, intent.ExternalId, intent.CorrelationId);
            result = await Endings.CallAsync(target.Operation.CallAsync, intent, about, partner, route.Timeout, clock, now + route.Timeout);
        }
        switch (result.Status)
        {
            case OperationStatus.Done:
                // A flow that began meanwhile is cancelled, too, and tells of that itself: until it has, nobody knows who is to.
                var told = target.First is { Cancels: true } ? await PassAsync(intent, about, target) : FlowPassage.Free;
                if (told == FlowPassage.UnderWay) return (Settlement.Unknown, intent);
                await endings.CompleteAsync(intent, about, route, target, result, isTold: told == FlowPassage.Cancelled);
                return (Settlement.Settled, intent);
            case OperationStatus.Refused:
                await endings.RefuseAsync(intent, route, target, result);
                return (Settlement.Settled, intent);
            case OperationStatus.NotSent:
                return (Settlement.BackendDown, intent);
            default:
                return (Settlement.Unknown, intent);
        }
    }

    /// <summary>Asks the flow that works on the object, as the request did.</summary>
    private ValueTask<FlowPassage> PassAsync(Intent intent, OwnedObject? about, PlanTarget.Call target) => target.First is { } guard && about is not null && flows is not null
        ? flows(guard, intent.Tenant, about.Id, intent.Consumer, TimeSpan.Zero, CancellationToken.None)
        : new(FlowPassage.Free);

    /// <summary>The object that an intent's call is about: its path names it.</summary>
    public static async ValueTask<OwnedObject?> AboutAsync(IStore store, Intent intent, PlanRoute route, PlanTarget.Call target) => target.Object is { } wanted
        ? await Targets.FindAsync(store, intent.Tenant, wanted, Revived.ParametersOf(intent, route), CancellationToken.None)
        : null;

    [LoggerMessage(2, LogLevel.Warning, "{Operation} {ExternalId} never arrived; it is sent again [{CorrelationId}]")]
    private partial void SentAgain(string operation, string externalId, string correlationId);

    [LoggerMessage(4, LogLevel.Error, "Intent {Id} can't be settled: the route {Route} no longer calls {Operation}; restore it [{CorrelationId}]")]
    private partial void Orphaned(string id, string route, string operation, string correlationId);

    [LoggerMessage(5, LogLevel.Error, "Settling {Operation} {ExternalId} failed; it will be tried again [{CorrelationId}]")]
    private partial void Failed(Exception failed, string operation, string externalId, string correlationId);

    [LoggerMessage(7, LogLevel.Error, "{Operation} {ExternalId} was cut off, and can't be asked about: look in the backend, then decide with gateway intents settle {Id} [{CorrelationId}]")]
    private partial void Undecided(string operation, string externalId, string id, string correlationId);

    [LoggerMessage(6, LogLevel.Error, "Recovery waits for the store: {Message}")]
    private partial void Unavailable(string message);
}
