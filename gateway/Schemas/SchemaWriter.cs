using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.Configuration.Yaml;
using Gateway.Policies;

namespace Gateway.Schemas;

/// <summary>
/// The schema of an options record, by what <see cref="Binder"/> demands of it: closed objects, required members, rules, and the types that choose
/// their own shape. Each record is a definition under its own name.
/// </summary>
internal sealed class SchemaWriter
{
    private const string PlainName = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";
    private const string PartOf = "PartOf";

    private readonly bool _overlay;
    private readonly SortedDictionary<string, JsonObject> _definitions = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, Func<bool, JsonObject>> _custom;

    public SchemaWriter(bool overlay)
    {
        _overlay = overlay;
        _custom = new()
        {
            [typeof(Secret)] = _ => ScalarSchemas.Secret(),
            [typeof(Material)] = _ => ScalarSchemas.Material(),
            [typeof(JsonElement)] = _ => [],
            [typeof(CodePairs)] = _ => new JsonObject { ["type"] = "object", ["additionalProperties"] = ScalarSchemas.Of(typeof(string), []) },
            [typeof(PolicyDocument)] = PolicyUse,
            [typeof(BackendOptions)] = Backend,
        };
    }

    public JsonObject Write(Type root, string description)
    {
        var schema = new JsonObject { ["$schema"] = "http://json-schema.org/draft-07/schema#", ["description"] = description };
        foreach (var (keyword, value) in Record(root, _overlay).ToList()) schema[keyword] = value!.DeepClone();
        if (root == typeof(WorkspaceDocument)) AllowEmpty(schema["properties"]!.AsObject());
        schema["definitions"] = new JsonObject(_definitions.Select(d => KeyValuePair.Create(d.Key, (JsonNode?)d.Value)));
        return schema;
    }

    /// <summary>A section without content defines nothing.</summary>
    private static void AllowEmpty(JsonObject sections)
    {
        foreach (var section in sections.Select(s => s.Value!.AsObject()).Where(s => s.ContainsKey("type")).ToList())
            section["type"] = new JsonArray([.. section["type"] is JsonArray types ? types.Select(t => t!.DeepClone()) : [section["type"]!.DeepClone()], JsonValue.Create("null")]);
    }

    /// <param name="partly">Whether members that must be there may stand in what the document is laid over.</param>
    private JsonObject Of(Type type, bool partly, IReadOnlyList<System.ComponentModel.DataAnnotations.ValidationAttribute> rules)
    {
        if (_custom.TryGetValue(type, out var custom)) return custom(partly);
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Of(underlying, partly, rules);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            return new JsonObject { ["type"] = "array", ["items"] = Entry(Of(type.GetGenericArguments()[0], false, [])) };
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
            return new JsonObject { ["type"] = "object", ["propertyNames"] = new JsonObject { ["pattern"] = PlainName }, ["additionalProperties"] = Of(type.GetGenericArguments()[1], partly, []) };
        return Scalars.Handles(type) ? ScalarSchemas.Of(type, rules) : Reference((partly ? PartOf : "") + type.Name, () => Record(type, partly));
    }

    /// <summary>An entry of a list says something, also where a member of its type may be without content.</summary>
    private JsonObject Entry(JsonObject schema) =>
        schema["$ref"] is { } reference && _definitions[((string)reference!).Split('/')[^1]]["type"] is JsonArray
            ? new JsonObject { ["type"] = "object", ["allOf"] = new JsonArray(schema) }
            : schema;

    private JsonObject Record(Type type, bool partly)
    {
        var shape = RecordShape.Of(type);
        var empty = Activator.CreateInstance(type)!;
        var required = partly ? [] : shape.Required;
        var schema = new JsonObject
        {
            ["type"] = required.Count == 0 ? new JsonArray("object", "null") : "object",
            ["additionalProperties"] = false,
            ["properties"] = new JsonObject(shape.Members.Values.Select(m => KeyValuePair.Create(m.Name, (JsonNode?)Member(m, empty, partly)))),
        };
        if (required.Count > 0) schema["required"] = new JsonArray([.. required.Select(m => JsonValue.Create(m.Name))]);
        return schema;
    }

    private JsonObject Member(RecordMember member, object empty, bool partly)
    {
        var value = Of(member.Property.PropertyType, partly, member.Rules);
        if (member.IsOneOrMore) value = new JsonObject { ["anyOf"] = new JsonArray(value["items"]!.DeepClone(), value) };
        var schema = new JsonObject();
        if (member.Property.GetCustomAttribute<DescriptionAttribute>() is { } said) schema["description"] = said.Description;
        if (!member.IsRequired && ScalarSchemas.Written(member.Property.GetValue(empty)) is { } written) schema["default"] = written;
        // What stands beside a reference counts nothing in draft-07.
        if (value.ContainsKey("$ref")) schema["allOf"] = new JsonArray(value);
        else foreach (var (keyword, rule) in value.ToList()) schema[keyword] = rule!.DeepClone();
        return schema;
    }

    private JsonObject PolicyUse(bool partly) => Reference((partly ? PartOf : "") + nameof(PolicyDocument), () => new JsonObject
    {
        ["anyOf"] = new JsonArray(
            new JsonObject(ScalarSchemas.Of(typeof(string), []).Select(k => KeyValuePair.Create(k.Key, k.Value?.DeepClone())).Prepend(new("description", "Name of a policy."))),
            new JsonObject
            {
                ["type"] = "object",
                ["minProperties"] = 1,
                ["maxProperties"] = 1,
                ["additionalProperties"] = false,
                ["properties"] = new JsonObject(PolicyKinds.All.Select(kind => KeyValuePair.Create(kind.Name, (JsonNode?)new JsonObject
                {
                    ["description"] = kind.Summary,
                    ["allOf"] = new JsonArray(Of(kind.OptionsType, partly, [])),
                }))),
            }),
    });

    private JsonObject Backend(bool partly) => Reference((partly ? PartOf : "") + nameof(BackendOptions), () =>
    {
        var adapters = Adapters.Adapters.All;
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["adapter"] = new JsonObject { ["enum"] = new JsonArray([.. adapters.Select(a => JsonValue.Create(a.Name))]) } },
        };
        if (!partly) schema["required"] = new JsonArray("adapter");
        var cases = adapters.Select(a => If(Names(a), Of(a.OptionsType, partly, []))).ToList();
        // An overlay that leaves the adapter as it is may say what any of them takes.
        if (partly) cases.Add(If(new JsonObject { ["not"] = new JsonObject { ["required"] = new JsonArray("adapter") } }, new JsonObject { ["anyOf"] = new JsonArray([.. adapters.Select(a => Of(a.OptionsType, partly, []))]) }));
        schema["allOf"] = new JsonArray([.. cases]);
        return schema;
    });

    private static JsonObject Names(Adapter adapter) => new()
    {
        ["required"] = new JsonArray("adapter"),
        ["properties"] = new JsonObject { ["adapter"] = new JsonObject { ["const"] = adapter.Name } },
    };

    private static JsonObject If(JsonObject condition, JsonObject then) => new() { ["if"] = condition, ["then"] = then };

    /// <summary>A reference to a definition, which is written when it is referred to for the first time.</summary>
    private JsonObject Reference(string name, Func<JsonObject> definition)
    {
        if (_definitions.TryAdd(name, [])) _definitions[name] = definition();
        return new JsonObject { ["$ref"] = $"#/definitions/{name}" };
    }
}
