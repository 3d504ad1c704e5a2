namespace Gateway.JsonSchema.Patterns;

/// <summary>Parses a character class, from after its <c>[</c> to its <c>]</c>.</summary>
internal sealed class ClassParser(PatternParser parser)
{
    public CodePointSet Parse()
    {
        bool negated = parser.Take('^');
        List<CodePointSet> parts = [];
        while (!parser.Ended && parser.Peek() != ']')
            parts.Add(ParsePart());
        if (!parser.Take(']'))
            return parser.RefuseSet("a [ without its ]");
        CodePointSet set = CodePointSet.Of(parts.SelectMany(part => part.Ranges));
        return negated ? set.Complement() : set;
    }

    private CodePointSet ParsePart()
    {
        CodePointSet first = ParseMember(out int from);
        if (parser.Peek() != '-' || parser.PeekNext() is ']' or -1)
            return first;
        parser.Next();
        CodePointSet second = ParseMember(out int to);
        if (from >= 0 && to >= 0)
            return from <= to ? CodePointSet.Of([(from, to)]) : parser.RefuseSet("a range with its ends out of order");
        // Annex B reads [\d-x] as the three members it seems to have.
        return parser.IsStrict
            ? parser.RefuseSet("a range whose end is a class")
            : CodePointSet.Of(first.Ranges.Concat(second.Ranges).Append(('-', '-')));
    }

    private CodePointSet ParseMember(out int single)
    {
        single = -1;
        if (parser.Ended)
            return CodePointSet.Empty;
        if (parser.Take('\\'))
            return parser.ReadSetEscape(inClass: true, out single);
        single = parser.Next();
        return CodePointSet.Of(single);
    }
}
