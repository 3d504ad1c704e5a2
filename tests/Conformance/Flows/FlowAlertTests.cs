using System.Text.Json;
using Gateway.Delivery.Flows;
using Gateway.Delivery.Webhooks;
using Gateway.Tests.Conformance.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gateway.Tests.Conformance.Flows;

/// <summary>What owners are told, on every engine: with the move that it tells, once an hour, and nobody else.</summary>
public sealed class FlowAlertTests
{
    private static readonly Uri Runbook = new("https://wiki.example/flows");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Of_many_that_two_nodes_park_within_an_hour_one_is_told(string engine)
    {
        await using var world = await NewAsync(engine);
        for (var i = 0; i < 30; i++) await world.AcceptAsync($"o-{i}");
        await Task.WhenAll(world.Node("one").RunDueAsync(Cancellation), world.Node("other").RunDueAsync(Cancellation));
        for (var looks = 0; looks < 5; looks++)
        {
            // Whose call the other node has taken for cut off is called again when none can be under way.
            await world.Node().RunDueAsync(Cancellation);
            world.Clock.Leap(TimeSpan.FromSeconds(40));
        }
        Assert.Equal(30, (await world.Store.FlowsAsync(new FlowFilter { State = FlowState.Parked }, 100, Cancellation)).Count);

        var told = Assert.Single(await AlertsAsync(world));
        var data = JsonDocument.Parse(told.Event.Data).RootElement;
        var first = (await world.Store.FindFlowAsync(data.GetProperty("instance").GetString()!, Cancellation))!;
        Assert.Equal((first.Id, first.CorrelationId), (told.Event.Subject, told.Event.CorrelationId));
        Assert.Equal($$"""{"owner":"order-desk","flow":"order-to-ship","step":"release","kind":"parked","text":"no products","partner":"acme","key":"{{first.Key}}","instance":"{{first.Id}}","runbook":"{{Runbook}}","quietUntil":"{{HourOf(world) + TimeSpan.FromHours(1):yyyy-MM-ddTHH:mm:ss}}+00:00"}""", data.GetRawText());
        Assert.StartsWith("alr_", told.Event.Id, StringComparison.Ordinal);

        // The next hour is told of anew.
        world.Clock.Leap(TimeSpan.FromHours(1));
        await world.AcceptAsync("o-30");
        await world.Node().RunDueAsync(Cancellation);
        Assert.Equal(2, (await AlertsAsync(world)).Count);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Each_step_kind_and_owner_is_told_of_its_own(string engine)
    {
        await using var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w) with
        {
            Steps =
            [
                new FlowStep.Await("packed", "order.packed.v1", FlowRef.Key, FlowWorld.Path("subject"), null) { Promise = TimeSpan.FromMinutes(1), Timeout = TimeSpan.FromMinutes(3), Escalations = [new(TimeSpan.FromMinutes(2), "logistics")] },
            ],
        });
        await world.AcceptAsync("o-1");
        await world.AcceptAsync("o-2");
        foreach (var _ in Enumerable.Range(0, 4))
        {
            await world.Node().RunDueAsync(Cancellation);
            world.Clock.Leap(TimeSpan.FromMinutes(1));
        }
        var told = (await AlertsAsync(world)).Select(e => JsonDocument.Parse(e.Event.Data).RootElement).Select(d => $"{d.GetProperty("kind")} {d.GetProperty("owner")} {d.GetProperty("text")}");
        Assert.Equal(["late order-desk takes longer than 1m, as promised", "escalated logistics is not over after 2m", "parked order-desk it was not over after 3m"], told);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_is_not_stored_is_not_told(string engine)
    {
        await using var world = await NewAsync(engine);
        await world.AcceptAsync("o-1");
        var due = Assert.Single(await world.Store.DueFlowsAsync(world.Clock.GetUtcNow(), "slow", null, 10, Cancellation));
        var (slow, quick) = (RunOf(world, due), RunOf(world, due));
        Assert.Null(quick.Pause("a look", "ann"));
        Assert.NotNull(await world.Store.SaveFlowAsync(quick.Move(), Cancellation));

        slow.Advance();
        slow.Ended(Assert.Single(slow.Calls), new OperationResult(OperationStatus.Malformed) { Reason = "no products" });
        Assert.Equal(AlertEvent.Type, Assert.Single(slow.Move().Events).Type);
        Assert.Null(await world.Store.SaveFlowAsync(slow.Move(), Cancellation));
        Assert.Empty(await AlertsAsync(world));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Owners_hear_what_names_them_and_partners_and_flows_nothing(string engine)
    {
        await using var world = await NewAsync(engine);
        await world.AcceptAsync("o-1");
        await world.Node().RunDueAsync(Cancellation);
        var told = Assert.Single(await AlertsAsync(world));

        Assert.DoesNotContain(await world.Store.ReadEventsAsync("acme", 0, 100, Cancellation), e => e.Event.Type == AlertEvent.Type);
        Assert.Null(await world.Store.FindEventOfAsync("acme", told.Event.Id, Cancellation));
        var book = new SubscriptionBook(world.Store, () => Subscriptions, world.Clock, NullLogger<SubscriptionBook>.Instance);
        using var fanOut = new WebhookFanOut(world.Store, book, world.Clock, NullLogger<WebhookFanOut>.Instance);
        await fanOut.StartAsync(Cancellation);
        for (var i = 0; i < 3000 && (await world.Store.FindCursorAsync(WebhookFanOut.Reader, Cancellation)).Position < told.Position; i++) await Task.Delay(10, Cancellation);
        await fanOut.StopAsync(Cancellation);
        var deliveries = await world.Store.DeliveriesAsync(null, 100, Cancellation);
        Assert.Equal(["-/owner-order-desk"], deliveries.Where(d => d.EventPosition == told.Position).Select(d => d.Endpoint));
        Assert.Contains(deliveries, d => d.Endpoint == "acme/all");

        // A flow that would begin with it: validate refuses it (GW5404), and nothing begins.
        world.Declare(FlowWorld.Ships(world.Warehouse, "r2") with { Trigger = new FlowTrigger(AlertEvent.Type, FlowWorld.Path("subject"), null) });
        world.Clock.Leap(TimeSpan.FromHours(1));
        await world.Store.AppendEventAsync(told.Event with { Id = "alr_again" }, Cancellation);
        await world.HearAsync();
        Assert.Single(await world.Store.FlowsAsync(new FlowFilter(), 100, Cancellation));
    }

    private static readonly IReadOnlyList<Subscription> Subscriptions =
    [
        Subscription("all", "acme", Gateway.Subscription.EveryType, null),
        Subscription("owner-order-desk", Partner.House.Name, AlertEvent.Type, "data.owner = \"order-desk\""),
        Subscription("owner-logistics", Partner.House.Name, AlertEvent.Type, "data.owner = \"logistics\""),
    ];

    private static Subscription Subscription(string name, string tenant, string type, string? when) =>
        new(name, tenant, new Uri("https://hooks.example/"), [type]) { Secrets = [], Schedule = [], When = when };

    /// <summary>Whatever is ordered out of the warehouse is refused by it for good.</summary>
    private static async Task<FlowWorld> NewAsync(string engine)
    {
        var world = await FlowWorld.NewAsync(engine, w => FlowWorld.Ships(w) with { Runbook = Runbook });
        world.Warehouse.Works = false;
        world.Warehouse.Ends = _ => new OperationResult(OperationStatus.Malformed) { Reason = "no products\n   at Stack.Trace()" };
        return world;
    }

    private static FlowRun RunOf(FlowWorld world, FlowInstance due) => new(world.Book.Current[0], due, FlowWorld.Acme, EventTypes.None, world.Clock, new Random(1));

    private static DateTimeOffset HourOf(FlowWorld world) => world.Clock.GetUtcNow() is var now ? now - TimeSpan.FromTicks(now.Ticks % TimeSpan.TicksPerHour) : default;

    private static async Task<List<StoredEvent>> AlertsAsync(FlowWorld world) =>
        [.. (await world.Store.ReadEventsAsync(0, 1000, Cancellation)).Where(e => e.Event.Type == AlertEvent.Type)];
}
