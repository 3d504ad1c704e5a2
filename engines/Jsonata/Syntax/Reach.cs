using Gateway.Jsonata.Library;

namespace Gateway.Jsonata.Syntax;

/// <summary>
/// What an expression looks at beside itself. In doubt it looks: who decides by this when an expression may be evaluated must not do so too early.
/// </summary>
internal sealed class Reach
{
    private readonly HashSet<string> _names = [];
    private readonly HashSet<(Ast Node, bool Outermost)> _seen = [];
    private readonly Stack<(Ast Node, bool Outermost)> _open = new();

    /// <param name="tree">A shaped tree.</param>
    public Reach(Ast tree)
    {
        // Without recursion, as an expression may be nested as deeply as its text is long.
        Push(tree, true);
        while (_open.TryPop(out var next))
        {
            ReadsInput |= Reads(next.Node, next.Outermost);
            if (next.Node.Type == AstType.Variable) _names.Add(next.Node.Text);
            PushParts(next.Node, next.Outermost);
        }
        _names.ExceptWith(["", "$"]);
    }

    /// <summary>Variables and functions, without their $; those that the expression binds itself are among them.</summary>
    public IReadOnlySet<string> Names => _names;

    public bool ReadsInput { get; private set; }

    /// <param name="outermost">Whether the context is the input, and no part of something that was looked up.</param>
    private static bool Reads(Ast ast, bool outermost) => ast.Type switch
    {
        AstType.Variable => ast.Text == "$" || (ast.Text.Length == 0 && outermost),
        AstType.Name or AstType.Wildcard or AstType.Descendant or AstType.Parent => outermost,
        AstType.Function => outermost && TakesContext(ast),
        _ => false,
    };

    /// <summary>Whether a call leaves an argument to the context, as <c>$uppercase()</c> does.</summary>
    private static bool TakesContext(Ast call) =>
        call.Left is { Type: AstType.Variable } called && BuiltIns.Find(called.Text) is { } known
            ? known.Signature.TakesContext && !known.Signature.IsFilledBy(call.Items.Count)
            : call.Items.Count == 0;

    private void PushParts(Ast ast, bool outermost)
    {
        if (ast.Type == AstType.Lambda)
        {
            // The rest of it is parameters. Its body sees the context that it was made in.
            Push(ast.Right, outermost);
            return;
        }
        var isPath = ast.Type == AstType.Path;
        var within = outermost && ast.Type != AstType.Transform;
        for (var i = 0; i < ast.Items.Count; i++) Push(ast.Items[i], within && !(isPath && i > 0));
        foreach (var part in (ReadOnlySpan<Ast?>)[ast.Left, ast.Right, ast.Third]) Push(part, within);
        foreach (var (key, value) in ast.Pairs)
        {
            Push(key, within);
            Push(value, within);
        }
        // The context of these is an item.
        Push(ast.Group, false);
        foreach (var term in ast.Terms) Push(term.Expression, false);
        foreach (var stage in (ast.Predicates ?? []).Concat(ast.Stages ?? [])) Push(stage.Filter, false);
    }

    private void Push(Ast? ast, bool outermost)
    {
        if (ast is not null && _seen.Add((ast, outermost))) _open.Push((ast, outermost));
    }
}
