using System.Net;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Conformance.Hooks;

/// <summary>What backends tell late is stored, and takes nothing back of what partners were told.</summary>
public sealed class OutOfOrderTests
{
    private const string Api = """
        apis:
          parcels:
            owner: logistics
            notices:
              parcel.moved.v1: { from: tms/tms.tracking.updated.v1, buyer: customer_reference, mapping: tms/tracking.from, contract: tracking@1 }
            routes:
              parcels.read: { match: "GET /parcels/{id}", policies: [callers], target: { call: tms/tracking.read } }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_parcel_that_was_told_as_delivered_is_not_on_its_way_again()
    {
        await using var world = await HookWorld.StartAsync(more: Api);
        world.Tms.Chaos.Set(new ChaosRule(ChaosMode.HookLate) { Count = 3 });

        foreach (var code in (string[])["AC", "IT", "SP", "DE"]) world.Tms.AddEvent("TRK-1001", code, customerReference: "ACME-DE");
        await TakenAsync(world, 4);
        world.Tms.AddEvent("TRK-1002", "IT", customerReference: "ACME-DE");
        await TakenAsync(world, 5);

        var events = await world.EventsAsync(7);
        Assert.Equal(["DE", "AC", "IT", "SP", "IT"], events.Where(e => e.Tenant == "-").Select(e => (string?)JsonNode.Parse(e.Data.Span)!["status_code"]));
        Assert.Equal(["TRK-1001 delivered", "TRK-1002 in_transit"], Told(events));
    }

    [Fact]
    public async Task Late_and_twice_and_newer_again_each_state_is_told_once_and_none_behind_a_later()
    {
        await using var world = await HookWorld.StartAsync(more: Api);
        world.Tms.AddEvent("TRK-1001", "AC", customerReference: "ACME-DE");
        await TakenAsync(world, 1);
        world.Tms.Chaos.Set(new ChaosRule(ChaosMode.HookLate) { Count = 1 });
        world.Tms.AddEvent("TRK-1001", "IT");
        world.Tms.AddEvent("TRK-1001", "SP");
        await TakenAsync(world, 3);
        world.Tms.Chaos.Set(new ChaosRule(ChaosMode.HookTwice) { Count = 1 });
        world.Tms.AddEvent("TRK-1001", "DE");
        await TakenAsync(world, 5);

        Assert.Equal(["TRK-1001 accepted", "TRK-1001 available_for_pickup", "TRK-1001 delivered"], Told(await world.EventsAsync(7)));
    }

    /// <summary>The letter is of how things stood then; meanwhile the partner knows better.</summary>
    [Fact]
    public async Task A_dead_letter_that_is_mended_too_late_takes_nothing_back()
    {
        await using var world = await HookWorld.StartAsync(more: Api);
        const string Broken = """{ "tracking_number": "TRK-1", "carrier_code": "demo_carrier", "customer_reference": "ACME-DE", "status_code": "IT", "events": [{ "occurred_at": "2026-11-25T14:12:00Z", "status_code": "IT" }, { "occurred_at": "yesterday", "status_code": "AC" }] }""";
        const string Newer = """{ "tracking_number": "TRK-1", "carrier_code": "demo_carrier", "customer_reference": "ACME-DE", "status_code": "DE", "events": [{ "occurred_at": "2026-11-25T15:12:00Z", "status_code": "DE" }] }""";
        foreach (var scan in (string[])[Broken, Newer])
        {
            using var taken = await world.CarrierSendsAsync($$"""{ "resource_type": "API_TRACK", "data": {{scan}} }""");
            Assert.Equal(HttpStatusCode.NoContent, taken.StatusCode);
        }
        var dead = Assert.Single(await world.Log.DeadLettersAsync(new DeadLetterQuery { Tenant = "acme" }, null, 9, Cancellation)).Delivery;

        var now = TimeProvider.System.GetUtcNow();
        var edited = new EventDelivery("msg_edited", dead.Tenant, dead.Subscription, dead.EventPosition, now) { NextAt = now, EditOf = dead.Id, Edit = 1 };
        var data = System.Text.Encoding.UTF8.GetBytes(Broken.Replace("yesterday", "2026-11-25T13:12:00Z", StringComparison.Ordinal));
        var record = new AuditRecord(now, "acme", null, "deadletters.edit", "", "", "", "c-1", 200, "done");
        Assert.True(await world.Log.EditDeadAsync(dead, edited, data, record, Cancellation));
        while ((await world.Log.FindDeliveryAsync("msg_edited", Cancellation))!.State != DeliveryState.Delivered) await Task.Delay(25, Cancellation);

        Assert.Equal(["TRK-1 delivered"], Told(await world.EventsAsync(3)));
    }

    [Fact]
    public async Task An_order_of_the_warehouse_does_not_go_back_and_of_its_shipments_each_is_told()
    {
        await using var world = await HookWorld.StartAsync(more: """
            apis:
              warehouse:
                owner: logistics
                notices:
                  order.left.v1: { from: wms/wms.order.shipped.v1, buyer: customer, contract: wms/order@1 }
                routes:
                  parcels.read: { match: "GET /parcels/{id}", policies: [callers], target: { call: tms/tracking.read } }
            """);
        const string What = """ "customer": "ACME-DE", "products": [{ "reference_id": "DESK0005", "quantity": 1 }] """;

        foreach (var (id, body) in ((string, string)[])
        [
            ("m1", $$"""{ "id": 1, "reference_id": "wo-1", {{What}}, "status": "Fulfilled", "updated_at": "2026-11-25T15:00:00.200Z" }"""),
            ("m2", $$"""{ "id": 1, "reference_id": "wo-1", {{What}}, "status": "PartiallyFulfilled", "updated_at": "2026-11-25T15:00:00.100Z" }"""),
            ("m3", $$"""{ "id": 8, "order_id": 2, "reference_id": "wo-2", {{What}}, "status": "second", "updated_at": "2026-11-25T15:00:00.200Z" }"""),
            ("m4", $$"""{ "id": 7, "order_id": 2, "reference_id": "wo-2", {{What}}, "status": "first", "updated_at": "2026-11-25T15:00:00.100Z" }"""),
            ("m5", $$"""{ "id": 1, "reference_id": "wo-1", {{What}}, "status": "untimed" }"""),
        ])
        {
            using var taken = await world.SendAsync(body, id);
            Assert.Equal(HttpStatusCode.NoContent, taken.StatusCode);
        }

        var events = await world.EventsAsync(9);
        Assert.Equal(5, events.Count(e => e.Tenant == "-"));
        Assert.Equal(["Fulfilled", "second", "first", "untimed"], events.Where(e => e.Tenant == "acme").Select(e => (string?)JsonNode.Parse(e.Data.Span)!["status"]));
    }

    private static IEnumerable<string> Told(IEnumerable<NewEvent> events) =>
        events.Where(e => e.Tenant == "acme").Select(e => $"{e.Subject} {(string?)JsonNode.Parse(e.Data.Span)!["transportEventTypeCode"]}");

    /// <summary>When so many webhooks of the carrier were acknowledged; each was told by then, or never is.</summary>
    private static async Task TakenAsync(HookWorld world, int count)
    {
        for (var tries = 0; tries < 400 && world.Tms.HooksTaken.Count < count; tries++) await Task.Delay(25, Cancellation);
        Assert.Equal(count, world.Tms.HooksTaken.Count);
    }
}
