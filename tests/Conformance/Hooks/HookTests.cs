using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Conformance.Hooks;

/// <summary>Webhooks of backends: only theirs, each of them once, and stored before they are acknowledged.</summary>
public sealed class HookTests
{
    private const string Shipped = """{ "id": 1001, "reference_id": "warehouse-order_1", "note": 1.10, "last_update_at": "2026-11-25T15:12:00.000Z" }""";
    private const string Tracked = """{ "resource_type": "API_TRACK", "data": { "tracking_number": "TRK-1", "events": [] } }""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_warehouse_ships_is_an_event()
    {
        await using var world = await HookWorld.StartAsync();
        var order = await OrderAsync(world, "warehouse-order_1");

        Assert.Null(world.Wms.Ship(order).Wrong);

        var happened = Assert.Single(await world.EventsAsync(1));
        Assert.Equal(("wms.order.shipped.v1", "/backends/wms", "warehouse-order_1", "-"), (happened.Type, happened.Source, happened.Subject, happened.Tenant));
        Assert.Equal(world.Wms.Orders.Single().UpdatedAt.UtcDateTime, happened.Time.UtcDateTime, TimeSpan.FromMilliseconds(1));
        Assert.Equal("Fulfilled", (string)JsonNode.Parse(happened.Data.Span)!["status"]!);
        Assert.NotNull(happened.CorrelationId);
    }

    [Fact]
    public async Task What_came_back_to_the_warehouse_is_an_event_about_the_id_that_we_gave()
    {
        await using var world = await HookWorld.StartAsync();
        await MakeAsync(world, "return", """{ "reference_id": "fls_1", "fulfillment_center": "WH", "inventory": [ { "sku": "DESK0005", "quantity": 3 } ] }""");

        Assert.Null(world.Wms.Receive(5001, new Dictionary<string, int> { ["DESK0005"] = 2 }, new Dictionary<string, int> { ["DESK0005"] = 1 }));

        var events = await world.EventsAsync(2);
        Assert.Equal([("wms.return.created.v1", "fls_1"), ("wms.return.completed.v1", "fls_1")], events.Select(e => (e.Type, e.Subject)));
        Assert.Equal("Completed", (string)JsonNode.Parse(events[1].Data.Span)!["status"]!);
    }

    [Fact]
    public async Task What_people_correct_in_the_warehouse_is_an_event_about_that_movement_once()
    {
        await using var world = await HookWorld.StartAsync();
        world.Wms.Chaos.Set(new ChaosRule(ChaosMode.HookTwice));
        Assert.Null(world.Wms.Correct("DESK0005", "WH", -2, "Damaged").Wrong);
        // Nothing has changed, so nothing is told.
        Assert.Null(world.Wms.Correct("DESK0005", "WH", 0).Wrong);
        world.Wms.Chaos.Set(new ChaosRule(ChaosMode.HookLate) { Count = 1 });
        Assert.Null(world.Wms.Correct("DESK0005", "WH", 1, "Found").Wrong);
        Assert.Null(world.Wms.Correct("MON-27", "WH", 4, "Found").Wrong);

        var events = await world.EventsAsync(3);
        Assert.Equal(["9001", "9003", "9004"], events.Select(e => e.Subject).Order());
        Assert.All(events, e => Assert.Equal(("wms.stock.adjusted.v1", "/backends/wms", "-"), (e.Type, e.Source, e.Tenant)));
        var damage = JsonNode.Parse(events.Single(e => e.Subject == "9001").Data.Span)!;
        Assert.Equal((-2, 60, 58, "Damaged"), ((int)damage["quantity"]!, (int)damage["previous_on_hand"]!, (int)damage["on_hand"]!, (string)damage["reason"]!));
    }

    [Fact]
    public async Task What_the_catalogue_has_of_a_backend_is_the_same_event_as_long_as_it_says()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var world = await HookWorld.StartAsync(clock: clock, more: """
            events:
              wms.order.shipped.v1: { from: wms, owner: us, description: A parcel has left., contract: wms/order@1, about: [order_number], duplicateWindow: 1m }
            """);

        using var first = await world.SendAsync(Shipped);
        clock.Advance(TimeSpan.FromSeconds(50));
        using var again = await world.SendAsync(Shipped, off: TimeSpan.FromSeconds(50));
        var within = (await world.EventsAsync(1)).Count;
        clock.Advance(TimeSpan.FromSeconds(11));
        using var later = await world.SendAsync(Shipped, off: TimeSpan.FromSeconds(61));

        Assert.All([first, again, later], answer => Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode));
        Assert.Equal((1, 2), (within, (await world.EventsAsync(2)).Count));
    }

    [Fact]
    public async Task What_happens_to_a_parcel_is_an_event()
    {
        await using var world = await HookWorld.StartAsync();

        world.Tms.AddEvent("TRK-1001", "DE");

        var happened = Assert.Single(await world.EventsAsync(1));
        Assert.Equal(("tms.tracking.updated.v1", "/backends/tms", "TRK-1001"), (happened.Type, happened.Source, happened.Subject));
        Assert.Equal("DE", (string)JsonNode.Parse(happened.Data.Span)!["status_code"]!);
    }

    [Fact]
    public async Task A_webhook_that_comes_twice_is_one_event_and_digits_stay()
    {
        await using var world = await HookWorld.StartAsync();

        using var first = await world.SendAsync(Shipped);
        using var again = await world.SendAsync(Shipped, off: TimeSpan.FromSeconds(3));
        using var other = await world.SendAsync(Shipped, id: "msg_2");

        Assert.All([first, again, other], answer => Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode));
        var events = await world.EventsAsync(2);
        Assert.Equal(["msg_1", "msg_2"], events.Select(e => e.Id));
        Assert.Contains("1.10", Encoding.UTF8.GetString(events[0].Data.Span), StringComparison.Ordinal);
        Assert.Equal(new DateTimeOffset(2026, 11, 25, 15, 12, 0, TimeSpan.Zero), events[0].Time);
    }

    [Fact]
    public async Task A_carrier_that_sends_twice_is_heard_once()
    {
        await using var world = await HookWorld.StartAsync();
        world.Tms.Chaos.Set(new ChaosRule(ChaosMode.HookTwice) { Count = 1 });

        world.Tms.AddEvent("TRK-1001", "SP");
        world.Tms.AddEvent("TRK-1001", "DE");

        var events = await world.EventsAsync(2);
        Assert.Equal(["SP", "DE"], events.Select(e => (string)JsonNode.Parse(e.Data.Span)!["status_code"]!));
    }

    [Fact]
    public async Task What_comes_late_keeps_its_own_time()
    {
        await using var world = await HookWorld.StartAsync();
        var order = await OrderAsync(world, "warehouse-order_1");
        world.Wms.Chaos.Set(new ChaosRule(ChaosMode.HookLate) { Count = 1 });

        Assert.Null(world.Wms.Pick(order));
        await Task.Delay(20, Cancellation);
        Assert.Null(world.Wms.Ship(order).Wrong);

        var events = await world.EventsAsync(2);
        Assert.Equal(["wms.order.shipped.v1", "wms.order.picked.v1"], events.Select(e => e.Type));
        Assert.True(events[1].Time < events[0].Time);
    }

    [Fact]
    public async Task Of_several_that_come_late_none_is_lost()
    {
        await using var world = await HookWorld.StartAsync();
        world.Tms.Chaos.Set(new ChaosRule(ChaosMode.HookLate) { Count = 3 });

        foreach (var code in (string[])["AC", "IT", "SP", "DE"]) world.Tms.AddEvent("TRK-1001", code);

        var events = await world.EventsAsync(4);
        Assert.Equal(["DE", "AC", "IT", "SP"], events.Select(e => (string)JsonNode.Parse(e.Data.Span)!["status_code"]!));
    }

    [Fact]
    public async Task Of_thirty_two_at_once_one_is_stored_and_all_are_acknowledged()
    {
        await using var world = await HookWorld.StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => world.SendAsync(Shipped)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode));
        Assert.Single(await world.EventsAsync(1));
    }

    [Fact]
    public async Task Both_secrets_hold_while_one_replaces_the_other()
    {
        await using var world = await HookWorld.StartAsync();

        using var before = await world.SendAsync(Shipped);
        using var after = await world.SendAsync(Shipped, id: "msg_2", secret: HookWorld.NextWmsSecret);

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent), (before.StatusCode, after.StatusCode));
    }

    public static TheoryData<string> Forgeries => ["no signature", "another secret", "another body", "too old", "too new", "another id", "another time", "empty signature", "an id with a point"];

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task What_the_backend_has_not_signed_is_refused_without_a_word(string forgery)
    {
        await using var world = await HookWorld.StartAsync();
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var good = StandardWebhooks.Sign(HookWorld.WmsSecret, "msg_1", $"{now}", Encoding.UTF8.GetBytes(Shipped));

        using var answer = forgery switch
        {
            "no signature" => await world.SendAsync(Shipped, secret: null),
            "another secret" => await world.SendAsync(Shipped, secret: HookWorld.OtherSecret),
            "another body" => await world.SendAsync(Shipped, signed: Shipped.Replace("1001", "1002", StringComparison.Ordinal)),
            "too old" => await world.SendAsync(Shipped, off: TimeSpan.FromMinutes(-6)),
            "too new" => await world.SendAsync(Shipped, off: TimeSpan.FromMinutes(6)),
            "another id" => await world.SendAsync(Shipped, "hooks/wms", ("webhook-id", "msg_2"), ("webhook-timestamp", $"{now}"), ("webhook-signature", good)),
            "another time" => await world.SendAsync(Shipped, "hooks/wms", ("webhook-id", "msg_1"), ("webhook-timestamp", $"{now + 1}"), ("webhook-signature", good)),
            "empty signature" => await world.SendAsync(Shipped, "hooks/wms", ("webhook-id", "msg_1"), ("webhook-timestamp", $"{now}"), ("webhook-signature", "v1,")),
            _ => await world.SendAsync(Shipped, id: "msg_1.5"),
        };

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        var told = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal("Nothing proves whose webhook this is.", (string)JsonNode.Parse(told)!["detail"]!);
        Assert.NotEmpty(answer.Headers.WwwAuthenticate);
        Assert.Empty(await world.Log.ReadEventsAsync(0, 9, Cancellation));
    }

    [Fact]
    public async Task A_sender_whose_clock_is_wrong_is_refused_until_it_is_right()
    {
        await using var world = await HookWorld.StartAsync();
        var order = await OrderAsync(world, "warehouse-order_1");
        world.Wms.Chaos.Set(new ChaosRule(ChaosMode.HookSkew) { Milliseconds = -600_000, Count = 1 });

        Assert.Null(world.Wms.Pick(order));
        Assert.Null(world.Wms.Ship(order).Wrong);

        Assert.Equal(["wms.order.shipped.v1"], (await world.EventsAsync(1)).Select(e => e.Type));
    }

    [Fact]
    public async Task One_backends_secret_opens_no_others_door()
    {
        await using var world = await HookWorld.StartAsync();

        using var good = await world.CarrierSendsAsync(Tracked);
        using var standard = await world.SendAsync(Tracked, path: "hooks/tms");
        using var ours = await world.SendAsync(Tracked, "hooks/tms", ("X-Hmac-Signature", EasyPostSignature.Of(HookWorld.WmsSecret, Encoding.UTF8.GetBytes(Tracked))));

        Assert.Equal(HttpStatusCode.NoContent, good.StatusCode);
        Assert.All([standard, ours], answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode));
    }

    public static TheoryData<string> CarrierForgeries => ["another's key", "another body", "too old", "too new", "another time", "an unknown key", "a key for something else", "no time", "no key", "no base64", "empty signature"];

    [Theory]
    [MemberData(nameof(CarrierForgeries))]
    public async Task What_the_platforms_key_has_not_signed_is_refused_without_a_word(string forgery)
    {
        await using var world = await HookWorld.StartAsync();
        using var stranger = new TmsSigner();

        using var answer = forgery switch
        {
            "another's key" => await world.CarrierSendsAsync(Tracked, stranger),
            "another body" => await world.CarrierSendsAsync(Tracked, signed: Tracked.Replace("TRK-1", "TRK-2", StringComparison.Ordinal)),
            "too old" => await world.CarrierSendsAsync(Tracked, off: TimeSpan.FromMinutes(-6)),
            "too new" => await world.CarrierSendsAsync(Tracked, off: TimeSpan.FromMinutes(6)),
            "another time" => await world.CarrierSendsAsync(Tracked, off: TimeSpan.FromMinutes(-1), change: Header("timestamp", _ => $"{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}")),
            "an unknown key" => await world.CarrierSendsAsync(Tracked, change: Header("key-id", _ => "key-9")),
            "a key for something else" => await world.CarrierSendsAsync(Tracked, change: Header("key-id", _ => "other")),
            "no time" => await world.CarrierSendsAsync(Tracked, change: Header("timestamp", _ => null)),
            "no key" => await world.CarrierSendsAsync(Tracked, change: Header("key-id", _ => null)),
            "no base64" => await world.CarrierSendsAsync(Tracked, change: Header("signature", _ => "not base64")),
            _ => await world.CarrierSendsAsync(Tracked, change: Header("signature", _ => "")),
        };

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("Nothing proves whose webhook this is.", (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!["detail"]!);
        Assert.Empty(await world.Log.ReadEventsAsync(0, 9, Cancellation));

        static Func<(string Name, string Value), (string, string?)> Header(string end, Func<string, string?> change) =>
            header => header.Name.EndsWith(end, StringComparison.Ordinal) ? (header.Name, change(header.Value)) : header;
    }

    [Fact]
    public async Task While_the_platforms_keys_can_not_be_had_its_webhooks_are_to_be_sent_again()
    {
        await using var world = await HookWorld.StartAsync();
        world.Tms.Chaos.Set(new ChaosRule(ChaosMode.Down));

        using var answer = await world.CarrierSendsAsync(Tracked);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.DoesNotContain("127.0.0.1", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_warehouse_tells_of_no_order_is_an_event_all_the_same()
    {
        await using var world = await HookWorld.StartAsync();

        world.Wms.Tell("inventory.updated", JsonNode.Parse("""{ "inventory_id": 77, "sku": "DESK0005", "on_hand": 12 }""")!);
        world.Wms.Tell("billing.charge.created", JsonNode.Parse("""{ "amount": 4.90 }""")!);
        world.Wms.Tell("wro.boxes.received", JsonNode.Parse("""[ { "box": 1 } ]""")!);

        var events = await world.EventsAsync(3);
        Assert.Equal(
            [("wms.inventory.updated.v1", "77"), ("wms.billing.charge.created.v1", events[1].Id), ("wms.wro.boxes.received.v1", events[2].Id)],
            events.Select(e => (e.Type, e.Subject)));
    }

    [Fact]
    public async Task What_the_platform_tells_of_no_parcel_is_an_event_all_the_same()
    {
        await using var world = await HookWorld.StartAsync();

        world.Tms.Tell("API_BATCH", "/v1/batches/se-1", null);
        world.Tms.Tell("SALES_ORDERS_IMPORTED", "/v-beta/sales_orders", null);

        var events = await world.EventsAsync(2);
        Assert.Equal(["tms.batch.told.v1", "tms.sales.orders.imported.told.v1"], events.Select(e => e.Type));
        Assert.EndsWith("/v1/batches/se-1", events[0].Subject, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "order.shipped")]
    [InlineData("\"order\"", "order.shipped")]
    [InlineData("""{ "id": 1 }""", null)]
    [InlineData("""{ "type": "order.shipped", "data": { "id": 1 } }""", null)]
    [InlineData("""{ "id": 1 }""", "../../etc")]
    [InlineData("""{ "id": 1, "id": 2 }""", "order.shipped")]
    public async Task What_is_signed_and_makes_no_sense_is_told_so(string body, string? topic)
    {
        await using var world = await HookWorld.StartAsync();

        using var answer = await world.SendAsync(body, topic: topic);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(await world.Log.ReadEventsAsync(0, 9, Cancellation));
    }

    [Fact]
    public async Task A_replay_under_another_topic_is_the_same_event()
    {
        await using var world = await HookWorld.StartAsync();

        using var first = await world.SendAsync(Shipped);
        using var replayed = await world.SendAsync(Shipped, topic: "order.cancelled");

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent), (first.StatusCode, replayed.StatusCode));
        Assert.Equal("wms.order.shipped.v1", Assert.Single(await world.EventsAsync(1)).Type);
    }

    [Fact]
    public async Task What_is_too_long_is_not_read()
    {
        await using var world = await HookWorld.StartAsync(", maxBody: 200");

        using var answer = await world.SendAsync(Shipped + new string(' ', 200));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task What_can_not_be_stored_is_not_acknowledged()
    {
        await using var world = await HookWorld.StartAsync();
        world.Store.Away = method => method == nameof(IStore.AppendEventAsync);
        using var away = await world.SendAsync(Shipped);
        world.Store.Away = null;

        using var back = await world.SendAsync(Shipped);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.NoContent), (away.StatusCode, back.StatusCode));
        Assert.NotNull(away.Headers.RetryAfter);
        Assert.Single(await world.EventsAsync(1));
    }

    [Fact]
    public async Task Stored_and_not_acknowledged_is_acknowledged_the_next_time_and_there_once()
    {
        await using var world = await HookWorld.StartAsync();
        world.Store.Lost = method => method == nameof(IStore.AppendEventAsync);
        using var lost = await world.SendAsync(Shipped);
        world.Store.Lost = null;

        using var again = await world.SendAsync(Shipped);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.NoContent), (lost.StatusCode, again.StatusCode));
        Assert.Single(await world.EventsAsync(1));
    }

    [Fact]
    public async Task There_is_no_door_where_none_is_declared()
    {
        await using var world = await HookWorld.StartAsync();

        using var quiet = await world.SendAsync(Shipped, path: "hooks/quiet");
        using var nobody = await world.SendAsync(Shipped, path: "hooks/nobody");
        using var asked = await world.GetAsync("hooks/wms");

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed), (quiet.StatusCode, nobody.StatusCode, asked.StatusCode));
    }

    private static async Task<int> OrderAsync(HookWorld world, string reference)
    {
        await MakeAsync(world, "order", $$"""{ "reference_id": "{{reference}}", "products": [ { "reference_id": "DESK0005", "quantity": 1 } ] }""");
        return world.Wms.Orders.Single(order => order.ReferenceId == reference).Id;
    }

    private static async Task MakeAsync(HookWorld world, string what, string content)
    {
        using var warehouse = new HttpClient { BaseAddress = world.Wms.Url };
        warehouse.DefaultRequestHeaders.Authorization = new("Bearer", "demo-wms-key");
        warehouse.DefaultRequestHeaders.Add("shipbob_channel_id", "100001");
        using var made = await warehouse.PostAsync("2026-01/" + what, new StringContent(content), Cancellation);
        made.EnsureSuccessStatusCode();
    }
}
