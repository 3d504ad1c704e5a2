using System.Text;

namespace Gateway.Jsonata.Nodes;

/// <summary>What gives true or false and nothing else.</summary>
internal abstract class TruthNode : Node
{
    public sealed override bool IsTruth => true;

    public sealed override Value Eval(Evaluation run, in Value input, Frame? frame) => Value.From(Holds(run, input, frame));

    public abstract override bool Holds(Evaluation run, in Value input, Frame? frame);
}

/// <summary><c>=</c> and <c>!=</c>; with nothing on either side both are false.</summary>
internal sealed class EqualityNode(bool negated, Node left, Node right) : TruthNode
{
    public override bool Holds(Evaluation run, in Value input, Frame? frame)
    {
        var a = left.Eval(run, input, frame);
        var b = right.Eval(run, input, frame);
        return !a.IsUndefined && !b.IsUndefined && Comparison.DeepEquals(run, a, b) != negated;
    }
}

/// <summary><c>=</c> and <c>!=</c> with a text written out, which is compared with the input's bytes as they lie.</summary>
internal sealed class TextEqualityNode(bool negated, Node side, string text) : TruthNode
{
    private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(text);

    public override bool Holds(Evaluation run, in Value input, Frame? frame)
    {
        var value = side.Eval(run, input, frame);
        return !value.IsUndefined && Equals(value) != negated;
    }

    private bool Equals(in Value value) =>
        value.Kind == JsonataKind.String && (value.Reference is string known ? known == text : value.Element.ValueEquals(_utf8));
}

internal enum Order : byte
{
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// <summary><c>&lt;</c> and its like: true, false, or nothing when a side is nothing.</summary>
internal sealed class OrderNode(Order order, string symbol, Node left, Node right, int position) : Node
{
    public override bool IsTruth => true;

    public override Value Eval(Evaluation run, in Value input, Frame? frame) =>
        Compare(run, input, frame) is { } result ? Value.From(result) : default;

    public override bool Holds(Evaluation run, in Value input, Frame? frame) => Compare(run, input, frame) ?? false;

    private bool? Compare(Evaluation run, in Value input, Frame? frame)
    {
        var a = left.Eval(run, input, frame);
        var b = right.Eval(run, input, frame);
        if (!IsComparable(a) || !IsComparable(b))
        {
            throw new JsonataFailure("T2010", $"both sides of {symbol} must be numbers or strings", position, symbol);
        }
        if (a.IsUndefined || b.IsUndefined)
        {
            return null;
        }
        if (a.Kind != b.Kind)
        {
            throw new JsonataFailure("T2009", $"both sides of {symbol} must be of the same type", position, symbol);
        }
        var difference = a.Kind == JsonataKind.Number ? Numeric.Compare(a, b) : string.CompareOrdinal(a.Text, b.Text);
        return order switch
        {
            Order.Less => difference < 0,
            Order.LessOrEqual => difference <= 0,
            Order.Greater => difference > 0,
            _ => difference >= 0,
        };
    }

    private static bool IsComparable(in Value value) => value.Kind is JsonataKind.Undefined or JsonataKind.Number or JsonataKind.String;
}

/// <summary><c>and</c> and <c>or</c>; the right side is only looked at when it matters.</summary>
internal sealed class LogicNode(bool isAnd, Node left, Node right) : TruthNode
{
    public override bool Holds(Evaluation run, in Value input, Frame? frame)
    {
        var first = left.Holds(run, input, frame);
        return first == isAnd ? right.Holds(run, input, frame) : first;
    }
}

internal sealed class InNode(Node left, Node right) : TruthNode
{
    public override bool Holds(Evaluation run, in Value input, Frame? frame)
    {
        var wanted = left.Eval(run, input, frame);
        var among = right.Eval(run, input, frame);
        if (wanted.IsUndefined || among.IsUndefined)
        {
            return false;
        }
        if (among.Kind != JsonataKind.Array)
        {
            return Comparison.Same(wanted, among);
        }
        foreach (var item in new Items(among))
        {
            run.Step();
            if (Comparison.Same(wanted, item))
            {
                return true;
            }
        }
        return false;
    }
}

/// <summary><c>$exists(value)</c></summary>
/// <param name="argument">Gives the value.</param>
/// <param name="call">The same call in general, for when a binding hides the function.</param>
internal sealed class ExistsNode(Node argument, CallNode call) : Node
{
    public override bool IsTruth => true;

    public override Value Eval(Evaluation run, in Value input, Frame? frame) =>
        run.LooksUpNames ? call.Eval(run, input, frame) : Value.From(Exists(run, input, frame));

    public override bool Holds(Evaluation run, in Value input, Frame? frame) =>
        run.LooksUpNames ? base.Holds(run, input, frame) : Exists(run, input, frame);

    private bool Exists(Evaluation run, in Value input, Frame? frame)
    {
        run.Step();
        return !argument.Eval(run, input, frame).IsUndefined;
    }
}

/// <summary><c>$not(value)</c>: nothing when the value is nothing.</summary>
/// <param name="argument">Gives the value.</param>
/// <param name="call">The same call in general, for when a binding hides the function.</param>
internal sealed class NotNode(Node argument, CallNode call) : Node
{
    public override bool IsTruth => true;

    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        if (run.LooksUpNames)
        {
            return call.Eval(run, input, frame);
        }
        var value = Argument(run, input, frame);
        return value.IsUndefined ? default : Value.From(!Comparison.IsTrue(run, value));
    }

    public override bool Holds(Evaluation run, in Value input, Frame? frame)
    {
        if (run.LooksUpNames)
        {
            return base.Holds(run, input, frame);
        }
        var value = Argument(run, input, frame);
        return !value.IsUndefined && !Comparison.IsTrue(run, value);
    }

    private Value Argument(Evaluation run, in Value input, Frame? frame)
    {
        var value = argument.Eval(run, input, frame);
        run.Step();
        run.Site = call.Site;
        return value;
    }
}
