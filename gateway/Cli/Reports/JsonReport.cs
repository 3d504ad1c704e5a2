using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Cli.Reports;

/// <summary><c>{"verb","summary","facts":{…},"findings":[{"rule","level","file","line","column","message","cure"}],"cases":[{"suite","name","file","line","passed","wrong"}]}</c></summary>
internal static class JsonReport
{
    public static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(Report report, TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            json.WriteString("verb", report.Verb);
            json.WriteString("summary", report.Summary);
            json.WriteStartObject("facts");
            foreach (var (name, value) in report.Facts)
            {
                json.WritePropertyName(name);
                JsonSerializer.Serialize(json, value);
            }
            json.WriteEndObject();
            json.WriteStartArray("findings");
            foreach (var remark in report.Remarks) WriteRemark(json, remark);
            json.WriteEndArray();
            json.WriteStartArray("cases");
            foreach (var trial in report.Trials) WriteTrial(json, trial);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    private static void WriteRemark(Utf8JsonWriter json, Remark remark)
    {
        json.WriteStartObject();
        json.WriteString("rule", remark.Rule);
        json.WriteString("level", remark.Level.ToString().ToLowerInvariant());
        WritePlace(json, remark.Place);
        json.WriteString("message", remark.Message);
        if (remark.Cure.Length > 0) json.WriteString("cure", remark.Cure);
        json.WriteEndObject();
    }

    private static void WriteTrial(Utf8JsonWriter json, Trial trial)
    {
        json.WriteStartObject();
        json.WriteString("suite", trial.Suite);
        json.WriteString("name", trial.Name);
        WritePlace(json, trial.Place);
        json.WriteBoolean("passed", trial.Wrong is null);
        if (trial.Wrong is not null) json.WriteString("wrong", trial.Wrong);
        json.WriteEndObject();
    }

    private static void WritePlace(Utf8JsonWriter json, Place place)
    {
        if (place.File.Length == 0) return;
        json.WriteString("file", place.File);
        if (place.Line == 0) return;
        json.WriteNumber("line", place.Line);
        json.WriteNumber("column", place.Column);
    }
}
