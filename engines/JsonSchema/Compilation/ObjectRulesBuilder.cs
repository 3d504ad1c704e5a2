using System.Text.Json;
using Gateway.JsonSchema.Evaluation;
using Gateway.JsonSchema.Patterns;
using Gateway.JsonSchema.Values;

namespace Gateway.JsonSchema.Compilation;

/// <summary>Reads the keywords about objects.</summary>
internal sealed class ObjectRulesBuilder(KeywordReader reader, NodeBuilder nodes)
{
    private readonly List<byte[]> _names = [];

    /// <summary>Null when the schema says nothing about objects.</summary>
    public ObjectRules? Build()
    {
        List<(byte[] Name, SchemaLocation Schema)> members = [.. reader.Members("properties")];
        List<byte[]> required = reader.TryGet("required", out JsonElement list) ? reader.Names(reader.Child("required", list), "required") : [];
        List<Dependency> dependencies = [.. Dependencies()];
        List<byte[]> tracked = [.. required, .. dependencies.SelectMany(dependency => dependency.Required.Prepend(dependency.Trigger))];
        // Slots follow the members' order, which documents mostly share; among very many names the tracked ones come first.
        if (members.Count + tracked.Count > 64)
            tracked.ForEach(name => SlotOf(name));
        members.ForEach(member => SlotOf(member.Name));
        tracked.ForEach(name => SlotOf(name));

        SchemaNode?[] schemas = new SchemaNode?[_names.Count];
        foreach ((byte[] name, SchemaLocation schema) in members)
            schemas[SlotOf(name)] = nodes.NodeAt(schema);
        ObjectRules rules = new()
        {
            Names = new NameTable(_names, ofMembers: true),
            Members = schemas,
            Required = [.. required.Select(SlotOf)],
            TrackedCount = tracked.Count == 0 ? 0 : tracked.Max(SlotOf) + 1,
            RequiredSite = reader.Site("required", "is required"),
            Patterns = [.. PatternMembers()],
            Additional = Schema("additionalProperties"),
            AdditionalSite = reader.Site("additionalProperties", "is not a known member"),
            NameSchema = Schema("propertyNames"),
            NameSite = reader.Site("propertyNames", "is not allowed as a member"),
            Dependents = [.. dependencies.Select(ToRule)],
            MinMembers = reader.Count("minProperties") ?? 0,
            MaxMembers = reader.Count("maxProperties") ?? int.MaxValue,
            MinSite = reader.Site("minProperties", Wording.AtLeast(reader.Count("minProperties"), "member")),
            MaxSite = reader.Site("maxProperties", Wording.AtMost(reader.Count("maxProperties"), "member")),
        };
        bool silent = _names.Count == 0 && rules.Patterns.Length == 0 && rules.Additional is null && rules.NameSchema is null
            && rules.Dependents.Length == 0 && rules.MinMembers == 0 && rules.MaxMembers == int.MaxValue;
        return silent ? null : rules;
    }

    private int SlotOf(byte[] name)
    {
        int slot = _names.FindIndex(other => other.AsSpan().SequenceEqual(name));
        if (slot >= 0)
            return slot;
        _names.Add(name);
        return _names.Count - 1;
    }

    private SchemaNode? Schema(string keyword) => reader.TryGet(keyword, out JsonElement schema) ? nodes.NodeAt(reader.Child(keyword, schema)) : null;

    private IEnumerable<PatternMember> PatternMembers()
    {
        foreach ((byte[] name, SchemaLocation schema) in reader.Members("patternProperties"))
        {
            if (Pattern.TryCreate(System.Text.Encoding.UTF8.GetString(name), out Pattern? pattern, out string? fault))
                yield return new PatternMember(pattern, nodes.NodeAt(schema));
            else
                reader.Findings.Add(schema, $"the pattern is not a regular expression: {fault}", "correct the pattern (ECMA-262 syntax)");
        }
    }

    private IEnumerable<Dependency> Dependencies()
    {
        foreach ((byte[] trigger, SchemaLocation value) in reader.Members("dependentRequired"))
            yield return new Dependency("dependentRequired", trigger, reader.Names(value, "dependentRequired"), null);
        foreach ((byte[] trigger, SchemaLocation value) in reader.Members("dependentSchemas"))
            yield return new Dependency("dependentSchemas", trigger, [], value);
        foreach ((byte[] trigger, SchemaLocation value) in reader.Members("dependencies"))
        {
            bool isList = value.Value.ValueKind == JsonValueKind.Array;
            yield return new Dependency("dependencies", trigger, isList ? reader.Names(value, "dependencies") : [], isList ? null : value);
        }
    }

    private DependentRule ToRule(Dependency dependency) => new(
        SlotOf(dependency.Trigger),
        [.. dependency.Required.Select(SlotOf)],
        dependency.Schema is { } schema ? nodes.NodeAt(schema) : null,
        reader.Site(dependency.Keyword, "is required"));

    private sealed record Dependency(string Keyword, byte[] Trigger, List<byte[]> Required, SchemaLocation? Schema);
}
