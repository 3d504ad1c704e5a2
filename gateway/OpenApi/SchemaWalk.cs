using System.Text.Json.Nodes;

namespace Gateway.OpenApi;

/// <summary>Finds the schemas within a schema document: where a reference is a reference, and not a value that looks like one.</summary>
internal static class SchemaWalk
{
    /// <summary>Keywords whose value is a schema.</summary>
    public static readonly string[] Single =
    [
        "additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames", "then",
        "unevaluatedItems", "unevaluatedProperties",
    ];

    /// <summary>Keywords whose value is a list of schemas.</summary>
    public static readonly string[] Lists = ["allOf", "anyOf", "items", "oneOf", "prefixItems"];

    /// <summary>Keywords whose value holds schemas by name.</summary>
    public static readonly string[] Maps = ["$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"];

    /// <summary>A schema and all schemas in it, each with its JSON Pointer (RFC 6901) from the root, outer ones first. Booleans are left out.</summary>
    public static IEnumerable<(string Pointer, JsonObject Schema)> Of(JsonNode? schema)
    {
        var open = new Stack<(string Pointer, JsonNode? Node)>([("", schema)]);
        while (open.TryPop(out var next))
        {
            if (next.Node is not JsonObject found) continue;
            yield return (next.Pointer, found);
            foreach (var inner in Inside(found).Reverse()) open.Push((next.Pointer + inner.Pointer, inner.Node));
        }
    }

    /// <summary>A name as it stands in a JSON Pointer (RFC 6901 section 3).</summary>
    public static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>The names and indices that a JSON Pointer consists of.</summary>
    public static string[] Steps(string pointer) =>
        [.. pointer.Split('/').Skip(1).Select(s => s.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

    private static IEnumerable<(string Pointer, JsonNode? Node)> Inside(JsonObject schema)
    {
        foreach (var keyword in Single)
        {
            if (schema[keyword] is JsonObject single) yield return ("/" + keyword, single);
        }
        foreach (var keyword in Lists)
        {
            if (schema[keyword] is not JsonArray list) continue;
            for (var i = 0; i < list.Count; i++) yield return ($"/{keyword}/{i}", list[i]);
        }
        foreach (var keyword in Maps)
        {
            if (schema[keyword] is not JsonObject map) continue;
            foreach (var (name, node) in map) yield return ($"/{keyword}/{Escape(name)}", node);
        }
    }
}
