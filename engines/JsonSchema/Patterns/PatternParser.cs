using System.Globalization;

namespace Gateway.JsonSchema.Patterns;

/// <summary>
/// Parses ECMA-262 regular expressions with Unicode semantics (flag <c>u</c>, ECMA-262 section 22.2.1). Not strict, it also takes
/// the leftovers web browsers take without that flag (annex B): lone braces and brackets, and escaped punctuation.
/// </summary>
internal sealed class PatternParser
{
    private const int MaxNesting = 100;

    private readonly PatternCursor cursor;
    private readonly EscapeParser escapes;
    private readonly List<(string? Name, IReadOnlyList<int> Alternative)> groups = [];
    private readonly List<(PatternNode.BackReference Node, List<int> Targets, string? Name, int Number)> references = [];
    private readonly List<int> alternative = [];
    private int alternatives;
    private int nesting;
    private Modifiers modifiers;

    private PatternParser(PatternCursor cursor)
    {
        this.cursor = cursor;
        escapes = new EscapeParser(cursor);
    }

    /// <summary>Parses; null with the reason in <paramref name="fault"/> when it is no regular expression.</summary>
    public static PatternNode? Parse(string pattern, bool strict, out string? fault)
    {
        PatternCursor cursor = new(pattern, strict);
        PatternParser parser = new(cursor);
        PatternNode node = parser.ParseChoice();
        if (!cursor.AtEnd)
            cursor.Refuse("an unmatched )");
        parser.LinkReferences();
        fault = cursor.Fault;
        return fault is null ? node : null;
    }

    private PatternNode ParseChoice()
    {
        if (++nesting > MaxNesting)
            cursor.Refuse("groups nested too deeply");
        alternative.Add(alternatives++);
        List<PatternNode> branches = [ParseSequence()];
        while (cursor.Take("|"))
        {
            alternative[^1] = alternatives++;
            branches.Add(ParseSequence());
        }
        alternative.RemoveAt(alternative.Count - 1);
        nesting--;
        return branches.Count == 1 ? branches[0] : new PatternNode.Choice(branches);
    }

    private PatternNode.Sequence ParseSequence()
    {
        List<PatternNode> parts = [];
        while (!cursor.AtEnd && cursor.Peek() is not ('|' or ')'))
        {
            PatternNode atom = ParseAtom(out bool repeatable);
            parts.Add(ParseQuantifier(atom, repeatable));
        }
        return new PatternNode.Sequence(parts);
    }

    private PatternNode ParseAtom(out bool repeatable)
    {
        int c = cursor.Next();
        repeatable = c is not ('^' or '$');
        switch (c)
        {
            case '^' or '$':
                return new PatternNode.Anchor(c == '^', modifiers.HasFlag(Modifiers.Lines));
            case '.':
                return Set(modifiers.HasFlag(Modifiers.DotAll) ? CodePointSet.All : CharacterClasses.Dot);
            case '[':
                return Set(new ClassParser(cursor, escapes).Parse());
            case '(':
                return ParseGroup(out repeatable);
            case '\\':
                return ParseEscape(out repeatable);
            case '*' or '+' or '?':
                return cursor.Refuse("a quantifier without anything before it");
            case '{' when cursor.IsStrict || IsQuantifier():
                return cursor.Refuse("a quantifier without anything before it");
            case '}' or ']' when cursor.IsStrict:
                return cursor.Refuse($"a lone {(char)c}");
            default:
                return Set(CodePointSet.Of(c));
        }
    }

    private PatternNode ParseGroup(out bool repeatable)
    {
        repeatable = true;
        if (!cursor.Take("?"))
            return ParseCapture(null);
        if (cursor.Take(":"))
            return Close(ParseChoice());
        if (cursor.Take("="))
            return ParseLook(behind: false, negated: false, out repeatable);
        if (cursor.Take("!"))
            return ParseLook(behind: false, negated: true, out repeatable);
        if (cursor.Take("<="))
            return ParseLook(behind: true, negated: false, out repeatable);
        if (cursor.Take("<!"))
            return ParseLook(behind: true, negated: true, out repeatable);
        if (cursor.Take("<"))
            return ReadGroupName() is { } name ? ParseCapture(name) : cursor.Refuse("a group without a valid name");
        return ParseModifierGroup();
    }

    private PatternNode ParseCapture(string? name)
    {
        if (name is not null && groups.Exists(other => other.Name == name && !Excludes(other.Alternative)))
            return cursor.Refuse($"two groups named {name}");
        groups.Add((name, [.. alternative]));
        int number = groups.Count;
        return Close(new PatternNode.Group(ParseChoice(), number));
    }

    // Two groups may share a name when they stand in different alternatives of the same choice: then only one can take part.
    private bool Excludes(IReadOnlyList<int> other)
    {
        int common = Math.Min(other.Count, alternative.Count);
        for (int i = 0; i < common; i++)
        {
            if (other[i] != alternative[i])
                return true;
        }
        return false;
    }

    private PatternNode ParseLook(bool behind, bool negated, out bool repeatable)
    {
        // Only annex B lets a lookahead be repeated.
        repeatable = !cursor.IsStrict && !behind;
        return Close(new PatternNode.Look(ParseChoice(), behind, negated));
    }

