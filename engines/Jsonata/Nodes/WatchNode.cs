namespace Gateway.Jsonata.Nodes;

/// <summary>Tells who watches that a part is evaluated; the compiler puts one in only where somebody watches.</summary>
internal sealed class WatchNode(Node inner, Action reached) : Node
{
    public override bool IsTruth => inner.IsTruth;

    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        reached();
        return inner.Eval(run, input, frame);
    }

    public override Value EvalInto(Evaluation run, in Value input, Frame? frame)
    {
        reached();
        return inner.EvalInto(run, input, frame);
    }

    public override Value EvalWholeInto(Evaluation run, in Value input, Frame? frame)
    {
        reached();
        return inner.EvalWholeInto(run, input, frame);
    }

    public override Value EvalItemsInto(Evaluation run, in Value input, Frame? frame)
    {
        reached();
        return inner.EvalItemsInto(run, input, frame);
    }

    public override bool Holds(Evaluation run, in Value input, Frame? frame)
    {
        reached();
        return inner.Holds(run, input, frame);
    }
}
