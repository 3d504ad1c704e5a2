using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>Erasing of the log by ranges: what is gone, and what goes on as if nothing were.</summary>
public sealed class RetentionStoreTests
{
    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_range_is_erased_once_behind_all_readers_and_sequences_and_positions_go_on(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        for (var i = 0; i < 6; i++) await AppendAsync(fixture, store, $"e{i}", i < 4 ? "acme" : "eu");
        var log = await store.ReadEventsAsync(0, 99, Cancellation);
        Assert.Null(await store.FirstRangeAsync(99, Cancellation));

        await store.AdvanceAsync("flows", default, log[4].Position, [], Cancellation);
        await store.AdvanceAsync("webhooks", default, log[5].Position, [], Cancellation);
        var first = (await store.FirstRangeAsync(3, Cancellation))!;
        Assert.Equal((0L, log[2].Position), (first.After, first.UpTo));
        Assert.Equal([("test.v1", log[2].Event.Time)], first.Latest.Select(t => (t.Key, t.Value)));
        var erased = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => store.EraseAsync(first, Cancellation).AsTask(), Cancellation)));
        Assert.Single(erased, done => done);
        // Up to the reader that is behind.
        var second = (await store.FirstRangeAsync(99, Cancellation))!;
        Assert.Equal((first.UpTo, log[4].Position), (second.After, second.UpTo));
        Assert.True(await store.EraseAsync(second, Cancellation));
        Assert.Null(await store.FirstRangeAsync(99, Cancellation));

        Assert.Equal(["e5"], (await store.ReadEventsAsync(0, 99, Cancellation)).Select(e => e.Event.Id));
        Assert.Equal((log[3].Position, log[4].Position, 0), (await store.ErasedUpToAsync("acme", Cancellation), await store.ErasedUpToAsync("eu", Cancellation), await store.ErasedUpToAsync("other", Cancellation)));
        await AppendAsync(fixture, store, "e6", "acme");
        var next = (await store.ReadEventsAsync("acme", 0, 9, Cancellation)).Single();
        Assert.Equal((5L, true), (next.Sequence, next.Position > log[5].Position));
        await AppendAsync(fixture, store, "e7", "eu");
        Assert.Equal([2L, 3L], (await store.ReadEventsAsync("eu", 0, 9, Cancellation)).Select(e => e.Sequence));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task The_log_ends_where_it_did_when_all_of_it_is_erased(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await AppendAsync(fixture, store, "e1", "acme");
        var last = await store.LastPositionAsync(Cancellation);
        await store.AdvanceAsync("webhooks", default, last, [], Cancellation);

        Assert.True(await store.EraseAsync((await store.FirstRangeAsync(9, Cancellation))!, Cancellation));

        Assert.Equal(last, await store.LastPositionAsync(Cancellation));
        Assert.Empty(await store.ReadEventsAsync(0, 9, Cancellation));
        await AppendAsync(fixture, store, "e2", "acme");
        Assert.Equal((last + 1, 2L), (await store.ReadEventsAsync(0, 9, Cancellation)).Select(e => (e.Position, e.Sequence)).Single());
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_a_delivery_needs_stays_until_somebody_has_decided_and_what_arrived_is_not_replayed_without_its_event(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        for (var i = 1; i <= 5; i++) await AppendAsync(fixture, store, $"e{i}", "acme");
        var now = fixture.Clock.GetUtcNow();
        EventDelivery Made(int i, DeliveryState state) => new($"d{i}", "acme", "hook", i, now) { State = state, NextAt = state == DeliveryState.Pending ? now : null };
        await store.AdvanceAsync("webhooks", default, 5, [Made(1, DeliveryState.Pending), Made(2, DeliveryState.Dead), Made(3, DeliveryState.Delivered), Made(4, DeliveryState.Skipped)], Cancellation);

        Assert.True(await store.EraseAsync((await store.FirstRangeAsync(4, Cancellation))!, Cancellation));

        Assert.Equal(["e1", "e2", "e5"], (await store.ReadEventsAsync(0, 9, Cancellation)).Select(e => e.Event.Id));
        var dead = (await store.DeadLettersAsync(new DeadLetterQuery { Type = "test.v1" }, null, 9, Cancellation)).Single();
        Assert.Equal(("d2", "e2"), (dead.Delivery.Id, dead.EventId));
        Assert.Equal(1, await store.ReplayAsync(new EndpointReplay("acme", "hook", DateTimeOffset.MinValue, now, ReplayScope.All), null, Cancellation));
        Assert.True(await store.RecordAttemptAsync((await store.FindDeliveryAsync("d2", Cancellation))!, new DeliveryAttempt(1, now, TimeSpan.Zero, 204, null), DeliveryState.Delivered, null, Cancellation));

        Assert.True(await store.EraseAsync((await store.FirstRangeAsync(9, Cancellation))!, Cancellation));
        Assert.Equal(["e1"], (await store.ReadEventsAsync(0, 9, Cancellation)).Select(e => e.Event.Id));
        Assert.Equal("e1", (await store.FindEventAsync((await store.FindDeliveryAsync("d1", Cancellation))!, Cancellation))!.Event.Id);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Settled_deliveries_go_with_their_range_with_attempts_and_edits_and_those_that_somebody_needs_stay(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        for (var i = 1; i <= 6; i++) await AppendAsync(fixture, store, $"e{i}", "acme");
        var now = fixture.Clock.GetUtcNow();
        EventDelivery Made(string id, int position, DeliveryState state, string? line = null) =>
            new(id, "acme", line is null ? "hook" : "fifo", position, now) { State = state, NextAt = state == DeliveryState.Pending ? now : null, DiedAt = state == DeliveryState.Dead ? now : null, OrderingKey = line };
        await store.AdvanceAsync("webhooks", default, 6,
        [
            Made("arrived", 1, DeliveryState.Pending), Made("pending", 1, DeliveryState.Pending), Made("given-up", 2, DeliveryState.Skipped), Made("edited", 2, DeliveryState.Dead),
            // Of one line a dead one and what has overtaken it; of others what has arrived, before and behind.
            Made("line-0", 1, DeliveryState.Delivered, "k1"), Made("dead", 2, DeliveryState.Dead, "k1"), Made("overtook", 3, DeliveryState.Delivered, "k1"), Made("line-2", 3, DeliveryState.Delivered, "k2"),
            Made("later", 6, DeliveryState.Delivered),
        ], Cancellation);
        Assert.True(await store.RecordAttemptAsync((await store.FindDeliveryAsync("arrived", Cancellation))!, new DeliveryAttempt(1, now, TimeSpan.Zero, 204, null), DeliveryState.Delivered, null, Cancellation));
        var edit = Made("edit", 2, DeliveryState.Pending) with { EditOf = "edited", Edit = 1 };
        Assert.True(await store.EditDeadAsync((await store.FindDeliveryAsync("edited", Cancellation))!, edit, "{}"u8.ToArray(), fixture.Audit("edit", 200), Cancellation));
        Assert.True(await store.RecordAttemptAsync((await store.FindDeliveryAsync("edit", Cancellation))!, new DeliveryAttempt(1, now, TimeSpan.Zero, 204, null), DeliveryState.Delivered, null, Cancellation));

        Assert.True(await store.EraseAsync((await store.FirstRangeAsync(5, Cancellation))!, Cancellation));

        Assert.Equal(["dead", "later", "overtook", "pending"], await LeftAsync());
        Assert.Equal((0L, 0L), (await CountAsync("attempts"), await CountAsync("edits")));
        // Nobody needs it any more.
        Assert.Equal(1, await store.SkipDeadAsync(new DeadLetterQuery { Id = "dead" }, "a test", 9, n => fixture.Audit("skip", 200), Cancellation));
        Assert.True(await store.EraseAsync((await store.FirstRangeAsync(5, Cancellation))!, Cancellation));
        Assert.Equal(["pending"], await LeftAsync());

        async Task<string[]> LeftAsync()
        {
            var left = new List<string>();
            foreach (var id in (string[])["arrived", "dead", "edit", "edited", "given-up", "later", "line-0", "line-2", "overtook", "pending"])
                if (await store.FindDeliveryAsync(id, Cancellation) is not null) left.Add(id);
            return [.. left];
        }

        async Task<long> CountAsync(string table)
        {
            if (engine.Contains("memory", StringComparison.Ordinal)) return 0;
            await using var connection = await fixture.ConnectAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = $"SELECT count(*) FROM {table}";
            return (long)(await command.ExecuteScalarAsync(Cancellation))!;
        }
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_repeat_is_known_within_its_window_and_new_beyond_it(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        // It happened long before it came: what counts is when it was stored.
        var happened = Event(fixture, "msg_1", "acme") with { Time = fixture.Clock.GetUtcNow().AddDays(-30), Window = TimeSpan.FromDays(7) };
        Assert.True(await store.AppendEventAsync(happened, Cancellation));
        fixture.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        Assert.False(await store.AppendEventAsync(happened, Cancellation));
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.False(await store.AppendEventAsync(happened with { Window = null }, Cancellation));
        Assert.True(await store.AppendEventAsync(happened, Cancellation));
        Assert.False(await store.AppendEventAsync(happened, Cancellation));
        Assert.Equal([1L, 2L], (await store.ReadEventsAsync(0, 9, Cancellation)).Select(e => e.Sequence));
        Assert.Equal(2, (await store.FindEventAsync(happened.Source, happened.Id, Cancellation))!.Sequence);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Types_that_are_never_replayed_are_left_as_they_are_and_counted(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await AppendAsync(fixture, store, "e1", "acme");
        await store.AppendEventAsync(Event(fixture, "e2", "acme") with { Type = "never.v1" }, Cancellation);
        var now = fixture.Clock.GetUtcNow();
        EventDelivery Made(string id, int position, DeliveryState state, DateTimeOffset? next = null) => new(id, "acme", "hook", position, now) { State = state, NextAt = next };
        await store.AdvanceAsync("webhooks", default, 2,
            [Made("d1", 1, DeliveryState.Dead), Made("d2", 2, DeliveryState.Dead), Made("d3", 2, DeliveryState.Delivered), Made("d4", 2, DeliveryState.Pending, now.AddHours(1))], Cancellation);
        var replay = new EndpointReplay("acme", "hook", now, now, ReplayScope.Failed) { Never = ["never.v1", "other.v1"] };

        Assert.Equal((1, 2), (await store.WithheldAsync(replay, Cancellation), await store.WithheldAsync(replay with { Scope = ReplayScope.All }, Cancellation)));
        var retry = new DeadLetterRetry(new DeadLetterQuery(), now, TimeSpan.Zero) { Max = 9, Never = replay.Never };
        Assert.Equal(["d1"], (await store.NextDeadAsync(retry, Cancellation)).Select(l => l.Delivery.Id));
        Assert.Equal(2, await store.ReplayAsync(replay with { Scope = ReplayScope.All }, null, Cancellation));
        Assert.Equal(["d1", "d4"], (await store.DueAsync(now, 9, Cancellation)).Select(d => d.Id).Order());
        Assert.Equal(0, await store.RetryDeadAsync(retry, n => fixture.Audit("none", 200), Cancellation));
        Assert.Equal(1, await store.RetryDeadAsync(retry with { Never = [] }, n => fixture.Audit("one", 200), Cancellation));
    }

    private static ValueTask<bool> AppendAsync(StoreFixture fixture, IStore store, string id, string tenant) => store.AppendEventAsync(Event(fixture, id, tenant), Cancellation);

    private static NewEvent Event(StoreFixture fixture, string id, string tenant) => new(id, tenant, "test.v1", "/tests", "s", "p", fixture.Clock.GetUtcNow(), "{}"u8.ToArray());
}
