namespace Gateway.Jsonata.Runtime;

/// <summary>Anything that can be called.</summary>
internal abstract class Function
{
    /// <summary>How many arguments it takes: what <c>$map</c> and its like pass is cut to this.</summary>
    public abstract int Arity { get; }

    /// <summary>Calls it.</summary>
    /// <param name="run">The evaluation.</param>
    /// <param name="arguments">What was passed, before any signature is applied.</param>
    /// <param name="context">What stands in for an argument the signature takes from the context.</param>
    public abstract Value Invoke(Evaluation run, ReadOnlySpan<Value> arguments, in Value context);
}

internal delegate Value NativeBody(Evaluation run, ReadOnlySpan<Value> arguments);

/// <summary>A function written in C#, its arguments checked by a signature.</summary>
internal sealed class NativeFunction(string name, Signature signature, int arity, NativeBody body) : Function
{
    public string Name { get; } = name;

    public Signature Signature { get; } = signature;

    public override int Arity { get; } = arity;

    /// <summary>What it gives, as the letter in its written signature: <c>b</c> is a boolean, <c>x</c> anything; <c>x</c> where it does not say.</summary>
    public char Result { get; init; } = 'x';

    /// <summary>Whether it only ever gives true, false or nothing.</summary>
    public bool GivesTruth => Result == 'b';

    public override Value Invoke(Evaluation run, ReadOnlySpan<Value> arguments, in Value context)
    {
        if (arguments.Length > ArgumentBuffer.Size || Signature.Parameters > ArgumentBuffer.Size)
        {
            return body(run, Signature.Bind(run, arguments, context));
        }
        var room = new ArgumentBuffer();
        arguments.CopyTo(room);
        return InvokeInPlace(run, room, arguments.Length, context);
    }

    /// <summary>Calls it with arguments that lie in a buffer with room for all its parameters.</summary>
    public Value InvokeInPlace(Evaluation run, Span<Value> buffer, int count, in Value context)
    {
        if (Signature.Accepts(buffer[..count]))
        {
            return body(run, buffer[..Math.Max(count, Signature.Parameters)]);
        }
        if (Signature.TakesFirstFromContext(buffer[..count], context))
        {
            buffer[..count].CopyTo(buffer[1..]);
            buffer[0] = context;
            return body(run, buffer[..(count + 1)]);
        }
        return body(run, Signature.Bind(run, buffer[..count], context));
    }
}

/// <summary>Room for the arguments of most calls, on the stack.</summary>
[System.Runtime.CompilerServices.InlineArray(Size)]
internal struct ArgumentBuffer
{
    public const int Size = 4;

    private Value _first;
}

/// <summary>A function some of whose arguments are already given.</summary>
internal sealed class PartialFunction(Function target, Value[] given, int[] open) : Function
{
    public override int Arity => open.Length;

    public override Value Invoke(Evaluation run, ReadOnlySpan<Value> arguments, in Value context)
    {
        var all = (Value[])given.Clone();
        for (var i = 0; i < open.Length; i++)
        {
            all[open[i]] = i < arguments.Length ? arguments[i] : default;
        }
        run.Step();
        run.EnsureStack();
        return target.Invoke(run, all, context);
    }
}

/// <summary>Two functions in a row: what <c>~&gt;</c> makes of them.</summary>
internal sealed class ChainFunction(Function first, Function second) : Function
{
    public override int Arity => 1;

    public override Value Invoke(Evaluation run, ReadOnlySpan<Value> arguments, in Value context)
    {
        run.EnsureStack();
        var between = Sequences.Settle(first.Invoke(run, arguments[..Math.Min(1, arguments.Length)], Value.Null), false);
        return second.Invoke(run, [between], Value.Null);
    }
}
