using System.Text;
using Gateway.JsonSchema.Patterns;
using Gateway.JsonSchema.Unicode;

namespace Gateway.JsonSchema.Formats;

/// <summary>One label of an internationalized name: RFC 5891 section 4.2, RFC 5892.</summary>
internal sealed record IdnaLabel(int[] CodePoints, int AsciiLength)
{
    private const int LongestLabel = 63;
    private const int NonJoiner = 0x200C;
    private const int Joiner = 0x200D;

    private static readonly Lazy<CodePointSet> Valid = new(() => UnicodeTables.IdnaSet("Valid"));
    private static readonly Lazy<CodePointSet> Viramas = new(() => UnicodeTables.IdnaSet("Virama"));
    private static readonly Lazy<CodePointSet> JoinsLeft = new(() => UnicodeTables.IdnaSet("Joining_L").Union(UnicodeTables.IdnaSet("Joining_D")));
    private static readonly Lazy<CodePointSet> JoinsRight = new(() => UnicodeTables.IdnaSet("Joining_R").Union(UnicodeTables.IdnaSet("Joining_D")));
    private static readonly Lazy<CodePointSet> Transparent = new(() => UnicodeTables.IdnaSet("Joining_T"));
    private static readonly Lazy<Dictionary<int, CodePointSet>> Compositions = new(UnicodeTables.Compositions);
    private static readonly Lazy<CodePointSet> KanaOrHan = new(() => Script("Hiragana").Union(Script("Katakana")).Union(Script("Han")));

    /// <summary>
    /// The label as code points and its length on the wire; null when it is not valid. In ASCII names only A-labels are looked
    /// into.
    /// </summary>
    public static IdnaLabel? Read(string label, bool international)
    {
        if (label.Length is 0 or > LongestLabel)
            return null;
        if (!Ascii.IsValid(label))
            return ReadUnicode(label);
        string lower = label.ToLowerInvariant();
        if (lower.StartsWith("xn--", StringComparison.Ordinal))
            return ReadEncoded(lower);
        // "??--" is reserved for encodings to come (RFC 5890 section 2.3.1).
        if (international && (HasReservedHyphens(label) || !HostnameFormats.IsLdhName(Encoding.ASCII.GetBytes(label))))
            return null;
        return new IdnaLabel([.. lower.Select(c => (int)c)], label.Length);
    }

    private static IdnaLabel? ReadUnicode(string label)
    {
        int[] codePoints = [.. label.EnumerateRunes().Select(rune => rune.Value)];
        if (!IsValid(codePoints) || HasReservedHyphens(label))
            return null;
        int length = 4 + Punycode.Encode(codePoints).Length;
        return length <= LongestLabel ? new IdnaLabel(codePoints, length) : null;
    }

    private static IdnaLabel? ReadEncoded(string label)
    {
        if (Punycode.Decode(label[4..]) is not { } codePoints || codePoints.TrueForAll(c => c < 0x80) || Punycode.Encode(codePoints) != label[4..])
            return null;
        bool reserved = codePoints.Count > 3 && codePoints[2] == '-' && codePoints[3] == '-';
        return !reserved && IsValid([.. codePoints]) ? new IdnaLabel([.. codePoints], label.Length) : null;
    }

    /// <summary>
    /// Whether no combining character stands behind one it should be merged with (normalization form C, RFC 5891 section 4.1).
    /// </summary>
    public bool IsComposed()
    {
        for (int i = 1; i < CodePoints.Length; i++)
        {
            if (Compositions.Value.TryGetValue(CodePoints[i], out CodePointSet? bases) && bases.Contains(CodePoints[i - 1]))
                return false;
        }
        return true;
    }

    private static bool HasReservedHyphens(string label) => label.Length > 3 && label[2] == '-' && label[3] == '-';

    private static bool IsValid(int[] label)
    {
        if (label[0] == '-' || label[^1] == '-' || IsMark(label[0]))
            return false;
        for (int i = 0; i < label.Length; i++)
        {
            if (!Valid.Value.Contains(label[i]) || !FitsContext(label, i))
                return false;
        }
        return true;
    }

    private static bool IsMark(int codePoint) => System.Globalization.CharUnicodeInfo.GetUnicodeCategory(codePoint)
        is System.Globalization.UnicodeCategory.NonSpacingMark
        or System.Globalization.UnicodeCategory.SpacingCombiningMark
        or System.Globalization.UnicodeCategory.EnclosingMark;

    // The contextual rules of RFC 5892 appendix A.
    private static bool FitsContext(int[] label, int at)
    {
        int before = at > 0 ? label[at - 1] : -1;
        int after = at + 1 < label.Length ? label[at + 1] : -1;
        return label[at] switch
        {
            NonJoiner => Viramas.Value.Contains(before) || IsBetweenJoining(label, at),
            Joiner => Viramas.Value.Contains(before),
            0xB7 => before == 'l' && after == 'l',
            0x375 => Script("Greek").Contains(after),
            0x5F3 or 0x5F4 => Script("Hebrew").Contains(before),
            0x30FB => label.Any(KanaOrHan.Value.Contains),
            >= 0x660 and <= 0x669 => !label.Any(c => c is >= 0x6F0 and <= 0x6F9),
            >= 0x6F0 and <= 0x6F9 => !label.Any(c => c is >= 0x660 and <= 0x669),
            _ => true,
        };
    }

    private static bool IsBetweenJoining(int[] label, int at)
    {
        int left = at - 1;
        while (left >= 0 && Transparent.Value.Contains(label[left]))
            left--;
        int right = at + 1;
        while (right < label.Length && Transparent.Value.Contains(label[right]))
            right++;
        return left >= 0 && right < label.Length && JoinsLeft.Value.Contains(label[left]) && JoinsRight.Value.Contains(label[right]);
    }

    private static CodePointSet Script(string name) => UnicodeProperties.Find("sc=" + name)!;
}
