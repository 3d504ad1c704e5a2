using System.Buffers;
using System.Text;

namespace Gateway.JsonSchema.Formats;

/// <summary>Host names: RFC 1123 section 2.1, and RFC 5890 (IDNA2008) for the international form.</summary>
internal static class HostnameFormats
{
    private const int LongestLabel = 63;
    private const int LongestName = 253;

    private static readonly SearchValues<byte> LetterDigitHyphen =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"u8);

    /// <summary>Letters, digits and hyphens; a label that claims to be internationalized (<c>xn--</c>) must be.</summary>
    public static bool IsHostname(ReadOnlySpan<byte> text)
    {
        if (!IsLdhName(text))
            return false;
        if (!MayBeInternational(text))
            return true;
        List<IdnaLabel>? labels = ReadLabels(Encoding.ASCII.GetString(text).Split('.'), international: false);
        return labels is not null && labels.TrueForAll(label => label.IsComposed());
    }

    public static bool IsIdnHostname(ReadOnlySpan<byte> text) => ReadIdna(text) is { } labels && labels.TrueForAll(label => label.IsComposed());

    /// <summary>The domain of an international mail address, which RFC 6531 does not ask to be in a normalization form.</summary>
    public static bool IsMailDomain(ReadOnlySpan<byte> text) => ReadIdna(text) is not null;

    /// <summary>Labels of 1 to 63 letters, digits and inner hyphens, at most 253 characters together.</summary>
    public static bool IsLdhName(ReadOnlySpan<byte> text)
    {
        if (text.Length is 0 or > LongestName)
            return false;
        foreach (Range part in text.Split((byte)'.'))
        {
            ReadOnlySpan<byte> label = text[part];
            if (label.Length is 0 or > LongestLabel || label[0] == '-' || label[^1] == '-' || label.ContainsAnyExcept(LetterDigitHyphen))
                return false;
        }
        return true;
    }

    private static bool MayBeInternational(ReadOnlySpan<byte> text) => text.IndexOf("--"u8) >= 0;

    // RFC 3490 section 3.1: four characters separate labels.
    private static List<IdnaLabel>? ReadIdna(ReadOnlySpan<byte> text) => text.Length is > 0 and <= LongestName * 4
        ? ReadLabels(Encoding.UTF8.GetString(text).Split('.', '\u3002', '\uFF0E', '\uFF61'), international: true)
        : null;

    private static List<IdnaLabel>? ReadLabels(string[] texts, bool international)
    {
        int length = texts.Length - 1;
        List<IdnaLabel> labels = [];
        foreach (string text in texts)
        {
            if (IdnaLabel.Read(text, international) is not { } label)
                return null;
            length += label.AsciiLength;
            labels.Add(label);
        }
        return length <= LongestName && IdnaBidi.IsValid(labels.ConvertAll(label => label.CodePoints)) ? labels : null;
    }
}
