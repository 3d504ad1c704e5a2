using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Gateway.Delivery.Flows;
using Gateway.Tests.Conformance.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gateway.Tests.Conformance.Flows;

/// <summary>A store, a warehouse that answers what it is told to, and those who work on flows; on a clock that stands still.</summary>
internal sealed class FlowWorld : IAsyncDisposable
{
    public static readonly Partner Acme = new("acme", "Acme GmbH");

    private readonly StoreFixture _fixture;
    private Plan _plan;

    private FlowWorld(StoreFixture fixture, IStore store, Func<Warehouse, Flow> flow)
    {
        (_fixture, Store) = (fixture, store);
        _plan = PlanOf(flow(Warehouse));
        Book = new FlowBook(store, () => _plan, Clock);
    }

    public IStore Store { get; }

    public Warehouse Warehouse { get; } = new();

    public FlowBook Book { get; }

    public Microsoft.Extensions.Time.Testing.FakeTimeProvider Clock => _fixture.Clock;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<FlowWorld> NewAsync(string engine, Func<Warehouse, Flow> flow)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        var world = new FlowWorld(fixture, store, flow);
        await store.HearAsync(new FlowHearing(FlowListener.Reader, default, 0), Cancellation);
        return world;
    }

    /// <summary>order-to-ship in three steps: the warehouse is called, what it ships is awaited, and that is told.</summary>
    public static Flow Ships(Warehouse warehouse, string revision = "r1") => new("order-to-ship", "order-desk", revision)
    {
        Trigger = new FlowTrigger("order.accepted.v1", Path("subject"), null),
        Urgency = Path("data", "urgency"),
        Steps =
        [
            new FlowStep.Call("release", warehouse, FlowSubject.None, Json("{}"), new FlowRetry(3, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1))) { Undo = new FlowStep.Call("release", warehouse.Cancels, new FlowSubject(null, null, "release"), null, FlowRetry.Default), Timeout = TimeSpan.FromDays(1) },
            new FlowStep.Await("shipped", "wms.order.shipped.v1", "release", Path("subject"), null) { Timeout = TimeSpan.FromDays(5), OnTimeout = FlowEnd.Undo },
            new FlowStep.Wait("rests", TimeSpan.FromMinutes(10), null),
            new FlowStep.Emit("told", "order.shipped.v1", null, Json($$"""{"by":"{{revision}}"}""")),
        ],
        Cancellation = new FlowCancellation("order.cancelled.v1", Path("subject"), null),
        Document = Encoding.UTF8.GetBytes($$"""{"revision":"{{revision}}"}"""),
    };

    /// <summary>From now on the workspace declares this; instances that run go by what they began with, which can be read again.</summary>
    public void Declare(Flow flow)
    {
        var before = _plan.Flows.All;
        _plan = PlanOf(flow, d => before.FirstOrDefault(f => f.Revision == d.Revision));
    }

    public FlowsHere Node(string owner = StoreFixture.Owner) => new(Store, Book, owner, Clock, new Random(1), NullLogger<FlowsHere>.Instance);

    public FlowListener Listener() => new(Store, Book, Clock, NullLogger<FlowListener>.Instance);

    /// <summary>A request that was begun about the object of an earlier one, or makes one.</summary>
    public async Task<Intent> BeginAsync(string id, Intent? about = null)
    {
        var intent = _fixture.Intent(id, reference: "gw." + id);
        if (about is not null) intent = intent with { ObjectId = about.ObjectId };
        Assert.IsType<BeginResult.Granted>(await Store.BeginAsync(intent, Cancellation));
        return intent;
    }

    public async Task EndAsync(Intent intent) => Assert.True(await Store.CompleteAsync(_fixture.Completion(intent), Cancellation));

    /// <summary>An order is accepted, and heard of.</summary>
    public async Task AcceptAsync(string order, int urgency = 1) => await TellAsync("order.accepted.v1", order, data: $$"""{"urgency":{{urgency}}}""");

    public async Task TellAsync(string type, string subject, string tenant = "acme", string data = "{}", string again = "")
    {
        await Store.AppendEventAsync(new NewEvent($"{type}/{subject}/{tenant}{again}", tenant, type, "/tests", subject, subject, Clock.GetUtcNow(), Encoding.UTF8.GetBytes(data)), Cancellation);
        await HearAsync();
    }

    public async Task HearAsync()
    {
        var listener = Listener();
        while (await listener.PassAsync(Cancellation))
        {
        }
    }

    public async Task<FlowInstance> FindAsync(string order) => Assert.Single(await Store.FlowsAsync(new FlowFilter { Ref = order }, 10, Cancellation));

    /// <summary>What was done, in words.</summary>
    public async Task<string> JournalAsync(string order) =>
        string.Join(' ', (await Store.FlowJournalAsync((await FindAsync(order)).Id, Cancellation)).Select(e => e.Step.Length == 0 ? e.What.Replace(' ', '-') : $"{e.Step}:{e.What.Replace(' ', '-')}"));

    public async ValueTask DisposeAsync() => await _fixture.DisposeAsync();

    public static FlowExpression Json(string json) => (in FlowSight _) => new FlowValue(Encoding.UTF8.GetBytes(json), null);

    public static FlowExpression Path(params string[] names) => (in FlowSight sight) =>
    {
        var at = sight.Known;
        foreach (var name in names)
        {
            if (!at.TryGetProperty(name, out at)) return default;
        }
        return new FlowValue(JsonSerializer.SerializeToUtf8Bytes(at), null);
    };

    private static Plan PlanOf(Flow flow, Func<FlowDefinition, Flow?>? revive = null) => new("revision", [], new Dictionary<string, Backend>(), [], new Dictionary<string, Consumer> { ["shop"] = new("shop", Acme) })
    {
        Flows = new FlowSet([flow], revive ?? (_ => null)),
        Problem = _ => throw new NotSupportedException(),
    };
}

