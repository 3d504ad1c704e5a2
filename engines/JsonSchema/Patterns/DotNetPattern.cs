using System.Globalization;
using System.Text;

namespace Gateway.JsonSchema.Patterns;

/// <summary>Writes a parsed pattern in the syntax of .NET, where code points beyond U+FFFF are two characters.</summary>
internal sealed class DotNetPattern
{
    private const string WordClass = "[0-9A-Za-z_]";
    private const string LineEnd = "[\\n\\r\\u2028\\u2029]";

    private readonly StringBuilder _text = new();
    private readonly bool _captures;

    private DotNetPattern(bool captures) => _captures = captures;

    /// <summary>Lookarounds, boundaries or references are used: only the backtracking engine has them.</summary>
    public bool NeedsBacktracking { get; private set; }

    public static (string Pattern, bool NeedsBacktracking) Write(PatternNode node)
    {
        DotNetPattern writer = new(HasReference(node));
        writer.Append(node);
        return (writer._text.ToString(), writer.NeedsBacktracking);
    }

    private static bool HasReference(PatternNode node) => node switch
    {
        PatternNode.BackReference => true,
        PatternNode.Sequence sequence => sequence.Parts.Any(HasReference),
        PatternNode.Choice choice => choice.Branches.Any(HasReference),
        PatternNode.Repeat repeat => HasReference(repeat.Body),
        PatternNode.Group group => HasReference(group.Body),
        PatternNode.Look look => HasReference(look.Body),
        _ => false,
    };

    private void Append(PatternNode node)
    {
        switch (node)
        {
            case PatternNode.Set set:
                AppendSet(set);
                break;
            case PatternNode.Sequence sequence:
                foreach (PatternNode part in sequence.Parts)
                    Append(part is PatternNode.Choice ? new PatternNode.Group(part, 0) : part);
                break;
            case PatternNode.Choice choice:
                AppendChoice(choice);
                break;
            case PatternNode.Repeat repeat:
                AppendRepeat(repeat);
                break;
            case PatternNode.Group group:
                Wrap(_captures && group.Number > 0 ? "(" : "(?:", group.Body);
                break;
            case PatternNode.Anchor anchor:
                AppendAnchor(anchor);
                break;
            case PatternNode.Boundary boundary:
                NeedsBacktracking = true;
                _text.Append(boundary.Negated
                    ? $"(?:(?<={WordClass})(?={WordClass})|(?<!{WordClass})(?!{WordClass}))"
                    : $"(?:(?<={WordClass})(?!{WordClass})|(?<!{WordClass})(?={WordClass}))");
                break;
            case PatternNode.Look look:
                NeedsBacktracking = true;
                Wrap($"(?{(look.Behind ? "<" : "")}{(look.Negated ? "!" : "=")}", look.Body);
                break;
            case PatternNode.BackReference reference:
                AppendReference(reference);
                break;
        }
    }

    private void AppendChoice(PatternNode.Choice choice)
    {
        for (int i = 0; i < choice.Branches.Count; i++)
        {
            if (i > 0)
                _text.Append('|');
            Append(choice.Branches[i]);
        }
    }

    private void AppendRepeat(PatternNode.Repeat repeat)
    {
        Wrap("(?:", repeat.Body);
        string max = repeat.Max?.ToString(CultureInfo.InvariantCulture) ?? "";
        _text.Append((repeat.Min, repeat.Max) switch
        {
            (0, null) => "*",
            (1, null) => "+",
            (0, 1) => "?",
            _ => $"{{{repeat.Min.ToString(CultureInfo.InvariantCulture)},{max}}}",
        });
        if (repeat.Lazy)
            _text.Append('?');
    }

    private void AppendAnchor(PatternNode.Anchor anchor)
    {
        if (!anchor.Lines)
        {
            _text.Append(anchor.AtStart ? "\\A" : "\\z");
            return;
        }
        NeedsBacktracking = true;
        _text.Append(anchor.AtStart ? $"(?<=\\A|{LineEnd})" : $"(?=\\z|{LineEnd})");
    }

    // A group that took no part matches the empty string in ECMA-262; in .NET it would fail.
    private void AppendReference(PatternNode.BackReference reference)
    {
        NeedsBacktracking = true;
        if (reference.IgnoreCase)
            _text.Append("(?i:");
        foreach (int group in reference.Groups)
            _text.Append(CultureInfo.InvariantCulture, $"(?({group})\\{group}|)");
        if (reference.IgnoreCase)
            _text.Append(')');
    }

    private void Wrap(string open, PatternNode body)
    {
        _text.Append(open);
        Append(body);
        _text.Append(')');
    }

    private void AppendSet(PatternNode.Set set)
    {
        _text.Append(set.IgnoreCase ? "(?i:" : "(?:");
        List<string> parts = [];
        StringBuilder basic = new();
        foreach ((int first, int last) in set.Members.Ranges)
        {
            // Halves of surrogate pairs are no code points; text never holds them alone.
            AppendBasic(basic, first, Math.Min(last, 0xD7FF));
            AppendBasic(basic, Math.Max(first, 0xE000), Math.Min(last, 0xFFFF));
            if (last > 0xFFFF)
                parts.AddRange(Supplementary(Math.Max(first, 0x10000), last));
        }
        if (basic.Length > 0)
            parts.Insert(0, $"[{basic}]");
        _text.Append(parts.Count == 0 ? "[^\\s\\S]" : string.Join('|', parts)).Append(')');
    }

    private static void AppendBasic(StringBuilder target, int first, int last)
    {
        if (first > last)
            return;
        target.Append(Unit(first));
        if (last > first)
            target.Append('-').Append(Unit(last));
    }

    private static IEnumerable<string> Supplementary(int first, int last)
    {
        (int firstHigh, int firstLow) = Split(first);
        (int lastHigh, int lastLow) = Split(last);
        if (firstHigh == lastHigh)
        {
            yield return $"{Unit(firstHigh)}[{Unit(firstLow)}-{Unit(lastLow)}]";
            yield break;
        }
        yield return $"{Unit(firstHigh)}[{Unit(firstLow)}-\\uDFFF]";
        if (lastHigh - firstHigh > 1)
            yield return $"[{Unit(firstHigh + 1)}-{Unit(lastHigh - 1)}][\\uDC00-\\uDFFF]";
        yield return $"{Unit(lastHigh)}[\\uDC00-{Unit(lastLow)}]";
    }

    private static (int High, int Low) Split(int codePoint) =>
        (0xD800 + ((codePoint - 0x10000) >> 10), 0xDC00 + ((codePoint - 0x10000) & 0x3FF));

    private static string Unit(int unit) => $"\\u{unit:X4}";
}
