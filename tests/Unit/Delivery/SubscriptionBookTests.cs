using System.Text;
using System.Text.Json.Nodes;
using Gateway.Delivery.Storage.Sqlite;
using Gateway.Delivery.Webhooks;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>Subscriptions of the workspace and of partners' own in one book, and what follows from them for events.</summary>
public sealed class SubscriptionBookTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_subscriptions_cost_an_event_what_waits_for_it()
    {
        const int Partners = 500, OfEach = 20;
        await using var store = SqliteStore.InMemory(new EphemeralDataProtectionProvider(), TimeProvider.System);
        await store.OpenAsync(Cancellation);
        var now = TimeProvider.System.GetUtcNow();
        var all = Enumerable.Range(0, Partners * OfEach).Select(i => new StoredSubscription($"sub_{i}", $"p{i / OfEach}", $"s{i % OfEach}")
        {
            // Of each partner ten wait for orders, nine for parcels, and one for everything.
            Terms = new SubscriptionTerms("https://shop.example/hook", [i % OfEach == 19 ? "*" : i % 2 == 0 ? "order.accepted.v1" : "parcel.moved.v1"], [WebhookWorld.Secret]),
            ChangedBy = "int_1",
            CreatedAt = now,
            ChangedAt = now,
        });
        Assert.All(await Task.WhenAll(all.Select(s => store.AddSubscriptionAsync(s, OfEach, Cancellation).AsTask())), added => Assert.Equal(SubscriptionAdded.Added, added));
        var book = new SubscriptionBook(store, () => Array.Empty<Subscription>(), TimeProvider.System, NullLogger<SubscriptionBook>.Instance);
        using var fanOut = new WebhookFanOut(store, book, TimeProvider.System, NullLogger<WebhookFanOut>.Instance);
        foreach (var (id, tenant, type) in ((string, string, string)[])[("a", "p7", "order.accepted.v1"), ("b", "p499", "parcel.moved.v1"), ("c", "p0", "stock.counted.v1"), ("d", "stranger", "order.accepted.v1")])
            await store.AppendEventAsync(new NewEvent(id, tenant, type, "/orders", "o", "o", now, "{}"u8.ToArray()), Cancellation);

        await book.FollowAsync(Cancellation);
        await fanOut.StartAsync(Cancellation);
        await WebhookWorld.EventuallyAsync(async () => (await store.FindCursorAsync(WebhookFanOut.Reader, Cancellation)).Position == 4, "the events are passed");
        await fanOut.StopAsync(Cancellation);

        Assert.Equal(Partners * OfEach, book.All.Count());
        Assert.Equal(11 + 10 + 1, fanOut.Considered);
        var made = await store.DeliveriesAsync(null, 100, Cancellation);
        Assert.Equal([("p0", 1), ("p499", 10), ("p7", 11)], made.GroupBy(d => d.Tenant).Select(g => (g.Key, g.Count())).Order());
    }

    [Fact]
    public async Task A_partners_own_gets_what_its_condition_lets_through_as_its_mapping_says()
    {
        await using var world = await WebhookWorld.NewAsync();
        await world.MakeAsync("picked", t => t with { When = "data.total > 1 and subject = 'o-1'", Mapping = """{ "order": subject, "sum": data.total }""" });
        await world.MakeAsync("none", t => t with { When = "data.missing" });
        await world.MakeAsync("broken", t => t with { When = "data.total > 'a'" });
        await world.MakeAsync("unmapped", t => t with { Mapping = "$error('no')" });
        await world.StartAsync();
        await world.HappenAsync("1");
        await world.HappenAsync("2");
        await world.UntilStateAsync("picked", DeliveryState.Delivered);
        await WebhookWorld.EventuallyAsync(async () => (await world.Store.DeadLettersAsync(new DeadLetterQuery { Subscription = "unmapped" }, null, 9, Cancellation)).Count == 2, "what can't be mapped is dead");

        var got = JsonNode.Parse(Assert.Single(world.Requests).Body)!;
        Assert.Equal(("e-1", "order.created"), ((string?)got["id"], (string?)got["type"]));
        Assert.Equal("""{"order":"o-1","sum":1.10}""", got["data"]!.ToJsonString());
        var dead = (await world.Store.DeadLettersAsync(new DeadLetterQuery { Subscription = "unmapped" }, null, 9, Cancellation))[0].Delivery;
        Assert.Equal((DeliveryCause.MappingFailed, 1), (dead.Cause, dead.Attempts));
        Assert.StartsWith("the mapping failed: D3137 no", Assert.Single(await world.Store.AttemptsAsync(dead.Id, Cancellation)).Error, StringComparison.Ordinal);
        // It is nobody's outage: the endpoint is well.
        Assert.Empty(await world.Store.EndpointsAsync(Cancellation));
        Assert.DoesNotContain(await world.Store.DeliveriesAsync(null, 100, Cancellation), d => d.Subscription is "none" or "broken");
        var trouble = (await world.Store.FindSubscriptionAsync("acme", "sub_broken", Cancellation))!.Trouble!;
        Assert.Contains("T2009", trouble.Error, StringComparison.Ordinal);
        Assert.Contains(world.Log, line => line.StartsWith("Warning: The condition of the subscription acme/broken can't be judged", StringComparison.Ordinal));
        Assert.Null((await world.Store.FindSubscriptionAsync("acme", "sub_none", Cancellation))!.Trouble);
    }

    [Fact]
    public async Task One_that_is_made_while_events_happen_gets_every_one_behind_it_and_a_removed_one_none()
    {
        await using var world = await WebhookWorld.NewAsync();
        await world.StartAsync();
        var made = await world.MakeAsync("own", t => t);
        await world.HappenAsync("1");
        // While nobody waits, events are passed by once a second.
        await world.AdvanceUntilAsync(() => Task.FromResult(world.Requests.Count == 1), TimeSpan.FromMilliseconds(100), "it has arrived");

        // Pings are for the one, whatever it waits for and maps.
        var subscription = OwnSubscription.Of(made)!;
        await world.MakeAsync("other", t => t with { Types = ["*"] });
        await world.Store.AppendEventAsync(PingEvent.Of(subscription, "ping-1", world.Clock.GetUtcNow()), Cancellation);
        await WebhookWorld.EventuallyAsync(() => world.Requests.Count == 2, "the ping has arrived");
        Assert.Equal([("own", DeliveryId.Of("acme", "own", "/orders", "e-1")), ("own", PingEvent.DeliveryOf(subscription, "ping-1"))], world.Requests.Select(r => (r.Path, r.Id)));

        Assert.True(await world.Store.ChangeSubscriptionAsync(made with { RemovedAt = world.Clock.GetUtcNow() }, Cancellation));
        await world.HappenAsync("2");
        await WebhookWorld.EventuallyAsync(() => world.Requests.Count == 3, "the other has its own");
        Assert.Equal("other", world.Requests.Last().Path);
        Assert.DoesNotContain(await world.Store.DeliveriesAsync(null, 100, Cancellation), d => d.Subscription == "own" && d.EventPosition > 2);
    }

    [Fact]
    public async Task While_one_secret_replaces_another_both_sign_and_then_the_new_one_alone()
    {
        const string Old = "whsec_b2xkIG9sZCBvbGQgb2xkIG9sZCBvbGQgb2xk";
        await using var world = await WebhookWorld.NewAsync();
        await world.MakeAsync("own", t => t with { Secrets = [WebhookWorld.Secret, Old], OldSecretsUntil = world.Clock.GetUtcNow().AddHours(1) });
        await world.StartAsync();
        await world.HappenAsync("1");
        await WebhookWorld.EventuallyAsync(() => world.Requests.Count == 1, "it has arrived");
        world.Clock.Advance(TimeSpan.FromHours(1));
        await world.HappenAsync("2");
        await world.AdvanceUntilAsync(() => Task.FromResult(world.Requests.Count == 2), TimeSpan.FromMilliseconds(100), "the second has arrived");

        var (first, second) = (world.Requests.First(), world.Requests.Last());
        Assert.Equal((true, true), (first.IsSigned(WebhookWorld.Secret), first.IsSigned(Old)));
        Assert.Equal((true, false), (second.IsSigned(WebhookWorld.Secret), second.IsSigned(Old)));
        Assert.Equal(2, first.Headers[WebhookSignature.SignatureHeader].Split(' ').Length);
    }

    [Fact]
    public async Task A_name_of_the_workspace_is_the_workspaces_and_who_is_no_partner_gets_nothing()
    {
        await using var world = await WebhookWorld.NewAsync();
        await world.MakeAsync("hook", t => t with { Types = ["own.type"] });
        await world.MakeAsync("gone", t => t, tenant: "gone");
        var declared = new List<Subscription> { world.Subscribe("hook") };
        IReadOnlyList<Subscription> now = [.. declared];
        var book = new SubscriptionBook(world.Store, () => now, world.Clock, NullLogger<SubscriptionBook>.Instance, tenant => tenant != "gone");
        Assert.False(book.IsEmpty);
        await book.FollowAsync(Cancellation);

        Assert.Null(book.Find("acme/hook")!.Subscription.Id);
        Assert.Empty(book.Of("acme", "own.type"));
        Assert.Null(book.Find("gone", "gone"));
        Assert.Equal(["acme/hook"], book.All.Select(s => s.Key));
        Assert.Equal(4, book.MostConcurrent);

        // The workspace gives the name back.
        now = [];
        Assert.Equal("sub_hook", book.Find("acme", "hook")!.Subscription.Id);
        Assert.Single(book.Of("acme", "own.type"));
    }

    [Theory]
    [InlineData("data.total = 1.1", true, null)]
    [InlineData("data.total = 2", false, null)]
    [InlineData("data.nothing = 1", false, null)]
    [InlineData("data.nothing", false, null)]
    [InlineData("data.total", false, "no boolean")]
    [InlineData("data.total & 1 > 2", false, "T2009")]
    [InlineData("($f := function($n) { $f($n + 1) }; $f(0))", false, "U1001")]
    public void Only_true_is_yes_and_what_fails_says_so(string condition, bool holds, string? error)
    {
        using var envelope = System.Text.Json.JsonDocument.Parse("""{"type":"t","data":{"total":1.10}}""");
        var (compiled, wrong) = EventCondition.Compile(condition);
        Assert.Null(wrong);

        var (judged, said) = compiled!.Judge(envelope.RootElement, DateTimeOffset.UnixEpoch);

        Assert.Equal(holds, judged);
        if (error is null) Assert.Null(said);
        else Assert.Contains(error, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data.total >", "S0207")]
    [InlineData("$consumer = 'a'", "$consumer")]
    [InlineData(" ", "empty")]
    [InlineData("'yes'", "never true")]
    public void What_is_no_condition_is_refused_with_its_cure(string condition, string said)
    {
        var (compiled, wrong) = EventCondition.Compile(condition);

        Assert.Null(compiled);
        Assert.Contains(said, wrong!.Value.Message, StringComparison.Ordinal);
        Assert.NotEmpty(wrong.Value.Cure);
    }

    [Fact]
    public void A_mapping_that_makes_too_much_fails()
    {
        using var envelope = System.Text.Json.JsonDocument.Parse("""{"type":"t","data":{}}""");
        var (mapping, _) = EventMapping.Compile("$join([1..200000].$string($), ' ')");

        Assert.NotNull(mapping!.Run(envelope.RootElement, DateTimeOffset.UnixEpoch).Error);
        Assert.Equal("it gives nothing", EventMapping.Compile("data.x").Mapping!.Run(envelope.RootElement, DateTimeOffset.UnixEpoch).Error);
        Assert.Equal("""{"a":1}""", Encoding.UTF8.GetString(EventMapping.Compile("{'a': 1}").Mapping!.Run(envelope.RootElement, DateTimeOffset.UnixEpoch).Data.Span));
    }
}
