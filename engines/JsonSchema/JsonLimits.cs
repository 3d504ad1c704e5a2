using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Gateway.JsonSchema.Values;

namespace Gateway.JsonSchema;

/// <summary>What a document must keep to before it is worth validating.</summary>
public static class JsonLimits
{
    /// <summary>
    /// The pointer (<c>#/a/b</c>) of a member whose name its object already has (RFC 8259 section 4: what such an object means is
    /// unpredictable), or null. Names are the same when their characters are, however they are escaped.
    /// </summary>
    public static string? FindDuplicateMember(JsonElement document)
    {
        ReadOnlySpan<byte> text = JsonMarshal.GetRawUtf8Value(document);
        Utf8JsonReader reader = new(text, new JsonReaderOptions { MaxDepth = int.MaxValue });
        List<Level> levels = [];
        List<Name> names = [];
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    CountItem(levels);
                    levels.Add(new Level(names.Count, -1));
                    break;
                case JsonTokenType.PropertyName:
                    names.Add(Name.At((int)reader.TokenStartIndex + 1, reader.ValueSpan));
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    Span<Name> own = CollectionsMarshal.AsSpan(names)[levels[^1].FirstName..];
                    if (FindTwin(own, text) is { } twin)
                        return Describe(levels, names, twin, text);
                    names.RemoveRange(levels[^1].FirstName, own.Length);
                    levels.RemoveAt(levels.Count - 1);
                    break;
                default:
                    CountItem(levels);
                    break;
            }
        }
        return null;
    }

    private static void CountItem(List<Level> levels)
    {
        if (levels.Count > 0)
            levels[^1] = levels[^1] with { Index = levels[^1].Index + 1 };
    }

    private static Name? FindTwin(Span<Name> names, ReadOnlySpan<byte> text)
    {
        if (names.Length < 2)
            return null;
        names.Sort(static (left, right) => left.Hash.CompareTo(right.Hash));
        for (int i = 1; i < names.Length; i++)
        {
            for (int twin = i - 1; twin >= 0 && names[twin].Hash == names[i].Hash; twin--)
            {
                if (names[i].TextIn(text).AsSpan().SequenceEqual(names[twin].TextIn(text)))
                    return names[i];
            }
        }
        return null;
    }

    private static string Describe(List<Level> levels, List<Name> names, Name twin, ReadOnlySpan<byte> text)
    {
        StringBuilder pointer = new("#");
        for (int i = 0; i + 1 < levels.Count; i++)
        {
            // A level with names is an object, and the last name read there is the one that leads on.
            int last = levels[i + 1].FirstName - 1;
            string step = last >= levels[i].FirstName
                ? Encoding.UTF8.GetString(names[last].TextIn(text))
                : levels[i].Index.ToString(CultureInfo.InvariantCulture);
            pointer.Append('/').Append(PointerText.EscapeStep(step));
        }
        return pointer.Append('/').Append(PointerText.EscapeStep(Encoding.UTF8.GetString(twin.TextIn(text)))).ToString();
    }

    /// <summary>An open container: where its names start in the list of names, and the index of its latest item.</summary>
    private readonly record struct Level(int FirstName, int Index);

    /// <summary>A member's name: where it stands in the text, and the hash of what it means.</summary>
    private readonly record struct Name(int Start, int Length, int Hash)
    {
        public static Name At(int start, ReadOnlySpan<byte> raw)
        {
            HashCode hash = default;
            hash.AddBytes(JsonText.IsEscaped(raw) ? JsonText.Of(raw) : raw);
            return new Name(start, raw.Length, hash.ToHashCode());
        }

        public byte[] TextIn(ReadOnlySpan<byte> text) => JsonText.Of(text.Slice(Start, Length));
    }
}
