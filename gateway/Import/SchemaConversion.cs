using System.Text.Json.Nodes;
using Gateway.OpenApi;

namespace Gateway.Import;

/// <summary>From a schema as OpenAPI 3.0 or 3.1 writes it to JSON Schema 2020-12, in the same order, with references to contracts.</summary>
internal sealed class SchemaConversion(Specification specification, Contracts contracts, HiddenMembers hidden, Notes notes)
{
    /// <summary>Schemas inside schemas; what stands deeper becomes a contract of its own, for a document may be nested 64 deep at most.</summary>
    private const int MaxDepth = 20;

    /// <summary>Examples nested deeper than this are left out, for the same reason.</summary>
    private const int MaxExampleDepth = 16;

    /// <summary>What says nothing about values; beside a reference, OpenAPI 3.0 ignores it as it does the rest, and people read it.</summary>
    private static readonly string[] Annotations =
        ["title", "description", "default", "deprecated", "readOnly", "writeOnly", "examples", "$comment"];

    /// <summary>Names of schemas and dialects: the files and their references take their place.</summary>
    private static readonly string[] Identifiers = ["$schema", "$id", "$anchor", "$dynamicAnchor", "$vocabulary"];

    /// <summary>Whether a converted schema lets anything pass.</summary>
    public static bool SaysNothing(JsonObject schema) => schema.All(m => Annotations.Contains(m.Key) || IsExtension(m.Key));

    /// <summary>Whether a schema is nothing but a reference, with words for people beside it.</summary>
    public static bool IsReference(Part schema) => schema.Text("$ref") is not null && schema.Object!.All(m => m.Key == "$ref" || IsAnnotation(m.Key));

    public JsonNode Convert(Part schema, Direction direction) => Convert(schema, direction, [], 0);

    /// <summary>The schema that a reference leads to; null with a note where it leads to none.</summary>
    public Part? Target(Part schema)
    {
        var reference = schema.Text("$ref") ?? schema.Text("$dynamicRef") ?? "";
        var (found, problem) = specification.Resolve(reference, schema.Place);
        if (problem is null && !IsSchema(found.Node)) problem = $"'{reference}' leads to no schema";
        if (problem is null) return found;
        notes.Add(NoteKind.NotEnforced, schema.Place.ToString(), problem + "; anything is taken here");
        return null;
    }

    private JsonNode Convert(Part schema, Direction direction, HashSet<string> around, int depth)
    {
        if (schema.Object is not { } source)
        {
            if (IsSchema(schema.Node)) return schema.Node!.DeepClone();
            notes.Add(NoteKind.NotEnforced, schema.Place.ToString(), "this is no schema; anything is taken here");
            return JsonValue.Create(true);
        }
        if (depth > MaxDepth) return new JsonObject { ["$ref"] = Contracts.Reference(contracts.Of(schema, direction)) };
        // What the parts of an allOf require is required of the whole, so what is hidden in the whole is hidden in them.
        HashSet<string> hides = [.. around, .. hidden.Of(schema, direction)];
        var result = new JsonObject();
        foreach (var (keyword, value) in source)
        {
            if (value is not null || keyword is "const" or "default" or "example") Add(result, keyword, schema[keyword], direction, hides, depth);
        }
        if (result.ContainsKey("$ref") && specification.IsVersion30) DropSiblings(result, schema);
        FixLimit(result, "exclusiveMinimum", "minimum");
        FixLimit(result, "exclusiveMaximum", "maximum");
        return schema.Flag("nullable") ? Nullable(result, schema) : result;
    }

    private void Add(JsonObject result, string keyword, Part value, Direction direction, HashSet<string> hides, int depth)
    {
        var node = value.Node;
        switch (keyword)
        {
            case "nullable":
                break;
            case "$ref" or "$dynamicRef":
                AddReference(result, keyword, value, direction);
                break;
            case "example":
                if (!result.ContainsKey("examples") && Depth(node) <= MaxExampleDepth) result["examples"] = new JsonArray(node?.DeepClone());
                break;
            case "examples":
                // A mapping of examples is OpenAPI's for media types and stands in schemas by mistake.
                if (node is JsonArray && Depth(node) <= MaxExampleDepth) result["examples"] = node.DeepClone();
                break;
            case "discriminator" or "xml" or "externalDocs":
                result["x-" + keyword] = node!.DeepClone();
                break;
            case "required" when node is JsonArray names:
                if (names.Where(n => n is not JsonValue text || !text.TryGetValue(out string? name) || !hides.Contains(name)).ToList() is { Count: > 0 } rest)
                    result["required"] = new JsonArray([.. rest.Select(n => n?.DeepClone())]);
                break;
            case var _ when Identifiers.Contains(keyword):
                if (keyword == "$schema" && !IsOurDialect(node))
                    notes.Add(NoteKind.Understood, value.Place.ToString(), $"the dialect {node} is read as JSON Schema 2020-12");
                break;
            case var _ when SchemaWalk.Lists.Contains(keyword) && node is JsonArray:
                result[keyword] = new JsonArray([.. value.Items.Select(i => Convert(i, direction, keyword == "allOf" ? hides : [], depth + 1))]);
                break;
            case var _ when SchemaWalk.Single.Contains(keyword):
                result[keyword] = Convert(value, direction, [], depth + 1);
                break;
            case var _ when SchemaWalk.Maps.Contains(keyword) && node is JsonObject:
                result[keyword] = new JsonObject(value.Members.Select(m => KeyValuePair.Create(m.Name, Inside(keyword, m.Part, direction, depth))));
                break;
            default:
                if (!IsAnnotation(keyword) || Depth(node) <= MaxExampleDepth) result[keyword] = node?.DeepClone();
                break;
        }
    }

