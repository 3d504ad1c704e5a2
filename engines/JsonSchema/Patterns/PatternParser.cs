using System.Text;

namespace Gateway.JsonSchema.Patterns;

/// <summary>
/// Parses ECMA-262 regular expressions with Unicode semantics (flag <c>u</c>, ECMA-262 section 22.2.1). Not strict, it also takes the
/// leftovers web browsers take without that flag (annex B): lone braces and brackets, and escaped punctuation.
/// </summary>
internal sealed class PatternParser
{
    private const int MaxNesting = 100;

    private readonly int[] text;
    private readonly bool strict;
    private readonly List<(string? Name, IReadOnlyList<int> Alternative)> groups = [];
    private readonly List<(PatternNode.BackReference Node, List<int> Targets, string? Name, int Number)> references = [];
    private readonly List<int> alternative = [];
    private int alternatives;
    private int at;
    private int nesting;
    private Modifiers modifiers;
    private string? fault;

    private PatternParser(string pattern, bool strict)
    {
        text = [.. pattern.EnumerateRunes().Select(rune => rune.Value)];
        this.strict = strict;
    }

    /// <summary>Parses; null with the reason in <paramref name="fault"/> when it is no regular expression.</summary>
    public static PatternNode? Parse(string pattern, bool strict, out string? fault)
    {
        PatternParser parser = new(pattern, strict);
        PatternNode node = parser.ParseChoice();
        if (parser.at < parser.text.Length)
            parser.Refuse("an unmatched )");
        parser.LinkReferences();
        fault = parser.fault;
        return fault is null ? node : null;
    }

    private bool AtEnd => at >= text.Length || fault is not null;

    private PatternNode ParseChoice()
    {
        if (++nesting > MaxNesting)
            Refuse("groups nested too deeply");
        alternative.Add(alternatives++);
        List<PatternNode> branches = [ParseSequence()];
        while (Take('|'))
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
        while (!AtEnd && Peek() is not ('|' or ')'))
        {
            PatternNode atom = ParseAtom(out bool repeatable);
            parts.Add(ParseQuantifier(atom, repeatable));
        }
        return new PatternNode.Sequence(parts);
    }

    private PatternNode ParseAtom(out bool repeatable)
    {
        int c = text[at++];
        repeatable = c is not ('^' or '$');
        switch (c)
        {
            case '^' or '$':
                return new PatternNode.Anchor(c == '^', modifiers.HasFlag(Modifiers.Lines));
            case '.':
                return Set(modifiers.HasFlag(Modifiers.DotAll) ? CodePointSet.All : CharacterClasses.Dot);
            case '[':
                return Set(new ClassParser(this).Parse());
            case '(':
                return ParseGroup(out repeatable);
            case '\\':
                return ParseEscape(out repeatable);
            case '*' or '+' or '?':
                return Refuse("a quantifier without anything before it");
            case '{' when strict || IsQuantifier():
                return Refuse("a quantifier without anything before it");
            case '}' or ']' when strict:
                return Refuse($"a lone {(char)c}");
            default:
                return Set(CodePointSet.Of(c));
        }
    }

    private PatternNode ParseGroup(out bool repeatable)
    {
        repeatable = true;
        if (!Take('?'))
            return ParseCapture(null);
        if (Take(':'))
            return Close(ParseChoice());
        if (Take("="))
            return ParseLook(behind: false, negated: false, out repeatable);
        if (Take("!"))
            return ParseLook(behind: false, negated: true, out repeatable);
        if (Take("<="))
            return ParseLook(behind: true, negated: false, out repeatable);
        if (Take("<!"))
            return ParseLook(behind: true, negated: true, out repeatable);
        if (Take('<'))
            return ReadGroupName() is { } name ? ParseCapture(name) : Refuse("a group without a valid name");
        return ParseModifierGroup();
    }

    private PatternNode ParseCapture(string? name)
    {
        if (name is not null && groups.Exists(other => other.Name == name && !Excludes(other.Alternative)))
            return Refuse($"two groups named {name}");
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
        repeatable = !strict && !behind;
        return Close(new PatternNode.Look(ParseChoice(), behind, negated));
    }

    private PatternNode ParseModifierGroup()
    {
        Modifiers on = ReadModifiers();
        Modifiers off = Take('-') ? ReadModifiers() : Modifiers.None;
        if (!Take(':') || (on & off) != 0 || (on | off) == 0)
            return Refuse("an unknown kind of group");
        Modifiers outer = modifiers;
        modifiers = (modifiers | on) & ~off;
        PatternNode body = Close(ParseChoice());
        modifiers = outer;
        return body;
    }

