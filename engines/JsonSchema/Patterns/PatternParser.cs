using System.Globalization;

namespace Gateway.JsonSchema.Patterns;

/// <summary>
/// Parses ECMA-262 regular expressions with Unicode semantics (flag <c>u</c>, ECMA-262 section 22.2.1). Not strict, it also takes
/// the leftovers web browsers take without that flag (annex B): lone braces and brackets, and escaped punctuation.
/// </summary>
internal sealed class PatternParser
{
    private const int MaxNesting = 100;

    private readonly PatternCursor _cursor;
    private readonly EscapeParser _escapes;
    private readonly List<(string? Name, IReadOnlyList<int> Alternative)> _groups = [];
    private readonly List<(PatternNode.BackReference Node, List<int> Targets, string? Name, int Number)> _references = [];
    private readonly List<int> _alternative = [];
    private int _alternatives;
    private int _nesting;
    private Modifiers _modifiers;

    private PatternParser(PatternCursor cursor)
    {
        _cursor = cursor;
        _escapes = new EscapeParser(cursor);
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
        if (++_nesting > MaxNesting)
            _cursor.Refuse("groups nested too deeply");
        _alternative.Add(_alternatives++);
        List<PatternNode> branches = [ParseSequence()];
        while (_cursor.Take("|"))
        {
            _alternative[^1] = _alternatives++;
            branches.Add(ParseSequence());
        }
        _alternative.RemoveAt(_alternative.Count - 1);
        _nesting--;
        return branches.Count == 1 ? branches[0] : new PatternNode.Choice(branches);
    }

    private PatternNode.Sequence ParseSequence()
    {
        List<PatternNode> parts = [];
        while (!_cursor.AtEnd && _cursor.Peek() is not ('|' or ')'))
        {
            PatternNode atom = ParseAtom(out bool repeatable);
            parts.Add(ParseQuantifier(atom, repeatable));
        }
        return new PatternNode.Sequence(parts);
    }

    private PatternNode ParseAtom(out bool repeatable)
    {
        int c = _cursor.Next();
        repeatable = c is not ('^' or '$');
        switch (c)
        {
            case '^' or '$':
                return new PatternNode.Anchor(c == '^', _modifiers.HasFlag(Modifiers.Lines));
            case '.':
                return Set(_modifiers.HasFlag(Modifiers.DotAll) ? CodePointSet.All : CharacterClasses.Dot);
            case '[':
                return Set(new ClassParser(_cursor, _escapes).Parse());
            case '(':
                return ParseGroup(out repeatable);
            case '\\':
                return ParseEscape(out repeatable);
            case '*' or '+' or '?':
                return _cursor.Refuse("a quantifier without anything before it");
            case '{' when _cursor.IsStrict || IsQuantifier():
                return _cursor.Refuse("a quantifier without anything before it");
            case '}' or ']' when _cursor.IsStrict:
                return _cursor.Refuse($"a lone {(char)c}");
            default:
                return Set(CodePointSet.Of(c));
        }
    }

    private PatternNode ParseGroup(out bool repeatable)
    {
        repeatable = true;
        if (!_cursor.Take("?"))
            return ParseCapture(null);
        if (_cursor.Take(":"))
            return Close(ParseChoice());
        if (_cursor.Take("="))
            return ParseLook(behind: false, negated: false, out repeatable);
        if (_cursor.Take("!"))
            return ParseLook(behind: false, negated: true, out repeatable);
        if (_cursor.Take("<="))
            return ParseLook(behind: true, negated: false, out repeatable);
        if (_cursor.Take("<!"))
            return ParseLook(behind: true, negated: true, out repeatable);
        if (_cursor.Take("<"))
            return ReadGroupName() is { } name ? ParseCapture(name) : _cursor.Refuse("a group without a valid name");
        return ParseModifierGroup();
    }

    private PatternNode ParseCapture(string? name)
    {
        if (name is not null && _groups.Exists(other => other.Name == name && !Excludes(other.Alternative)))
            return _cursor.Refuse($"two groups named {name}");
        _groups.Add((name, [.. _alternative]));
        int number = _groups.Count;
        return Close(new PatternNode.Group(ParseChoice(), number));
    }

    // Two groups may share a name when they stand in different alternatives of the same choice: then only one can take part.
    private bool Excludes(IReadOnlyList<int> other)
    {
        int common = Math.Min(other.Count, _alternative.Count);
        for (int i = 0; i < common; i++)
        {
            if (other[i] != _alternative[i])
                return true;
        }
        return false;
    }

    private PatternNode ParseLook(bool behind, bool negated, out bool repeatable)
    {
        // Only annex B lets a lookahead be repeated.
        repeatable = !_cursor.IsStrict && !behind;
        return Close(new PatternNode.Look(ParseChoice(), behind, negated));
    }

