using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Gateway.JsonSchema.Values;

/// <summary>JSON string contents as UTF-8, without allocating.</summary>
internal static class JsonText
{
    /// <summary>Whether raw string contents (between the quotes) need <see cref="Unescape"/>.</summary>
    public static bool IsEscaped(ReadOnlySpan<byte> raw) => raw.Contains((byte)'\\');

    /// <summary>A string's contents as they stand between the quotes.</summary>
    public static ReadOnlySpan<byte> Raw(JsonElement text) => JsonMarshal.GetRawUtf8Value(text)[1..^1];

    /// <summary>A string's contents, unescaped.</summary>
    public static byte[] Of(JsonElement text) => Of(Raw(text));

    /// <summary>Raw string contents, unescaped.</summary>
    public static byte[] Of(ReadOnlySpan<byte> raw)
    {
        byte[] buffer = new byte[raw.Length];
        return buffer[..Unescape(raw, buffer)];
    }

    /// <summary>Raw string contents as text; half a surrogate pair, which no text can hold, is replaced.</summary>
    public static string ToText(ReadOnlySpan<byte> raw) => Encoding.UTF8.GetString(IsEscaped(raw) ? Of(raw) : raw);

    /// <summary>
    /// Resolves the escapes of RFC 8259 section 7. <paramref name="destination"/> must be at least as long as <paramref
    /// name="raw"/>. A lone surrogate becomes the three bytes its code point would have, so that different strings stay
    /// different.
    /// </summary>
    public static int Unescape(ReadOnlySpan<byte> raw, Span<byte> destination)
    {
        int written = 0;
        int at = 0;
        while (at < raw.Length)
        {
            int run = raw[at..].IndexOf((byte)'\\');
            if (run < 0)
                run = raw.Length - at;
            raw.Slice(at, run).CopyTo(destination[written..]);
            written += run;
            at += run;
            if (at + 1 >= raw.Length)
                break;
            if (raw[at + 1] != (byte)'u')
            {
                destination[written++] = Simple(raw[at + 1]);
                at += 2;
                continue;
            }
            int codePoint = Hex4(raw[(at + 2)..]);
            at += 6;
            if (char.IsHighSurrogate((char)codePoint) && at + 5 < raw.Length && raw[at] == (byte)'\\' && raw[at + 1] == (byte)'u'
                && char.IsLowSurrogate((char)Hex4(raw[(at + 2)..])))
            {
                codePoint = char.ConvertToUtf32((char)codePoint, (char)Hex4(raw[(at + 2)..]));
                at += 6;
            }
            written += Encode(codePoint, destination[written..]);
        }
        return written;
    }

    /// <summary>The number of Unicode code points: JSON Schema's string length.</summary>
    public static int CodePoints(ReadOnlySpan<byte> utf8)
    {
        int count = 0;
        foreach (byte b in utf8)
        {
            if ((b & 0xC0) != 0x80)
                count++;
        }
        return count;
    }

    private static byte Simple(byte escape) => escape switch
    {
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        _ => escape,
    };

    private static int Hex4(ReadOnlySpan<byte> digits)
    {
        int value = 0;
        for (int i = 0; i < 4; i++)
            value = (value << 4) | (digits[i] <= '9' ? digits[i] - '0' : (digits[i] | 0x20) - 'a' + 10);
        return value;
    }

    private static int Encode(int codePoint, Span<byte> destination)
    {
        if (Rune.TryCreate(codePoint, out Rune rune))
            return rune.EncodeToUtf8(destination);
        destination[0] = (byte)(0xE0 | (codePoint >> 12));
        destination[1] = (byte)(0x80 | ((codePoint >> 6) & 0x3F));
        destination[2] = (byte)(0x80 | (codePoint & 0x3F));
        return 3;
    }
}
