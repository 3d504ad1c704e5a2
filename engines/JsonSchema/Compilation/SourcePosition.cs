using System.Text;
using System.Text.Json;

namespace Gateway.JsonSchema.Compilation;

/// <summary>1-based line and column (in characters) of a place in a JSON document.</summary>
internal readonly record struct SourcePosition(int Line, int Column)
{
    /// <summary>The position of a byte offset.</summary>
    public static SourcePosition At(ReadOnlySpan<byte> utf8, long offset)
    {
        ReadOnlySpan<byte> before = utf8[..(int)Math.Min(offset, utf8.Length)];
        int line = before.Count((byte)'\n') + 1;
        ReadOnlySpan<byte> tail = before[(before.LastIndexOf((byte)'\n') + 1)..];
        return new SourcePosition(line, Encoding.UTF8.GetCharCount(tail) + 1);
    }

    /// <summary>The position <paramref name="bytes"/> behind the start of a line; both count from 0.</summary>
    public static SourcePosition InLine(ReadOnlySpan<byte> utf8, int line, int bytes)
    {
        int start = 0;
        for (int i = 0; i < line; i++)
            start += utf8[start..].IndexOf((byte)'\n') + 1;
        return At(utf8, start + bytes);
    }

    /// <summary>
    /// The position of the value at <paramref name="steps"/>; of a member it is where its name starts. Reads the document anew:
    /// positions are wanted only for diagnostics. What does not exist has the position of what would contain it.
    /// </summary>
    public static SourcePosition Of(ReadOnlySpan<byte> utf8, IReadOnlyList<string> steps)
    {
        Utf8JsonReader reader = new(utf8, new JsonReaderOptions { MaxDepth = int.MaxValue });
        long offset = 0;
        reader.Read();
        foreach (string step in steps)
        {
            if (!Descend(ref reader, step, ref offset))
                break;
        }
        return At(utf8, steps.Count == 0 ? reader.TokenStartIndex : offset);
    }

    private static bool Descend(ref Utf8JsonReader reader, string step, ref long offset)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals(step))
                {
                    offset = reader.TokenStartIndex;
                    return reader.Read();
                }
                reader.Read();
                reader.Skip();
            }
            return false;
        }
        if (reader.TokenType != JsonTokenType.StartArray || !int.TryParse(step, out int index))
            return false;
        for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (i == index)
            {
                offset = reader.TokenStartIndex;
                return true;
            }
            reader.Skip();
        }
        return false;
    }
}
