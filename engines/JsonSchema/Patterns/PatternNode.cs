namespace Gateway.JsonSchema.Patterns;

/// <summary>A parsed ECMA-262 regular expression.</summary>
internal abstract record PatternNode
{
    /// <summary>One code point out of a set.</summary>
    public sealed record Set(CodePointSet Members, bool IgnoreCase) : PatternNode;

    public sealed record Sequence(IReadOnlyList<PatternNode> Parts) : PatternNode;

    public sealed record Choice(IReadOnlyList<PatternNode> Branches) : PatternNode;

    /// <summary><see cref="Max"/> is null for "any number".</summary>
    public sealed record Repeat(PatternNode Body, int Min, int? Max, bool Lazy) : PatternNode;

    /// <summary>A capturing group; <see cref="Number"/> counts from 1.</summary>
    public sealed record Group(PatternNode Body, int Number) : PatternNode;

    /// <summary><c>^</c> and <c>$</c>; <see cref="Lines"/> under the modifier <c>m</c>.</summary>
    public sealed record Anchor(bool AtStart, bool Lines) : PatternNode;

    /// <summary><c>\b</c> and <c>\B</c>.</summary>
    public sealed record Boundary(bool Negated) : PatternNode;

    /// <summary>Lookahead and lookbehind.</summary>
    public sealed record Look(PatternNode Body, bool Behind, bool Negated) : PatternNode;

    /// <summary><c>\1</c>, <c>\k&lt;name&gt;</c>: the groups it may stand for.</summary>
    public sealed record BackReference(IReadOnlyList<int> Groups, bool IgnoreCase) : PatternNode;
}
