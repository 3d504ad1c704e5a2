using System.Text.Json.Nodes;

namespace Gateway.OpenApi;

/// <summary>A contract of draft-07 in the words of 2020-12, which is what OpenAPI 3.1 speaks.</summary>
internal static class DraftSeven
{
    public static void Translate(JsonObject document)
    {
        foreach (var (_, schema) in SchemaWalk.Of(document).ToList())
        {
            // Beside a reference nothing counted.
            if (schema.ContainsKey("$ref"))
            {
                foreach (var idle in schema.Select(m => m.Key).Where(k => k is not ("$ref" or "title" or "description" or "definitions") && !k.StartsWith("x-", StringComparison.Ordinal)).ToList())
                    schema.Remove(idle);
            }
            if ((string?)schema["$id"] is ['#', .. var anchor])
            {
                schema.Remove("$id");
                schema["$anchor"] = anchor;
            }
            Items(schema);
            Dependencies(schema);
        }
    }

    private static void Items(JsonObject schema)
    {
        if (schema["items"] is not JsonArray) return;
        var places = schema["items"];
        schema.Remove("items");
        schema["prefixItems"] = places;
        if (!schema.Remove("additionalItems", out var rest)) return;
        schema["items"] = rest;
    }

    private static void Dependencies(JsonObject schema)
    {
        if (schema["dependencies"] is not JsonObject dependencies) return;
        schema.Remove("dependencies");
        foreach (var (name, needs) in dependencies.ToList())
        {
            var keyword = needs is JsonArray ? "dependentRequired" : "dependentSchemas";
            if (schema[keyword] is not JsonObject into) schema[keyword] = into = [];
            into[name] = needs?.DeepClone();
        }
    }
}
