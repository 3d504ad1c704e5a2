using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>The log as one tenant sees it.</summary>
public sealed class TenantEventsTests
{
    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_tenant_reads_its_own_events_in_their_order_behind_a_position(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        Assert.Equal(0, await store.LastPositionAsync(Cancellation));
        for (var i = 0; i < 9; i++) Assert.True(await store.AppendEventAsync(Event($"e-{i}", i % 3 == 0 ? "acme" : "globex", fixture.Clock.GetUtcNow()), Cancellation));

        var first = await store.ReadEventsAsync("acme", 0, 2, Cancellation);
        var rest = await store.ReadEventsAsync("acme", first[^1].Position, 9, Cancellation);

        Assert.Equal(["e-0", "e-3"], first.Select(e => e.Event.Id));
        Assert.Equal("e-6", Assert.Single(rest).Event.Id);
        Assert.Equal(6, (await store.ReadEventsAsync("globex", 0, 9, Cancellation)).Count);
        Assert.Empty(await store.ReadEventsAsync("acm", 0, 9, Cancellation));
        Assert.Empty(await store.ReadEventsAsync("acme", rest[0].Position, 9, Cancellation));
        Assert.Equal((await store.ReadEventsAsync(0, 99, Cancellation))[^1].Position, await store.LastPositionAsync(Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task An_event_is_found_by_its_id_by_the_tenant_that_it_is_of(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        foreach (var (id, tenant, source) in ((string, string, string)[])[("e-1", "acme", "/orders"), ("e-1", "globex", "/returns"), ("e-2", "globex", "/orders"), ("e-1", "acme", "/invoices")])
            Assert.True(await store.AppendEventAsync(Event(id, tenant, now) with { Source = source }, Cancellation));

        Assert.Equal("/invoices", (await store.FindEventOfAsync("acme", "e-1", Cancellation))!.Event.Source);
        Assert.Equal("/returns", (await store.FindEventOfAsync("globex", "e-1", Cancellation))!.Event.Source);
        Assert.Null(await store.FindEventOfAsync("acme", "e-2", Cancellation));
        Assert.Null(await store.FindEventOfAsync("-", "e-1", Cancellation));
        Assert.Null(await store.FindEventOfAsync("acme", "", Cancellation));
    }

    private static NewEvent Event(string id, string tenant, DateTimeOffset at) => new(id, tenant, "order.accepted.v1", "/orders", "ord_1", "ord_1", at, "{}"u8.ToArray());
}
