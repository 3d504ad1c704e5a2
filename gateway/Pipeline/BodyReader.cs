using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Pipeline;

/// <summary>Reads the body once into pooled memory, under the route's size cap, and parses it once.</summary>
internal static class BodyReader
{
    private const int EscapeLength = 6;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    public static async ValueTask Read(Exchange exchange, ExchangeDelegate next)
    {
        var request = exchange.Http.Request;
        if (exchange.Route.Surface.BodyOptional && exchange.Http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            await next(exchange);
            return;
        }
        if (!IsTaken(request.ContentType, exchange.Route.Surface.MediaTypes) || request.Headers.ContentEncoding.Count > 0)
        {
            exchange.Refuse(Failure.UnsupportedMediaType, "The body must be plain JSON: send Content-Type: application/json, and no Content-Encoding.");
            return;
        }
        var limit = exchange.Route.MaxBodyBytes;
        if (request.ContentLength > limit)
        {
            exchange.Refuse(Failure.BodyTooLarge, $"The body is longer than {limit} bytes.");
            return;
        }
        var (buffer, length) = await ReadAsync(exchange, limit);
        try
        {
            if (length > limit)
            {
                exchange.Refuse(Failure.BodyTooLarge, $"The body is longer than {limit} bytes.");
                return;
            }
            if (Parse(exchange, buffer.AsMemory(0, length)) is not { } document) return;
            using var body = exchange.Body = new ParsedBody(buffer.AsMemory(0, length), document);
            exchange.Input = body.Raw;
            await next(exchange);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static JsonDocument? Parse(Exchange exchange, ReadOnlyMemory<byte> body)
    {
        try
        {
            if (IsText(body.Span)) return JsonDocument.Parse(body, Strict);
            exchange.Refuse(Failure.MalformedBody, "The body is not UTF-8, or escapes half a character (\\ud800 without its other half).");
            return null;
        }
        catch (JsonException broken)
        {
            // The parser's own text may quote the body; place and cure are enough.
            var place = broken.LineNumber is { } line ? $" at line {line + 1}, byte {broken.BytePositionInLine + 1}" : "";
            exchange.Refuse(Failure.MalformedBody, broken.Message.Contains("Duplicate", StringComparison.OrdinalIgnoreCase)
                ? "The body has a member twice."
                : $"The body is not JSON{place}, or is nested deeper than 64.");
            return null;
        }
    }

    /// <summary>UTF-8 without lone surrogates (RFC 8259 section 8). The parser takes them, and who reads such a text later fails on it.</summary>
    private static bool IsText(ReadOnlySpan<byte> body)
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

    private static async ValueTask<(byte[] Buffer, int Length)> ReadAsync(Exchange exchange, long limit)
    {
        var request = exchange.Http.Request;
        if (exchange.Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(limit + 1, Math.Min(request.ContentLength + 1 ?? 4096, 64 * 1024)));
        var length = 0;
        while (true)
        {
            var read = await request.Body.ReadAsync(buffer.AsMemory(length), exchange.Aborted);
            length += read;
            if (read == 0 || length > limit) return (buffer, length);
            if (length < buffer.Length) continue;
            var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(limit + 1, buffer.Length * 2L));
            buffer.AsSpan(0, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }
    }

    /// <summary>application/json, any type with the suffix +json (RFC 6839 section 3.1), or one that the route declares.</summary>
    private static bool IsTaken(string? contentType, IReadOnlyCollection<string> declared)
    {
        if (contentType is null) return false;
        var type = contentType.AsSpan();
        if (type.IndexOf(';') is >= 0 and var end) type = type[..end];
        type = type.Trim();
        return type.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || (type.EndsWith("+json", StringComparison.OrdinalIgnoreCase) && type.StartsWith("application/", StringComparison.OrdinalIgnoreCase))
            || (declared.Count > 0 && declared.Contains(type.ToString().ToLowerInvariant()));
    }
}