    private Modifiers ReadModifiers()
    {
        Modifiers read = Modifiers.None;
        while (!AtEnd && Peek() is 'i' or 'm' or 's')
        {
            Modifiers next = text[at++] switch { 'i' => Modifiers.IgnoreCase, 'm' => Modifiers.Lines, _ => Modifiers.DotAll };
            if (read.HasFlag(next))
                Refuse("a repeated modifier");
            read |= next;
        }
        return read;
    }

    private PatternNode Close(PatternNode body) => Take(')') ? body : Refuse("a ( without its )");

    private PatternNode ParseEscape(out bool repeatable)
    {
        repeatable = true;
        if (AtEnd)
            return Refuse("a \\ at the end");
        int c = text[at];
        if (c is 'b' or 'B')
        {
            at++;
            repeatable = false;
            return new PatternNode.Boundary(c == 'B');
        }
        if (c == 'k')
        {
            at++;
            return Take('<') && ReadGroupName() is { } name ? Reference(name, 0) : Refuse("a \\k without a <name>");
        }
        if (c is >= '1' and <= '9')
        {
            long number = 0;
            while (!AtEnd && Peek() is >= '0' and <= '9')
                number = Math.Min((number * 10) + text[at++] - '0', int.MaxValue);
            return Reference(null, (int)number);
        }
        return Set(ReadSetEscape(inClass: false, out _));
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
                Refuse("a reference to a group that does not exist");
        }
    }

    /// <summary>What follows a backslash and stands for one code point out of a set. <paramref name="single"/> is the code point when there is just one.</summary>
    internal CodePointSet ReadSetEscape(bool inClass, out int single)
    {
        single = -1;
        if (AtEnd)
            return RefuseSet("a \\ at the end");
        int c = text[at++];
        switch (c)
        {
            case 'd':
                return CharacterClasses.Digit;
            case 'D':
                return CharacterClasses.Digit.Complement();
            case 'w':
                return CharacterClasses.Word;
            case 'W':
                return CharacterClasses.Word.Complement();
            case 's':
                return CharacterClasses.Space;
            case 'S':
                return CharacterClasses.Space.Complement();
            case 'p' or 'P':
                return ReadProperty(negated: c == 'P');
        }
        single = ReadCharacterEscape(c, inClass);
        return single < 0 ? RefuseSet($"the escape \\{char.ConvertFromUtf32(c)}") : CodePointSet.Of(single);
    }

    private CodePointSet ReadProperty(bool negated)
    {
        int end = at < text.Length && text[at] == '{' ? Array.IndexOf(text, '}', at) : -1;
        if (end < 0)
            return RefuseSet("a \\p without {…}");
        string property = Slice(at + 1, end);
        at = end + 1;
        CodePointSet? set = UnicodeProperties.Find(property);
        if (set is null)
            return RefuseSet($"the unknown property {property}");
        return negated ? set.Complement() : set;
    }

    private int ReadCharacterEscape(int c, bool inClass)
    {
        switch (c)
        {
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'v':
                return '\v';
            case 'b' when inClass:
                return '\b';
            case '-' when inClass:
                return '-';
            case '0' when at >= text.Length || text[at] is not (>= '0' and <= '9'):
                return 0;
            case 'c' when at < text.Length && IsAsciiLetter(text[at]):
                return text[at++] & 0x1F;
            case 'x':
                return ReadHex(2);
            case 'u':
                return ReadUnicodeEscape();
        }
        if ("^$\\.*+?()[]{}|/".Contains((char)Math.Min(c, char.MaxValue)))
            return c;
        // Letters and digits may get a meaning one day and are refused; other characters are harmless.
        return strict || char.IsAsciiLetterOrDigit((char)Math.Min(c, char.MaxValue)) ? -1 : c;
    }

    private int ReadUnicodeEscape()
    {
        if (at < text.Length && text[at] == '{')
        {
            int end = Array.IndexOf(text, '}', at);
            if (end < 0 || !int.TryParse(Slice(at + 1, end), System.Globalization.NumberStyles.AllowHexSpecifier, null, out int value)
                || value is < 0 or > CodePointSet.Last)
                return -1;
            at = end + 1;
            return value;
        }
        int unit = ReadHex(4);
        int mark = at;
        if (unit is >= 0xD800 and <= 0xDBFF && at + 1 < text.Length && text[at] == '\\' && text[at + 1] == 'u')
        {
            at += 2;
            int low = ReadHex(4);
            if (low is >= 0xDC00 and <= 0xDFFF)
                return char.ConvertToUtf32((char)unit, (char)low);
            at = mark;
        }
        return unit;
    }

    private int ReadHex(int digits)
    {
        int value = 0;
        for (int i = 0; i < digits; i++)
        {
            if (at >= text.Length || text[at] > 'f' || !char.IsAsciiHexDigit((char)text[at]))
                return -1;
            value = (value * 16) + Convert.ToInt32(((char)text[at++]).ToString(), 16);
        }
        return value;
    }

    private PatternNode ParseQuantifier(PatternNode atom, bool repeatable)
    {
        if (AtEnd)
            return atom;
        (int Min, int? Max)? range = Peek() switch
        {
            '*' => (0, null),
            '+' => (1, null),
            '?' => (0, 1),
            _ => null,
        };
        if (range is not null)
            at++;
        else if (Take('{'))
        {
            if (!IsQuantifier())
            {
                at--;
                return atom;
            }
            range = ReadRange();
        }
        if (range is not { } bounds)
            return atom;
        if (bounds.Max < bounds.Min)
            return Refuse("a quantifier with its numbers out of order");
        return repeatable ? new PatternNode.Repeat(atom, bounds.Min, bounds.Max, Lazy: Take('?')) : Refuse("a quantifier on what cannot be repeated");
    }

    // Looks only: after "{", whether "n}", "n,}" or "n,m}" follows.
    private bool IsQuantifier()
    {
        int i = at;
        while (i < text.Length && text[i] is >= '0' and <= '9')
            i++;
        if (i == at)
            return false;
        if (i < text.Length && text[i] == ',')
            i++;
        while (i < text.Length && text[i] is >= '0' and <= '9')
            i++;
        return i < text.Length && text[i] == '}';
    }

    private (int Min, int? Max) ReadRange()
    {
        int min = ReadCount();
        int? max = min;
        if (Take(','))
            max = Peek() == '}' ? null : ReadCount();
        Take('}');
        return (min, max);
    }

    private int ReadCount()
    {
        long count = 0;
        while (Peek() is >= '0' and <= '9')
            count = Math.Min((count * 10) + text[at++] - '0', int.MaxValue);
        return (int)count;
    }

    private string? ReadGroupName()
    {
        int end = at < text.Length ? Array.IndexOf(text, '>', at) : -1;
        if (end <= at)
            return null;
        string name = Slice(at, end);
        at = end + 1;
        bool valid = (char.IsLetter(name[0]) || name[0] is '_' or '$' || char.IsSurrogate(name[0]))
            && name.All(c => char.IsLetterOrDigit(c) || c is '_' or '$' or '\u200C' or '\u200D' || char.IsSurrogate(c)
                || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.ConnectorPunctuation);
        return valid ? name : null;
    }

    internal PatternNode.Sequence Refuse(string what)
    {
        fault ??= $"it has {what}";
        return new PatternNode.Sequence([]);
    }

    internal CodePointSet RefuseSet(string what)
    {
        Refuse(what);
        return CodePointSet.Empty;
    }

    internal bool IsStrict => strict;

    internal bool Ended => AtEnd;

    internal int Peek() => at < text.Length ? text[at] : -1;

    internal int PeekNext() => at + 1 < text.Length ? text[at + 1] : -1;

    internal int Next() => text[at++];

    internal bool Take(int c)
    {
        if (AtEnd || text[at] != c)
            return false;
        at++;
        return true;
    }

    private bool Take(string sequence)
    {
        if (AtEnd || at + sequence.Length > text.Length || Slice(at, at + sequence.Length) != sequence)
            return false;
        at += sequence.Length;
        return true;
    }

    private PatternNode.Set Set(CodePointSet members) => new(members, modifiers.HasFlag(Modifiers.IgnoreCase));

    private string Slice(int from, int to)
    {
        StringBuilder slice = new();
        for (int i = from; i < to; i++)
            slice.Append(Rune.IsValid(text[i]) ? new Rune(text[i]).ToString() : "?");
        return slice.ToString();
    }

    private static bool IsAsciiLetter(int c) => c < 128 && char.IsAsciiLetter((char)c);

    [Flags]
    private enum Modifiers
    {
        None = 0,
        IgnoreCase = 1,
        Lines = 2,
        DotAll = 4,
    }
}