    private PatternNode ParseModifierGroup()
    {
        Modifiers on = ReadModifiers();
        Modifiers off = _cursor.Take("-") ? ReadModifiers() : Modifiers.None;
        if (!_cursor.Take(":") || (on & off) != 0 || (on | off) == 0)
            return _cursor.Refuse("an unknown kind of group");
        Modifiers outer = _modifiers;
        _modifiers = (_modifiers | on) & ~off;
        PatternNode body = Close(ParseChoice());
        _modifiers = outer;
        return body;
    }

    private Modifiers ReadModifiers()
    {
        Modifiers read = Modifiers.None;
        while (!_cursor.AtEnd && _cursor.Peek() is 'i' or 'm' or 's')
        {
            Modifiers next = _cursor.Next() switch { 'i' => Modifiers.IgnoreCase, 'm' => Modifiers.Lines, _ => Modifiers.DotAll };
            if (read.HasFlag(next))
                _cursor.Refuse("a repeated modifier");
            read |= next;
        }
        return read;
    }

    private PatternNode Close(PatternNode body) => _cursor.Take(")") ? body : _cursor.Refuse("a ( without its )");

    private PatternNode ParseEscape(out bool repeatable)
    {
        repeatable = true;
        if (_cursor.AtEnd)
            return _cursor.Refuse("a \\ at the end");
        int c = _cursor.Peek();
        if (c is 'b' or 'B')
        {
            _cursor.At++;
            repeatable = false;
            return new PatternNode.Boundary(c == 'B');
        }
        if (c == 'k')
        {
            _cursor.At++;
            return _cursor.Take("<") && ReadGroupName() is { } name ? Reference(name, 0) : _cursor.Refuse("a \\k without a <name>");
        }
        if (c is >= '1' and <= '9')
            return Reference(null, _cursor.TakeNumber());
        return Set(_escapes.ReadSet(inClass: false, out _));
    }

    private PatternNode.BackReference Reference(string? name, int number)
    {
        List<int> targets = [];
        PatternNode.BackReference node = new(targets, _modifiers.HasFlag(Modifiers.IgnoreCase));
        _references.Add((node, targets, name, number));
        return node;
    }

    private void LinkReferences()
    {
        foreach ((_, List<int> targets, string? name, int number) in _references)
        {
            if (name is null && number <= _groups.Count)
                targets.Add(number);
            for (int i = 0; name is not null && i < _groups.Count; i++)
            {
                if (_groups[i].Name == name)
                    targets.Add(i + 1);
            }
            if (targets.Count == 0)
                _cursor.Refuse("a reference to a group that does not exist");
        }
    }

    private PatternNode ParseQuantifier(PatternNode atom, bool repeatable)
    {
        if (_cursor.AtEnd)
            return atom;
        (int Min, int? Max)? range = _cursor.Peek() switch
        {
            '*' => (0, null),
            '+' => (1, null),
            '?' => (0, 1),
            _ => null,
        };
        if (range is not null)
            _cursor.At++;
        else if (_cursor.Take("{"))
        {
            if (!IsQuantifier())
            {
                _cursor.At--;
                return atom;
            }
            range = ReadRange();
        }
        if (range is not { } bounds)
            return atom;
        if (bounds.Max < bounds.Min)
            return _cursor.Refuse("a quantifier with its numbers out of order");
        if (!repeatable)
            return _cursor.Refuse("a quantifier on what cannot be repeated");
        return new PatternNode.Repeat(atom, bounds.Min, bounds.Max, Lazy: _cursor.Take("?"));
    }

    // Looks only: after "{", whether "n}", "n,}" or "n,m}" follows.
    private bool IsQuantifier()
    {
        int start = _cursor.At;
        bool hasMinimum = _cursor.Peek() is >= '0' and <= '9';
        _cursor.TakeNumber();
        if (_cursor.Take(","))
            _cursor.TakeNumber();
        bool closed = _cursor.Peek() == '}';
        _cursor.At = start;
        return hasMinimum && closed;
    }

    private (int Min, int? Max) ReadRange()
    {
        int min = _cursor.TakeNumber();
        int? max = min;
        if (_cursor.Take(","))
            max = _cursor.Peek() == '}' ? null : _cursor.TakeNumber();
        _cursor.Take("}");
        return (min, max);
    }

    // ECMA-262 section 12.7: letters and what may continue an identifier.
    private string? ReadGroupName() => _cursor.TakeUntil('>') is { Length: > 0 } name && IsNameStart(name[0]) && name.All(IsNamePart) ? name : null;

    private static bool IsNameStart(char c) => char.IsLetter(c) || char.IsSurrogate(c) || c is '_' or '$';

    private static bool IsNamePart(char c) => IsNameStart(c) || char.IsDigit(c) || c is '\u200C' or '\u200D'
        || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.ConnectorPunctuation;

    private PatternNode.Set Set(CodePointSet members) => new(members, _modifiers.HasFlag(Modifiers.IgnoreCase));

    [Flags]
    private enum Modifiers
    {
        None = 0,
        IgnoreCase = 1,
        Lines = 2,
        DotAll = 4,
    }
}
