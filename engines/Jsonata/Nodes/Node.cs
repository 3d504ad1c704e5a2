namespace Gateway.Jsonata.Nodes;

/// <summary>A compiled part of an expression. Nodes are immutable; one tree serves any number of evaluations at a time.</summary>
internal abstract class Node
{
    /// <summary>Whether <c>[]</c> asks for an array even of one item.</summary>
    public bool KeepArray { get; init; }

    /// <param name="run">The evaluation.</param>
    /// <param name="input">The context, what <c>$</c> is.</param>
    /// <param name="frame">The innermost scope that has variables; null when there is none.</param>
    public abstract Value Eval(Evaluation run, in Value input, Frame? frame);

    /// <summary>
    /// Evaluates what becomes a part of the result that is written next. An object made for nothing but that may be written
    /// as it is made, and a value of <see cref="Value.WrittenKind"/> stands for it; arrays are given to the caller, for they
    /// may have to be flattened.
    /// </summary>
    public virtual Value EvalInto(Evaluation run, in Value input, Frame? frame) => Eval(run, input, frame);

    /// <summary>The same where an array stays what it is, so that it may be written too: the whole result, or a field.</summary>
    public virtual Value EvalWholeInto(Evaluation run, in Value input, Frame? frame) => EvalInto(run, input, frame);

    /// <summary>The same within an array being written, of which arrays only give the items: many may be written one by one.</summary>
    public virtual Value EvalItemsInto(Evaluation run, in Value input, Frame? frame) => EvalInto(run, input, frame);

    /// <summary>
    /// Whether it only ever gives true, false or nothing: never a number, which a predicate would take for a position.
    /// </summary>
    public virtual bool IsTruth => false;

    /// <summary>Whether the value is true: conditions ask this, and what compares answers without making a value first.</summary>
    public virtual bool Holds(Evaluation run, in Value input, Frame? frame) => Comparison.IsTrue(run, Eval(run, input, frame));

    protected Value Settle(in Value value) => Sequences.Settle(value, KeepArray);
}

internal sealed class LiteralNode(Value value) : Node
{
    public Value Value { get; } = value;

    public override Value Eval(Evaluation run, in Value input, Frame? frame) => Value;
}

/// <summary><c>$</c></summary>
internal sealed class ContextNode : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame) =>
        Settle(input.List is { IsOuterWrapper: true } wrapper ? wrapper[0] : input);
}

/// <summary><c>$$</c></summary>
internal sealed class RootNode : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame) => Settle(run.Root);
}

/// <summary>Stops a deep tree before it overflows the stack; the compiler puts one in every so many levels.</summary>
internal sealed class GuardNode(Node inner) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        run.EnsureStack();
        return inner.Eval(run, input, frame);
    }

    public override Value EvalInto(Evaluation run, in Value input, Frame? frame)
    {
        run.EnsureStack();
        return inner.EvalInto(run, input, frame);
    }

    public override Value EvalWholeInto(Evaluation run, in Value input, Frame? frame)
    {
        run.EnsureStack();
        return inner.EvalWholeInto(run, input, frame);
    }

    public override Value EvalItemsInto(Evaluation run, in Value input, Frame? frame)
    {
        run.EnsureStack();
        return inner.EvalItemsInto(run, input, frame);
    }
}

/// <summary>A field of the context.</summary>
internal sealed class NameNode(PropertyName name) : Node
{
    public PropertyName Name { get; } = name;

    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        if (input is { Kind: JsonataKind.Object, IsElement: true })
        {
            return input.Field(Name);
        }
        return Settle(Sequences.Lookup(run, input, Name));
    }
}

