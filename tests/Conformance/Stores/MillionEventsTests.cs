using Gateway.Delivery.Storage.Postgresql;
using Gateway.Delivery.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Npgsql;
using SQLitePCL;
using Xunit;
using EventRows = Gateway.Delivery.Storage.Sqlite.EventRows;
using Rows = Gateway.Delivery.Storage.Postgresql.EventRows;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>
/// A log of a million events costs what one of a thousand costs. Counted, not timed, of the statements that the engines prepare: instructions of SQLite's machine,
/// and pages that PostgreSQL looks at.
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
        Compare(await SqliteCostsAsync(Few), await SqliteCostsAsync(Many), "instructions");
    }

    [Theory(Explicit = true)]
    [Trait("group", "soak")]
    [InlineData("force_custom_plan")]
    [InlineData("force_generic_plan")]
    public async Task Of_PostgreSQL_appending_and_reading_cost_the_same_whatever_the_log_holds(string mode) =>
        Compare(await PostgresqlCostsAsync(Few, mode), await PostgresqlCostsAsync(Many, mode), "pages");

    private static void Compare(Dictionary<string, long> small, Dictionary<string, long> big, string what)
    {
        TestContext.Current.SendDiagnosticMessage(string.Join("; ", small.Select(c => $"{c.Key} {c.Value} -> {big[c.Key]}")));
        Assert.All(small, cost => Assert.True(big[cost.Key] <= Flat * cost.Value, $"{cost.Key}: {big[cost.Key]} {what}, of {Few} events {cost.Value}"));
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

    /// <summary>The same log in PostgreSQL.</summary>
    private static async Task<Dictionary<string, long>> PostgresqlCostsAsync(int events, string mode)
    {
        await using var nodes = await Nodes.StartAsync(1);
        var store = nodes[0];
        await store.AppendEventAsync(new NewEvent("first", "t0", "test.v1", "/tests", "s", "k0", TimeProvider.System.GetUtcNow(), "{}"u8.ToArray()), Cancellation);
        await nodes.SqlAsync($"""
            INSERT INTO events (position, sequence, id, tenant, type, source, subject, partition_key, time, data, stored_at)
            SELECT n + 1, n / 10000 + 2, 'e' || n, 't' || (n % 1000), 'test.v1', '/tests', 's', 'k' || (n / 1000 % 10), e.time, e.data, e.time
            FROM generate_series(1, {events - 1}) n, (SELECT time, data FROM events LIMIT 1) e;
            UPDATE counters SET last = {events} WHERE name = 'events';
            SELECT 0::bigint
            """);
        // As the server does by itself, by and by.
        await nodes.SqlAsync("VACUUM ANALYZE events, counters");
        var now = TimeProvider.System.GetUtcNow();
        var once = Rows.AppendOnce(Named("new-2", now), "{}"u8.ToArray(), now);
        (string Name, NpgsqlBatchCommand[] Asked)[] asked =
        [
            ("append", [.. Rows.Append(Named("new-1", now), "{}"u8.ToArray(), Guard.None)]), ("append once", once), ("append a repeat", once), ("read 100 of all", [Rows.After(events / 2, 100)]),
            ("read 100 heads", [Rows.HeadsAfter(events / 2, 100)]), ("read one of a tenant, from its end", [Rows.After("t7", events, 100)]), ("find by name", [Rows.Find("/tests", "new-2")]),
            ("find by a tenant's name", [Rows.FindOf("t7", "new-2")]), ("where it ends", [Rows.Last()]),
        ];
        await using var db = new NpgsqlConnection(nodes.Text + ";Pooling=false");
        await db.OpenAsync(Cancellation);
        var costs = new Dictionary<string, long>();
        foreach (var (name, commands) in asked)
        {
            costs[name] = 0;
            foreach (var command in commands) costs[name] += await PostgresqlPlans.PagesAsync(db, command, mode);
            costs[name] = Math.Max(1, costs[name]);
        }
        return costs;

        static NewEvent Named(string id, DateTimeOffset now) => new(id, "t7", "test.v1", "/tests", "s", "k3", now, "{}"u8.ToArray());
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
