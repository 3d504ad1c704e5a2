using System.Runtime.CompilerServices;

namespace Gateway.Jsonata.Syntax;

/// <summary>
/// A top-down operator precedence parser (V. Pratt, 1973). Binding powers and their quirks, such as <c>??</c> taking
/// everything to its right, are those of JSONata.
/// </summary>
internal sealed class Parser
{
    /// <summary>Nesting of source beyond this would cost more stack than a request's thread may have.</summary>
    private const int MaxNesting = 400;

    private readonly Lexer _lexer;
    private readonly string _source;
    private readonly List<(TokenType Type, string Text)>? _pieces;
    private Token _token;
    private int _nesting;

    private Parser(string source, List<(TokenType Type, string Text)>? pieces = null)
    {
        _source = source;
        _lexer = new Lexer(source);
        _pieces = pieces;
    }

    /// <summary>Parses source to the tree as written.</summary>
    /// <exception cref="SyntaxFailure">The source is not an expression.</exception>
    public static Ast Parse(string source) => new Parser(source).Whole();

    /// <summary>What a source consists of, in its order, without blanks and comments.</summary>
    /// <exception cref="SyntaxFailure">The source is not an expression.</exception>
    public static IReadOnlyList<(TokenType Type, string Text)> Pieces(string source)
    {
        var pieces = new List<(TokenType Type, string Text)>();
        new Parser(source, pieces).Whole();
        return pieces;
    }

    private Ast Whole()
    {
        Advance(false);
        var tree = Expression(0);
        if (_token.Type != TokenType.End)
        {
            throw Unexpected("S0201", _token);
        }
        return tree;
    }

    private static int LeftPower(in Token token) => token.Type != TokenType.Operator ? 0 : token.Text switch
    {
        "[" or "(" or "@" or "#" => 80,
        "." => 75,
        "{" => 70,
        "*" or "/" or "%" => 60,
        "+" or "-" or "&" => 50,
        "=" or "<" or ">" or "!=" or "<=" or ">=" or "~>" or "in" or "^" or "?:" or "??" => 40,
        "and" => 30,
        "or" => 25,
        "?" => 20,
        ":=" => 10,
        _ => 0,
    };

    private void Advance(bool afterOperand)
    {
        _token = _lexer.Next(afterOperand);
        _pieces?.Add((_token.Type, _token.Text));
        if (_token.Is("!") || _token.Is("~"))
        {
            throw new SyntaxFailure("S0204", _token.Position, $"'{_token.Text}' is no operator", _token.Text == "!" ? "negate with $not(…)" : "write ~> to apply a function");
        }
    }

    private void Expect(string symbol, bool afterOperand = false)
    {
        if (!_token.Is(symbol))
        {
            throw _token.Type == TokenType.End
                ? new SyntaxFailure("S0203", _token.Position, $"the expression ends where '{symbol}' should come", $"add '{symbol}'")
                : new SyntaxFailure("S0202", _token.Position, $"'{_token.Text}' stands where '{symbol}' should", $"write '{symbol}' before it, or remove it");
        }
        Advance(afterOperand);
    }

    private Ast Expression(int rightPower)
    {
        if (++_nesting > MaxNesting || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw TooDeep(_token.Position);
        }
        var token = _token;
        Advance(true);
        var left = Prefix(token);
        var chain = 0;
        while (rightPower < LeftPower(_token))
        {
            token = _token;
            Advance(false);
            left = Infix(token, left);
            // Operators in a row nest to the left, which costs stack once the tree is walked.
            if (++chain + _nesting > MaxNesting)
            {
                throw TooDeep(token.Position);
            }
        }
        _nesting--;
        return left;
    }

    private static SyntaxFailure TooDeep(int position) =>
        new("S0601", position, $"the expression nests more than {MaxNesting} levels or operators", "split it with variables: ($part := …; …)");

