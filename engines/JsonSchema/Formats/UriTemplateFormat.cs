using System.Buffers;
using System.Text;

namespace Gateway.JsonSchema.Formats;

/// <summary>RFC 6570, section 2.</summary>
internal static class UriTemplateFormat
{
    private static readonly SearchValues<byte> ForbiddenLiterals = SearchValues.Create(" \"%<>\\^`{|}"u8);

    public static bool IsUriTemplate(ReadOnlySpan<byte> text)
    {
        while (text.Length > 0)
        {
            if (text[0] == '{')
            {
                int close = text.IndexOf((byte)'}');
                if (close < 0 || !IsExpression(text[1..close]))
                    return false;
                text = text[(close + 1)..];
                continue;
            }
            int length = LiteralLength(text);
            if (length == 0)
                return false;
            text = text[length..];
        }
        return true;
    }

    // Control characters and a handful of others are no literals; beyond ASCII it is what an IRI may hold.
    private static int LiteralLength(ReadOnlySpan<byte> text)
    {
        if (text[0] >= 0x80)
            return Rune.DecodeFromUtf8(text, out Rune rune, out int length) == OperationStatus.Done && IsUcsOrPrivate(rune.Value) ? length : 0;
        if (text[0] == '%')
            return IsTriplet(text) ? 3 : 0;
        return text[0] <= 0x20 || text[0] == 0x7F || ForbiddenLiterals.Contains(text[0]) ? 0 : 1;
    }

    private static bool IsUcsOrPrivate(int c) =>
        c >= 0xA0 && c is not (>= 0xFDD0 and <= 0xFDEF or >= 0xFFF0 and <= 0xFFFF) && (c & 0xFFFE) != 0xFFFE && c is not (>= 0xE0000 and < 0xE1000);

    private static bool IsExpression(ReadOnlySpan<byte> text)
    {
        // The second half of the operators is reserved for extensions, and part of the grammar all the same.
        if (text.Length > 0 && "+#./;?&=,!@|"u8.Contains(text[0]))
            text = text[1..];
        foreach (Range part in text.Split((byte)','))
        {
            if (!IsVariable(text[part]))
                return false;
        }
        return true;
    }

    private static bool IsVariable(ReadOnlySpan<byte> text)
    {
        int colon = text.IndexOf((byte)':');
        if (colon >= 0)
        {
            ReadOnlySpan<byte> length = text[(colon + 1)..];
            if (length.Length is 0 or > 4 || length[0] == '0' || length.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
                return false;
            text = text[..colon];
        }
        else if (text.Length > 0 && text[^1] == '*')
            text = text[..^1];
        return IsName(text);
    }

    private static bool IsName(ReadOnlySpan<byte> text)
    {
        bool afterDot = true;
        while (text.Length > 0)
        {
            bool dot = text[0] == '.';
            if (dot && afterDot)
                return false;
            int length = dot || char.IsAsciiLetterOrDigit((char)text[0]) || text[0] == '_' ? 1 : IsTriplet(text) ? 3 : 0;
            if (length == 0)
                return false;
            afterDot = dot;
            text = text[length..];
        }
        return !afterDot;
    }

    private static bool IsTriplet(ReadOnlySpan<byte> text) =>
        text.Length >= 3 && text[0] == '%' && char.IsAsciiHexDigit((char)text[1]) && char.IsAsciiHexDigit((char)text[2]);
}
