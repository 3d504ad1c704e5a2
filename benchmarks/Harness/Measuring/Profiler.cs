using System.Globalization;
using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks.Measuring;

/// <summary>
/// Where the CPU of one variant goes: its server under load and perf(1) together, methods by their names.
/// Servers of such a run write the map of their compiled code (<c>DOTNET_PerfMapEnabled</c>).
/// </summary>
internal static class Profiler
{
    private static readonly TimeSpan Recorded = TimeSpan.FromSeconds(10);

    /// <summary>What servers are started with so that perf can name their methods; precompiled code has no names in the map and is left out.</summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } =
        new Dictionary<string, string> { ["DOTNET_PerfMapEnabled"] = "1", ["DOTNET_ReadyToRun"] = "0", ["DOTNET_EnableWriteXorExecute"] = "0" };

    /// <summary>Writes <c>benchmarks/results/profile.txt</c>: threads, methods by their own share, methods with what they call; <c>profile.data</c> is what perf saw.</summary>
    /// <exception cref="MissingToolException">perf is not installed.</exception>
    public static async Task RunAsync(Stage stage, Variant variant)
    {
        Console.WriteLine($"  profile of {variant.Name}");
        for (var slice = 0; slice < 8; slice++) await variant.LoadOf(slice).RunAsync(TimeSpan.FromSeconds(2), stage.Stop);
        var folder = Path.Combine(stage.Settings.Repository, "benchmarks", "results");
        var samples = Path.Combine(folder, "profile.data");
        File.Delete(samples);
        string[] record = ["record", "-F", "999", "-g", "-o", samples, "-p", variant.Server.Id.ToString(CultureInfo.InvariantCulture), "--", "sleep", "10"];
        var recording = Tool.RunAsync("perf", record, stage.Stop);
        var began = TimeProvider.System.GetTimestamp();
        for (var slice = 8; TimeProvider.System.GetElapsedTime(began) < Recorded; slice++) await variant.LoadOf(slice).RunAsync(TimeSpan.FromSeconds(2), stage.Stop);
        await recording;
        var own = await Tool.RunAsync("perf", ["report", "-i", samples, "--no-children", "-g", "none", "--percent-limit", "0.3", "--sort", "symbol", "--stdio"], stage.Stop);
        var below = await Tool.RunAsync("perf", ["report", "-i", samples, "--children", "-g", "none", "--percent-limit", "0.8", "--sort", "symbol", "--stdio"], stage.Stop);
        var threads = await Tool.RunAsync("perf", ["report", "-i", samples, "--no-children", "-g", "none", "--sort", "comm,dso", "--stdio"], stage.Stop);
        var file = Path.Combine(folder, "profile.txt");
        await File.WriteAllTextAsync(file, $"{variant.Name}: threads\n{threads}\n{variant.Name}: own share\n{own}\n{variant.Name}: with what is called\n{below}", stage.Stop);
        Console.WriteLine($"  {file}");
    }
}
