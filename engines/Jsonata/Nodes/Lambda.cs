namespace Gateway.Jsonata.Nodes;

/// <summary><c>function($a, …)&lt;signature&gt;{ body }</c></summary>
internal sealed class LambdaNode(int parameters, Signature? signature) : Node
{
    private Node? _body;

    public int Parameters { get; } = parameters;

    public Signature? Signature { get; } = signature;

    /// <summary>Slots its scope takes: parameters first, then the variables its body binds.</summary>
    public int Slots { get; private set; }

    /// <summary>Whether nothing in the body keeps the frame of a call, if only because it has no slots.</summary>
    public bool LetsFrameGo { get; private set; }

    public Node Body => _body!;

    /// <summary>Completes the node once the body, which may refer to it, is compiled.</summary>
    public void Complete(Node body, int slots, bool letsFrameGo)
    {
        _body = body;
        Slots = slots;
        LetsFrameGo = letsFrameGo || slots == 0;
    }

    public override Value Eval(Evaluation run, in Value input, Frame? frame) => Value.From(new Lambda(this, input, frame));
}

/// <summary>A lambda with the context and the variables of the place it was made in.</summary>
internal sealed class Lambda(LambdaNode definition, Value input, Frame? scope) : Function
{
    public override int Arity => Definition.Parameters;

    public LambdaNode Definition { get; } = definition;

    /// <summary>The variables of the place it was made in, which its own frames stand on.</summary>
    public Frame? Scope { get; } = scope;

    public override Value Invoke(Evaluation run, ReadOnlySpan<Value> arguments, in Value context) => Invoke(run, arguments, context, false);

    /// <summary>Calls it; what it gives may be written at once if it is a part of the result.</summary>
    public Value Invoke(Evaluation run, ReadOnlySpan<Value> arguments, in Value context, bool into)
    {
        var depth = run.Depth;
        var result = Calls.Run(run, this, Bind(run, arguments, context), context, depth, into);
        run.Depth = depth;
        return result;
    }

    public Value RunBody(Evaluation run, Frame frame, bool into)
    {
        var (body, variables) = (Definition.Body, Definition.Slots == 0 ? Scope : frame);
        var result = into ? body.EvalInto(run, input, variables) : body.Eval(run, input, variables);
        if (Definition.LetsFrameGo)
        {
            run.Frames.Return(frame);
        }
        return result;
    }

    /// <summary>The frame of a call, its arguments checked by the signature if there is one.</summary>
    public Frame Bind(Evaluation run, ReadOnlySpan<Value> arguments, in Value context)
    {
        if (Definition.Signature is { } signature)
        {
            arguments = signature.Bind(run, arguments, context);
        }
        var frame = run.Frames.Rent(Definition.Slots, Scope);
        var slots = frame.Slots;
        var count = Math.Min(arguments.Length, Definition.Parameters);
        for (var i = 0; i < Definition.Parameters; i++)
        {
            slots[i] = i < count && !arguments[i].IsUndefined ? arguments[i] : Value.BoundUndefined;
        }
        return frame;
    }
}

/// <summary>The loop in which lambdas run: a tail call takes the place of the body that made it.</summary>
internal static class Calls
{
    /// <param name="run">The evaluation.</param>
    /// <param name="lambda">The function.</param>
    /// <param name="frame">Its bound arguments.</param>
    /// <param name="context">The context at the call.</param>
    /// <param name="depth">How deep the body nests.</param>
    /// <param name="into">Whether what it gives is a part of the result and may be written at once.</param>
    public static Value Run(Evaluation run, Lambda lambda, Frame frame, in Value context, int depth, bool into)
    {
        for (; ; )
        {
            run.Step();
            run.Enter(depth);
            var result = lambda.RunBody(run, frame, into);
            if (result.Kind != Value.TailCallKind)
            {
                return result;
            }
            var next = run.TailFunction!;
            if (next is not Lambda tail)
            {
                return next.Invoke(run, run.TailArguments, context);
            }
            lambda = tail;
            frame = run.TailFrame ?? tail.Bind(run, run.TailArguments, context);
        }
    }
}
