using System.Data.Common;
using System.Globalization;
using Gateway.Delivery.Storage;
using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>A database that any earlier build has written is opened by this one, and nothing of its log is lost.</summary>
public sealed class UpgradeTests
{
    private const int Events = 6;

    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Events_deliveries_and_cursors_of_every_earlier_version_are_there_after_an_upgrade(string engine)
    {
        var steps = StepsOf(engine);
        for (var version = 1; version <= steps.Length; version++)
        {
            await using var fixture = new StoreFixture(engine);
            await WriteAsync(fixture, steps[..version]);

            var store = await fixture.OpenAsync();

            await ReadAsync(fixture, store, version);
        }
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task One_that_was_upgraded_is_opened_again_as_it_is(string engine)
    {
        await using var fixture = new StoreFixture(engine);
        await WriteAsync(fixture, StepsOf(engine)[..1]);
        await (await fixture.OpenAsync()).DisposeAsync();

        var again = await fixture.OpenAsync();

        Assert.Equal(Events, (await again.ReadEventsAsync(0, 99, Cancellation)).Count);
        await using var connection = await fixture.ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM schema_version";
        Assert.Equal(StepsOf(engine).Length, Convert.ToInt32(await command.ExecuteScalarAsync(Cancellation), CultureInfo.InvariantCulture));
    }

    /// <summary>What a build wrote whose last step is the last of these.</summary>
    private static async Task WriteAsync(StoreFixture fixture, string[] steps)
    {
        var (payloads, now) = (new Payloads(fixture.Protection), fixture.Clock.GetUtcNow());
        // From when on it is stored when an event was.
        var timed = steps.Any(s => s.Contains("stored_at", StringComparison.Ordinal));
        await using var db = await fixture.ConnectAsync();
        await RunAsync(db, "CREATE TABLE schema_version (version integer NOT NULL PRIMARY KEY, applied_at bigint NOT NULL)".Replace("bigint", db is Npgsql.NpgsqlConnection ? "bigint" : "integer", StringComparison.Ordinal));
        foreach (var (i, step) in steps.Index())
        {
            await RunAsync(db, step);
            await RunAsync(db, "INSERT INTO schema_version (version, applied_at) VALUES (@version, @at)", ("version", i + 1), ("at", now.UtcTicks));
        }
        for (var n = 1; n <= Events; n++)
        {
            await RunAsync(db, $"""
                INSERT INTO events (position, sequence, id, tenant, type, source, subject, partition_key, time, data, trace_parent, correlation_id{(timed ? ", stored_at" : "")})
                VALUES (@position, @sequence, @id, 'acme', 'order.accepted.v1', '/orders', 'Grüße', @key, @time, @data, @trace, 'c-1'{(timed ? ", @time" : "")})
                """, ("position", (long)n), ("sequence", (long)((n + 1) / 2)), ("id", $"e-{n}"), ("key", n % 2 == 0 ? "even" : "odd"), ("time", now.AddSeconds(n).UtcTicks),
                ("data", payloads.Seal(PayloadKind.EventData, DataOf(n))), ("trace", n == 1 ? DBNull.Value : "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
            if (n > 4) continue;
            await RunAsync(db, "INSERT INTO deliveries (id, tenant, subscription, event_position, created_at, state, attempts, next_at, version) VALUES (@id, 'acme', 'erp', @position, @at, @state, @attempts, @next, 3)",
                ("id", $"msg_{n}"), ("position", (long)n), ("at", now.AddSeconds(n).UtcTicks), ("state", n % 2), ("attempts", n - 1), ("next", n % 2 == 0 ? now.UtcTicks : DBNull.Value));
        }
        if (db is Npgsql.NpgsqlConnection) await RunAsync(db, "UPDATE counters SET last = @last WHERE name = 'events'", ("last", (long)Events));
        await RunAsync(db, "INSERT INTO cursors (reader, position, version) VALUES ('webhooks', 4, 2)");
    }

    private static async Task ReadAsync(StoreFixture fixture, IStore store, int version)
    {
        var now = fixture.Clock.GetUtcNow();
        var events = await store.ReadEventsAsync("acme", 0, 99, Cancellation);
        Assert.Equal(Enumerable.Range(1, Events).Select(n => (version, (long)n, (long)((n + 1) / 2), $"e-{n}", n % 2 == 0 ? "even" : "odd", now.AddSeconds(n))),
            events.Select(e => (version, e.Position, e.Sequence, e.Event.Id, e.Event.PartitionKey, e.Event.Time)));
        Assert.Equal(Enumerable.Range(1, Events).Select(n => StoreFixture.Text(DataOf(n))), events.Select(e => StoreFixture.Text(e.Event.Data)));
        Assert.Equal((version, null, "Grüße", "c-1"), (version, events[0].Event.TraceParent, events[0].Event.Subject, events[0].Event.CorrelationId));
        Assert.NotNull(events[1].Event.TraceParent);
        Assert.Equal("e-3", (await store.FindEventOfAsync("acme", "e-3", Cancellation))?.Event.Id);

        // What is known stays known, and what is new goes on where the old log ends.
        var next = new NewEvent("e-1", "acme", "order.accepted.v1", "/orders", "s", "odd", now.AddMinutes(1), "{}"u8.ToArray());
        Assert.False(await store.AppendEventAsync(next, Cancellation));
        Assert.True(await store.AppendEventAsync(next with { Id = "e-7" }, Cancellation));
        var added = Assert.Single(await store.ReadEventsAsync(Events, 9, Cancellation));
        Assert.Equal((version, (long)Events + 1, 4L), (version, added.Position, added.Sequence));

        Assert.Equal((version, new Cursor(4, 2)), (version, await store.FindCursorAsync("webhooks", Cancellation)));
        Assert.Equal(["msg_4", "msg_3", "msg_2", "msg_1"], (await store.DeliveriesOfAsync("acme", "erp", new DeliveryPage(9), Cancellation)).Select(d => d.Delivery.Id));
        var due = await store.DueAsync(now, 9, WhichEndpoints.All, Cancellation);
        Assert.Equal([("msg_2", 2L, 1, 3), ("msg_4", 4L, 3, 3)], due.Select(d => (d.Id, d.EventPosition, d.Attempts, d.Version)).Order());
        Assert.True(await store.RecordAttemptAsync((await store.ClaimAsync(due.Single(d => d.Id == "msg_2"), now.AddMinutes(1), Cancellation))!, new DeliveryAttempt(2, now, TimeSpan.Zero, 204, null), DeliveryState.Delivered, null, Cancellation));
    }

    private static byte[] DataOf(int n) => StoreFixture.Bytes($$"""{"n":{{n}},"sum":1.10,"text":"{{new string('ü', n == 6 ? 9000 : 1)}}"}""");

    private static string[] StepsOf(string engine) => engine == "sqlite" ? Delivery.Storage.Sqlite.Migrations.Steps : Delivery.Storage.Postgresql.Migrations.Steps;

    private static async Task RunAsync(DbConnection db, string sql, params (string Name, object Value)[] values)
    {
        await using var command = db.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
