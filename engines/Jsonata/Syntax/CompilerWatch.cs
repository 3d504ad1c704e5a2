using Gateway.Jsonata.Nodes;

namespace Gateway.Jsonata.Syntax;

/// <summary>What tells who watches that a part is reached. Without <see cref="JsonataOptions.Watch"/> the nodes are as they would be without this file.</summary>
internal sealed partial class Compiler
{
    /// <summary>Fields, constants, variables and calls are reached with what they stand in; the compiler knows some of them by their nodes.</summary>
    private bool IsWatched(Ast ast) => _options.Watch is not null && ast.Type is
        AstType.Path or AstType.Object or AstType.Array or AstType.Block or AstType.Binary or AstType.Bind or AstType.Condition or AstType.Coalesce or AstType.Default or AstType.Transform;

    /// <summary>A part that may be left out while what is around it is evaluated: always watched.</summary>
    private Node VisitBranch(Ast ast)
    {
        var node = Visit(ast);
        return _options.Watch is null || IsWatched(ast) ? node : Watched(ast, node);
    }

    private WatchNode Watched(Ast ast, Node node)
    {
        var (line, column) = SourceText.Locate(_source, Start(ast).Position);
        return new WatchNode(node, _options.Watch!(line, column));
    }

    /// <summary>What stands first of a part: an operator's place is its own, behind its left side.</summary>
    private static Ast Start(Ast ast)
    {
        while ((ast.Type == AstType.Path ? ast.Items.FirstOrDefault() : ast.Left) is { } first && ast.Type is not (AstType.Lambda or AstType.Transform)) ast = first;
        return ast;
    }
}