/// <summary>Takes orders under their external ids, and answers what the test wants.</summary>
internal sealed class Warehouse : BackendOperation
{
    /// <summary>By external id, how often it was ordered.</summary>
    public ConcurrentDictionary<string, int> Orders { get; } = new();

    /// <summary>External ids in the order of the calls.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>What each call was made with.</summary>
    public ConcurrentQueue<string> Inputs { get; } = new();

    /// <summary>For whom each call was.</summary>
    public ConcurrentQueue<Partner> For { get; } = new();

    /// <summary>Of each call, whether it takes up what an earlier one has begun.</summary>
    public ConcurrentQueue<bool> Resumed { get; } = new();

    public ConcurrentQueue<string> Cancelled { get; } = new();

    /// <summary>How a call ends behind what it does; null for well.</summary>
    public Func<string, OperationResult?> Ends { get; set; } = _ => null;

    /// <summary>Whether it does what it is asked for.</summary>
    public bool Works { get; set; } = true;

    public Cancelling Cancels => new(this);

    /// <summary>How the first, second… call that cancels ends, behind what it does; null for well.</summary>
    public Func<int, OperationResult?> CancelEnds { get; set; } = _ => null;

    /// <summary>External ids of the calls that cancel.</summary>
    public ConcurrentQueue<string> CancelCalls { get; } = new();

    /// <summary>Whether what was ordered can be cancelled.</summary>
    public bool TakesBack { get; set; } = true;

    public override string Backend => "wms";

    public override OperationDescriptor Descriptor { get; } = new("order.create", "Orders.", Effect.Changes, Idempotent: true, ReadsBack: true) { Makes = "order" };

    public override async ValueTask<OperationResult> CallAsync(OperationCall call, CancellationToken cancellation)
    {
        await Task.Yield();
        Calls.Enqueue(call.ExternalId!);
        Inputs.Enqueue(call.Input.GetRawText());
        For.Enqueue(call.Partner);
        Resumed.Enqueue(call.GoesFirst);
        if (Works) Orders.AddOrUpdate(call.ExternalId!, 1, (_, n) => n + 1);
        return Ends(call.ExternalId!) ?? Made(call);
    }

    public override ValueTask<OperationResult> ReadBackAsync(OperationCall call, CancellationToken cancellation) =>
        new(Orders.ContainsKey(call.ExternalId!) ? Made(call) : new OperationResult(OperationStatus.NotFound));

    private static OperationResult Made(OperationCall call) => new(OperationStatus.Done) { Reference = "wms-" + call.ExternalId, Record = "{}"u8.ToArray() };

    internal sealed class Cancelling(Warehouse warehouse) : BackendOperation
    {
        public override string Backend => "wms";

        public override OperationDescriptor Descriptor { get; } = new("order.cancel", "Cancels.", Effect.Changes, Idempotent: true, ReadsBack: true) { About = new Subject("order") };

        public override ValueTask<OperationResult> CallAsync(OperationCall call, CancellationToken cancellation)
        {
            warehouse.CancelCalls.Enqueue(call.ExternalId!);
            if (warehouse.CancelEnds(warehouse.CancelCalls.Count) is { } ends) return new(ends);
            if (!warehouse.TakesBack) return new(new OperationResult(OperationStatus.Refused) { Detail = "it is picked" });
            warehouse.Cancelled.Enqueue(call.Reference!);
            return new(new OperationResult(OperationStatus.Done));
        }

        public override ValueTask<OperationResult> ReadBackAsync(OperationCall call, CancellationToken cancellation) => new(new OperationResult(OperationStatus.NotFound));
    }
}
