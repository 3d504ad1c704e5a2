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

    private static NewEvent Event(string id, string tenant, DateTimeOffset at) => new(id, tenant, "order.accepted.v1", "/orders", "ord_1", "ord_1", at, "{}"u8.ToArray());
}
