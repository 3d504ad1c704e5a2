using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Gateway.Delivery.Events;
using Gateway.Delivery.Placement;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Delivery.Flows;

/// <summary>
/// Works on the instances of flows that have something to do. Each is taken as it stands, brought as far as it comes, and stored before and after every call.
/// That two nodes work on one does no harm: the first to store has it. What waits for a backend is taken again when that backend takes calls, most urgent
/// first; while it does not, one at a time finds out. In a cluster it works on those of the shards that are placed here.
/// </summary>
/// <param name="owner">Name of this process's life.</param>
public sealed partial class FlowsHere(IStore store, FlowBook book, string owner, TimeProvider clock, Random random, ILogger<FlowsHere> log) : BackgroundService
{
    /// <summary>Instances at the same time.</summary>
    private const int AtOnce = 16;

    /// <summary>Of those that wait for one backend.</summary>
    private const int AtOnceOfBackend = 4;

    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);

    /// <summary>How long one is left alone that can't be read, or brought no further by an error of ours.</summary>
    private static readonly TimeSpan LeftAlone = TimeSpan.FromMinutes(5);

    private readonly StoreWatch _watch = new("Flows", clock, log);
    private readonly Signal _wake = new(clock);
    private readonly FlowCaller _caller = new(store, clock);
    private readonly ConcurrentDictionary<string, Task> _working = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Rest> _rests = new(StringComparer.Ordinal);
    private readonly SpentSignals _spent = new(store, clock);
    private readonly FlowMeters _meters = new(store, book, clock);
    private readonly ConcurrentDictionary<(string Flow, string Figure), DateTimeOffset> _complained = new();
    private CancellationToken _stopping;

    private DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Which shards of the instances this node holds (<see cref="FlowInstance.Shard"/>).</summary>
    public Holding<int> Held { get; } = new(clock);

    /// <summary>Backends that flows can't call now: since when, and why.</summary>
    public IEnumerable<(string Backend, DateTimeOffset Since, string Reason)> Troubles =>
        _rests.Where(r => r.Value.Trouble is not null).Select(r => (r.Key, r.Value.Trouble!.Value.Since, r.Value.Trouble.Value.Reason));

    /// <summary>Says that there may be something to do.</summary>
    public void Wake() => _wake.Raise();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _stopping = stoppingToken;
        Held.More += Wake;
        await _watch.RepeatAsync(async stopping =>
        {
            var woken = _wake.Next;
            await LookAsync(stopping);
            await _wake.WaitAsync(woken, await PauseAsync(stopping), stopping);
        }, stoppingToken);
        await Task.WhenAll(_working.Values);
    }

    /// <summary>Works until there is nothing to do now.</summary>
    internal async Task RunDueAsync(CancellationToken cancellation)
    {
        do
        {
            await LookAsync(cancellation);
            await Task.WhenAll(_working.Values);
        }
        while ((await store.DueFlowsAsync(Now, owner, Held.Now(), 1, cancellation)).Count > 0);
    }

    /// <summary>Begins with what is to be done now.</summary>
    private async Task LookAsync(CancellationToken stopping)
    {
        var shards = Held.Now();
        Telemetry.FlowShards.Record(shards?.Count ?? FlowInstance.Shards);
        foreach (var due in await store.DueFlowsAsync(Now, owner, shards, 2 * AtOnce, stopping))
        {
            if (_working.Count >= AtOnce) break;
            Begin(due, probes: null);
        }
        foreach (var backend in (await book.InUseAsync(stopping)).SelectMany(f => f.Backends).Union(_rests.Keys)) await DrainAsync(backend, shards, stopping);
        await TidyAsync(stopping);
    }

    /// <summary>How long there is nothing to do, as far as is known here.</summary>
    private async ValueTask<TimeSpan> PauseAsync(CancellationToken stopping)
    {
        // Who ends says so.
        if (!_working.IsEmpty) return LongestSleep;
        return await store.NextFlowAsync(Held.Now(), stopping) switch
        {
            null => LongestSleep,
            var next when next <= Now => Soon,
            var next when next - Now < LongestSleep => next.Value - Now,
            _ => LongestSleep,
        };
    }

    private async ValueTask TidyAsync(CancellationToken stopping)
    {
        await _spent.ForgetAsync(stopping);
        await _meters.CountAsync(stopping);
    }

    /// <summary>Takes up what waits for a backend: some, or one that finds out whether it takes calls.</summary>
    private async ValueTask DrainAsync(string backend, IReadOnlyList<int>? shards, CancellationToken stopping)
    {
        var rest = RestOf(backend);
        if (Now < rest.Until) return;
        var most = rest.Failures > 0 ? 1 : AtOnceOfBackend;
        var waiting = await store.FlowsWaitingForAsync(backend, shards, most + 1 + _working.Count, stopping);
        // What failed last may be what keeps itself: another finds that out.
        foreach (var instance in waiting.OrderBy(i => i.Id == rest.Last).Where(i => !_working.ContainsKey(i.Id)).Take(most)) Begin(instance, probes: backend);
    }

    /// <param name="probes">The backend that it may call once, whatever is known of it.</param>
    private void Begin(FlowInstance instance, string? probes)
    {
        if (_working.ContainsKey(instance.Id)) return;
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _working[instance.Id] = RunAsync(instance, probes, start.Task);
        start.SetResult();
    }

    private async Task RunAsync(FlowInstance instance, string? probes, Task start)
    {
        await start;
        try
        {
            await WorkAsync(instance, probes);
        }
        catch (StoreUnavailableException)
        {
            // Said by who looks, which reads the same store.
            await Task.Delay(LongestSleep, clock);
        }
        catch (Exception failed)
        {
            // Whatever one brings, the others go on.
            Failed(failed, instance.Flow, instance.Id, instance.CorrelationId);
            await LeaveAloneAsync(instance);
        }
        finally
        {
            _working.TryRemove(instance.Id, out _);
            _wake.Raise();
        }
    }

    private async Task WorkAsync(FlowInstance instance, string? probes)
    {
        if (instance.Unreadable)
        {
            Unreadable(instance.Flow, instance.Id, instance.CorrelationId);
            await LeaveAloneAsync(instance);
            return;
        }
        var flow = await book.FindAsync(instance.Flow, instance.Revision, CancellationToken.None);
        if (flow is null || book.PartnerOf(instance.Tenant) is not { } partner)
        {
            await ParkAsync(instance, flow ?? book.Plan.Flows.Find(instance.Flow), flow is null ? $"its flow can't be read as it was under {instance.Revision}: restore what it names, and try it again" : $"there is no partner '{instance.Tenant}' any more");
            return;
        }
        var probe = probes;
        var run = new FlowRun(flow, instance, partner, book.Plan.EventTypes, clock, random) { CanCall = backend => backend == probe || RestOf(backend).Failures == 0 };
        while (await StepAsync(run))
        {
            // It finds out once.
            probe = null;
            if (!_stopping.IsCancellationRequested) continue;
            // What came of the calls is kept; the next node, or life, goes on from there.
            await StoreAsync(run, run.Decided());
            return;
        }
    }

    /// <summary>It takes no turn from the others, and what it knows stays as it is.</summary>
    private async Task LeaveAloneAsync(FlowInstance instance)
    {
        try
        {
            await store.SaveFlowAsync(new FlowMove(instance with { WakeAt = Now + LeftAlone, Backend = null, Owner = null, LeaseUntil = null, Body = default }), CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            // Then nobody gets a turn.
        }
    }

    /// <summary>As far as it comes without a call, and one round of calls. False when it comes no further, or is another's by now.</summary>
    private async Task<bool> StepAsync(FlowRun run)
    {
        do run.Advance();
        while (await HearAsync(run));
        if (run.Calls.Count == 0)
        {
            await StoreAsync(run, run.Move());
            return false;
        }
        var calls = run.Calls.ToList();
        var until = calls.Max(c => c.Until) + FlowRun.Margin;
        if (!await StoreAsync(run, run.Move(owner, until))) return false;
        var results = await Task.WhenAll(calls.Select(call => CallAsync(run, call)));
        foreach (var (call, result) in calls.Zip(results)) run.Ended(call, result);
        return true;
    }

    /// <summary>Gives it what it waits to hear, as far as that is there. True where it goes on by that.</summary>
    private async ValueTask<bool> HearAsync(FlowRun run)
    {
        foreach (var wish in run.Wishes.ToList())
        {
            foreach (var signal in await store.FlowSignalsAsync(run.Instance.Tenant, wish.Type, wish.By, wish.Value, 100, CancellationToken.None))
            {
                if (run.HasTaken(signal.Position) || await ReadAsync(signal.Position) is not { } happened) continue;
                using var envelope = JsonDocument.Parse(Envelope.Write(happened));
                if (run.Hear(wish, happened, envelope.RootElement)) return true;
            }
        }
        return false;
    }

    /// <summary>Null for one that is gone, or can't be decrypted: nothing will ever come of it.</summary>
    private async ValueTask<StoredEvent?> ReadAsync(long position)
    {
        try
        {
            return await store.FindEventAsync(position, CancellationToken.None);
        }
        catch (StoreUnavailableException unavailable) when (unavailable.InnerException is CryptographicException)
        {
            return null;
        }
    }

    private async Task<bool> StoreAsync(FlowRun run, FlowMove move)
    {
        if (await store.SaveFlowAsync(move, CancellationToken.None) is not { } stored) return false;
        foreach (var alert in run.Alerts) Tell(run.Instance, alert);
        _meters.Saved(move);
        foreach (var (figure, error) in run.Uncounted) Complain(run.Instance, figure, error);
        if (stored.EndedAt is not null) Telemetry.FlowsEnded.Add(1, new("flow", stored.Flow), new("state", stored.State.ToString().ToLowerInvariant()));
        run.Moved(stored);
        return true;
    }

    private async Task<OperationResult> CallAsync(FlowRun run, FlowCall call)
    {
        var result = await _caller.CallAsync(run, call);
        var rest = RestOf(call.Operation.Backend);
        if (result is { Status: OperationStatus.NotSent, BackendIsAway: true })
        {
            // Of several under way one tells.
            if (Now >= rest.Until)
            {
                rest.Down(Now, run.Instance.Id, result.Reason ?? result.Detail, result.RetryAfter);
                if (rest.Failures == 1) Waits(call.Operation.Backend, result.Reason ?? result.Detail);
            }
        }
        else if (result.Status is not OperationStatus.NotSent && rest.Failures > 0)
        {
            rest.Back();
            GoesOn(call.Operation.Backend);
        }
        return result;
    }

    /// <param name="flow">Who owns it is told; null where nobody does any more.</param>
    private async Task ParkAsync(FlowInstance instance, Flow? flow, string reason)
    {
        var alert = new FlowAlert(FlowAlertKind.Parked, "", flow?.Owner ?? "", reason);
        var parked = new FlowMove(instance with { State = FlowState.Parked, Reason = reason, WakeAt = null, Backend = null, Owner = null, LeaseUntil = null, Body = default })
        {
            Entries = [new FlowEntry(0, Now, "", "parked") { Detail = reason }],
            Events = [AlertEvent.Of(instance, alert, flow?.Runbook, Now)],
        };
        if (await store.SaveFlowAsync(parked, CancellationToken.None) is not null) Tell(instance, alert);
    }

    /// <summary>Now and then: the same is wrong with all that come.</summary>
    private void Complain(FlowInstance instance, string figure, string error)
    {
        Telemetry.FlowFigureFailures.Add(1, new("flow", instance.Flow), new("figure", figure));
        if (_complained.TryGetValue((instance.Flow, figure), out var last) && Now < last + LeftAlone) return;
        _complained[(instance.Flow, figure)] = Now;
        Uncounted(instance.Flow, figure, instance.Id, error, instance.CorrelationId);
    }

    /// <summary>Says in the log and the metrics what an owner is told; the event of it is in the log already.</summary>
    public void Tell(FlowInstance instance, FlowAlert alert)
    {
        Telemetry.FlowAlerts.Add(1, new("flow", instance.Flow), new("kind", alert.Kind.ToString().ToLowerInvariant()));
        Alerted(alert.Kind, instance.Flow, instance.Key, instance.Id, alert.Step, alert.Text, alert.To, instance.CorrelationId);
    }

    private Rest RestOf(string backend) => _rests.GetOrAdd(backend, _ => new Rest());

    [LoggerMessage(60, LogLevel.Error, "An instance of {Flow} could not be worked on, and is left alone for a while: {Id} [{CorrelationId}]")]
    private partial void Failed(Exception failed, string flow, string id, string? correlationId);

    [LoggerMessage(61, LogLevel.Error, "An instance of {Flow} can't be read: its key is missing from the key ring. Restore it: {Id} [{CorrelationId}]")]
    private partial void Unreadable(string flow, string id, string? correlationId);

    [LoggerMessage(62, LogLevel.Warning, "{Kind}: {Flow} of {Key} ({Id}), step '{Step}': {Text}; told to {Owner} [{CorrelationId}]")]
    private partial void Alerted(FlowAlertKind kind, string flow, string key, string id, string step, string text, string owner, string? correlationId);

    [LoggerMessage(63, LogLevel.Warning, "Flows can't call {Backend}: {Reason}; what is about it waits")]
    private partial void Waits(string backend, string reason);

    [LoggerMessage(65, LogLevel.Warning, "Whether an instance of {Flow} counts for the figure {Figure} can't be told: {Id}: {Error} [{CorrelationId}]")]
    private partial void Uncounted(string flow, string figure, string id, string error, string? correlationId);

    [LoggerMessage(64, LogLevel.Information, "{Backend} takes calls again; the flows that waited for it go on")]
    private partial void GoesOn(string backend);
}
