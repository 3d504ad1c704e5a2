namespace Gateway.JsonSchema.Patterns;

/// <summary>Parses a character class, from after its <c>[</c> to its <c>]</c>.</summary>
internal sealed class ClassParser(PatternCursor cursor, EscapeParser escapes)
{
    public CodePointSet Parse()
    {
        bool negated = cursor.Take("^");
        List<CodePointSet> parts = [];
        while (!cursor.AtEnd && cursor.Peek() != ']')
            parts.Add(ParsePart());
        if (!cursor.Take("]"))
            return cursor.RefuseSet("a [ without its ]");
        CodePointSet set = CodePointSet.Of(parts.SelectMany(part => part.Ranges));
        return negated ? set.Complement() : set;
    }

    private CodePointSet ParsePart()
    {
        CodePointSet first = ParseMember(out int from);
        if (cursor.Peek() != '-' || cursor.Peek(1) is ']' or -1)
            return first;
        cursor.Next();
        CodePointSet second = ParseMember(out int to);
        if (from >= 0 && to >= 0)
            return from <= to ? CodePointSet.Of([(from, to)]) : cursor.RefuseSet("a range with its ends out of order");
        // Annex B reads [\d-x] as the three members it seems to have.
        return cursor.IsStrict
            ? cursor.RefuseSet("a range whose end is a class")
            : CodePointSet.Of(first.Ranges.Concat(second.Ranges).Append(('-', '-')));
    }

    private CodePointSet ParseMember(out int single)
    {
        single = -1;
        if (cursor.AtEnd)
            return CodePointSet.Empty;
        if (cursor.Take("\\"))
            return escapes.ReadSet(inClass: true, out single);
        single = cursor.Next();
        return CodePointSet.Of(single);
    }
}
