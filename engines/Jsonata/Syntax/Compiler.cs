using Gateway.Jsonata.Library;
using Gateway.Jsonata.Nodes;

namespace Gateway.Jsonata.Syntax;

/// <summary>
/// Compiles a shaped tree to nodes and settles where every variable lives. It follows the nesting of jsonata.js's
/// evaluator exactly, because depth limits are part of the language's tests.
/// </summary>
internal sealed partial class Compiler
{
    /// <summary>Levels of nodes between two looks at the stack.</summary>
    private const int GuardInterval = 48;

    private readonly string _source;
    private readonly JsonataOptions _options;
    private readonly Names _names;
    private Scope _scope;
    private int _depth;

    /// <summary>How many nodes were made so far that keep the frame they are evaluated in.</summary>
    private int _keepers;

    private Compiler(string source, JsonataOptions options, Names names, Scope scope)
    {
        _source = source;
        _options = options;
        _names = names;
        _scope = scope;
    }

    /// <param name="source">The source, to place findings in.</param>
    /// <param name="tree">The shaped tree.</param>
    /// <param name="options">Number mode and host functions.</param>
    /// <param name="findings">Receives references to names nobody binds.</param>
    /// <param name="slots">The variables at the top of the expression.</param>
    /// <exception cref="SyntaxFailure">A regular expression is not valid.</exception>
    public static Node Compile(string source, Ast tree, JsonataOptions options, List<JsonataDiagnostic> findings, out int slots)
    {
        var scope = new Scope(null);
        Bindings.Declare(tree, scope);
        var node = new Compiler(source, options, new Names(source, options, findings), scope).Visit(tree);
        slots = scope.Count;
        return node;
    }

    /// <summary>Compiles the source <c>$eval</c> was given, in the scope it was called in.</summary>
    /// <exception cref="SyntaxFailure">The source is not valid.</exception>
    public static Node CompileInside(string source, JsonataOptions options, Scope around, out int slots)
    {
        var tree = PathShaper.Shape(Parser.Parse(source));
        var scope = new Scope(around);
        Bindings.Declare(tree, scope);
        var node = new Compiler(source, options with { Watch = null }, new Names(source, options with { Variables = null }, []), scope).Visit(tree);
        slots = scope.Count;
        return node;
    }

    private Node Visit(Ast ast)
    {
        _depth++;
        var hasPredicates = ast.Predicates is not null;
        var node = ast.Type == AstType.Path ? VisitPath(ast) : VisitPlain(ast, ast.KeepArray && !hasPredicates);
        if (hasPredicates)
        {
            node = new FilterNode(node, ast.Predicates!.ConvertAll(stage => VisitPredicate(stage.Filter!)).ToArray()) { KeepArray = ast.KeepArray };
        }
        if (ast.Group is not null && ast.Type != AstType.Path)
        {
            node = new GroupNode(node, VisitGrouping(ast.Group));
        }
        if (_depth % GuardInterval == 0 && node is not CallNode)
        {
            node = new GuardNode(node);
        }
        _depth--;
        return IsWatched(ast) ? Watched(ast, node) : node;
    }

    private Node VisitPlain(Ast ast, bool keep)
    {
        switch (ast.Type)
        {
            case AstType.String:
                return new LiteralNode(Value.From(ast.Text));
            case AstType.Number:
                return new LiteralNode(Numeric.Parse(ast.Text, _options.Numbers == NumberMode.Exact));
            case AstType.Literal:
                return new LiteralNode(ast.Text == "null" ? Value.Null : Value.From(ast.Text == "true"));
            case AstType.Name:
                return new NameNode(new PropertyName(ast.Text)) { KeepArray = keep };
            case AstType.Wildcard:
                return new WildcardNode { KeepArray = keep };
            case AstType.Descendant:
                return new DescendantNode { KeepArray = keep };
            case AstType.Parent:
                return Variable(ast.Slot!.Label, keep, null);
            case AstType.Variable:
                return VisitVariable(ast, keep);
            case AstType.Regex:
                return new RegexNode(Matcher.Compile(ast.Text, ast.Position));
            case AstType.Binary:
                return VisitOperator(ast);
            case AstType.Negate:
                return new NegateNode(Visit(ast.Left!), ast.Position);
            case AstType.Array:
                return VisitArray(ast);
            case AstType.Object:
                return Constants.Fold(ast, _options) as Node ?? new ObjectNode(VisitGrouping(ast));
            case AstType.Block:
                return VisitBlock(ast, keep);
            case AstType.Bind:
                return new BindNode(Visit(ast.Right!), _scope.Declare(ast.Left!.Text)) { KeepArray = keep };
            case AstType.Condition:
                return new ConditionNode(Visit(ast.Left!), VisitBranch(ast.Right!), ast.Third is null ? null : VisitBranch(ast.Third)) { KeepArray = keep };
            case AstType.Coalesce or AstType.Default:
                return new DefaultNode(Visit(ast.Left!), VisitBranch(ast.Right!), ast.Type == AstType.Default) { KeepArray = keep };
            case AstType.Lambda:
                return VisitLambda(ast);
            case AstType.Function:
                return WithoutCall(VisitCall(ast, keep));
            case AstType.Partial:
                return VisitPartial(ast);
            case AstType.Apply:
                return VisitApply(ast, keep);
            case AstType.Transform:
                return VisitTransform(ast);
            default:
                throw new SyntaxFailure("S0201", ast.Position, $"'{ast.Text}' is not expected here", "remove it");
        }
    }

