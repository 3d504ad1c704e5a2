using Gateway.Benchmarks.Load;
using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks.Measuring;

/// <summary>One server under one load. <paramref name="LoadOf"/> gives the load of a round, so that a round may have requests of its own; round 0 warms up.</summary>
internal sealed record Variant(string Name, Server Server, Func<int, Wrk> LoadOf)
{
    public Variant(string name, Server server, Wrk load) : this(name, server, _ => load)
    {
    }
}

/// <summary>
/// Variants measured side by side: each once in every round, in an order that moves on by one with every round, so that what the machine does
/// meanwhile falls on all of them alike. Comparisons are made within a round.
/// </summary>
internal static class SideBySide
{
    public static async Task RunAsync(Stage stage, ScenarioReport report, IReadOnlyList<Variant> variants)
    {
        foreach (var variant in variants)
        {
            var warm = await variant.LoadOf(0).RunAsync(stage.Settings.WarmUp, stage.Stop);
            if (warm.Unexpected > 0) Console.WriteLine($"  {variant.Name}: {warm.Unexpected} unexpected answers while warming up");
        }
        for (var round = 1; round <= stage.Settings.Rounds; round++)
        {
            for (var i = 0; i < variants.Count; i++)
            {
                var variant = variants[(i + round) % variants.Count];
                await MeasureAsync(stage, report, variant, round);
            }
            Console.Write($"\r  round {round} of {stage.Settings.Rounds}");
        }
        Console.WriteLine();
    }

    private static async Task MeasureAsync(Stage stage, ScenarioReport report, Variant variant, int round)
    {
        await variant.Server.RestAsync(stage.Stop);
        var before = variant.Server.Cpu;
        var seen = await variant.LoadOf(round).RunAsync(stage.Settings.Round, stage.Stop);
        await variant.Server.RestAsync(stage.Stop);
        var cpu = (variant.Server.Cpu - before).TotalMicroseconds / Math.Max(1, seen.Requests);
        var wrong = seen.Unexpected > 0 || seen.Requests == 0;
        if (wrong) Console.WriteLine($"\r  {variant.Name}, round {round}: {seen.Unexpected} unexpected answers of {seen.Requests}; the round is void");
        report.Rounds.Add(new Round(report.Scenario, variant.Name, round, Metric.Rate, seen.PerSecond) { Void = wrong });
        report.Rounds.Add(new Round(report.Scenario, variant.Name, round, Metric.Cpu, cpu) { Void = wrong });
    }
}
