using System.Collections.Concurrent;

namespace Gateway.Pipeline.Accepted;

/// <summary>
/// Sends what was accepted to its backends: most urgent first, each lane in its order, at the pace that the backend takes (its gate). While a backend can't
/// be reached one at a time is tried, with growing pauses; what was not sent waits on as if nothing had been. What was sent and cut off is settled by
/// <see cref="Recovery"/>, as any other work. Reads a page of the line at a time, however long that is.
/// </summary>
public sealed partial class Forwarding(CurrentPlan plans, IStore store, WorkAtHand work, Endings endings, TimeProvider clock, ILogger<Forwarding> log) : BackgroundService
{
    private const int Page = 32;

    /// <summary>Calls of one backend at the same time, from this node.</summary>
    private const int AtOnce = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(5);

    /// <summary>How long work is left alone whose route has gone.</summary>
    private static readonly TimeSpan Orphanage = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Rest> _rests = new();
    private IReadOnlyList<LineCount> _lines = [];
    private DateTimeOffset _countAt;

    /// <summary>How one of the line fared.</summary>
    private enum Went
    {
        /// <summary>It is not in the line any more.</summary>
        Off,

        /// <summary>Another node has it, or something of its lane must be over first.</summary>
        Elsewhere,

        /// <summary>Nothing can be sent to the backend now.</summary>
        Down,
    }