    /// <summary>A row of &amp;, which nests to the left, as a flat list.</summary>
    private ConcatNode VisitConcat(Ast ast)
    {
        var parts = new List<Node>();
        var depth = _depth;
        var left = ast.Left!;
        parts.Add(Visit(ast.Right!));
        for (; left.Is("&") && left.Predicates is null && left.Group is null; left = left.Left!)
        {
            _depth++;
            parts.Add(Visit(left.Right!));
        }
        parts.Add(Visit(left));
        parts.Reverse();
        _depth = depth;
        return new ConcatNode([.. parts], ast.Position);
    }

    private Node VisitOperator(Ast ast)
    {
        if (ast.Text == "&")
        {
            return VisitConcat(ast);
        }
        var left = Visit(ast.Left!);
        var right = Visit(ast.Right!);
        return ast.Text switch
        {
            "+" => new ArithmeticNode(ArithmeticOperator.Add, "+", left, right, ast.Position),
            "-" => new ArithmeticNode(ArithmeticOperator.Subtract, "-", left, right, ast.Position),
            "*" => new ArithmeticNode(ArithmeticOperator.Multiply, "*", left, right, ast.Position),
            "/" => new ArithmeticNode(ArithmeticOperator.Divide, "/", left, right, ast.Position),
            "%" => new ArithmeticNode(ArithmeticOperator.Remainder, "%", left, right, ast.Position),
            "=" => Equality(false, left, right),
            "!=" => Equality(true, left, right),
            "and" => new LogicNode(true, left, right),
            "or" => new LogicNode(false, left, right),
            "in" => new InNode(left, right),
            ".." => new RangeNode(left, right, ast.Position),
            "<" => new OrderNode(Order.Less, "<", left, right, ast.Position),
            "<=" => new OrderNode(Order.LessOrEqual, "<=", left, right, ast.Position),
            ">" => new OrderNode(Order.Greater, ">", left, right, ast.Position),
            _ => new OrderNode(Order.GreaterOrEqual, ">=", left, right, ast.Position),
        };
    }

    private static TruthNode Equality(bool negated, Node left, Node right) => (left, right) switch
    {
        (_, LiteralNode { Value: { Kind: JsonataKind.String } text }) => new TextEqualityNode(negated, left, text.Text),
        (LiteralNode { Value: { Kind: JsonataKind.String } text }, _) => new TextEqualityNode(negated, right, text.Text),
        _ => new EqualityNode(negated, left, right),
    };

    private Node VisitArray(Ast ast)
    {
        if (Constants.Fold(ast, _options) is { } constant)
        {
            return constant;
        }
        var isArray = ast.Items.ConvertAll(item => item.Type == AstType.Array).ToArray();
        return new ArrayNode(ast.Items.ConvertAll(Visit).ToArray(), isArray, ast.IsConstructed);
    }

    private Grouping VisitGrouping(Ast ast)
    {
        // An object constructor evaluates its names and values one level down, like everything else it holds.
        var keys = ast.Pairs.ConvertAll(pair => Visit(pair.Key)).ToArray();
        var values = ast.Pairs.ConvertAll(pair => Visit(pair.Value)).ToArray();
        return new Grouping(keys, values, ast.Position);
    }

    private BlockNode VisitBlock(Ast ast, bool keep)
    {
        var scope = new Scope(_scope);
        foreach (var item in ast.Items)
        {
            Bindings.Declare(item, scope);
        }
        var outer = _scope;
        _scope = scope;
        var keepers = _keepers;
        var parts = ast.Items.ConvertAll(Visit).ToArray();
        _scope = outer;
        return new BlockNode(parts, scope.Count, _keepers == keepers) { KeepArray = keep };
    }

    private LambdaNode VisitLambda(Ast ast)
    {
        var scope = new Scope(_scope);
        foreach (var parameter in ast.Items)
        {
            scope.DeclareParameter(parameter.Text);
        }
        Bindings.Declare(ast.Right!, scope);
        var node = new LambdaNode(ast.Items.Count, ast.Signature);
        var (outer, depth, keepers) = (_scope, _depth, _keepers);
        _scope = scope;
        _depth = 0;
        var body = VisitBranch(ast.Right!);
        node.Complete(body, scope.Count, _keepers == keepers);
        _keepers++;
        _scope = outer;
        _depth = depth;
        return node;
    }

    private Node VisitTransform(Ast ast)
    {
        _keepers++;
        var positions = (ast.Position, ast.Right!.Position, ast.Third?.Position ?? ast.Position);
        var deletions = ast.Third is null ? null : Visit(ast.Third);
        return new TransformNode(Visit(ast.Left!), Visit(ast.Right), deletions, Variable("clone", false, BuiltIns.Find("clone")), positions);
    }

    private Predicate VisitPredicate(Ast ast)
    {
        if (ast.Type != AstType.Number || ast.Predicates is not null)
        {
            return new Predicate(Visit(ast));
        }
        var index = Math.Floor(double.Parse(ast.Text, System.Globalization.CultureInfo.InvariantCulture));
        return new Predicate((int)Math.Clamp(index, int.MinValue / 2, int.MaxValue));
    }
}
