using System.Globalization;
using System.Text;

namespace Gateway.Jsonata.Library;

/// <summary>Rewrites ECMAScript patterns (ECMA-262, 22.2) for .NET, whose classes, anchors and group numbers mean other things.</summary>
internal static class PatternTranslation
{
    /// <summary>Stands for a dollar sign until the flags decide what it becomes.</summary>
    public const string EndMark = "\uE000";

    private const string Digits = "0-9";
    private const string NoDigits = "\\0-/:-\\uFFFF";
    private const string Word = "a-zA-Z0-9_";
    private const string NoWord = "\\0-/:-@\\[-\\^`{-\\uFFFF";
    private const string Space = "\\t-\\r \\u00A0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000\\uFEFF";
    private const string NoSpace = "\\0-\\x08\\x0E-\\x1F!-\\u009F\\u00A1-\\u167F\\u1681-\\u1FFF\\u200B-\\u2027\\u202A-\\u202E\\u2030-\\u205E\\u2060-\\u2FFF\\u3001-\\uFEFE\\uFF00-\\uFFFF";
    private const string Boundary = $"(?:(?<=[{Word}])(?![{Word}])|(?<![{Word}])(?=[{Word}]))";
    private const string NoBoundary = $"(?:(?<=[{Word}])(?=[{Word}])|(?<![{Word}])(?![{Word}]))";

    /// <param name="pattern">The ECMAScript pattern.</param>
    /// <param name="needsBacktracking">Whether it uses look-around or back-references.</param>
    /// <exception cref="ArgumentException">The pattern is not valid.</exception>
    public static string ToDotNet(string pattern, out bool needsBacktracking)
    {
        var result = new StringBuilder(pattern.Length + 16);
        var names = GroupNames(pattern);
        needsBacktracking = false;
        for (var at = 0; at < pattern.Length; at++)
        {
            switch (pattern[at])
            {
                case '\\':
                    at = Escape(pattern, at, names, result, ref needsBacktracking);
                    break;
                case '[':
                    at = Class(pattern, at, result);
                    break;
                case '(' when at + 1 < pattern.Length && pattern[at + 1] == '?':
                    at = Group(pattern, at, result, ref needsBacktracking);
                    break;
                case '.':
                    result.Append("[^\\n\\r\\u2028\\u2029]");
                    break;
                case '$':
                    result.Append(EndMark);
                    break;
                case var c:
                    result.Append(c);
                    break;
            }
        }
        return result.ToString();
    }

    /// <summary>Names of the groups by number; .NET would number named groups after all others.</summary>
    private static List<string?> GroupNames(string pattern)
    {
        var names = new List<string?> { null };
        var inClass = false;
        for (var at = 0; at < pattern.Length; at++)
        {
            switch (pattern[at])
            {
                case '\\':
                    at++;
                    break;
                case '[':
                    inClass = true;
                    break;
                case ']':
                    inClass = false;
                    break;
                case '(' when !inClass:
                    var isNamed = IsNamedGroup(pattern, at);
                    if (isNamed || at + 1 >= pattern.Length || pattern[at + 1] != '?')
                    {
                        names.Add(isNamed ? pattern[(at + 3)..pattern.IndexOf('>', at)] : null);
                    }
                    break;
            }
        }
        return names;
    }

    private static bool IsNamedGroup(string pattern, int at) =>
        string.CompareOrdinal(pattern, at, "(?<", 0, 3) == 0 && at + 3 < pattern.Length && pattern[at + 3] is not ('=' or '!') && pattern.IndexOf('>', at) > 0;

    private static int Group(string pattern, int at, StringBuilder result, ref bool needsBacktracking)
    {
        if (IsNamedGroup(pattern, at))
        {
            result.Append('(');
            return pattern.IndexOf('>', at);
        }
        var kind = at + 2 < pattern.Length ? pattern[at + 2] : '\0';
        if (kind is not (':' or '=' or '!' or '<'))
        {
            throw new ArgumentException($"'(?{kind}' opens no group");
        }
        needsBacktracking |= kind != ':';
        result.Append("(?").Append(kind);
        return at + 2;
    }

    private static int Escape(string pattern, int at, List<string?> names, StringBuilder result, ref bool needsBacktracking)
    {
        if (++at >= pattern.Length)
        {
            throw new ArgumentException("it ends in a backslash");
        }
        var c = pattern[at];
        switch (c)
        {
            case 'd' or 'w' or 's' or 'D' or 'W' or 'S':
                result.Append('[').Append(Members(c)).Append(']');
                return at;
            case 'b' or 'B':
                needsBacktracking = true;
                result.Append(c == 'b' ? Boundary : NoBoundary);
                return at;
            case 'k' when at + 1 < pattern.Length && pattern[at + 1] == '<' && pattern.IndexOf('>', at) is var end and > 0:
                needsBacktracking = true;
                result.Append("(?:\\").Append(names.IndexOf(pattern[(at + 2)..end])).Append(')');
                return end;
            case >= '1' and <= '9':
                needsBacktracking = true;
                result.Append('\\').Append(c);
                return at;
            default:
                return Character(pattern, at, result);
        }
    }

    /// <summary>An escaped character that stands for itself or for a code.</summary>
    private static int Character(string pattern, int at, StringBuilder result)
    {
        var c = pattern[at];
        var digits = c switch { 'u' => 4, 'x' => 2, _ => 0 };
        if (digits > 0 && at + digits < pattern.Length && ushort.TryParse(pattern.AsSpan(at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            result.Append(CultureInfo.InvariantCulture, $"\\u{code:X4}");
            return at + digits;
        }
        if (c is 't' or 'n' or 'v' or 'f' or 'r' or '0')
        {
            result.Append('\\').Append(c == '0' ? "x00" : c.ToString());
        }
        else if (c == 'c' && at + 1 < pattern.Length && char.IsAsciiLetter(pattern[at + 1]))
        {
            result.Append(CultureInfo.InvariantCulture, $"\\u{pattern[++at] % 32:X4}");
        }
        else
        {
            result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
        }
        return at;
    }

    private static int Class(string pattern, int at, StringBuilder result)
    {
        var negated = at + 1 < pattern.Length && pattern[at + 1] == '^';
        at += negated ? 2 : 1;
        if (at < pattern.Length && pattern[at] == ']')
        {
            result.Append(negated ? "[\\0-\\uFFFF]" : "(?!)");
            return at;
        }
        result.Append(negated ? "[^" : "[");
        for (; at < pattern.Length && pattern[at] != ']'; at++)
        {
            if (pattern[at] != '\\' || at + 1 >= pattern.Length)
            {
                // Inside a class .NET reads a bracket after a minus as a subtraction.
                result.Append(pattern[at] == '[' ? "\\[" : pattern[at].ToString());
                continue;
            }
            var c = pattern[++at];
            if (c is 'd' or 'w' or 's' or 'D' or 'W' or 'S')
            {
                result.Append(Members(c));
            }
            else if (c == 'b')
            {
                result.Append("\\x08");
            }
            else
            {
                at = Character(pattern, at, result);
            }
        }
        if (at >= pattern.Length)
        {
            throw new ArgumentException("a class is not closed with ]");
        }
        result.Append(']');
        return at;
    }

    private static string Members(char kind) => kind switch
    {
        'd' => Digits,
        'D' => NoDigits,
        'w' => Word,
        'W' => NoWord,
        's' => Space,
        _ => NoSpace,
    };
}
