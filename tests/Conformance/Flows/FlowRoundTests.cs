using Gateway.Tests.Conformance.Stores;
using Xunit;

namespace Gateway.Tests.Conformance.Flows;

/// <summary>Steps that are done again, in rounds: each calls for itself, is found for itself, and is undone for itself.</summary>
public sealed class FlowRoundTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Each_round_calls_under_an_external_id_of_its_own_until_it_is_over(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, Rounds);
        await world.AcceptAsync("o-1");
        await PackAsync(world, "1", last: "false");
        await PackAsync(world, "2", last: "true");
        Assert.Equal(
            "started release:calling release:done packed:done told:done rounds:repeated release:calling release:done packed:done told:done rounds:done ended",
            await world.JournalAsync("o-1"));
        Assert.Equal(2, world.Warehouse.Orders.Count);
        var told = (await world.Store.ReadEventsAsync("acme", 0, 100, Cancellation)).Where(e => e.Event.Type == "order.shipped.v1").Select(e => e.Event.Id).ToList();
        Assert.Equal(2, told.Distinct().Count());
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_is_cut_off_in_a_later_round_is_asked_about_as_that(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, Rounds);
        await world.AcceptAsync("o-1");
        await PackAsync(world, "1", last: "false", stop: true);
        world.Warehouse.Ends = _ => new OperationResult(OperationStatus.Unknown);
        await world.Node().RunDueAsync(Cancellation);
        world.Warehouse.Ends = _ => null;
        world.Clock.Leap(TimeSpan.FromSeconds(1));
        await world.Node().RunDueAsync(Cancellation);
        Assert.EndsWith("rounds:repeated release:calling release:unknown release:asking release:done", await world.JournalAsync("o-1"), StringComparison.Ordinal);
        Assert.All(world.Warehouse.Orders.Values, times => Assert.Equal(1, times));
        Assert.Equal(2, world.Warehouse.Orders.Count);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_all_rounds_did_is_undone_the_last_first(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, Rounds);
        await world.AcceptAsync("o-1");
        await PackAsync(world, "1", last: "false");
        await world.Node().RunDueAsync(Cancellation);
        var made = world.Warehouse.Calls.ToList();
        await world.TellAsync("order.cancelled.v1", "o-1");
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal(FlowState.Cancelled, (await world.FindAsync("o-1")).State);
        Assert.Equal(made.AsEnumerable().Reverse().Select(m => "wms-" + m), world.Warehouse.Cancelled);
        Assert.Equal(2, made.Count);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_no_round_brings_about_is_for_people(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, Rounds);
        await world.AcceptAsync("o-1");
        for (var round = 1; round <= 3; round++) await PackAsync(world, $"{round}", last: "false");
        var parked = await world.FindAsync("o-1");
        Assert.Equal((FlowState.Parked, "rounds: 3 rounds have not brought it to its end"), (parked.State, parked.Reason));
    }

    /// <param name="stop">The next round is not begun.</param>
    private static async Task PackAsync(FlowWorld world, string again, string last, bool stop = false)
    {
        await world.Node().RunDueAsync(Cancellation);
        await world.TellAsync("order.packed.v1", "o-1", data: $$"""{"last":{{last}}}""", again: again);
        if (!stop) await world.Node().RunDueAsync(Cancellation);
    }

    private static Flow Rounds(Warehouse warehouse)
    {
        var ships = FlowWorld.Ships(warehouse);
        return ships with
        {
            Steps =
            [
                new FlowStep.Repeat("rounds",
                [
                    ships.Steps[0],
                    new FlowStep.Await("packed", "order.packed.v1", FlowRef.Key, FlowWorld.Path("subject"), null),
                    new FlowStep.Emit("told", "order.shipped.v1", null, FlowWorld.Json("{}")),
                ], FlowWorld.Path("steps", "packed", "data", "last"), 3),
            ],
        };
    }
}
