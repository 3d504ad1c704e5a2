using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Delivery.Storage;
using Gateway.Tests.Functional.Support;
using Gateway.Tests.Servers;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>
/// An edge and workers in processes of their own, on one PostgreSQL and one Redis: each endpoint is sent to by one of the workers, and whichever of them dies,
/// stands still or joins, every endpoint gets all its events, those of one key in their order.
/// </summary>
public sealed partial class ClusterTests : IAsyncDisposable
{
    private const int Endpoints = 24;
    private const int Keys = 5;

    /// <summary>The workspace's own.</summary>
    private const int Others = 1;

    /// <summary>Of a dead node's endpoints: what was under way there is due again when its time and fifteen seconds are over.</summary>
    private const int Failover = 30;

    private readonly List<IAsyncDisposable> _running = [];
    private readonly List<string> _happened = [];
    private readonly CancellationTokenSource _enough = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _enough.CancelAsync();
        foreach (var part in _running.AsEnumerable().Reverse()) await part.DisposeAsync();
        _enough.Dispose();
    }

    [Fact]
    public async Task Whichever_worker_dies_stands_still_or_joins_every_endpoint_gets_all_in_order()
    {
        if (PostgresqlServer.Missing is { } why) Assert.Skip(why);
        if (RedisServer.Missing is { } whyNot) Assert.Skip(whyNot);
        var database = await DatabaseServer.NewDatabaseAsync();
        var redis = await KeepAsync(RedisServer.StartAsync());
        var simulated = await KeepAsync(Simulated.StartAsync());
        var partner = await KeepAsync(KeyedPartner.StartAsync());
        using var workspace = Workspace(simulated, partner, database, redis.Connection);
        var edge = await ServeAsync(workspace, "edge", "gateway", "admin", "--role", "edge");
        var workers = (await Task.WhenAll(Enumerable.Range(1, 3).Select(n => WorkAsync(workspace, $"w{n}")))).ToList();

        var stream = HappenAsync(await OpenAsync(workspace, database));
        await TellsAndSharesAsync(edge, workers, partner);

        await workers[0].Process.KillAsync();
        workers.RemoveAt(0);
        await AllGetAsync(partner, "a node was killed");

        workers.Add(await WorkAsync(workspace, "w4"));
        await SharedAsync(workers, "the node that joins gets its share");

        await workers[0].Process.PauseAsync();
        await AllGetAsync(partner, "a node stands still");
        await KnowAsync(workers[1..], 2, "the others to have given it up");
        await workers[0].Process.ResumeAsync();
        await Until.True(() => workers[0].Process.Output.Contains("is out of the cluster test", StringComparison.Ordinal), "it to say that it was out");

        await KnowAsync(workers, 3, "the node that stood still to be back");
        await SharedAsync(workers, "it has its share again");

        await ObeyTheEdgeAsync(edge, partner);
        await _enough.CancelAsync();
        await stream;
        await Until.True(() => partner.Arrived.Select(a => (a.Endpoint, a.Event)).Distinct().Count() >= Endpoints * (_happened.Count + 1), "nothing is lost", seconds: Failover);
        AssertInOrder(partner.Arrived);
    }

    /// <summary>The edge takes an order and sends nothing; the workers, which have no public port, each send to some of the endpoints.</summary>
    private static async Task TellsAndSharesAsync(Node edge, List<Node> workers, KeyedPartner partner)
    {
        using var caller = new Caller(edge.Addresses["gateway"]);
        var made = await Until.Found(async () => await caller.OrderAsync(Order.Json("PO-1"), "k-1") is { Status: 201 } answer ? answer : null, "the order to be taken", seconds: 60);
        await Until.True(() => partner.Arrived.Where(a => a.Subject == made.Text("id")).Select(a => a.Endpoint).Distinct().Count() == Endpoints, "all endpoints to be told of the order", seconds: Failover);
        await SharedAsync(workers, "each worker has some");
        Assert.Null(await HeldAsync(edge));
        foreach (var worker in workers)
        {
            using var admin = new Caller(worker.Addresses["admin"]);
            Assert.Equal(200, (await admin.GetAsync("/readyz")).Status);
            Assert.DoesNotContain("gateway http", worker.Process.Output, StringComparison.Ordinal);
        }
    }

    /// <summary>What an operator decides at the edge's admin port, the workers do: nothing of it goes through memory.</summary>
    private async Task ObeyTheEdgeAsync(Node edge, KeyedPartner partner)
    {
        using var desk = Caller.OfOperator(edge.Addresses["admin"]);
        Assert.Equal(200, (await desk.SendAsync("POST", "/webhooks/acme/h0/disable", """{"reason":"they move"}""")).Status);
        // A look later, nothing is sent there any more.
        await Until.True(() => Happened().TakeLast(4).Count(e => partner.Having(e) is var having && having.Count == Endpoints - 1 && !having.Contains("h0")) >= 2, "it is sent nothing");
        var waiting = Happened()[^1];
        Assert.Equal(200, (await desk.SendAsync("POST", "/webhooks/acme/h0/enable", """{"reason":"they have moved"}""")).Status);
        await Until.True(() => partner.Having(waiting).Contains("h0"), "what has waited arrives");
    }

    /// <summary>Every endpoint gets something that happens from now on.</summary>
    private async Task AllGetAsync(KeyedPartner partner, string when)
    {
        var from = Happened().Count;
        await Until.True(() =>
        {
            var since = Happened().Skip(from).ToHashSet();
            return partner.Arrived.Where(a => since.Contains(a.Event)).Select(a => a.Endpoint).Distinct().Count() == Endpoints;
        }, $"every endpoint to be sent to, though {when}", seconds: Failover);
    }

    private List<string> Happened()
    {
        lock (_happened) return [.. _happened];
    }

    /// <summary>Each of the nodes holds some of the endpoints, and none is held twice.</summary>
    private static async Task SharedAsync(IReadOnlyList<Node> nodes, string what)
    {
        var held = Array.Empty<int?>();
        try
        {
            await Until.Found(async () =>
            {
                held = await Task.WhenAll(nodes.Select(HeldAsync));
                return held.All(h => h > 0) && held.Sum() == Endpoints + Others ? "" : null;
            }, what, seconds: 60);
        }
        catch (TimeoutException late)
        {
            Assert.Fail($"{late.Message}: {string.Join(", ", held)} are held\n{string.Join('\n', nodes.Select(n => n.Process.Output))}");
        }
    }

    /// <summary>Each of the nodes knows so many to be at work.</summary>
    private static Task KnowAsync(IReadOnlyList<Node> nodes, int count, string what) =>
        Until.Found(async () => (await Task.WhenAll(nodes.Select(n => MetricAsync(n, Known())))).All(known => known == count) ? "" : null, what, seconds: 60);

    private static Task<int?> HeldAsync(Node node) => MetricAsync(node, Held());

    private static async Task<int?> MetricAsync(Node node, Regex line)
    {
        using var admin = new Caller(node.Addresses["admin"]);
        return line.Match((await admin.GetAsync("/metrics")).Body) is { Success: true } found ? int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>By the first time that each event came: what came twice came under its one id.</summary>
    private void AssertInOrder(IReadOnlyList<Arrived> arrived)
    {
        Assert.All(arrived.GroupBy(a => (a.Endpoint, a.Event)), same => Assert.Single(same.Select(a => a.WebhookId).Distinct()));
        var place = _happened.Select((id, i) => (id, i)).ToDictionary(e => e.id, e => e.i);
        foreach (var line in arrived.Where(a => place.ContainsKey(a.Event)).DistinctBy(a => (a.Endpoint, a.Event)).GroupBy(a => (a.Endpoint, a.Subject)))
            Assert.Equal(line.Select(a => a.Event).OrderBy(e => place[e]), line.Select(a => a.Event));
    }

    /// <summary>Until it is enough: an event each half second, of one key after the other, written as a node that is no gateway might.</summary>
    private async Task HappenAsync(IStore store)
    {
        for (var i = 0; !_enough.IsCancellationRequested; i++)
        {
            var id = $"evt_{i}";
            Assert.True(await store.AppendEventAsync(new NewEvent(id, "acme", "order.accepted.v1", "/orders", $"ord_{i % Keys}", $"ord_{i % Keys}", TimeProvider.System.GetUtcNow(), "{}"u8.ToArray()), Cancellation));
            lock (_happened) _happened.Add(id);
            await Task.Delay(TimeSpan.FromMilliseconds(500), _enough.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<IStore> OpenAsync(TestWorkspace workspace, string connection)
    {
        var options = new PostgresqlOptions { Connection = new Secret("secret://env/TEST", connection), Connections = 2 };
        var data = Path.Combine(workspace.Data, "test");
        var store = Stores.Of(options).Create(new StoreOptions { DataDirectory = data, Protection = KeyRing.Open(workspace.Keys, data), Postgresql = options });
        _running.Add(store);
        await store.OpenAsync(Cancellation);
        return store;
    }

    private static TestWorkspace Workspace(Simulated simulated, KeyedPartner partner, string database, string redis)
    {
        var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner);
        var endpoints = string.Concat(Enumerable.Range(0, Endpoints).Select(n =>
            $"      h{n}: {{ url: \"{partner.Url}h{n}\", events: [\"*\"], secrets: [secret://env/ACME_WEBHOOK_SECRET], order: fifo, timeout: 5s, retry: [1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s] }}\n"));
        workspace.Write("policies.test.yaml", workspace.Read("policies.test.yaml").ReplaceLineEndings("\n").Replace("    webhooks:\n", "    webhooks:\n" + endpoints, StringComparison.Ordinal));
        workspace.Write("routes/state.yaml", $$"""
            state:
              store: postgresql
              postgresql: { connection: "secret://file{{workspace.Beside("database", database)}}" }
              redis: { connection: "secret://file{{workspace.Beside("redis", redis)}}", timeout: 2s }
              cluster: { id: test }
            """);
        return workspace;
    }

    private Task<Node> WorkAsync(TestWorkspace workspace, string name) =>
        ServeAsync(workspace, name, "admin", "admin", "--role", "worker", "--cluster-address", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePorts.Next()}"));

    private async Task<Node> ServeAsync(TestWorkspace workspace, string name, string first, string second, params string[] more)
    {
        var (process, addresses) = await ChildProcess.StartAsync(
            ["serve", workspace.Root, "--data", Path.Combine(workspace.Data, name), "--keys", workspace.Keys, "--environment", "test", "--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0", .. more],
            [.. new[] { first, second }.Distinct()]);
        lock (_running) _running.Add(process);
        return new Node(process, addresses);
    }

    private async Task<T> KeepAsync<T>(Task<T> starting) where T : IAsyncDisposable
    {
        var part = await starting;
        _running.Add(part);
        return part;
    }

    private sealed record Node(ChildProcess Process, IReadOnlyDictionary<string, Uri> Addresses);

    [GeneratedRegex(@"^gateway_cluster_nodes\S* (\d+)", RegexOptions.Multiline)]
    private static partial Regex Known();

    [GeneratedRegex(@"^gateway_webhook_endpoints\S* (\d+)", RegexOptions.Multiline)]
    private static partial Regex Held();
}
