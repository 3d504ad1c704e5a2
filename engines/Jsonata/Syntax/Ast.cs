namespace Gateway.Jsonata.Syntax;

internal enum AstType : byte
{
    Name,
    Wildcard,
    Descendant,
    Parent,
    String,
    Number,
    Literal,
    Variable,
    Regex,

    /// <summary>A keyword or a question mark that may turn out to be a name or a placeholder.</summary>
    Operator,
    End,

    /// <summary>Any infix operator; which one is the text. Dots, predicates and the like are gone after shaping.</summary>
    Binary,
    Negate,
    Array,
    Object,
    Block,
    Function,
    Partial,
    Lambda,
    Condition,

    /// <summary><c>??</c>: the right side when the left is undefined.</summary>
    Coalesce,

    /// <summary><c>?:</c>: the right side when the left is not true.</summary>
    Default,
    Transform,
    Path,
    Sort,
    Bind,
    Apply,
}

/// <summary>
/// A node of the syntax tree. The parser makes it as written; <see cref="PathShaper"/> turns dots, predicates and
/// orderings into paths of steps and settles where parents come from.
/// </summary>
internal sealed class Ast(AstType type, string text, int position)
{
    public AstType Type { get; set; } = type;

    public string Text { get; set; } = text;

    /// <summary>Where it starts in the source.</summary>
    public int Position { get; } = position;

    /// <summary>The left side, the condition, the procedure that is called, the pattern of a transform.</summary>
    public Ast? Left { get; set; }

    /// <summary>The right side, the branch taken when true, the body of a lambda, the update of a transform.</summary>
    public Ast? Right { get; set; }

    /// <summary>The other branch, the deletions of a transform.</summary>
    public Ast? Third { get; set; }

    /// <summary>Items, arguments, parameters, expressions of a block or steps of a path.</summary>
    public List<Ast> Items { get => field ??= []; set; }

    /// <summary>Name and value expressions of an object or a grouping.</summary>
    public List<(Ast Key, Ast Value)> Pairs { get => field ??= []; set; }

    public List<SortTerm> Terms { get => field ??= []; set; }

    public Runtime.Signature? Signature { get; set; }

    /// <summary>Predicates on a node outside a path.</summary>
    public List<Stage>? Predicates { get; set; }

    /// <summary>Predicates and index bindings on a step of a path.</summary>
    public List<Stage>? Stages { get; set; }

    /// <summary>The grouping that follows; only its pairs and position count.</summary>
    public Ast? Group { get; set; }

    public bool KeepArray { get; set; }

    public bool KeepSingletonArray { get; set; }

    /// <summary>An array constructor whose result isn't flattened into the path.</summary>
    public bool IsConstructed { get; set; }

    /// <summary>The variable <c>@</c> binds to each item.</summary>
    public string? Focus { get; set; }

    /// <summary>The variable <c>#</c> binds to each position.</summary>
    public string? Index { get; set; }

    /// <summary>The parent that a step must remember for a <c>%</c> further on.</summary>
    public AncestorSlot? Ancestor { get; set; }

    /// <summary>Its results carry variables along.</summary>
    public bool IsTuple { get; set; }

    /// <summary>The parent this <c>%</c> refers to.</summary>
    public AncestorSlot? Slot { get; set; }

    /// <summary>Parents used inside whose step has not been found yet.</summary>
    public List<AncestorSlot>? SeekingParent { get; set; }

    /// <summary>A call in tail position of a lambda.</summary>
    public bool IsTailCall { get; set; }

    public bool Is(string op) => Type == AstType.Binary && Text == op;
}

internal sealed record SortTerm(Ast Expression, bool Descending);

/// <summary>A predicate on a step, or the variable an index is bound to.</summary>
internal sealed record Stage(Ast? Filter, string? Index);

/// <summary>The link between a <c>%</c> and the step whose context it names.</summary>
internal sealed class AncestorSlot(string label)
{
    /// <summary>The hidden variable that carries the parent; two uses of one parent share it.</summary>
    public string Label { get; set; } = label;

    /// <summary>Steps still to go back.</summary>
    public int Level { get; set; } = 1;
}
