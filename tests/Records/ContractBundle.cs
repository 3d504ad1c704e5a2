using System.Text.Json.Nodes;

namespace Gateway.Tests.Records;

/// <summary>
/// All contracts as one document that NJsonSchema understands: it takes draft 4's <c>definitions</c>, and no references between files. Each object
/// and each enum, wherever it is written, becomes one definition under its title, so what contracts share is there once. Strings, numbers and lists
/// have no type of their own in C#: they are written out wherever something refers to them.
/// </summary>
internal sealed class ContractBundle
{
    private const string Folder = "transforms/canonical";

    /// <summary>Keywords of which NJsonSchema would make something of its own, or nothing, in silence.</summary>
    private static readonly string[] NoRecords =
        ["allOf", "anyOf", "oneOf", "not", "if", "prefixItems", "patternProperties", "dependentSchemas", "$dynamicRef", "$anchor", "$id"];

    private readonly IReadOnlyDictionary<string, JsonObject> _files;
    private readonly JsonObject _definitions = [];
    private readonly Dictionary<string, Spot> _origins = [];
    private readonly List<string> _faults = [];

    /// <param name="files">The contracts under the names by which they refer to each other: <c>order@1.schema.json</c>.</param>
    public ContractBundle(IReadOnlyDictionary<string, JsonObject> files)
    {
        _files = files;
        foreach (var (file, contract) in files.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            var root = new Spot(file, "#", contract);
            Add(root);
            foreach (var (name, definition) in contract["$defs"]?.AsObject() ?? [])
                Add(root.Below($"$defs/{name}", definition));
        }
    }

    /// <summary>The contracts of a clone of this repository.</summary>
    public static ContractBundle Read(string root) => new(Directory.EnumerateFiles(Path.Combine(root, Folder), "*.schema.json")
        .ToDictionary(path => Path.GetFileName(path), path => JsonNode.Parse(File.ReadAllText(path))!.AsObject()));

    /// <summary><c>{"definitions": {…}}</c>, under the titles, which are the names in C#.</summary>
    public JsonObject Document => new() { ["definitions"] = _definitions.DeepClone() };

    /// <summary>File to the title of its contract, in the order of the files.</summary>
    public IEnumerable<KeyValuePair<string, string>> Contracts =>
        _files.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => KeyValuePair.Create(f.Key, Title(f.Value)));

    /// <summary>The contracts themselves, in the order of the files.</summary>
    public IEnumerable<Spot> Roots => _files.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => new Spot(f.Key, "#", f.Value));

    /// <summary>What keeps the contracts from becoming records, each with its place.</summary>
    public IEnumerable<string> Faults => _faults.Distinct();

    /// <summary>The titles that a file defines, in its order.</summary>
    public IEnumerable<string> DefinedIn(string file) => _origins.Where(o => o.Value.File == file).Select(o => o.Key);

    /// <summary>What stands at a place in the bundle: a reference to the type that it is, or the schema itself where it is none.</summary>
    private JsonObject Add(Spot spot)
    {
        if (spot.Schema["$ref"] is { } reference) return Refer(spot, (string)reference!);
        if (Title(spot.Schema).Length == 0) _faults.Add($"{spot} has no title");
        _faults.AddRange(NoRecords.Where(spot.Schema.ContainsKey).Select(keyword => $"{spot} has {keyword}, of which no record can be made"));
        if (!IsType(spot.Schema)) return Copy(spot, []);
        Define(spot);
        return ReferenceTo(spot.Schema);
    }

    /// <summary>What stands beside a reference, like a description or examples of this use, goes before what it refers to.</summary>
    private JsonObject Refer(Spot from, string reference)
    {
        var target = Resolve(from, reference);
        var schema = IsType(target.Schema) ? ReferenceTo(target.Schema) : Add(target);
        foreach (var (keyword, value) in from.Schema.Where(member => member.Key != "$ref"))
            schema[keyword] = value?.DeepClone();
        return schema;
    }

    private void Define(Spot spot)
    {
        var title = Title(spot.Schema);
        if (_origins.TryAdd(title, spot))
            Copy(spot, (JsonObject)(_definitions[title] = new JsonObject()));
        else if (_origins[title].Schema != spot.Schema)
            _faults.Add($"{spot} has the title of {_origins[title]}: {title}");
    }

    private JsonObject Copy(Spot from, JsonObject to)
    {
        foreach (var (keyword, value) in from.Schema)
            if (keyword is "properties")
                to[keyword] = Members(from, value!.AsObject());
            else if (keyword is "items")
                to[keyword] = Add(from.Below(keyword, value));
            else if (keyword is not ("$schema" or "$defs"))
                to[keyword] = value?.DeepClone();
        return to;
    }

    private JsonObject Members(Spot of, JsonObject properties)
    {
        var members = new JsonObject();
        foreach (var (name, schema) in properties) members[name] = Add(of.Below($"properties/{name}", schema));
        return members;
    }

    /// <summary>What a reference leads to.</summary>
    /// <param name="from">Where it is written.</param>
    /// <param name="reference"><c>#/$defs/price</c>, <c>order@1.schema.json#/$defs/price</c>, or a file alone.</param>
    public Spot Resolve(Spot from, string reference)
    {
        var parts = reference.Split('#');
        var file = parts[0].Length > 0 ? parts[0] : from.File;
        var path = parts.Length > 1 ? parts[1] : "";
        var schema = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate(_files[file], (at, member) => at[member]!.AsObject());
        return new Spot(file, "#" + path, schema);
    }

    private static JsonObject ReferenceTo(JsonObject type) =>
        new() { ["$ref"] = "#/definitions/" + Title(type), ["description"] = (string?)type["description"] };

    private static bool IsType(JsonObject schema) => schema.ContainsKey("properties") || schema.ContainsKey("enum");

    private static string Title(JsonObject schema) => (string?)schema["title"] ?? "";
}
