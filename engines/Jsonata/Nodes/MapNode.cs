using Gateway.Jsonata.Library;

namespace Gateway.Jsonata.Nodes;

/// <summary><c>$map(array, function)</c>, whose items are written one by one where they are items of the result.</summary>
/// <param name="array">Gives the array.</param>
/// <param name="function">Gives the function.</param>
/// <param name="native">The built-in function.</param>
/// <param name="call">The same call in general.</param>
internal sealed class MapNode(Node array, Node function, NativeFunction native, CallNode call) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame) => call.Eval(run, input, frame);

    public override Value EvalItemsInto(Evaluation run, in Value input, Frame? frame)
    {
        if (run.LooksUpNames || call.Tail is not null)
        {
            return call.Eval(run, input, frame);
        }
        var whole = array.Eval(run, input, frame);
        var mapping = function.Eval(run, input, frame);
        call.Enter(run, out var outer);
        var result = whole.Kind == JsonataKind.Array && mapping.Function is Lambda lambda
            ? HigherOrderFunctions.MapInto(run, lambda, whole)
            : native.Invoke(run, [whole, mapping], input);
        run.Depth = outer;
        return Settle(result);
    }
}
