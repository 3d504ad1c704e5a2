using System.Diagnostics;
using System.Runtime.InteropServices;
using Gateway.Benchmarks.Measuring;
using Gateway.Benchmarks.Scenarios;

namespace Gateway.Benchmarks;

/// <summary><c>[NAME …] [--quick] [--rounds N] [--profile VARIANT]</c>, started by <c>benchmarks/run</c> from the repository's root.</summary>
internal static class CommandLine
{
    /// <summary>Scenarios that measure servers side by side under load.</summary>
    private static readonly string[] Profiled = ["road", "write", "growth"];

    public static async Task<int> RunAsync(string[] args)
    {
        if (!TryParse(args, out var names, out var settings)) return 2;
        using var interrupt = new CancellationTokenSource();
        using var pressed = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var asked = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        var results = new Results(settings);
        var began = Stopwatch.GetTimestamp();
        var failed = false;
        foreach (var scenario in Scenario.All.Where(s => names.Count == 0 || names.Contains(s.Name)))
        {
            if (interrupt.IsCancellationRequested) return 130;
            Console.WriteLine($"\n{scenario.Name}: {scenario.Summary}");
            var started = Stopwatch.GetTimestamp();
            await using var stage = new Stage(settings, interrupt.Token);
            var report = new ScenarioReport(scenario.Name);
            try
            {
                await scenario.RunAsync(stage, report);
            }
            catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
            {
                return 130;
            }
            catch (Exception reason) when (reason is MissingToolException or InvalidOperationException or HttpRequestException or IOException or TimeoutException)
            {
                Console.WriteLine($"  {reason.Message}");
                report = new ScenarioReport(scenario.Name);
                report.Notes.Add($"not measured: {reason.Message}");
                failed |= reason is not MissingToolException;
            }
            if (settings.Profile is not null) continue;
            Console.WriteLine(report.Table());
            Console.WriteLine($"measured in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s");
            results.Add(report);
            results.Save();
        }
        if (settings.Profile is null) Console.WriteLine($"\n{results.File} ({Stopwatch.GetElapsedTime(began).TotalMinutes:0.0} min)");
        return failed ? 1 : 0;

        void Interrupt(PosixSignalContext signal)
        {
            signal.Cancel = true;
            interrupt.Cancel();
        }
    }

    private static bool TryParse(string[] args, out List<string> names, out Settings settings)
    {
        names = [];
        settings = new Settings { Quick = args.Contains("--quick") };
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--quick") continue;
            if (args[i] == "--rounds" && i + 1 < args.Length && int.TryParse(args[i + 1], out var rounds) && rounds > 0)
            {
                settings = settings with { Rounds = rounds };
                i++;
            }
            else if (args[i] == "--profile" && i + 1 < args.Length)
            {
                settings = settings with { Profile = args[++i] };
            }
            else if (Scenario.All.Any(s => s.Name == args[i]))
            {
                names.Add(args[i]);
            }
            else
            {
                Console.Error.WriteLine($"'{args[i]}' is no scenario and no option; there are: {string.Join(", ", Scenario.All.Select(s => s.Name))}, --quick, --rounds N, --profile VARIANT");
                return false;
            }
        }
        if (settings.Profile is null || (names is [var one] && Profiled.Contains(one))) return true;
        Console.Error.WriteLine($"--profile goes with one of {string.Join(", ", Profiled)}");
        return false;
    }
}
