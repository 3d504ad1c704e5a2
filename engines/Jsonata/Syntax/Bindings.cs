namespace Gateway.Jsonata.Syntax;

/// <summary>Finds the variables an expression binds in the scope it stands in, before anything that refers to them is compiled.</summary>
internal static class Bindings
{
    /// <summary>Declares them; blocks and lambdas inside have scopes of their own.</summary>
    public static void Declare(Ast ast, Scope scope)
    {
        if (ast.Type == AstType.Bind)
        {
            scope.Declare(ast.Left!.Text);
        }
        foreach (var stage in ast.Predicates ?? [])
        {
            DeclareIn(stage.Filter, scope);
        }
        foreach (var stage in ast.Stages ?? [])
        {
            DeclareIn(stage.Filter, scope);
        }
        foreach (var (key, value) in ast.Group?.Pairs ?? [])
        {
            Declare(key, scope);
            Declare(value, scope);
        }
        if (ast.Type is AstType.Block or AstType.Lambda)
        {
            return;
        }
        DeclareIn(ast.Type == AstType.Bind ? null : ast.Left, scope);
        DeclareIn(ast.Right, scope);
        DeclareIn(ast.Third, scope);
        foreach (var item in ast.Items)
        {
            Declare(item, scope);
        }
        foreach (var (key, value) in ast.Pairs)
        {
            Declare(key, scope);
            Declare(value, scope);
        }
        foreach (var term in ast.Terms)
        {
            Declare(term.Expression, scope);
        }
    }

    private static void DeclareIn(Ast? ast, Scope scope)
    {
        if (ast is not null)
        {
            Declare(ast, scope);
        }
    }
}
