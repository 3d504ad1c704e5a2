using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.JsonSchema.Values;

namespace Gateway.JsonSchema.Evaluation;

/// <summary>The values of <c>enum</c> or <c>const</c>, sorted by kind so that a check looks only at its own.</summary>
internal sealed class ValueSet
{
    private readonly NameTable texts;
    private readonly byte[][] numbers;
    private readonly JsonElement[] containers;
    private readonly int kinds;

    public ValueSet(IReadOnlyList<JsonElement> values, KeywordSite site)
    {
        Site = site;
        Values = values;
        List<byte[]> names = [];
        foreach (JsonElement value in values)
        {
            if (value.ValueKind == JsonValueKind.String && JsonText.Of(value) is byte[] text && !names.Exists(name => name.AsSpan().SequenceEqual(text)))
                names.Add(text);
            kinds |= 1 << (int)value.ValueKind;
        }
        texts = new NameTable(names);
        numbers = [.. values.Where(value => value.ValueKind == JsonValueKind.Number).Select(value => JsonMarshal.GetRawUtf8Value(value).ToArray())];
        containers = [.. values.Where(value => value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)];
    }

    public KeywordSite Site { get; }

    public IReadOnlyList<JsonElement> Values { get; }

    public bool Contains(JsonElement value, JsonValueKind kind)
    {
        if (((kinds >> (int)kind) & 1) == 0)
            return false;
        return kind switch
        {
            JsonValueKind.String => ContainsString(value),
            JsonValueKind.Number => ContainsNumber(value),
            JsonValueKind.Object or JsonValueKind.Array => ContainsContainer(value),
            _ => true,
        };
    }

    /// <summary>Whether the unescaped text is among the strings.</summary>
    public bool ContainsText(ReadOnlySpan<byte> text) => texts.Find(text) >= 0;

    private bool ContainsString(JsonElement value)
    {
        ReadOnlySpan<byte> raw = JsonText.Raw(value);
        if (!JsonText.IsEscaped(raw))
            return ContainsText(raw);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(raw.Length);
        bool found = ContainsText(buffer.AsSpan(0, JsonText.Unescape(raw, buffer)));
        ArrayPool<byte>.Shared.Return(buffer);
        return found;
    }

    private bool ContainsNumber(JsonElement value)
    {
        JsonNumber number = new(JsonMarshal.GetRawUtf8Value(value));
        foreach (byte[] candidate in numbers)
        {
            if (number.CompareTo(new JsonNumber(candidate)) == 0)
                return true;
        }
        return false;
    }

    private bool ContainsContainer(JsonElement value)
    {
        foreach (JsonElement candidate in containers)
        {
            if (JsonEquality.AreEqual(value, candidate))
                return true;
        }
        return false;
    }
}