    private DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Forwards once what can be forwarded now.</summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        await CountAsync(cancellation);
        await Task.WhenAll(Backends().Select(backend => DrainAsync(backend, cancellation)));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var lines = new Dictionary<string, Task>();
        while (!stoppingToken.IsCancellationRequested)
        {
            // A backend that takes long holds up no other.
            foreach (var backend in Backends().Where(b => !lines.TryGetValue(b, out var line) || line.IsCompleted))
                lines[backend] = TryAsync(() => DrainAsync(backend, stoppingToken), backend, stoppingToken);
            await TryAsync(() => CountAsync(stoppingToken), "the metrics", stoppingToken);
            await work.Accepted.WaitAsync(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await Task.WhenAll(lines.Values);
    }

    /// <summary>Those that routes accept for, and those that something waits for, though no route accepts any more.</summary>
    private IEnumerable<string> Backends() => plans.Current.Routes.Select(r => r.Target).OfType<PlanTarget.Call>().Where(c => c.Accepting is not null).Select(c => c.Operation.Backend)
        .Union(Volatile.Read(ref _lines).Where(l => l.Waiting > 0).Select(l => l.Backend));

    private async Task TryAsync(Func<Task> run, string what, CancellationToken stopping)
    {
        try
        {
            await run();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What was called is stored; the rest waits.
        }
        catch (Exception failed)
        {
            // Nothing may end forwarding: not a store that is away, and not a row that can't be read.
            Unavailable(what, failed.Message);
            await Task.Delay(TimeSpan.FromSeconds(1), clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task DrainAsync(string backend, CancellationToken cancellation)
    {
        var rest = _rests.GetOrAdd(backend, _ => new Rest());
        while (!cancellation.IsCancellationRequested && Now >= rest.Until)
        {
            // One finds out for all whether the backend is back.
            var page = await store.WaitingAsync(backend, rest.Failures > 0 ? 1 : Page, cancellation);
            if (page.Count == 0 || !await SendAsync(page, rest, cancellation)) return;
        }
    }

    /// <summary>True when it is worth to read on.</summary>
    private async Task<bool> SendAsync(IReadOnlyList<Intent> page, Rest rest, CancellationToken cancellation)
    {
        var (went, down) = (0, false);
        await Parallel.ForEachAsync(page.GroupBy(i => i.Line!.Lane), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (lane, _) =>
        {
            foreach (var intent in lane)
            {
                if (Volatile.Read(ref down) || cancellation.IsCancellationRequested) return;
                var (how, again) = await ForwardAsync(intent);
                if (how == Went.Off) Interlocked.Increment(ref went);
                if (how == Went.Down)
                {
                    Volatile.Write(ref down, true);
                    Down(rest, intent, again);
                }
                if (how != Went.Off) return;
            }
        });
        if (went > 0 && !down) Back(rest, page[0].Backend);
        return went > 0 && !down;
    }

    private async ValueTask<(Went Went, TimeSpan? Again)> ForwardAsync(Intent intent)
    {
        if (!work.TryEnter(intent.Id)) return (Went.Elsewhere, null);
        try
        {
            if (endings.RouteOf(intent) is not var (route, target))
            {
                await HoldAsync(intent);
                return (Went.Off, null);
            }
            var now = Now;
            var over = ExactlyOnce.OverAt(now, route);
            if (await store.DispatchAsync(intent with { OverAt = over }, work.Owner, over, CancellationToken.None) is not { } sent) return (Went.Elsewhere, null);
            var partner = endings.ConsumerOf(sent).Partner;
            var result = await Endings.CallAsync(target.Operation.CallAsync, sent, about: null, partner, route.Timeout, clock, now + route.Timeout, goesFirst: false);
            return await EndAsync(sent, route, target, result);
        }
        finally
        {
            work.Leave(intent.Id);
        }
    }

    private async ValueTask<(Went Went, TimeSpan? Again)> EndAsync(Intent intent, PlanRoute route, PlanTarget.Call target, OperationResult result)
    {
        switch (result)
        {
            case { Status: OperationStatus.Done }:
                await endings.CompleteAsync(intent, about: null, route, target, result);
                return (Went.Off, null);
            case { Status: OperationStatus.NotSent }:
                // In its place again; null where another node has taken it over meanwhile, since this one stood still.
                await store.PutInLineAsync(new Acceptance(intent), CancellationToken.None);
                return (Went.Down, result.RetryAfter);
            case { MayHaveHappened: true }:
                Cut(intent.Operation, intent.ExternalId, result.Reason ?? result.Status.ToString(), intent.CorrelationId);
                await store.LeaseAsync(intent, work.Owner, Now, CancellationToken.None);
                work.Nudge();
                return (Went.Off, null);
            default:
                await endings.RefuseAsync(intent, route, target, result);
                return (Went.Off, null);
        }
    }

    /// <summary>Nobody can say what it would call: it waits until the route is back, and delays nobody.</summary>
    private async ValueTask HoldAsync(Intent intent)
    {
        Orphaned(intent.Id, intent.Route, intent.Operation, intent.CorrelationId);
        var now = Now;
        if (await store.DispatchAsync(intent, work.Owner, now + Pause, CancellationToken.None) is { } held)
            await store.PutInLineAsync(new Acceptance(held with { Line = held.Line! with { DueAt = now + Orphanage } }), CancellationToken.None);
    }

    private async Task CountAsync(CancellationToken cancellation)
    {
        if (Now < _countAt) return;
        _countAt = Now + CountEvery;
        var lines = await store.LinesAsync(cancellation);
        Volatile.Write(ref _lines, lines);
        LineTelemetry.Tell(lines);
    }

    private void Down(Rest rest, Intent intent, TimeSpan? again)
    {
        var pause = rest.Down(Now, again);
        if (rest.Failures == 1) Waits(intent.Backend, pause.TotalSeconds);
    }

    private void Back(Rest rest, string backend)
    {
        if (rest.Failures > 0) GoesOn(backend);
        rest.Back();
    }

    [LoggerMessage(1, LogLevel.Warning, "Nothing can be sent to {Backend}; what was accepted for it waits, {Seconds:0.0} s for the first time")]
    private partial void Waits(string backend, double seconds);

    [LoggerMessage(2, LogLevel.Information, "{Backend} takes calls again; what was accepted for it is forwarded")]
    private partial void GoesOn(string backend);

    [LoggerMessage(3, LogLevel.Warning, "{Operation} {ExternalId} was cut off: {Reason}; what became of it will be found out [{CorrelationId}]")]
    private partial void Cut(string operation, string externalId, string reason, string correlationId);

    [LoggerMessage(4, LogLevel.Error, "Accepted intent {Id} can't be forwarded: the route {Route} no longer calls {Operation}; restore it, or reject the intent [{CorrelationId}]")]
    private partial void Orphaned(string id, string route, string operation, string correlationId);

    [LoggerMessage(5, LogLevel.Error, "What was accepted waits, for {What}: {Message}")]
    private partial void Unavailable(string what, string message);
}
