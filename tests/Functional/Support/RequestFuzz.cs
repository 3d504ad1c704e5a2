using System.Globalization;

namespace Gateway.Tests.Functional.Support;

/// <summary>Requests of the grammar of HTTP/1.1 (RFC 9112), and what becomes of them when some of their parts are changed. The same seed makes the same ones. Characters are bytes.</summary>
internal static class RequestFuzz
{
    /// <summary>Beside the workspace's own routes, one that looks at all there is to look at.</summary>
    public const string Workspace = """
        apis:
          fuzz:
            owner: logistics
            routes:
              fuzz.guarded:
                match: POST /v1/guarded/{id}
                summary: Takes what nobody sends.
                policies:
                  - protect: { body: 4KB, url: 200, query: 100, headers: 12, headersSize: 2KB, json: { depth: 8, members: 20, elements: 20, string: 100, number: 10 }, mediaTypes: [application/json], encodings: [gzip, br], path: { encodedSlashes: true, semicolons: true }, cors: { origins: ["https://evil.example"] } }
                  - partner-callers
                  - quota: { limit: 1000000, per: day }
                  - rateLimit: { limit: 1000000, window: 1m, cost: $count(orderLines) + 1 }
                target: { forward: carrier }
        """;

    private static readonly string[] Targets =
    [
        "/v1/guarded/1", "/v1/guarded/%c3%a9?a=1", "/v1/orders", "/v1/orders/ord_0000000000000000000000000", "/v1/items/DESK0005", "/v1/inventory?sku=DESK0005", "/v1/tracking/P1", "/openapi.json", "/problems/not-found", "/", "*", "http://gateway/v1/items/DESK0005",
        "/v1/../v1/items/DESK0005", "/v1/items/%41", "/v1/inventory?sku=%zz&sku=&&=", "/v1/items/a%2Fb", "/v1//items",
    ];

    private static readonly string[] Methods = ["GET", "GET", "POST", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "get", "PROPFIND", "G T"];

    private static readonly string[] Headers =
    [
        "Content-Type: application/json", "Content-Type: text/xml", "Content-Type: application/json; charset=utf-16", "Accept: */*", "Accept-Encoding: gzip, br", "Content-Encoding: gzip", "Connection: close", "Connection: keep-alive, Host",
        "Connection: Upgrade", "Upgrade: websocket", "Upgrade: h2c", "Expect: 100-continue", "Expect: 200-ok", "Range: bytes=0-", "If-None-Match: *", "If-Modified-Since: yesterday", "Origin: https://evil.example", "Access-Control-Request-Method: POST",
        "Idempotency-Key: \"k-1\"", "Idempotency-Key: k", "X-Correlation-Id: abc", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate: a=b", "baggage: a=b", "Forwarded: for=1;for=2", "X-Forwarded-For: 1.2.3.4",
        "X-Forwarded-Host: a,b", "X-HTTP-Method-Override: DELETE", "Cookie: a=b; c", "Authorization: Bearer a.b.c", "Authorization: Basic YTpi", "Authorization: \"", "TE: trailers", "Trailer: X-Late", "Max-Forwards: 0", "Date: now", "X-Empty:", "X-Obs: a\r\n b",
        "X-Long: " + "0123456789012345678901234567890123456789012345678901234567890123456789", "Signature-Input: sig1=();alg=\"x\"", "Signature: sig1=::", "Via: 1.1 x", "Content-Length: 5", "Transfer-Encoding: chunked", "Keep-Alive: timeout=1",
    ];

    private static readonly string[] Bodies =
    [
        "", "{}", "[]", "{\"customerReference\":\"PO-1\",\"issueDate\":\"2026-11-23\",\"documentCurrencyCode\":\"EUR\",\"buyerParty\":{\"id\":\"ACME-DE\"},\"orderLines\":[{\"id\":\"1\",\"quantity\":3,\"unitCode\":\"C62\",\"item\":{\"sellersItemIdentification\":\"DESK0005\"}}]}",
        "{\"a\":1,\"a\":2}", "{\"orderLines\":[" + "{\"id\":1e999999},{\"id\":-0},{\"id\":\"\\ud800\"}" + "]}", "<x/>", "\xff\xfe", "null", "\"\\u0000\"", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    ];

    /// <summary>What is put in where something breaks, if anything does.</summary>
    private static readonly string[] Splinters =
    [
        "\0", "\n", "\r", "\r\n", "\r\n\r\n", " ", "\t", ":", ";", ",", "\"", "\\", "%", "%00", "%0d%0a", "%2e%2e/", "../", "//", "?", "#", "&", "=", "{", "}", "[", "]", "\xff", "\xc0\xaf", "\xe2\x82", "\x7f", "-1", "0", "99999999999999999999", "ffffffffffffffff",
        "chunked", "gzip", "HTTP/1.0", "HTTP/2.0", "HTTP/9.9", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ];

    public static string Next(Random random)
    {
        var request = Valid(random);
        // A third is left as it is.
        for (var mutations = Math.Max(0, random.Next(6) - 1); mutations > 0; mutations--) request = Mutated(request, random);
        return random.Next(200) == 0 ? request + Valid(random) : request;
    }

    private static string Valid(Random random)
    {
        var body = Pick(Bodies, random);
        var head = $"{Pick(Methods, random)} {Pick(Targets, random)} HTTP/1.1\r\nHost: gateway\r\n";
        if (random.Next(4) > 0) head += $"X-Api-Key: {TestWorkspace.ShopKey}\r\n";
        for (var i = random.Next(5); i > 0; i--) head += Pick(Headers, random) + "\r\n";
        if (body.Length == 0) return head + "\r\n";
        return random.Next(2) == 0 ? $"{head}Content-Length: {body.Length}\r\n\r\n{body}" : $"{head}Transfer-Encoding: chunked\r\n\r\n{Chunked(body, random)}";
    }

    private static string Chunked(string body, Random random)
    {
        var text = "";
        for (int at = 0, size; at < body.Length; at += size)
        {
            size = random.Next(1, body.Length - at + 1);
            text += $"{size.ToString("x", CultureInfo.InvariantCulture)}{(random.Next(5) == 0 ? ";a=\"b\"" : "")}\r\n{body.Substring(at, size)}\r\n";
        }
        return text + (random.Next(5) == 0 ? "0\r\nX-Late: 1\r\n\r\n" : "0\r\n\r\n");
    }

    private static string Mutated(string text, Random random)
    {
        if (text.Length == 0) return Pick(Splinters, random);
        var at = random.Next(text.Length);
        var length = random.Next(1, Math.Min(20, text.Length - at) + 1);
        return random.Next(8) switch
        {
            0 => text.Remove(at, length),
            1 => text.Insert(at, text.Substring(at, length)),
            2 => text.Insert(at, Pick(Splinters, random)),
            3 => text.Remove(at, length).Insert(at, Pick(Splinters, random)),
            4 => text.Remove(at, 1).Insert(at, ((char)random.Next(256)).ToString()),
            5 => text[..at],
            6 => text.Insert(at, new string(text[at], random.Next(1, 2000))),
            _ => text.Insert(Math.Max(0, text.IndexOf("\r\n", StringComparison.Ordinal)) + 2 is var line && line <= text.Length ? line : 0, Pick(Headers, random) + "\r\n"),
        };
    }

    private static string Pick(string[] all, Random random) => all[random.Next(all.Length)];
}