    /// <summary>In <c>dependencies</c> names may stand where elsewhere only a schema does.</summary>
    private JsonNode? Inside(string keyword, Part value, Direction direction, int depth) =>
        keyword == "dependencies" && value.Node is JsonArray names ? names.DeepClone() : Convert(value, direction, [], depth + 1);

    private void AddReference(JsonObject result, string keyword, Part value, Direction direction)
    {
        var schema = specification.At(value.Place with { Pointer = value.Place.Pointer[..value.Place.Pointer.LastIndexOf('/')] });
        if (keyword == "$dynamicRef")
            notes.Add(NoteKind.Understood, schema.Place.ToString(), "$dynamicRef is taken for the plain reference to the first anchor of its name");
        if (value.Node is JsonValue text && text.TryGetValue(out string? _) && Target(schema) is { } target)
            result["$ref"] = Contracts.Reference(contracts.Of(target, direction));
        else
            result["x-not-enforced-" + keyword] = value.Node!.DeepClone();
    }

    /// <summary>OpenAPI 3.0 ignores what stands beside a reference (Reference Object).</summary>
    private void DropSiblings(JsonObject result, Part schema)
    {
        foreach (var keyword in result.Select(m => m.Key).Where(k => k != "$ref" && !IsAnnotation(k)).ToList())
        {
            result.Remove(keyword);
            notes.Add(NoteKind.Understood, schema.Place.ToString(), $"'{keyword}' stands beside $ref, where OpenAPI 3.0 ignores it");
        }
    }

    /// <summary>In 3.0 <c>exclusiveMinimum: true</c> makes the minimum an exclusive one; since then it is a number itself.</summary>
    private static void FixLimit(JsonObject schema, string exclusive, string limit)
    {
        if (schema[exclusive] is not JsonValue value || !value.TryGetValue(out bool flag)) return;
        if (flag && schema[limit] is { } number)
        {
            schema[exclusive] = number.DeepClone();
            schema.Remove(limit);
        }
        else
        {
            schema.Remove(exclusive);
        }
    }

    /// <summary>
    /// Null is allowed wherever <c>nullable</c> says so, even where OpenAPI 3.0.3 gives it no effect (beside a reference, <c>allOf</c> or an <c>enum</c> without
    /// null): that is what its authors mean and what their systems send.
    /// </summary>
    private JsonNode Nullable(JsonObject schema, Part source)
    {
        var whole = new[] { "$ref", "allOf", "anyOf", "oneOf", "not", "const" }.Any(schema.ContainsKey);
        if (!whole && schema["type"] is { } type)
        {
            schema["type"] = new JsonArray([.. (type as JsonArray ?? [type.DeepClone()]).Select(t => t?.DeepClone()).Where(t => t?.ToString() != "null"), "null"]);
            if (schema["enum"] is not JsonArray values || values.Contains(null)) return schema;
            values.Add(null);
            notes.Add(NoteKind.Understood, source.Place.ToString(), "null is allowed by 'nullable', though the enum does not list it");
            return schema;
        }
        if (!whole) return schema;
        if (!source.Object!.ContainsKey("type"))
            notes.Add(NoteKind.Understood, source.Place.ToString(), "null is allowed by 'nullable', which OpenAPI 3.0 would ignore without a type beside it");
        var outside = new JsonObject();
        foreach (var keyword in schema.Select(m => m.Key).Where(IsAnnotation).ToList())
        {
            var value = schema[keyword];
            schema.Remove(keyword);
            outside[keyword] = value;
        }
        outside["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" });
        return outside;
    }

    private static bool IsOurDialect(JsonNode? dialect) => dialect?.ToString() is { } name
        && (name.StartsWith("https://json-schema.org/draft/2020-12/", StringComparison.Ordinal)
            || name.StartsWith("https://spec.openapis.org/oas/3.1/dialect/", StringComparison.Ordinal));

    private static bool IsSchema(JsonNode? node) => node is JsonObject || (node is JsonValue value && value.TryGetValue(out bool _));

    private static bool IsAnnotation(string keyword) => Annotations.Contains(keyword) || IsExtension(keyword);

    private static bool IsExtension(string keyword) => keyword.StartsWith("x-", StringComparison.Ordinal);

    private static int Depth(JsonNode? node) => node switch
    {
        JsonObject members => 1 + members.Select(m => Depth(m.Value)).DefaultIfEmpty().Max(),
        JsonArray items => 1 + items.Select(Depth).DefaultIfEmpty().Max(),
        _ => 0,
    };
}
