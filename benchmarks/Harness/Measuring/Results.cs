using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Gateway.Benchmarks.Scenarios;

namespace Gateway.Benchmarks.Measuring;

/// <summary>
/// <c>benchmarks/results/latest.json</c>, and the same as tables in <c>latest.md</c>; a quick run, and one of fewer rounds, writes <c>quick.*</c>. A run of some scenarios
/// replaces theirs and leaves the others, each with the moment it was measured.
/// </summary>
internal sealed class Results(Settings settings)
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly List<ScenarioReport> _reports = [];

    public string File { get; } = Path.Combine("benchmarks", "results", settings.Quick || settings.Rounds < Settings.WholeRounds ? "quick.json" : "latest.json");

    /// <summary>Takes a report up. One without a row does not replace what an earlier run has measured.</summary>
    public void Add(ScenarioReport report)
    {
        if (report.Rows.Count > 0 || Before().All(b => b.Name != report.Scenario)) _reports.Add(report);
    }

    public void Save()
    {
        var measured = _reports.ToDictionary(r => r.Scenario, r => (JsonNode)new JsonObject
        {
            ["measured_at"] = r.MeasuredAt.ToString("s", CultureInfo.InvariantCulture) + "Z",
            ["commit"] = r.Commit,
            ["machine"] = Machine.Describe(),
            ["versions"] = Machine.Versions(),
            ["settings"] = new JsonObject { ["rounds"] = settings.Rounds, ["seconds"] = settings.Round.TotalSeconds, ["quick"] = settings.Quick },
            ["notes"] = JsonSerializer.SerializeToNode(r.Notes, Format),
            ["table"] = r.Table(),
            ["rows"] = JsonSerializer.SerializeToNode(r.Rows, Format),
            ["rounds"] = JsonSerializer.SerializeToNode(r.Rounds, Format),
        });
        foreach (var (name, before) in Before()) measured.TryAdd(name, before);
        var order = Scenario.All.Select(s => s.Name).Where(measured.ContainsKey).ToList();
        var whole = new JsonObject
        {
            ["machine"] = Machine.Describe(),
            ["versions"] = Machine.Versions(),
            ["rows"] = new JsonArray([.. order.SelectMany(n => measured[n]["rows"]!.AsArray()).Select(row => row!.DeepClone())]),
            ["scenarios"] = new JsonObject(order.Select(n => KeyValuePair.Create(n, (JsonNode?)WithoutRows(measured[n])))),
        };
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(File))!);
        System.IO.File.WriteAllText(File, whole.ToJsonString(Format) + "\n");
        System.IO.File.WriteAllText(Path.ChangeExtension(File, ".md"), Markdown(order, whole));
    }

    /// <summary>What an earlier run measured, by scenario.</summary>
    private IEnumerable<(string Name, JsonNode Measured)> Before()
    {
        if (!System.IO.File.Exists(File) || JsonNode.Parse(System.IO.File.ReadAllText(File)) is not JsonObject before) yield break;
        foreach (var (name, one) in before["scenarios"]?.AsObject() ?? [])
        {
            var copy = one!.DeepClone();
            copy["rows"] = new JsonArray([.. before["rows"]!.AsArray().Where(r => (string?)r!["scenario"] == name).Select(r => r!.DeepClone())]);
            yield return (name, copy);
        }
    }

    private static JsonNode WithoutRows(JsonNode measured)
    {
        var copy = measured.DeepClone().AsObject();
        copy.Remove("rows");
        return copy;
    }

    private static string Markdown(IEnumerable<string> order, JsonObject whole)
    {
        var text = new StringBuilder("# What was measured last\n\nEach scenario tells when, and at which commit; a + behind it: with changes that were not committed. Written by `benchmarks/run`; how to read it stands in [the README](../README.md).\n\n");
        foreach (var name in order)
        {
            var scenario = whole["scenarios"]![name]!;
            text.AppendLine(CultureInfo.InvariantCulture, $"\n## {name}\n\n{Scenario.All.First(s => s.Name == name).Summary} Measured {scenario["measured_at"]} at {scenario["commit"]} in {scenario["settings"]?["rounds"]} rounds on {scenario["machine"]?["processor"]}, {scenario["machine"]?["cores"]} cores.\n\n{((string)scenario["table"]!).TrimEnd()}");
        }
        return text.ToString();
    }
}
