using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>Instances of flows and what comes with them, to put into a store.</summary>
internal static class FlowRecords
{
    public const string Reader = "flows";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>One that is due now, of the first shard.</summary>
    public static FlowInstance Instance(DateTimeOffset now, string id, string tenant = "acme") => new(id, tenant, "order-to-ship", "key-" + id, "r1")
    {
        Shard = 0,
        Stage = "credit",
        StageSince = now,
        WakeAt = now,
        CreatedAt = now,
        CorrelationId = "c-" + id,
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        Body = StoreFixture.Bytes("""{"total":"1.10"}"""),
    };

    public static FlowInstance Instance(StoreFixture fixture, string id, string tenant = "acme") => Instance(fixture.Clock.GetUtcNow(), id, tenant);

    /// <summary>Found by its key, and by what else is given.</summary>
    public static FlowMove Begun(FlowInstance instance, params FlowRef[] refs) => new(instance) { Refs = [new(FlowRef.Key, instance.Key), .. refs] };

    public static FlowRef Pick(string value) => new("pick", value);

    public static FlowSignal Picked(string value, long position, string tenant = "acme") => new(tenant, "pick.confirmed.v1", "pick", value, position);

    public static NewEvent Event(DateTimeOffset now, string id, string source = "/flows") =>
        new(id, "acme", "order.shipped.v1", source, "o-1", "p", now, StoreFixture.Bytes("""{"total":"1.10"}"""));

    /// <summary>Begins instances as an operator would.</summary>
    public static async Task BeginAsync(this IStore store, params IEnumerable<FlowInstance> instances)
    {
        foreach (var instance in instances) Assert.NotNull(await store.SaveFlowAsync(Begun(instance), Cancellation));
    }

    /// <summary>Stores what an instance becomes, as it was read now.</summary>
    public static async Task<FlowInstance> ChangeAsync(this IStore store, string id, Func<FlowInstance, FlowInstance> become, params FlowRef[] refs) =>
        (await store.SaveFlowAsync(new FlowMove(become(await store.FlowAsync(id))) { Refs = refs }, Cancellation))!;

    public static async Task<FlowInstance> FlowAsync(this IStore store, string id) => (await store.FindFlowAsync(id, Cancellation))!;

    /// <summary>Hears more of the log, from where the reader is.</summary>
    public static async Task HearAsync(this IStore store, IReadOnlyList<FlowMove> starts, params FlowSignal[] signals)
    {
        var from = await store.FindCursorAsync(Reader, Cancellation);
        var to = signals.Select(s => s.Position).DefaultIfEmpty(from.Position + 1).Max();
        Assert.True(await store.HearAsync(new FlowHearing(Reader, from, to) { Starts = starts, Signals = signals }, Cancellation));
    }

    /// <summary>Ids of those that are due now.</summary>
    public static async Task<IEnumerable<string>> DueAsync(this IStore store, StoreFixture fixture, string owner = StoreFixture.Owner, IReadOnlyList<int>? shards = null) =>
        (await store.DueFlowsAsync(fixture.Clock.GetUtcNow(), owner, shards, 99, Cancellation)).Select(i => i.Id);
}
