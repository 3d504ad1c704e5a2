using Gateway.Delivery.Flows;
using Gateway.Tests.Conformance.Stores;
using Xunit;

namespace Gateway.Tests.Conformance.Flows;

/// <summary>A request that cancels what a flow carries out: everywhere or nowhere, and it is told which.</summary>
public sealed class FlowDoorTests
{
    private static readonly FlowGuard Cancels = new("order-to-ship", Cancels: true);
    private static readonly FlowGuard Without = new("order-to-ship", Cancels: false);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Where_no_flow_is_at_work_nothing_is_in_the_way(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        Assert.Equal(FlowPassage.Free, await PassAsync(world, Cancels));
        Assert.Equal(FlowPassage.Free, await PassAsync(world, Without));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_can_be_undone_is_and_then_the_way_is_free(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        await world.AcceptAsync("o-1");
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal(FlowPassage.Refused, await PassAsync(world, Without));
        Assert.Equal(FlowPassage.Cancelled, await PassAsync(world, Cancels, works: true));
        Assert.Equal(FlowState.Cancelled, (await world.FindAsync("o-1")).State);
        Assert.Single(world.Warehouse.Cancelled);
        Assert.Equal(FlowPassage.Free, await PassAsync(world, Without));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Who_asks_before_it_is_undone_hears_that_and_later_the_end(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        await world.AcceptAsync("o-1");
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal(FlowPassage.UnderWay, await PassAsync(world, Cancels));
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal(FlowPassage.Cancelled, await PassAsync(world, Cancels));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_was_begun_for_good_is_refused_at_once(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w) is var ships ? ships with { Steps = [ships.Steps[0] with { IsFinal = true }, .. ships.Steps.Skip(1)] } : ships);
        await world.AcceptAsync("o-1");
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal(FlowPassage.Refused, await PassAsync(world, Cancels));
        Assert.Equal(FlowState.Running, (await world.FindAsync("o-1")).State);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_the_backend_does_not_take_back_is_refused_and_goes_on(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        await world.AcceptAsync("o-1");
        await world.Node().RunDueAsync(Cancellation);
        world.Warehouse.TakesBack = false;
        Assert.Equal(FlowPassage.Refused, await PassAsync(world, Cancels, works: true));
        Assert.Equal((FlowState.Running, "shipped"), (await world.FindAsync("o-1")) is var left ? (left.State, left.Stage) : default);
        Assert.EndsWith("cancel-asked undo release:undoing cancel-refused", await world.JournalAsync("o-1"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task A_call_waits_for_the_request_that_is_at_the_backend_with_the_same_object(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w) is var ships ? ships with { Steps = [((FlowStep.Call)ships.Steps[0]) with { About = new FlowSubject("order", FlowWorld.Path("flow", "key"), null) }, .. ships.Steps.Skip(1)] } : ships);
        var made = await world.BeginAsync("int_1");
        await world.EndAsync(made);
        var change = await world.BeginAsync("int_2", made);
        await world.AcceptAsync(made.ObjectId);
        for (var looks = 0; looks < 20; looks++)
        {
            await world.Node().RunDueAsync(Cancellation);
            world.Clock.Leap(TimeSpan.FromSeconds(5));
        }
        Assert.Empty(world.Warehouse.Calls);
        Assert.Equal(FlowState.Running, (await world.FindAsync(made.ObjectId)).State);

        await world.EndAsync(change);
        await world.Node().RunDueAsync(Cancellation);
        Assert.Single(world.Warehouse.Calls);
        Assert.Single((await world.JournalAsync(made.ObjectId)).Split(' '), "release:held-back");
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Another_partners_instance_is_nobodys_here(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        await world.AcceptAsync("o-1");
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal(FlowPassage.Free, await new FlowDoor(world.Store, world.Book, world.Clock).PassAsync(Cancels, "globex", "o-1", "shop", TimeSpan.Zero, Cancellation));
        Assert.Equal(FlowState.Running, (await world.FindAsync("o-1")).State);
    }

    /// <param name="works">Somebody works on flows meanwhile, and time passes.</param>
    private static async Task<FlowPassage> PassAsync(FlowWorld world, FlowGuard guard, bool works = false)
    {
        var door = new FlowDoor(world.Store, world.Book, world.Clock);
        if (!works) return await door.PassAsync(guard, "acme", "o-1", "shop", TimeSpan.Zero, Cancellation);
        var passing = door.PassAsync(guard, "acme", "o-1", "shop", TimeSpan.FromSeconds(30), Cancellation).AsTask();
        while (!passing.IsCompleted)
        {
            await world.Node().RunDueAsync(Cancellation);
            world.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(20, Cancellation);
        }
        return await passing;
    }
}
