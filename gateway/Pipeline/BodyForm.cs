using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Gateway.Pipeline;

/// <summary>
/// What a body says of its form, judged on every route before a byte is read: coded bodies and XML are refused unless the route declares them
/// (<c>protect</c>). What a route takes coded is unpacked as it is read.
/// </summary>
internal static class BodyForm
{
    private const string Identity = "identity";

    public static ValueTask Judge(Exchange exchange, ExchangeDelegate next)
    {
        var headers = exchange.Http.Request.Headers;
        if (headers.ContentEncoding.Count > 0 && Unpack(exchange) is { } coded) return exchange.Refuse(coded);
        if (headers.ContentType.Count == 0 && exchange.Route.Protection.MediaTypes.Count == 0) return next(exchange);
        return TypeFault(exchange) is { } typed ? exchange.Refuse(typed) : next(exchange);
    }

    /// <summary>Whether a media type is one of XML, or built of it (RFC 7303 section 4.2).</summary>
    public static bool IsXml(string? contentType) => contentType is not null && TypeOf(contentType).Contains("xml", StringComparison.OrdinalIgnoreCase);

    private static Refusal? TypeFault(Exchange exchange)
    {
        var (request, protection) = (exchange.Http.Request, exchange.Route.Protection);
        // Two headers, or two types in one, are read by one program as the first and by another as the last.
        if (request.Headers.ContentType.Count > 1) return Untaken("There is more than one Content-Type.", "media-type-twice");
        if (IsXml(request.ContentType) && !protection.TakesXml) return Untaken("XML is not taken here.", "media-type-xml");
        if (protection.MediaTypes.Count == 0 || exchange.Http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false }) return null;
        foreach (var type in protection.MediaTypes)
        {
            if (TypeOf(request.ContentType ?? "").Equals(type, StringComparison.OrdinalIgnoreCase)) return null;
        }
        return Untaken($"The body must be {string.Join(" or ", protection.MediaTypes)}.", "media-type");
    }

    /// <summary>Puts what the coding hides in the place of the body; a refusal, where the route takes no such coding.</summary>
    private static Refusal? Unpack(Exchange exchange)
    {
        var (request, protection) = (exchange.Http.Request, exchange.Route.Protection);
        var coding = request.Headers.ContentEncoding is [{ } one] ? one.Trim().ToLowerInvariant() : "";
        if (coding != Identity && !protection.Encodings.Contains(coding))
        {
            var taken = protection.Encodings.Count == 0 ? "Send the body as it is, without Content-Encoding." : $"Send the body as it is, or coded once, as {string.Join(" or ", protection.Encodings)}.";
            return Untaken(taken, "content-encoding") with { AcceptEncoding = string.Join(", ", protection.Encodings.DefaultIfEmpty(Identity)) };
        }
        request.Headers.Remove(HeaderNames.ContentEncoding);
        if (coding == Identity) return null;
        var unpacked = Unpacked.Of(coding, request.Body, exchange.Route.MaxBodyBytes, protection.Ratio);
        exchange.Http.Response.RegisterForDispose(unpacked);
        request.Body = unpacked;
        request.Headers.ContentLength = null;
        // They are of the coded bytes (RFC 9530).
        foreach (var digest in (ReadOnlySpan<string>)["Content-MD5", "Content-Digest", "Repr-Digest", "Digest"]) request.Headers.Remove(digest);
        return null;
    }

    private static ReadOnlySpan<char> TypeOf(string contentType) => contentType.AsSpan(0, contentType.IndexOf(';') is >= 0 and var end ? end : contentType.Length).Trim();

    private static Refusal Untaken(string detail, string reason) => new(Failure.UnsupportedMediaType, detail) { Reason = reason };
}
