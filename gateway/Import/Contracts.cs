using System.Text.Json.Nodes;
using Gateway.Policies.Contract;

namespace Gateway.Import;

/// <summary>Whether a schema is used for what callers send, for what they get, or reads the same for both.</summary>
internal enum Direction
{
    Either,
    Request,
    Response,
}

/// <summary>The contracts of one import: a file for each schema that something refers to, for each inline body and each set of parameters.</summary>
internal sealed class Contracts
{
    private const string Version = "@1";
    private const int LongestName = 100;

    private readonly string _api;
    private readonly PlainNames _names = new([], LongestName);
    private readonly Dictionary<(SpecificationPlace, Direction), string> _byPlace = [];
    private readonly Dictionary<string, string> _byContent = [];
    private readonly SortedDictionary<string, JsonObject> _schemas = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _written = [];
    private readonly Queue<(string Name, Part Schema, Direction Direction)> _open = [];
    private readonly SchemaConversion _conversion;
    private readonly HiddenMembers _hidden;

    public Contracts(Specification specification, string api, Notes notes)
    {
        _api = api;
        _hidden = new HiddenMembers(specification);
        _conversion = new SchemaConversion(specification, this, _hidden, notes);
    }

    public IReadOnlyDictionary<string, JsonObject> Schemas => _schemas;

    /// <summary>The name of the contract of a schema that other schemas refer to; it is converted when its turn comes.</summary>
    public string Of(Part schema, Direction direction)
    {
        // One file for both directions, where they read the same.
        if (direction != Direction.Either && !_hidden.Matter(schema, direction)) direction = Direction.Either;
        if (_byPlace.TryGetValue((schema.Place, direction), out var known)) return known;
        var name = Take(NameOf(schema.Place) + direction switch { Direction.Request => ".request", Direction.Response => ".response", _ => "" });
        _byPlace[(schema.Place, direction)] = name;
        _open.Enqueue((name, schema, direction));
        return name;
    }

    /// <summary>The contract of a schema written in place: that of what it refers to, if it is nothing but a reference; null where it takes anything.</summary>
    public string? Inline(string wished, Part schema, Direction direction)
    {
        if (SchemaConversion.IsReference(schema) && _conversion.Target(schema) is { } target) return Of(target, direction);
        var converted = _conversion.Convert(schema, direction);
        if (converted is not JsonObject { Count: > 0 } found || SchemaConversion.SaysNothing(found)) return null;
        return Add(wished, found);
    }

    /// <summary>A contract of our own making; the same content is kept once.</summary>
    public string Add(string wished, JsonObject schema)
    {
        var content = schema.ToJsonString();
        if (_byContent.TryGetValue(content, out var known)) return known;
        var name = Take(wished);
        Keep(name, schema);
        return _byContent[content] = name;
    }

    /// <summary>A schema inside another one: converted, with references to contracts.</summary>
    public JsonNode Convert(Part schema, Direction direction) => _conversion.Convert(schema, direction);

    /// <summary>Converts what was referred to, and what that refers to.</summary>
    public void Complete()
    {
        while (_open.TryDequeue(out var next))
        {
            var (name, schema, direction) = next;
            Keep(name, _conversion.Convert(schema, direction) switch
            {
                JsonObject found => found,
                JsonValue no when no.TryGetValue(out bool flag) && !flag => new JsonObject { ["not"] = new JsonObject() },
                _ => [],
            });
        }
    }

    /// <summary>The file of a contract as it will be written.</summary>
    public ReadOnlyMemory<byte> Write(string name)
    {
        if (_written.TryGetValue(name, out var known)) return known;
        return _written[name] = ReadableJson.Write(_schemas[name]);
    }

    /// <summary>The contract of a file; null for one of other making.</summary>
    public string? NameOfFile(string path)
    {
        var name = Path.GetFileName(path);
        name = name.EndsWith(CompiledContract.Extension, StringComparison.Ordinal) ? name[..^CompiledContract.Extension.Length] : name;
        return _schemas.ContainsKey(name) ? name : null;
    }

    public void Changed(string name) => _written.Remove(name);

    public static string Reference(string name) => name + CompiledContract.Extension;

    private void Keep(string name, JsonObject schema)
    {
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        _schemas[name] = schema;
    }

    private string Take(string name) => _names.Take($"{_api}.{name}") + Version;

    /// <summary>After the component; what stands deeper or elsewhere, after the last steps of its pointer.</summary>
    private static string NameOf(SpecificationPlace place)
    {
        var steps = place.Steps;
        var words = steps is ["components", _, .. var inside] ? inside : steps;
        if (words.Length == 0) words = [Path.GetFileNameWithoutExtension(place.File)];
        var telling = words.Where(w => w is not ("properties" or "schema" or "content" or "items" or "$defs") && !w.Contains('/')).TakeLast(3);
        return string.Join('.', telling.Select(PlainNames.Kebab).Where(w => w.Length > 0)) is { Length: > 0 } name ? name : "schema";
    }
}
