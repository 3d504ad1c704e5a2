using System.Security.Cryptography;
using System.Text.Json;
using Gateway.Delivery.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Delivery.Flows;

/// <summary>
/// Reads the event log for the flows: begins instances, and keeps as a signal what an instance waits for, or may wait for later. Its cursor moves in the
/// transaction that does so, so no event is passed over and none begins anything twice, however many of these run.
/// </summary>
/// <param name="heard">Told when there is something for instances, by whichever node it was heard.</param>
public sealed partial class FlowListener(IStore store, FlowBook book, TimeProvider clock, ILogger<FlowListener> log, Action? heard = null) : BackgroundService
{
    /// <summary>Name of the cursor.</summary>
    public const string Reader = "flows";

    private const int Batch = 200;

    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);

    private readonly StoreWatch _watch = new("Flow listener", clock, log);

    /// <summary>Of the cursor, as it was last seen here.</summary>
    private int _version;

    /// <summary>Flows hear what happens from now on: where nobody has listened yet, the cursor is put behind what is there, before anybody is answered.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var cursor = await store.FindCursorAsync(Reader, cancellationToken);
        if (cursor.Version == 0) await store.HearAsync(new FlowHearing(Reader, cursor, await store.LastPositionAsync(cancellationToken)), cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var woken = Task.CompletedTask;
        return _watch.RepeatAsync(async stopping =>
        {
            if (woken.IsCompleted) woken = store.WaitForAppendAsync(LongestSleep, stopping).AsTask();
            var passed = 0;
            while (await PassAsync(stopping)) passed++;
            if (passed == 0) await woken;
        }, stoppingToken);
    }

    /// <summary>One batch of events; false when there was none.</summary>
    internal async Task<bool> PassAsync(CancellationToken stopping)
    {
        var cursor = await store.FindCursorAsync(Reader, stopping);
        // Another node has gone on, and may have heard what is for instances of this one.
        if (cursor.Version != _version) heard?.Invoke();
        _version = cursor.Version;
        var events = await store.ReadEventHeadsAsync(cursor.Position, Batch, stopping);
        if (events.Count == 0) return false;
        var flows = await book.InUseAsync(stopping);
        var starts = new List<FlowMove>();
        var signals = new List<FlowSignal>();
        foreach (var happened in events) await HearAsync(happened, flows, starts, signals, stopping);
        if (!await store.HearAsync(new FlowHearing(Reader, cursor, events[^1].Position) { Starts = starts, Signals = signals }, stopping)) return true;
        _version++;
        if (starts.Count + signals.Count > 0) heard?.Invoke();
        return true;
    }

    private async ValueTask HearAsync(EventHead head, IReadOnlyList<Flow> flows, List<FlowMove> starts, List<FlowSignal> signals, CancellationToken stopping)
    {
        var hearers = flows.Where(f => f.Heard.Contains(head.Type)).ToList();
        if (hearers.Count == 0 || await ReadAsync(head, stopping) is not { } stored) return;
        using var parsed = JsonDocument.Parse(Envelope.Write(stored));
        if (book.PartnerOf(head.Tenant) is not { } partner) return;
        var sight = new FlowSight(parsed.RootElement, null, partner, clock.GetUtcNow());
        foreach (var flow in hearers)
        {
            if (flow.Trigger.ForHouse == (partner == Partner.House)) await HearAsync(flow, stored, sight, starts, signals, stopping);
            else if (partner == Partner.House) await HearBackendAsync(flow, stored, sight, signals, stopping);
        }
    }

    /// <summary>An event of whose the flow's instances are.</summary>
    private async ValueTask HearAsync(Flow flow, StoredEvent stored, FlowSight sight, List<FlowMove> starts, List<FlowSignal> signals, CancellationToken stopping)
    {
        if (flow.Trigger.Event == stored.Event.Type && sight.Partner.Flows?.Contains(flow.Name) != false && book.Plan.Flows.Find(flow.Name)?.Revision == flow.Revision && Begin(flow, stored, sight) is { } begun)
        {
            await book.KeepAsync(flow, stopping);
            starts.Add(begun);
        }
        signals.AddRange(SignalsOf(flow, stored, sight).Except(signals));
    }

    /// <summary>
    /// What a backend tells is no partner's. It is whose instance is found by what it names: the external id of a call is known before the call is made, so no backend
    /// can tell of it too early.
    /// </summary>
    private async ValueTask HearBackendAsync(Flow flow, StoredEvent stored, FlowSight sight, List<FlowSignal> signals, CancellationToken stopping)
    {
        foreach (var wait in flow.All.OfType<FlowStep.Await>().Where(a => a.Event == stored.Event.Type && a.By != FlowRef.Key))
        {
            if (wait.Value(sight).Text is not { } value) continue;
            foreach (var instance in await store.FlowsAsync(new FlowFilter { Ref = value, Flow = flow.Name, Open = true }, Batch, stopping))
            {
                var signal = new FlowSignal(instance.Tenant, stored.Event.Type, wait.By, value, stored.Position);
                if (!signals.Contains(signal)) signals.Add(signal);
            }
        }
    }

    private async ValueTask<StoredEvent?> ReadAsync(EventHead head, CancellationToken stopping)
    {
        try
        {
            return await store.FindEventAsync(head.Position, stopping);
        }
        catch (StoreUnavailableException unavailable) when (unavailable.InnerException is CryptographicException)
        {
            Unreadable(head.Position, head.Type, head.Tenant);
            return null;
        }
    }

    private FlowMove? Begin(Flow flow, StoredEvent stored, in FlowSight sight)
    {
        var (begun, why) = FlowStart.Of(flow, stored, sight);
        if (why is not null) NotBegun(flow.Name, stored.Event.Type, stored.Event.Id, why, stored.Event.CorrelationId);
        return begun;
    }

    private static IEnumerable<FlowSignal> SignalsOf(Flow flow, StoredEvent stored, FlowSight sight)
    {
        var type = stored.Event.Type;
        foreach (var wait in flow.All.OfType<FlowStep.Await>().Where(a => a.Event == type))
        {
            if (wait.Value(sight).Text is { } value) yield return new FlowSignal(stored.Event.Tenant, type, wait.By, value, stored.Position);
        }
        if (flow.Cancellation is { } cancellation && cancellation.Event == type && cancellation.Key(sight).Text is { } key)
            yield return new FlowSignal(stored.Event.Tenant, type, FlowRef.Key, key, stored.Position);
    }

    [LoggerMessage(50, LogLevel.Error, "The event {Position} of the type {Type} of {Tenant} can't be read, so no flow hears of it")]
    private partial void Unreadable(long position, string type, string tenant);

    [LoggerMessage(51, LogLevel.Error, "The flow {Flow} does not begin with {Type} {Id}: {Reason} [{CorrelationId}]")]
    private partial void NotBegun(string flow, string type, string id, string reason, string? correlationId);
}
