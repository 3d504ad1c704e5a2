using Gateway.Jsonata.Library;

namespace Gateway.Jsonata.Syntax;

/// <summary>
/// Whether an expression gives true or false, as far as can be told before there are data: yes (or nothing at all), certainly not, or, as null, it
/// depends.
/// </summary>
internal static class Truth
{
    /// <summary>How deeply it is looked; deeper down it depends.</summary>
    private const int MaxDepth = 100;

    /// <param name="ast">A shaped tree.</param>
    public static bool? Of(Ast ast) => Of(ast, MaxDepth);

    private static bool? Of(Ast? ast, int depth)
    {
        if (ast is null || depth == 0) return null;
        if (ast.Group is not null || ast.KeepArray) return false;
        var plain = OfPlain(ast, depth - 1);
        // A position may be none.
        return ast.Predicates is null || plain == false ? plain : null;
    }

    private static bool? OfPlain(Ast ast, int depth) => ast.Type switch
    {
        AstType.String or AstType.Number or AstType.Negate or AstType.Array or AstType.Object or AstType.Lambda or AstType.Partial or AstType.Transform or AstType.Regex => false,
        AstType.Literal => ast.Text != "null",
        AstType.Binary => ast.Text is not ("+" or "-" or "*" or "/" or "%" or "&" or ".."),
        AstType.Block => ast.Items.Count > 0 && Of(ast.Items[^1], depth) is not false ? Of(ast.Items[^1], depth) : false,
        AstType.Bind => Of(ast.Right, depth),
        AstType.Condition => ast.Third is null ? (Of(ast.Right, depth) == false ? false : null) : Either(ast.Right, ast.Third, depth),
        AstType.Coalesce or AstType.Default => Either(ast.Left, ast.Right, depth),
        AstType.Function => OfFunction(ast.Left),
        AstType.Apply => OfFunction(ast.Right is { Type: AstType.Function } call ? call.Left : ast.Right),
        _ => null,
    };

    private static bool? Either(Ast? one, Ast? other, int depth)
    {
        var truth = Of(one, depth);
        return truth == Of(other, depth) ? truth : null;
    }

    /// <summary>By what the function's signature says of its result.</summary>
    private static bool? OfFunction(Ast? called) => called is { Type: AstType.Variable, Predicates: null, Group: null } && BuiltIns.Find(called.Text) is { } known
        ? known.Result switch { 'b' => true, 's' or 'n' or 'a' or 'o' => false, _ => null }
        : null;
}
