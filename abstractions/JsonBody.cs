using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Net.Http.Headers;

namespace Gateway;

/// <summary>What the gateway takes for JSON, from callers and from backends alike: what two programs could read differently is none.</summary>
public static class JsonBody
{
    private const int EscapeLength = 6;

    /// <summary>How bodies are parsed: not nested deeper than 64, no member twice.</summary>
    public static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <summary>
    /// Whether a media type says JSON in UTF-8: <c>application/json</c>, a type with the suffix <c>+json</c> (RFC 6839 section 3.1) or one of
    /// <paramref name="declared"/> (lower case, without parameters).
    /// </summary>
    public static bool IsTyped(string? contentType, IReadOnlyCollection<string> declared)
    {
        if (contentType == "application/json") return true;
        if (!MediaTypeHeaderValue.TryParse(contentType, out var type)) return false;
        if (type.Charset.HasValue && !HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)) return false;
        var name = type.MediaType.Value!;
        return name.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || (name.StartsWith("application/", StringComparison.OrdinalIgnoreCase) && name.EndsWith("+json", StringComparison.OrdinalIgnoreCase) && name.Length > "application/+json".Length)
            || (declared.Count > 0 && declared.Contains(name.ToLowerInvariant()));
    }

    /// <summary>UTF-8 without lone surrogates (RFC 8259 section 8). The parser takes them, and who reads such a text later fails on it.</summary>
    public static bool IsText(ReadOnlySpan<byte> body)
    {
        if (!Utf8.IsValid(body)) return false;
        while (body.IndexOf((byte)'\\') is >= 0 and var at)
        {
            body = body[at..];
            if (EscapedUnit(body) is not { } unit)
            {
                body = body[Math.Min(2, body.Length)..];
                continue;
            }
            body = body[EscapeLength..];
            if (!char.IsSurrogate(unit)) continue;
            if (char.IsLowSurrogate(unit) || EscapedUnit(body) is not { } low || !char.IsLowSurrogate(low)) return false;
            body = body[EscapeLength..];
        }
        return true;
    }

    /// <summary>The code unit of a <c>\uXXXX</c> at the start; null for anything else.</summary>
    private static char? EscapedUnit(ReadOnlySpan<byte> text) =>
        text is [(byte)'\\', (byte)'u', _, _, _, _, ..] && Utf8Parser.TryParse(text[2..EscapeLength], out ushort unit, out var read, 'x') && read == 4
            ? (char)unit
            : null;
}
