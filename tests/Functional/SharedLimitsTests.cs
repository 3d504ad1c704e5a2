using Gateway.Tests.Functional.Support;
using Gateway.Tests.Servers;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>Gateways in processes of their own count together.</summary>
public sealed class SharedLimitsTests
{
    private const int Limit = 400;

    /// <summary>The window is so long that what comes back meanwhile is below what is let go.</summary>
    [Theory]
    [InlineData(2, "tokenBucket")]
    [InlineData(4, "slidingWindow")]
    public async Task Nodes_let_through_together_what_one_limit_says(int nodes, string algorithm)
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        await using var redis = await RedisServer.StartAsync();
        await using var simulated = await Simulated.StartAsync();
        using var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner, $$"""
            policies: { partner-quota: { rateLimit: { limit: {{Limit}}, window: 1d, algorithm: {{algorithm}}, tiers: { gold: {{Limit}} } } } }
            state: { redis: { connection: "secret://file{{redis.Root}}/connection", timeout: 5s } }
            """);
        await File.WriteAllTextAsync(Path.Combine(redis.Root, "connection"), redis.Connection, TestContext.Current.CancellationToken);
        var serving = await Task.WhenAll(Enumerable.Range(0, nodes).Select(i => ServeAsync(workspace, i)));
        try
        {
            var statuses = await Task.WhenAll(Enumerable.Range(0, 4 * nodes).Select(lane => Task.Run(async () =>
            {
                using var caller = new Caller(serving[lane % nodes].Gateway);
                var seen = new List<int>();
                for (var i = 0; i < 2 * Limit / (4 * nodes); i++) seen.Add((await caller.GetAsync("/v1/tracking/TRK-1001")).Status);
                return seen;
            })));

            var all = statuses.SelectMany(s => s).ToList();
            Assert.Equal([200, 429], all.Distinct().Order());
            Assert.InRange(all.Count(s => s == 200), Limit * 0.99, Limit * 1.01);
        }
        finally
        {
            foreach (var (process, _) in serving) await process.DisposeAsync();
        }
    }

    private static async Task<(ChildProcess Process, Uri Gateway)> ServeAsync(TestWorkspace workspace, int node)
    {
        var (process, addresses) = await ChildProcess.StartAsync(
            ["serve", workspace.Root, "--data", $"{workspace.Data}-{node}", "--keys", $"{workspace.Keys}-{node}", "--environment", "test", "--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0"],
            "gateway", "admin");
        return (process, addresses["gateway"]);
    }
}
