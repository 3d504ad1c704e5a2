using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Tests.Functional.Storm;
using Gateway.Tests.Functional.Support;
using Gateway.Tests.Servers;
using Xunit;

namespace Gateway.Tests.Functional.Flows;

/// <summary>
/// An edge and workers in processes of their own, on one PostgreSQL and one Redis, while orders flow: each instance is worked on by one of the workers, and
/// whichever of them dies, joins, or stands still for longer than its leases, every order leaves once.
/// </summary>
public sealed partial class FlowClusterTests : IAsyncDisposable
{
    private const int Shards = 64;

    /// <summary>Until the others work on what a node has left behind, in seconds.</summary>
    private const int Takeover = 30;

    /// <summary>Longer than a call lasts, and a lease with it.</summary>
    private static readonly TimeSpan Standstill = TimeSpan.FromSeconds(25);

    private readonly List<IAsyncDisposable> _running = [];
    private readonly ConcurrentQueue<FlowOrder> _placed = new();
    private readonly CancellationTokenSource _enough = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _enough.CancelAsync();
        foreach (var part in _running.AsEnumerable().Reverse()) await part.DisposeAsync();
        _enough.Dispose();
    }

    [Fact]
    public async Task Whichever_worker_dies_joins_or_stands_still_the_others_work_on_its_flows_and_every_order_leaves_once()
    {
        if (PostgresqlServer.Missing is { } why) Assert.Skip(why);
        if (RedisServer.Missing is { } whyNot) Assert.Skip(whyNot);
        var (url, redis) = (new Uri($"http://127.0.0.1:{FreePorts.Next()}"), await KeepAsync(RedisServer.StartAsync()));
        var backends = await KeepAsync(StormBackends.StartAsync(url, "wms", "tms"));
        using var workspace = FlowWorkspace.Create(backends, "");
        Share(workspace, await DatabaseServer.NewDatabaseAsync(), redis.Connection);
        var edge = await ServeAsync(workspace, "edge", url, "--role", "edge");
        using var desk = Caller.OfOperator(edge.Admin);
        var workers = (await Task.WhenAll(Enumerable.Range(1, 3).Select(n => WorkAsync(workspace, $"w{n}")))).ToList();
        var (orders, people) = (Task.Run(() => OrderAsync(url), Cancellation), Task.Run(() => FlowPeople.WorkAsync(backends, new Random(4711), _enough.Token), Cancellation));
        await SharedAsync(workers, "each worker has some of the shards");
        await GoesOnAsync(backends, "three work");

        await workers[0].Process.KillAsync();
        var left = await OpenAsync(desk);
        workers.RemoveAt(0);
        await SharedAsync(workers, "the others work on the shards of the node that was killed", Takeover, twice: true);
        await GoneOnAsync(desk, left, "a node was killed");

        workers.Add(await WorkAsync(workspace, "w4"));
        await SharedAsync(workers, "the node that joins gets its share");

        await workers[0].Process.PauseAsync();
        left = await OpenAsync(desk);
        await SharedAsync(workers[1..], "the others work on the shards of the node that stands still", Takeover, twice: true);
        await GoneOnAsync(desk, left, "a node stands still");
        await SharedAsync(workers[1..], "each of these shards is one node's");
        await Task.Delay(Standstill, Cancellation);
        await workers[0].Process.ResumeAsync();
        await SharedAsync(workers, "the node that stood still has its share again");

        await _enough.CancelAsync();
        await orders;
        using (var stop = new CancellationTokenSource())
        {
            var rest = Task.Run(() => FlowPeople.WorkAsync(backends, new Random(4712), stop.Token), Cancellation);
            await FlowPeople.SettledAsync(backends, desk);
            await stop.CancelAsync();
            await Task.WhenAll(people, rest);
        }
        var findings = await new FlowReckoning(backends, desk, [.. _placed]).FindAsync();
        Assert.True(findings.Count == 0, string.Join('\n', findings));
    }

    /// <summary>Until it is enough: two orders a second, each until it is taken.</summary>
    private async Task OrderAsync(Uri url)
    {
        using var caller = new Caller(url);
        for (var number = 0; !_enough.IsCancellationRequested; number++)
        {
            var order = new FlowOrder($"C-{number}", 1 + number % 4);
            order.Id = (await Until.Found(async () => await caller.OrderAsync(order.Json, "k-" + order.Reference) is { Status: 200 or 201 } answer ? answer : null, "an order to be taken", seconds: 60)).Text("id");
            _placed.Enqueue(order);
            await Task.Delay(500, _enough.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Orders that are placed from now on leave the warehouse.</summary>
    private async Task GoesOnAsync(StormBackends backends, string when)
    {
        var before = _placed.Select(o => o.Reference).ToHashSet();
        await Until.True(() => _placed.Where(o => !before.Contains(o.Reference)).Any(o => backends.Odoo.Orders.FirstOrDefault(there => there.ClientOrderRef == o.Reference) is { } sale
            && backends.Odoo.Transfers.Any(t => t.OrderId == sale.Id && t.State == "done")), $"an order to leave while {when}", seconds: Takeover);
    }

    /// <summary>Ids of the instances that have not ended.</summary>
    private static async Task<IReadOnlyList<string>> OpenAsync(Caller desk) => [.. (await desk.ListAsync("/flows")).Select(f => (string)f!["id"]!)];

    /// <summary>All of these have ended, whoever worked on them before.</summary>
    private static Task GoneOnAsync(Caller desk, IReadOnlyList<string> instances, string though) =>
        Until.Found(async () => instances.Intersect(await OpenAsync(desk)).Any() ? null : "", $"what was open to end, though {though}", seconds: 2 * Takeover);

    /// <summary>Each of the nodes holds some of the shards, and together they hold all.</summary>
    /// <param name="twice">Whether some may be held by two: until it is known that a node is gone, all that miss it hold what it had.</param>
    private static async Task SharedAsync(IReadOnlyList<Node> nodes, string what, int seconds = 60, bool twice = false)
    {
        var held = Array.Empty<int?>();
        try
        {
            await Until.Found(async () =>
            {
                held = await Task.WhenAll(nodes.Select(HeldAsync));
                return held.All(h => h > 0) && (held.Sum() == Shards || (twice && held.Sum() > Shards)) ? "" : null;
            }, what, seconds);
        }
        catch (TimeoutException late)
        {
            Assert.Fail($"{late.Message}: {string.Join(", ", held)} are held\n{string.Join('\n', nodes.Select(n => n.Process.Output))}");
        }
    }

    private static async Task<int?> HeldAsync(Node node)
    {
        using var admin = new Caller(node.Admin);
        return Held().Match((await admin.GetAsync("/metrics")).Body) is { Success: true } found ? int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : null;
    }

    private static void Share(TestWorkspace workspace, string database, string redis) => workspace.Write("routes/state.yaml", $$"""
        state:
          store: postgresql
          postgresql: { connection: "secret://file{{workspace.Beside("database", database)}}" }
          redis: { connection: "secret://file{{workspace.Beside("redis", redis)}}", timeout: 2s }
          cluster: { id: test }
        """);

    private Task<Node> WorkAsync(TestWorkspace workspace, string name) =>
        ServeAsync(workspace, name, null, "--role", "worker", "--cluster-address", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePorts.Next()}"));

    private async Task<Node> ServeAsync(TestWorkspace workspace, string name, Uri? url, params string[] more)
    {
        var (process, addresses) = await ChildProcess.StartAsync(
            ["serve", workspace.Root, "--data", Path.Combine(workspace.Data, name), "--keys", workspace.Keys, "--environment", "test", "--urls", (url?.ToString() ?? "http://127.0.0.1:0").TrimEnd('/'), "--admin-urls", "http://127.0.0.1:0", .. more],
            url is null ? ["admin"] : ["gateway", "admin"]);
        lock (_running) _running.Add(process);
        return new Node(process, addresses["admin"]);
    }

    private async Task<T> KeepAsync<T>(Task<T> starting) where T : IAsyncDisposable
    {
        var part = await starting;
        _running.Add(part);
        return part;
    }

    private sealed record Node(ChildProcess Process, Uri Admin);

    [GeneratedRegex(@"^gateway_flow_shards\S* (\d+)", RegexOptions.Multiline)]
    private static partial Regex Held();
}
