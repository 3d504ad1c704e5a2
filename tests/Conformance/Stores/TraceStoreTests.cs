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
    public async Task What_events_say_of_their_subjects_is_read_in_the_order_of_the_log_behind_a_position(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        foreach (var (id, tenant, subject) in ((string, string, string)[])[("e1", "acme", "o-1"), ("e2", "eu", "o-1"), ("e3", "acme", "o-2"), ("e4", "acme", "o-1"), ("e5", "acme", "r-1"), ("e6", "acme", "o-1")])
            await store.AppendEventAsync(new NewEvent(id, tenant, "order.seen.v1", "/tests", subject, "key", now, System.Text.Encoding.UTF8.GetBytes($$"""{"id":"{{id}}"}""")) { CorrelationId = "c-" + id }, Cancellation);

        Assert.Equal(["e1", "e4", "e5", "e6"], await FoundAsync("acme", 0, 99, "o-1", "r-1"));
        Assert.Equal(["e1", "e2", "e4", "e6"], await FoundAsync(null, 0, 99, "o-1"));
        Assert.Equal(["e4", "e6"], await FoundAsync("acme", 1, 99, "o-1"));
        Assert.Equal(["e1", "e4"], await FoundAsync("acme", 0, 2, "o-1"));
        Assert.Equal(["e2"], await FoundAsync("eu", 0, 99, "o-1", "o-2"));
        Assert.Empty(await FoundAsync("eu", 0, 99, "o-2"));
        Assert.Empty(await FoundAsync(null, 6, 99, "o-1"));
        Assert.Empty(await FoundAsync(null, 0, 99));
        var read = Assert.Single(await store.ReadEventsAboutAsync(["o-2"], null, 0, 9, Cancellation));
        var found = (await store.FindEventAsync(3, Cancellation))!;
        Assert.Equal((found.Position, found.Sequence, "c-e3", """{"id":"e3"}"""), (read.Position, read.Sequence, read.Event.CorrelationId, StoreFixture.Text(read.Event.Data)));

        async Task<string[]> FoundAsync(string? tenant, long after, int most, params string[] subjects) =>
            [.. (await store.ReadEventsAboutAsync(subjects, tenant, after, most, Cancellation)).Select(e => e.Event.Id)];
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Events_are_found_by_the_numbers_that_they_carry_for_as_long_as_they_are_there(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        foreach (var (id, tenant, subject, numbers) in ((string, string, string, string[])[])[("e1", "acme", "o-1", ["PO-1", "S00001"]), ("e2", "eu", "o-2", ["PO-1"]), ("e3", "acme", "o-3", []), ("e4", "acme", "PO-1", ["S00001"])])
            Assert.True(await store.AppendEventAsync(Event(id, tenant, subject, numbers), Cancellation));
        // What is there already is numbered once.
        Assert.False(await store.AppendEventAsync(Event("e1", "acme", "o-1", ["PO-1", "S00009"]), Cancellation));

        Assert.Equal(["e1", "e4"], await FoundAsync("acme", 0, "PO-1"));
        Assert.Equal(["e1", "e2", "e4"], await FoundAsync(null, 0, "PO-1", "S00001"));
        Assert.Equal(["e4"], await FoundAsync("acme", 1, "S00001"));
        Assert.Empty(await FoundAsync(null, 0, "S00009", "po-1"));
        await store.AdvanceAsync("webhooks", default, 1, [], Cancellation);
        Assert.True(await store.EraseAsync((await store.FirstRangeAsync(9, Cancellation))!, Cancellation));
        Assert.Equal(["e2", "e4"], await FoundAsync(null, 0, "PO-1"));
        Assert.Equal(["e4"], await FoundAsync(null, 0, "S00001"));
        if (!engine.Contains("memory", StringComparison.Ordinal)) Assert.Equal(2L, await CountAsync(fixture, "SELECT count(*) FROM event_numbers"));

        NewEvent Event(string id, string tenant, string subject, string[] numbers) => new(id, tenant, "order.seen.v1", "/tests", subject, "key", now, "{}"u8.ToArray()) { Numbers = numbers };

        async Task<string[]> FoundAsync(string? tenant, long after, params string[] subjects) => [.. (await store.ReadEventsAboutAsync(subjects, tenant, after, 99, Cancellation)).Select(e => e.Event.Id)];
    }

    private static async Task<long> CountAsync(StoreFixture fixture, string sql)
    {
        await using var connection = await fixture.ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
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
