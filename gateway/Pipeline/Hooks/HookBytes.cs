using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Pipeline.Hooks;

/// <summary>The body of a webhook, byte for byte: what was signed.</summary>
internal static class HookBytes
{
    /// <summary>The bytes; or null and why there are none.</summary>
    /// <param name="limit">Most that is read.</param>
    public static async ValueTask<(byte[]? Body, Refusal? Fault)> ReadAsync(HttpContext http, long limit)
    {
        if (http.Request.ContentLength > limit) return TooLong(limit);
        // The server counts the framing of chunks too, six bytes for one in the worst case; the bytes themselves are counted here.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = (8 * limit) + 1024;
        try
        {
            using var body = new MemoryStream((int)(http.Request.ContentLength ?? 4096));
            var part = new byte[4096];
            while (await http.Request.Body.ReadAsync(part, http.RequestAborted) is > 0 and var read)
            {
                if (body.Length + read > limit) return TooLong(limit);
                body.Write(part, 0, read);
            }
            return (body.ToArray(), null);
        }
        catch (BadHttpRequestException broken)
        {
            return (null, Refusals.Of(broken) with { Reason = broken.Message });
        }
    }

    private static (byte[]? Body, Refusal? Fault) TooLong(long limit) => (null, new Refusal(Failure.BodyTooLarge, $"The body is longer than {limit} bytes.") { Closes = true });
}
