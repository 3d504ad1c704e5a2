using System.Text;

namespace Gateway.Import;

/// <summary>Text as one value of YAML 1.2, in quotes only where it would be read as something else without them.</summary>
internal static class YamlText
{
    private static readonly string[] Words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

    /// <summary>A value of a block mapping; of a flow mapping (<c>{ … }</c>) too where <paramref name="flow"/> is set. <c>${</c> is kept from being a variable.</summary>
    public static string Value(string text, bool flow = false)
    {
        text = text.Replace("${", "$${", StringComparison.Ordinal);
        return IsPlain(text) && !(flow && text.AsSpan().ContainsAny(",[]{}")) ? text : Quoted(text);
    }

    /// <summary>A text from outside as one line of at most so many characters: a comment must not end where its author did not end it.</summary>
    public static string Line(string text, int longest)
    {
        var line = new StringBuilder(Math.Min(text.Length, longest) + 1);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || Rune.IsWhiteSpace(rune) || !IsPrintable(rune))
            {
                if (line.Length > 0 && line[^1] != ' ') line.Append(' ');
            }
            else
            {
                line.Append(rune);
            }
            if (line.Length > longest) return line.ToString(0, Last(line, longest - 1)).TrimEnd() + "…";
        }
        return line.ToString().TrimEnd();
    }

    private static int Last(StringBuilder line, int at) => char.IsHighSurrogate(line[at - 1]) ? at - 1 : at;

    /// <summary>Begins with a letter, or with a slash as paths do, and neither <c>: </c> nor <c> #</c> ends it early.</summary>
    private static bool IsPlain(string text) =>
        text.Length > 0 && (char.IsAsciiLetter(text[0]) || text[0] == '/') && text[^1] is not (':' or ' ')
        && !text.Contains(": ", StringComparison.Ordinal) && !text.Contains(" #", StringComparison.Ordinal)
        && text.EnumerateRunes().All(IsPrintable) && !Words.Contains(text.ToLowerInvariant());

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '"' or '\\') quoted.Append('\\').Append(rune);
            else if (rune.Value == '\n') quoted.Append("\\n");
            else if (rune.Value == '\t') quoted.Append("\\t");
            else if (IsPrintable(rune)) quoted.Append(rune);
            else quoted.Append(rune.Value <= 0xFFFF ? $"\\u{rune.Value:X4}" : $"\\U{rune.Value:X8}");
        }
        return quoted.Append('"').ToString();
    }

    /// <summary>What may stand unescaped in YAML (section 5.1) and does not end a line.</summary>
    private static bool IsPrintable(Rune rune) => rune.Value is >= 0x20 and <= 0x7E or >= 0xA0 and <= 0xD7FF or >= 0xE000 and <= 0xFFFD or >= 0x10000
        && rune.Value is not (0x2028 or 0x2029 or 0xFEFF);
}
