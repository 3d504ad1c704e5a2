using System.Diagnostics;
using Gateway.Tests.Servers;
using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>A server that is killed, stands still and comes back: every call ends, none is let through, and nobody is started anew.</summary>
public sealed class PostgresqlOutageTests : IAsyncLifetime
{
    /// <summary>The longest that a call may take when nobody answers, with room for a machine that is busy.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private PostgresqlServer _server = null!;

    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    public async ValueTask InitializeAsync()
    {
        if (PostgresqlServer.Missing is null) _server = await PostgresqlServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    [Fact]
    public async Task While_the_server_is_down_every_call_is_refused_and_afterwards_all_go_on()
    {
        await using var nodes = await Nodes.StartAsync(2, server: _server);
        await nodes[0].BeginAsync(nodes.Intent("before", "K0"), Cancellation);

        await _server.KillAsync();
        await AssertRefusedAsync(nodes, "down");
        await _server.StartAgainAsync();

        await AssertGoesOnAsync(nodes);
        Assert.NotNull(await nodes[1].FindIntentAsync("before", Cancellation));
        Assert.Null(await nodes[1].FindIntentAsync("down-0", Cancellation));
        await AssertNothingLeakedAsync(nodes);
    }

    [Fact]
    public async Task While_the_server_stands_still_every_call_ends_and_afterwards_all_go_on()
    {
        await using var nodes = await Nodes.StartAsync(2, server: _server);
        await nodes[0].BeginAsync(nodes.Intent("before", "K0"), Cancellation);

        await _server.PauseAsync();
        try
        {
            await StopConnectionsAsync("-STOP");
            await AssertRefusedAsync(nodes, "paused");
        }
        finally
        {
            await StopConnectionsAsync("-CONT");
            await _server.ResumeAsync();
        }

        await AssertGoesOnAsync(nodes);
        await AssertNothingLeakedAsync(nodes);
    }

    [Fact]
    public async Task Killed_in_the_middle_of_writes_each_is_there_whole_or_not_at_all_and_may_be_repeated()
    {
        await using var nodes = await Nodes.StartAsync(2, server: _server);
        var refused = 0;
        for (var round = 0; round < 3; round++)
        {
            var writers = Enumerable.Range(0, 8).Select(w => Task.Run(async () =>
            {
                for (var i = 0; i < 40; i++)
                {
                    var intent = nodes.Intent($"{round}-{w}-{i}", $"K{round}-{w}-{i}");
                    await PersistAsync(async () => Assert.IsType<BeginResult.Granted>(await nodes[w % 2].BeginAsync(intent, Cancellation)));
                    await PersistAsync(() => nodes[w % 2].CompleteAsync(nodes.Completion(intent), Cancellation).AsTask());
                }
            }, Cancellation)).ToList();
            await Task.Delay(150, Cancellation);
            await _server.KillAsync();
            await Task.Delay(300, Cancellation);
            await _server.StartAgainAsync();
            await Task.WhenAll(writers);
        }

        var events = await nodes[0].ReadEventsAsync(0, 9999, Cancellation);
        Assert.NotEqual(0, refused);
        Assert.Equal(3 * 8 * 40, events.Count);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(e => e.Position));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(e => e.Sequence));
        Assert.Equal(events.Count, events.Select(e => e.Event.Id).Distinct().Count());
        Assert.Equal([(long)events.Count], await nodes.SqlAsync("SELECT count(*) FROM intents WHERE state = 1"));
        Assert.Equal([(long)events.Count], await nodes.SqlAsync("SELECT count(*) FROM keys WHERE answer IS NOT NULL"));
        var report = await AuditTests.VerifyAsync(nodes[1]);
        Assert.Empty(report.Findings);
        Assert.Equal(events.Count, report.Segments.Sum(s => s.Records));