/// <summary><c>*</c>: the values of all fields, arrays among them flattened.</summary>
internal sealed class WildcardNode : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        var from = input.List is { IsOuterWrapper: true } wrapper ? wrapper[0] : input;
        var found = ValueList.Sequence();
        if (from.Kind == JsonataKind.Array)
        {
            foreach (var item in new Items(from))
            {
                Add(run, item, found);
            }
        }
        else if (from.Kind == JsonataKind.Object)
        {
            var fields = new Fields(from);
            while (fields.MoveNext())
            {
                Add(run, fields.Current, found);
            }
        }
        return Settle(Value.From(found));
    }

    private static void Add(Evaluation run, in Value value, ValueList found)
    {
        run.Step();
        if (value.Kind == JsonataKind.Array)
        {
            Sequences.Flatten(run, value, found);
        }
        else
        {
            found.Add(value);
        }
    }
}

/// <summary><c>**</c>: the context and everything within it that is no array.</summary>
internal sealed class DescendantNode : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        if (input.IsUndefined)
        {
            return default;
        }
        var found = ValueList.Sequence();
        Collect(run, input, found);
        return found.Count == 1 ? Settle(found[0]) : Settle(Value.From(found));
    }

    private static void Collect(Evaluation run, in Value value, ValueList found)
    {
        run.Step();
        if (value.Kind == JsonataKind.Array)
        {
            run.EnsureStack();
            foreach (var item in new Items(value))
            {
                Collect(run, item, found);
            }
            return;
        }
        found.Add(value);
        if (value.Kind == JsonataKind.Object)
        {
            run.EnsureStack();
            var fields = new Fields(value);
            while (fields.MoveNext())
            {
                Collect(run, fields.Current, found);
            }
        }
    }
}

/// <summary><c>( part; … )</c></summary>
/// <param name="parts">The parts, of which the last one counts.</param>
/// <param name="slots">How many variables they bind.</param>
/// <param name="letsFrameGo">Whether none of them keeps the frame of these variables.</param>
internal sealed class BlockNode(Node[] parts, int slots, bool letsFrameGo) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame) => Eval(run, input, frame, false);

    public override Value EvalInto(Evaluation run, in Value input, Frame? frame) => Eval(run, input, frame, true);

    private Value Eval(Evaluation run, in Value input, Frame? frame, bool into)
    {
        if (slots == 0)
        {
            return Settle(EvalParts(run, input, frame, into));
        }
        var inner = run.Frames.Rent(slots, frame);
        var result = EvalParts(run, input, inner, into);
        if (letsFrameGo)
        {
            run.Frames.Return(inner);
        }
        return Settle(result);
    }

    private Value EvalParts(Evaluation run, in Value input, Frame? frame, bool into)
    {
        if (parts.Length == 0)
        {
            return default;
        }
        for (var i = 0; i < parts.Length - 1; i++)
        {
            parts[i].Eval(run, input, frame);
        }
        return into ? parts[^1].EvalInto(run, input, frame) : parts[^1].Eval(run, input, frame);
    }
}

/// <summary><c>$name := value</c>, in the scope it stands in.</summary>
internal sealed class BindNode(Node value, int slot) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        var bound = value.Eval(run, input, frame);
        frame!.Slots[slot] = bound.IsUndefined ? Value.BoundUndefined : bound;
        return Settle(bound);
    }
}

internal sealed class ConditionNode(Node condition, Node then, Node? otherwise) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        if (condition.Holds(run, input, frame))
        {
            return Settle(then.Eval(run, input, frame));
        }
        return otherwise is null ? default : Settle(otherwise.Eval(run, input, frame));
    }

    public override Value EvalInto(Evaluation run, in Value input, Frame? frame)
    {
        if (condition.Holds(run, input, frame))
        {
            return Settle(then.EvalInto(run, input, frame));
        }
        return otherwise is null ? default : Settle(otherwise.EvalInto(run, input, frame));
    }
}

/// <summary><c>??</c> and <c>?:</c>: the left side, or the right when the left is undefined or not true.</summary>
internal sealed class DefaultNode(Node left, Node right, bool wantsTrue) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        var value = left.Eval(run, input, frame);
        if (wantsTrue ? Comparison.IsTrue(run, value) : !value.IsUndefined)
        {
            return Settle(value);
        }
        return Settle(right.Eval(run, input, frame));
    }
}