    private Ast Prefix(in Token token)
    {
        switch (token.Type)
        {
            case TokenType.End:
                return new Ast(AstType.End, "", token.Position);
            case TokenType.Name:
                return new Ast(AstType.Name, token.Text, token.Position);
            case TokenType.Variable:
                return new Ast(AstType.Variable, token.Text, token.Position);
            case TokenType.String:
                return new Ast(AstType.String, token.Text, token.Position);
            case TokenType.Number:
                return new Ast(AstType.Number, token.Text, token.Position);
            case TokenType.Literal:
                return new Ast(AstType.Literal, token.Text, token.Position);
            case TokenType.Regex:
                return new Ast(AstType.Regex, token.Text, token.Position);
        }
        switch (token.Text)
        {
            case "and" or "or" or "in":
                return new Ast(AstType.Operator, token.Text, token.Position);
            case "-":
                return new Ast(AstType.Negate, "-", token.Position) { Left = Expression(70) };
            case "*":
                return new Ast(AstType.Wildcard, "*", token.Position);
            case "**":
                return new Ast(AstType.Descendant, "**", token.Position);
            case "%":
                return new Ast(AstType.Parent, "%", token.Position);
            case "(":
                return Block(token);
            case "[":
                return ArrayConstructor(token);
            case "{":
                var made = new Ast(AstType.Object, "{", token.Position);
                Pairs(made);
                return made;
            case "|":
                return Transform(token);
            default:
                throw new SyntaxFailure("S0211", token.Position, $"'{token.Text}' has nothing to its left", "put a value before it, or remove it");
        }
    }

    private Ast Infix(in Token token, Ast left)
    {
        var binary = new Ast(AstType.Binary, token.Text, token.Position) { Left = left };
        switch (token.Text)
        {
            case "(":
                return Call(token, left);
            case "[":
                return Predicate(binary, left);
            case "{":
                Pairs(binary);
                return binary;
            case "^":
                return OrderBy(binary);
            case ":=":
                if (left.Type != AstType.Variable)
                {
                    throw new SyntaxFailure("S0212", left.Position, "the left side of := is no variable", "write a name that starts with $");
                }
                binary.Right = Expression(9);
                return binary;
            case "@" or "#":
                binary.Right = Expression(80);
                if (binary.Right.Type != AstType.Variable)
                {
                    throw new SyntaxFailure("S0214", binary.Right.Position, $"the right side of {token.Text} is no variable", "write a name that starts with $");
                }
                return binary;
            case "?":
                return Condition(token, left);
            case "??":
                return new Ast(AstType.Coalesce, token.Text, token.Position) { Left = left, Right = Expression(0) };
            case "?:":
                return new Ast(AstType.Default, token.Text, token.Position) { Left = left, Right = Expression(0) };
            default:
                binary.Right = Expression(LeftPower(token));
                return binary;
        }
    }

    private Ast Block(in Token token)
    {
        var block = new Ast(AstType.Block, "(", token.Position);
        while (!_token.Is(")"))
        {
            block.Items.Add(Expression(0));
            if (!_token.Is(";"))
            {
                break;
            }
            Advance(false);
        }
        Expect(")", true);
        return block;
    }

    private Ast ArrayConstructor(in Token token)
    {
        var array = new Ast(AstType.Array, "[", token.Position);
        if (!_token.Is("]"))
        {
            for (; ; )
            {
                var item = Expression(0);
                if (_token.Is(".."))
                {
                    var range = new Ast(AstType.Binary, "..", _token.Position) { Left = item };
                    Advance(false);
                    range.Right = Expression(0);
                    item = range;
                }
                array.Items.Add(item);
                if (!_token.Is(","))
                {
                    break;
                }
                Advance(false);
            }
        }
        Expect("]", true);
        return array;
    }

