using System.Text.Json;
using Gateway.Delivery.Flows;
using Gateway.Tests.Conformance.Stores;
using Xunit;

namespace Gateway.Tests.Conformance.Flows;

/// <summary>What people do about an instance, as the admin port does it, on every engine: it is done once, and what they may not is refused with the reason.</summary>
public sealed class FlowActTests
{
    private const string Order = "o-1";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_is_paused_does_nothing_until_it_is_resumed(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        await world.AcceptAsync(Order);
        Assert.Equal("it is not paused", await ActAsync(world, run => run.Resume("olaf")));
        Assert.Null(await ActAsync(world, run => run.Pause("a look", "olaf")));
        Assert.Equal("it is paused", await ActAsync(world, run => run.Pause("a look", "olaf")));
        world.Clock.Leap(TimeSpan.FromHours(1));
        await world.Node().RunDueAsync(Cancellation);
        Assert.Empty(world.Warehouse.Calls);

        Assert.Null(await ActAsync(world, run => run.Resume("olaf")));
        await world.Node().RunDueAsync(Cancellation);

        Assert.Single(world.Warehouse.Calls);
        Assert.Equal("started paused resumed release:calling release:done", await world.JournalAsync(Order));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task A_step_that_is_skipped_is_taken_for_done_with_what_is_said_of_it(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => Tells(w, FlowWorld.Path("steps", "shipped")));
        await world.AcceptAsync(Order);
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal("the step 'rests' was not begun", await ActAsync(world, run => run.Skip("rests", "no time", null, "olaf")));

        using var result = JsonDocument.Parse("""{"parcels":2}""");
        Assert.Null(await ActAsync(world, run => run.Skip("shipped", "seen at the ramp", result.RootElement, "olaf")));
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal("the step 'shipped' is over", await ActAsync(world, run => run.Skip("shipped", "again", null, "olaf")));
        Assert.Null(await ActAsync(world, run => run.Skip("rests", "no time", null, "olaf")));
        await world.Node().RunDueAsync(Cancellation);

        Assert.Equal(FlowState.Done, (await world.FindAsync(Order)).State);
        Assert.Equal("started release:calling release:done shipped:skipped rests:skipped told:done ended", await world.JournalAsync(Order));
        Assert.Equal("""{"parcels":2}""", StoreFixture.Text(Assert.Single(await world.Store.ReadEventsAsync("acme", 0, 100, Cancellation), e => e.Event.Type == "order.shipped.v1").Event.Data));
        Assert.Contains(await world.Store.FlowJournalAsync((await world.FindAsync(Order)).Id, Cancellation), e => e is { Step: "shipped", What: "skipped", Detail: "olaf: seen at the ramp" });
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_failed_is_made_again_with_what_somebody_has_corrected_under_the_same_external_id(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        (world.Warehouse.Works, world.Warehouse.Ends) = (false, _ => new OperationResult(OperationStatus.Refused) { Detail = "no such SKU" });
        await world.AcceptAsync(Order);
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal((FlowState.Parked, "release"), ((await world.FindAsync(Order)).State, (await world.FindAsync(Order)).Stage));
        Assert.Equal("the step 'shipped' has no call that could be made again", await ActAsync(world, run => run.Retry("shipped", null, "olaf")));

        (world.Warehouse.Works, world.Warehouse.Ends) = (true, _ => null);
        using var input = JsonDocument.Parse("""{"sku":"DESK0006"}""");
        Assert.Null(await ActAsync(world, run => run.Retry("release", input.RootElement.Clone(), "olaf")));
        await world.Node().RunDueAsync(Cancellation);

        Assert.Equal(("shipped", """{"sku":"DESK0006"}"""), ((await world.FindAsync(Order)).Stage, world.Warehouse.Inputs.Last()));
        Assert.Single(world.Warehouse.Calls.Distinct());
        Assert.Equal("it is not parked, and nothing in it waits to be tried again", await ActAsync(world, run => run.Retry(null, null, "olaf")));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Two_who_must_agree_are_two_and_release_once(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => Held(w, count: 2));
        await world.AcceptAsync(Order);
        await world.Node().RunDueAsync(Cancellation);

        Assert.Null(await ActAsync(world, run => run.Decide("hold", "anna", agrees: true, "fine")));
        await world.Node().RunDueAsync(Cancellation);
        Assert.Empty(world.Warehouse.Calls);
        Assert.Equal("anna has agreed already", await ActAsync(world, run => run.Decide("hold", "anna", agrees: true, null)));
        Assert.Equal("whose matter it is does not approve it", await ActAsync(world, run => run.Decide("hold", "acme-shop", agrees: true, null)));
        Assert.Null(await ActAsync(world, run => run.Decide("hold", "bert", agrees: true, null)));
        await world.Node().RunDueAsync(Cancellation);

        Assert.Single(world.Warehouse.Calls);
        Assert.Equal("the step 'hold' waits for nobody's approval", await ActAsync(world, run => run.Decide("hold", "carl", agrees: true, null)));
        Assert.Equal("started hold:agreed hold:agreed hold:done release:calling release:done", await world.JournalAsync(Order));
    }

    /// <summary>Both have read it as it was; the second has to look again, and finds it decided.</summary>
    [Theory]
    [MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Of_two_who_decide_in_the_same_moment_one_does(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => Held(w, count: 1));
        await world.AcceptAsync(Order);
        await world.Node().RunDueAsync(Cancellation);
        var (agrees, refuses) = (await RunAsync(world), await RunAsync(world));
        Assert.Null(agrees.Decide("hold", "anna", agrees: true, null));
        Assert.Null(refuses.Decide("hold", "bert", agrees: false, "not them"));

        Assert.NotNull(await world.Store.SaveFlowAsync(agrees.Decided(), Cancellation));
        Assert.Null(await world.Store.SaveFlowAsync(refuses.Decided(), Cancellation));
        await world.Node().RunDueAsync(Cancellation);

        Assert.Equal("the step 'hold' waits for nobody's approval", await ActAsync(world, run => run.Decide("hold", "bert", agrees: false, "not them")));
        Assert.Single(world.Warehouse.Calls);
    }

    /// <summary>Who agrees behind the time changes nothing any more.</summary>
    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_nobody_has_approved_in_its_time_is_released_by_nobody(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => Held(w, count: 1));
        await world.AcceptAsync(Order);
        await world.Node().RunDueAsync(Cancellation);
        world.Clock.Leap(TimeSpan.FromDays(3));
        await world.Node().RunDueAsync(Cancellation);

        Assert.Equal(FlowState.Failed, (await world.FindAsync(Order)).State);
        Assert.Equal("the step 'hold' waits for nobody's approval", (await RunAsync(world)).Decide("hold", "anna", agrees: true, null));
        Assert.Empty(world.Warehouse.Calls);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_undoes_is_tried_again_while_its_backend_is_away_and_asked_about_where_it_was_cut_off(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        await world.AcceptAsync(Order);
        await world.Node().RunDueAsync(Cancellation);
        world.Warehouse.CancelEnds = call => call switch
        {
            1 => new OperationResult(OperationStatus.NotSent) { Reason = "connection refused", BackendIsAway = true },
            2 => new OperationResult(OperationStatus.NotSent) { Reason = "busy" },
            3 => new OperationResult(OperationStatus.Unknown) { Reason = "dropped" },
            _ => null,
        };

        await world.TellAsync("order.cancelled.v1", Order);
        for (var minute = 0; minute < 30 && (await world.FindAsync(Order)).EndedAt is null; minute++)
        {
            await world.Node().RunDueAsync(Cancellation);
            world.Clock.Leap(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(FlowState.Cancelled, (await world.FindAsync(Order)).State);
        Assert.Equal(4, world.Warehouse.CancelCalls.Count);
        Assert.Single(world.Warehouse.CancelCalls.Distinct());
        Assert.Single(world.Warehouse.Cancelled);
    }

    /// <summary>The one before it is undone already: it can go on no more, and back no further.</summary>
    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_can_not_be_undone_behind_what_was_is_for_people(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w) is var ships
            ? ships with { Steps = [ships.Steps[0], ((FlowStep.Call)ships.Steps[0]) with { Name = "more", Undo = ((FlowStep.Call)ships.Steps[0]).Undo! with { Name = "more", About = new FlowSubject(null, null, "more") } }, .. ships.Steps.Skip(1)] }
            : ships);
        await world.AcceptAsync(Order);
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal(2, world.Warehouse.Calls.Count);
        world.Warehouse.CancelEnds = call => call == 2 ? new OperationResult(OperationStatus.Refused) { Detail = "it is picked" } : null;

        await world.TellAsync("order.cancelled.v1", Order);
        await world.Node().RunDueAsync(Cancellation);

        var parked = await world.FindAsync(Order);
        Assert.Equal(FlowState.Parked, parked.State);
        Assert.Contains("it can't be undone: it is picked", parked.Reason, StringComparison.Ordinal);
        Assert.Null(await ActAsync(world, run => run.Skip("release", "they send it back", null, "olaf")));
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal(FlowState.Cancelled, (await world.FindAsync(Order)).State);
    }

    /// <summary>What is told says what is known of a step.</summary>
    private static Flow Tells(Warehouse warehouse, FlowExpression data) => FlowWorld.Ships(warehouse) is var ships
        ? ships with { Steps = [.. ships.Steps.Take(3), ((FlowStep.Emit)ships.Steps[3]) with { Data = data }] }
        : ships;

    /// <summary>Before anything is ordered, so many have to agree, and not whose order it is.</summary>
    private static Flow Held(Warehouse warehouse, int count) => FlowWorld.Ships(warehouse) is var ships
        ? ships with { Steps = [new FlowStep.Approve("hold", Role.Approver, count, FlowWorld.Json("\"acme-shop\"")) { Timeout = TimeSpan.FromDays(3), OnTimeout = FlowEnd.Undo }, .. ships.Steps] }
        : ships;

    private static async Task<FlowRun> RunAsync(FlowWorld world)
    {
        var instance = (await world.Store.FindFlowAsync((await world.FindAsync(Order)).Id, Cancellation))!;
        return new FlowRun((await world.Book.FindAsync(instance.Flow, instance.Revision, Cancellation))!, instance, FlowWorld.Acme, EventTypes.None, world.Clock, new Random(1));
    }

    /// <summary>As the admin port does it; why it can't be done, or null.</summary>
    private static async Task<string?> ActAsync(FlowWorld world, Func<FlowRun, string?> act)
    {
        var run = await RunAsync(world);
        if (act(run) is { } refused) return refused;
        Assert.NotNull(await world.Store.SaveFlowAsync(run.Decided(), Cancellation));
        return null;
    }
}
