using Gateway.Benchmarks.Load;
using Gateway.Benchmarks.Measuring;
using Gateway.Benchmarks.Peers;
using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks.Scenarios;

/// <summary>What a forwarded GET costs: nothing on it, a key and a limit, a token and a limit; beside plain proxies and what a team would write by hand.</summary>
internal sealed class RoadScenario : Scenario
{
    private const string Bare = "bare YARP";
    private const string ByHand = "by hand: JWT + limit";
    private const string EveryTokenNew = ", every token new";
    private const string Path = "/v1/parcels/4711";

    /// <summary>Tokens of the variants "10,000 tokens".</summary>
    private const int ManyTokens = 10_000;

    public override string Name => "road";

    public override string Summary => "A GET answered with 200 bytes, keep-alive, 32 connections; CPU of the gateway process per request.";

    public override async Task RunAsync(Stage stage, ScenarioReport report)
    {
        var origin = await Origin.StartAsync(stage);
        var tokens = stage.Keep(await Tokens.StartAsync());
        var one = stage.Write("tokens/one", tokens.Headers(1, Ours.Clients)[0] + "\n");
        var many = stage.Write("tokens/many", string.Join('\n', tokens.Headers(ManyTokens, Ours.Clients)) + "\n");
        var fresh = new FreshTokens(stage, tokens, from: ManyTokens);
        var variants = new List<Variant>
        {
            Plain(Bare, await DotNetPeers.StartBareYarpAsync(stage, "bare", origin.Url)),
            Plain("bare YARP again (A/A)", await DotNetPeers.StartBareYarpAsync(stage, "bare-again", origin.Url)),
        };
        if (!stage.Settings.Quick) await AddReferencesAsync();
        variants.AddRange(
        [
            Fresh(ByHand + EveryTokenNew, await DotNetPeers.StartHandWrittenAsync(stage, "hand-new", origin.Url, tokens)),
            Plain("ours: no policy", await OursAsync("ours-open", "")),
            Plain("ours: key + limit", await OursAsync("ours-key", "key, limit"), $"X-Api-Key: {Ours.ApiKey}"),
            WithFile("ours: JWT + limit, 10,000 tokens", await OursAsync("ours-jwt-many", "jwt, limit"), many),
            Fresh("ours: JWT + limit" + EveryTokenNew, await OursAsync("ours-jwt-new", "jwt, limit")),
        ]);
        await SideBySide.RunAsync(stage, report, variants);

        foreach (var variant in variants.Where(v => v.Name is not (Bare or "direct"))) report.Compare(variant.Name, Bare, Metric.Cpu, lessIsBetter: true, BarOf(variant.Name));
        report.Compare("ours: JWT + limit" + EveryTokenNew, ByHand + EveryTokenNew, Metric.Cpu, lessIsBetter: true, Bar.Min(1));
        // A variant whose tokens are counted sends as many as there are, so its rate is the file's.
        foreach (var variant in variants.Where(v => v.Name != Bare && !v.Name.EndsWith(EveryTokenNew, StringComparison.Ordinal))) report.Compare(variant.Name, Bare, Metric.Rate, lessIsBetter: false);

        Task<Server> OursAsync(string name, string policies) => Ours.ServeForwardAsync(stage, name, origin.Url, tokens, policies);

        // What is good to know, but judges nothing.
        async Task AddReferencesAsync()
        {
            variants.Add(Plain("direct", origin));
            await AddAsync("nginx", async () => Plain("nginx", await Nginx.StartProxyAsync(stage, origin.Url)));
            await AddAsync("haproxy", async () => Plain("HAProxy", await HaProxy.StartAsync(stage, origin.Url)));
            await AddAsync("haproxy", async () => WithFile("HAProxy: JWT + rate", await HaProxy.StartWithJwtAsync(stage, origin.Url, tokens), many));
            await AddAsync("caddy", async () => Plain("Caddy", await Caddy.StartAsync(stage, origin.Url)));
            variants.Add(WithFile(ByHand + ", 10,000 tokens", await DotNetPeers.StartHandWrittenAsync(stage, "hand", origin.Url, tokens), many));
            variants.Add(WithFile(ByHand + ", cached, 10,000 tokens", await DotNetPeers.StartHandWrittenAsync(stage, "hand-cached", origin.Url, tokens, cache: true), many));
            variants.Add(WithFile("ours: JWT + limit, one token", await OursAsync("ours-jwt", "jwt, limit"), one));
        }

        async Task AddAsync(string program, Func<Task<Variant>> start)
        {
            try
            {
                variants.Add(await start());
            }
            catch (Exception missing) when (missing is MissingToolException or InvalidOperationException)
            {
                report.Notes.Add($"{program} was left out: {missing.Message.Split('\n')[0]}");
            }
        }

        Variant Fresh(string name, Server server) => new(name, server, slice => new Wrk(new Uri(server.Url, Path)) { ScriptArguments = [fresh.File(slice), "once"] });
    }

    private static Variant Plain(string name, Server server, params string[] headers) => new(name, server, new Wrk(new Uri(server.Url, Path)) { Headers = headers });

    private static Variant WithFile(string name, Server server, string file) => new(name, server, new Wrk(new Uri(server.Url, Path)) { ScriptArguments = [file] });

    private static Bar? BarOf(string variant) => variant switch
    {
        "ours: no policy" => Bar.Min(0.95),
        "ours: key + limit" => Bar.Min(0.88),
        "ours: JWT + limit, 10,000 tokens" => Bar.Min(0.85),
        _ => null,
    };

    /// <summary>Tokens that no gateway has seen: each slice has its own, the same for all variants.</summary>
    private sealed class FreshTokens(Stage stage, Tokens tokens, int from)
    {
        /// <summary>About what is asked in a slice; the load ends with the file.</summary>
        private readonly int _count = stage.Settings.Quick ? 3_000 : 7_000;

        /// <summary>To warm up with: as many as compilation takes to come to its end.</summary>
        private const int WarmUpCount = 40_000;

        private readonly Dictionary<int, string> _files = [];

        public string File(int slice)
        {
            if (_files.TryGetValue(slice, out var known)) return known;
            var headers = tokens.Headers(slice == 0 && !stage.Settings.Quick ? WarmUpCount : _count, Ours.Clients, from + (long)slice * WarmUpCount);
            return _files[slice] = stage.Write($"tokens/slice-{slice}", string.Join('\n', headers) + "\n");
        }
    }
}
