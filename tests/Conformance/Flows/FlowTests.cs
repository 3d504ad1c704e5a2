using Gateway.Delivery.Flows;
using Gateway.Tests.Conformance.Stores;
using Xunit;

namespace Gateway.Tests.Conformance.Flows;

/// <summary>Flows as they run, on every engine: nothing is done twice and nothing is left, whatever ends in between.</summary>
public sealed class FlowTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task An_order_is_carried_through_its_steps_and_told(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        await world.AcceptAsync("o-1");
        await world.Node().RunDueAsync(Cancellation);
        var running = await world.FindAsync("o-1");
        Assert.Equal((FlowState.Running, "shipped"), (running.State, running.Stage));
        Assert.Equal(running.Id, (await world.FindAsync(Assert.Single(world.Warehouse.Calls))).Id);
        // The warehouse names its order by our external id, and knows no partner.
        await world.TellAsync("wms.order.shipped.v1", world.Warehouse.Calls.First(), tenant: "-");
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal("rests", (await world.FindAsync("o-1")).Stage);
        world.Clock.Leap(TimeSpan.FromMinutes(10));
        await world.Node().RunDueAsync(Cancellation);
        var done = await world.FindAsync("o-1");
        Assert.Equal((FlowState.Done, ""), (done.State, done.Stage));
        Assert.Equal("started release:calling release:done shipped:done rests:done told:done ended", await world.JournalAsync("o-1"));
        var told = Assert.Single(await world.Store.ReadEventsAsync("acme", 0, 100, Cancellation), e => e.Event.Type == "order.shipped.v1");
        Assert.Equal(("o-1", "/flows/order-to-ship"), (told.Event.Subject, told.Event.Source));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task One_key_has_one_instance(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        await world.AcceptAsync("o-1");
        await world.Store.AppendEventAsync(new NewEvent("again", "acme", "order.accepted.v1", "/others", "o-1", "o-1", world.Clock.GetUtcNow(), "{}"u8.ToArray()), Cancellation);
        await world.HearAsync();
        await world.Node().RunDueAsync(Cancellation);
        Assert.Single(world.Warehouse.Calls);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_was_there_before_anybody_listened_begins_nothing(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.AppendEventAsync(new NewEvent("e-1", "acme", "order.accepted.v1", "/tests", "o-1", "o-1", fixture.Clock.GetUtcNow(), "{}"u8.ToArray()), Cancellation);
        var plan = new Plan("revision", [], new Dictionary<string, Backend>(), [], new Dictionary<string, Consumer> { ["shop"] = new("shop", FlowWorld.Acme) }) { Flows = new FlowSet([FlowWorld.Ships(new Warehouse())], _ => null), Problem = _ => throw new NotSupportedException() };
        using var listener = new FlowListener(store, new FlowBook(store, () => plan, fixture.Clock), fixture.Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<FlowListener>.Instance);
        await listener.StartAsync(Cancellation);
        await listener.StopAsync(Cancellation);
        Assert.Equal((1L, 1), (await store.FindCursorAsync(FlowListener.Reader, Cancellation)) is var cursor ? (cursor.Position, cursor.Version) : default);
        Assert.Empty(await store.FlowsAsync(new FlowFilter(), 10, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_was_cut_off_is_found_and_not_made_again(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        world.Warehouse.Ends = _ => new OperationResult(OperationStatus.Unknown) { Reason = "dropped" };
        await world.AcceptAsync("o-1");
        await world.Node().RunDueAsync(Cancellation);
        world.Clock.Leap(TimeSpan.FromSeconds(1));
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal("started release:calling release:unknown release:asking release:done", await world.JournalAsync("o-1"));
        Assert.Equal(1, Assert.Single(world.Warehouse.Orders).Value);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_never_arrived_is_sent_again_when_no_call_can_be_under_way(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        (world.Warehouse.Works, world.Warehouse.Ends) = (false, _ => new OperationResult(OperationStatus.Unknown) { Reason = "dropped" });
        await world.AcceptAsync("o-1");
        await world.Node().RunDueAsync(Cancellation);
        world.Clock.Leap(TimeSpan.FromSeconds(1));
        await world.Node().RunDueAsync(Cancellation);
        Assert.Single(world.Warehouse.Calls);
        (world.Warehouse.Works, world.Warehouse.Ends) = (true, _ => null);
        world.Clock.Leap(TimeSpan.FromSeconds(40));
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal(2, world.Warehouse.Calls.Count);
        Assert.Single(world.Warehouse.Calls.Distinct());
        Assert.Equal([false, true], world.Warehouse.Resumed);
        Assert.Equal("shipped", (await world.FindAsync("o-1")).Stage);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task A_process_that_ends_in_its_call_leaves_it_to_the_next(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        world.Warehouse.Ends = _ => throw new InvalidOperationException("the process ends here");
        await world.AcceptAsync("o-1");
        // As a process that was killed behind its call leaves it: nothing of what came of it is stored.
        var due = Assert.Single(await world.Store.DueFlowsAsync(world.Clock.GetUtcNow(), "dead", null, 10, Cancellation));
        var run = new FlowRun((await world.Book.FindAsync(due.Flow, due.Revision, Cancellation))!, due, FlowWorld.Acme, EventTypes.None, world.Clock, new Random(1));
        run.Advance();
        var call = Assert.Single(run.Calls);
        Assert.NotNull(await world.Store.SaveFlowAsync(run.Move("dead", call.Until + FlowRun.Margin), Cancellation));
        world.Warehouse.Orders[call.ExternalId!] = 1;
        world.Warehouse.Ends = _ => null;
        if (engine == "postgresql")
        {
            // Others may live there: before the lease is over nobody looks.
            await world.Node().RunDueAsync(Cancellation);
            Assert.Equal("started release:calling", await world.JournalAsync("o-1"));
            world.Clock.Leap(TimeSpan.FromSeconds(36));
        }
        await world.Node("living").RunDueAsync(Cancellation);
        Assert.Equal("started release:calling release:cut-off release:asking release:done", await world.JournalAsync("o-1"));
        Assert.Empty(world.Warehouse.Calls);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Two_nodes_do_nothing_twice(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        for (var i = 0; i < 30; i++) await world.AcceptAsync($"o-{i}");
        var (one, other) = (world.Node("one"), world.Node("other"));
        await Task.WhenAll(one.RunDueAsync(Cancellation), other.RunDueAsync(Cancellation));
        await one.RunDueAsync(Cancellation);
        Assert.Equal(30, world.Warehouse.Orders.Count);
        Assert.All(world.Warehouse.Orders.Values, times => Assert.Equal(1, times));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_waits_for_a_backend_spends_no_attempt_and_comes_most_urgent_first(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        (world.Warehouse.Works, world.Warehouse.Ends) = (false, _ => new OperationResult(OperationStatus.NotSent) { Reason = "connection refused", BackendIsAway = true });
        var node = world.Node();
        for (var i = 0; i < 20; i++) await world.AcceptAsync($"o-{i}", urgency: 20 - i);
        await node.RunDueAsync(Cancellation);
        Assert.Equal(20, (await world.Store.FlowsWaitingForAsync("wms", null, 100, Cancellation)).Count);
        Assert.Contains("wms", node.Troubles.Select(t => t.Backend));
        var tried = world.Warehouse.Calls.Count;
        for (var i = 0; i < 30; i++)
        {
            world.Clock.Leap(TimeSpan.FromSeconds(30));
            await node.RunDueAsync(Cancellation);
        }
        // One at a time finds out.
        Assert.InRange(world.Warehouse.Calls.Count - tried, 15, 30);
        (world.Warehouse.Works, world.Warehouse.Ends) = (true, _ => null);
        world.Warehouse.Calls.Clear();
        for (var i = 0; i < 20 && world.Warehouse.Orders.Count < 20; i++)
        {
            world.Clock.Leap(TimeSpan.FromSeconds(30));
            await node.RunDueAsync(Cancellation);
        }
        Assert.Equal(20, world.Warehouse.Orders.Count);
        Assert.Empty(node.Troubles);
        Assert.All(await world.Store.FlowsAsync(new FlowFilter { Open = true }, 100, Cancellation), i => Assert.Equal("shipped", i.Stage));
        // The first may be any, for one that failed last is passed over once; behind it, as urgent as they are, four at a time.
        var order = new List<int>();
        foreach (var external in world.Warehouse.Calls) order.Add(20 - int.Parse((await world.FindAsync(external)).Key[2..], System.Globalization.CultureInfo.InvariantCulture));
        var behind = order.Skip(1).Chunk(4).Select(chunk => chunk.Average()).ToList();
        Assert.Equal(behind.Order(), behind);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task One_that_is_poisoned_is_parked_and_no_other(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        await world.AcceptAsync("o-1");
        await world.AcceptAsync("o-2");
        var first = true;
        world.Warehouse.Ends = _ =>
        {
            var poisoned = first;
            first = false;
            return poisoned ? new OperationResult(OperationStatus.Malformed) { Reason = "no products" } : null;
        };
        await world.Node().RunDueAsync(Cancellation);
        var instances = await world.Store.FlowsAsync(new FlowFilter { Open = true }, 10, Cancellation);
        Assert.Equal("release: no products", Assert.Single(instances, i => i.State == FlowState.Parked).Reason);
        Assert.Equal("shipped", Assert.Single(instances, i => i.State == FlowState.Running).Stage);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task One_that_people_hold_waits_for_no_backend(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        world.Warehouse.Ends = _ => new OperationResult(OperationStatus.NotSent) { Reason = "connection refused", BackendIsAway = true };
        await world.AcceptAsync("o-1");
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal("wms", (await world.FindAsync("o-1")).Backend);

        var waiting = await world.Store.FindFlowAsync((await world.FindAsync("o-1")).Id, Cancellation);
        var run = new FlowRun(world.Book.Current[0], waiting!, FlowWorld.Acme, EventTypes.None, world.Clock, new Random(1));
        Assert.Null(run.Pause("a look", "ann"));
        Assert.Null(run.Move().Instance.Backend);
        Assert.NotNull(await world.Store.SaveFlowAsync(run.Move(), Cancellation));
        Assert.Empty(await world.Store.FlowsWaitingForAsync("wms", null, 10, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_is_heard_beside_a_call_does_not_cut_it_off(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w) with
        {
            Steps =
            [
                new FlowStep.Parallel("both",
                [
                    new FlowWay(null, [FlowWorld.Ships(w).Steps[0]]),
                    new FlowWay(null, [new FlowStep.Await("packed", "order.packed.v1", FlowRef.Key, FlowWorld.Path("subject"), null)]),
                ]),
            ],
        });
        await world.AcceptAsync("o-1");
        await world.TellAsync("order.packed.v1", "o-1");
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal("started packed:done release:calling release:done both:done ended", await world.JournalAsync("o-1"));
        Assert.Single(world.Warehouse.Calls);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task An_instance_goes_on_as_it_began(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w, "r1"));
        await world.AcceptAsync("o-1");
        await world.Node().RunDueAsync(Cancellation);
        world.Declare(FlowWorld.Ships(world.Warehouse, "r2"));
        await world.AcceptAsync("o-2");
        await world.Node().RunDueAsync(Cancellation);
        foreach (var external in world.Warehouse.Calls.ToList()) await world.TellAsync("wms.order.shipped.v1", external, tenant: "-");
        await world.Node().RunDueAsync(Cancellation);
        world.Clock.Leap(TimeSpan.FromMinutes(10));
        await world.Node().RunDueAsync(Cancellation);
        var told = (await world.Store.ReadEventsAsync("acme", 0, 100, Cancellation)).Where(e => e.Event.Type == "order.shipped.v1").ToDictionary(e => e.Event.Subject, e => System.Text.Encoding.UTF8.GetString(e.Event.Data.Span));
        Assert.Equal(("""{"by":"r1"}""", """{"by":"r2"}"""), (told["o-1"], told["o-2"]));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_nobody_can_read_any_more_is_parked_with_all_it_knows(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w, "r1"));
        await world.AcceptAsync("o-1");
        await world.Node().RunDueAsync(Cancellation);
        var before = await world.FindAsync("o-1");
        world.Declare(FlowWorld.Ships(world.Warehouse, "r2"));
        world.Declare(FlowWorld.Ships(world.Warehouse, "r3"));
        world.Clock.Leap(TimeSpan.FromDays(6));
        await world.Node().RunDueAsync(Cancellation);
        var parked = await world.Store.FindFlowAsync(before.Id, Cancellation);
        Assert.Equal(FlowState.Parked, parked!.State);
        Assert.Contains("r1", parked.Reason, StringComparison.Ordinal);
        Assert.False(parked.Body.IsEmpty);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_takes_too_long_is_undone(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        await world.AcceptAsync("o-1");
        await world.Node().RunDueAsync(Cancellation);
        world.Clock.Leap(TimeSpan.FromDays(5));
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal("wms-" + world.Warehouse.Calls.First(), Assert.Single(world.Warehouse.Cancelled));
        Assert.Equal(FlowState.Failed, (await world.FindAsync("o-1")).State);
        Assert.EndsWith("shipped:timeout undo release:undoing release:undone ended", await world.JournalAsync("o-1"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task A_cancellation_that_comes_in_the_middle_of_a_call_is_heard_behind_it(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        await world.AcceptAsync("o-1");
        world.Warehouse.Ends = _ =>
        {
            world.TellAsync("order.cancelled.v1", "o-1").GetAwaiter().GetResult();
            return null;
        };
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal(FlowState.Cancelled, (await world.FindAsync("o-1")).State);
        Assert.Single(world.Warehouse.Cancelled);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task A_node_that_is_asked_to_stop_ends_its_calls_and_the_next_goes_on(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        await world.AcceptAsync("o-1");
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        world.Warehouse.Ends = _ =>
        {
            begun.SetResult();
            goOn.Task.GetAwaiter().GetResult();
            return null;
        };
        using var node = world.Node();
        await node.StartAsync(Cancellation);
        await begun.Task;
        var stopping = node.StopAsync(Cancellation);
        goOn.SetResult();
        await stopping;
        Assert.Equal("started release:calling release:done", await world.JournalAsync("o-1"));
        await world.Node("next").RunDueAsync(Cancellation);
        Assert.Equal("shipped", (await world.FindAsync("o-1")).Stage);
        Assert.Single(world.Warehouse.Calls);
    }
}
