namespace Gateway.Jsonata.Syntax;

/// <summary>
/// Turns the tree as written into the tree that is compiled: dots become paths of steps, predicates and orderings move
/// onto their steps, tail calls are marked.
/// </summary>
internal sealed class PathShaper
{
    private readonly Ancestry _ancestry = new();

    /// <exception cref="SyntaxFailure">The tree means nothing.</exception>
    public static Ast Shape(Ast tree)
    {
        var shaped = new PathShaper().Visit(tree);
        if (shaped.Type == AstType.Parent || shaped.SeekingParent is not null)
        {
            throw Ancestry.NoParent(shaped);
        }
        return shaped;
    }

    private Ast Visit(Ast node)
    {
        var keep = node.KeepArray;
        var shaped = VisitByType(node);
        shaped.KeepArray |= keep;
        return shaped;
    }

    private Ast VisitByType(Ast node)
    {
        switch (node.Type)
        {
            case AstType.Binary:
                return VisitBinary(node);
            case AstType.Negate:
                return VisitNegate(node);
            case AstType.Array or AstType.Block or AstType.Function or AstType.Partial:
                return VisitItems(node);
            case AstType.Object:
                node.Pairs = node.Pairs.ConvertAll(pair => (Child(node, pair.Key), Child(node, pair.Value)));
                return node;
            case AstType.Lambda:
                node.Right = MarkTailCalls(Visit(node.Right!));
                return node;
            case AstType.Condition or AstType.Coalesce or AstType.Default:
                node.Left = Child(node, node.Left!);
                node.Right = Child(node, node.Right!);
                node.Third = node.Third is null ? null : Child(node, node.Third);
                return node;
            case AstType.Transform:
                node.Left = Visit(node.Left!);
                node.Right = Visit(node.Right!);
                node.Third = node.Third is null ? null : Visit(node.Third);
                return node;
            case AstType.Name:
                return new Ast(AstType.Path, "", node.Position) { Items = [node], KeepSingletonArray = node.KeepArray };
            case AstType.Parent:
                return _ancestry.NewParent(node);
            case AstType.Operator when node.Text is "and" or "or" or "in":
                node.Type = AstType.Name;
                return Visit(node);
            case AstType.End:
                throw new SyntaxFailure("S0207", node.Position, "the expression ends too early", "write a value here");
            default:
                return node;
        }
    }

    private Ast Child(Ast owner, Ast child)
    {
        var shaped = Visit(child);
        Ancestry.Push(owner, shaped);
        return shaped;
    }

    private Ast VisitItems(Ast node)
    {
        for (var i = 0; i < node.Items.Count; i++)
        {
            var item = Child(node, node.Items[i]);
            node.Items[i] = item;
            if (node.Type == AstType.Block && (item.IsConstructed || (item.Type == AstType.Path && item.Items[0].IsConstructed)))
            {
                node.IsConstructed = true;
            }
        }
        if (node.Type is AstType.Function or AstType.Partial)
        {
            node.Left = Visit(node.Left!);
        }
        return node;
    }

    private Ast VisitNegate(Ast node)
    {
        var operand = Visit(node.Left!);
        if (operand.Type == AstType.Number)
        {
            operand.Text = operand.Text.StartsWith('-') ? operand.Text[1..] : "-" + operand.Text;
            return operand;
        }
        node.Left = operand;
        Ancestry.Push(node, operand);
        return node;
    }

    private Ast VisitBinary(Ast node)
    {
        switch (node.Text)
        {
            case ".":
                return VisitDot(node);
            case "[":
                return VisitPredicate(node);
            case "{":
                var grouped = Visit(node.Left!);
                if (grouped.Group is not null)
                {
                    throw new SyntaxFailure("S0210", node.Position, "this step already has a grouping", "group once, or put the first grouping in parentheses");
                }
                node.Pairs = node.Pairs.ConvertAll(pair => (Visit(pair.Key), Visit(pair.Value)));
                grouped.Group = node;
                return grouped;
            case "^":
                return VisitSort(node);
            case "@":
                return VisitFocus(node);
            case "#":
                return VisitIndex(node);
            case ":=":
                node.Type = AstType.Bind;
                node.Right = Child(node, node.Right!);
                return node;
            case "~>":
                node.Type = AstType.Apply;
                node.Left = Visit(node.Left!);
                node.Right = Visit(node.Right!);
                node.KeepArray = node.Left.KeepArray || node.Right.KeepArray;
                return node;
            default:
                node.Left = Child(node, node.Left!);
                node.Right = Child(node, node.Right!);
                return node;
        }
    }

