using Gateway.Delivery;

namespace Gateway.Pipeline.Accepted;

/// <summary>How one of the line fared.</summary>
internal enum Went
{
    /// <summary>It is not in the line any more, and its backend has answered.</summary>
    Off,

    /// <summary>It could not be sent for a reason of its own, and waits by itself: the others go on.</summary>
    ByItself,

    /// <summary>Another node has it, or something of its lane must be over first.</summary>
    Elsewhere,

    /// <summary>Nothing can be sent there now; it is in its place again.</summary>
    Down,

    /// <summary>It is not in the line any more, and nobody knows what became of it: its backend did not answer.</summary>
    Cut,
}

/// <summary>One that is open, and about to be called.</summary>
/// <param name="Until">From here on nothing may be sent that changes something.</param>
internal sealed record Begun(Intent Intent, PlanRoute Route, PlanTarget.Call Target, DateTimeOffset Until);

/// <summary>Sends one of what was accepted, and stores what it ended with.</summary>
public sealed partial class Sending(IStore store, WorkAtHand work, Endings endings, TimeProvider clock, ILogger<Sending> log)
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);

    /// <summary>How long work is left alone that can't be called: its route has gone, or it can't be read.</summary>
    private static readonly TimeSpan Stuck = TimeSpan.FromMinutes(1);

    private DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Calls to its backend that sending it takes, about; 0 for what can't be called.</summary>
    internal int CostOf(Intent intent) => intent.Unreadable is null && endings.RouteOf(intent) is var (_, target) ? target.Operation.Descriptor.Cost : 0;

    /// <summary>Opens it for its call; null with how it fared, where it is not called.</summary>
    internal async ValueTask<(Begun? Begun, Went Went)> BeginAsync(Intent intent)
    {
        if (!work.TryEnter(intent.Id)) return (null, Went.Elsewhere);
        Begun? begun = null;
        try
        {
            if (intent.Unreadable is { } lost) return (null, await HoldAsync(intent, lost, Lost));
            if (endings.RouteOf(intent) is not var (route, target)) return (null, await HoldAsync(intent, $"the route {intent.Route} no longer calls {intent.Operation}", Orphaned));
            var input = await endings.PrepareAsync(intent, route);
            var now = Now;
            var over = ExactlyOnce.OverAt(now, route);
            if (await store.DispatchAsync(intent with { OverAt = over }, work.Owner, over, input, CancellationToken.None) is { } opened)
                begun = new Begun(opened, route, target, now + route.Timeout);
            return (begun, Went.Elsewhere);
        }
        finally
        {
            if (begun is null) work.Leave(intent.Id);
        }
    }

    /// <summary>Calls what was opened, and stores what it ended with.</summary>
    /// <param name="isItsOwn">What keeps it is taken for its own, though its backend seems away.</param>
    internal async ValueTask<(Went Went, OperationResult Result)> CallAsync(Begun begun, bool isItsOwn)
    {
        var (intent, route, target, until) = begun;
        try
        {
            var partner = endings.ConsumerOf(intent).Partner;
            var result = await Endings.CallAsync(target.Operation.CallAsync, intent, about: null, partner, route.Timeout, clock, until, goesFirst: false);
            return (await EndAsync(intent, route, target, result, isItsOwn), result);
        }
        finally
        {
            work.Leave(intent.Id);
        }
    }

    private async ValueTask<Went> EndAsync(Intent intent, PlanRoute route, PlanTarget.Call target, OperationResult result, bool isItsOwn)
    {
        switch (result)
        {
            case { Status: OperationStatus.Done }:
                await endings.CompleteAsync(intent, about: null, route, target, result);
                return Went.Off;
            case { Status: OperationStatus.NotSent, BackendIsAway: true } when !isItsOwn:
                // In its place again; null where another node has taken it over meanwhile, since this one stood still.
                await store.PutInLineAsync(new Acceptance(intent), CancellationToken.None);
                return Went.Down;
            case { Status: OperationStatus.NotSent or OperationStatus.Malformed }:
                var pause = Rest.ByItself(intent.Result, result.RetryAfter);
                NotSent(result.Status == OperationStatus.Malformed ? LogLevel.Error : LogLevel.Warning, intent.Operation, intent.ExternalId, intent.Id, result.Reason ?? result.Detail, pause.TotalSeconds, intent.CorrelationId);
                await PutAsideAsync(intent, result with { RetryAfter = pause }, pause);
                return Went.ByItself;
            case { MayHaveHappened: true }:
                Cut(intent.Operation, intent.ExternalId, result.Reason ?? result.Status.ToString(), intent.CorrelationId);
                await store.LeaseAsync(intent, work.Owner, Now, CancellationToken.None);
                work.Nudge();
                return Went.Cut;
            default:
                await endings.RefuseAsync(intent, route, target, result);
                return Went.Off;
        }
    }

    /// <summary>It can't be called: it waits until somebody has mended that, and delays nobody.</summary>
    private async ValueTask<Went> HoldAsync(Intent intent, string why, Action<string, string, string, string> tell)
    {
        if (await store.DispatchAsync(intent, work.Owner, Now + Moment, input: null, CancellationToken.None) is not { } held) return Went.Elsewhere;
        tell(intent.Id, intent.Route, intent.Operation, intent.CorrelationId);
        await PutAsideAsync(held, new OperationResult(OperationStatus.NotSent) { Reason = why }, Stuck);
        return Went.ByItself;
    }

    private ValueTask<Intent?> PutAsideAsync(Intent intent, OperationResult why, TimeSpan pause) =>
        store.PutInLineAsync(new Acceptance(intent with { Result = why, Line = intent.Line! with { DueAt = Now + pause } }), CancellationToken.None);

    [LoggerMessage(1, LogLevel.Warning, "{Operation} {ExternalId} was cut off: {Reason}; what became of it will be found out [{CorrelationId}]")]
    private partial void Cut(string operation, string externalId, string reason, string correlationId);

    [LoggerMessage(2, LogLevel.Error, "Accepted intent {Id} can't be forwarded: the route {Route} no longer calls {Operation}; restore it, or reject the intent [{CorrelationId}]")]
    private partial void Orphaned(string id, string route, string operation, string correlationId);

    [LoggerMessage(3, LogLevel.Error, "Accepted intent {Id} of {Route} can't be forwarded: what is stored of it for {Operation} can't be decrypted; restore its key, or reject the intent [{CorrelationId}]")]
    private partial void Lost(string id, string route, string operation, string correlationId);

    [LoggerMessage(EventId = 4, Message = "{Operation} {ExternalId} ({Id}) could not be sent: {Reason}; it waits by itself for {Seconds:0} s, and the others go on [{CorrelationId}]")]
    private partial void NotSent(LogLevel level, string operation, string externalId, string id, string reason, double seconds, string correlationId);
}
