using Gateway.Benchmarks.Load;
using Gateway.Benchmarks.Measuring;
using Gateway.Benchmarks.Peers;

namespace Gateway.Benchmarks.Scenarios;

/// <summary>What a caller waits longer than at bare YARP, at a rate that leaves every variant room.</summary>
internal sealed class LatencyScenario : Scenario
{
    private const string Bare = "bare YARP";
    private const string Path = "/v1/parcels/4711";

    public override string Name => "latency";

    public override string Summary => "Added latency at one rate for all, half of what the slowest .NET variant can do: p50, p99 and p99.9 over bare YARP.";

    public override async Task RunAsync(Stage stage, ScenarioReport report)
    {
        var origin = await Origin.StartAsync(stage);
        var tokens = stage.Keep(await Tokens.StartAsync());
        var token = tokens.Headers(1, Ours.Clients)[0];
        List<(string Name, Uri Url, string[] Headers)> variants =
        [
            (Bare, (await DotNetPeers.StartBareYarpAsync(stage, "bare", origin.Url)).Url, []),
            ("ours: key + limit", (await Ours.ServeForwardAsync(stage, "ours-key", origin.Url, tokens, "key, limit")).Url, [$"X-Api-Key: {Ours.ApiKey}"]),
            ("ours: JWT + limit", (await Ours.ServeForwardAsync(stage, "ours-jwt", origin.Url, tokens, "jwt, limit")).Url, [token]),
        ];
        if (!stage.Settings.Quick)
        {
            variants.Add(("bare YARP again (A/A)", (await DotNetPeers.StartBareYarpAsync(stage, "bare-again", origin.Url)).Url, []));
            variants.Add(("by hand: JWT + limit", (await DotNetPeers.StartHandWrittenAsync(stage, "hand", origin.Url, tokens)).Url, [token]));
        }
        var slowest = double.MaxValue;
        foreach (var (_, url, headers) in variants)
        {
            var most = new Wrk(new Uri(url, Path)) { Headers = headers };
            await most.RunAsync(stage.Settings.WarmUp, stage.Stop);
            slowest = Math.Min(slowest, (await most.RunAsync(stage.Settings.Round, stage.Stop)).PerSecond);
        }
        var load = new H2Load(variants[0].Url, (int)(slowest / 2));
        report.Notes.Add($"{load.RequestsPerSecond} requests/s over {load.Connections} connections for all.");
        var turns = new Turns<(string Name, Uri Url, string[] Headers)>(variants);
        for (var round = 1; round <= stage.Settings.Rounds; round++)
        {
            foreach (var (name, url, headers) in turns.Next())
            {
                var seen = await (load with { Url = new Uri(url, Path), Headers = headers }).RunAsync(stage, stage.Settings.Round);
                foreach (var (metric, value) in seen.Percentiles()) report.Rounds.Add(new Round(Name, name, round, metric, value) { Void = seen.Unexpected > 0 });
            }
        }
        foreach (var (name, _, _) in variants.Skip(1))
        {
            foreach (var metric in LatencyResult.Metrics) report.Subtract(name, Bare, metric, BarOf(name, metric));
        }
    }

    private static Bar? BarOf(string variant, string metric) => (variant, metric) switch
    {
        ("ours: key + limit", "p50 ms") => Bar.Max(0.15),
        ("ours: key + limit", "p99 ms") => Bar.Max(1),
        _ => null,
    };
}
