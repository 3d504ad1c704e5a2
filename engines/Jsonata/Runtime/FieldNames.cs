using System.Text.Json;

namespace Gateway.Jsonata.Runtime;

/// <summary>The names an object constructor gives every object it makes, encoded once.</summary>
internal sealed class FieldNames(string[] texts)
{
    public string[] Texts { get; } = texts;

    public JsonEncodedText[] Encoded { get; } = Array.ConvertAll(texts, text => JsonEncodedText.Encode(text));
}
