using System.Text.Json;

namespace Gateway.Policies.Protect;

/// <summary>Whether a JSON text keeps to bounds, before anything is built of it: one pass over its tokens, no memory.</summary>
public static class JsonScan
{
    private const int MaxDepth = 64;

    /// <summary>The bound that a text breaks, for the caller; null for none, and for what is no JSON: the parser tells that.</summary>
    public static string? FaultOf(ReadOnlySpan<byte> body, JsonBounds bounds)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        Span<int> counts = stackalloc int[MaxDepth + 1];
        Span<bool> arrays = stackalloc bool[MaxDepth + 1];
        try
        {
            while (reader.Read())
            {
                if (FaultOf(ref reader, bounds, counts, arrays) is { } fault) return fault;
            }
        }
        catch (JsonException)
        {
            return null;
        }
        return null;
    }

    private static string? FaultOf(ref Utf8JsonReader reader, JsonBounds bounds, scoped Span<int> counts, scoped Span<bool> arrays)
    {
        var (token, depth) = (reader.TokenType, reader.CurrentDepth);
        if (token is JsonTokenType.EndObject or JsonTokenType.EndArray) return null;
        if (token is JsonTokenType.PropertyName)
        {
            if (++counts[depth] > bounds.Members) return $"An object of the body has more than {bounds.Members} members.";
        }
        else if (depth > 0 && arrays[depth] && ++counts[depth] > bounds.Elements)
        {
            return $"An array of the body has more than {bounds.Elements} elements.";
        }
        switch (token)
        {
            case JsonTokenType.String or JsonTokenType.PropertyName when reader.ValueSpan.Length > bounds.String:
                return $"A string of the body is longer than {bounds.String} bytes.";
            case JsonTokenType.Number when reader.ValueSpan.Length > bounds.Number:
                return $"A number of the body is longer than {bounds.Number} characters.";
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                if (depth + 1 > bounds.Depth) return $"The body is nested deeper than {bounds.Depth}.";
                counts[depth + 1] = 0;
                arrays[depth + 1] = token == JsonTokenType.StartArray;
                return null;
            default:
                return null;
        }
    }
}
