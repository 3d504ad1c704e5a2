using System.Collections.Concurrent;
using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>The log, its cursors, and the deliveries that follow from it.</summary>
public sealed class EventLogTests
{
    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task An_event_comes_back_as_it_was_appended(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var appended = await AppendAsync(fixture, store, "a", "p");

        var found = Assert.Single(await store.ReadEventsAsync(0, 9, Cancellation));

        Assert.Equal(1, found.Sequence);
        Assert.Equal(appended, found.Event with { Data = appended.Data });
        Assert.Equal("""{"total":"1.10"}""", StoreFixture.Text(found.Event.Data));
        Assert.Equal([new EventHead(found.Position, appended.Id, appended.Tenant, appended.Type, appended.Source) { PartitionKey = appended.PartitionKey }], await store.ReadEventHeadsAsync(0, 9, Cancellation));
        Assert.Empty(await store.ReadEventHeadsAsync(found.Position, 9, Cancellation));
        Assert.Equal("e-a", (await store.FindEventAsync(found.Position, Cancellation))!.Event.Id);
        Assert.Null(await store.FindEventAsync(found.Position + 1, Cancellation));
        Assert.Empty(await store.ReadEventsAsync(found.Position, 9, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Sequences_are_dense_and_a_reader_misses_nothing_while_many_append(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        const int Each = 40;
        string[] partitions = ["acme:p", "acme:q", "eu:p"];
        var seen = new ConcurrentQueue<StoredEvent>();
        var reader = Task.Run(async () =>
        {
            for (var position = 0L; seen.Count < partitions.Length * Each;)
            {
                var woken = store.WaitForAppendAsync(TimeSpan.FromSeconds(1), Cancellation).AsTask();
                var read = await store.ReadEventsAsync(position, 7, Cancellation);
                foreach (var e in read) seen.Enqueue(e);
                if (read.Count > 0) position = read[^1].Position;
                else await woken;
            }
        }, Cancellation);

        await Task.WhenAll(partitions.SelectMany(partition => Enumerable.Range(0, Each).Select(i => Task.Run(async () =>
        {
            var parts = partition.Split(':');
            await AppendAsync(fixture, store, $"{partition}-{i}", parts[1], parts[0]);
        }, Cancellation))));
        await reader.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

        Assert.Equal(seen.Select(e => e.Position).Order(), seen.Select(e => e.Position));
        Assert.Equal(partitions.Length * Each, seen.Select(e => e.Event.Id).Distinct().Count());
        foreach (var partition in seen.GroupBy(e => (e.Event.Tenant, e.Event.PartitionKey)))
        {
            Assert.Equal(Enumerable.Range(1, Each).Select(i => (long)i), partition.Select(e => e.Sequence));
        }
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_waiting_reader_is_woken_by_an_append_and_by_the_clock(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;

        var first = store.WaitForAppendAsync(TimeSpan.FromHours(1), Cancellation).AsTask();
        var second = store.WaitForAppendAsync(TimeSpan.FromHours(1), Cancellation).AsTask();
        await AppendAsync(fixture, store, "a", "p");
        await Task.WhenAll(first, second).WaitAsync(TimeSpan.FromSeconds(10), Cancellation);

        var third = store.WaitForAppendAsync(TimeSpan.FromHours(1), Cancellation).AsTask();
        Assert.False(third.IsCompleted);
        fixture.Clock.Advance(TimeSpan.FromHours(1));
        await third.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task An_event_of_outside_is_appended_once_by_its_id_and_source(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var happened = Outside(fixture, "msg_1", "/backends/wms");

        Assert.True(await store.AppendEventAsync(happened, Cancellation));
        Assert.False(await store.AppendEventAsync(happened with { Type = "wms.other.v1" }, Cancellation));
        Assert.True(await store.AppendEventAsync(happened with { Source = "/backends/tms" }, Cancellation));
        await AppendAsync(fixture, store, "a", "p");

        var log = await store.ReadEventsAsync(0, 9, Cancellation);
        Assert.Equal(["/backends/wms", "/backends/tms"], log.Take(2).Select(e => e.Event.Source));
        Assert.Equal([1, 2, 1], log.Select(e => e.Sequence));
        Assert.Equal(happened, log[0].Event with { Data = happened.Data });
        Assert.Equal("{}", StoreFixture.Text(log[0].Event.Data));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Of_many_who_append_one_event_at_once_one_does_and_a_reader_is_woken(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var woken = store.WaitForAppendAsync(TimeSpan.FromHours(1), Cancellation).AsTask();

        var appended = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => store.AppendEventAsync(Outside(fixture, "msg_1", "/backends/wms"), Cancellation).AsTask()));
        await woken.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        await store.DisposeAsync();
        var again = await fixture.OpenAsync();

        Assert.Single(appended, a => a);
        Assert.False(await again.AppendEventAsync(Outside(fixture, "msg_1", "/backends/wms"), Cancellation));
        Assert.Single(await again.ReadEventsAsync(0, 9, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_cursor_moves_once_per_version_and_its_deliveries_with_it(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        Assert.Equal(default, await store.FindCursorAsync("webhooks", Cancellation));

        var moves = await Task.WhenAll(Enumerable.Range(1, 16).Select(i => Task.Run(
            () => store.AdvanceAsync("webhooks", default, i, [Delivery(fixture, $"d{i}", "hook")], Cancellation).AsTask(), Cancellation)));

        Assert.Single(moves, moved => moved);
        var cursor = await store.FindCursorAsync("webhooks", Cancellation);
        Assert.Equal(1, cursor.Version);
        Assert.Equal($"d{cursor.Position}", Assert.Single(await store.DeliveriesAsync(null, 99, Cancellation)).Id);
        Assert.True(await store.AdvanceAsync("webhooks", cursor, 20, [], Cancellation));
        Assert.False(await store.AdvanceAsync("webhooks", cursor, 21, [], Cancellation));
        Assert.Equal(new Cursor(20, 2), await store.FindCursorAsync("webhooks", Cancellation));
        Assert.Equal(default, await store.FindCursorAsync("flows", Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Due_deliveries_come_earliest_first_and_a_long_list_hides_nobody(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        Assert.Null(await store.NextDueAsync(Cancellation));
        await store.AdvanceAsync("webhooks", default, 1,
        [
            .. Enumerable.Range(0, 50).Select(i => Delivery(fixture, $"dead{i:00}", "dead") with { NextAt = now.AddSeconds(-100 + i) }),
            Delivery(fixture, "b", "b") with { NextAt = now.AddSeconds(-1) },
            Delivery(fixture, "a", "a") with { NextAt = now },
            Delivery(fixture, "later", "a") with { NextAt = now.AddTicks(1) },
            Delivery(fixture, "eu", "dead") with { NextAt = now, Tenant = "eu" },
        ], Cancellation);

        var due = await store.DueAsync(now, 3, Cancellation);

        Assert.Equal(["dead00", "dead01", "dead02", "b", "a", "eu"], due.Select(d => d.Id));
        Assert.Equal(now.AddSeconds(-100), await store.NextDueAsync(Cancellation));
        Assert.Contains("later", (await store.DueAsync(now.AddTicks(1), 3, Cancellation)).Select(d => d.Id));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task An_attempt_is_recorded_once_per_version_with_what_follows(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await store.AdvanceAsync("webhooks", default, 1, [Delivery(fixture, "d", "hook")], Cancellation);
        var first = Assert.Single(await store.DueAsync(now, 9, Cancellation));
        var failed = new DeliveryAttempt(1, now, TimeSpan.FromMilliseconds(12.3456), 500, "HTTP 500");

        Assert.True(await store.RecordAttemptAsync(first, failed, DeliveryState.Pending, now.AddSeconds(5), Cancellation));
        Assert.False(await store.RecordAttemptAsync(first, failed, DeliveryState.Dead, null, Cancellation));

        Assert.Empty(await store.DueAsync(now, 9, Cancellation));
        var second = Assert.Single(await store.DueAsync(now.AddSeconds(5), 9, Cancellation));
        Assert.Equal(first with { Attempts = 1, NextAt = now.AddSeconds(5), Version = first.Version + 1 }, second);
        var answered = new DeliveryAttempt(2, now.AddSeconds(5), TimeSpan.FromSeconds(1), 204, null);
        Assert.True(await store.RecordAttemptAsync(second, answered, DeliveryState.Delivered, null, Cancellation));
        Assert.Equal([failed, answered], await store.AttemptsAsync("d", Cancellation));
        Assert.Empty(await store.DeliveriesAsync(DeliveryState.Pending, 9, Cancellation));
        Assert.Equal(2, Assert.Single(await store.DeliveriesAsync(DeliveryState.Delivered, 9, Cancellation)).Attempts);
        Assert.Null(await store.NextDueAsync(Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Who_claimed_a_delivery_records_its_attempt(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await store.AdvanceAsync("webhooks", default, 1, [Delivery(fixture, "d", "hook")], Cancellation);
        var due = Assert.Single(await store.DueAsync(now, 9, Cancellation));

        var claimed = await store.ClaimAsync(due, now.AddSeconds(30), Cancellation);

        Assert.True(await store.RecordAttemptAsync(claimed!, new DeliveryAttempt(1, now, TimeSpan.Zero, 204, null), DeliveryState.Delivered, null, Cancellation));
        Assert.Equal(DeliveryState.Delivered, (await store.FindDeliveryAsync("d", Cancellation))!.State);
        Assert.Single(await store.AttemptsAsync("d", Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_decision_about_a_delivery_is_taken_once_per_version_and_leaves_its_record(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        var dead = Delivery(fixture, "d", "hook") with { State = DeliveryState.Dead, NextAt = null, Attempts = 3 };
        await store.AdvanceAsync("webhooks", default, 1, [dead], Cancellation);

        Assert.True(await store.DecideAsync(dead, DeliveryState.Pending, now, fixture.Audit("first", 200), Cancellation));
        Assert.False(await store.DecideAsync(dead, DeliveryState.Skipped, null, fixture.Audit("second", 200), Cancellation));

        Assert.Equal(dead with { State = DeliveryState.Pending, NextAt = now, Version = dead.Version + 1 }, await store.FindDeliveryAsync("d", Cancellation));
        Assert.Equal("d", Assert.Single(await store.DueAsync(now, 9, Cancellation)).Id);
        Assert.Single(await store.FindAuditAsync("first", 9, Cancellation));
        Assert.Empty(await store.FindAuditAsync("second", 9, Cancellation));
        Assert.Null(await store.FindDeliveryAsync("e", Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Audit_is_found_by_correlation_oldest_first(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var plain = fixture.Audit("c", 401) with { Consumer = null, TraceId = null, Reason = null };

        await store.AppendAuditAsync([plain, fixture.Audit("other", 200)], Cancellation);
        await store.AppendAuditAsync([fixture.Audit("c", 201)], Cancellation);

        Assert.Equal([plain, fixture.Audit("c", 201)], await store.FindAuditAsync("c", 9, Cancellation));
        Assert.Single(await store.FindAuditAsync("c", 1, Cancellation));
    }

    private static async Task<NewEvent> AppendAsync(StoreFixture fixture, IStore store, string id, string partition, string tenant = "acme")
    {
        var intent = fixture.Intent(id, tenant: tenant);
        await store.BeginAsync(intent, Cancellation);
        var completion = fixture.Completion(intent, partition);
        Assert.True(await store.CompleteAsync(completion, Cancellation));
        return completion.Event!;
    }

    private static NewEvent Outside(StoreFixture fixture, string id, string source) =>
        new(id, "-", "wms.order.shipped.v1", source, "order_1", "order_1", fixture.Clock.GetUtcNow(), "{}"u8.ToArray());

    private static EventDelivery Delivery(StoreFixture fixture, string id, string subscription) =>
        new(id, "acme", subscription, 1, fixture.Clock.GetUtcNow()) { NextAt = fixture.Clock.GetUtcNow() };
}
