using Gateway.Tests.Servers;
using Xunit;

namespace Gateway.Tests.Functional.Support;

/// <summary>Gateways in processes of their own, on one Redis, with one limit on GET /v1/tracking.</summary>
internal sealed class SharingNodes : IAsyncDisposable
{
    private readonly TestWorkspace _workspace;
    private readonly List<ChildProcess> _processes = [];

    private SharingNodes(RedisServer redis, Simulated simulated, TestWorkspace workspace) => (Redis, Simulated, _workspace) = (redis, simulated, workspace);

    public RedisServer Redis { get; }

    public Simulated Simulated { get; }

    /// <summary>The nodes' public ports.</summary>
    public List<Uri> Gateways { get; } = [];

    /// <param name="rateLimit">Members of <c>rateLimit</c>, as in YAML.</param>
    /// <param name="timeout">How long a node waits for Redis.</param>
    public static async Task<SharingNodes> StartAsync(int nodes, string rateLimit, string timeout = "5s")
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        var (redis, simulated) = (await RedisServer.StartAsync(), await Simulated.StartAsync());
        var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner, $$"""
            policies: { shared-limit: { rateLimit: { {{rateLimit}} } } }
            state: { redis: { connection: "secret://file{{redis.Root}}/connection", timeout: {{timeout}} } }
            """);
        // A node may have all that one limit lets through at work: so many connections it needs, or some wait at its door to the backend, and not there.
        var test = Path.Combine(workspace.Root, "policies.test.yaml");
        const string Door = "timeout: 80s, limits: { concurrent: 16 } }";
        var overlay = await File.ReadAllTextAsync(test);
        Assert.Contains(Door, overlay, StringComparison.Ordinal);
        workspace.Write(test, overlay.Replace(Door, "timeout: 80s, maxConnections: 64, limits: { concurrent: 64 } }", StringComparison.Ordinal));
        // In the place of the workspace's own, so that nothing else counts; and whoever is held at the backend has time.
        var tracking = Path.Combine(workspace.Root, "routes", "tracking.yaml");
        workspace.Write(tracking, (await File.ReadAllTextAsync(tracking)).Replace("- partner-quota", "- shared-limit", StringComparison.Ordinal)
            .Replace("target:", "timeout: 90s\n        target:", StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(redis.Root, "connection"), redis.Connection, TestContext.Current.CancellationToken);
        var world = new SharingNodes(redis, simulated, workspace);
        foreach (var (process, gateway) in await Task.WhenAll(Enumerable.Range(0, nodes).Select(world.ServeAsync)))
        {
            world._processes.Add(process);
            world.Gateways.Add(gateway);
        }
        return world;
    }

    /// <summary>Statuses that the callers got who asked over and over, spread over all nodes, until <paramref name="ends"/> says so of what one has seen.</summary>
    public async Task<IReadOnlyList<int>> AskAsync(int lanes, Func<IReadOnlyList<int>, bool> ends)
    {
        var seen = await Task.WhenAll(Enumerable.Range(0, lanes).Select(lane => Task.Run(async () =>
        {
            using var caller = new Caller(Gateways[lane % Gateways.Count]);
            var statuses = new List<int>();
            while (!ends(statuses)) statuses.Add((await caller.GetAsync("/v1/tracking/TRK-1001")).Status);
            return statuses;
        })));
        return [.. seen.SelectMany(s => s)];
    }

    /// <summary>Asks each node once for something that is not limited here.</summary>
    public Task WarmAsync(string path) => Task.WhenAll(Gateways.Select(async gateway =>
    {
        using var caller = new Caller(gateway);
        Assert.Equal(200, (await caller.GetAsync(path)).Status);
    }));

    private async Task<(ChildProcess Process, Uri Gateway)> ServeAsync(int node)
    {
        var (process, addresses) = await ChildProcess.StartAsync(
            ["serve", _workspace.Root, "--data", $"{_workspace.Data}-{node}", "--keys", $"{_workspace.Keys}-{node}", "--environment", "test", "--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0"],
            "gateway", "admin");
        return (process, addresses["gateway"]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes) await process.DisposeAsync();
        _workspace.Dispose();
        await Simulated.DisposeAsync();
        await Redis.DisposeAsync();
    }
}
