using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>What timelines are made of: events by what they are about, and deliveries by their events.</summary>
public sealed class TraceStoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Events_are_found_by_their_subjects_whosever_they_are_the_newest_first(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        // What outside systems call a thing has no bound, and may not be compressible.
        var longest = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(9_000));
        foreach (var (id, tenant, subject) in ((string, string, string)[])[("e1", "acme", "o-1"), ("e2", "eu", "o-1"), ("e3", "acme", "o-2"), ("e4", "-", "flo_1"), ("e5", "acme", "O-1"), ("e6", "-", longest)])
            await store.AppendEventAsync(new NewEvent(id, tenant, "order.seen.v1", "/tests", subject, "key", now, "{}"u8.ToArray()) { CorrelationId = "c-" + id }, Cancellation);

        Assert.Equal(["e4", "e2", "e1"], await FoundAsync(99, "o-1", "flo_1", "nothing", "'; --"));
        Assert.Equal(["e4", "e2"], await FoundAsync(2, "o-1", "flo_1"));
        Assert.Equal(["e6"], await FoundAsync(99, longest));
        Assert.Empty(await FoundAsync(99));
        Assert.Equal(new ToldEvent(3, "e3", "acme", "order.seen.v1", "o-2", now, "c-e3"), Assert.Single(await store.EventsAboutAsync(["o-2"], 9, Cancellation)));

        async Task<string[]> FoundAsync(int most, params string[] subjects) => [.. (await store.EventsAboutAsync(subjects, most, Cancellation)).Select(e => e.Id)];
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Deliveries_are_found_by_their_events_those_of_the_newest_first(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        EventDelivery Of(string id, long position) => new(id, "acme", "hook", position, now) { NextAt = now };
        Assert.True(await store.AdvanceAsync("webhooks", default, 3, [Of("d1", 1), Of("d2", 1), Of("d3", 2), Of("d4", 3)], Cancellation));

        Assert.Equal(["d4", "d2", "d1"], (await store.DeliveriesOfEventsAsync([1, 3, 77], 99, Cancellation)).Select(d => d.Id));
        Assert.Equal(["d4", "d2"], (await store.DeliveriesOfEventsAsync([1, 3], 2, Cancellation)).Select(d => d.Id));
        Assert.Empty(await store.DeliveriesOfEventsAsync([], 99, Cancellation));
        Assert.Equal(await store.FindDeliveryAsync("d3", Cancellation), Assert.Single(await store.DeliveriesOfEventsAsync([2], 99, Cancellation)));
    }
}