        async Task PersistAsync(Func<Task> write)
        {
            while (true)
            {
                try
                {
                    await write();
                    return;
                }
                catch (StoreUnavailableException)
                {
                    Interlocked.Increment(ref refused);
                    await Task.Delay(20, Cancellation);
                }
            }
        }
    }

    [Fact]
    public async Task A_node_that_stands_still_in_a_transaction_keeps_nobody_from_writing()
    {
        await using var nodes = await Nodes.StartAsync(1, server: _server);
        await nodes[0].BeginAsync(nodes.Intent("a"), Cancellation);
        // What a paused node would hold: the row that all appends count in.
        var held = nodes.SqlAsync("SET idle_in_transaction_session_timeout = 0; BEGIN; UPDATE counters SET last = last; SELECT 0::bigint FROM pg_sleep(8)");
        await Task.Delay(500, Cancellation);

        var waited = Stopwatch.StartNew();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => nodes[0].CompleteAsync(nodes.Completion(nodes.Intent("a")), Cancellation).AsTask());
        Assert.InRange(waited.Elapsed, TimeSpan.Zero, Bound);
        await held;

        Assert.True(await nodes[0].CompleteAsync(nodes.Completion(nodes.Intent("a")), Cancellation));
    }

    [Fact]
    public async Task A_password_that_is_replaced_in_its_file_is_taken_by_new_connections()
    {
        await using var nodes = await Nodes.StartAsync(0, server: _server);
        await nodes.SqlAsync("CREATE ROLE guest LOGIN SUPERUSER PASSWORD 'the one'; SELECT 0::bigint");
        await AskForPasswordAsync(nodes);
        var file = Path.Combine(Directory.CreateTempSubdirectory("gateway-password-").FullName, "connection");
        var text = nodes.Text.Replace("Username=postgres", "Username=guest;Password='the one'", StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, text, Cancellation);
        var connection = new FileSecret("secret://file/connection", file, TimeProvider.System);
        nodes.Connection = connection;
        await nodes.OpenAsync(TimeProvider.System);

        await nodes.SqlAsync("ALTER ROLE guest PASSWORD 'the other'; SELECT 0::bigint");
        await nodes.SqlAsync("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'guest'");
        var refused = await Record.ExceptionAsync(() => nodes[0].FindIntentAsync("a", Cancellation).AsTask());
        await File.WriteAllTextAsync(file, text.Replace("the one", "the other", StringComparison.Ordinal), Cancellation);
        connection.Refresh();

        Assert.IsType<StoreUnavailableException>(refused);
        Assert.DoesNotContain("the one", refused.ToString(), StringComparison.Ordinal);
        Assert.Null(await nodes[0].FindIntentAsync("a", Cancellation));
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public async Task Of_several_hosts_the_one_that_takes_writes_is_used()
    {
        await using var nodes = await Nodes.StartAsync(0, server: _server);
        nodes.Connection = new Secret("secret://env/TEST", nodes.Text.Replace("Host=127.0.0.1;", "Host=127.0.0.1:1,127.0.0.1;", StringComparison.Ordinal));

        var node = await nodes.OpenAsync(TimeProvider.System);

        Assert.IsType<BeginResult.Granted>(await node.BeginAsync(nodes.Intent("a"), Cancellation));
    }

    /// <summary>Makes the server ask the user guest for a password, by a line before all others.</summary>
    private static Task AskForPasswordAsync(Nodes nodes) => nodes.SqlAsync(
        """
        DO $$ BEGIN
            EXECUTE format('COPY (SELECT unnest(ARRAY[''host all guest 127.0.0.1/32 scram-sha-256'', ''host all all 127.0.0.1/32 trust''])) TO %L', current_setting('hba_file'));
        END $$;
        SELECT pg_reload_conf()::int::bigint FROM pg_sleep(0.1)
        """);

    private static async Task AssertRefusedAsync(Nodes nodes, string name)
    {
        var waited = Stopwatch.StartNew();
        var errors = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () => (await Record.ExceptionAsync(async () =>
        {
            var intent = nodes.Intent($"{name}-{i}", $"{name}-{i}");
            if (i % 4 == 0) await nodes[0].FindKeyAsync(StoreFixture.Scope("K0"), Cancellation);
            else if (i % 4 == 1) await nodes[0].AppendAuditAsync([nodes.Audit("c")], Cancellation);
            else if (i % 4 == 2) await nodes[0].CompleteAsync(nodes.Completion(intent), Cancellation);
            else await nodes[0].BeginAsync(intent, Cancellation);
        }))!, Cancellation)));

        Assert.All(errors, error => Assert.IsType<StoreUnavailableException>(error));
        Assert.InRange(waited.Elapsed, TimeSpan.Zero, Bound);
    }

    /// <summary>Both nodes write again, without anybody's help; a connection of before may fail once.</summary>
    private static async Task AssertGoesOnAsync(Nodes nodes)
    {
        foreach (var node in (int[])[0, 1])
        {
            var intent = nodes.Intent($"after-{node}", $"after-{node}");
            for (var waited = Stopwatch.StartNew(); ;)
            {
                try
                {
                    await nodes[node].BeginAsync(intent, Cancellation);
                    Assert.True(await nodes[node].CompleteAsync(nodes.Completion(intent), Cancellation));
                    break;
                }
                catch (StoreUnavailableException) when (waited.Elapsed < Bound)
                {
                    await Task.Delay(50, Cancellation);
                }
            }
        }
        Assert.Empty((await AuditTests.VerifyAsync(nodes[0])).Findings);
    }

    private static async Task AssertNothingLeakedAsync(Nodes nodes)
    {
        // As many at once as there are connections: each of them is free.
        await Task.WhenAll(Enumerable.Range(0, Nodes.Connections).Select(i => Task.Run(
            () => nodes[0].FindIntentAsync("before", Cancellation).AsTask(), Cancellation)));
        Assert.InRange((await nodes.SqlAsync("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'gateway'"))[0], 1, 2 * Nodes.Connections);
    }

    /// <summary>The server's process for each connection, and those beside it.</summary>
    private async Task StopConnectionsAsync(string signal)
    {
        foreach (var child in await File.ReadAllTextAsync($"/proc/{_server.Id}/task/{_server.Id}/children", Cancellation) is var all ? all.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [])
            using (var kill = Process.Start("kill", [signal, child])) await kill.WaitForExitAsync(Cancellation);
    }
}
