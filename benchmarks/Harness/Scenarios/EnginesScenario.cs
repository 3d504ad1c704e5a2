using System.Text.Json;
using Gateway.Benchmarks.Measuring;
using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks.Scenarios;

/// <summary>An engine by itself, without a gateway around it: measured by <c>benchmarks/Engines</c>, a program of its own because of BenchmarkDotNet.</summary>
internal sealed class EnginesScenario(string name, string summary) : Scenario
{
    public override string Name => name;

    public override string Summary => summary;

    public override async Task RunAsync(Stage stage, ScenarioReport report)
    {
        if (!Directory.Exists(Path.Combine(stage.Settings.Node, "node_modules", "jsonata"))) throw new MissingToolException("ajv and jsonata are not installed");
        var file = Path.Combine(stage.Folder("engines"), "results.json");
        string[] arguments = [stage.Settings.Built("Gateway.Benchmarks.Engines", "Engines"), name, "--out", file, "--node", stage.Settings.Node, "--rounds", $"{stage.Settings.Rounds}", .. stage.Settings.Quick ? ["--quick"] : Array.Empty<string>()];
        var said = await Tool.RunAsync("dotnet", arguments, stage.Stop);
        if (!File.Exists(file)) throw new InvalidOperationException($"the engines were not measured:\n{said}");
        using var results = JsonDocument.Parse(await File.ReadAllBytesAsync(file, stage.Stop));
        foreach (var round in results.RootElement.GetProperty("rounds").EnumerateArray())
            report.Rounds.Add(new Round(name, Text(round, "variant")!, round.GetProperty("round").GetInt32(), Text(round, "unit")!, round.GetProperty("value").GetDouble()));
        report.Rows.AddRange(results.RootElement.GetProperty("rows").EnumerateArray().Select(row => RowOf(row, report)));
        report.Notes.AddRange(results.RootElement.GetProperty("notes").EnumerateObject().Select(note => $"{note.Name}: {note.Value}"));
    }

    private Row RowOf(JsonElement row, ScenarioReport report) => new(name, Text(row, "variant")!, Text(row, "baseline"), Text(row, "unit")!)
    {
        Value = Number(row, "value_median") ?? double.NaN,
        BaselineValue = Number(row, "baseline_median"),
        RatioMedian = Number(row, "ratio_median"),
        RatioLow = Number(row, "ratio_low"),
        RatioHigh = Number(row, "ratio_high"),
        Bar = Text(row, "bar"),
        Holds = row.GetProperty("holds") is { ValueKind: JsonValueKind.True or JsonValueKind.False } holds ? holds.GetBoolean() : null,
        Rounds = report.Rounds.Where(r => r.Variant == Text(row, "variant")).Select(r => r.Number).Distinct().Count(),
    };

    private static string? Text(JsonElement from, string member) => from.GetProperty(member).ValueKind == JsonValueKind.Null ? null : from.GetProperty(member).GetString();

    private static double? Number(JsonElement from, string member) => from.GetProperty(member) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;
}
