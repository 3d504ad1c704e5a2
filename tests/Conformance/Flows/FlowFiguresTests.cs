using Gateway.Delivery.Flows;
using Gateway.Tests.Conformance.Stores;
using Xunit;

namespace Gateway.Tests.Conformance.Flows;

/// <summary>What instances count for as they go on, and whether they keep their flow's promise, on every engine.</summary>
public sealed class FlowFiguresTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task An_order_counts_from_when_it_is_ordered_out_until_it_has_left(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w) with { Figures = [AtWarehouse] });
        foreach (var order in new[] { "o-1", "o-2" }) await world.AcceptAsync(order, urgency: 7);
        await world.Node().RunDueAsync(Cancellation);

        var now = Assert.Single(await world.Store.FlowFiguresAsync(world.Clock.GetUtcNow(), Cancellation));
        Assert.Equal(("order-to-ship", "at-warehouse", """{"partner":"acme"}""", 2, 14m), (now.Flow, now.Figure, now.Group, now.Count, now.Amount));

        await ShipAsync(world, "o-1");
        Assert.Equal((1, 7m), Assert.Single(await world.Store.FlowFiguresAsync(world.Clock.GetUtcNow(), Cancellation)) is var left ? (left.Count, left.Amount) : default);
        await world.TellAsync("order.cancelled.v1", "o-2");
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal(FlowState.Cancelled, (await world.FindAsync("o-2")).State);
        Assert.Empty(await world.Store.FlowFiguresAsync(world.Clock.GetUtcNow(), Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_counts_once_counts_when_the_instance_has_ended(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w) with { Figures = [AtWarehouse with { Name = "ever", Lasts = true }] });
        await world.AcceptAsync("o-1");
        await world.Node().RunDueAsync(Cancellation);
        await ShipAsync(world, "o-1");
        world.Clock.Leap(TimeSpan.FromMinutes(11));
        await world.Node().RunDueAsync(Cancellation);

        Assert.Equal(FlowState.Done, (await world.FindAsync("o-1")).State);
        Assert.Equal((true, 1), Assert.Single(await world.Store.FlowFiguresAsync(world.Clock.GetUtcNow().AddHours(-1), Cancellation)) is var sum ? (sum.Lasts, sum.Count) : default);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Figures_declared_later_count_those_that_began_before_and_no_expression_stops_them(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        await world.AcceptAsync("o-1");
        await world.Node().RunDueAsync(Cancellation);
        FlowExpression broken = (in FlowSight _) => new FlowValue(default, "it is broken");
        world.Declare(FlowWorld.Ships(world.Warehouse, "r2") with
        {
            Figures = [new FlowFigure("gone", FlowWorld.Json("true")) { By = new Dictionary<string, FlowExpression> { ["x"] = broken } }, new FlowFigure("rests", FlowWorld.Json("true"))],
        });
        await ShipAsync(world, "o-1");

        Assert.Equal("r1", (await world.FindAsync("o-1")).Revision);
        Assert.Equal("rests", Assert.Single(await world.Store.FlowFiguresAsync(world.Clock.GetUtcNow(), Cancellation)).Figure);
        // A figure that is not declared any more counts nobody.
        world.Declare(FlowWorld.Ships(world.Warehouse));
        world.Clock.Leap(TimeSpan.FromMinutes(11));
        await world.Node().RunDueAsync(Cancellation);
        Assert.Empty(await world.Store.FlowFiguresAsync(world.Clock.GetUtcNow(), Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Who_is_late_is_told_and_counted_once_also_while_people_are_waited_for(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w) with { Promise = TimeSpan.FromHours(1) });
        world.Warehouse.Works = false;
        world.Warehouse.Ends = _ => new OperationResult(OperationStatus.Refused) { Detail = "no products" };
        await world.AcceptAsync("parked");
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal(FlowState.Parked, (await world.FindAsync("parked")).State);
        world.Warehouse.Ends = _ => null;
        await world.AcceptAsync("in-time");
        await world.AcceptAsync("dropped");
        await world.Node().RunDueAsync(Cancellation);
        await ShipAsync(world, "in-time");
        await world.TellAsync("order.cancelled.v1", "dropped");
        world.Clock.Leap(TimeSpan.FromMinutes(20));
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal((FlowState.Done, FlowState.Cancelled), ((await world.FindAsync("in-time")).State, (await world.FindAsync("dropped")).State));

        world.Clock.Leap(TimeSpan.FromHours(3));
        for (var looks = 0; looks < 3; looks++) await world.Node().RunDueAsync(Cancellation);

        Assert.Equal(FlowState.Parked, (await world.FindAsync("parked")).State);
        Assert.Equal("started release:calling release:parked late", await world.JournalAsync("parked"));
        var hours = await world.Store.FlowHoursAsync(world.Clock.GetUtcNow().AddDays(-1), Cancellation);
        Assert.Equal((1, 1), (hours.Sum(h => h.Kept), hours.Sum(h => h.Broken)));
        Assert.Contains(await world.Store.ReadEventsAsync(0, 1000, Cancellation), e => e.Event.Type == AlertEvent.Type && System.Text.Encoding.UTF8.GetString(e.Event.Data.Span).Contains("takes longer than 1h, as promised", StringComparison.Ordinal));
    }

    private static readonly FlowFigure AtWarehouse = new("at-warehouse", (in FlowSight sight) =>
        new FlowValue(sight.Known.GetProperty("steps").TryGetProperty("release", out _) && !sight.Known.GetProperty("steps").TryGetProperty("shipped", out _) ? "true"u8.ToArray() : [], null))
    {
        By = new Dictionary<string, FlowExpression> { ["partner"] = FlowWorld.Path("flow", "partner"), ["nothing"] = (in FlowSight _) => default },
        Amount = FlowWorld.Path("trigger", "data", "urgency"),
    };

    private static async Task ShipAsync(FlowWorld world, string order)
    {
        var external = FlowId.OfCall((await world.FindAsync(order)).Id, "release", 0, undo: false);
        await world.TellAsync("wms.order.shipped.v1", external, Partner.House.Name);
        await world.Node().RunDueAsync(Cancellation);
    }
}
