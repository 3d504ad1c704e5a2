using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Gateway.Benchmarks.Load;
using Gateway.Benchmarks.Measuring;
using Gateway.Benchmarks.Peers;
using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks.Scenarios;

/// <summary>A workspace of 2,000 routes is rewritten while callers call: who is lost, who waits, and how long until the new one is served.</summary>
internal sealed partial class ReloadScenario : Scenario
{
    private const string Before = "before the reload";
    private const string During = "during the reload";
    private const string Reload = "reload of 2,000 routes";
    private const int Routes = 2_000;
    /// <summary>As long before a reload as during one: more requests have worse worst ones.</summary>
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WatchedWhenQuick = TimeSpan.FromSeconds(2);

    public override string Name => "reload";

    public override string Summary => "A workspace with 2,000 routes is written anew, each API changed and a route added, under an open load of a quarter of what the gateway can do.";

    public override async Task RunAsync(Stage stage, ScenarioReport report)
    {
        var origin = await Origin.StartAsync(stage);
        var folder = stage.Folder("reload");
        Workspaces.Write(folder, Routes, 100, origin.Url);
        var server = await Ours.ServeAsync(stage, "reload-serve", folder);
        var url = new Uri(server.Url, Workspaces.Paths(Routes).First());
        string[] headers = [$"X-Api-Key: {Workspaces.Key(0)}"];
        var most = new Wrk(url) { Headers = headers };
        await most.RunAsync(stage.Settings.WarmUp, stage.Stop);
        var load = new H2Load(url, (int)((await most.RunAsync(stage.Settings.Round, stage.Stop)).PerSecond / 4)) { Headers = headers };
        var lost = 0L;
        var watched = stage.Settings.Quick ? WatchedWhenQuick : Watched;
        // The first reload compiles code that no start has used.
        for (var round = 0; round <= stage.Settings.Rounds; round++)
        {
            var calm = await load.RunAsync(stage, watched);
            var running = load.RunAsync(stage, watched);
            TimeSpan added;
            LatencyResult seen;
            try
            {
                added = await AddRouteAsync(stage, server, folder, origin.Url, round);
            }
            finally
            {
                seen = await running;
            }
            lost += calm.Unexpected + seen.Unexpected;
            if (round == 0) continue;
            foreach (var (name, result) in new[] { (Before, calm), (During, seen) })
            {
                foreach (var (metric, value) in result.Percentiles()) report.Rounds.Add(new Round(Name, name, round, metric, value));
            }
            report.Rounds.Add(new Round(Name, Reload, round, "seconds until served", added.TotalSeconds));
            if (LastCompile(server) is { } milliseconds) report.Rounds.Add(new Round(Name, Reload, round, "seconds to read and compile, warm", milliseconds / 1000));
        }
        // Of all reloads together: one that loses is one too many.
        report.Rounds.Add(new Round(Name, Reload, 1, "requests lost", lost));
        report.Tell(Reload, "requests lost", Bar.Max(0));
        report.Tell(Reload, "seconds to read and compile, warm", Bar.Max(1));
        report.Tell(Reload, "seconds until served");
        foreach (var metric in LatencyResult.Metrics) report.Subtract(During, Before, metric);
        report.Notes.Add($"{load.RequestsPerSecond} requests/s over {load.Connections} connections; requests lost are those of all reloads, the first too, which compiles code that no start has used. Percentiles are over {watched.TotalSeconds:0} s, of which a reload takes less than one.");
    }

    /// <summary>Rewrites every file and adds a route of its own for this round; returns how long the gateway takes to answer on it.</summary>
    private static async Task<TimeSpan> AddRouteAsync(Stage stage, Server server, string folder, Uri backend, int round)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("X-Api-Key", Workspaces.Key(0));
        var path = string.Create(CultureInfo.InvariantCulture, $"/v1/added/{round}");
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, stage.Stop);
        var began = TimeProvider.System.GetTimestamp();
        Workspaces.Write(folder, Routes - 1, 100, backend, note: path);
        File.WriteAllText(Path.Combine(folder, "routes", "added.yaml"),
            $"apis:\n  added:\n    owner: benchmarks\n    routes:\n      added.read: {{ match: GET {path}, policies: [partner-callers], target: {{ forward: origin }} }}\n");
        while (TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60))
        {
            using var answer = await client.GetAsync(new Uri(server.Url, path), stage.Stop);
            if (answer.StatusCode == HttpStatusCode.OK) return TimeProvider.System.GetElapsedTime(began);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, stage.Stop);
        }
        throw new InvalidOperationException($"the changed workspace is not served:\n{server.Output}");
    }

    /// <summary>What the gateway's log says of its last reload.</summary>
    private static double? LastCompile(Server server) => CompiledIn().Matches(server.Output) is [.., var last] ? double.Parse(last.Groups[1].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex("read and compiled in ([0-9]+) ms")]
    private static partial Regex CompiledIn();
}
