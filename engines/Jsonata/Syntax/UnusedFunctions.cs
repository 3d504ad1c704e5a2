namespace Gateway.Jsonata.Syntax;

/// <summary>
/// Functions that are bound at the top of an expression and used by nothing that is evaluated: a library costs an evaluation only what is
/// used of it. They are looked for by name, so a name that is bound again further in keeps its function.
/// </summary>
internal static class UnusedFunctions
{
    /// <summary>Takes them out of the tree; whether there were any. They must have been compiled before, or what is wrong with them is not told.</summary>
    public static bool Remove(Ast tree)
    {
        if (tree.Type != AstType.Block)
        {
            return false;
        }
        var functions = tree.Items.SkipLast(1).Where(item => item is { Type: AstType.Bind, Right.Type: AstType.Lambda }).ToHashSet();
        var used = new HashSet<string>();
        var open = new Queue<Ast>(tree.Items.Where(item => !functions.Contains(item)));
        while (open.TryDequeue(out var live))
        {
            AddNames(live, used);
            // What is evaluated there is not known.
            if (used.Contains("eval"))
            {
                return false;
            }
            foreach (var function in functions.Where(f => used.Contains(f.Left!.Text)).ToList())
            {
                functions.Remove(function);
                open.Enqueue(function.Right!);
            }
        }
        return tree.Items.RemoveAll(functions.Contains) > 0;
    }

    /// <summary>Without recursion, as an expression may be nested as deeply as its text is long; each node once, as shaping lets steps share nodes.</summary>
    private static void AddNames(Ast tree, HashSet<string> names)
    {
        var seen = new HashSet<Ast>();
        var open = new Stack<Ast>([tree]);
        while (open.TryPop(out var node))
        {
            if (!seen.Add(node))
            {
                continue;
            }
            if (node.Type == AstType.Variable)
            {
                names.Add(node.Text);
            }
            foreach (var child in Children(node).OfType<Ast>())
            {
                open.Push(child);
            }
        }
    }

    private static IEnumerable<Ast?> Children(Ast tree) =>
    [
        tree.Left, tree.Right, tree.Third, tree.Group, .. tree.Items, .. tree.Pairs.SelectMany(pair => (IEnumerable<Ast>)[pair.Key, pair.Value]), .. tree.Terms.Select(term => term.Expression),
        .. (tree.Predicates ?? []).Select(stage => stage.Filter), .. (tree.Stages ?? []).Select(stage => stage.Filter),
    ];
}
