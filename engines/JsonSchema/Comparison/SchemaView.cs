using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Gateway.JsonSchema.Compilation;
using Gateway.JsonSchema.Patterns;
using Gateway.JsonSchema.Values;

namespace Gateway.JsonSchema.Comparison;

/// <summary>
/// One schema as comparisons see it: plain references followed, what is absent filled in with what it means. The document is known to compile.
/// </summary>
internal sealed class SchemaView
{
    private const int MaxHops = 64;

    private static readonly JsonElement True = JsonDocument.Parse("true").RootElement.Clone();

    /// <summary>Keywords that say nothing about which documents match.</summary>
    private static readonly HashSet<string> Silent =
    [
        "$schema", "$id", "$comment", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary", "$defs", "definitions",
        "title", "description", "examples", "deprecated", "readOnly", "writeOnly", "contentMediaType", "contentEncoding", "contentSchema",
    ];

    private static readonly string[] InPlace = ["allOf", "anyOf", "oneOf", "not", "if", "dependentSchemas", "$ref", "$dynamicRef", "$recursiveRef"];

    private readonly SchemaSet _set;
    private readonly SchemaLocation _at;

    private readonly Dictionary<string, IReadOnlyDictionary<string, SchemaView>> _members = [];

    private SchemaView(SchemaSet set, SchemaLocation at)
    {
        _set = set;
        _at = at;
    }

    /// <summary>Names the schema within its side of the comparison.</summary>
    public string Name => _at.Name;

    /// <summary>Every document matches, as far as can be seen.</summary>
    public bool AllowsAll => _at.Value.ValueKind == JsonValueKind.True || (IsObject && !_at.Value.EnumerateObject().Any(member => Says(member.Name)));

    /// <summary>No document matches.</summary>
    public bool AllowsNothing => _at.Value.ValueKind == JsonValueKind.False;

    private bool IsObject => _at.Value.ValueKind == JsonValueKind.Object;

    public static SchemaView Of(SchemaSet set, SchemaLocation at) => new(set, Follow(set, at));

    public bool Has(string keyword) => Value(keyword) is not null;

    public string LocationOf(string keyword) => keyword.Length == 0 ? _at.Name : $"{_at.Name}/{PointerText.EscapeStep(keyword)}";

    /// <summary>The same words, whatever their references mean.</summary>
    public bool ReadsLike(SchemaView other) => JsonEquality.AreEqual(JsonMarshal.GetRawUtf8Value(_at.Value), JsonMarshal.GetRawUtf8Value(other._at.Value));

    public JsonElement? Value(string keyword) =>
        IsObject && _at.Resource.Dialect.Knows(keyword) && _at.Value.TryGetProperty(keyword, out JsonElement value) ? value : null;

    public string? Text(string keyword) => Value(keyword) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>The token of a number.</summary>
    public JsonElement? Number(string keyword) => Value(keyword) is { ValueKind: JsonValueKind.Number } value ? value : null;

    public IReadOnlyList<string> Names(string keyword) => NamesIn(Value(keyword));

    /// <summary>Lists of names by name: <c>dependentRequired</c>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> NameLists(params string[] keywords) => keywords
        .Select(Value)
        .Where(value => value is { ValueKind: JsonValueKind.Object })
        .SelectMany(value => value!.Value.EnumerateObject())
        .Where(member => member.Value.ValueKind == JsonValueKind.Array)
        .DistinctBy(member => member.Name)
        .ToDictionary(member => member.Name, member => NamesIn(member.Value));

    /// <summary>The schema that is a keyword's value.</summary>
    public SchemaView? Schema(string keyword) =>
        Value(keyword) is { ValueKind: JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False } value ? View(_at.Child(keyword, value)) : null;

    /// <summary>The schemas of a keyword whose value is a list of them.</summary>
    public IReadOnlyList<SchemaView> Schemas(string keyword)
    {
        if (Value(keyword) is not { ValueKind: JsonValueKind.Array } list)
            return [];
        SchemaLocation holder = _at.Child(keyword, list);
        return [.. list.EnumerateArray().Select((item, index) => View(holder.Child(index.ToString(CultureInfo.InvariantCulture), item)))];
    }

