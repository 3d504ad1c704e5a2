using System.Text;

namespace Gateway;

/// <summary>
/// Attributes of a CloudEvent as headers of HTTP, the binary mode of the HTTP binding of CloudEvents 1.0.2, section 3.1: each under <c>ce-</c> and its name, its value
/// percent-encoded; <c>datacontenttype</c> is <c>Content-Type</c>, and the data are the body.
/// </summary>
public static class CloudEventHeaders
{
    /// <summary>Begins the name of each, section 3.1.3.1.</summary>
    public const string Prefix = "ce-";

    /// <summary>Media type of the structured mode, CloudEvents JSON format section 3.</summary>
    public const string Structured = "application/cloudevents+json";

    /// <summary>Media type of the batched mode, CloudEvents JSON format section 4.</summary>
    public const string Batched = "application/cloudevents-batch+json";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// The value of a header, section 3.1.3.2: space, double quote, percent, and whatever is outside of U+0021 to U+007E are the bytes of its UTF-8 as <c>%XY</c>; a
    /// surrogate pair is one character. Half of one, which no attribute may hold, becomes U+FFFD.
    /// </summary>
    public static string Encode(string value)
    {
        if (!value.AsSpan().ContainsAnyExceptInRange('!', '~') && !value.AsSpan().ContainsAny('"', '%')) return value;
        var encoded = new StringBuilder(value.Length + 16);
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in value.EnumerateRunes())
        {
            if (rune.Value is >= '!' and <= '~' and not ('"' or '%'))
            {
                encoded.Append((char)rune.Value);
                continue;
            }
            foreach (var one in bytes[..rune.EncodeToUtf8(bytes)]) encoded.Append('%').Append(Convert.ToHexString([one]));
        }
        return encoded.ToString();
    }

    /// <summary>
    /// What a header says, section 3.1.3.2: where it is a quoted string (RFC 9110 section 5.6.4), that is undone first, and then one round of percent-encoding, in either
    /// case of its digits, also of what need not have been encoded. Null where a percent sign encodes nothing, the bytes are no UTF-8, or a character is one that headers can't hold.
    /// </summary>
    public static string? Decode(string value)
    {
        if (Unquoted(value) is not { } text || text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return null;
        if (!text.Contains('%', StringComparison.Ordinal)) return text;
        var bytes = new byte[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                bytes[length++] = (byte)text[i];
                continue;
            }
            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2])) return null;
            bytes[length++] = Convert.FromHexString(text.AsSpan(i + 1, 2))[0];
            i += 2;
        }
        try
        {
            return Strict.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>Null where a quoted string does not end, or ends too early.</summary>
    private static string? Unquoted(string value)
    {
        if (value is not ['"', ..]) return value;
        var text = new StringBuilder(value.Length);
        for (var i = 1; i < value.Length; i++)
        {
            if (value[i] == '"') return i == value.Length - 1 ? text.ToString() : null;
            if (value[i] == '\\' && ++i == value.Length) return null;
            text.Append(value[i]);
        }
        return null;
    }
}
