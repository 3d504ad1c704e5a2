namespace Gateway.Jsonata.Syntax;

internal enum TokenType : byte
{
    End,
    Operator,
    Name,
    Variable,
    String,
    Number,

    /// <summary>true, false or null.</summary>
    Literal,
    Regex,
}

/// <summary>A piece of source. For regular expressions the text is the pattern and the flags follow a slash at its end.</summary>
internal readonly record struct Token(TokenType Type, string Text, int Position)
{
    public bool Is(string symbol) => Type == TokenType.Operator && Text == symbol;
}

/// <summary>A syntax error on its way out of the recursive parser; <see cref="JsonataExpression.Compile"/> turns it into a diagnostic.</summary>
internal sealed class SyntaxFailure(string code, int position, string message, string cure) : Exception(message)
{
    public string Code { get; } = code;

    public int Position { get; } = position;

    public string Cure { get; } = cure;
}
