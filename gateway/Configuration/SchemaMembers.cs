using System.Text.Json;

namespace Gateway.Configuration;

/// <summary>What a JSON Schema of the workspace names, as far as it stands in its own <c>properties</c>.</summary>
internal static class SchemaMembers
{
    private static readonly string[] Elsewhere = ["$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "dependentSchemas"];

    /// <summary>Members of the object that it describes.</summary>
    public static HashSet<string> Of(WorkspaceFiles files, string path)
    {
        using var schema = Read(files, path);
        return schema.RootElement.ValueKind == JsonValueKind.Object && schema.RootElement.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
            ? [.. properties.EnumerateObject().Select(p => p.Name)]
            : [];
    }

    /// <summary>Whether it takes no member that it does not name.</summary>
    public static bool IsClosed(WorkspaceFiles files, string path)
    {
        using var schema = Read(files, path);
        return schema.RootElement.ValueKind == JsonValueKind.Object
            && ((string[])["additionalProperties", "unevaluatedProperties"]).Any(word => schema.RootElement.TryGetProperty(word, out var more) && more.ValueKind == JsonValueKind.False);
    }

    /// <summary>Whether more members may be named where this does not look.</summary>
    public static bool MayBeMore(WorkspaceFiles files, string path)
    {
        using var schema = Read(files, path);
        return schema.RootElement.ValueKind == JsonValueKind.Object && Elsewhere.Any(word => schema.RootElement.TryGetProperty(word, out _));
    }

    private static JsonDocument Read(WorkspaceFiles files, string path) => files[path] is { } content ? JsonDocument.Parse(content) : JsonDocument.Parse("{}");
}
