using System.Collections.Concurrent;
using Gateway.Simulators;
using Gateway.Tests.Conformance.PolicyKinds;
using Gateway.Tests.Conformance.Traffic;
using StackExchange.Redis;
using Xunit;

namespace Gateway.Tests.Conformance.Idempotency;

/// <summary>A Redis before the store saves its work; killed, flushed or lying, it never makes a second call.</summary>
public sealed class RedisAnswersTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private static readonly string Body = Orders.Body("PO-1");

    [Fact]
    public async Task An_answer_is_found_without_the_store_and_so_is_its_other_content()
    {
        await using var world = await Near.StartAsync(redis);
        var made = await world.SendAsync("k-1", Body);
        Assert.Equal((201, "", false), made.Kind());
        await world.UntilKeptAsync();
        world.Asked.Clear();

        var again = await world.SendAsync("k-1", Body);
        var other = await world.SendAsync("k-1", Orders.Body("PO-2"));

        Assert.Equal(((201, "", true), made.Body, made.Header("Location")), (again.Kind(), again.Body, again.Header("Location")));
        Assert.Equal((422, "idempotency-key-reused", false), other.Kind());
        Assert.DoesNotContain(nameof(IStore.FindKeyAsync), world.Asked);
        Assert.DoesNotContain(nameof(IStore.BeginAsync), world.Asked);
    }

    [Fact]
    public async Task Of_64_parallel_repeats_one_reaches_the_claim()
    {
        await using var world = await Near.StartAsync(redis);

        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => world.SendAsync("k-1", Body)));

        Assert.Single(answers, a => a.Kind() == (201, "", false));
        Assert.Single(world.Asked, call => call == nameof(IStore.BeginAsync));
        Assert.Single(world.World.Odoo.Orders);
    }

    [Fact]
    public async Task What_is_refused_before_the_claim_leaves_no_turn_behind()
    {
        await using var world = await Near.StartAsync(redis);
        Assert.Equal((422, "contract-broken", false), (await world.SendAsync("k-1", """{"client_order_ref":"PO-1"}""")).Kind());
        await world.UntilAsync(() => world.Keys("turn").Length == 0);

        Assert.Equal(201, (await world.SendAsync("k-1", Body)).Status);
    }

    [Fact]
    public async Task A_refusal_of_the_backend_is_told_by_the_store()
    {
        await using var world = await Near.StartAsync(redis);
        await world.SendAsync("k-1", Orders.Body("PO-1", buyer: "NOBODY"));
        world.Asked.Clear();

        Assert.Equal((422, "business-refused", true), (await world.SendAsync("k-1", Orders.Body("PO-1", buyer: "NOBODY"))).Kind());
        Assert.Contains(nameof(IStore.FindKeyAsync), world.Asked);
    }

    [Fact]
    public async Task Nothing_stands_there_in_clear_and_nothing_for_ever()
    {
        await using var world = await Near.StartAsync(redis);
        await world.SendAsync("k-1", Body);
        await world.UntilKeptAsync();

        var key = Assert.Single(world.Keys("answer"));
        var stored = (string)key! + (string?)await world.Database.StringGetAsync(key);
        Assert.All((string[])["acme", "k-1", "DESK0005", "orders", "S000"], word => Assert.DoesNotContain(word, stored.Replace(world.Prefix, "", StringComparison.Ordinal), StringComparison.Ordinal));
        Assert.InRange((await world.Database.KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromHours(23), TimeSpan.FromHours(24));
    }

    /// <summary>What a Redis may do to what it was given.</summary>
    public static TheoryData<string> Lies => ["forgets", "garbage", "another key's", "cut off", "another type"];

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task Whatever_it_answers_nothing_is_done_twice(string lie)
    {
        await using var world = await Near.StartAsync(redis);
        var first = await world.SendAsync("k-1", Body);
        await world.SendAsync("k-2", Orders.Body("PO-2"));
        await world.UntilAsync(() => world.Keys("answer").Length == 2);
        await world.LieAsync(lie);

        foreach (var _ in Enumerable.Range(0, 3))
        {
            var again = await world.SendAsync("k-1", Body);
            Assert.Equal(((201, "", true), first.Body), (again.Kind(), again.Body));
        }
        Assert.Equal(2, world.World.Odoo.Orders.Count);
        Assert.Equal(2, world.World.Odoo.CallsOf("sale.order", "load"));
    }

    [Fact]
    public async Task A_turn_that_is_lost_in_the_middle_of_a_call_makes_no_second_call()
    {
        await using var world = await Near.StartAsync(redis);
        world.World.Odoo.Chaos.Set(new ChaosRule(ChaosMode.HoldBefore) { Path = "sale.order/load" });
        var first = world.SendAsync("k-1", Body);
        await world.UntilAsync(() => world.World.Odoo.Chaos.Held > 0);
        Assert.Equal((409, "still-running", false), (await world.SendAsync("k-1", Body)).Kind());
        Assert.Single(world.Asked, call => call == nameof(IStore.FindKeyAsync));

        await world.LieAsync("forgets");

        Assert.Equal((409, "still-running", false), (await world.SendAsync("k-1", Body)).Kind());
        Assert.Equal(2, world.Asked.Count(call => call == nameof(IStore.FindKeyAsync)));
        world.World.Odoo.Chaos.Set(new ChaosRule(ChaosMode.None));
        Assert.Equal(201, (await first).Status);
        Assert.Equal(1, world.World.Odoo.CallsOf("sale.order", "load"));
    }

    [Fact]
    public async Task Killed_paused_and_started_again_it_costs_nobody_an_order()
    {
        var server = redis.Demand();
        await using var world = await Near.StartAsync(redis);
        Assert.Equal(201, (await world.SendAsync("k-1", Body)).Status);

        await server.PauseAsync();
        Assert.Equal((201, "", true), (await world.SendAsync("k-1", Body)).Kind());
        Assert.Equal((201, "", false), (await world.SendAsync("k-2", Orders.Body("PO-2"))).Kind());
        await server.ResumeAsync();
        await server.KillAsync();
        Assert.Equal((201, "", true), (await world.SendAsync("k-2", Orders.Body("PO-2"))).Kind());
        Assert.Equal((201, "", false), (await world.SendAsync("k-3", Orders.Body("PO-3"))).Kind());
        await server.StartAgainAsync();
        foreach (var i in Enumerable.Range(1, 3)) Assert.Equal((201, "", true), (await world.UntilAnsweredAsync($"k-{i}", Orders.Body($"PO-{i}"))).Kind());

        Assert.Equal(3, world.World.Odoo.Orders.Count);
    }

    /// <summary>A gateway with a Redis before its store, and a look into both.</summary>
    private sealed class Near : IAsyncDisposable
    {
        private readonly ConnectionMultiplexer _connection;

        private Near(KindWorld world, ConcurrentQueue<string> asked, ConnectionMultiplexer connection, string prefix) =>
            (World, Asked, _connection, Prefix) = (world, asked, connection, prefix);

        public KindWorld World { get; }

        /// <summary>The store's methods that were called.</summary>
        public ConcurrentQueue<string> Asked { get; }

        public string Prefix { get; }

        public IDatabase Database => _connection.GetDatabase();

        public static async Task<Near> StartAsync(RedisFixture redis)
        {
            var (server, asked, prefix) = (redis.Demand(), new ConcurrentQueue<string>(), "near-" + Guid.NewGuid().ToString("N")[..8]);
            var overlay = new CaseWorkspaceFile { Path = "policies.demo.yaml", Content = $$"""state: { redis: { connection: "secret://demo/{{server.Connection}}", prefix: {{prefix}}, timeout: 2s } }""" };
            var connection = await ConnectionMultiplexer.ConnectAsync(server.Connection + ",allowAdmin=true,abortConnect=false");
            var world = await KindWorld.StartAsync([Orders.Routes, overlay], aroundStore: inner =>
            {
                var store = AwayStore.Around(inner);
                store.Away = call =>
                {
                    asked.Enqueue(call);
                    return false;
                };
                return store.Store;
            });
            return new Near(world, asked, connection, prefix);
        }

        public Task<Answered> SendAsync(string key, string body) => World.SendAsync(key, body);

        public Task<Answered> UntilAnsweredAsync(string key, string body) => World.UntilAnsweredAsync(key, body);

        public RedisKey[] Keys(string kind) => [.. _connection.GetServers()[0].Keys(pattern: $"*{Prefix}*:{kind}:*")];

        public Task UntilKeptAsync() => UntilAsync(() => Keys("answer").Length > 0 && Keys("turn").Length == 0);

        public async Task UntilAsync(Func<bool> holds)
        {
            for (var i = 0; i < 400 && !holds(); i++) await Task.Delay(25, TestContext.Current.CancellationToken);
            Assert.True(holds());
        }

        public async Task LieAsync(string lie)
        {
            var keys = Keys("answer");
            switch (lie)
            {
                case "forgets":
                    await _connection.GetServers()[0].FlushAllDatabasesAsync();
                    break;
                case "garbage":
                    foreach (var key in keys) await Database.StringSetAsync(key, "no answer at all");
                    break;
                case "cut off":
                    foreach (var key in keys) await Database.StringSetAsync(key, ((byte[])(await Database.StringGetAsync(key))!)[..^7]);
                    break;
                case "another key's":
                    var (one, other) = (await Database.StringGetAsync(keys[0]), await Database.StringGetAsync(keys[1]));
                    await Database.StringSetAsync(keys[0], other);
                    await Database.StringSetAsync(keys[1], one);
                    break;
                case "another type":
                    foreach (var key in keys)
                    {
                        await Database.KeyDeleteAsync(key);
                        await Database.ListLeftPushAsync(key, "an item");
                    }
                    break;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _connection.DisposeAsync();
            await World.DisposeAsync();
        }
    }
}
