using System.Text;
using Gateway.JsonSchema.Patterns;

namespace Gateway.JsonSchema.Formats;

/// <summary>JSON Pointers (RFC 6901 and its relative draft), UUIDs (RFC 4122) and regular expressions (ECMA-262).</summary>
internal static class PointerFormats
{
    public static bool IsJsonPointer(ReadOnlySpan<byte> text)
    {
        if (text.Length > 0 && text[0] != '/')
            return false;
        for (int tilde = text.IndexOf((byte)'~'); tilde >= 0; tilde = text.IndexOf((byte)'~'))
        {
            if (tilde + 1 >= text.Length || text[tilde + 1] is not ((byte)'0' or (byte)'1'))
                return false;
            text = text[(tilde + 2)..];
        }
        return true;
    }

    public static bool IsRelativeJsonPointer(ReadOnlySpan<byte> text)
    {
        int digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits < 0)
            digits = text.Length;
        if (digits == 0 || (digits > 1 && text[0] == '0'))
            return false;
        ReadOnlySpan<byte> rest = text[digits..];
        return rest is [(byte)'#'] || IsJsonPointer(rest);
    }

    public static bool IsUuid(ReadOnlySpan<byte> text)
    {
        if (text.Length != 36)
            return false;
        for (int i = 0; i < text.Length; i++)
        {
            bool valid = i is 8 or 13 or 18 or 23 ? text[i] == '-' : char.IsAsciiHexDigit((char)text[i]);
            if (!valid)
                return false;
        }
        return true;
    }

    public static bool IsRegex(ReadOnlySpan<byte> text) => PatternParser.Parse(Encoding.UTF8.GetString(text), strict: true, out _) is not null;
}
