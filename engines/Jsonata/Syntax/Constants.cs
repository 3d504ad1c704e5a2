using Gateway.Jsonata.Nodes;

namespace Gateway.Jsonata.Syntax;

/// <summary>Arrays and objects written out in full, such as code tables, are made once and not at every evaluation.</summary>
internal static class Constants
{
    /// <summary>The node of a constant array or object; null when any part has to be worked out.</summary>
    public static LiteralNode? Fold(Ast ast, JsonataOptions options) => ValueOf(ast, options) is { } value ? new LiteralNode(value) : null;

    private static Value? ValueOf(Ast ast, JsonataOptions options)
    {
        if (ast.Predicates is not null || ast.Group is not null || ast.KeepArray)
        {
            return null;
        }
        return ast.Type switch
        {
            AstType.String => Value.From(ast.Text),
            AstType.Number => Numeric.Parse(ast.Text, options.Numbers == NumberMode.Exact),
            AstType.Literal => ast.Text == "null" ? Value.Null : Value.From(ast.Text == "true"),
            AstType.Array => ArrayOf(ast, options),
            AstType.Object => ObjectOf(ast, options),
            _ => null,
        };
    }

    private static Value? ArrayOf(Ast ast, JsonataOptions options)
    {
        var list = new ValueList(ast.Items.Count) { IsConstructed = ast.IsConstructed };
        foreach (var item in ast.Items)
        {
            if (ValueOf(item, options) is not { } value)
            {
                return null;
            }
            list.Add(value);
        }
        return Value.From(list);
    }

    private static Value? ObjectOf(Ast ast, JsonataOptions options)
    {
        var names = new List<string>();
        var values = new List<Value>();
        foreach (var (key, item) in ast.Pairs)
        {
            if (key.Type != AstType.String || key.Predicates is not null || names.Contains(key.Text) || ValueOf(item, options) is not { } value)
            {
                return null;
            }
            names.Add(key.Text);
            values.Add(value);
        }
        return Value.From(new ValueMap(new FieldNames([.. names]), [.. values]) { IsFrozen = true });
    }
}
