using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Gateway.Jsonata.Runtime;

/// <summary>
/// Reads JSON strings that escape half a surrogate pair. JSON allows them (RFC 8259, 8.2) and JavaScript keeps them,
/// but <see cref="JsonElement.GetString"/> refuses.
/// </summary>
internal static class LooseText
{
    public static string Read(JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            var raw = Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(text));
            return Unescape(raw.AsSpan(1, raw.Length - 2));
        }
    }

    private static string Unescape(ReadOnlySpan<char> raw)
    {
        var result = new StringBuilder(raw.Length);
        for (var at = 0; at < raw.Length; at++)
        {
            if (raw[at] != '\\')
            {
                result.Append(raw[at]);
                continue;
            }
            var c = raw[++at];
            if (c == 'u')
            {
                result.Append((char)ushort.Parse(raw.Slice(at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                at += 4;
            }
            else
            {
                result.Append(c switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', _ => c });
            }
        }
        return result.ToString();
    }
}