    /// <summary>The schemas of a keyword whose value is an object of them, in its order.</summary>
    public IReadOnlyDictionary<string, SchemaView> Members(string keyword)
    {
        if (_members.TryGetValue(keyword, out IReadOnlyDictionary<string, SchemaView>? known))
            return known;
        OrderedDictionary<string, SchemaView> members = [];
        _members[keyword] = members;
        if (Value(keyword) is not { ValueKind: JsonValueKind.Object } map)
            return members;
        SchemaLocation holder = _at.Child(keyword, map);
        foreach (JsonProperty member in map.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Array))
            members.TryAdd(member.Name, View(holder.Child(member.Name, member.Value)));
        return members;
    }

    /// <summary>What is demanded of a member of this name.</summary>
    public SchemaView Member(string name)
    {
        if (Members("properties").TryGetValue(name, out SchemaView? named))
            return named;
        byte[] utf8 = Encoding.UTF8.GetBytes(name);
        foreach ((string text, SchemaView schema) in Members("patternProperties"))
        {
            if (Pattern.TryCreate(text, out Pattern? pattern, out _) && pattern.Matches(utf8) == PatternResult.Match)
                return schema;
        }
        return OtherMembers;
    }

    /// <summary>What is demanded of members that are not named.</summary>
    public SchemaView OtherMembers => Schema("additionalProperties") ?? Schema("unevaluatedProperties") ?? Anything;

    /// <summary>Members that are not named here may have been described by a schema that applies in place, and are then not what <c>unevaluatedProperties</c> means.</summary>
    public bool DescribesElsewhere => Has("unevaluatedProperties") && !Has("additionalProperties")
        && InPlace.Any(Has);

    /// <summary>What is demanded of the first items, one by one.</summary>
    public IReadOnlyList<SchemaView> FirstItems => Schemas("prefixItems") is { Count: > 0 } first ? first : Schemas("items");

    /// <summary>What is demanded of the items after those.</summary>
    public SchemaView OtherItems => Schema("items") ?? Schema("additionalItems") ?? Schema("unevaluatedItems") ?? Anything;

    /// <summary>Schemas that must all match besides what is said here: <c>allOf</c>, and references with keywords beside them.</summary>
    public IReadOnlyList<SchemaView> Parts
    {
        get
        {
            List<SchemaView> parts = [.. Schemas("allOf")];
            foreach (string keyword in (string[])["$ref", "$dynamicRef", "$recursiveRef"])
            {
                if (Text(keyword) is { } reference && _set.Resolve(_at, keyword, reference) is { } target)
                    parts.Add(View(target));
            }
            return parts;
        }
    }

    /// <summary>The values that <c>enum</c> or <c>const</c> leave; null when there is neither.</summary>
    public IReadOnlyList<JsonElement>? Values
    {
        get
        {
            List<JsonElement>? listed = Value("enum") is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : null;
            if (Value("const") is not { } only)
                return listed;
            bool possible = listed is null || listed.Exists(value => JsonEquality.AreEqual(JsonMarshal.GetRawUtf8Value(value), JsonMarshal.GetRawUtf8Value(only)));
            return possible ? [only] : [];
        }
    }

    /// <summary>Stands for a schema that is not there.</summary>
    public SchemaView Anything => new(_set, _at with { Value = True });

    private SchemaView View(SchemaLocation at) => new(_set, Follow(_set, at));

    // A schema that is nothing but a reference is what it refers to.
    private static SchemaLocation Follow(SchemaSet set, SchemaLocation at)
    {
        for (int hops = 0; hops < MaxHops && at.Value.ValueKind == JsonValueKind.Object; hops++)
        {
            bool alone = at.Resource.Dialect.Draft == SchemaDraft.Draft7 || at.Value.EnumerateObject().Count(member => Says(member.Name)) == 1;
            if (!alone || !at.Value.TryGetProperty("$ref", out JsonElement reference) || reference.ValueKind != JsonValueKind.String
                || set.Resolve(at, "$ref", reference.GetString()!) is not { } target)
                return at;
            at = target;
        }
        return at;
    }

    private static bool Says(string keyword) => !Silent.Contains(keyword) && !keyword.StartsWith("x-", StringComparison.Ordinal);

    private static IReadOnlyList<string> NamesIn(JsonElement? list) => list is { ValueKind: JsonValueKind.Array } array
        ? [.. array.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)]
        : [];
}
