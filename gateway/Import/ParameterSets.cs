using System.Text.Json.Nodes;
using Gateway.JsonSchema;
using Gateway.Policies.Contract;

namespace Gateway.Import;

/// <summary>The parameters of an operation as one object contract for each part of the request, as far as the gateway reads them as OpenAPI means them.</summary>
internal sealed class ParameterSets(Specification specification, Contracts contracts)
{
    private const int MaxHops = 16;

    /// <summary>Parameters that OpenAPI itself says to ignore where they are declared (Parameter Object, <c>name</c>).</summary>
    private static readonly string[] Ignored = ["Accept", "Content-Type", "Authorization"];

    /// <summary>Parameters of the path and the operation, the operation's going before; by place and name.</summary>
    public IReadOnlyList<Part> Collect(Part pathItem, Part operation, Action<string> tell)
    {
        var found = new OrderedDictionary<(string In, string Name), Part>();
        foreach (var written in pathItem["parameters"].Items.Concat(operation["parameters"].Items))
        {
            var (parameter, problem) = specification.Follow(written);
            if (problem is null && (parameter.Text("name") is null || parameter.Text("in") is null)) problem = "it has no name or no place";
            if (problem is not null) tell($"a parameter at {written.Place} is not checked: {problem}");
            else found[(parameter.Text("in")!, parameter.Text("name")!)] = parameter;
        }
        return [.. found.Values];
    }

