using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.Policies.Contract;

namespace Gateway.OpenApi;

/// <summary>
/// Contracts as <c>components/schemas</c> of one document: OpenAPI 3.1 schemas are JSON Schema 2020-12 (OpenAPI 3.1 section 4.8.24), so they are
/// taken over word for word, and only their references are turned to where the documents now stand.
/// </summary>
internal sealed class ContractSchemas(WorkspaceFiles files)
{
    private const string Root = "#/components/schemas/";

    /// <summary>By path in the workspace: what came of the document; null while it is being read.</summary>
    private readonly Dictionary<string, JsonObject?> _documents = [];

    /// <summary>Names of the components that something outside refers to.</summary>
    private readonly HashSet<string> _used = [];

    /// <summary>The contracts that were referred to so far, and those that they refer to, by their names as components.</summary>
    public JsonObject Components()
    {
        var documents = _documents.ToDictionary(d => KeyOf(d.Key), d => d.Value);
        var open = new Stack<string>(_used);
        while (open.TryPop(out var name))
        {
            foreach (var other in UsedBy(documents.GetValueOrDefault(name)).Where(_used.Add)) open.Push(other);
        }
        return new JsonObject(documents.Where(d => _used.Contains(d.Key)).OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => KeyValuePair.Create(d.Key, (JsonNode?)d.Value)));
    }

    /// <summary>A reference to a contract: <c>#/components/schemas/order.1</c>.</summary>
    public JsonObject Reference(string contract)
    {
        var path = CompiledContract.Path(contract);
        Add(path);
        _used.Add(KeyOf(path));
        return new JsonObject { ["$ref"] = Root + KeyOf(path) };
    }

    /// <summary>The first of the contract's own examples, if it has one.</summary>
    public JsonNode? Example(string contract)
    {
        Add(CompiledContract.Path(contract));
        return (_documents[CompiledContract.Path(contract)]?["examples"] as JsonArray)?.FirstOrDefault()?.DeepClone();
    }

    /// <summary>The members of a contract that is one object, along <c>$ref</c> and <c>allOf</c>, each with a schema of its own.</summary>
    public IEnumerable<(string Name, bool Required, JsonObject Schema, string Description)> Members(string contract)
    {
        Add(CompiledContract.Path(contract));
        var required = new HashSet<string>();
        var members = new OrderedDictionary<string, JsonNode?>();
        Collect(Root + KeyOf(CompiledContract.Path(contract)), []);
        foreach (var name in required) members.TryAdd(name, null);
        foreach (var (name, member) in members)
        {
            var schema = member as JsonObject is { } known ? (JsonObject)known.DeepClone() : new JsonObject { ["type"] = "string" };
            _used.UnionWith(UsedBy(schema));
            yield return (name, required.Contains(name), schema, DescriptionOf(member));
        }

        void Collect(string pointer, HashSet<string> seen)
        {
            if (!seen.Add(pointer) || Find(pointer) is not JsonObject schema) return;
            required.UnionWith((schema["required"] as JsonArray ?? []).Select(n => (string)n!));
            foreach (var (name, member) in schema["properties"] as JsonObject ?? []) members.TryAdd(name, member);
            if ((string?)schema["$ref"] is { } reference) Collect(reference, seen);
            for (var i = 0; i < (schema["allOf"] as JsonArray)?.Count; i++) Collect($"{pointer}/allOf/{i}", seen);
        }
    }

    private static IEnumerable<string> UsedBy(JsonNode? schema) => SchemaWalk.Of(schema)
        .Select(s => (string?)s.Schema["$ref"])
        .OfType<string>()
        .Where(r => r.StartsWith(Root, StringComparison.Ordinal))
        .Select(r => r[Root.Length..].Split('/')[0]);

    private string DescriptionOf(JsonNode? schema)
    {
        for (var hops = 0; schema is JsonObject found && hops < 16; hops++)
        {
            // What a description is made of, no keyword checks.
            if (found["description"] is JsonValue value && value.TryGetValue(out string? text)) return text;
            schema = (string?)found["$ref"] is { } reference ? Find(reference) : null;
        }
        return "";
    }

    /// <summary>What a reference within this document leads to.</summary>
    private JsonNode? Find(string pointer)
    {
        if (!pointer.StartsWith(Root, StringComparison.Ordinal)) return null;
        var parts = pointer[Root.Length..].Split('/').Select(p => p.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToList();
        JsonNode? at = _documents.FirstOrDefault(d => KeyOf(d.Key) == parts[0]).Value;
        foreach (var part in parts.Skip(1)) at = at is JsonArray list ? list.ElementAtOrDefault(int.TryParse(part, out var i) ? i : -1) : (at as JsonObject)?[part];
        return at;
    }

    private void Add(string path)
    {
        if (_documents.ContainsKey(path) || files[path] is not { } bytes || JsonNode.Parse(WithoutMark(bytes.Span)) is not JsonObject document) return;
        _documents[path] = document;
        if (((string?)document["$schema"])?.Contains("draft-07", StringComparison.Ordinal) == true) DraftSeven.Translate(document);
        var anchors = SchemaWalk.Of(document)
            .Where(s => s.Schema["$anchor"] is not null)
            .GroupBy(s => (string)s.Schema["$anchor"]!)
            .ToDictionary(a => a.Key, a => a.First().Pointer);
        foreach (var (_, schema) in SchemaWalk.Of(document).ToList())
        {
            if ((string?)schema["$ref"] is not { } reference) continue;
            if (Turn(reference, path, anchors) is { } turned) schema["$ref"] = turned;
            else Give(schema, reference);
        }
        document.Remove("$id");
        // 2020-12 is what OpenAPI 3.1 takes anyway.
        document.Remove("$schema");
    }

    /// <summary>A byte order mark is no JSON, and editors write one all the same.</summary>
    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> json) => json.StartsWith("\uFEFF"u8) ? json[3..] : json;

    /// <summary>A reference that has no place in this document is told and means nothing: better than one that leads to something else.</summary>
    private static void Give(JsonObject schema, string reference)
    {
        schema.Remove("$ref");
        schema["x-reference"] = reference;
    }

    /// <summary>Where the reference leads in this document; null where that can't be said: a schema with an <c>$id</c> of its own, an anchor of another file.</summary>
    private string? Turn(string reference, string path, Dictionary<string, string> anchors)
    {
        var (file, fragment) = reference.Split('#', 2) is [var before, var behind] ? (before, behind) : (reference, "");
        var target = file.Length == 0 ? path : new Uri(new Uri("file:///" + path), file) is { IsFile: true } uri ? uri.AbsolutePath.TrimStart('/') : null;
        if (target is null || files[target] is null) return null;
        Add(target);
        var pointer = fragment.Length == 0 || fragment[0] == '/' ? fragment : target == path ? anchors.GetValueOrDefault(fragment) : null;
        return pointer is null ? null : Root + KeyOf(target) + pointer;
    }

    /// <summary>Names of components are letters, digits, dot, minus and underscore (OpenAPI 3.1 section 4.8.7).</summary>
    private static string KeyOf(string path) => path
        .Replace(CompiledContract.Folder, "", StringComparison.Ordinal)
        .Replace(CompiledContract.Extension, "", StringComparison.Ordinal)
        .Replace('@', '.')
        .Replace('/', '-');
}