    private void Pairs(Ast target)
    {
        if (!_token.Is("}"))
        {
            for (; ; )
            {
                var key = Expression(0);
                Expect(":");
                target.Pairs.Add((key, Expression(0)));
                if (!_token.Is(","))
                {
                    break;
                }
                Advance(false);
            }
        }
        Expect("}", true);
    }

    private Ast Predicate(Ast binary, Ast left)
    {
        if (_token.Is("]"))
        {
            // [] asks the step under all its predicates to stay an array.
            var step = left;
            while (step.Is("["))
            {
                step = step.Left!;
            }
            step.KeepArray = true;
            Advance(false);
            return left;
        }
        binary.Right = Expression(0);
        Expect("]", true);
        return binary;
    }

    private Ast OrderBy(Ast binary)
    {
        Expect("(");
        for (; ; )
        {
            var descending = _token.Is(">");
            if (descending || _token.Is("<"))
            {
                Advance(false);
            }
            binary.Terms.Add(new SortTerm(Expression(0), descending));
            if (!_token.Is(","))
            {
                break;
            }
            Advance(false);
        }
        Expect(")");
        return binary;
    }

    private Ast Condition(in Token token, Ast left)
    {
        var condition = new Ast(AstType.Condition, "?", token.Position) { Left = left, Right = Expression(0) };
        if (_token.Is(":"))
        {
            Advance(false);
            condition.Third = Expression(0);
        }
        return condition;
    }

    private Ast Transform(in Token token)
    {
        var transform = new Ast(AstType.Transform, "|", token.Position) { Left = Expression(0) };
        Expect("|");
        transform.Right = Expression(0);
        if (_token.Is(","))
        {
            Advance(false);
            transform.Third = Expression(0);
        }
        Expect("|");
        return transform;
    }

    private Ast Call(in Token token, Ast procedure)
    {
        var call = new Ast(AstType.Function, "(", token.Position) { Left = procedure };
        if (!_token.Is(")"))
        {
            for (; ; )
            {
                if (_token.Is("?"))
                {
                    call.Type = AstType.Partial;
                    call.Items.Add(new Ast(AstType.Operator, "?", _token.Position));
                    Advance(false);
                }
                else
                {
                    call.Items.Add(Expression(0));
                }
                if (!_token.Is(","))
                {
                    break;
                }
                Advance(false);
            }
        }
        Expect(")", true);
        return procedure is { Type: AstType.Name, Text: "function" or "λ" } ? Lambda(call) : call;
    }

    private Ast Lambda(Ast call)
    {
        for (var i = 0; i < call.Items.Count; i++)
        {
            if (call.Items[i].Type != AstType.Variable)
            {
                throw new SyntaxFailure("S0208", call.Items[i].Position, $"parameter {i + 1} of the function is no variable", "write a name that starts with $");
            }
        }
        call.Type = AstType.Lambda;
        if (_token.Is("<"))
        {
            call.Signature = LambdaSignature();
        }
        Expect("{");
        call.Right = Expression(0);
        Expect("}");
        return call;
    }

    private Signature LambdaSignature()
    {
        var start = _token.Position;
        var text = "<";
        for (var depth = 1; depth > 0 && !_token.Is("{") && _token.Type != TokenType.End;)
        {
            Advance(false);
            depth += _token.Is("<") ? 1 : _token.Is(">") ? -1 : 0;
            text += _token.Text;
        }
        Expect(">");
        if (!Signature.TryParse(text, out var signature, out var error))
        {
            throw new SyntaxFailure(error.Code, start + error.Offset, error.Message, "see the function signature syntax of JSONata");
        }
        return signature;
    }

    private SyntaxFailure Unexpected(string code, in Token token)
    {
        var text = token.Type == TokenType.String ? $"\"{token.Text}\"" : token.Text;
        var near = token.Position < _source.Length ? $"'{text}' is not expected here" : "the expression ends too early";
        return new SyntaxFailure(code, token.Position, near, "join it to what stands before with an operator, or remove it");
    }
}
