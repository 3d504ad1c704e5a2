namespace Gateway.Jsonata.Nodes;

/// <summary>What the callers of functions share: the procedure, the arguments and the place.</summary>
internal abstract class CallNodeBase(Node procedure, Node[] arguments, CallSite site, string? forgottenDollar) : Node
{
    public Node[] Arguments { get; } = arguments;

    /// <summary>Where it stands.</summary>
    public CallSite Site { get; } = site;

    /// <summary>The function to call, or T1005 when just its $ is missing and T1006 when it is none.</summary>
    protected Function Procedure(Evaluation run, in Value input, Frame? frame)
    {
        var value = procedure.Eval(run, input, frame);
        if (value.Function is { } function)
        {
            return function;
        }
        if (value.IsUndefined && forgottenDollar is not null)
        {
            throw new JsonataFailure("T1005", $"'{forgottenDollar}' is no function; did you mean ${forgottenDollar}?", Site.Position, forgottenDollar);
        }
        // Errors in the arguments come first.
        foreach (var argument in Arguments)
        {
            argument.Eval(run, input, frame);
        }
        throw new JsonataFailure("T1006", $"{(Site.Name is null ? "this" : $"'{Site.Name}'")} is no function", Site.Position, Site.Name);
    }

    /// <summary>Works the arguments out straight into the frame of a lambda that has no signature; surplus ones are worked out and dropped.</summary>
    protected Frame BindLambda(Evaluation run, Lambda lambda, in Value input, Frame? frame, bool isApplied, in Value first)
    {
        var parameters = lambda.Definition.Parameters;
        var called = run.Frames.Rent(lambda.Definition.Slots, lambda.Scope);
        var slots = called.Slots;
        var at = 0;
        if (isApplied && parameters > 0)
        {
            slots[at++] = first.IsUndefined ? Value.BoundUndefined : first;
        }
        foreach (var argument in Arguments)
        {
            var value = argument.Eval(run, input, frame);
            if (at < parameters)
            {
                slots[at++] = value.IsUndefined ? Value.BoundUndefined : value;
            }
        }
        while (at < parameters)
        {
            slots[at++] = Value.BoundUndefined;
        }
        return called;
    }
}

/// <summary>A call that <c>~&gt;</c> can put a value in front of.</summary>
internal interface IApplied
{
    /// <summary>
    /// Calls with a value before the written arguments, which is what <c>value ~&gt; $f(…)</c> means. A sequence comes as
    /// it is, for the operator settles it.
    /// </summary>
    Value EvalApplied(Evaluation run, in Value input, Frame? frame, in Value first);
}

/// <summary>A call.</summary>
/// <param name="procedure">Gives the function.</param>
/// <param name="known">The function itself, when the name can only mean a built-in one.</param>
/// <param name="arguments">Give the arguments.</param>
/// <param name="site">Where it stands.</param>
/// <param name="depth">How deep it nests in the body it stands in.</param>
/// <param name="forgottenDollar">The name of an existing function, when it was written without its $.</param>
internal sealed class CallNode(Node procedure, NativeFunction? known, Node[] arguments, CallSite site, int depth, string? forgottenDollar)
    : CallNodeBase(procedure, arguments, site, forgottenDollar), IApplied
{
    /// <summary>The function itself, when the name can only mean a built-in one.</summary>
    public NativeFunction? Known => known;

    /// <summary>
    /// Set in tail position. A native function needs no loop to run in and is called at once, but what it gives stays a
    /// sequence, as the loop would leave it.
    /// </summary>
    public TailCallNode? Tail { get; init; }

    public override bool IsTruth => known is { GivesTruth: true };

    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        if (Tail is null)
        {
            return Settle(Call(run, input, frame, false, default, false));
        }
        return run.LooksUpNames ? Tail.Eval(run, input, frame) : CallNative(run, known!, input, frame, false, default);
    }

    public override Value EvalInto(Evaluation run, in Value input, Frame? frame) =>
        Tail is null ? Settle(Call(run, input, frame, false, default, true)) : Eval(run, input, frame);

    public Value EvalApplied(Evaluation run, in Value input, Frame? frame, in Value first) => Call(run, input, frame, true, first, false);

    private Value Call(Evaluation run, in Value input, Frame? frame, bool isApplied, in Value first, bool into)
    {
        if (known is not null && !run.LooksUpNames)
        {
            return CallNative(run, known, input, frame, isApplied, first);
        }
        return Procedure(run, input, frame) switch
        {
            Lambda lambda => CallLambda(run, lambda, input, frame, isApplied, first, into),
            NativeFunction native => CallNative(run, native, input, frame, isApplied, first),
            var other => CallOther(run, other, input, frame, isApplied, first),
        };
    }

    private Value CallNative(Evaluation run, NativeFunction native, in Value input, Frame? frame, bool isApplied, in Value first)
    {
        var count = Arguments.Length + (isApplied ? 1 : 0);
        if (count > ArgumentBuffer.Size || native.Signature.Parameters > ArgumentBuffer.Size)
        {
            return CallOther(run, native, input, frame, isApplied, first);
        }
        var room = new ArgumentBuffer();
        Span<Value> buffer = room;
        Fill(run, buffer, input, frame, isApplied, first);
        Enter(run, out var outer);
        var result = native.InvokeInPlace(run, buffer, count, input);
        run.Depth = outer;
        return result;
    }

    /// <summary>What precedes a native function once its arguments are known; the depth must be set back after it.</summary>
    public void Enter(Evaluation run, out int outer)
    {
        run.Step();
        run.Site = Site;
        outer = run.Depth;
        run.Depth += depth;
    }

    private Value CallLambda(Evaluation run, Lambda lambda, in Value input, Frame? frame, bool isApplied, in Value first, bool into)
    {
        if (lambda.Definition.Signature is not null)
        {
            return CallOther(run, lambda, input, frame, isApplied, first);
        }
        var called = BindLambda(run, lambda, input, frame, isApplied, first);
        run.Site = Site;
        var outer = run.Depth;
        var result = Calls.Run(run, lambda, called, input, outer + depth, into);
        run.Depth = outer;
        return result;
    }

    private Value CallOther(Evaluation run, Function function, in Value input, Frame? frame, bool isApplied, in Value first)
    {
        var values = new Value[Arguments.Length + (isApplied ? 1 : 0)];
        Fill(run, values, input, frame, isApplied, first);
        run.Step();
        run.Site = Site;
        var outer = run.Depth;
        run.Enter(outer + depth);
        var result = function.Invoke(run, values, input);
        run.Depth = outer;
        return result;
    }

    private void Fill(Evaluation run, Span<Value> target, in Value input, Frame? frame, bool isApplied, in Value first)
    {
        var at = 0;
        if (isApplied)
        {
            target[at++] = first;
        }
        foreach (var argument in Arguments)
        {
            target[at++] = argument.Eval(run, input, frame);
        }
    }
}

