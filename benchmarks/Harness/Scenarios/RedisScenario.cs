using Gateway.Benchmarks.Load;
using Gateway.Benchmarks.Measuring;
using Gateway.Benchmarks.Peers;
using Gateway.Tests.Servers;

namespace Gateway.Benchmarks.Scenarios;

/// <summary>What a limit costs that several nodes share: the same route with a key and a limit, counted in the process and in a Redis.</summary>
internal sealed class RedisScenario : Scenario
{
    private const string Here = "ours: key + limit, in process";
    private const string InRedis = "ours: key + limit on Redis, one round trip";
    private const string Several = "ours: key + three limits on Redis, one round trip";
    private const string Path = "/v1/parcels/4711";

    public override string Name => "redis";

    public override string Summary => "The GET of the road with a key and a limit, counted in the process or in a Redis beside it; CPU of the gateway process per request.";

    public override async Task RunAsync(Stage stage, ScenarioReport report)
    {
        if (RedisServer.Missing is { } missing) throw new MissingToolException(missing);
        var redis = stage.Keep(await RedisServer.StartAsync());
        var connection = stage.Write("redis/connection", redis.Connection);
        var state = $$"""state: { redis: { connection: "secret://file{{connection}}", timeout: 1s } }""";
        var origin = await Origin.StartAsync(stage);
        var tokens = stage.Keep(await Tokens.StartAsync());
        List<Variant> variants =
        [
            await OursAsync(Here, "ours-here", "key, limit"),
            await OursAsync(Here + ", again (A/A)", "ours-here-again", "key, limit"),
            await OursAsync(InRedis, "ours-redis", "key, limit", state),
            await OursAsync(Several, "ours-redis-several", """
                key, rateLimit: { limits: { burst: { limit: 1000000, window: 1s }, sustained: { limit: 10000000, window: 1m }, sliding: { limit: 10000000, window: 1h, algorithm: slidingWindow } } }
                """, state),
        ];
        await SideBySide.RunAsync(stage, report, variants);
        foreach (var variant in variants.Skip(1))
        {
            report.Compare(variant.Name, Here, Metric.Cpu, lessIsBetter: true, variant.Name == InRedis ? Bar.Min(0.6) : null);
            report.Compare(variant.Name, Here, Metric.Rate, lessIsBetter: false);
        }

        async Task<Variant> OursAsync(string variant, string name, string policies, string more = "")
        {
            var server = await Ours.ServeForwardAsync(stage, name, origin.Url, tokens, policies.Trim(), more);
            return new Variant(variant, server, new Wrk(new Uri(server.Url, Path)) { Headers = [$"X-Api-Key: {Ours.ApiKey}"] });
        }
    }
}
