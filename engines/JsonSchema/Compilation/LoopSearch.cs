using Gateway.JsonSchema.Evaluation;

namespace Gateway.JsonSchema.Compilation;

/// <summary>Finds circles among the schemas that apply to the same value: an evaluation would never leave them.</summary>
internal static class LoopSearch
{
    /// <summary>One schema of each circle.</summary>
    public static HashSet<SchemaNode> Find(IEnumerable<SchemaNode> nodes)
    {
        HashSet<SchemaNode> found = [];
        HashSet<SchemaNode> done = [];
        foreach (SchemaNode start in nodes)
            Visit(start, [], done, found);
        return found;
    }

    /// <summary>The schemas that apply to the same value as <paramref name="node"/>.</summary>
    public static IEnumerable<SchemaNode> InPlace(SchemaNode node)
    {
        IEnumerable<SchemaNode> dependent = node.Objects?.Dependents.Select(rule => rule.Schema).OfType<SchemaNode>() ?? [];
        return node.InPlace.SelectMany(SchemasOf).Concat(dependent);
    }

    /// <summary>
    /// All schemas that every value matching <paramref name="node"/> must match as well, by <c>$ref</c> and <c>allOf</c>.
    /// </summary>
    public static IEnumerable<SchemaNode> AlwaysInPlace(SchemaNode node)
    {
        HashSet<SchemaNode> seen = [node];
        Queue<SchemaNode> open = new([node]);
        while (open.TryDequeue(out SchemaNode? next))
        {
            foreach (SchemaNode part in next.InPlace.Where(rule => rule is RefRule or AllOfRule).SelectMany(SchemasOf))
            {
                if (!seen.Add(part))
                    continue;
                open.Enqueue(part);
                yield return part;
            }
        }
    }

    // Iterative: a chain of references may be longer than the stack is deep.
    private static void Visit(SchemaNode start, HashSet<SchemaNode> path, HashSet<SchemaNode> done, HashSet<SchemaNode> found)
    {
        Stack<(SchemaNode Node, IEnumerator<SchemaNode> Parts)> open = [];
        Open(start);
        while (open.TryPeek(out (SchemaNode Node, IEnumerator<SchemaNode> Parts) current))
        {
            if (!current.Parts.MoveNext())
            {
                open.Pop();
                path.Remove(current.Node);
                done.Add(current.Node);
            }
            else if (path.Contains(current.Parts.Current))
                found.Add(current.Parts.Current);
            else
                Open(current.Parts.Current);
        }

        void Open(SchemaNode node)
        {
            if (done.Contains(node))
                return;
            path.Add(node);
            open.Push((node, InPlace(node).GetEnumerator()));
        }
    }

    private static IEnumerable<SchemaNode> SchemasOf(InPlaceRule rule) => rule switch
    {
        RefRule reference => [reference.Target],
        DynamicRefRule reference => [reference.Fallback],
        AllOfRule part => [part.Schema],
        ChoiceRule choice => choice.Branches,
        NotRule not => [not.Schema],
        ConditionRule condition => new[] { condition.Condition, condition.Then, condition.Otherwise }.OfType<SchemaNode>(),
        _ => [],
    };
}
