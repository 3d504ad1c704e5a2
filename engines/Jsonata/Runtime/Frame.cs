namespace Gateway.Jsonata.Runtime;

/// <summary>The variables of one scope while it runs. Which slot a name has is settled when the expression is compiled.</summary>
internal sealed class Frame(Frame? parent, Value[] slots)
{
    public Frame? Parent { get; set; } = parent;

    public Value[] Slots { get; } = slots;
}

/// <summary>
/// Frames to use again within one evaluation. Only a body that makes no function gives its frame back, for a function keeps
/// the frames it was made in.
/// </summary>
internal sealed class FramePool
{
    /// <summary>Frames with more slots are rare and left to the collector.</summary>
    private const int MaxSlots = 8;

    /// <summary>By number of slots, a chain linked by the frames' parents.</summary>
    private readonly Frame?[] _free = new Frame?[MaxSlots + 1];

    /// <summary>A frame whose slots are all unbound.</summary>
    public Frame Rent(int slots, Frame? parent)
    {
        if (slots > MaxSlots || _free[slots] is not { } frame)
        {
            return new Frame(parent, new Value[slots]);
        }
        _free[slots] = frame.Parent;
        frame.Parent = parent;
        return frame;
    }

    public void Return(Frame frame)
    {
        if (frame.Slots.Length <= MaxSlots)
        {
            Array.Clear(frame.Slots);
            frame.Parent = _free[frame.Slots.Length];
            _free[frame.Slots.Length] = frame;
        }
    }
}

/// <summary>A row of a tuple stream: the context and what <c>@</c>, <c>#</c> and <c>%</c> bound on the way to it.</summary>
internal sealed class Row(Value context, Value[] slots, Syntax.Scope scope)
{
    public Value Context { get; } = context;

    public Value[] Slots { get; } = slots;

    /// <summary>Names the slots.</summary>
    public Syntax.Scope Scope { get; } = scope;
}
