using System.Text;
using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>Subscriptions that partners have made themselves.</summary>
public sealed class SubscriptionStoreTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_subscription_comes_back_as_it_was_made_and_is_its_tenants_alone(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var made = Made(fixture, "sub_1", "erp");
        made = made with { Terms = made.Terms! with { When = "data.ok", Mapping = "data", Order = WebhookOrder.Fifo, Mode = WebhookMode.Binary, OldSecretsUntil = fixture.Clock.GetUtcNow().AddHours(1) } };
        Assert.Equal(SubscriptionAdded.Added, await store.AddSubscriptionAsync(made, 2, Cancellation));
        // The same call once more, whose answer was lost.
        Assert.Equal(SubscriptionAdded.Added, await store.AddSubscriptionAsync(made with { ChangedBy = "again" }, 2, Cancellation));

        var kept = (await store.FindSubscriptionAsync("acme", "sub_1", Cancellation))!;
        Assert.Equal((made.Id, made.Tenant, made.Name, 1, 1L, "int_sub_1"), (kept.Id, kept.Tenant, kept.Name, kept.Version, kept.Change, kept.ChangedBy));
        Assert.Equal((made.CreatedAt, made.ChangedAt, null, null), (kept.CreatedAt, kept.ChangedAt, kept.RemovedAt, kept.Trouble));
        Assert.Equal(made.Terms with { Types = [], Secrets = [] }, kept.Terms! with { Types = [], Secrets = [] });
        Assert.Equal(made.Terms.Types, kept.Terms.Types);
        Assert.Equal(made.Terms.Secrets, kept.Terms.Secrets);
        Assert.Null(await store.FindSubscriptionAsync("globex", "sub_1", Cancellation));
        Assert.Empty(await store.SubscriptionsAsync("globex", Cancellation));
        Assert.Equal(["erp"], (await store.SubscriptionsAsync("acme", Cancellation)).Select(s => s.Name));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_name_is_given_once_and_no_more_are_made_than_a_tenant_may_have(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;

        var same = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => store.AddSubscriptionAsync(Made(fixture, $"sub_{i}", "erp"), 9, Cancellation).AsTask(), Cancellation)));
        Assert.Equal((1, 7), (same.Count(a => a == SubscriptionAdded.Added), same.Count(a => a == SubscriptionAdded.NameTaken)));
        var many = await Task.WhenAll(Enumerable.Range(10, 8).Select(i => Task.Run(() => store.AddSubscriptionAsync(Made(fixture, $"sub_{i}", $"n{i}"), 4, Cancellation).AsTask(), Cancellation)));
        Assert.Equal((3, 5), (many.Count(a => a == SubscriptionAdded.Added), many.Count(a => a == SubscriptionAdded.TooMany)));
        Assert.Equal(SubscriptionAdded.Added, await store.AddSubscriptionAsync(Made(fixture, "sub_g", "erp") with { Tenant = "globex" }, 1, Cancellation));

        // Who has removed one may make another, of the same name.
        var erp = (await store.SubscriptionsAsync("acme", Cancellation)).First(s => s.Name == "erp");
        Assert.True(await store.ChangeSubscriptionAsync(erp with { RemovedAt = fixture.Clock.GetUtcNow() }, Cancellation));
        Assert.Equal(SubscriptionAdded.Added, await store.AddSubscriptionAsync(Made(fixture, "sub_new", "erp"), 4, Cancellation));
        Assert.Equal(4, (await store.SubscriptionsAsync("acme", Cancellation)).Count);
        var removed = (await store.FindSubscriptionAsync("acme", erp.Id, Cancellation))!;
        Assert.Equal((fixture.Clock.GetUtcNow(), null), (removed.RemovedAt, removed.Terms));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Changes_are_made_once_per_version_and_followed_in_their_order(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        Assert.Empty(await store.SubscriptionsChangedAsync(0, 9, Cancellation));
        foreach (var name in (string[])["a", "b", "c"]) await store.AddSubscriptionAsync(Made(fixture, "sub_" + name, name), 9, Cancellation);
        var read = (await store.SubscriptionsChangedAsync(0, 9, Cancellation))[^1].Change;
        var first = (await store.FindSubscriptionAsync("acme", "sub_a", Cancellation))!;

        var changed = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => store.ChangeSubscriptionAsync(first with { Terms = first.Terms! with { Url = $"https://x.example/{i}" }, ChangedBy = $"by_{i}" }, Cancellation).AsTask(), Cancellation)));

        Assert.Single(changed, c => c);
        var now = Assert.Single(await store.SubscriptionsChangedAsync(read, 9, Cancellation));
        Assert.Equal(("sub_a", 2, $"by_{Array.IndexOf(changed, true)}", $"https://x.example/{Array.IndexOf(changed, true)}"), (now.Id, now.Version, now.ChangedBy, now.Terms!.Url));
        Assert.Equal(["sub_b", "sub_c", "sub_a"], (await store.SubscriptionsChangedAsync(0, 9, Cancellation)).Select(s => s.Id));
        Assert.Equal(["sub_b"], (await store.SubscriptionsChangedAsync(0, 1, Cancellation)).Select(s => s.Id));
        Assert.True(await store.ChangeSubscriptionAsync(now with { RemovedAt = fixture.Clock.GetUtcNow() }, Cancellation));
        Assert.Equal(["sub_a"], (await store.SubscriptionsChangedAsync(now.Change, 9, Cancellation)).Where(s => s.RemovedAt is not null).Select(s => s.Id));
        Assert.False(await store.ChangeSubscriptionAsync(now with { Version = 3 }, Cancellation));
        Assert.False(await store.ChangeSubscriptionAsync(first with { Id = "sub_b", Tenant = "globex" }, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_condition_that_failed_is_noted_and_is_no_change(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.AddSubscriptionAsync(Made(fixture, "sub_1", "erp"), 9, Cancellation);
        var before = (await store.FindSubscriptionAsync("acme", "sub_1", Cancellation))!;
        var trouble = new ConditionTrouble(fixture.Clock.GetUtcNow(), "T2009 no", 3);

        await store.NoteTroubleAsync("acme", "sub_1", trouble, Cancellation);
        await store.NoteTroubleAsync("globex", "sub_1", trouble with { Count = 9 }, Cancellation);

        var noted = (await store.FindSubscriptionAsync("acme", "sub_1", Cancellation))!;
        Assert.Equal((trouble, before.Version, before.Change), (noted.Trouble, noted.Version, noted.Change));
        Assert.True(await store.ChangeSubscriptionAsync(noted with { Trouble = null }, Cancellation));
        Assert.Null((await store.FindSubscriptionAsync("acme", "sub_1", Cancellation))!.Trouble);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_it_says_is_encrypted_at_rest_and_gone_when_it_is_removed(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.AddSubscriptionAsync(Made(fixture, "sub_1", "erp"), 9, Cancellation);

        var clear = Encoding.UTF8.GetString(Assert.Single(await fixture.BytesAsync("SELECT terms FROM webhook_subscriptions")));
        Assert.DoesNotContain(Secret, clear, StringComparison.Ordinal);
        Assert.DoesNotContain("shop.acme.example", clear, StringComparison.Ordinal);

        var kept = (await store.FindSubscriptionAsync("acme", "sub_1", Cancellation))!;
        Assert.True(await store.ChangeSubscriptionAsync(kept with { RemovedAt = fixture.Clock.GetUtcNow() }, Cancellation));
        Assert.Empty(await fixture.BytesAsync("SELECT terms FROM webhook_subscriptions WHERE terms IS NOT NULL"));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Deliveries_of_an_endpoint_come_newest_first_with_their_events(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await store.AppendEventAsync(new NewEvent("e1", "acme", "order.accepted.v1", "/orders", "ord_1", "k", now, "{}"u8.ToArray()), Cancellation);
        await store.AdvanceAsync("webhooks", default, 9,
        [
            new EventDelivery("d1", "acme", "erp", 1, now) { NextAt = now }, new EventDelivery("d2", "acme", "erp", 2, now.AddSeconds(1)) { NextAt = now },
            new EventDelivery("d3", "acme", "other", 1, now) { NextAt = now }, new EventDelivery("d4", "globex", "erp", 1, now) { NextAt = now },
        ], Cancellation);

        Assert.Equal([("d2", null, null), ("d1", "e1", "ord_1")], (await store.DeliveriesOfAsync("acme", "erp", new DeliveryPage(9), Cancellation)).Select(d => (d.Delivery.Id, d.EventId, d.Subject)));
        Assert.Equal(["d2"], (await store.DeliveriesOfAsync("acme", "erp", new DeliveryPage(1), Cancellation)).Select(d => d.Delivery.Id));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Pages_of_deliveries_stay_what_they_are_while_new_ones_come(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var start = fixture.Clock.GetUtcNow();
        var made = 0;
        // Three of every four were made at the same moment.
        await MakeAsync(10);

        foreach (var oldestFirst in (bool[])[false, true])
        {
            var (read, known) = (new List<string>(), made);
            for (DeliveryMark? mark = null; ;)
            {
                var page = await store.DeliveriesOfAsync("acme", "erp", new DeliveryPage(3) { After = mark, OldestFirst = oldestFirst }, Cancellation);
                if (page.Count == 0) break;
                read.AddRange(page.Select(d => d.Delivery.Id));
                mark = page[^1].Mark;
                if (made < known + 2) await MakeAsync(1);
            }
            // Behind the oldest come the new ones, too; of the newest, those that there were.
            var expected = Enumerable.Range(1, oldestFirst ? made : known).Select(n => $"d{n}");
            Assert.Equal(oldestFirst ? expected : expected.Reverse(), read);
        }
        Assert.Empty(await store.DeliveriesOfAsync("globex", "erp", new DeliveryPage(3), Cancellation));

        async Task MakeAsync(int count)
        {
            var cursor = await store.FindCursorAsync("webhooks", Cancellation);
            var more = Enumerable.Range(made + 1, count).Select(n => new EventDelivery($"d{n}", "acme", "erp", n, start.AddSeconds(n / 4)) { NextAt = start }).ToList();
            Assert.True(await store.AdvanceAsync("webhooks", cursor, cursor.Position + count, more, Cancellation));
            made += count;
        }
    }

    private static StoredSubscription Made(StoreFixture fixture, string id, string name) => new(id, "acme", name)
    {
        Terms = new SubscriptionTerms("https://shop.acme.example/hook?token=t", ["order.accepted.v1", "*"], [Secret]),
        ChangedBy = "int_" + id,
        CreatedAt = fixture.Clock.GetUtcNow(),
        ChangedAt = fixture.Clock.GetUtcNow(),
    };
}
