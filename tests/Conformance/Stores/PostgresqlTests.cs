using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Gateway.Delivery.Audit;
using Gateway.Delivery.Webhooks;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>What only the shared engine promises: several nodes on one database, with clocks apart.</summary>
public sealed class PostgresqlTests
{
    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    [Fact]
    public async Task Of_two_nodes_with_one_key_or_one_reference_one_is_granted()
    {
        await using var nodes = await Nodes.StartAsync(2);

        for (var i = 0; i < 20; i++)
        {
            var byKey = await nodes.AllAsync((node, n) => node.BeginAsync(nodes.Intent($"k{i}-{n}", $"K{i}"), Cancellation));
            var byReference = await nodes.AllAsync((node, n) => node.BeginAsync(nodes.Intent($"r{i}-{n}", $"R{i}-{n}", $"R{i}"), Cancellation));

            Assert.Single(byKey.OfType<BeginResult.Granted>());
            Assert.Single(byKey.OfType<BeginResult.KeyTaken>());
            Assert.Single(byReference.OfType<BeginResult.Granted>());
            Assert.Single(byReference.OfType<BeginResult.ReferenceTaken>());
        }
    }

    [Fact]
    public async Task Of_two_nodes_that_settle_an_intent_one_completes_it()
    {
        await using var nodes = await Nodes.StartAsync(2);
        for (var i = 0; i < 20; i++)
        {
            var living = nodes.Intent($"living{i}");
            var intent = nodes.Intent($"i{i}", $"K{i}") with { LeaseUntil = TimeProvider.System.GetUtcNow().AddSeconds(-2) };
            await nodes[0].BeginAsync(living, Cancellation);
            await nodes[0].BeginAsync(intent, Cancellation);

            Assert.Null(await nodes[1].LeaseAsync(living, "p1", nodes.Clock(1).GetUtcNow().AddMinutes(1), Cancellation));
            Assert.Single(await nodes.AllAsync((node, n) => node.LeaseAsync(intent, $"p{n}", nodes.Clock(n).GetUtcNow().AddMinutes(1), Cancellation)), l => l is not null);
            Assert.Single(await nodes.AllAsync((node, _) => node.CompleteAsync(nodes.Completion(intent), Cancellation)), done => done);
        }

        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), (await nodes[1].ReadEventsAsync(0, 99, Cancellation)).Select(e => e.Sequence));
        Assert.Empty((await AuditTests.VerifyAsync(nodes[0])).Findings);
    }

    [Fact]
    public async Task A_node_whose_clock_is_minutes_ahead_takes_nothing_from_one_that_lives()
    {
        await using var nodes = await Nodes.StartAsync(TimeSpan.Zero, TimeSpan.FromMinutes(7), TimeSpan.FromMinutes(-7));
        for (var n = 0; n < 3; n++)
        {
            var now = nodes.Clock(n).GetUtcNow();
            var living = nodes.Intent($"living-{n}") with { CreatedAt = now, LeaseUntil = now.AddSeconds(60), OverAt = now.AddSeconds(60) };
            await nodes[n].BeginAsync(living, Cancellation);
            await nodes[n].BeginAsync(living with { Id = $"dead-{n}", ExternalId = $"dead-{n}", ObjectId = $"o-dead-{n}", LeaseUntil = now.AddSeconds(-2) }, Cancellation);
        }

        for (var n = 0; n < 3; n++)
        {
            Assert.Equal(["dead-0", "dead-1", "dead-2"], (await nodes[n].AbandonedAsync("nobody", 9, Cancellation)).Select(i => i.Id).Order());
            foreach (var maker in Enumerable.Range(0, 3))
            {
                // Each node sees a minute less some moments, by its own clock.
                var left = (await nodes[n].FindIntentAsync($"living-{maker}", Cancellation))!.OverAt - nodes.Clock(n).GetUtcNow();
                Assert.InRange(left, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));
            }
        }
    }

    [Fact]
    public async Task A_key_that_a_node_with_another_clock_finished_lives_as_long_on_all()
    {
        await using var nodes = await Nodes.StartAsync(TimeSpan.FromMinutes(-30), TimeSpan.FromMinutes(30));
        var intent = nodes.Intent("a", "K") with { KeepKeyFor = TimeSpan.FromMinutes(10) };
        await nodes[0].BeginAsync(intent, Cancellation);
        await nodes[0].CompleteAsync(nodes.Completion(intent), Cancellation);

        Assert.Equal(201, (await nodes[1].FindKeyAsync(StoreFixture.Scope("K"), Cancellation))!.Answer!.Status);
        Assert.IsType<BeginResult.KeyTaken>(await nodes[1].BeginAsync(nodes.Intent("b", "K"), Cancellation));
    }

    [Fact]
    public async Task A_delivery_is_claimed_by_one_node_and_falls_due_again_when_that_one_is_gone()
    {
        await using var nodes = await Nodes.StartAsync(TimeSpan.Zero, TimeSpan.FromMinutes(5));
        await nodes[0].AdvanceAsync("webhooks", default, 1,
            [.. Enumerable.Range(0, 30).Select(i => new EventDelivery($"d{i}", "acme", "hook", 1, nodes.Clock(0).GetUtcNow()) { NextAt = nodes.Clock(0).GetUtcNow() })], Cancellation);

        var due = await nodes.AllAsync((node, n) => node.DueAsync(nodes.Clock(n).GetUtcNow(), 99, Cancellation));
        Assert.All(due, d => Assert.Equal(30, d.Count));
        var claimed = await nodes.AllAsync(async (node, n) =>
        {
            var mine = new List<EventDelivery>();
            foreach (var delivery in due[n])
            {
                var ends = nodes.Clock(n).GetUtcNow() + (delivery.Id == "d7" ? TimeSpan.Zero : TimeSpan.FromSeconds(30));
                if (await node.ClaimAsync(delivery, ends, Cancellation) is { } claim) mine.Add(claim);
            }
            return mine;
        });

        Assert.Equal(30, claimed.Sum(c => c.Count));
        Assert.Equal(30, claimed.SelectMany(c => c).Select(c => c.Id).Distinct().Count());
        Assert.Equal("d7", Assert.Single(await nodes[1].DueAsync(nodes.Clock(1).GetUtcNow(), 99, Cancellation)).Id);
        Assert.False(await nodes[0].RecordAttemptAsync(due[0][0], new DeliveryAttempt(1, nodes.Clock(0).GetUtcNow(), TimeSpan.Zero, 204, null), DeliveryState.Delivered, null, Cancellation));
    }

    [Fact]
    public async Task Two_nodes_that_send_webhooks_send_each_delivery_once()
    {
        await using var nodes = await Nodes.StartAsync(2);
        const int Events = 6;
        using var endpoint = new SlowEndpoint(TimeSpan.FromSeconds(2));
        using var http = new HttpMessageInvoker(endpoint);
        Subscription[] subscriptions = [new("hook", "acme", new Uri("http://127.0.0.1:1/hook"), ["*"]) { Secrets = [new Secret("secret://env/HOOK", "whsec_ZGVtby1wYXJ0bmVyLXNlY3JldC0wMDAx")], Schedule = [] }];
        for (var i = 0; i < Events; i++)
        {
            await nodes[0].BeginAsync(nodes.Intent($"i{i}"), Cancellation);
            await nodes[0].CompleteAsync(nodes.Completion(nodes.Intent($"i{i}")), Cancellation);
        }
        var senders = await nodes.AllAsync(async (node, _) =>
        {
            var sender = new EndpointsHere(node, BookOf(node), http, TimeProvider.System, Random.Shared, NullLogger<EndpointsHere>.Instance);
            await sender.StartAsync(Cancellation);
            return sender;
        });
        using var fanOut = new WebhookFanOut(nodes[0], BookOf(nodes[0]), TimeProvider.System, NullLogger<WebhookFanOut>.Instance);
        await fanOut.StartAsync(Cancellation);

        for (var waited = Stopwatch.StartNew(); (await nodes[1].DeliveriesAsync(DeliveryState.Delivered, 99, Cancellation)).Count < Events && waited.Elapsed < TimeSpan.FromSeconds(60);)
            await Task.Delay(100, Cancellation);
        await Task.WhenAll([fanOut.StopAsync(Cancellation), .. senders.Select(sender => sender.StopAsync(Cancellation))]);

        Assert.Equal(Events, endpoint.Ids.Count);
        Assert.Equal(Events, endpoint.Ids.Distinct().Count());
        foreach (var sender in senders) sender.Dispose();

        SubscriptionBook BookOf(IStore node) => new(node, () => subscriptions, TimeProvider.System, NullLogger<SubscriptionBook>.Instance);
    }

    [Fact]
    public async Task Events_are_never_passed_over_while_eight_writers_on_two_nodes_append()
    {
        await using var nodes = await Nodes.StartAsync(2);
        const int Writers = 8;
        const int Each = 40;
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(n => Task.Run(async () =>
        {
            var seen = new List<long>();
            for (var last = false; ;)
            {
                var read = await nodes[n].ReadEventHeadsAsync(seen.LastOrDefault(), 3, Cancellation);
                seen.AddRange(read.Select(e => e.Position));
                if (read.Count > 0) continue;
                // What was there when the writers had ended is read to its end.
                if (last) return seen;
                last = done.IsCancellationRequested;
            }
        }, Cancellation)).ToList();

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
            {
                var intent = nodes.Intent($"{w}-{i}", tenant: $"t{w % 3}");
                await nodes[w % 2].BeginAsync(intent, Cancellation);
                Assert.True(await nodes[w % 2].CompleteAsync(nodes.Completion(intent, $"p{i % 2}"), Cancellation));
            }
        }, Cancellation)));
        await done.CancelAsync();

        foreach (var seen in await Task.WhenAll(readers)) Assert.Equal(Enumerable.Range(1, Writers * Each).Select(i => (long)i), seen);
        var all = await nodes[0].ReadEventsAsync(0, 999, Cancellation);
        foreach (var partition in all.GroupBy(e => (e.Event.Tenant, e.Event.PartitionKey)))
            Assert.Equal(Enumerable.Range(1, partition.Count()).Select(i => (long)i), partition.Select(e => e.Sequence));
        Assert.Empty((await AuditTests.VerifyAsync(nodes[1])).Findings);
    }

    /// <summary>The first transaction has its position and its event, and stands still before its commit; others come behind it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task While_one_transaction_is_held_open_no_reader_sees_what_comes_behind_it(bool commits)
    {
        await using var nodes = await Nodes.StartAsync(2);
        await nodes[0].AppendEventAsync(EventOf("e-1"), Cancellation);
        await using var db = new NpgsqlConnection(nodes.Text + ";Pooling=false");
        await db.OpenAsync(Cancellation);
        await using var held = await db.BeginTransactionAsync(Cancellation);
        await using (var append = new NpgsqlCommand("""
            UPDATE counters SET last = last + 1 WHERE name = 'events';
            INSERT INTO events (position, sequence, id, tenant, type, source, subject, partition_key, time, data, stored_at)
            SELECT position + 1, sequence + 1, 'e-2', tenant, type, source, subject, partition_key, time, data, stored_at FROM events WHERE position = 1
            """, db, held)) await append.ExecuteNonQueryAsync(Cancellation);

        var later = Enumerable.Range(3, 4).Select(n => Task.Run(() => nodes[n % 2].AppendEventAsync(EventOf($"e-{n}"), Cancellation).AsTask(), Cancellation)).ToList();
        for (var looks = 0; looks < 20; looks++)
        {
            foreach (var node in (int[])[0, 1]) Assert.Equal([1], (await nodes[node].ReadEventHeadsAsync(0, 100, Cancellation)).Select(e => e.Position));
            Assert.DoesNotContain(later, l => l.IsCompleted);
            await Task.Delay(50, Cancellation);
        }
        await (commits ? held.CommitAsync(Cancellation) : held.RollbackAsync(Cancellation));
        await Task.WhenAll(later);

        var read = await nodes[1].ReadEventsAsync(0, 100, Cancellation);
        Assert.Equal(Enumerable.Range(1, commits ? 6 : 5).Select(n => ((long)n, (long)n)), read.Select(e => (e.Position, e.Sequence)));
        Assert.Equal(commits ? ["e-1", "e-2"] : ["e-1"], read.Take(commits ? 2 : 1).Select(e => e.Event.Id));
        Assert.Equal(["e-3", "e-4", "e-5", "e-6"], read.Skip(commits ? 2 : 1).Select(e => e.Event.Id).Order());

        static NewEvent EventOf(string id) => new(id, "acme", "test.v1", "/tests", "s", "k", TimeProvider.System.GetUtcNow(), "{}"u8.ToArray());
    }

    [Fact]
    public async Task A_reader_on_one_node_is_woken_by_an_append_on_another()
    {
        await using var nodes = await Nodes.StartAsync(2);

        var woken = nodes[1].WaitForAppendAsync(TimeSpan.FromHours(1), Cancellation).AsTask();
        await nodes[0].BeginAsync(nodes.Intent("a"), Cancellation);
        await nodes[0].CompleteAsync(nodes.Completion(nodes.Intent("a")), Cancellation);

        await woken.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        Assert.Single(await nodes[1].ReadEventsAsync(0, 9, Cancellation));
    }

    [Fact]
    public async Task Nodes_that_start_at_once_migrate_once()
    {
        await using var nodes = await Nodes.StartAsync(6);

        Assert.Equal([1L], await nodes.SqlAsync("SELECT count(*) FROM schema_version WHERE version = 1"));
        var secrets = await nodes.AllAsync((node, _) => node.KeySecretAsync(Cancellation));
        Assert.All(secrets, secret => Assert.Equal(secrets[0].ToArray(), secret.ToArray()));
    }

    [Fact]
    public async Task A_database_of_a_newer_build_is_refused()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await nodes.SqlAsync("INSERT INTO schema_version (version, applied_at) VALUES (1000, 0) RETURNING 0::bigint");

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => nodes.OpenAsync(TimeProvider.System));

        Assert.Contains("schema version 1000", error.Message, StringComparison.Ordinal);
        Assert.Contains("newer build", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_node_has_a_chain_and_what_one_erases_or_drops_of_anothers_breaks_none()
    {
        await using var nodes = await Nodes.StartAsync(2);
        for (var i = 0; i < 4; i++)
            await nodes.EachAsync(async (node, n) => await node.AppendAuditAsync([nodes.Audit($"c{n}-{i}") with { Subject = "entra/joe" }], Cancellation));

        Assert.Equal(8, await nodes[0].EraseAuditAsync("entra/joe", times => AuditActs.Erased("mia", "asked for", times, nodes.Clock(0).GetUtcNow()), Cancellation));
        // The other node knows its head of before.
        await nodes.EachAsync(async (node, n) => await node.AppendAuditAsync([nodes.Audit($"after-{n}")], Cancellation));
        var confidential = (await nodes[0].AuditSegmentsAsync(Cancellation)).Where(s => s.Class == AuditClass.Confidential).ToList();
        Assert.Equal([(5L, 4L), (5L, 4L)], confidential.Select(s => (s.Links, s.Erased)));
        foreach (var segment in confidential) Assert.True(await nodes[1].DropAuditAsync(segment, AuditActs.Erased("mia", "kept long enough", 0, nodes.Clock(1).GetUtcNow()), Cancellation));
        await nodes.EachAsync(async (node, n) => await node.AppendAuditAsync([nodes.Audit($"new-{n}")], Cancellation));

        var report = await AuditTests.VerifyAsync(nodes[0]);
        Assert.Empty(report.Findings);
        Assert.Equal(2, report.Segments.Select(s => s.Segment.Node).Distinct().Count());
        Assert.Equal([1, 2, 1, 2], report.Segments.Where(s => s.Segment.Class == AuditClass.Confidential).Select(s => s.Segment.Number));
        Assert.Single(await nodes[1].FindAuditAsync("new-0", 9, Cancellation));
    }

    [Fact]
    public async Task Two_processes_of_one_name_go_on_with_one_chain()
    {
        await using var nodes = await Nodes.StartAsync(2, together: true);

        await nodes.EachAsync(async (node, n) =>
        {
            for (var i = 0; i < 20; i++) await node.AppendAuditAsync([nodes.Audit($"c{n}-{i}")], Cancellation);
        });

        var report = await AuditTests.VerifyAsync(nodes[0]);
        Assert.Empty(report.Findings);
        Assert.Equal(40, Assert.Single(report.Segments).Records);
    }

    [Fact]
    public async Task A_head_that_somebody_put_back_is_not_gone_on_with()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await nodes[0].AppendAuditAsync([nodes.Audit("a")], Cancellation);
        await nodes.SqlAsync("CREATE TABLE taken AS SELECT * FROM audit_segments; SELECT 0::bigint");
        await nodes[0].AppendAuditAsync([nodes.Audit("b")], Cancellation);
        // The older head fits its seal.
        await nodes.SqlAsync("UPDATE audit_segments s SET links = t.links, last_at = t.last_at, head = t.head, seal = t.seal FROM taken t; DELETE FROM audit_links WHERE number = 2; SELECT 0::bigint");

        await nodes[0].AppendAuditAsync([nodes.Audit("c")], Cancellation);

        Assert.NotEmpty((await AuditTests.VerifyAsync(nodes[0])).Findings);
        Assert.Equal([1, 2], (await nodes[0].AuditSegmentsAsync(Cancellation)).Select(s => s.Number));
    }

    [Fact]
    public async Task Who_follows_the_changes_of_keys_passes_over_none_while_two_nodes_issue()
    {
        await using var nodes = await Nodes.StartAsync(2);
        const int Each = 25;
        var writers = nodes.EachAsync(async (node, n) =>
        {
            for (var i = 0; i < Each; i++)
                Assert.True(await node.IssueKeyAsync(new IssuedKey($"k{n}-{i}", "acme", "shop", new byte[32]) { CreatedAt = nodes.Clock(n).GetUtcNow() }, null, nodes.Audit("c"), Cancellation));
        });

        var seen = new List<IssuedKey>();
        while (seen.Count < 2 * Each) seen.AddRange(await nodes[0].KeysChangedAsync(seen.LastOrDefault()?.Change ?? 0, 3, Cancellation));
        await writers;

        Assert.Equal(2 * Each, seen.Select(k => k.Id).Distinct().Count());
        Assert.Equal(Enumerable.Range(1, 2 * Each).Select(i => (long)i), seen.Select(k => k.Change));
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Password=s3cret-word;Nonsense=1", "can't be read")]
    [InlineData("s3cret-word", "can't be read")]
    [InlineData("Database=gateway;Password=s3cret-word", "can't be read")]
    [InlineData("Host=127.0.0.1;Port=nine;Password=s3cret-word", "can't be read")]
    [InlineData("Host=127.0.0.1;Port=1;Username=gateway;Password=s3cret-word", "can't be read or written")]
    public async Task A_connection_that_leads_nowhere_is_told_without_its_password(string connection, string told)
    {
        await using var nodes = new Nodes(connection);

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => nodes.OpenAsync(TimeProvider.System));

        Assert.Contains(told, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_has_no_more_connections_than_it_may()
    {
        await using var nodes = await Nodes.StartAsync(1);

        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(() => nodes[0].BeginAsync(nodes.Intent($"i{i}"), Cancellation).AsTask(), Cancellation)));

        Assert.InRange((await nodes.SqlAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'gateway'"))[0], 1, Nodes.Connections);
        Assert.Equal([0L], await nodes.SqlAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'gateway' AND state LIKE 'idle in transaction%'"));
    }

    [Fact]
    public async Task A_node_with_another_key_ring_does_not_start_and_is_told_that_nodes_share_one()
    {
        await using var nodes = await Nodes.StartAsync(1);

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => nodes.OpenAsync(TimeProvider.System, keys: "others"));

        Assert.Contains("share one key directory", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Takes all that is sent, and time for it.</summary>
    private sealed class SlowEndpoint(TimeSpan time) : HttpMessageHandler
    {
        public ConcurrentQueue<string> Ids { get; } = new();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Ids.Enqueue(request.Headers.GetValues("webhook-id").Single());
            await Task.Delay(time, cancellationToken);
            return new HttpResponseMessage(HttpStatusCode.NoContent);
        }
    }
}
