using Gateway.Benchmarks.Load;
using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks.Measuring;

/// <summary>One server under one load. <paramref name="LoadOf"/> gives the load of a slice, counted from 1, so that each may have requests of its own; 0 warms up.</summary>
internal sealed record Variant(string Name, Server Server, Func<int, Wrk> LoadOf)
{
    public Variant(string name, Server server, Wrk load) : this(name, server, _ => load)
    {
    }
}

/// <summary>
/// Variants measured side by side: each in every round, a slice at a time, so that what the machine does meanwhile falls on all of them alike.
/// Comparisons are made within a round. Who comes when: <see cref="Turns{T}"/>.
/// </summary>
internal static class SideBySide
{
    public static async Task RunAsync(Stage stage, ScenarioReport report, IReadOnlyList<Variant> variants)
    {
        if (stage.Settings.Profile is { } wanted)
        {
            if (variants.FirstOrDefault(v => v.Name.Contains(wanted, StringComparison.Ordinal)) is { } profiled) await Profiler.RunAsync(stage, profiled);
            else Console.WriteLine($"  no variant is called like '{wanted}' among: {string.Join("; ", variants.Select(v => v.Name))}");
            return;
        }
        foreach (var variant in variants)
        {
            var warm = await variant.LoadOf(0).RunAsync(stage.Settings.WarmUp, stage.Stop);
            if (warm.Unexpected > 0) Console.WriteLine($"  {variant.Name}: {warm.Unexpected} unexpected answers while warming up");
        }
        var slices = stage.Settings.SlicesPerRound;
        var turns = new Turns<Variant>(variants);
        for (var round = 1; round <= stage.Settings.Rounds; round++)
        {
            var seen = variants.ToDictionary(v => v, _ => new Seen());
            for (var slice = (round - 1) * slices + 1; slice <= round * slices; slice++)
            {
                foreach (var variant in turns.Next()) seen[variant] = seen[variant].And(await MeasureAsync(stage, variant, slice));
            }
            foreach (var (variant, all) in seen) Report(report, variant, round, all);
            Console.Write($"\r  round {round} of {stage.Settings.Rounds}");
        }
        Console.WriteLine();
    }

    private static async Task<Seen> MeasureAsync(Stage stage, Variant variant, int slice)
    {
        // Some loads take time to make.
        var wanted = variant.LoadOf(slice);
        if (!stage.Settings.Quick) await variant.Server.RestAsync(stage.Stop);
        var before = variant.Server.Cpu;
        var load = await wanted.RunAsync(stage.Settings.Slice, stage.Stop);
        await variant.Server.RestAsync(stage.Stop);
        return new Seen(load.Requests, load.Seconds, variant.Server.Cpu - before, load.Unexpected);
    }

    private static void Report(ScenarioReport report, Variant variant, int round, Seen seen)
    {
        var wrong = seen.Unexpected > 0 || seen.Requests == 0;
        if (wrong) Console.WriteLine($"\r  {variant.Name}, round {round}: {seen.Unexpected} unexpected answers of {seen.Requests}; the round is void");
        report.Rounds.Add(new Round(report.Scenario, variant.Name, round, Metric.Rate, seen.Requests / seen.Seconds) { Void = wrong });
        report.Rounds.Add(new Round(report.Scenario, variant.Name, round, Metric.Cpu, seen.Cpu.TotalMicroseconds / Math.Max(1, seen.Requests)) { Void = wrong });
    }

    private readonly record struct Seen(long Requests, double Seconds, TimeSpan Cpu, long Unexpected)
    {
        public Seen And(Seen more) => new(Requests + more.Requests, Seconds + more.Seconds, Cpu + more.Cpu, Unexpected + more.Unexpected);
    }
}