    private PatternNode ParseModifierGroup()
    {
        Modifiers on = ReadModifiers();
        Modifiers off = cursor.Take("-") ? ReadModifiers() : Modifiers.None;
        if (!cursor.Take(":") || (on & off) != 0 || (on | off) == 0)
            return cursor.Refuse("an unknown kind of group");
        Modifiers outer = modifiers;
        modifiers = (modifiers | on) & ~off;
        PatternNode body = Close(ParseChoice());
        modifiers = outer;
        return body;
    }

    private Modifiers ReadModifiers()
    {
        Modifiers read = Modifiers.None;
        while (!cursor.AtEnd && cursor.Peek() is 'i' or 'm' or 's')
        {
            Modifiers next = cursor.Next() switch { 'i' => Modifiers.IgnoreCase, 'm' => Modifiers.Lines, _ => Modifiers.DotAll };
            if (read.HasFlag(next))
                cursor.Refuse("a repeated modifier");
            read |= next;
        }
        return read;
    }

    private PatternNode Close(PatternNode body) => cursor.Take(")") ? body : cursor.Refuse("a ( without its )");

    private PatternNode ParseEscape(out bool repeatable)
    {
        repeatable = true;
        if (cursor.AtEnd)
            return cursor.Refuse("a \\ at the end");
        int c = cursor.Peek();
        if (c is 'b' or 'B')
        {
            cursor.At++;
            repeatable = false;
            return new PatternNode.Boundary(c == 'B');
        }
        if (c == 'k')
        {
            cursor.At++;
            return cursor.Take("<") && ReadGroupName() is { } name ? Reference(name, 0) : cursor.Refuse("a \\k without a <name>");
        }
        if (c is >= '1' and <= '9')
            return Reference(null, cursor.TakeNumber());
        return Set(escapes.ReadSet(inClass: false, out _));
    }

    private PatternNode.BackReference Reference(string? name, int number)
    {
        List<int> targets = [];
        PatternNode.BackReference node = new(targets, modifiers.HasFlag(Modifiers.IgnoreCase));
        references.Add((node, targets, name, number));
        return node;
    }

    private void LinkReferences()
    {
        foreach ((_, List<int> targets, string? name, int number) in references)
        {
            if (name is null && number <= groups.Count)
                targets.Add(number);
            for (int i = 0; name is not null && i < groups.Count; i++)
            {
                if (groups[i].Name == name)
                    targets.Add(i + 1);
            }
            if (targets.Count == 0)
                cursor.Refuse("a reference to a group that does not exist");
        }
    }

    private PatternNode ParseQuantifier(PatternNode atom, bool repeatable)
    {
        if (cursor.AtEnd)
            return atom;
        (int Min, int? Max)? range = cursor.Peek() switch
        {
            '*' => (0, null),
            '+' => (1, null),
            '?' => (0, 1),
            _ => null,
        };
        if (range is not null)
            cursor.At++;
        else if (cursor.Take("{"))
        {
            if (!IsQuantifier())
            {
                cursor.At--;
                return atom;
            }
            range = ReadRange();
        }
        if (range is not { } bounds)
            return atom;
        if (bounds.Max < bounds.Min)
            return cursor.Refuse("a quantifier with its numbers out of order");
        if (!repeatable)
            return cursor.Refuse("a quantifier on what cannot be repeated");
        return new PatternNode.Repeat(atom, bounds.Min, bounds.Max, Lazy: cursor.Take("?"));
    }

    // Looks only: after "{", whether "n}", "n,}" or "n,m}" follows.
    private bool IsQuantifier()
    {
        int start = cursor.At;
        bool hasMinimum = cursor.Peek() is >= '0' and <= '9';
        cursor.TakeNumber();
        if (cursor.Take(","))
            cursor.TakeNumber();
        bool closed = cursor.Peek() == '}';
        cursor.At = start;
        return hasMinimum && closed;
    }

    private (int Min, int? Max) ReadRange()
    {
        int min = cursor.TakeNumber();
        int? max = min;
        if (cursor.Take(","))
            max = cursor.Peek() == '}' ? null : cursor.TakeNumber();
        cursor.Take("}");
        return (min, max);
    }

    // ECMA-262 section 12.7: letters and what may continue an identifier.
    private string? ReadGroupName() => cursor.TakeUntil('>') is { Length: > 0 } name && IsNameStart(name[0]) && name.All(IsNamePart) ? name : null;

    private static bool IsNameStart(char c) => char.IsLetter(c) || char.IsSurrogate(c) || c is '_' or '$';

    private static bool IsNamePart(char c) => IsNameStart(c) || char.IsDigit(c) || c is '\u200C' or '\u200D'
        || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.ConnectorPunctuation;

    private PatternNode.Set Set(CodePointSet members) => new(members, modifiers.HasFlag(Modifiers.IgnoreCase));

    [Flags]
    private enum Modifiers
    {
        None = 0,
        IgnoreCase = 1,
        Lines = 2,
        DotAll = 4,
    }
}
