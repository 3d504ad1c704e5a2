using Gateway.Jsonata.Syntax;

namespace Gateway.Jsonata;

/// <summary>What can be told of an expression by its text alone.</summary>
/// <param name="Names">Variables and functions that stand in it, without their $; those that it binds itself are among them.</param>
/// <param name="ReadsInput">Whether it may look at the input. In doubt it does.</param>
/// <param name="GivesTruth">True: only ever true, false or nothing. False: never true and never false. Null: it depends on the data.</param>
public sealed record JsonataReach(IReadOnlySet<string> Names, bool ReadsInput, bool? GivesTruth)
{
    /// <summary>Looks at a source; null when it is no expression, of which <see cref="JsonataExpression.Compile"/> says why.</summary>
    public static JsonataReach? Of(string source)
    {
        try
        {
            var tree = PathShaper.Shape(Parser.Parse(source));
            var reach = new Reach(tree);
            return new JsonataReach(reach.Names, reach.ReadsInput, Truth.Of(tree));
        }
        catch (SyntaxFailure)
        {
            return null;
        }
    }
}
