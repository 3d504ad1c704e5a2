using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Demo;

/// <summary>JSON for people: what fits on a line stands on one, and only what does not is taken apart.</summary>
internal static class Layout
{
    private const int Width = 150;
    private static readonly JsonWriterOptions AsTheyAre = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The lines of a document; the text itself where it is no JSON.</summary>
    public static IEnumerable<string> Lines(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var lines = new List<string>();
            Write(json.RootElement, "", "", "", lines);
            return lines;
        }
        catch (JsonException)
        {
            return text.Split('\n');
        }
    }

    /// <param name="before">Name of the member, where it is one.</param>
    /// <param name="behind">A comma, where something follows.</param>
    private static void Write(JsonElement value, string indent, string before, string behind, List<string> lines)
    {
        var flat = indent + before + Flat(value) + behind;
        if (flat.Length <= Width || value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
        {
            lines.Add(flat);
            return;
        }
        var (open, close) = value.ValueKind == JsonValueKind.Object ? ("{", "}") : ("[", "]");
        var parts = value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().Select(m => (Before: $"\"{m.Name}\": ", m.Value)).ToList()
            : value.EnumerateArray().Select(e => (Before: "", Value: e)).ToList();
        lines.Add(indent + before + open);
        for (var i = 0; i < parts.Count; i++) Write(parts[i].Value, indent + "  ", parts[i].Before, i < parts.Count - 1 ? "," : "", lines);
        lines.Add(indent + close + behind);
    }

    private static string Flat(JsonElement value)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, AsTheyAre)) value.WriteTo(json);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
