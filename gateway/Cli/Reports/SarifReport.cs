using System.Text;
using System.Text.Json;

namespace Gateway.Cli.Reports;

/// <summary>Static Analysis Results Interchange Format 2.1.0 (OASIS): one run, a rule for each code, a result for each finding and each failed case.</summary>
internal static class SarifReport
{
    private const string FailedCase = "case-failed";

    public static void Write(Report report, TextWriter output)
    {
        var results = report.Remarks
            .Concat(report.Trials.Where(t => t.Wrong is not null).Select(t => new Remark(FailedCase, ReportLevel.Error, t.Place, $"{t.Suite}: {t.Name}: {t.Wrong}", "")))
            .ToList();
        var rules = results.Select(r => r.Rule).Distinct().Order(StringComparer.Ordinal).ToList();
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, JsonReport.Readable))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json");
            json.WriteString("version", "2.1.0");
            json.WriteStartArray("runs");
            json.WriteStartObject();
            WriteTool(json, rules);
            // Section 3.14.17: columns are counted in UTF-16 units.
            json.WriteString("columnKind", "utf16CodeUnits");
            json.WriteStartArray("results");
            foreach (var result in results) WriteResult(json, result, rules.IndexOf(result.Rule));
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }
        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    private static void WriteTool(Utf8JsonWriter json, List<string> rules)
    {
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", "gateway");
        json.WriteString("semanticVersion", typeof(SarifReport).Assembly.GetName().Version?.ToString(3) ?? "0.0.0");
        json.WriteStartArray("rules");
        foreach (var rule in rules)
        {
            json.WriteStartObject();
            json.WriteString("id", rule);
            if (CarriedPage.Find(rule) is { } page) WriteHelp(json, page);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Section 3.49.13: what somebody reads who has the finding and not this repository. A page is plain enough to be its own plain text.</summary>
    private static void WriteHelp(Utf8JsonWriter json, CarriedPage page)
    {
        json.WriteStartObject("shortDescription");
        json.WriteString("text", page.Meaning);
        json.WriteEndObject();
        json.WriteStartObject("help");
        json.WriteString("text", page.Markdown);
        json.WriteString("markdown", page.Markdown);
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, Remark result, int rule)
    {
        json.WriteStartObject();
        json.WriteString("ruleId", result.Rule);
        json.WriteNumber("ruleIndex", rule);
        json.WriteString("level", result.Level.ToString().ToLowerInvariant());
        json.WriteStartObject("message");
        json.WriteString("text", result.Whole);
        json.WriteEndObject();
        if (result.Place.File.Length > 0) WriteLocation(json, result.Place);
        json.WriteEndObject();
    }

    private static void WriteLocation(Utf8JsonWriter json, Place place)
    {
        json.WriteStartArray("locations");
        json.WriteStartObject();
        json.WriteStartObject("physicalLocation");
        json.WriteStartObject("artifactLocation");
        json.WriteString("uri", string.Join('/', place.File.Split('/').Select(Uri.EscapeDataString)));
        json.WriteEndObject();
        if (place.Line > 0)
        {
            json.WriteStartObject("region");
            json.WriteNumber("startLine", place.Line);
            json.WriteNumber("startColumn", Math.Max(1, place.Column));
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
