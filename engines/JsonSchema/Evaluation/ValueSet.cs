using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.JsonSchema.Values;

namespace Gateway.JsonSchema.Evaluation;

/// <summary>The values of <c>enum</c> or <c>const</c>, sorted by kind so that a check looks only at its own.</summary>
internal sealed class ValueSet
{
    // So few strings are sooner compared than hashed.
    private const int Handful = 4;

    private readonly NameTable _texts;
    private readonly byte[][] _numbers;
    private readonly byte[][] _containers;
    private readonly int _kinds;

    public ValueSet(IReadOnlyList<JsonElement> values, KeywordSite site)
    {
        Site = site;
        Values = values;
        List<byte[]> names = [];
        foreach (JsonElement value in values)
        {
            _kinds |= 1 << (int)value.ValueKind;
            byte[]? text = value.ValueKind == JsonValueKind.String ? JsonText.Of(value) : null;
            if (text is not null && !names.Exists(name => name.AsSpan().SequenceEqual(text)))
                names.Add(text);
        }
        _texts = new NameTable(names);
        _numbers = Raw(values, kind => kind == JsonValueKind.Number);
        _containers = Raw(values, kind => kind is JsonValueKind.Object or JsonValueKind.Array);
    }

    public KeywordSite Site { get; }

    public IReadOnlyList<JsonElement> Values { get; }

    /// <summary>Whether the value that starts at <paramref name="at"/> is among them.</summary>
    public bool Contains(ReadOnlySpan<byte> text, int at, JsonValueKind kind)
    {
        if (((_kinds >> (int)kind) & 1) == 0)
            return false;
        return kind switch
        {
            JsonValueKind.String => ContainsString(text, at),
            JsonValueKind.Number => ContainsNumber(text[at..JsonScan.NumberEnd(text, at)]),
            JsonValueKind.Object or JsonValueKind.Array => ContainsContainer(text[at..JsonScan.Skip(text, at)]),
            _ => true,
        };
    }

    private bool ContainsString(ReadOnlySpan<byte> text, int at)
    {
        for (int i = 0; i < Math.Min(_texts.Count, Handful); i++)
        {
            if (_texts.EndIfAt(text, at, i) > 0)
                return true;
        }
        int end = JsonScan.StringEnd(text, at, out bool escaped);
        ReadOnlySpan<byte> raw = text[(at + 1)..(end - 1)];
        if (!escaped)
            return _texts.Find(raw) >= 0;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(raw.Length);
        bool found = _texts.Find(buffer.AsSpan(0, JsonText.Unescape(raw, buffer))) >= 0;
        ArrayPool<byte>.Shared.Return(buffer);
        return found;
    }

    private bool ContainsNumber(ReadOnlySpan<byte> token)
    {
        JsonNumber number = new(token);
        foreach (byte[] candidate in _numbers)
        {
            if (number.CompareTo(new JsonNumber(candidate)) == 0)
                return true;
        }
        return false;
    }

    private bool ContainsContainer(ReadOnlySpan<byte> value)
    {
        foreach (byte[] candidate in _containers)
        {
            if (JsonEquality.AreEqual(value, candidate))
                return true;
        }
        return false;
    }

    private static byte[][] Raw(IReadOnlyList<JsonElement> values, Func<JsonValueKind, bool> wanted) =>
        [.. values.Where(value => wanted(value.ValueKind)).Select(value => JsonMarshal.GetRawUtf8Value(value).ToArray())];
}
