using System.Text.Json;
using Gateway.JsonSchema.Evaluation;
using Gateway.JsonSchema.Values;

namespace Gateway.JsonSchema.Compilation;

/// <summary>
/// Looks for contradictions that leave a schema without any matching value. Finds the ones authors make, not all there are; what
/// it finds is certain.
/// </summary>
internal sealed class MatchSearch(SchemaOptions options)
{
    private readonly HashSet<SchemaNode> _visiting = [];

    /// <summary>What was found out before: without it, references to the same schema would be followed again from each of their places.</summary>
    private readonly Dictionary<SchemaNode, string?> _known = [];

    /// <summary>The reason why nothing can match, or null when there is none to be seen.</summary>
    public string? WhyNever(SchemaNode node)
    {
        if (node.AllowsNothing)
            return "it allows nothing";
        if (_known.TryGetValue(node, out string? known))
            return known;
        if (!_visiting.Add(node))
            return null;
        string? reason = Values(node) ?? Parts(node) ?? Kinds(node);
        _visiting.Remove(node);
        return _known[node] = reason;
    }

    private string? Values(SchemaNode node)
    {
        ValueSet? values = node.Const ?? node.Enum;
        if (values is null)
            return null;
        if (values.Values.Count == 0)
            return "its enum is empty";
        Schema schema = new(node, null, options.MaxDepth);
        if (values.Values.Any(schema.IsValid))
            return null;
        return $"the rest of the schema refuses {(node.Const is null ? "all values of its enum" : "its const")}";
    }

    private string? Parts(SchemaNode node)
    {
        foreach (InPlaceRule rule in node.InPlace)
        {
            string? reason = rule switch
            {
                RefRule reference => WhyNever(reference.Target),
                AllOfRule part => WhyNever(part.Schema),
                ChoiceRule choice when choice.Branches.All(branch => WhyNever(branch) is not null) => "none of its alternatives can match",
                NotRule { Schema.AllowsAll: true } => "it refuses everything with not",
                _ => null,
            };
            if (reason is not null)
                return reason;
        }
        return null;
    }

    // Nothing can match when every kind of value is either excluded by type or ruled out by the keywords about it.
    private string? Kinds(SchemaNode node)
    {
        int kinds = node.Kinds;
        foreach (SchemaNode part in LoopSearch.AlwaysInPlace(node))
            kinds &= part.Kinds;
        if (kinds == 0)
            return "its parts demand different types";
        string? last = null;
        foreach ((JsonValueKind kind, string? reason) in new[]
        {
            (JsonValueKind.String, StringContradiction(node.Strings)),
            (JsonValueKind.Number, NumberContradiction(node.Numbers)),
            (JsonValueKind.Object, ObjectContradiction(node.Objects)),
            (JsonValueKind.Array, ArrayContradiction(node.Arrays)),
        })
        {
            if (reason is null || (kinds & (1 << (int)kind)) == 0)
                continue;
            kinds &= ~(1 << (int)kind);
            last = reason;
        }
        return kinds == 0 ? last : null;
    }

    private static string? StringContradiction(StringRules? rules) =>
        rules is not null && rules.MinLength > rules.MaxLength ? "minLength is greater than maxLength" : null;

    private static string? NumberContradiction(NumberRules? rules)
    {
        if (rules is null)
            return null;
        foreach (NumberLimit low in rules.Limits.Where(limit => limit.Kind is NumberLimitKind.Minimum or NumberLimitKind.ExclusiveMinimum))
        {
            foreach (NumberLimit high in rules.Limits.Where(limit => limit.Kind is NumberLimitKind.Maximum or NumberLimitKind.ExclusiveMaximum))
            {
                int order = new JsonNumber(low.Token).CompareTo(new JsonNumber(high.Token));
                bool open = low.Kind == NumberLimitKind.ExclusiveMinimum || high.Kind == NumberLimitKind.ExclusiveMaximum;
                if (order > 0 || (order == 0 && open))
                    return $"{low.Site.Keyword} leaves nothing below {high.Site.Keyword}";
            }
        }
        return null;
    }

    private string? ObjectContradiction(ObjectRules? rules)
    {
        if (rules is null)
            return null;
        if (rules.MinMembers > rules.MaxMembers)
            return "minProperties is greater than maxProperties";
        if (rules.Required.Length > rules.MaxMembers)
            return "more members are required than maxProperties allows";
        foreach (int slot in rules.Required)
        {
            SchemaNode? schema = rules.Members[slot] ?? (rules.Patterns.Length == 0 ? rules.Additional : null);
            if (schema is not null && WhyNever(schema) is not null)
                return $"the required member '{System.Text.Encoding.UTF8.GetString(rules.Names[slot])}' can never have a value";
        }
        return null;
    }

    private string? ArrayContradiction(ArrayRules? rules)
    {
        if (rules is null)
            return null;
        if (rules.MinItems > rules.MaxItems)
            return "minItems is greater than maxItems";
        if (rules.Contains is not null && rules.MinContains > rules.MaxContains)
            return "minContains is greater than maxContains";
        if (rules.Contains is not null && rules.MinContains > 0 && WhyNever(rules.Contains) is not null)
            return "no item can be what contains demands";
        int allowed = rules.Rest is { AllowsNothing: true } ? rules.Prefix.Length : int.MaxValue;
        return rules.MinItems > allowed ? "minItems is greater than the number of items allowed" : null;
    }
}
