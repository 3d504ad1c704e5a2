using Gateway.Delivery.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>Dead letters: named, counted, paged, sent again at a rate, edited, skipped.</summary>
public sealed class DeadLetterStoreTests
{
    private static readonly DeadLetterQuery Everything = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_a_delivery_died_of_and_when_is_kept_until_it_is_sent_again(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await store.AdvanceAsync("webhooks", default, 1, [Delivery(fixture, "a", 1), Delivery(fixture, "b", 1)], Cancellation);

        await DieAsync(store, "a", new DeliveryAttempt(1, now, TimeSpan.FromSeconds(2), 0, "no answer within 2 s") { Cause = DeliveryCause.Timeout });
        await DieAsync(store, "b", new DeliveryAttempt(1, now, TimeSpan.Zero, 503, "HTTP 503"));

        var (a, b) = (await FindAsync(store, "a"), await FindAsync(store, "b"));
        Assert.Equal((DeliveryCause.Timeout, now.AddSeconds(2)), (a.Cause, a.DiedAt));
        Assert.Equal(("status 503", now), (b.Cause, b.DiedAt));
        Assert.True(await store.DecideAsync(a with { Note = "olaf: gone" }, DeliveryState.Skipped, null, fixture.Audit("s", 200), Cancellation));
        Assert.True(await store.DecideAsync(b, DeliveryState.Pending, now, fixture.Audit("r", 200), Cancellation));
        Assert.Equal(a with { State = DeliveryState.Skipped, Note = "olaf: gone", Version = a.Version + 1 }, await FindAsync(store, "a"));
        Assert.Equal((null, null), ((await FindAsync(store, "b")).Cause, (await FindAsync(store, "b")).DiedAt));
        Assert.Empty(await store.CountDeadAsync(Everything, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task They_are_counted_by_cause_and_endpoint_and_each_filter_narrows(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await AppendAsync(fixture, store, "x", "key-x");
        var position = await store.LastPositionAsync(Cancellation);
        await store.AdvanceAsync("webhooks", default, 1,
        [
            Dead(fixture, "a", position, "status 500", 0), Dead(fixture, "b", position, "status 500", 5) with { Subscription = "other" }, Dead(fixture, "c", 999, "timeout", 3),
            Dead(fixture, "d", 999, "status 500", 4) with { Tenant = "eu" }, Dead(fixture, "e", 999, "status 500", 9), Dead(fixture, "f", 999, "timeout", 1) with { OrderingKey = "key-f" },
            Delivery(fixture, "pending", position), Dead(fixture, "gone", position, "status 500", 2) with { State = DeliveryState.Skipped },
        ], Cancellation);

        Assert.Equal(
        [
            new DeadLetterCount("status 500", "acme", "hook", 2, now, now.AddSeconds(9), "e"), new DeadLetterCount("status 500", "acme", "other", 1, now.AddSeconds(5), now.AddSeconds(5), "b"),
            new DeadLetterCount("status 500", "eu", "hook", 1, now.AddSeconds(4), now.AddSeconds(4), "d"), new DeadLetterCount("timeout", "acme", "hook", 2, now.AddSeconds(1), now.AddSeconds(3), "c"),
        ], await store.CountDeadAsync(Everything, Cancellation));
        Assert.Equal([new DeadLetterLine("acme", "hook", 4, 0), new DeadLetterLine("acme", "other", 1, 0), new DeadLetterLine("eu", "hook", 1, 0)], await store.DeadLinesAsync(Everything, Cancellation));
        (DeadLetterQuery Query, string Ids)[] asked =
        [
            (new() { Id = "c" }, "c"), (new() { Id = "pending" }, ""), (new() { Id = "gone" }, ""), (new() { Tenant = "eu" }, "d"), (new() { Tenant = "acme", Subscription = "other" }, "b"),
            (new() { Cause = "timeout" }, "cf"), (new() { Type = "order.created" }, "ba"), (new() { Type = "other" }, ""), (new() { OrderingKey = "key-x" }, "ba"),
            (new() { OrderingKey = "key-f" }, "f"), (new() { Since = now.AddSeconds(4), Until = now.AddSeconds(9) }, "bd"), (new() { Cause = "status 500", Tenant = "acme" }, "eba"), (Everything, "ebdcfa"),
        ];
        foreach (var (query, ids) in asked)
        {
            Assert.Equal(ids, string.Concat((await store.DeadLettersAsync(query, null, 9, Cancellation)).Select(l => l.Delivery.Id)));
            Assert.Equal(ids.Length, (await store.CountDeadAsync(query, Cancellation)).Sum(c => c.Count));
        }
        var known = Assert.Single(await store.DeadLettersAsync(new() { Id = "a" }, null, 9, Cancellation));
        Assert.Equal(("e-x", "order.created", "o-x", "key-x"), (known.EventId, known.Type, known.Subject, known.Key));
        Assert.Equal(await FindAsync(store, "a"), known.Delivery);
        Assert.Null(Assert.Single(await store.DeadLettersAsync(new() { Id = "c" }, null, 9, Cancellation)).Type);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Pages_follow_each_other_without_a_gap_where_many_died_at_one_moment(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.AdvanceAsync("webhooks", default, 1, [.. Enumerable.Range(0, 25).Select(i => Dead(fixture, $"d{i:00}", i, "timeout", i / 10))], Cancellation);
        var seen = new List<string>();
        DeadLetterPlace? after = null;

        for (var pages = 0; pages < 9; pages++)
        {
            var page = await store.DeadLettersAsync(Everything, after, 4, Cancellation);
            if (page.Count == 0) break;
            seen.AddRange(page.Select(l => l.Delivery.Id));
            after = new DeadLetterPlace(page[^1].Delivery.DiedAt!.Value, page[^1].Delivery.Id);
        }

        Assert.Equal(Enumerable.Range(0, 25).OrderByDescending(i => i / 10).ThenByDescending(i => i).Select(i => $"d{i:00}"), seen);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_retry_spreads_the_letters_of_each_endpoint_the_earliest_event_first(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await store.AdvanceAsync("webhooks", default, 1,
        [
            Dead(fixture, "c", 3, "timeout", 0), Dead(fixture, "a", 1, "timeout", 9), Dead(fixture, "b", 2, "timeout", 5), Dead(fixture, "x", 7, "timeout", 1) with { Subscription = "other" },
            Dead(fixture, "shut", 4, "timeout", 2) with { Subscription = "shut" }, Dead(fixture, "else", 5, "status 500", 3), Dead(fixture, "last", 9, "timeout", 1),
        ], Cancellation);
        var retry = new DeadLetterRetry(new() { Cause = "timeout" }, now, TimeSpan.FromSeconds(2)) { Max = 4, Except = ["acme/shut"] };
        Assert.Equal(["a", "b", "c", "x"], (await store.NextDeadAsync(retry, Cancellation)).Select(l => l.Delivery.Id));

        Assert.Equal(4, await store.RetryDeadAsync(retry, n => fixture.Audit($"retried {n}", 200), Cancellation));

        Assert.Equal(["a", "x"], (await store.DueAsync(now, 9, Cancellation)).Select(d => d.Id).Order());
        Assert.Equal(["a", "b", "x"], (await store.DueAsync(now.AddSeconds(2), 9, Cancellation)).Select(d => d.Id).Order());
        Assert.Equal(["a", "b", "c", "x"], (await store.DueAsync(now.AddSeconds(4), 9, Cancellation)).Select(d => d.Id).Order());
        Assert.Equal(Delivery(fixture, "b", 2) with { Attempts = 3, RoundFrom = 3, NextAt = now.AddSeconds(2), Version = 1 }, await FindAsync(store, "b"));
        Assert.Equal(["else", "last", "shut"], (await store.DeadLettersAsync(Everything, null, 9, Cancellation)).Select(l => l.Delivery.Id).Order());
        Assert.Single(await store.FindAuditAsync("retried 4", 9, Cancellation));
        Assert.Equal(0, await store.RetryDeadAsync(retry with { Query = new() { Id = "b" } }, n => fixture.Audit($"retried {n}", 200), Cancellation));
        Assert.Equal(1, (await FindAsync(store, "b")).Version);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Of_retries_at_one_moment_each_letter_is_taken_by_one(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await store.AdvanceAsync("webhooks", default, 1, [.. Enumerable.Range(0, 200).Select(i => Dead(fixture, $"d{i}", i, "timeout", 0))], Cancellation);
        var retry = new DeadLetterRetry(Everything, now, TimeSpan.Zero) { Max = 1000 };

        var taken = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => store.RetryDeadAsync(retry, n => fixture.Audit($"r{i}", 200), Cancellation).AsTask(), Cancellation)));

        Assert.Equal(200, taken.Sum());
        Assert.All(await store.DeliveriesAsync(DeliveryState.Pending, 1000, Cancellation), d => Assert.Equal(1, d.Version));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task In_a_line_what_was_overtaken_is_told_and_left_unless_it_is_wanted_late(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        EventDelivery InLine(string id, long position, string key) => Dead(fixture, id, position, "timeout", 0) with { OrderingKey = key };
        await store.AdvanceAsync("webhooks", default, 1,
        [
            InLine("k1", 1, "k"), InLine("k2", 2, "k"), InLine("m1", 3, "m"), Delivery(fixture, "m2", 4) with { OrderingKey = "m" }, InLine("m3", 6, "m"),
            Delivery(fixture, "arrived", 5) with { OrderingKey = "k", State = DeliveryState.Delivered }, InLine("k6", 7, "k"),
            Dead(fixture, "free", 1, "timeout", 0), Delivery(fixture, "elsewhere", 9) with { OrderingKey = "m", Subscription = "other", State = DeliveryState.Delivered },
        ], Cancellation);
        var retry = new DeadLetterRetry(Everything, now, TimeSpan.Zero) { Max = 9 };
        Assert.Equal([new DeadLetterLine("acme", "hook", 6, 2)], await store.DeadLinesAsync(Everything, Cancellation));

        Assert.Equal(4, await store.RetryDeadAsync(retry, _ => fixture.Audit("r", 200), Cancellation));

        // Each key one behind the other: what waited goes behind what is sent again.
        Assert.Equal(["free", "k6", "m1"], (await store.DueAsync(now, 9, Cancellation)).Select(d => d.Id).Order());
        await RecordAsync(store, "m1", DeliveryState.Delivered);
        Assert.Equal(["free", "k6", "m2"], (await store.DueAsync(now, 9, Cancellation)).Select(d => d.Id).Order());
        Assert.Equal(["k1", "k2"], (await store.NextDeadAsync(retry with { Late = true }, Cancellation)).Select(l => l.Delivery.Id));
        Assert.Empty(await store.NextDeadAsync(retry, Cancellation));
        Assert.Equal(2, await store.RetryDeadAsync(retry with { Late = true }, _ => fixture.Audit("r", 200), Cancellation));
        Assert.Equal(["free", "k1", "m2"], (await store.DueAsync(now, 9, Cancellation)).Select(d => d.Id).Order());
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_is_skipped_stays_with_its_cause_and_the_reason(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.AdvanceAsync("webhooks", default, 1, [Dead(fixture, "a", 2, "timeout", 0), Dead(fixture, "b", 1, "timeout", 0), Dead(fixture, "c", 3, "status 500", 0)], Cancellation);

        Assert.Equal(1, await store.SkipDeadAsync(new() { Cause = "timeout" }, "olaf: by mail\0", 1, n => fixture.Audit($"skipped {n}", 200), Cancellation));
        Assert.Equal(1, await store.SkipDeadAsync(new() { Cause = "timeout" }, "olaf: by mail", 9, n => fixture.Audit($"skipped {n}", 200), Cancellation));

        Assert.Equal(Dead(fixture, "b", 1, "timeout", 0) with { State = DeliveryState.Skipped, Note = "olaf: by mail\ufffd", Version = 1 }, await FindAsync(store, "b"));
        Assert.Equal((DeliveryState.Skipped, DeliveryState.Dead), ((await FindAsync(store, "a")).State, (await FindAsync(store, "c")).State));
        Assert.Equal(2, (await store.FindAuditAsync("skipped 1", 9, Cancellation)).Count);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task An_edit_takes_the_place_of_a_dead_letter_once_and_its_data_are_encrypted_at_rest(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await AppendAsync(fixture, store, "x", "p");
        var position = await store.LastPositionAsync(Cancellation);
        await store.AdvanceAsync("webhooks", default, position, [Dead(fixture, "a", position, "status 422", 0) with { OrderingKey = "p" }, Delivery(fixture, "later", position + 1) with { OrderingKey = "p" }], Cancellation);
        var dead = await FindAsync(store, "a") with { Note = "edited as a2 by olaf: a typing error" };
        EventDelivery Edited(string id) => Delivery(fixture, id, position) with { OrderingKey = "p", EditOf = "a", Edit = 1 };

        var edits = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(
            () => store.EditDeadAsync(dead, Edited($"a{i}"), StoreFixture.Bytes("""{"total":"2.20"}"""), fixture.Audit("edit", 200), Cancellation).AsTask(), Cancellation)));

        Assert.Single(edits, edited => edited);
        Assert.Single(await store.FindAuditAsync("edit", 9, Cancellation));
        Assert.Equal(dead with { State = DeliveryState.Skipped, Version = dead.Version + 1 }, await FindAsync(store, "a"));
        var made = (await store.FindEditAsync("a", Cancellation))!;
        Assert.Equal(Edited(made.Id), made);
        Assert.Null(await store.FindEditAsync(made.Id, Cancellation));
        // It stands where the first one stood, before what happened later.
        Assert.Equal([made.Id], (await store.DueAsync(now, 9, Cancellation)).Select(d => d.Id));
        var (first, told) = ((await store.FindEventAsync(await FindAsync(store, "a"), Cancellation))!, (await store.FindEventAsync(made, Cancellation))!);
        Assert.Equal(("e-x", """{"total":"1.10"}"""), (first.Event.Id, StoreFixture.Text(first.Event.Data)));
        Assert.Equal(("e-x.edit-1", """{"total":"2.20"}""", first.Sequence, "p"), (told.Event.Id, StoreFixture.Text(told.Event.Data), told.Sequence, told.Event.PartitionKey));
        Assert.DoesNotContain("2.20", System.Text.Encoding.UTF8.GetString(Assert.Single(await fixture.BytesAsync("SELECT data FROM edits"))), StringComparison.Ordinal);
        Assert.Single(await store.ReadEventsAsync(0, 9, Cancellation));
    }

    [Fact]
    public async Task What_had_died_before_an_upgrade_has_its_cause_behind_it()
    {
        var (fixture, store) = await StoreFixture.NewAsync("sqlite");
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        (string Id, int Status, string Error, string Cause)[] died =
        [
            ("a", 410, "HTTP 410: the endpoint is gone and asks not to be called again", "status 410"), ("b", 0, "no answer within 15 s", "timeout"), ("c", 0, "the connection was refused", "connection refused"),
            ("d", 0, "webhooks go to https only", "address not allowed"), ("e", 0, "the subscription no longer exists", "endpoint removed"), ("f", 0, "something else", "unknown"),
        ];
        await store.AdvanceAsync("webhooks", default, 1, [.. died.Select(d => Delivery(fixture, d.Id, 1)), Delivery(fixture, "well", 1)], Cancellation);
        foreach (var (id, status, error, _) in died) await DieAsync(store, id, new DeliveryAttempt(1, now, TimeSpan.FromSeconds(1), status, error));
        await store.DisposeAsync();
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(fixture.DataDirectory, SqliteStore.FileName)};Pooling=False"))
        {
            await connection.OpenAsync(Cancellation);
            await using var back = connection.CreateCommand();
            var step = Assert.Single(Migrations.Steps, s => s.Contains("CREATE TABLE edits", StringComparison.Ordinal));
            back.CommandText = """
                DROP INDEX deliveries_dead; DROP INDEX deliveries_edits; DROP INDEX deliveries_arrived; DROP TABLE edits;
                ALTER TABLE deliveries DROP COLUMN cause; ALTER TABLE deliveries DROP COLUMN died_at; ALTER TABLE deliveries DROP COLUMN note;
                ALTER TABLE deliveries DROP COLUMN edit_of; ALTER TABLE deliveries DROP COLUMN edit;
                """ + step;
            await back.ExecuteNonQueryAsync(Cancellation);
        }

        var upgraded = await fixture.OpenAsync();

        var letters = await upgraded.DeadLettersAsync(Everything, null, 9, Cancellation);
        Assert.Equal(died.Select(d => (d.Id, (string?)d.Cause, (DateTimeOffset?)now.AddSeconds(1))), letters.Select(l => (l.Delivery.Id, l.Delivery.Cause, l.Delivery.DiedAt)).OrderBy(l => l.Id));
        Assert.Equal((null, null), ((await FindAsync(upgraded, "well")).Cause, (await FindAsync(upgraded, "well")).DiedAt));
    }

    private static async Task<EventDelivery> FindAsync(IStore store, string id) => (await store.FindDeliveryAsync(id, Cancellation))!;

    private static async Task DieAsync(IStore store, string id, DeliveryAttempt attempt) =>
        Assert.True(await store.RecordAttemptAsync(await FindAsync(store, id), attempt, DeliveryState.Dead, null, Cancellation));

    private static async Task RecordAsync(IStore store, string id, DeliveryState next)
    {
        var delivery = await FindAsync(store, id);
        Assert.True(await store.RecordAttemptAsync(delivery, new DeliveryAttempt(delivery.Attempts + 1, delivery.CreatedAt, TimeSpan.Zero, 204, null), next, null, Cancellation));
    }

    private static async Task AppendAsync(StoreFixture fixture, IStore store, string id, string partition)
    {
        var intent = fixture.Intent(id);
        await store.BeginAsync(intent, Cancellation);
        Assert.True(await store.CompleteAsync(fixture.Completion(intent, partition), Cancellation));
    }

    private static EventDelivery Dead(StoreFixture fixture, string id, long position, string cause, int secondsLater) =>
        Delivery(fixture, id, position) with { State = DeliveryState.Dead, NextAt = null, Attempts = 3, Cause = cause, DiedAt = fixture.Clock.GetUtcNow().AddSeconds(secondsLater) };

    private static EventDelivery Delivery(StoreFixture fixture, string id, long position) =>
        new(id, "acme", "hook", position, fixture.Clock.GetUtcNow()) { NextAt = fixture.Clock.GetUtcNow() };
}
