namespace Gateway.Jsonata.Nodes;

/// <summary><c>function($a, …)&lt;signature&gt;{ body }</c></summary>
internal sealed class LambdaNode(int parameters, Signature? signature) : Node
{
    private Node? _body;

    public int Parameters { get; } = parameters;

    public Signature? Signature { get; } = signature;

    /// <summary>Slots its scope takes: parameters first, then the variables its body binds.</summary>
    public int Slots { get; private set; }

    public Node Body => _body!;

    /// <summary>Completes the node once the body, which may refer to it, is compiled.</summary>
    public void Complete(Node body, int slots)
    {
        _body = body;
        Slots = slots;
    }

    public override Value Eval(Evaluation run, in Value input, Frame? frame) => Value.From(new Lambda(this, input, frame));
}

/// <summary>A lambda with the context and the variables of the place it was made in.</summary>
internal sealed class Lambda(LambdaNode definition, Value input, Frame? scope) : Function
{
    public override int Arity => Definition.Parameters;

    public LambdaNode Definition { get; } = definition;

    public override Value Invoke(Evaluation run, ReadOnlySpan<Value> arguments, in Value context)
    {
        var depth = run.Depth;
        var result = Calls.Run(run, this, Bind(run, arguments, context), context, depth);
        run.Depth = depth;
        return result;
    }

    public Value RunBody(Evaluation run, Value[] slots) =>
        Definition.Body.Eval(run, input, slots.Length == 0 ? scope : new Frame(scope, slots));

    /// <summary>The slots of a call, its arguments checked by the signature if there is one.</summary>
    public Value[] Bind(Evaluation run, ReadOnlySpan<Value> arguments, in Value context)
    {
        if (Definition.Signature is { } signature)
        {
            arguments = signature.Bind(run, arguments, context);
        }
        var slots = new Value[Definition.Slots];
        var count = Math.Min(arguments.Length, Definition.Parameters);
        for (var i = 0; i < Definition.Parameters; i++)
        {
            slots[i] = i < count && !arguments[i].IsUndefined ? arguments[i] : Value.BoundUndefined;
        }
        return slots;
    }
}

/// <summary>The loop in which lambdas run: a tail call takes the place of the body that made it.</summary>
internal static class Calls
{
    /// <param name="run">The evaluation.</param>
    /// <param name="lambda">The function.</param>
    /// <param name="slots">Its bound arguments.</param>
    /// <param name="context">The context at the call.</param>
    /// <param name="depth">How deep the body nests.</param>
    public static Value Run(Evaluation run, Lambda lambda, Value[] slots, in Value context, int depth)
    {
        for (; ; )
        {
            run.Step();
            run.Enter(depth);
            var result = lambda.RunBody(run, slots);
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
            slots = run.TailIsBound ? run.TailArguments : tail.Bind(run, run.TailArguments, context);
        }
    }
}
