using System.Text;
using System.Text.Json;
using Gateway.Admin;
using Gateway.Tests.Conformance.Stores;
using Xunit;

namespace Gateway.Tests.Conformance.Flows;

/// <summary>What <c>trace</c> tells, on every engine.</summary>
public sealed class TimelineTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Requests_events_steps_and_attempts_stand_in_one_line_of_time_whatever_it_is_found_by(string engine)
    {
        await using var world = await ShippedAsync(engine);
        var timeline = await Timeline.OfAsync(world.Store, "o-1", new TraceBounds(), Cancellation);
        Assert.Equal(
        [
            "request shop orders.create succeeded c-1",
            "event acme order.accepted.v1 told c-1",
            "flow order-to-ship/o-1  started c-1",
            "flow order-to-ship/o-1 release calling c-1",
            "flow order-to-ship/o-1 release done c-1",
            "delivery acme/hook order.accepted.v1 failed c-1",
            "delivery acme/hook order.accepted.v1 delivered c-1",
            "flow order-to-ship/o-1 shipped done c-1",
            "event acme order.shipped.v1 told c-1",
            "flow order-to-ship/o-1 rests done c-1",
            "flow order-to-ship/o-1 told done c-1",
            "flow order-to-ship/o-1  ended c-1",
            "delivery acme/hook order.shipped.v1 pending c-1",
            "request olaf flows.show done c-2",
            "event acme order.seen.v1 told c-2",
        ], timeline.Lines.Select(l => $"{l.Is.ToString().ToLowerInvariant()} {l.Who} {l.Where} {l.What} {l.CorrelationId}"));
        Assert.Empty(timeline.Cut);
        Assert.Equal(timeline.Lines.OrderBy(l => l.At), timeline.Lines);
        Assert.Contains(timeline.Lines, l => l.Detail?.EndsWith("attempt 1: 503", StringComparison.Ordinal) == true);
        Assert.DoesNotContain("hush", JsonSerializer.Serialize(timeline.Lines), StringComparison.Ordinal);

        // By a number that a step has given it, all but what names the order alone.
        var byNumber = await Timeline.OfAsync(world.Store, "S00079", new TraceBounds(), Cancellation);
        Assert.Equal(timeline.Lines, byNumber.Lines);
        Assert.Empty((await Timeline.OfAsync(world.Store, "S00080", new TraceBounds(), Cancellation)).Lines);
    }

    /// <summary>As <c>GET /events?about=</c> finds them: by the order's id, and by the number that a step of its flow has brought.</summary>
    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Events_of_an_order_are_read_by_any_number_that_it_is_found_by(string engine)
    {
        await using var world = await ShippedAsync(engine);
        await world.Store.AppendEventAsync(Told(world, "order.seen.v1", "o-9", "c-9"), Cancellation);

        foreach (var number in (string[])["o-1", "S00079"])
            Assert.Equal(["order.accepted.v1", "order.shipped.v1", "order.seen.v1"], await TypesAsync(number));
        Assert.Equal(["order.seen.v1"], await TypesAsync("o-9"));
        Assert.Empty(await TypesAsync("S00080"));

        async Task<IEnumerable<string>> TypesAsync(string number) =>
            (await world.Store.ReadEventsAboutAsync(await Timeline.SubjectsAsync(world.Store, number, Cancellation), null, 0, 99, Cancellation)).Select(e => e.Event.Type);
    }

    /// <summary>What no flow works on, for its partner's orders are left to people.</summary>
    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task An_order_without_a_flow_is_found_by_its_id(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w));
        await world.Store.AppendEventAsync(Told(world, "order.accepted.v1", "o-2", "c-2") with { Tenant = "globex" }, Cancellation);
        await world.Store.AppendAuditAsync([Asked(world, "c-2")], Cancellation);
        Assert.Equal([TraceKind.Request, TraceKind.Event], (await Timeline.OfAsync(world.Store, "o-2", new TraceBounds(), Cancellation)).Lines.Select(l => l.Is));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_is_cut_off_is_said_and_it_is_the_oldest(string engine)
    {
        await using var world = await ShippedAsync(engine);
        var timeline = await Timeline.OfAsync(world.Store, "o-1", new TraceBounds(Steps: 1, Events: 2, Deliveries: 0, Correlations: 1), Cancellation);
        Assert.Equal(["steps", "events", "deliveries", "requests"], timeline.Cut);
        Assert.Equal(["ended", "told", "told", "succeeded"], timeline.Lines.Where(l => l.Is != TraceKind.Request).OrderBy(l => l.Is == TraceKind.Event).Concat(timeline.Lines.Where(l => l.Is == TraceKind.Request)).Select(l => l.What));
        Assert.DoesNotContain(timeline.Lines, l => l.Where == "order.accepted.v1");
    }

    /// <summary>An order that was accepted, told with a second attempt, shipped, and looked at by an operator.</summary>
    private static async Task<FlowWorld> ShippedAsync(string engine)
    {
        var world = await FlowWorld.NewAsync(engine, w =>
        {
            var ships = FlowWorld.Ships(w);
            return ships with { Steps = [ships.Steps[0] with { Refs = new Dictionary<string, FlowExpression> { ["salesOrder"] = FlowWorld.Json("\"S00079\"") } }, .. ships.Steps.Skip(1)] };
        });
        await world.Store.AppendAuditAsync([Asked(world, "c-1")], Cancellation);
        await world.Store.AppendEventAsync(Told(world, "order.accepted.v1", "o-1", "c-1"), Cancellation);
        await world.HearAsync();
        await world.Node().RunDueAsync(Cancellation);
        world.Clock.Leap(TimeSpan.FromSeconds(1));
        await DeliverAsync(world, "d-1", 1, 503, 204);
        world.Clock.Leap(TimeSpan.FromSeconds(1));
        await world.TellAsync("wms.order.shipped.v1", world.Warehouse.Calls.First(), tenant: "-");
        await world.Node().RunDueAsync(Cancellation);
        world.Clock.Leap(TimeSpan.FromMinutes(10));
        await world.Node().RunDueAsync(Cancellation);
        await DeliverAsync(world, "d-2", await world.Store.LastPositionAsync(Cancellation));
        world.Clock.Leap(TimeSpan.FromSeconds(1));
        await world.Store.AppendAuditAsync([Asked(world, "c-2") with { Consumer = null, Route = "flows.show", Outcome = "done", Act = new OperatorAct("olaf", "flows.show", "flo_1") }], Cancellation);
        await world.Store.AppendEventAsync(Told(world, "order.seen.v1", "o-1", "c-2"), Cancellation);
        return world;
    }

    private static async Task DeliverAsync(FlowWorld world, string id, long position, params int[] statuses)
    {
        var cursor = await world.Store.FindCursorAsync("webhooks", Cancellation);
        Assert.True(await world.Store.AdvanceAsync("webhooks", cursor, position, [new EventDelivery(id, "acme", "hook", position, world.Clock.GetUtcNow()) { NextAt = world.Clock.GetUtcNow() }], Cancellation));
        foreach (var (index, status) in statuses.Index())
        {
            world.Clock.Leap(TimeSpan.FromSeconds(1));
            var delivery = (await world.Store.FindDeliveryAsync(id, Cancellation))!;
            var arrived = status < 300;
            Assert.True(await world.Store.RecordAttemptAsync(
                delivery, new DeliveryAttempt(index + 1, world.Clock.GetUtcNow(), TimeSpan.FromMilliseconds(5), status, arrived ? null : "503") { Details = new AttemptDetails("POST /hook", "hush") },
                arrived ? DeliveryState.Delivered : DeliveryState.Pending, arrived ? null : world.Clock.GetUtcNow(), Cancellation));
        }
    }

    private static NewEvent Told(FlowWorld world, string type, string subject, string correlation) =>
        new($"{type}/{subject}", "acme", type, "/tests", subject, subject, world.Clock.GetUtcNow(), Encoding.UTF8.GetBytes("""{"urgency":1,"note":"hush"}""")) { CorrelationId = correlation };

    private static AuditRecord Asked(FlowWorld world, string correlation) =>
        new(world.Clock.GetUtcNow(), "acme", "shop", "orders.create", "POST", "/v1/orders", "r1", correlation, 201, "succeeded");
}
