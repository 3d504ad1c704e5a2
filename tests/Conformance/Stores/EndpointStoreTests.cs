using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>Deliveries in line, how endpoints do, and replays.</summary>
public sealed class EndpointStoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Of_one_ordering_key_only_the_first_is_due_until_it_has_an_end(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await store.AdvanceAsync("webhooks", default, 9,
        [
            Delivery(fixture, "a1", 1) with { OrderingKey = "a" }, Delivery(fixture, "a2", 2) with { OrderingKey = "a" }, Delivery(fixture, "b1", 3) with { OrderingKey = "b" },
            Delivery(fixture, "free", 4), Delivery(fixture, "other", 5, "other") with { OrderingKey = "a" }, Delivery(fixture, "eu", 6) with { OrderingKey = "a", Tenant = "eu" },
        ], Cancellation);
        Assert.Equal(["a1", "b1", "free", "other", "eu"], (await store.DueAsync(now, 9, Cancellation)).Select(d => d.Id));
        Assert.Equal("a", (await store.FindDeliveryAsync("a2", Cancellation))!.OrderingKey);

        // It waits for its next attempt, and the next one of its key with it.
        await RecordAsync(store, "a1", DeliveryState.Pending, now.AddSeconds(5));
        Assert.DoesNotContain("a2", (await store.DueAsync(now, 9, Cancellation)).Select(d => d.Id));
        await RecordAsync(store, "a1", DeliveryState.Dead, null);

        Assert.Equal(["a2", "b1", "free", "other", "eu"], (await store.DueAsync(now, 9, Cancellation)).Select(d => d.Id));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Endpoints_that_are_left_out_are_neither_due_nor_next(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await store.AdvanceAsync("webhooks", default, 9,
            [Delivery(fixture, "d", 1) with { NextAt = now.AddSeconds(-9) }, Delivery(fixture, "e", 2, "other"), Delivery(fixture, "f", 3) with { Tenant = "eu", NextAt = now.AddSeconds(1) }], Cancellation);

        Assert.Equal(["e"], (await store.DueAsync(now, 9, Except("acme/hook", "acme/gone"), Cancellation)).Select(d => d.Id));
        Assert.Equal(now, await store.NextDueAsync(Except("acme/hook"), Cancellation));
        Assert.Equal(now.AddSeconds(1), await store.NextDueAsync(Except("acme/hook", "acme/other"), Cancellation));
        Assert.Null(await store.NextDueAsync(Except("acme/hook", "acme/other", "eu/hook"), Cancellation));
        Assert.Equal(now.AddSeconds(-9), await store.NextDueAsync(Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_node_asks_for_its_endpoints_alone_and_is_told_which_have_something_due(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await store.AdvanceAsync("webhooks", default, 9,
        [
            Delivery(fixture, "d", 1), Delivery(fixture, "d2", 2), Delivery(fixture, "e", 2, "other"), Delivery(fixture, "f", 3) with { Tenant = "eu", NextAt = now.AddSeconds(1) },
            Delivery(fixture, "done", 3, "done") with { State = DeliveryState.Delivered },
        ], Cancellation);
        static WhichEndpoints Only(params string[] keys) => new() { Only = keys };

        Assert.Equal(["e"], (await store.DueAsync(now, 9, Only("acme/other", "eu/hook", "acme/gone"), Cancellation)).Select(d => d.Id));
        Assert.Equal(["d", "d2"], (await store.DueAsync(now, 9, Only("acme/other", "acme/hook") with { Except = ["acme/other"] }, Cancellation)).Select(d => d.Id));
        Assert.Empty(await store.DueAsync(now, 9, Only(), Cancellation));
        Assert.Equal(now.AddSeconds(1), await store.NextDueAsync(Only("eu/hook"), Cancellation));
        Assert.Null(await store.NextDueAsync(Only(), Cancellation));
        Assert.Equal(["acme/hook", "acme/other"], (await store.DueEndpointsAsync(now, Cancellation)).Order());
        Assert.Equal(["acme/hook", "acme/other", "eu/hook"], (await store.DueEndpointsAsync(now.AddSeconds(1), Cancellation)).Order());
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task One_that_an_operator_has_asked_for_is_told_until_its_next_attempt(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await store.AdvanceAsync("webhooks", default, 9,
            [Delivery(fixture, "dead", 1) with { State = DeliveryState.Dead, NextAt = null }, Delivery(fixture, "skipped", 1) with { State = DeliveryState.Dead, NextAt = null }, Delivery(fixture, "waits", 2)], Cancellation);
        Assert.Empty(await store.AskedAsync(now, ["acme/hook"], Cancellation));

        Assert.True(await store.DecideAsync((await store.FindDeliveryAsync("dead", Cancellation))!, DeliveryState.Pending, now, fixture.Audit("r", 200), Cancellation));
        Assert.True(await store.DecideAsync((await store.FindDeliveryAsync("skipped", Cancellation))!, DeliveryState.Skipped, null, fixture.Audit("r", 200), Cancellation));

        Assert.Equal(["dead"], (await store.AskedAsync(now, ["acme/hook", "acme/other"], Cancellation)).Select(d => d.Id));
        Assert.Empty(await store.AskedAsync(now, ["acme/other"], Cancellation));
        Assert.Empty(await store.AskedAsync(now.AddSeconds(-1), ["acme/hook"], Cancellation));
        await RecordAsync(store, "dead", DeliveryState.Pending, now);
        Assert.Empty(await store.AskedAsync(now, ["acme/hook"], Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task That_endpoints_are_retaken_is_counted_whoever_has_written_of_them(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var failing = new EndpointState("acme", "hook") { FailingSince = fixture.Clock.GetUtcNow(), Warned = 50 };
        Assert.True(await store.ChangeEndpointAsync(failing, null, null, Cancellation));

        await store.RetakeAsync(["acme/hook", "acme/new"], Cancellation);
        await store.RetakeAsync([], Cancellation);
        await store.RetakeAsync(["acme/hook"], Cancellation);

        Assert.Equal([failing with { Version = 3, Retaken = 2 }, new EndpointState("acme", "new") { Version = 1, Retaken = 1 }], await store.EndpointsAsync(Cancellation));
        Assert.False(await store.ChangeEndpointAsync(failing with { Version = 1 }, null, null, Cancellation));
        Assert.True(await store.ChangeEndpointAsync(failing with { Version = 3, Warned = 70, Retaken = 2 }, null, null, Cancellation));
        Assert.Equal((70, 2), (await store.EndpointsAsync(Cancellation))[0] is var known ? (known.Warned, known.Retaken) : default);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_an_attempt_said_comes_back_and_is_encrypted_at_rest(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.AdvanceAsync("webhooks", default, 9, [Delivery(fixture, "d", 1)], Cancellation);
        var attempt = new DeliveryAttempt(1, fixture.Clock.GetUtcNow(), TimeSpan.Zero, 500, "HTTP 500") { Details = new AttemptDetails("POST https://x/\nwebhook-id: d", "no such – order\ud800") };
        Assert.True(await store.RecordAttemptAsync((await store.FindDeliveryAsync("d", Cancellation))!, attempt, DeliveryState.Dead, null, Cancellation));

        var kept = Assert.Single(await store.AttemptsAsync("d", Cancellation)).Details!;

        Assert.Equal(("POST https://x/\nwebhook-id: d", "no such – order\ufffd"), (kept.Request, kept.Answer));
        Assert.DoesNotContain("no such", System.Text.Encoding.UTF8.GetString(Assert.Single(await fixture.BytesAsync("SELECT details FROM attempts"))), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task An_endpoint_changes_once_per_version_with_its_record_and_its_event(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        var failing = new EndpointState("acme", "hook") { FailingSince = now, Warned = 50 };
        Assert.Empty(await store.EndpointsAsync(Cancellation));

        var first = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => store.ChangeEndpointAsync(failing, fixture.Audit("first", 200), Told(now, $"e{i}"), Cancellation).AsTask(), Cancellation)));

        Assert.Single(first, changed => changed);
        var known = Assert.Single(await store.EndpointsAsync(Cancellation));
        Assert.Equal(failing with { Version = 1 }, known);
        Assert.Single(await store.FindAuditAsync("first", 9, Cancellation));
        Assert.Single(await store.ReadEventsAsync(0, 9, Cancellation));

        var disabled = known with { DisabledAt = now, Reason = "gone", Warned = 100 };
        Assert.True(await store.ChangeEndpointAsync(disabled, null, null, Cancellation));
        Assert.False(await store.ChangeEndpointAsync(known with { Warned = 70 }, fixture.Audit("late", 200), Told(now, "late"), Cancellation));
        Assert.Equal(disabled with { Version = 2 }, Assert.Single(await store.EndpointsAsync(Cancellation)));
        Assert.Empty(await store.FindAuditAsync("late", 9, Cancellation));
        Assert.Single(await store.ReadEventsAsync(0, 9, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_replay_makes_due_what_failed_since_and_what_arrived_where_that_is_asked(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        var later = now.AddHours(1);
        EventDelivery Made(string id, DeliveryState state, DateTimeOffset? nextAt = null) => Delivery(fixture, id, 1) with { State = state, Attempts = 3, NextAt = nextAt, CreatedAt = now };
        await store.AdvanceAsync("webhooks", default, 9,
        [
            Made("dead", DeliveryState.Dead), Made("waits", DeliveryState.Pending, later), Made("delivered", DeliveryState.Delivered), Made("skipped", DeliveryState.Skipped),
            Made("old", DeliveryState.Dead) with { CreatedAt = now.AddTicks(-1) }, Made("other", DeliveryState.Dead) with { Subscription = "other" }, Made("eu", DeliveryState.Dead) with { Tenant = "eu" },
        ], Cancellation);

        Assert.Equal(1, await store.ReplayAsync(new EndpointReplay("acme", "hook", DateTimeOffset.MinValue, now, ReplayScope.Waiting), null, Cancellation));
        Assert.Equal(["waits"], (await store.DueAsync(now, 9, Cancellation)).Select(d => d.Id));
        Assert.Equal(1, await store.ReplayAsync(new EndpointReplay("acme", "hook", now, now, ReplayScope.Failed), n => fixture.Audit($"replayed {n}", 200), Cancellation));

        Assert.Equal(["dead", "waits"], (await store.DueAsync(now, 9, Cancellation)).Select(d => d.Id).Order());
        Assert.Equal(Made("dead", DeliveryState.Pending, now) with { RoundFrom = 3, Version = 1 }, await store.FindDeliveryAsync("dead", Cancellation));
        Assert.Single(await store.FindAuditAsync("replayed 1", 9, Cancellation));
        Assert.Equal(1, await store.ReplayAsync(new EndpointReplay("acme", "hook", now, now, ReplayScope.All), n => fixture.Audit("all", 200), Cancellation));
        Assert.Equal(["dead", "delivered", "waits"], (await store.DueAsync(now, 9, Cancellation)).Select(d => d.Id).Order());
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_recovery_is_done_once_and_told(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await store.AdvanceAsync("webhooks", default, 9, [Delivery(fixture, "dead", 1) with { State = DeliveryState.Dead, NextAt = null }, Delivery(fixture, "other", 1, "other") with { State = DeliveryState.Dead, NextAt = null }], Cancellation);
        var replay = new EndpointReplay("acme", "hook", now.AddHours(-1), now, ReplayScope.Failed);

        var done = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => store.RecoverAsync(replay, "/webhooks", "evt_1", n => Told(now, "evt_1") with { Subject = $"{n}" }, Cancellation).AsTask(), Cancellation)));

        Assert.Single(done, first => first);
        Assert.Equal("1", (await store.FindEventAsync("/webhooks", "evt_1", Cancellation))!.Event.Subject);
        Assert.Null(await store.FindEventAsync("/webhooks", "evt_2", Cancellation));
        Assert.Null(await store.FindEventAsync("/other", "evt_1", Cancellation));
        Assert.Equal(["dead"], (await store.DueAsync(now, 9, Cancellation)).Select(d => d.Id));
        Assert.Equal(1, Assert.Single(await store.EndpointsAsync(Cancellation)).Retaken);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task An_endpoint_begins_anew_with_what_waits_there_unless_an_operator_keeps_it_back(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        EndpointReopening Reopening(string name) => new("acme", name, now, state => (fixture.Audit($"enabled {state.Name}", 200), Told(now, $"{state.Key}/{state.Version + 1}")));
        await store.AdvanceAsync("webhooks", default, 9, [Delivery(fixture, "waits", 1) with { NextAt = now.AddHours(5) }, Delivery(fixture, "held", 1, "held") with { NextAt = now.AddHours(5) }], Cancellation);
        var gone = new EndpointState("acme", "hook") { FailingSince = now, Warned = 100, DisabledAt = now, Reason = "it answered 410" };
        Assert.True(await store.ChangeEndpointAsync(gone, null, null, Cancellation));
        Assert.True(await store.ChangeEndpointAsync(gone with { Name = "held", IsHeld = true }, null, null, Cancellation));
        Assert.True(await store.ChangeEndpointAsync(gone with { Name = "fails", Warned = 50, DisabledAt = null, Reason = null }, null, null, Cancellation));

        Assert.False(await store.ReopenAsync(Reopening("well"), Cancellation));
        Assert.False(await store.ReopenAsync(Reopening("held"), Cancellation));
        Assert.True(await store.ReopenAsync(Reopening("fails"), Cancellation));
        Assert.Empty(await store.ReadEventsAsync(0, 9, Cancellation));
        var opened = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => store.ReopenAsync(Reopening("hook"), Cancellation).AsTask(), Cancellation)));

        Assert.Single(opened, first => first);
        var states = (await store.EndpointsAsync(Cancellation)).ToDictionary(e => e.Name);
        Assert.Equal(new EndpointState("acme", "hook") { Retaken = 1, Version = 3 }, states["hook"]);
        Assert.Equal(new EndpointState("acme", "fails") { Retaken = 1, Version = 3 }, states["fails"]);
        Assert.Equal(gone with { Name = "held", IsHeld = true, Version = 1 }, states["held"]);
        Assert.Equal(["waits"], (await store.DueAsync(now, 9, Cancellation)).Select(d => d.Id));
        Assert.Equal("acme/hook/2", Assert.Single(await store.ReadEventsAsync(0, 9, Cancellation)).Event.Id);
        Assert.Single(await store.FindAuditAsync("enabled hook", 9, Cancellation));
    }

    private static WhichEndpoints Except(params string[] keys) => new() { Except = keys };

    private static async Task RecordAsync(IStore store, string id, DeliveryState next, DateTimeOffset? nextAt)
    {
        var delivery = (await store.FindDeliveryAsync(id, Cancellation))!;
        Assert.True(await store.RecordAttemptAsync(delivery, new DeliveryAttempt(delivery.Attempts + 1, delivery.CreatedAt, TimeSpan.Zero, 500, "HTTP 500"), next, nextAt, Cancellation));
    }

    private static NewEvent Told(DateTimeOffset now, string id) => new(id, "-", "webhook.failing.v1", "/webhooks", "acme/hook", "acme/hook", now, "{}"u8.ToArray());

    private static EventDelivery Delivery(StoreFixture fixture, string id, long position, string subscription = "hook") =>
        new(id, "acme", subscription, position, fixture.Clock.GetUtcNow()) { NextAt = fixture.Clock.GetUtcNow() };
}
