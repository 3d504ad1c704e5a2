using System.Net;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Conformance.Hooks;

/// <summary>What backends tell becomes events of the partners that it is about: in canonical words, each once, and nobody else's.</summary>
public sealed class NoticeTests
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

    private const string Twins = """
        partners:
          initech: { name: Initech, buyers: [SHARED], consumers: { initech-shop: { keys: [{ secret: secret://demo/key-of-initech-shop }] } } }
          hooli: { name: Hooli, buyers: [SHARED], consumers: { hooli-shop: { keys: [{ secret: secret://demo/key-of-hooli-shop }] } } }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_scan_is_told_to_the_partner_whose_buyer_gets_the_parcel()
    {
        await using var world = await HookWorld.StartAsync(more: Api);

        world.Tms.AddEvent("TRK-1001", "DE", customerReference: "ACME-DE");

        var events = await world.EventsAsync(2);
        Assert.Equal(["tms.tracking.updated.v1", "parcel.moved.v1"], events.Select(e => e.Type));
        var (raw, told) = (events[0], events[1]);
        Assert.Equal(("acme", "/parcels", "TRK-1001", "TRK-1001"), (told.Tenant, told.Source, told.Subject, told.PartitionKey));
        Assert.Equal((raw.Time, raw.CorrelationId), (told.Time, told.CorrelationId));
        var data = JsonNode.Parse(told.Data.Span)!;
        Assert.Equal(("TRK-1001", "delivered"), ((string?)data["trackingId"], (string?)data["transportEventTypeCode"]));
        Assert.Null(data["customer_reference"]);
    }

    [Theory]
    [InlineData("GLOBEX-DE")]
    [InlineData("")]
    public async Task What_is_about_nobodys_buyer_is_told_to_nobody(string buyer)
    {
        await using var world = await HookWorld.StartAsync(more: Api);

        world.Tms.AddEvent("TRK-1001", "DE", customerReference: buyer);
        world.Tms.AddEvent("TRK-1002", "DE", customerReference: "ACME-DE");

        var events = await world.EventsAsync(3);
        Assert.Equal("TRK-1002", Assert.Single(events, e => e.Tenant != "-").Subject);
    }

    [Fact]
    public async Task A_scan_that_is_told_twice_is_one_event_of_the_partner()
    {
        await using var world = await HookWorld.StartAsync(more: Api);
        world.Tms.Chaos.Set(new ChaosRule(ChaosMode.HookTwice) { Count = 1 });

        world.Tms.AddEvent("TRK-1001", "SP", customerReference: "ACME-DE");
        world.Tms.AddEvent("TRK-1001", "DE");

        var told = (await world.EventsAsync(4)).Where(e => e.Tenant == "acme").ToList();
        Assert.Equal(["available_for_pickup", "delivered"], told.Select(e => (string?)JsonNode.Parse(e.Data.Span)!["transportEventTypeCode"]));
    }

    [Fact]
    public async Task Cut_off_between_the_backends_event_and_the_partners_it_is_told_whole_the_next_time()
    {
        await using var world = await HookWorld.StartAsync(more: Api);
        var appends = 0;
        world.Store.Away = method => method == nameof(IStore.AppendEventAsync) && ++appends == 2;

        using var cut = await ScanAsync(world, "ACME-DE");
        using var again = await ScanAsync(world, "ACME-DE");
        using var once = await ScanAsync(world, "ACME-DE");

        Assert.Equal([HttpStatusCode.ServiceUnavailable, HttpStatusCode.NoContent, HttpStatusCode.NoContent], [cut.StatusCode, again.StatusCode, once.StatusCode]);
        Assert.Equal(["-", "acme"], (await world.EventsAsync(2)).Select(e => e.Tenant));
    }

    [Fact]
    public async Task Partners_who_share_a_buyer_each_get_an_event_of_their_own()
    {
        await using var world = await HookWorld.StartAsync(more: Api + "\n" + Twins);

        using var taken = await ScanAsync(world, "SHARED");

        var told = (await world.EventsAsync(3)).Where(e => e.Tenant != "-").ToList();
        Assert.Equal(["hooli", "initech"], told.Select(e => e.Tenant).Order());
        Assert.NotEqual(told[0].Id, told[1].Id);
    }

    [Fact]
    public async Task What_breaks_the_contract_is_kept_for_operators_and_told_to_nobody()
    {
        await using var world = await HookWorld.StartAsync(more: Api.Replace("contract: tracking@1", "contract: order@1", StringComparison.Ordinal));

        using var taken = await ScanAsync(world, "ACME-DE");

        Assert.Equal(HttpStatusCode.NoContent, taken.StatusCode);
        Assert.Equal("-", Assert.Single(await world.EventsAsync(1)).Tenant);
        Assert.Equal(DeliveryCause.NoticeBroken, Assert.Single(await world.Log.DeadLettersAsync(new DeadLetterQuery(), null, 9, Cancellation)).Delivery.Cause);
    }

    [Fact]
    public async Task What_can_not_be_mapped_is_a_dead_letter_which_is_sent_again_and_edited_and_told_once()
    {
        await using var world = await HookWorld.StartAsync(more: Api);
        const string Scan = """{ "tracking_number": "TRK-1", "carrier_code": "demo_carrier", "customer_reference": "ACME-DE", "status_code": "IT", "events": [{ "occurred_at": "yesterday", "status_code": "IT" }, { "occurred_at": "2026-11-25T14:12:00Z", "status_code": "IT" }] }""";
        for (var i = 0; i < 2; i++)
        {
            using var taken = await world.CarrierSendsAsync($$"""{ "resource_type": "API_TRACK", "data": {{Scan}} }""");
            Assert.Equal(HttpStatusCode.NoContent, taken.StatusCode);
        }

        var letter = Assert.Single(await world.Log.DeadLettersAsync(new DeadLetterQuery { Tenant = "acme" }, null, 9, Cancellation));
        Assert.Equal((DeliveryCause.NoticeUnmapped, "acme/notice:parcel.moved.v1", "tms.tracking.updated.v1", "TRK-1"), (letter.Delivery.Cause, letter.Delivery.Endpoint, letter.Type, letter.Subject));
        var attempt = Assert.Single(await world.Log.AttemptsAsync(letter.Delivery.Id, Cancellation));
        Assert.Contains("occurred_at", attempt.Error, StringComparison.Ordinal);

        // As it is, it ends the same way.
        var now = TimeProvider.System.GetUtcNow();
        Assert.Equal(1, await world.Log.RetryDeadAsync(new DeadLetterRetry(new DeadLetterQuery { Id = letter.Delivery.Id }, now, TimeSpan.Zero) { Max = 1 }, Record, Cancellation));
        EventDelivery dead;
        do dead = (await world.Log.FindDeliveryAsync(letter.Delivery.Id, Cancellation))!;
        while (dead.State != DeliveryState.Dead);
        Assert.Equal((2, DeliveryCause.NoticeUnmapped), (dead.Attempts, dead.Cause));

        var data = Scan.Replace("yesterday", "2026-11-25T15:12:00Z", StringComparison.Ordinal);
        var edited = new EventDelivery("msg_edited", dead.Tenant, dead.Subscription, dead.EventPosition, now) { NextAt = now, EditOf = dead.Id, Edit = 1 };
        Assert.True(await world.Log.EditDeadAsync(dead, edited, System.Text.Encoding.UTF8.GetBytes(data), Record(1), Cancellation));
        var told = (await world.EventsAsync(2))[^1];
        Assert.Equal(("acme", "parcel.moved.v1", "TRK-1"), (told.Tenant, told.Type, told.Subject));
        while ((await world.Log.FindDeliveryAsync("msg_edited", Cancellation))!.State != DeliveryState.Delivered) await Task.Delay(25, Cancellation);
        Assert.Equal(2, (await world.EventsAsync(2)).Count);
    }

    [Fact]
    public async Task What_does_not_say_whose_it_is_is_a_dead_letter_of_nobody()
    {
        await using var world = await HookWorld.StartAsync(more: Api);

        using var taken = await world.CarrierSendsAsync("""{ "resource_type": "API_TRACK", "data": { "tracking_number": "TRK-1", "carrier_code": "demo_carrier", "status_code": "IT", "events": [] } }""");

        Assert.Equal(HttpStatusCode.NoContent, taken.StatusCode);
        var letter = Assert.Single(await world.Log.DeadLettersAsync(new DeadLetterQuery(), null, 9, Cancellation));
        Assert.Equal((DeliveryCause.BuyerMissing, "-/notice:parcel.moved.v1"), (letter.Delivery.Cause, letter.Delivery.Endpoint));
    }

    [Fact]
    public async Task What_the_carrier_has_not_signed_tells_nobody_anything()
    {
        await using var world = await HookWorld.StartAsync(more: Api);

        using var stranger = new TmsSigner();
        using var forged = await ScanAsync(world, "ACME-DE", stranger);

        Assert.Equal(HttpStatusCode.Unauthorized, forged.StatusCode);
        Assert.Empty(await world.Log.ReadEventsAsync(0, 9, Cancellation));
    }

    private static AuditRecord Record(int count) => new(TimeProvider.System.GetUtcNow(), "acme", null, "deadletters.retry", "", "", "", $"c{count}", 200, "done");

    private static Task<HttpResponseMessage> ScanAsync(HookWorld world, string buyer, TmsSigner? signer = null)
    {
        var scan = $$"""
            { "resource_type": "API_TRACK", "data": { "tracking_number": "TRK-1", "carrier_code": "demo_carrier", "customer_reference": "{{buyer}}", "status_code": "IT",
              "events": [{ "occurred_at": "2026-11-25T15:12:00Z", "status_code": "IT", "description": "In Transit" }] } }
            """;
        return world.CarrierSendsAsync(scan, signer);
    }
}
