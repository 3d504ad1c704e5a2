using Gateway.Jsonata.Library;

namespace Gateway.Jsonata.Nodes;

/// <summary><c>/pattern/flags</c>: a function that finds the first match in a string.</summary>
internal sealed class RegexNode(Matcher matcher) : Node
{
    public override Value Eval(Evaluation run, in Value input, Frame? frame) => Value.From(matcher);
}
