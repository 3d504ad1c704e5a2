using Gateway.Jsonata.Syntax;

namespace Gateway.Jsonata.Nodes;

/// <summary><c>$eval(source, context?)</c>, which sees the variables of the place it is called in.</summary>
internal sealed class EvalNode(Node[] arguments, CallSite site, int depth, Scope scope) : Node, IApplied
{
    private static readonly Signature Signature = Signature.Known("<sx?:x>");

    public override Value Eval(Evaluation run, in Value input, Frame? frame)
    {
        var values = new Value[arguments.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = arguments[i].Eval(run, input, frame);
        }
        return Settle(Call(run, values, input, frame));
    }

    public Value EvalApplied(Evaluation run, in Value input, Frame? frame, in Value first)
    {
        var values = new Value[arguments.Length + 1];
        values[0] = first;
        for (var i = 1; i < values.Length; i++)
        {
            values[i] = arguments[i - 1].Eval(run, input, frame);
        }
        return Call(run, values, input, frame);
    }

    private Value Call(Evaluation run, Value[] values, in Value input, Frame? frame)
    {
        run.Site = site;
        var outer = run.Depth;
        run.Enter(outer + depth);
        var result = Run(run, Signature.Bind(run, values, input), input, frame, scope, site);
        run.Depth = outer;
        return result;
    }

    /// <summary>Compiles and evaluates source; its errors come out as D3120 and D3121.</summary>
    public static Value Run(Evaluation run, ReadOnlySpan<Value> arguments, in Value input, Frame? frame, Scope scope, CallSite site)
    {
        if (arguments[0].IsUndefined)
        {
            return default;
        }
        var context = input;
        if (arguments.Length > 1 && !arguments[1].IsUndefined)
        {
            context = arguments[1];
            if (context.Kind == JsonataKind.Array && context.List is not { IsSequence: true })
            {
                context = Value.From(new ValueList([context]) { IsSequence = true, IsOuterWrapper = true });
            }
        }
        try
        {
            var source = arguments[0].Text;
            run.Charge(source.Length);
            var node = Compiler.CompileInside(source, run.Options, scope, out var slots);
            return node.Eval(run, context, slots == 0 ? frame : new Frame(frame, new Value[slots]));
        }
        catch (SyntaxFailure failure)
        {
            throw new JsonataFailure("D3120", $"the source given to $eval is not valid: {failure.Message}", site.Position, site.Name);
        }
        catch (JsonataFailure failure) when (failure.Code is not ("U1001" or "D2015"))
        {
            throw new JsonataFailure("D3121", $"the source given to $eval failed: {failure.Message}", site.Position, site.Name);
        }
    }
}
