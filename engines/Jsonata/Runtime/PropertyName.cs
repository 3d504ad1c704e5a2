using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Gateway.Jsonata.Runtime;

/// <summary>A field name in the two encodings it is compared in.</summary>
internal sealed class PropertyName(string text)
{
    public string Text { get; } = text;

    public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(text);
}

/// <summary>Names of the input's fields as strings, so that rows of alike objects share them. A name may push another out.</summary>
internal sealed class NameCache
{
    private const int Size = 64;

    private readonly string?[] _names = new string?[Size];

    public string Of(JsonProperty property)
    {
        var utf8 = JsonMarshal.GetRawUtf8PropertyName(property);
        if (utf8.IsEmpty || utf8.Contains((byte)'\\'))
        {
            return property.Name;
        }
        ref var known = ref _names[((utf8[0] * 31) + (utf8[^1] * 7) + utf8.Length) % Size];
        if (known is null || !Ascii.Equals(utf8, known))
        {
            known = property.Name;
        }
        return known;
    }
}
