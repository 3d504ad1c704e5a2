using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gateway.Jsonata.Library;

/// <summary>Base64 and URL encoding.</summary>
internal static class EncodingFunctions
{
    private const string Unescaped = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()";
    private const string UrlReserved = ";/?:@&=+$,#";

    private static readonly SearchValues<char> UrlPlain = SearchValues.Create(Unescaped + UrlReserved);
    private static readonly SearchValues<char> ComponentPlain = SearchValues.Create(Unescaped);

    public static readonly BuiltIn[] All =
    [
        new("base64encode", "<s-:s>", 1, (run, a) => Convert(run, a[0], static (_, text) => System.Convert.ToBase64String(Encoding.Latin1.GetBytes(ToBytes(text))))),
        new("base64decode", "<s-:s>", 1, (run, a) => Convert(run, a[0], static (_, text) => FromBase64(text))),
        new("encodeUrl", "<s-:s>", 1, (run, a) => Convert(run, a[0], static (run, text) => Encode(run, text, UrlPlain))),
        new("encodeUrlComponent", "<s-:s>", 1, (run, a) => Convert(run, a[0], static (run, text) => Encode(run, text, ComponentPlain))),
        new("decodeUrl", "<s-:s>", 1, (run, a) => Convert(run, a[0], static (run, text) => Decode(run, text, UrlReserved))),
        new("decodeUrlComponent", "<s-:s>", 1, (run, a) => Convert(run, a[0], static (run, text) => Decode(run, text, ""))),
    ];

    private static readonly UTF8Encoding Strict = new(false, true);

    private static Value Convert(Evaluation run, in Value source, Func<Evaluation, string, string> conversion)
    {
        if (source.IsUndefined)
        {
            return default;
        }
        var text = source.Text;
        run.ChargeText(text.Length);
        return Value.From(conversion(run, text));
    }

    /// <summary>Base64 encodes characters as single bytes; of wider ones only the low byte counts.</summary>
    private static string ToBytes(string text) => string.Create(text.Length, text, static (span, source) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = (char)(source[i] & 0xFF);
        }
    });

    /// <summary>Decodes what can be decoded: both alphabets, no padding needed, strangers skipped.</summary>
    private static string FromBase64(string text)
    {
        var result = new StringBuilder();
        int bits = 0, count = 0;
        foreach (var c in text)
        {
            if (c == '=')
            {
                break;
            }
            var value = c switch
            {
                >= 'A' and <= 'Z' => c - 'A',
                >= 'a' and <= 'z' => c - 'a' + 26,
                >= '0' and <= '9' => c - '0' + 52,
                '+' or '-' => 62,
                '/' or '_' => 63,
                _ => -1,
            };
            if (value < 0)
            {
                continue;
            }
            bits = ((bits << 6) | value) & 0xFFFF;
            count += 6;
            if (count >= 8)
            {
                count -= 8;
                result.Append((char)((bits >> count) & 0xFF));
            }
        }
        return result.ToString();
    }

    /// <summary>ECMA-262, Encode.</summary>
    private static string Encode(Evaluation run, string text, SearchValues<char> plain)
    {
        byte[] bytes;
        try
        {
            bytes = Strict.GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            throw Malformed(run);
        }
        var result = new StringBuilder(bytes.Length);
        foreach (var b in bytes)
        {
            if (b < 128 && plain.Contains((char)b))
            {
                result.Append((char)b);
            }
            else
            {
                result.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
        }
        return result.ToString();
    }

    /// <summary>ECMA-262, Decode: escapes of reserved characters stay as they are.</summary>
    private static string Decode(Evaluation run, string text, string reserved)
    {
        var result = new StringBuilder(text.Length);
        Span<byte> bytes = stackalloc byte[4];
        Span<char> units = stackalloc char[2];
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '%')
            {
                result.Append(text[at]);
                continue;
            }
            var start = at;
            bytes[0] = HexByte(run, text, at);
            var length = bytes[0] switch { < 0x80 => 1, >= 0xC2 and < 0xE0 => 2, >= 0xE0 and < 0xF0 => 3, >= 0xF0 and < 0xF5 => 4, _ => throw Malformed(run) };
            for (var i = 1; i < length; i++)
            {
                at += 3;
                bytes[i] = HexByte(run, text, at);
            }
            at += 2;
            if (Rune.DecodeFromUtf8(bytes[..length], out var rune, out var used) != OperationStatus.Done || used != length)
            {
                throw Malformed(run);
            }
            if (length == 1 && reserved.Contains((char)bytes[0]))
            {
                result.Append(text, start, 3);
            }
            else
            {
                result.Append(units[..rune.EncodeToUtf16(units)]);
            }
        }
        return result.ToString();
    }

    private static byte HexByte(Evaluation run, string text, int at)
    {
        if (at + 2 < text.Length && text[at] == '%' && byte.TryParse(text.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return value;
        }
        throw Malformed(run);
    }

    private static JsonataFailure Malformed(Evaluation run) => run.Fail("D3140", $"the text given to {run.Site.Name} is not well-formed");
}