    /// <summary>The contract of the parameters of one part; null where there are none to check.</summary>
    /// <param name="names">Names in the contract by names in the document; a parameter without one is left out. Null keeps all.</param>
    public string? Contract(IEnumerable<Part> parameters, string place, string operation, IReadOnlyDictionary<string, string>? names, Action<string> tell)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var parameter in parameters.Where(p => p.Text("in") == place))
        {
            var name = parameter.Text("name")!;
            var isHeader = place == ParameterContract.Header;
            if (isHeader && (Ignored.Contains(name, StringComparer.OrdinalIgnoreCase) || properties.Any(p => p.Key.Equals(name, StringComparison.OrdinalIgnoreCase))))
                continue;
            if (isHeader && ParameterContract.IsOfTheGateway(name)) tell($"the header {name} is not checked: it belongs to the gateway");
            else if (names is not null && !names.ContainsKey(name)) tell($"the parameter '{name}' is not checked: the path has no such parameter");
            else if (Member(parameter, place, tell) is { } member)
            {
                properties[names?[name] ?? name] = member;
                if (parameter.Flag("required") || place == ParameterContract.Path) required.Add(names?[name] ?? name);
            }
        }
        if (properties.Count == 0) return null;
        var wished = properties.Count <= 3 ? string.Join('.', properties.Select(p => PlainNames.Kebab(p.Key)).Where(n => n.Length > 0)) : PlainNames.Kebab(operation);
        var schema = new JsonObject { ["type"] = "object" };
        if (required.Count > 0) schema["required"] = required;
        schema["properties"] = properties;
        return contracts.Add($"{place}.{(wished.Length > 0 ? wished : PlainNames.Kebab(operation))}", schema);
    }

    /// <summary>What a parameter may be; null where nothing of it stands under its own name.</summary>
    private JsonNode? Member(Part parameter, string place, Action<string> tell)
    {
        var name = parameter.Text("name")!;
        var schema = parameter["schema"];
        var style = parameter.Text("style") ?? (place == ParameterContract.Query ? "form" : "simple");
        if (schema.Node is null)
        {
            if (parameter["content"].Object is not null) tell($"the {place} parameter '{name}' is taken as any text: it is written in a media type of its own");
            return Described(new JsonObject(), parameter);
        }
        var kinds = KindsOf(schema) & ~SchemaKinds.Null;
        var explodes = parameter["explode"].Node is null ? style == "form" : parameter.Flag("explode");
        if (style == "deepObject" || (kinds == SchemaKinds.Object && style == "form" && explodes && place == ParameterContract.Query))
        {
            tell($"the {place} parameter '{name}' is not checked: its members stand under names of their own");
            return null;
        }
        var plainList = place == ParameterContract.Query ? style == "form" && explodes : style == "simple";
        var isFlat = plainList && (KindsOf(Plain(schema)["items"]) & ~(SchemaKinds.Object | SchemaKinds.Array | SchemaKinds.Null)) != SchemaKinds.None;
        if (kinds == SchemaKinds.Object || style is "label" or "matrix" || (kinds == SchemaKinds.Array && !isFlat))
        {
            var read = place == ParameterContract.Query ? "by repetition" : "by comma";
            tell($"the {place} parameter '{name}' is taken as any text: it is written in the style {style}{(explodes ? "" : ", not exploded")}, "
                + $"and the gateway reads flat lists {read} only");
            return Described(new JsonObject(), parameter);
        }
        var converted = contracts.Convert(schema, Direction.Request);
        if (converted is not JsonObject member) return converted;
        // The policy reads texts by the kinds that type, enum and const leave; what only a choice says it is told here.
        var says = member.ContainsKey("type") || member.ContainsKey("enum") || member.ContainsKey("const");
        if (kinds != SchemaKinds.Any && !says && IsChoice(schema)) member["type"] = Types(kinds);
        if (parameter.Flag("allowEmptyValue") && !kinds.HasFlag(SchemaKinds.String))
        {
            var empty = new JsonObject { ["const"] = "" };
            member = new JsonObject { ["type"] = Types(kinds | SchemaKinds.String), ["anyOf"] = new JsonArray(member, empty) };
        }
        return Described(member, parameter);
    }

    private static JsonObject Described(JsonObject member, Part parameter)
    {
        if (parameter.Text("description") is { } text && !member.ContainsKey("description")) member["description"] = text;
        if (parameter.Flag("deprecated") && !member.ContainsKey("deprecated")) member["deprecated"] = true;
        return member;
    }

    private static JsonNode Types(SchemaKinds kinds)
    {
        SchemaKinds[] all = [SchemaKinds.String, SchemaKinds.Number, SchemaKinds.Boolean, SchemaKinds.Array, SchemaKinds.Object];
        var names = all.Where(k => kinds.HasFlag(k)).Select(k => (JsonNode?)k.ToString().ToLowerInvariant()).ToArray();
        return names is [{ } one] ? one : new JsonArray(names);
    }

    /// <summary>Whether the schema, behind its references, is a choice.</summary>
    private bool IsChoice(Part schema) => Plain(schema) is var plain && (plain.Object?.ContainsKey("anyOf") == true || plain.Object?.ContainsKey("oneOf") == true);

    /// <summary>The kinds of values that a schema leaves, along references and through choices.</summary>
    private SchemaKinds KindsOf(Part schema, int depth = 0)
    {
        schema = Plain(schema);
        if (schema.Object is null || depth > MaxHops) return SchemaKinds.Any;
        var kinds = SchemaKinds.Any;
        if (schema["type"].Node is JsonArray types) kinds = types.Aggregate(SchemaKinds.None, (all, t) => all | KindOf(t?.ToString()));
        else if (schema.Text("type") is { } type) kinds = KindOf(type);
        if (schema["enum"].Items.Any()) kinds &= schema["enum"].Items.Aggregate(SchemaKinds.None, (all, v) => all | KindOf(v.Node));
        foreach (var keyword in (string[])["anyOf", "oneOf"])
        {
            if (schema[keyword].Items.Any()) kinds &= schema[keyword].Items.Aggregate(SchemaKinds.None, (all, s) => all | KindsOf(s, depth + 1));
        }
        return schema["allOf"].Items.Aggregate(kinds, (all, s) => all & KindsOf(s, depth + 1));
    }

    private Part Plain(Part schema)
    {
        for (var hops = 0; hops < MaxHops && schema.Text("$ref") is { } reference; hops++)
        {
            if (specification.Resolve(reference, schema.Place) is not { Problem: null } target) return default;
            schema = target.Found;
        }
        return schema;
    }

    private static SchemaKinds KindOf(string? type) => type switch
    {
        "string" => SchemaKinds.String,
        "number" or "integer" => SchemaKinds.Number,
        "boolean" => SchemaKinds.Boolean,
        "array" => SchemaKinds.Array,
        "object" => SchemaKinds.Object,
        "null" => SchemaKinds.Null,
        _ => SchemaKinds.Any,
    };

    private static SchemaKinds KindOf(JsonNode? value) => value?.GetValueKind() switch
    {
        System.Text.Json.JsonValueKind.String => SchemaKinds.String,
        System.Text.Json.JsonValueKind.Number => SchemaKinds.Number,
        System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => SchemaKinds.Boolean,
        System.Text.Json.JsonValueKind.Object => SchemaKinds.Object,
        System.Text.Json.JsonValueKind.Array => SchemaKinds.Array,
        _ => SchemaKinds.Null,
    };
}
