using System.Text;

namespace Gateway.Jsonata.Runtime;

/// <summary>A field name in the two encodings it is compared in.</summary>
internal sealed class PropertyName(string text)
{
    public string Text { get; } = text;

    public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(text);
}
