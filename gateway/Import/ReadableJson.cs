using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Import;

/// <summary>JSON as people write it: what holds only plain values stands on one line where it fits there.</summary>
internal static class ReadableJson
{
    private const int Width = 120;

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(JsonNode node)
    {
        var text = new StringBuilder();
        Write(text, node, 0);
        return Encoding.UTF8.GetBytes(text.Append('\n').ToString());
    }

    private static void Write(StringBuilder text, JsonNode? node, int depth)
    {
        var (open, close, items) = node switch
        {
            JsonObject members => ("{", "}", members.Select(m => (Name: Quoted(m.Key) + ": ", m.Value)).ToList()),
            JsonArray list => ("[", "]", list.Select(i => (Name: "", Value: i)).ToList()),
            _ => ("", "", []),
        };
        var margin = new string(' ', 2 * depth);
        if (items.Count == 0) text.Append(open.Length > 0 ? open + close : Scalar(node));
        else if (OneLine(node!, items, Width - margin.Length) is { } line && depth > 0) text.Append(line);
        else
        {
            text.Append(open);
            for (var i = 0; i < items.Count; i++)
            {
                text.Append(i == 0 ? "\n" : ",\n").Append(margin).Append("  ").Append(items[i].Name);
                Write(text, items[i].Value, depth + 1);
            }
            text.Append('\n').Append(margin).Append(close);
        }
    }

    private static string? OneLine(JsonNode node, List<(string Name, JsonNode? Value)> items, int room)
    {
        if (items.Count * 3 > room || items.Any(i => i.Value is JsonObject or JsonArray && !(node is JsonObject && IsFlat(i.Value)))) return null;
        var inner = string.Join(", ", items.Select(i => i.Name + (i.Value is JsonArray list ? $"[{string.Join(", ", list.Select(Scalar))}]" : Scalar(i.Value))));
        var line = node is JsonObject ? $"{{ {inner} }}" : $"[{inner}]";
        return line.Length <= room ? line : null;
    }

    private static bool IsFlat(JsonNode value) => value is JsonArray list && list.All(i => i is not (JsonObject or JsonArray));

    private static string Scalar(JsonNode? value) => value?.ToJsonString(Plain) ?? "null";

    private static string Quoted(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";
}