    private Ast VisitDot(Ast node)
    {
        var first = Visit(node.Left!);
        var path = first.Type == AstType.Path ? first : new Ast(AstType.Path, "", first.Position) { Items = [first] };
        if (first.Type == AstType.Parent)
        {
            path.SeekingParent = [first.Slot!];
        }
        var rest = Visit(node.Right!);
        if (rest.Type == AstType.Path)
        {
            path.Items.AddRange(rest.Items);
        }
        else
        {
            MovePredicates(rest);
            path.Items.Add(rest);
        }
        foreach (var step in path.Items)
        {
            if (step.Type is AstType.Number or AstType.Literal)
            {
                throw new SyntaxFailure("S0213", step.Position, $"the literal {step.Text} is no step of a path", $"write `{step.Text}` in backquotes if a field has this name");
            }
            if (step.Type == AstType.String)
            {
                step.Type = AstType.Name;
            }
            path.KeepSingletonArray |= step.KeepArray;
        }
        path.Items[0].IsConstructed |= path.Items[0].Type == AstType.Array;
        path.Items[^1].IsConstructed |= path.Items[^1].Type == AstType.Array;
        Ancestry.Resolve(path);
        return path;
    }

    private Ast VisitPredicate(Ast node)
    {
        var filtered = Visit(node.Left!);
        var isPath = filtered.Type == AstType.Path;
        var step = isPath ? filtered.Items[^1] : filtered;
        if (step.Group is not null)
        {
            throw new SyntaxFailure("S0209", node.Position, "a predicate cannot follow a grouping", "put the grouping in parentheses");
        }
        var predicate = Visit(node.Right!);
        Ancestry.ResolveInPredicate(step, predicate);
        var stage = new Stage(predicate, null);
        if (isPath)
        {
            (step.Stages ??= []).Add(stage);
        }
        else
        {
            (step.Predicates ??= []).Add(stage);
        }
        return filtered;
    }

    private Ast VisitSort(Ast node)
    {
        var sorted = Visit(node.Left!);
        var path = sorted.Type == AstType.Path ? sorted : new Ast(AstType.Path, "", sorted.Position) { Items = [sorted] };
        var step = new Ast(AstType.Sort, "^", node.Position);
        foreach (var term in node.Terms)
        {
            step.Terms.Add(term with { Expression = Child(step, term.Expression) });
        }
        path.Items.Add(step);
        Ancestry.Resolve(path);
        return path;
    }

    private Ast VisitFocus(Ast node)
    {
        var bound = Visit(node.Left!);
        var step = bound.Type == AstType.Path ? bound.Items[^1] : bound;
        if (step.Stages is not null || step.Predicates is not null)
        {
            throw new SyntaxFailure("S0215", node.Position, "a variable is bound with @ after a predicate", "put @$name before the predicate");
        }
        if (step.Type == AstType.Sort)
        {
            throw new SyntaxFailure("S0216", node.Position, "a variable is bound with @ after an ordering", "put @$name before ^(…)");
        }
        step.KeepArray |= node.KeepArray;
        step.Focus = node.Right!.Text;
        step.IsTuple = true;
        return bound;
    }

    private Ast VisitIndex(Ast node)
    {
        var bound = Visit(node.Left!);
        var step = bound;
        if (bound.Type == AstType.Path)
        {
            step = bound.Items[^1];
        }
        else
        {
            bound = new Ast(AstType.Path, "", bound.Position) { Items = [step] };
            MovePredicates(step);
        }
        if (step.Stages is null)
        {
            step.Index = node.Right!.Text;
        }
        else
        {
            step.Stages.Add(new Stage(null, node.Right!.Text));
        }
        step.IsTuple = true;
        return bound;
    }

    private static void MovePredicates(Ast step)
    {
        if (step.Predicates is not null)
        {
            step.Stages = step.Predicates;
            step.Predicates = null;
        }
    }

    /// <summary>A call whose value is the lambda's value runs in the lambda's place, so that recursion in tail position never grows the stack.</summary>
    private static Ast MarkTailCalls(Ast body)
    {
        switch (body.Type)
        {
            case AstType.Function when body.Predicates is null && body.Group is null:
                body.IsTailCall = true;
                break;
            case AstType.Condition:
                MarkTailCalls(body.Right!);
                if (body.Third is not null)
                {
                    MarkTailCalls(body.Third);
                }
                break;
            case AstType.Coalesce or AstType.Default:
                MarkTailCalls(body.Right!);
                break;
            case AstType.Block when body.Items.Count > 0 && body.Predicates is null && body.Group is null:
                MarkTailCalls(body.Items[^1]);
                break;
        }
        return body;
    }
}
