using System.Text;
using System.Text.Json;
using Gateway.JsonSchema.Evaluation;

namespace Gateway.JsonSchema.Compilation;

/// <summary>
/// Finds the members that a schema names anywhere for its own object, and the kinds of values that it leaves possible for each. What always
/// applies (<c>$ref</c>, <c>allOf</c>) narrows the kinds; what applies in some cases only (choices, conditions) adds its own.
/// </summary>
internal static class MemberSearch
{
    public static Dictionary<string, SchemaMember> Find(SchemaNode root)
    {
        HashSet<SchemaNode> always = [root, .. LoopSearch.AlwaysInPlace(root)];
        Dictionary<string, Mentions> mentions = [];
        foreach (SchemaNode part in Everywhere(root))
            Note(part, always.Contains(part), mentions);
        return mentions.ToDictionary(m => m.Key, m => m.Value.Member());
    }

    public static SchemaPath Follow(SchemaNode root, IReadOnlyList<string> path)
    {
        List<SchemaNode> here = [root];
        for (int known = 0; known < path.Count; known++)
        {
            List<ObjectRules> rules = [.. here.SelectMany(Everywhere).Select(part => part.Objects).OfType<ObjectRules>()];
            List<SchemaNode> next = [.. rules.SelectMany(objects => Named(objects).Where(member => member.Name == path[known]).Select(member => member.Schema))];
            if (next.Count == 0)
                return new SchemaPath(known, here.TrueForAll(IsClosed) ? [.. rules.SelectMany(Named).Select(member => member.Name).Distinct()] : null, SchemaKinds.Any);
            here = next;
        }
        return new SchemaPath(path.Count, null, here.Aggregate(SchemaKinds.None, (kinds, schema) => kinds | KindsOf(schema)));
    }

    /// <summary>Members that the schema allows without naming them have rules of their own.</summary>
    public static bool HasRulesForOthers(SchemaNode root) => Everywhere(root).Any(part =>
        part.Objects is { } objects && (objects.Patterns.Length > 0 || objects.Additional is { AllowsAll: false, AllowsNothing: false }));

    /// <summary>The kinds of values that a schema leaves possible.</summary>
    public static SchemaKinds KindsOf(SchemaNode schema) => KindsOf(schema, []);

    private static void Note(SchemaNode part, bool always, Dictionary<string, Mentions> mentions)
    {
        if (part.Objects is not { } rules)
            return;
        for (int slot = 0; slot < rules.Names.Count; slot++)
        {
            string name = Encoding.UTF8.GetString(rules.Names[slot]);
            if (!mentions.TryGetValue(name, out Mentions? known))
                mentions[name] = known = new Mentions();
            if (rules.Members[slot] is { } schema)
                (always ? known.Always : known.Sometimes).Add(schema);
        }
    }

    private static IEnumerable<(string Name, SchemaNode Schema)> Named(ObjectRules rules) =>
        Enumerable.Range(0, rules.Names.Count).Where(slot => rules.Members[slot] is not null).Select(slot => (Encoding.UTF8.GetString(rules.Names[slot]), rules.Members[slot]!));

    /// <summary>No member is allowed that is not named.</summary>
    private static bool IsClosed(SchemaNode root) => LoopSearch.AlwaysInPlace(root).Prepend(root).Any(part =>
        part.Objects is { Patterns.Length: 0, Additional.AllowsNothing: true } || part.UnevaluatedMembers is { Schema.AllowsNothing: true }) && !HasRulesForOthers(root);

    /// <summary>All schemas that may apply to the same value.</summary>
    private static HashSet<SchemaNode> Everywhere(SchemaNode root)
    {
        HashSet<SchemaNode> seen = [root];
        Stack<SchemaNode> open = new([root]);
        while (open.TryPop(out SchemaNode? next))
        {
            foreach (SchemaNode part in LoopSearch.InPlace(next).Where(seen.Add))
                open.Push(part);
        }
        return seen;
    }

    private static SchemaKinds KindsOf(SchemaNode schema, HashSet<SchemaNode> seen)
    {
        if (!seen.Add(schema))
            return SchemaKinds.Any;
        SchemaKinds kinds = Own(schema);
        foreach (InPlaceRule rule in schema.InPlace)
        {
            kinds &= rule switch
            {
                RefRule reference => KindsOf(reference.Target, seen),
                AllOfRule part => KindsOf(part.Schema, seen),
                ChoiceRule choice => choice.Branches.Aggregate(SchemaKinds.None, (any, branch) => any | KindsOf(branch, seen)),
                _ => SchemaKinds.Any,
            };
        }
        seen.Remove(schema);
        return kinds;
    }

    private static IEnumerable<ArrayRules> ArraysOf(IEnumerable<SchemaNode> schemas) =>
        schemas.SelectMany(Everywhere).Select(part => part.Arrays).OfType<ArrayRules>();

    private static SchemaKinds Own(SchemaNode node)
    {
        SchemaKinds kinds = SchemaKinds.None;
        for (JsonValueKind kind = JsonValueKind.Object; kind <= JsonValueKind.Null; kind++)
        {
            if (((node.Kinds >> (int)kind) & 1) == 1)
                kinds |= KindOf(kind);
        }
        return (node.Const ?? node.Enum) is { } listed
            ? kinds & listed.Values.Aggregate(SchemaKinds.None, (all, value) => all | KindOf(value.ValueKind))
            : kinds;
    }

    private static SchemaKinds KindOf(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => SchemaKinds.Object,
        JsonValueKind.Array => SchemaKinds.Array,
        JsonValueKind.String => SchemaKinds.String,
        JsonValueKind.Number => SchemaKinds.Number,
        JsonValueKind.Null => SchemaKinds.Null,
        _ => SchemaKinds.Boolean,
    };

    /// <summary>What is said about one member, here and there.</summary>
    private sealed class Mentions
    {
        public List<SchemaNode> Always { get; } = [];

        public List<SchemaNode> Sometimes { get; } = [];

        public SchemaMember Member()
        {
            SchemaKinds kinds = Always.Aggregate(SchemaKinds.Any, (kinds, schema) => kinds & KindsOf(schema));
            if (Always.Count == 0 && Sometimes.Count > 0)
                kinds = Sometimes.Aggregate(SchemaKinds.None, (kinds, schema) => kinds | KindsOf(schema));
            List<SchemaNode> all = [.. Always, .. Sometimes];
            SchemaKinds items = ArraysOf(all).Select(rules => rules.Rest).OfType<SchemaNode>().Aggregate(SchemaKinds.Any, (kinds, item) => kinds & KindsOf(item));
            return new SchemaMember(kinds, items, ArraysOf(all).Any(rules => rules.Prefix.Length > 0), all.TrueForAll(schema => schema.AllowsAll));
        }
    }
}
