using System.Text;

namespace Gateway.JsonSchema.Patterns;

/// <summary>A position in the text of a regular expression, by code points, and the first thing found wrong with it.</summary>
internal sealed class PatternCursor(string pattern, bool strict)
{
    private readonly int[] _text = [.. pattern.EnumerateRunes().Select(rune => rune.Value)];

    /// <summary>Without the leniencies of ECMA-262 annex B.</summary>
    public bool IsStrict => strict;

    public string? Fault { get; private set; }

    public int At { get; set; }

    /// <summary>There is nothing more to read; so it is as well once something is wrong.</summary>
    public bool AtEnd => At >= _text.Length || Fault is not null;

    /// <summary>The code point <paramref name="ahead"/> places further on, or -1.</summary>
    public int Peek(int ahead = 0) => At + ahead < _text.Length ? _text[At + ahead] : -1;

    public int Next() => _text[At++];

    /// <summary>Steps over the given code points if they stand here.</summary>
    public bool Take(string expected)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            if (AtEnd || Peek(i) != expected[i])
                return false;
        }
        At += expected.Length;
        return true;
    }

    /// <summary>What stands before <paramref name="end"/>, stepping behind it; null when it does not come.</summary>
    public string? TakeUntil(char end)
    {
        int found = At < _text.Length ? Array.IndexOf(_text, end, At) : -1;
        if (found < 0)
            return null;
        StringBuilder taken = new();
        foreach (int codePoint in _text.AsSpan(At, found - At))
            taken.Append(new Rune(codePoint).ToString());
        At = found + 1;
        return taken.ToString();
    }

    /// <summary>A decimal number, at most the largest <see cref="int"/>; 0 when no digit stands here.</summary>
    public int TakeNumber()
    {
        long number = 0;
        while (Peek() is >= '0' and <= '9')
            number = Math.Min((number * 10) + Next() - '0', int.MaxValue);
        return (int)number;
    }

    /// <summary>Notes what is wrong, unless something was before. Gives an empty expression to go on with.</summary>
    public PatternNode.Sequence Refuse(string what)
    {
        Fault ??= $"it has {what}";
        return new PatternNode.Sequence([]);
    }

    /// <summary>The same for where a set is wanted.</summary>
    public CodePointSet RefuseSet(string what)
    {
        Refuse(what);
        return CodePointSet.Empty;
    }
}
