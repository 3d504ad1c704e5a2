using Gateway.Tests.Conformance.Stores;
using Xunit;

namespace Gateway.Tests.Conformance.Flows;

/// <summary>Flows for the house, on every engine: what backends tell begins them, they are nobody's, and no partner's event comes to them.</summary>
public sealed class FlowForHouseTests
{
    private const string Adjusted = "wms.stock.adjusted.v1";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_a_backend_tells_begins_an_instance_that_is_nobodys_and_is_carried_to_its_end(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, Books);
        await world.TellAsync(Adjusted, "9001", tenant: "-", data: """{"quantity":-2}""");
        await world.Node().RunDueAsync(Cancellation);
        var running = await world.FindAsync("9001");
        Assert.Equal((FlowState.Running, "counted", "-"), (running.State, running.Stage, running.Tenant));
        Assert.Equal([Partner.House], world.Warehouse.For.Distinct());
        await world.TellAsync("wms.stock.counted.v1", "9001", tenant: "-");
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal("started booked:calling booked:done counted:done told:done ended", await world.JournalAsync("9001"));
        var told = Assert.Single(await world.Store.ReadEventsAsync("-", 0, 100, Cancellation), e => e.Event.Type == "stock.mismatch.v1");
        Assert.Equal(("9001", "/flows/stock-sync", "-"), (told.Event.Subject, told.Event.Source, told.Event.Tenant));
        Assert.Empty(await world.Store.ReadEventsAsync("acme", 0, 100, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Told_twice_late_and_by_several_listeners_it_is_one(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, Books);
        await world.TellAsync(Adjusted, "9001", tenant: "-");
        await world.TellAsync(Adjusted, "9001", tenant: "-", again: "/2");
        await world.Node("a").RunDueAsync(Cancellation);
        await world.TellAsync(Adjusted, "9001", tenant: "-", again: "/3");
        await Task.WhenAll(world.Node("a").RunDueAsync(Cancellation), world.Node("b").RunDueAsync(Cancellation));
        Assert.Single(world.Warehouse.Calls);
        await world.FindAsync("9001");
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task An_event_of_a_partners_of_the_same_type_begins_nothing_and_ends_no_waiting(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, Books);
        await world.TellAsync(Adjusted, "9001");
        Assert.Empty(await world.Store.FlowsAsync(new FlowFilter(), 10, Cancellation));
        await world.TellAsync(Adjusted, "9001", tenant: "-");
        await world.Node().RunDueAsync(Cancellation);
        await world.TellAsync("wms.stock.counted.v1", "9001");
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal("counted", (await world.FindAsync("9001")).Stage);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_a_backend_tells_begins_no_flow_of_partners(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        await world.TellAsync("order.accepted.v1", "o-1", tenant: "-");
        Assert.Empty(await world.Store.FlowsAsync(new FlowFilter(), 10, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_comes_before_it_is_awaited_is_kept(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, Books);
        await world.TellAsync("wms.stock.counted.v1", "9001", tenant: "-");
        await world.TellAsync(Adjusted, "9001", tenant: "-");
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal(FlowState.Done, (await world.FindAsync("9001")).State);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_was_cut_off_is_found_and_not_made_again(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, Books);
        world.Warehouse.Ends = _ => new OperationResult(OperationStatus.Unknown) { Reason = "dropped" };
        await world.TellAsync(Adjusted, "9001", tenant: "-");
        await world.Node().RunDueAsync(Cancellation);
        world.Warehouse.Ends = _ => null;
        world.Clock.Leap(TimeSpan.FromSeconds(1));
        await world.Node("another").RunDueAsync(Cancellation);
        Assert.Single(world.Warehouse.Calls);
        Assert.Equal("counted", (await world.FindAsync("9001")).Stage);
    }

    private static Flow Books(Warehouse warehouse) => new("stock-sync", "logistics", "r1")
    {
        Trigger = new FlowTrigger(Adjusted, FlowWorld.Path("subject"), null) { ForHouse = true },
        Steps =
        [
            new FlowStep.Call("booked", warehouse, FlowSubject.None, FlowWorld.Json("{}"), FlowRetry.Default) { NoUndo = "It lies there.", Timeout = TimeSpan.FromDays(1) },
            new FlowStep.Await("counted", "wms.stock.counted.v1", FlowRef.Key, FlowWorld.Path("subject"), null) { Timeout = TimeSpan.FromDays(1) },
            new FlowStep.Emit("told", "stock.mismatch.v1", null, FlowWorld.Json("{}")),
        ],
        Document = "{}"u8.ToArray(),
    };
}
