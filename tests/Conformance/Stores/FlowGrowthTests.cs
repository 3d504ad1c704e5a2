using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Delivery.Storage;
using Gateway.Delivery.Storage.Postgresql;
using Gateway.Delivery.Storage.Sqlite;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;
using Npgsql;
using Xunit;
using PostgresqlFlows = Gateway.Delivery.Storage.Postgresql.FlowRows;
using PostgresqlSignals = Gateway.Delivery.Storage.Postgresql.FlowSignalRows;
using SqliteFlows = Gateway.Delivery.Storage.Sqlite.FlowRows;
using SqliteSignals = Gateway.Delivery.Storage.Sqlite.FlowSignalRows;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>What is asked all the time costs what it gives, however many instances are open or have ended: told by what the engines read, not by the clock.</summary>
public sealed partial class FlowGrowthTests
{
    private const int Stored = 40_000;
    private const int Leased = 10;
    private const int Parked = 40;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Without statistics the plan does not depend on what is stored, so what holds for an empty file holds for millions of rows.</summary>
    [Fact]
    public async Task The_embedded_engine_reads_no_table_of_flows_from_end_to_end()
    {
        var (fixture, store) = await StoreFixture.NewAsync("sqlite");
        await using var _ = fixture;
        await store.DisposeAsync();
        await using var db = new SqliteConnection($"Data Source={Path.Combine(fixture.DataDirectory, SqliteStore.FileName)};Pooling=False");
        await db.OpenAsync(Cancellation);
        string[] asked =
        [
            SqliteFlows.DueSql, SqliteFlows.NextSql, SqliteFlows.WaitingSql, SqliteFlows.FindSql, SqliteFlows.ListSql(new FlowFilter { Ref = "x" }), SqliteFlows.ListSql(new FlowFilter { Ref = "x", Open = true }),
            SqliteSignals.FoundSql, SqliteSignals.SignalsSql, SqliteSignals.JournalSql,
        ];

        foreach (var sql in asked)
        {
            var plan = await PlanAsync(db, sql);
            Assert.Contains(plan, line => line.Contains("USING", StringComparison.Ordinal));
            Assert.All(plan, line => Assert.DoesNotMatch("^SCAN (flow_|i$|i |d$|d |r$|r |s USING)", line));
        }
        // What is counted is all that is open, by the index alone; and what is listed is read in its order.
        Assert.Equal(["SCAN flow_instances USING COVERING INDEX flow_instances_stages"], await PlanAsync(db, SqliteFlows.CountsSql));
        foreach (var filter in (FlowFilter[])[new(), new() { Open = true, Step = "x" }, new() { State = FlowState.Parked, Flow = "x" }])
            Assert.DoesNotContain(await PlanAsync(db, SqliteFlows.ListSql(filter)), line => line.Contains("TEMP B-TREE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_shared_engine_reads_as_many_rows_as_it_gives_also_by_a_plan_that_is_made_for_all_values()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await nodes.SqlAsync(Fill);
        // As the server does by itself, by and by.
        await nodes.SqlAsync("VACUUM ANALYZE flow_instances, flow_refs, flow_signals, flow_journal");
        var payloads = new Payloads(new EphemeralDataProtectionProvider());
        var time = new NodeTime(TimeProvider.System, null);
        var (flows, signals) = (new PostgresqlFlows(payloads, time), new PostgresqlSignals(payloads, time));
        var now = TimeProvider.System.GetUtcNow();
        (NpgsqlBatchCommand Asked, int Most)[] asked =
        [
            // Ten of each shard may have to be looked at, and ten are read.
            (flows.Due(now, null, 10), 10 * FlowInstance.Shards + 10 + Leased), (flows.Due(now, [3], 10), 20 + Leased), (flows.Next(null), FlowInstance.Shards + Leased), (flows.Waiting("wms", null, 10), 10 * FlowInstance.Shards + 10 + Leased),
            (flows.Waiting("wms", [3], 10), 20), (flows.Find("f7"), 1), (flows.List(new FlowFilter { Ref = "pick-7" }, 10), 2), (flows.List(new FlowFilter { Open = true }, 10), 20),
            (flows.List(new FlowFilter { State = FlowState.Parked }, 10), Parked), (flows.List(new FlowFilter(), 10), 20),
            (PostgresqlSignals.Of("acme", "pick.confirmed.v1", "pick", "pick-7", 10), 1), (PostgresqlSignals.Journal("f7"), 1),
            (signals.Keep([FlowRecords.Picked("pick-8", Stored + 1), FlowRecords.Picked("pick-7", Stored + 1)], Guard.None), 8),
            // Every second one is of an instance that has ended, and some are gone when it is asked again; of each, the reference and the instance are looked at.
            (PostgresqlSignals.Spent(Stored, 10), 3 * 25), (PostgresqlSignals.Forget([.. Enumerable.Range(1, 10).Select(n => FlowRecords.Picked($"pick-{n}", n))]), 4 * 10),
        ];
        await using var db = new NpgsqlConnection(nodes.Text + ";Pooling=false");
        await db.OpenAsync(Cancellation);

        foreach (var mode in (string[])["force_custom_plan", "force_generic_plan"])
        {
            foreach (var (command, most) in asked)
            {
                var plan = await PostgresqlPlans.OfAsync(db, command, mode);
                Assert.DoesNotContain("Seq Scan on flow_", plan, StringComparison.Ordinal);
                Assert.True(ReadOf(plan) <= most, $"{ReadOf(plan)} rows were read, at most {most} should be:\n{command.CommandText}\n{plan}");
            }
        }
    }

    /// <summary>Of 40,000 instances half have ended, ten are leased, forty are parked, and all others are due and wait for a backend.</summary>
    private static string Fill =>
        $"""
        INSERT INTO flow_instances (id, tenant, flow, key, revision, shard, state, stage, stage_since, wake_at, heard, backend, urgency, owner, lease_until, version, created_at)
        SELECT 'f' || n, 'acme', 'order-to-ship', 'k' || n, 'r1', n / 2 % {FlowInstance.Shards}, CASE WHEN n % 2 > 0 THEN 4 WHEN n % {Stored / Parked} = 0 THEN 2 ELSE 0 END, 'pick', n,
            CASE WHEN n % 2 = 0 THEN n END, 0, CASE WHEN n % 2 = 0 THEN 'wms' END, n % 7, CASE WHEN n % {Stored / Leased} = 0 THEN 'p' END, CASE WHEN n % {Stored / Leased} = 0 THEN {long.MaxValue / 2} END, 1, n
        FROM generate_series(1, {Stored}) n;
        INSERT INTO flow_refs (value, kind, tenant, instance) SELECT 'pick-' || n, 'pick', 'acme', 'f' || n FROM generate_series(1, {Stored}) n;
        INSERT INTO flow_signals (value, kind, tenant, type, position) SELECT 'pick-' || n, 'pick', 'acme', 'pick.confirmed.v1', n FROM generate_series(1, {Stored}) n;
        INSERT INTO flow_journal (instance, number, tenant, at, step, what) SELECT 'f' || n, 1, 'acme', n, '', 'started' FROM generate_series(1, {Stored}) n;
        SELECT 0::bigint
        """;

    private static async Task<List<string>> PlanAsync(SqliteConnection db, string sql)
    {
        await using var command = db.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + sql;
        foreach (var name in Named().Matches(sql).Select(m => m.Value).Distinct()) command.Parameters.AddWithValue(name, DBNull.Value);
        await using var rows = await command.ExecuteReaderAsync(Cancellation);
        var plan = new List<string>();
        while (await rows.ReadAsync(Cancellation)) plan.Add(rows.GetString(3));
        return plan;
    }

    /// <summary>Rows of tables of flows that were read, or looked at and left.</summary>
    private static double ReadOf(string plan)
    {
        var (read, loops) = (0.0, 0.0);
        foreach (var line in plan.Split('\n'))
        {
            if (Node().Match(line) is { Success: true } node)
            {
                // What an index finds for a bitmap is read, and counted, in the table.
                loops = line.Contains(" on flow_", StringComparison.Ordinal) && !line.Contains("Bitmap Index Scan", StringComparison.Ordinal) ? Number(node.Groups[2]) : 0;
                read += Number(node.Groups[1]) * loops;
            }
            else if (Left().Match(line) is { Success: true } left)
            {
                read += Number(left.Groups[1]) * loops;
            }
        }
        return read;
    }

    private static double Number(Group group) => double.Parse(group.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\$\w+")]
    private static partial Regex Named();

    [GeneratedRegex(@"\(actual rows=([\d.]+) loops=(\d+)\)")]
    private static partial Regex Node();

    [GeneratedRegex(@"Rows Removed by (?:Filter|Join Filter|Index Recheck): (\d+)")]
    private static partial Regex Left();
}
