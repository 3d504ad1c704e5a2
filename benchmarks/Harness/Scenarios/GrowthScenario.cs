using System.Diagnostics;
using System.Globalization;
using Gateway.Benchmarks.Load;
using Gateway.Benchmarks.Measuring;
using Gateway.Benchmarks.Peers;
using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks.Scenarios;

/// <summary>What more routes, consumers and connections cost: CPU per request, memory, and the time to compile a workspace.</summary>
internal sealed class GrowthScenario : Scenario
{
    private const string Least = "10 routes, 1 consumer";
    private const string Again = Least + " again (A/A)";
    private const string ManyRoutes = "2,000 routes, 1 consumer";

    private static readonly (string Name, int Routes, int Consumers)[] Steps =
    [
        (Least, 10, 1), (Again, 10, 1), ("100 routes, 1 consumer", 100, 1), (ManyRoutes, 2_000, 1),
        ("10 routes, 100 consumers", 10, 100), ("10 routes, 10,000 consumers", 10, 10_000),
    ];

    private static readonly int[] Connections = [16, 256, 1_024];

    public override string Name => "growth";

    public override string Summary => "The road with key and limit while the workspace grows; requests go to all routes, from all consumers, at random.";

    public override async Task RunAsync(Stage stage, ScenarioReport report)
    {
        var origin = await Origin.StartAsync(stage);
        var variants = new List<Variant>();
        foreach (var (name, routes, consumers) in stage.Settings.Quick ? Steps.Where(s => s.Routes is 10 or 2_000 && s.Consumers is 1 or 10_000) : Steps)
        {
            await AddAsync(name, routes, consumers, 32);
            // A server for each, so that its memory is its own.
            foreach (var connections in name == ManyRoutes && !stage.Settings.Quick ? Connections : []) await AddAsync(Of(connections), routes, consumers, connections);
        }
        foreach (var variant in variants) report.Rounds.Add(new Round(Name, variant.Name, 1, "resident MB, idle", Megabytes(variant.Server)));
        await SideBySide.RunAsync(stage, report, variants);
        foreach (var variant in variants) report.Rounds.Add(new Round(Name, variant.Name, 1, "resident MB, after the load", Megabytes(variant.Server)));

        report.Compare(Again, Least, Metric.Cpu, lessIsBetter: true);
        // Flat is: not below 0.95 by more than two equal servers differ, and they must not differ by more than 5 %.
        var flat = Bar.Min(0.95 * Math.Clamp(report.Rows[^1].RatioLow ?? 1, 0.95, 1));
        foreach (var (name, _, _) in Steps.Where(s => s.Name is not (Least or Again) && variants.Exists(v => v.Name == s.Name)))
            report.Compare(name, Least, Metric.Cpu, lessIsBetter: true, flat);
        foreach (var connections in Connections.Where(c => variants.Exists(v => v.Name == Of(c)))) report.Compare(Of(connections), ManyRoutes, Metric.Cpu, lessIsBetter: true);
        foreach (var variant in variants)
        {
            report.Tell(variant.Name, "resident MB, idle");
            report.Tell(variant.Name, "resident MB, after the load");
        }
        await ValidateAsync(stage, report, origin);

        async Task AddAsync(string name, int routes, int consumers, int connections)
        {
            var folder = stage.Folder($"step-{variants.Count}");
            Workspaces.Write(folder, routes, consumers, origin.Url);
            var requests = stage.Write($"requests-{variants.Count}", Workspaces.Requests(routes, consumers));
            var server = await Ours.ServeAsync(stage, $"step-{variants.Count}-serve", folder);
            variants.Add(new Variant(name, server, new Wrk(server.Url) { Connections = connections, Script = Path.Combine(AppContext.BaseDirectory, "Load", "workspace.lua"), ScriptArguments = [requests] }));
        }
    }

    private static string Of(int connections) => string.Create(CultureInfo.InvariantCulture, $"{ManyRoutes}, {connections:#,##0} connections");

    /// <summary>The whole process, as it runs in CI.</summary>
    private async Task ValidateAsync(Stage stage, ScenarioReport report, Server origin)
    {
        foreach (var (name, consumers, bar) in new[] { ("validate: 2,000 routes", 100, Bar.Max(2.5)), ("validate: 2,000 routes, 10,000 consumers", 10_000, null) })
        {
            var folder = stage.Folder($"validate-{consumers}");
            Workspaces.Write(folder, 2_000, consumers, origin.Url);
            for (var round = 1; round <= stage.Settings.Rounds; round++)
            {
                var began = Stopwatch.GetTimestamp();
                var said = await Tool.RunAsync("dotnet", [stage.Settings.Built("Gateway", "gateway"), "validate", folder], stage.Stop);
                var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
                report.Rounds.Add(new Round(Name, name, round, "seconds, whole process", seconds) { Void = !said.Contains("valid: 2000 routes", StringComparison.Ordinal) });
            }
            report.Tell(name, "seconds, whole process", bar);
        }
    }

    private static double Megabytes(Server server) => server.ResidentBytes / 1e6;
}
