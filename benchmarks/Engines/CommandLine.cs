using Gateway.Benchmarks.Engines.Contract;
using Gateway.Benchmarks.Engines.Mapping;
using Gateway.Benchmarks.Engines.Measuring;

namespace Gateway.Benchmarks.Engines;

/// <summary><c>contract|mapping --out FILE --rounds N [--quick] --node DIR</c>. Exit codes: 0 measured, 1 an engine gave the wrong result, 2 could not run.</summary>
internal static class CommandLine
{
    private const string Usage = "usage: Engines contract|mapping --out FILE --rounds N [--quick] --node DIR, DIR holding the packages ajv, ajv-formats and jsonata";

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [("contract" or "mapping") and var name, .. var rest] || ValueOf(rest, "--out") is not { } file || ValueOf(rest, "--node") is not { } packages
            || !int.TryParse(ValueOf(rest, "--rounds"), out var count) || count < 1)
        {
            return Refuse(Usage, 2);
        }
        var report = new Report(name);
        var rounds = new Rounds(report, count, warmUps: rest.Contains("--quick") ? 1 : 3);
        try
        {
            await (name == "contract" ? ContractScenario.RunAsync(rounds, packages) : MappingScenario.RunAsync(rounds, packages));
        }
        catch (WrongResultException wrong)
        {
            return Refuse(wrong.Message, 1);
        }
        catch (CannotMeasureException cannot)
        {
            return Refuse(cannot.Message, 2);
        }
        report.Save(file);
        Console.WriteLine(report.Table());
        return 0;
    }

    private static string? ValueOf(string[] args, string option) =>
        Array.IndexOf(args, option) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    private static int Refuse(string message, int code)
    {
        Console.Error.WriteLine(message);
        return code;
    }
}

/// <summary>An engine does not do what is to be measured: its time would mean nothing.</summary>
internal sealed class WrongResultException(string message) : Exception(message);

/// <summary>Something that is needed is not there.</summary>
internal sealed class CannotMeasureException(string message) : Exception(message);
