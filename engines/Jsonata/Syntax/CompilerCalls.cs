using Gateway.Jsonata.Library;
using Gateway.Jsonata.Nodes;

namespace Gateway.Jsonata.Syntax;

/// <summary>Variables and calls.</summary>
internal sealed partial class Compiler
{
    private Node VisitVariable(Ast ast, bool keep)
    {
        switch (ast.Text)
        {
            case "":
                return new ContextNode { KeepArray = keep };
            case "$":
                return new RootNode { KeepArray = keep };
        }
        if (!IsDeclared(ast.Text))
        {
            _names.Check(ast.Text, ast.Position, VisibleNames());
        }
        return Variable(ast.Text, keep, _names.Function(ast.Text));
    }

    /// <summary>The places a name may be bound in, from the inside out, up to one where it certainly is.</summary>
    private Node Variable(string name, bool keep, Function? builtIn)
    {
        var places = new List<SlotAddress>();
        var hops = 0;
        for (var scope = _scope; scope is not null; scope = scope.Parent)
        {
            if (!scope.HasFrame)
            {
                continue;
            }
            var slot = scope.Find(name);
            if (slot >= 0)
            {
                places.Add(new SlotAddress(hops, slot));
                if (slot < scope.Parameters)
                {
                    break;
                }
            }
            hops++;
        }
        var certain = places.Count == 1 && IsParameter(name);
        return certain ? new LocalNode(places[0]) { KeepArray = keep } : new VariableNode(name, [.. places], builtIn) { KeepArray = keep };
    }

    private bool IsParameter(string name)
    {
        for (var scope = _scope; scope is not null; scope = scope.Parent)
        {
            var slot = scope.Find(name);
            if (slot >= 0)
            {
                return slot < scope.Parameters;
            }
        }
        return false;
    }

    private bool IsDeclared(string name)
    {
        for (var scope = _scope; scope is not null; scope = scope.Parent)
        {
            if (scope.Find(name) >= 0)
            {
                return true;
            }
        }
        return false;
    }

    private IEnumerable<string> VisibleNames()
    {
        for (var scope = _scope; scope is not null; scope = scope.Parent)
        {
            foreach (var name in scope.Names)
            {
                yield return name;
            }
        }
    }

    private Node VisitCall(Ast ast, bool keep)
    {
        var name = CalledName(ast);
        var site = new CallSite(ast.Left!.Position, name);
        var depth = _depth;
        var arguments = ast.Items.ConvertAll(Visit).ToArray();
        if (ast.Left is { Type: AstType.Variable, Text: "eval", Predicates: null, Group: null } && !IsDeclared("eval"))
        {
            _keepers++;
            return new EvalNode(arguments, site, depth, _scope) { KeepArray = keep };
        }
        var procedure = Visit(ast.Left);
        var known = ast.Left is { Type: AstType.Variable, Predicates: null, Group: null } && !IsDeclared(ast.Left.Text) ? _names.Function(ast.Left.Text) : null;
        if (known is not null)
        {
            _names.CheckCall(ast);
        }
        var tail = ast.IsTailCall ? new TailCallNode(procedure, arguments, site, ForgottenDollar(ast)) : null;
        if (tail is not null && (known is null || !known.Signature.IsFilledBy(arguments.Length)))
        {
            return tail;
        }
        return new CallNode(procedure, known, arguments, site, depth, ForgottenDollar(ast)) { KeepArray = keep, Tail = tail };
    }

    /// <summary>The node that does without a call what some built-in functions do; else the call itself.</summary>
    private static Node WithoutCall(Node node)
    {
        if (node is not CallNode { Known: { } known } call || !ReferenceEquals(known, BuiltIns.Find(known.Name)))
        {
            return node;
        }
        return (known.Name, call.Arguments) switch
        {
            ("exists", [var argument]) => new ExistsNode(argument, call),
            ("not", [var argument]) => new NotNode(argument, call),
            ("map", [var array, var function]) => new MapNode(array, function, known, call),
            _ => call,
        };
    }

    private PartialNode VisitPartial(Ast ast)
    {
        var arguments = ast.Items.ConvertAll(item => item.Type == AstType.Operator ? null : Visit(item)).ToArray();
        var site = new CallSite(ast.Left!.Position, CalledName(ast));
        return new PartialNode(Visit(ast.Left), arguments, site, ForgottenDollar(ast));
    }

    private ApplyNode VisitApply(Ast ast, bool keep)
    {
        var depth = _depth;
        var left = Visit(ast.Left!);
        // A call on the right takes the left side as its first argument and is no node of its own.
        var right = ast.Right!;
        var isCall = right.Type == AstType.Function;
        var node = isCall ? VisitCall(right, false) : Visit(right);
        return new ApplyNode(left, node, isCall, ast.Position, depth) { KeepArray = keep };
    }

    private static string? CalledName(Ast call) => call.Left!.Type switch
    {
        AstType.Path => call.Left.Items[0].Text,
        AstType.Variable => call.Left.Text,
        _ => null,
    };

    /// <summary>The name of a function written without its $, to say so when the call fails.</summary>
    private string? ForgottenDollar(Ast call) =>
        call.Left is { Type: AstType.Path } path && (IsDeclared(path.Items[0].Text) || _names.Function(path.Items[0].Text) is not null)
            ? path.Items[0].Text
            : null;
}
