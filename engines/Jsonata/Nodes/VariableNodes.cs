namespace Gateway.Jsonata.Nodes;

/// <summary>Where a variable may be: so many frames up, in this slot.</summary>
internal readonly record struct SlotAddress(int Hops, int Slot)
{
    public Value Read(Frame? frame)
    {
        for (var i = Hops; i > 0; i--)
        {
            frame = frame!.Parent;
        }
        return frame!.Slots[Slot];
    }
}

/// <summary>A parameter or a variable that can be nothing else.</summary>
internal sealed class LocalNode(SlotAddress address) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        var value = address.Read(frame);
        return value.IsUndefined ? default : Settle(value);
    }
}

/// <summary>A variable that is looked for in scopes from the inside out, then among the bindings, then among the functions.</summary>
internal sealed class VariableNode(string name, SlotAddress[] scopes, Function? builtIn) : Node
{
    public string Name { get; } = name;

    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        foreach (var scope in scopes)
        {
            var value = scope.Read(frame);
            if (!value.IsUnbound)
            {
                return value.IsUndefined ? default : Settle(value);
            }
        }
        if (run.Bindings.TryGet(Name, out var bound))
        {
            return Settle(bound);
        }
        return builtIn is null ? default : Value.From(builtIn);
    }
}
