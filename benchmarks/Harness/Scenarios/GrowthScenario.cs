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

    public override string Name => "growth";

    public override string Summary => "The road with key and limit while the workspace grows; requests go to all routes, from all consumers, at random.";

    public override async Task RunAsync(Stage stage, ScenarioReport report)
    {
        var origin = await Origin.StartAsync(stage);
        var variants = new List<Variant>();
        foreach (var (name, routes, consumers) in stage.Settings.Quick ? Steps.Where(s => s.Routes is 10 or 2_000 && s.Consumers is 1 or 10_000) : Steps)
        {
            var folder = stage.Folder($"step-{variants.Count}");
            Workspaces.Write(folder, routes, consumers, origin.Url);
            var requests = stage.Write($"requests-{variants.Count}", Workspaces.Requests(routes, consumers));
            var server = await Ours.ServeAsync(stage, $"step-{variants.Count}-serve", folder);
            Variant Of(string variant, int connections) => new(variant, server, new Wrk(server.Url) { Connections = connections, Script = Path.Combine(AppContext.BaseDirectory, "Load", "workspace.lua"), ScriptArguments = [requests] });
            variants.Add(Of(name, 32));
            if (name == ManyRoutes && !stage.Settings.Quick) variants.AddRange(new[] { 16, 256, 1_024 }.Select(c => Of(string.Create(CultureInfo.InvariantCulture, $"{ManyRoutes}, {c:#,##0} connections"), c)));
        }
        foreach (var variant in variants.DistinctBy(v => v.Server)) report.Rounds.Add(new Round(Name, variant.Name, 1, "resident MB, idle", Megabytes(variant.Server)));
        await SideBySide.RunAsync(stage, report, variants);
        foreach (var variant in variants.DistinctBy(v => v.Server)) report.Rounds.Add(new Round(Name, variant.Name, 1, "resident MB, after the load", Megabytes(variant.Server)));

        report.Compare(Again, Least, Metric.Cpu, lessIsBetter: true);
        // Flat is: not below 0.95 by more than two equal servers differ. A run in which those differ by more than 5 % proves nothing, and passes nothing.
        var spread = Math.Clamp(report.Rows.LastOrDefault()?.RatioLow ?? 1, 0.95, 1);
        var flat = Bar.Min(0.95 * spread);
        foreach (var variant in variants.Where(v => v.Name is not (Least or Again)))
            report.Compare(variant.Name, Least, Metric.Cpu, lessIsBetter: true, variant.Name.Contains("connections", StringComparison.Ordinal) ? null : flat);
        foreach (var variant in variants)
        {
            report.Tell(variant.Name, "resident MB, idle");
            report.Tell(variant.Name, "resident MB, after the load");
        }
        await ValidateAsync(stage, report, origin);
    }

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
