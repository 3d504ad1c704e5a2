using System.Text.Json;
using Gateway.JsonSchema.Evaluation;

namespace Gateway.JsonSchema.Compilation;

/// <summary>Reads the keywords about arrays.</summary>
internal sealed class ArrayRulesBuilder(KeywordReader reader, NodeBuilder nodes)
{
    /// <summary>Null when the schema says nothing about arrays.</summary>
    public ArrayRules? Build()
    {
        (SchemaNode[] prefix, SchemaNode? rest, string restKeyword) = Items();
        int? minContains = reader.Count("minContains");
        int? maxContains = reader.Count("maxContains");
        bool contains = reader.TryGet("contains", out JsonElement contained);
        ArrayRules rules = new()
        {
            Prefix = prefix,
            Rest = rest,
            RestSite = reader.Site(restKeyword, $"is not allowed: the array {Wording.AtMost(prefix.Length, "item")}"),
            Contains = contains ? nodes.NodeAt(reader.Child("contains", contained)) : null,
            ContainsSite = reader.Site("contains", "must contain a matching item"),
            ContainsMarks = reader.Dialect.Draft == SchemaDraft.Draft202012,
            MinContains = minContains ?? 1,
            MaxContains = maxContains ?? int.MaxValue,
            MinContainsSite = minContains is null ? null : reader.Site("minContains", Wording.AtLeast(minContains, "matching item")),
            MaxContainsSite = reader.Site("maxContains", Wording.AtMost(maxContains, "matching item")),
            MinItems = reader.Count("minItems") ?? 0,
            MaxItems = reader.Count("maxItems") ?? int.MaxValue,
            MinSite = reader.Site("minItems", Wording.AtLeast(reader.Count("minItems"), "item")),
            MaxSite = reader.Site("maxItems", Wording.AtMost(reader.Count("maxItems"), "item")),
            UniqueSite = reader.Flag("uniqueItems") ? reader.Site("uniqueItems", "must not contain the same item twice") : null,
        };
        bool silent = prefix.Length == 0 && rest is null && !contains && rules.UniqueSite is null
            && rules.MinItems == 0 && rules.MaxItems == int.MaxValue;
        return silent ? null : rules;
    }

    // draft-07 and 2019-09 have the tuple in "items" and the rest in "additionalItems"; 2020-12 has "prefixItems" and "items".
    private (SchemaNode[] Prefix, SchemaNode? Others, string Keyword) Items()
    {
        bool hasItems = reader.TryGet("items", out JsonElement items);
        if (reader.Dialect.Draft == SchemaDraft.Draft202012)
        {
            SchemaNode[] prefix = [.. reader.Items("prefixItems").Select(nodes.NodeAt)];
            if (!hasItems || items.ValueKind != JsonValueKind.Array)
                return (prefix, hasItems ? nodes.NodeAt(reader.Child("items", items)) : null, "items");
            reader.Findings.Add(reader.At, "items", "'items' must be a schema", "write 'prefixItems' for a list of schemas by position");
            return (prefix, null, "items");
        }
        if (!hasItems || items.ValueKind != JsonValueKind.Array)
            return ([], hasItems ? nodes.NodeAt(reader.Child("items", items)) : null, "items");
        SchemaNode[] tuple = items.GetArrayLength() == 0 ? [] : [.. reader.Items("items").Select(nodes.NodeAt)];
        bool hasRest = reader.TryGet("additionalItems", out JsonElement additional);
        return (tuple, hasRest ? nodes.NodeAt(reader.Child("additionalItems", additional)) : null, "additionalItems");
    }
}
