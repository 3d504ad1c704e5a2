namespace Gateway.Jsonata.Nodes;

internal sealed class NegateNode(Node operand, int position) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        var value = operand.Eval(run, input, frame);
        if (value.IsUndefined)
        {
            return default;
        }
        run.Site = new CallSite(position, "-");
        return Comparison.IsNumber(run, value) ? Arithmetic.Negate(value, run.Exact) : throw run.Fail("D1002", "only a number can be negated");
    }
}

internal sealed class ArithmeticNode(ArithmeticOperator op, string symbol, Node left, Node right, int position) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        var a = Load(run, left.Eval(run, input, frame));
        var b = Load(run, right.Eval(run, input, frame));
        if (a.Form == NumberForm.Inline && b.Form == NumberForm.Inline && run.Exact)
        {
            return Arithmetic.Apply(op, a, b, true);
        }
        run.Site = new CallSite(position, symbol);
        if (!a.IsUndefined && !Comparison.IsNumber(run, a))
        {
            throw run.Fail("T2001", $"the left side of {symbol} is no number");
        }
        if (!b.IsUndefined && !Comparison.IsNumber(run, b))
        {
            throw run.Fail("T2002", $"the right side of {symbol} is no number");
        }
        return a.IsUndefined || b.IsUndefined ? default : Arithmetic.Apply(op, a, b, run.Exact);
    }

    private static Value Load(Evaluation run, in Value value) =>
        value.Kind == JsonataKind.Number && value.Form == NumberForm.Raw ? Numeric.Load(value, run.Exact) : value;
}

/// <summary><c>&amp;</c>: its sides as text, an undefined one as none. A row of them is one node and makes one string.</summary>
internal sealed class ConcatNode(Node[] parts, int position) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        using var text = new TextBuffer(stackalloc char[128]);
        foreach (var part in parts)
        {
            var value = part.Eval(run, input, frame);
            if (value.Kind == JsonataKind.String)
            {
                text.Append(value);
            }
            else if (!value.IsUndefined)
            {
                run.Site = new CallSite(position, "&");
                text.Append(JsonText.Of(run, value));
            }
            if (text.Length > run.Options.MaxOutputBytes)
            {
                break;
            }
        }
        run.ChargeText(text.Length);
        return Value.From(text.ToString());
    }
}

/// <summary><c>[from..to]</c></summary>
internal sealed class RangeNode(Node left, Node right, int position) : Node
{
    private const double MaxSize = 1e7;

    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        var from = left.Eval(run, input, frame);
        var to = right.Eval(run, input, frame);
        Check(from, "T2003", "left");
        Check(to, "T2004", "right");
        if (from.IsUndefined || to.IsUndefined)
        {
            return default;
        }
        double first = Numeric.ToDouble(from), last = Numeric.ToDouble(to);
        if (first > last)
        {
            return default;
        }
        var size = last - first + 1;
        if (size > MaxSize)
        {
            throw new JsonataFailure("D2014", $"a range of {size} numbers is larger than the {MaxSize} allowed", position, "..");
        }
        run.Charge((int)size);
        var range = ValueList.Range((long)first, (int)size);
        range.IsSequence = true;
        return Settle(Value.From(range));
    }

    private void Check(in Value bound, string code, string side)
    {
        if (!bound.IsUndefined && (bound.Kind != JsonataKind.Number || !Numeric.IsInteger(bound)))
        {
            throw new JsonataFailure(code, $"the {side} side of .. is no whole number", position, "..");
        }
    }
}
