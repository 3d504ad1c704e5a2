using System.Collections.Concurrent;
using System.Text.Json;

namespace Gateway.Pipeline;

/// <summary>
/// Settles every intent without outcome that nobody works on: at start, when a lease has run out, and when a call was cut off. Asks the
/// backend by read-back; sends the same request again only when the first can no longer be running. The client need not retry.
/// </summary>
public sealed partial class Recovery(CurrentPlan plans, IStore store, WorkAtHand work, TimeProvider clock, ILogger<Recovery> log)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<string, Task<Settlement>> _asking = new();

    /// <summary>Asks the backend what an earlier call with the intent's external id did.</summary>
    public static ValueTask<OperationResult> ReadBackAsync(BackendOperation operation, Intent intent, Partner partner, TimeSpan timeout, TimeProvider clock) =>
        CallAsync(operation.ReadBackAsync, intent, partner, timeout, clock);

    /// <inheritdoc cref="SettleIntent"/>
    public async ValueTask<Settlement> SettleAsync(Intent intent, CancellationToken cancellation)
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
            if (plans.Current.Route(intent.Route) is not { Target: PlanTarget.Call target } route || target.Operation.FullName != intent.Operation)
            {
                Orphaned(intent.Id, intent.Route, intent.Operation, intent.CorrelationId);
                return Settlement.Unknown;
            }
            var working = clock.GetUtcNow() + 2 * route.Timeout;
            if (await store.LeaseAsync(intent, work.Owner, working, CancellationToken.None) is not { } leased)
            {
                return await store.FindIntentAsync(intent.Id, CancellationToken.None) is { State: IntentState.Open } ? Settlement.AtWork : Settlement.Settled;
            }
            var settlement = await SettleAsync(leased, route, target);
            if (settlement != Settlement.Settled) await store.LeaseAsync(leased, work.Owner, clock.GetUtcNow(), CancellationToken.None);
            return settlement;
        }
        finally
        {
            _asking.TryRemove(intent.Id, out _);
            work.Leave(intent.Id);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                foreach (var intent in await store.AbandonedAsync(work.Owner, 64, stoppingToken)) await SettleAsync(intent, stoppingToken);
                await work.WaitAsync(Pause, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failed)
            {
                // Whatever one intent brings, the others must be settled.
                Failed(failed);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async ValueTask<Settlement> SettleAsync(Intent intent, PlanRoute route, PlanTarget.Call target)
    {
        var consumer = plans.Current.Consumers.GetValueOrDefault(intent.Consumer) ?? new Consumer(intent.Consumer, new Partner(intent.Tenant, intent.Tenant));
        var result = await ReadBackAsync(target.Operation, intent, consumer.Partner, route.Timeout, clock);
        if (result.Status == OperationStatus.NotFound)
        {
            if (clock.GetUtcNow() < intent.OverAt) return Settlement.Unknown;
            SentAgain(intent.Operation, intent.ExternalId, intent.CorrelationId);
            result = await CallAsync(target.Operation.CallAsync, intent, consumer.Partner, route.Timeout, clock);
        }
        switch (result.Status)
        {
            case OperationStatus.Done:
                await CompleteAsync(intent, route, target, consumer, result);
                return Settlement.Settled;
            case OperationStatus.Refused:
                await RefuseAsync(intent, route, consumer, result);
                return Settlement.Settled;
            case OperationStatus.NotSent:
                return Settlement.BackendDown;
            default:
                return Settlement.Unknown;
        }
    }

    private async ValueTask CompleteAsync(Intent intent, PlanRoute route, PlanTarget.Call target, Consumer consumer, OperationResult result)
    {
        using var exchange = new Revived(intent, route, consumer, new Surroundings(store, clock, SettleAsync));
        exchange.Exchange.Result = result;
        exchange.Exchange.Answer = Answers.Of(exchange.Exchange, target);
        await route.Respond(exchange.Exchange);
        if (await store.CompleteAsync(Outcomes.Of(exchange.Exchange, intent, result), CancellationToken.None))
            Settled(intent.Operation, intent.ExternalId, intent.ObjectId, intent.CorrelationId);
    }

    private async ValueTask RefuseAsync(Intent intent, PlanRoute route, Consumer consumer, OperationResult result)
    {
        using var exchange = new Revived(intent, route, consumer, new Surroundings(store, clock, SettleAsync));
        exchange.Exchange.Result = result;
        exchange.Exchange.Refusal = Refusals.Of(result);
        await store.RefuseAsync(intent, route.Problem(exchange.Exchange.Refusal), AuditTrail.Of(exchange.Exchange), CancellationToken.None);
        Refused(intent.Operation, intent.ExternalId, result.Reason ?? result.Detail, intent.CorrelationId);
    }

    private static async ValueTask<OperationResult> CallAsync(
        Func<OperationCall, CancellationToken, ValueTask<OperationResult>> operation, Intent intent, Partner partner, TimeSpan timeout, TimeProvider clock)
    {
        using var deadline = new CancellationTokenSource(timeout, clock);
        using var input = JsonDocument.Parse(intent.Input);
        try
        {
            return await operation(new OperationCall(input.RootElement, partner) { ExternalId = intent.ExternalId, CorrelationId = intent.CorrelationId }, deadline.Token);
        }
        catch (OperationCanceledException)
        {
            return new OperationResult(OperationStatus.TimedOut);
        }
    }

    /// <summary>The exchange of an intent whose caller is gone.</summary>
    private sealed class Revived : IDisposable
    {
        private readonly ParsedBody? _body;

        public Revived(Intent intent, PlanRoute route, Consumer consumer, Surroundings around)
        {
            var http = new DefaultHttpContext();
            http.Request.Method = route.Method;
            http.Request.Path = route.Pattern;
            _body = intent.Canonical.IsEmpty ? null : new ParsedBody(intent.Canonical, JsonDocument.Parse(intent.Canonical));
            Exchange = new Exchange(http, route, around, intent.CorrelationId) { Consumer = consumer, Intent = intent, Body = _body };
        }

        public Exchange Exchange { get; }

        public void Dispose() => _body?.Dispose();
    }

    [LoggerMessage(1, LogLevel.Information, "{Operation} {ExternalId} was settled as {ObjectId} without its caller [{CorrelationId}]")]
    private partial void Settled(string operation, string externalId, string objectId, string correlationId);

    [LoggerMessage(2, LogLevel.Warning, "{Operation} {ExternalId} never arrived; it is sent again [{CorrelationId}]")]
    private partial void SentAgain(string operation, string externalId, string correlationId);

    [LoggerMessage(3, LogLevel.Warning, "{Operation} {ExternalId} was refused when it was sent again: {Reason} [{CorrelationId}]")]
    private partial void Refused(string operation, string externalId, string reason, string correlationId);

    [LoggerMessage(4, LogLevel.Error, "Intent {Id} can't be settled: the route {Route} no longer calls {Operation}; restore it [{CorrelationId}]")]
    private partial void Orphaned(string id, string route, string operation, string correlationId);

    [LoggerMessage(5, LogLevel.Error, "Recovery stumbled and goes on")]
    private partial void Failed(Exception failed);
}
