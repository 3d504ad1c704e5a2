using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>Quotas: what is taken by many at once, given back, and still there after a restart.</summary>
public sealed class QuotaTests
{
    private static readonly DateTimeOffset Ends = new(2026, 11, 30, 23, 0, 0, TimeSpan.Zero);

    private static readonly QuotaKey Key = new("acme", "orders-a-month", "", "2026-11");

    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task As_much_is_given_as_is_left_and_nothing_where_that_is_too_little(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;

        Assert.Equal(new QuotaGrant(4, 4), await store.TakeQuotaAsync(Key, 10, 1, 4, Ends, Cancellation));
        Assert.Equal(new QuotaGrant(0, 4), await store.TakeQuotaAsync(Key, 10, 7, 9, Ends, Cancellation));
        Assert.Equal(new QuotaGrant(6, 10), await store.TakeQuotaAsync(Key, 10, 6, 9, Ends, Cancellation));
        Assert.Equal(new QuotaGrant(0, 10), await store.TakeQuotaAsync(Key, 10, 1, 1, Ends, Cancellation));
        // A limit that was lowered, and one that was raised.
        Assert.Equal(new QuotaGrant(0, 10), await store.TakeQuotaAsync(Key, 3, 1, 1, Ends, Cancellation));
        Assert.Equal(new QuotaGrant(2, 12), await store.TakeQuotaAsync(Key, 12, 1, 5, Ends, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Of_many_who_take_at_once_nobody_gets_what_another_has(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;

        var grants = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () => await store.TakeQuotaAsync(Key, 100, 1, 3, Ends, Cancellation))));

        Assert.Equal(100, grants.Sum(g => g.Granted));
        Assert.Equal(100, Assert.Single(await store.QuotasAsync("acme", Cancellation)).Taken);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_is_given_back_is_there_again_and_what_was_used_unasked_is_counted(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.TakeQuotaAsync(Key, 10, 1, 10, Ends, Cancellation);

        await store.AddQuotaAsync(Key, -4, Ends, Cancellation);
        Assert.Equal(new QuotaGrant(4, 10), await store.TakeQuotaAsync(Key, 10, 1, 10, Ends, Cancellation));

        await store.AddQuotaAsync(Key, 5, Ends, Cancellation);
        Assert.Equal(new QuotaGrant(0, 15), await store.TakeQuotaAsync(Key, 10, 1, 1, Ends, Cancellation));

        await store.AddQuotaAsync(Key, -99, Ends, Cancellation);
        Assert.Equal(0, Assert.Single(await store.QuotasAsync("acme", Cancellation)).Taken);

        // The first that is heard of it may be either.
        await store.AddQuotaAsync(Key with { Quota = "owed" }, 3, Ends, Cancellation);
        await store.AddQuotaAsync(Key with { Quota = "returned" }, -3, Ends, Cancellation);
        Assert.Equal([("orders-a-month", 0L), ("owed", 3L), ("returned", 0L)], (await store.QuotasAsync("acme", Cancellation)).Select(u => (u.Key.Quota, u.Taken)));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Tenants_quotas_consumers_and_periods_are_counted_apart(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        QuotaKey[] keys = [Key, Key with { Tenant = "globex" }, Key with { Quota = "other" }, Key with { Counted = "acme-shop" }, Key with { Period = "2026-12" }];

        for (var i = 0; i < keys.Length; i++) Assert.Equal(new QuotaGrant(i + 1, i + 1), await store.TakeQuotaAsync(keys[i], 10, 1, i + 1, Ends, Cancellation));

        var acme = await store.QuotasAsync("acme", Cancellation);
        Assert.Equal(keys.Where(k => k.Tenant == "acme").ToHashSet(), acme.Select(u => u.Key).ToHashSet());
        Assert.All(acme, use => Assert.Equal(Array.IndexOf(keys, use.Key) + 1, use.Taken));
        Assert.Equal(Ends, acme[0].Ends);
        Assert.Equal(2, Assert.Single(await store.QuotasAsync("globex", Cancellation)).Taken);
        Assert.Empty(await store.QuotasAsync("nobody", Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_was_taken_is_taken_after_a_restart(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.TakeQuotaAsync(Key, 10, 1, 7, Ends, Cancellation);
        await store.DisposeAsync();

        var again = await fixture.OpenAsync();

        Assert.Equal(new QuotaGrant(3, 10), await again.TakeQuotaAsync(Key, 10, 1, 7, Ends, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Periods_that_are_long_over_are_forgotten_and_no_others(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.TakeQuotaAsync(Key, 10, 1, 1, fixture.Clock.GetUtcNow().AddDays(1), Cancellation);
        await store.TakeQuotaAsync(Key with { Period = "2026-12" }, 10, 1, 1, fixture.Clock.GetUtcNow().AddDays(20), Cancellation);

        fixture.Clock.Advance(TimeSpan.FromDays(5));
        await store.AddQuotaAsync(Key with { Quota = "other" }, 1, fixture.Clock.GetUtcNow().AddDays(9), Cancellation);
        Assert.Equal(3, (await store.QuotasAsync("acme", Cancellation)).Count);

        // Records of the audit bring the housekeeping along, in every engine: what is over goes with the first, and is gone by the second.
        fixture.Clock.Advance(TimeSpan.FromDays(4));
        for (var i = 0; i < 2; i++) await store.AppendAuditAsync([fixture.Audit($"c-{i}", 200)], Cancellation);
        Assert.Equal(["2026-12", "2026-11"], (await store.QuotasAsync("acme", Cancellation)).Select(u => u.Key.Period));
    }
}
