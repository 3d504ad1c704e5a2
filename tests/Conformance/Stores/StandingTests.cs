using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>Events that say how a thing stands: an older one is not put behind a newer, where that is asked for.</summary>
public sealed class StandingTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_is_older_than_what_the_log_says_of_a_thing_is_not_stored(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;

        Assert.True(await store.AppendEventAsync(At("e-1", 10), Cancellation));
        Assert.True(await store.AppendEventAsync(At("e-2", 30), Cancellation));
        Assert.False(await store.AppendEventAsync(At("e-3", 20), Cancellation));
        Assert.True(await store.AppendEventAsync(At("e-4", 30), Cancellation));
        // Of something else, of somebody else, or of another kind, it is the first.
        Assert.True(await store.AppendEventAsync(At("e-5", 20) with { Subject = "p-2" }, Cancellation));
        Assert.True(await store.AppendEventAsync(At("e-6", 20) with { Tenant = "globex" }, Cancellation));
        Assert.True(await store.AppendEventAsync(At("e-7", 20) with { Type = "parcel.left.v1" }, Cancellation));
        // What does not say since when, or is to be stored in any case, is.
        Assert.True(await store.AppendEventAsync(At("e-8", null), Cancellation));
        Assert.True(await store.AppendEventAsync(At("e-9", 5) with { IfNewest = false }, Cancellation));
        Assert.False(await store.AppendEventAsync(At("e-2", 40), Cancellation));
        Assert.False(await store.AppendEventAsync(At("e-10", 29), Cancellation));
        Assert.True(await store.AppendEventAsync(At("e-11", 31), Cancellation));

        var events = await store.ReadEventsAsync(0, 99, Cancellation);
        Assert.Equal(["e-1", "e-2", "e-4", "e-5", "e-6", "e-7", "e-8", "e-9", "e-11"], events.Select(e => e.Event.Id));
        Assert.Equal([1, 2, 3, 4, 1, 5, 6, 7, 8], events.Select(e => e.Sequence));
        Assert.Equal([Noon.AddSeconds(10), null, Noon.AddSeconds(5)], new[] { 0, 6, 7 }.Select(i => events[i].Event.Standing));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Of_many_that_come_at_once_none_stands_behind_a_newer(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        int[] seconds = [.. Enumerable.Range(0, 60)];
        new Random(7).Shuffle(seconds);

        var stored = await Task.WhenAll(seconds.Select(async second => (second, Stored: await store.AppendEventAsync(At($"e-{second}", second), Cancellation))));

        var log = (await store.ReadEventsAsync(0, 99, Cancellation)).Select(e => e.Event.Standing!.Value).ToList();
        Assert.Equal(log.Order(), log);
        Assert.Equal(Noon.AddSeconds(59), log[^1]);
        Assert.Equal(stored.Where(s => s.Stored).Select(s => Noon.AddSeconds(s.second)).Order(), log);
    }

    private static NewEvent At(string id, int? second) => new(id, "acme", "parcel.moved.v1", "/parcels", "p-1", "key", Noon, "{}"u8.ToArray())
    {
        Standing = second is { } after ? Noon.AddSeconds(after) : null,
        IfNewest = true,
    };
}
