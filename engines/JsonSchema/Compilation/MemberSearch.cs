using System.Text;
using System.Text.Json;
using Gateway.JsonSchema.Evaluation;

namespace Gateway.JsonSchema.Compilation;

/// <summary>Finds the members that a schema names, by <c>properties</c> and <c>required</c>, along <c>$ref</c> and <c>allOf</c>.</summary>
internal static class MemberSearch
{
    public static Dictionary<string, SchemaMember> Find(SchemaNode root)
    {
        Dictionary<string, SchemaMember> found = [];
        foreach (ObjectRules rules in Parts(root).Select(part => part.Objects).OfType<ObjectRules>())
        {
            for (int slot = 0; slot < rules.Names.Count; slot++)
            {
                string name = Encoding.UTF8.GetString(rules.Names[slot]);
                SchemaMember member = found.GetValueOrDefault(name, SchemaMember.Any);
                found[name] = rules.Members[slot] is not { } schema
                    ? member
                    : new SchemaMember(member.Kinds & KindsOf(schema), member.ItemKinds & ItemKindsOf(schema));
            }
        }
        return found;
    }

    /// <summary>The kinds of values that a schema leaves possible.</summary>
    public static SchemaKinds KindsOf(SchemaNode schema) =>
        Parts(schema).Aggregate(SchemaKinds.Any, (kinds, part) => kinds & Own(part));

    private static SchemaKinds ItemKindsOf(SchemaNode schema) =>
        Parts(schema).Select(part => part.Arrays?.Rest).OfType<SchemaNode>().Aggregate(SchemaKinds.Any, (kinds, items) => kinds & KindsOf(items));

    private static IEnumerable<SchemaNode> Parts(SchemaNode schema) => LoopSearch.AlwaysInPlace(schema).Prepend(schema);

    private static SchemaKinds Own(SchemaNode node)
    {
        SchemaKinds kinds = SchemaKinds.None;
        for (JsonValueKind kind = JsonValueKind.Object; kind <= JsonValueKind.Null; kind++)
        {
            if (((node.Kinds >> (int)kind) & 1) == 1)
                kinds |= KindOf(kind);
        }
        return (node.Const ?? node.Enum) is { } listed ? kinds & listed.Values.Aggregate(SchemaKinds.None, (all, value) => all | KindOf(value.ValueKind)) : kinds;
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
}
