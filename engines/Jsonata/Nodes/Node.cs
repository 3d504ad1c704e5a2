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
}

/// <summary>A field of the context.</summary>
internal sealed class NameNode(PropertyName name) : Node
{
    public PropertyName Name { get; } = name;

    public override Value Eval(Evaluation run, in Value input, Frame? frame) => Settle(Sequences.Lookup(run, input, Name));
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

internal sealed class BlockNode(Node[] parts, int slots) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        var inner = slots == 0 ? frame : new Frame(frame, new Value[slots]);
        Value result = default;
        foreach (var part in parts)
        {
            result = part.Eval(run, input, inner);
        }
        return Settle(result);
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
        if (Comparison.IsTrue(run, condition.Eval(run, input, frame)))
        {
            return Settle(then.Eval(run, input, frame));
        }
        return otherwise is null ? default : Settle(otherwise.Eval(run, input, frame));
    }
}

/// <summary><c>??</c> and <c>?:</c>: the left side, or the right when the left is undefined or not true.</summary>
internal sealed class DefaultNode(Node left, Node right, bool wantsTrue) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        var value = left.Eval(run, input, frame);
        var taken = wantsTrue ? Comparison.IsTrue(run, value) : !value.IsUndefined;
        return Settle(taken ? value : right.Eval(run, input, frame));
    }
}

internal sealed class ArrayNode(Node[] items, bool[] isArray, bool isConstructed) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        run.Charge(items.Length);
        var list = new ValueList(items.Length) { IsConstructed = isConstructed };
        for (var i = 0; i < items.Length; i++)
        {
            var value = items[i].Eval(run, input, frame);
            if (value.IsUndefined)
            {
                continue;
            }
            if (isArray[i] || value.Kind != JsonataKind.Array)
            {
                list.Add(value);
            }
            else
            {
                run.Charge(value.Count);
                list.AddRange(value);
            }
        }
        return Value.From(list);
    }
}
