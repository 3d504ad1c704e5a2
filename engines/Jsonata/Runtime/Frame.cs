namespace Gateway.Jsonata.Runtime;

/// <summary>The variables of one scope while it runs. Which slot a name has is settled when the expression is compiled.</summary>
internal sealed class Frame(Frame? parent, Value[] slots)
{
    public Frame? Parent { get; } = parent;

    public Value[] Slots { get; } = slots;
}

/// <summary>A row of a tuple stream: the context and what <c>@</c>, <c>#</c> and <c>%</c> bound on the way to it.</summary>
internal sealed class Row(Value context, Value[] slots, Syntax.Scope scope)
{
    public Value Context { get; } = context;

    public Value[] Slots { get; } = slots;

    /// <summary>Names the slots.</summary>
    public Syntax.Scope Scope { get; } = scope;
}
