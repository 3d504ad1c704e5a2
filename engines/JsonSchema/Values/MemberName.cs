using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Gateway.JsonSchema.Values;

/// <summary>A member's name as text, also where it holds half a surrogate pair and <see cref="JsonProperty.Name"/> would throw.</summary>
internal static class MemberName
{
    public static string Of(JsonProperty member) => Of(JsonMarshal.GetRawUtf8PropertyName(member));

    public static string Of(ReadOnlySpan<byte> raw)
    {
        if (!JsonText.IsEscaped(raw))
            return Encoding.UTF8.GetString(raw);
        byte[] text = new byte[raw.Length];
        return Encoding.UTF8.GetString(text, 0, JsonText.Unescape(raw, text));
    }
}
