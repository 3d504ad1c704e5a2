using Gateway.Jsonata.Nodes;

namespace Gateway.Jsonata.Syntax;

/// <summary>Paths.</summary>
internal sealed partial class Compiler
{
    private Node VisitPath(Ast ast)
    {
        var firstRow = ast.Items.FindIndex(step => step.IsTuple);
        if (firstRow >= 0)
        {
            return VisitTuplePath(ast, firstRow);
        }
        var steps = new Step[ast.Items.Count];
        for (var i = 0; i < steps.Length; i++)
        {
            steps[i] = VisitStep(ast.Items[i], i == 0, null);
        }
        var startsWithVariable = ast.Items[0].Type == AstType.Variable;
        var grouping = ast.Group is null ? null : VisitGrouping(ast.Group);
        var path = new PathNode(steps, startsWithVariable, ast.KeepSingletonArray, grouping) { KeepArray = ast.KeepArray };
        return ast.KeepArray || ast.KeepSingletonArray || grouping is not null ? path : Shortened(steps, startsWithVariable, path);
    }

    /// <summary>The node for a path of fields, or of fields and then objects, which needs no sequences; else the path itself.</summary>
    private static Node Shortened(Step[] steps, bool startsWithVariable, PathNode path)
    {
        if (steps.Length > 1 && steps[^1] is { Node: ObjectNode maker, Stages.Length: 0 } && Fields(steps[..^1], startsWithVariable, path) is { } fields)
        {
            return new FieldsToObjectsNode(fields, maker, path);
        }
        return Fields(steps, startsWithVariable, path) as Node ?? path;
    }

    private static FieldsNode? Fields(Step[] steps, bool startsWithVariable, PathNode path)
    {
        var source = startsWithVariable && steps is [{ Stages.Length: 0 }, _, ..] ? steps[0].Node : null;
        var fields = source is null ? steps : steps[1..];
        return Array.TrueForAll(fields, step => step.Name is not null && step.HasOnlyTests) ? new FieldsNode(source, fields, path) : null;
    }

    private TuplePathNode VisitTuplePath(Ast ast, int firstRow)
    {
        var outer = _scope;
        var rows = new Scope(outer) { IsRow = true };
        DeclareRowNames(ast, rows);
        var steps = new Step[ast.Items.Count];
        for (var i = 0; i < steps.Length; i++)
        {
            _scope = i < firstRow ? outer : rows;
            steps[i] = VisitStep(ast.Items[i], i == 0, i < firstRow ? null : rows);
        }
        _scope = rows;
        var grouping = ast.Group is null ? null : VisitGrouping(ast.Group);
        _scope = outer;
        if (ast.IsTuple)
        {
            NearestRows(outer)?.DeclareAll(rows);
        }
        var startsWithVariable = ast.Items[0].Type == AstType.Variable;
        return new TuplePathNode(steps, firstRow, startsWithVariable, ast.KeepSingletonArray, ast.IsTuple, rows, grouping) { KeepArray = ast.KeepArray };
    }

    /// <summary>Rows of a path within a step are joined to those of the path around it, names and all.</summary>
    private static Scope? NearestRows(Scope? scope)
    {
        while (scope is not null && !scope.IsRow)
        {
            scope = scope.Parent;
        }
        return scope;
    }

    private static void DeclareRowNames(Ast path, Scope rows)
    {
        foreach (var step in path.Items)
        {
            if (step.Focus is not null)
            {
                rows.Declare(step.Focus);
            }
            if (step.Index is not null)
            {
                rows.Declare(step.Index);
            }
            if (step.Ancestor is not null)
            {
                rows.Declare(step.Ancestor.Label);
            }
            foreach (var stage in step.Stages ?? [])
            {
                if (stage.Index is not null)
                {
                    rows.Declare(stage.Index);
                }
            }
            Bindings.Declare(step, rows);
        }
    }

    private Step VisitStep(Ast ast, bool isFirst, Scope? rows)
    {
        if (ast.Type == AstType.Sort)
        {
            var terms = ast.Terms.ConvertAll(term => new SortKey(Visit(term.Expression), term.Descending)).ToArray();
            return new Step
            {
                Node = new LiteralNode(default),
                Sort = new SortStep(terms, ast.Position),
                Stages = VisitStages(ast, rows),
                IsTuple = ast.IsTuple,
                IndexSlot = SlotOf(rows, ast.Index),
            };
        }
        var node = Visit(ast);
        return new Step
        {
            Node = node,
            Name = (node as NameNode)?.Name,
            Stages = VisitStages(ast, rows),
            IsConstructed = isFirst && ast.IsConstructed,
            IsTuple = ast.IsTuple,
            FocusSlot = SlotOf(rows, ast.Focus),
            IndexSlot = SlotOf(rows, ast.Index),
            AncestorSlot = SlotOf(rows, ast.Ancestor?.Label),
        };
    }

    private StepStage[] VisitStages(Ast ast, Scope? rows) => ast.Stages is null
        ? []
        : ast.Stages.ConvertAll(stage => stage.Filter is null ? new StepStage(null, SlotOf(rows, stage.Index)) : new StepStage(VisitPredicate(stage.Filter), -1)).ToArray();

    private static int SlotOf(Scope? rows, string? name) => rows is null || name is null ? -1 : rows.Find(name);
}
