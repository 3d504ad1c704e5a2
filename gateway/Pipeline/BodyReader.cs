using System.Buffers;
using System.Text.Json;
using Gateway.JsonSchema;
using Gateway.Policies.Protect;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Pipeline;

/// <summary>
/// Reads the body once into pooled memory, under the route's size cap, and parses it once. What is no JSON is refused; where a contract on a
/// forwarded route only reports, and nothing maps it, it is told and goes on as it came.
/// </summary>
internal static class BodyReader
{
    private static readonly JsonDocumentOptions WithTwins = JsonBody.Strict with { AllowDuplicateProperties = true };

    /// <summary>Reads the bytes alone, for who judges them before it is known who calls.</summary>
    public static async ValueTask ReadBytes(Exchange exchange, ExchangeDelegate next)
    {
        var request = exchange.Http.Request;
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
            exchange.Bytes = buffer.AsMemory(0, length);
            // What was read is handed on from here; its bytes are lent by the pool, and a backend that answers early may leave them behind in a buffer.
            if (exchange.Forward is not null) request.Body = new MemoryStream(exchange.Bytes.Value.ToArray(), writable: false);
            await next(exchange);
        }
        finally
        {
            exchange.Bytes = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads the bytes, unless they are read already, and parses them.</summary>
    public static ExchangeDelegate Read(ExchangeDelegate next)
    {
        ExchangeDelegate parse = exchange => ParseAsync(exchange, next);
        ExchangeDelegate scan = exchange => XmlScan.FaultOf(exchange.Bytes!.Value) is { } fault ? exchange.Refuse(new Refusal(Failure.MalformedBody, fault)) : next(exchange);
        return exchange =>
        {
            var request = exchange.Http.Request;
            if (MayBeLeftOut(exchange) && exchange.Http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false }) return next(exchange);
            if (JsonBody.IsTyped(request.ContentType, exchange.Route.Surface.MediaTypes) && request.Headers.ContentEncoding.Count == 0)
                return exchange.Bytes is null ? ReadBytes(exchange, parse) : parse(exchange);
            if (exchange.Route.Protection.TakesXml && BodyForm.IsXml(request.ContentType)) return exchange.Bytes is null ? ReadBytes(exchange, scan) : scan(exchange);
            if (request.ContentLength > exchange.Route.MaxBodyBytes) return exchange.Refuse(new Refusal(Failure.BodyTooLarge, $"The body is longer than {exchange.Route.MaxBodyBytes} bytes."));
            const string Detail = "The body must be plain JSON in UTF-8: send Content-Type: application/json, and no Content-Encoding.";
            return RefuseOrReport(exchange, next, new Refusal(Failure.UnsupportedMediaType, Detail));
        };
    }

    /// <summary>Where nothing but its bounds are asked of a body, it may as well not be there.</summary>
    private static bool MayBeLeftOut(Exchange exchange) =>
        exchange.Route.Surface.BodyOptional || !exchange.Route.AsksBody || (exchange.Forward is not null && exchange.Route is { Surface.Request: null, MapsRequest: false });

    private static async ValueTask ParseAsync(Exchange exchange, ExchangeDelegate next)
    {
        if (exchange.Route.Protection.Json is { } bounds && JsonScan.FaultOf(exchange.Bytes!.Value.Span, bounds) is { } fault)
        {
            await exchange.Refuse(new Refusal(Failure.MalformedBody, fault) { Reason = "json-bounds" });
            return;
        }
        var (document, broken) = Parse(exchange.Bytes!.Value);
        if (document is null)
        {
            await RefuseOrReport(exchange, next, new Refusal(Failure.MalformedBody, broken));
            return;
        }
        using var body = exchange.Body = new ParsedBody(exchange.Bytes.Value, document);
        exchange.Input = body.Raw;
        await next(exchange);
    }

    /// <summary>An operation and a mapping can't do without the body; a forwarded route whose contract only reports can.</summary>
    private static ValueTask RefuseOrReport(Exchange exchange, ExchangeDelegate next, Refusal refusal)
    {
        if (exchange.Forward is null || exchange.Route.MapsRequest || exchange.Route.Surface is not { Reports: true, Request: { } contract }) return exchange.Refuse(refusal);
        exchange.Broke(new Violation(contract, "body", Enforced: false, [new Finding("#", "type", refusal.Detail) { Contract = contract }]));
        return next(exchange);
    }

    private static (JsonDocument? Document, string Broken) Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonBody.IsText(body.Span)
                ? (JsonDocument.Parse(body, JsonBody.Strict), "")
                : (null, "The body is not UTF-8, or escapes half a character (\\ud800 without its other half).");
        }
        catch (JsonException broken)
        {
            // The parser's own text may quote the body; place and cure are enough.
            var place = broken.LineNumber is { } line ? $" at line {line + 1}, byte {broken.BytePositionInLine + 1}" : "";
            return (null, Twin(body) is { } twin ? $"The body has a member twice: {twin}." : $"The body is not JSON{place}, or is nested deeper than 64.");
        }
    }

    /// <summary>The pointer of a member that comes twice; null when that is not what is wrong.</summary>
    private static string? Twin(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, WithTwins);
            return JsonLimits.FindDuplicateMember(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Of some chunks that make no sense the server says nothing but that it can't read on.</summary>
    private static async ValueTask<int> ReadSomeAsync(HttpRequest request, Memory<byte> to, CancellationToken cancellation)
    {
        try
        {
            return await request.Body.ReadAsync(to, cancellation);
        }
        catch (IOException broken) when (broken is not BadHttpRequestException)
        {
            throw new BadHttpRequestException("The body can't be read.", StatusCodes.Status400BadRequest, broken);
        }
    }

    private static async ValueTask<(byte[] Buffer, int Length)> ReadAsync(Exchange exchange, long limit)
    {
        var request = exchange.Http.Request;
        if (exchange.Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(limit + 1, Math.Min(request.ContentLength + 1 ?? 4096, 64 * 1024)));
        var length = 0;
        while (true)
        {
            var read = await ReadSomeAsync(request, buffer.AsMemory(length), exchange.Aborted);
            length += read;
            if (read == 0 || length > limit) return (buffer, length);
            if (length < buffer.Length) continue;
            var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(limit + 1, buffer.Length * 2L));
            buffer.AsSpan(0, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }
    }
}
