using Gateway.Delivery.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>
/// A log of a million events costs what one of a thousand costs. Counted, not timed: instructions of SQLite's machine, of the statements that the engine
/// prepares.
/// </summary>
public sealed class MillionEventsTests
{
    private const int Few = 1_000;

    private const int Many = 1_000_000;

    /// <summary>A walk over the log would be a thousand times as much.</summary>
    private const double Flat = 2.5;

    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    [Fact(Explicit = true)]
    [Trait("group", "soak")]
    public async Task Of_SQLite_appending_and_reading_cost_the_same_whatever_the_log_holds()
    {
        var (small, big) = (await SqliteCostsAsync(Few), await SqliteCostsAsync(Many));
        Assert.All(small, cost => Assert.True(big[cost.Key] <= Flat * cost.Value, $"{cost.Key}: {big[cost.Key]} instructions, of {Few} events {cost.Value}"));
        TestContext.Current.SendDiagnosticMessage(string.Join("; ", small.Select(c => $"{c.Key} {c.Value} -> {big[c.Key]}")));
    }

    /// <summary>A thousand tenants of ten keys each, so that the log of one is a small part of all.</summary>
    private static async Task<Dictionary<string, long>> SqliteCostsAsync(int events)
    {
        var (fixture, store) = await StoreFixture.NewAsync("sqlite");
        await using var _ = fixture;
        await store.AppendEventAsync(Event(fixture, "first", "t0", "k0"), Cancellation);
        await store.DisposeAsync();
        var file = Path.Combine(fixture.DataDirectory, SqliteStore.FileName);
        await using var db = new SqliteConnection($"Data Source={file};Pooling=False");
        await db.OpenAsync(Cancellation);
        await ExecuteAsync(db, $"""
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {events - 1})
            INSERT INTO events (sequence, id, tenant, type, source, subject, partition_key, time, data, stored_at)
            SELECT i / 10000 + 2, 'e' || i, 't' || (i % 1000), 'test.v1', '/tests', 's', 'k' || (i / 1000 % 10), e.time, e.data, e.time FROM n, (SELECT time, data FROM events LIMIT 1) e
            """);
        var payloads = new Gateway.Delivery.Storage.Payloads(fixture.Protection);
        using var session = Session.OpenWriter(file, create: false);
        var rows = new EventRows(payloads);
        var last = EventRows.Last(session);
        var (data, now) = (payloads.Seal(Gateway.Delivery.Storage.PayloadKind.EventData, "{}"u8), fixture.Clock.GetUtcNow());
        return new Dictionary<string, long>
        {
            ["append"] = Counted(session, () => EventRows.Append(session, Event(fixture, "new-1", "t7", "k3"), data)),
            ["append once"] = Counted(session, () => EventRows.AppendOnce(session, Event(fixture, "new-2", "t7", "k3"), data, now)),
            ["append a repeat"] = Counted(session, () => EventRows.AppendOnce(session, Event(fixture, "new-2", "t7", "k3"), data, now)),
            ["read 100 of all"] = Counted(session, () => rows.After(session, last / 2, 100)),
            ["read one of a tenant, from its end"] = Counted(session, () => rows.After(session, "t7", last, 100)),
            ["find by name"] = Counted(session, () => rows.Find(session, "/tests", "new-2")),
            ["where it ends"] = Counted(session, () => EventRows.Last(session)),
        };
    }

    /// <summary>How many instructions SQLite's machine runs (https://sqlite.org/c3ref/progress_handler.html).</summary>
    private static long Counted(Session session, Action work)
    {
        var count = 0L;
        var handle = session.Command("SELECT 1").Connection!.Handle!;
        raw.sqlite3_progress_handler(handle, 1, _ => { count++; return 0; }, null);
        work();
        raw.sqlite3_progress_handler(handle, 0, (delegate_progress?)null, null);
        return Math.Max(1, count);
    }

    private static async Task ExecuteAsync(System.Data.Common.DbConnection db, string sql)
    {
        await using var command = db.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private static NewEvent Event(StoreFixture fixture, string id, string tenant, string key) => new(id, tenant, "test.v1", "/tests", "s", key, fixture.Clock.GetUtcNow(), "{}"u8.ToArray());
}