/// <summary>A call in tail position: it leaves function and arguments to the loop that runs the enclosing lambda.</summary>
internal sealed class TailCallNode(Node procedure, Node[] arguments, CallSite site, string? forgottenDollar)
    : CallNodeBase(procedure, arguments, site, forgottenDollar)
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        var function = Procedure(run, input, frame);
        if (function is Lambda { Definition.Signature: null } lambda)
        {
            return Leave(run, function, [], BindLambda(run, lambda, input, frame, false, default));
        }
        var values = Arguments.Length == 0 ? [] : new Value[Arguments.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Arguments[i].Eval(run, input, frame);
        }
        return Leave(run, function, values, null);
    }

    private Value Leave(Evaluation run, Function function, Value[] arguments, Frame? frame)
    {
        run.Site = Site;
        run.TailFunction = function;
        run.TailArguments = arguments;
        run.TailFrame = frame;
        return new Value(Value.TailCallKind);
    }
}

/// <summary>A call with placeholders: a function of the arguments that are still open.</summary>
internal sealed class PartialNode(Node procedure, Node?[] arguments, CallSite site, string? forgottenDollar) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        var given = new Value[arguments.Length];
        var open = new List<int>();
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] is { } argument)
            {
                given[i] = argument.Eval(run, input, frame);
            }
            else
            {
                open.Add(i);
            }
        }
        var value = procedure.Eval(run, input, frame);
        if (value.Function is { } function)
        {
            return Value.From(new PartialFunction(function, given, [.. open]));
        }
        if (value.IsUndefined && forgottenDollar is not null)
        {
            throw new JsonataFailure("T1007", $"'{forgottenDollar}' is no function; did you mean ${forgottenDollar}?", site.Position, forgottenDollar);
        }
        throw new JsonataFailure("T1008", $"{(site.Name is null ? "this" : $"'{site.Name}'")} is no function to apply partially", site.Position, site.Name);
    }
}

/// <summary><c>left ~&gt; right</c></summary>
internal sealed class ApplyNode(Node left, Node right, bool isCall, int position, int depth) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        var first = left.Eval(run, input, frame);
        if (isCall)
        {
            return Settle(((IApplied)right).EvalApplied(run, input, frame, first));
        }
        var target = right.Eval(run, input, frame);
        if (target.Function is not { } function)
        {
            throw new JsonataFailure("T2006", "the right side of ~> is no function", position, "~>");
        }
        if (first.Function is { } source)
        {
            return Value.From(new ChainFunction(source, function));
        }
        run.Step();
        run.Site = new CallSite(position, "~>");
        var outer = run.Depth;
        run.Enter(outer + depth);
        var result = function.Invoke(run, [first], Value.Null);
        run.Depth = outer;
        return Settle(result);
    }
}
