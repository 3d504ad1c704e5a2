using System.Buffers;
using Yarp.ReverseProxy.Transforms;

namespace Gateway.Pipeline;

/// <summary>Reads the answer of a forwarded route whole, where a policy looks at it before the caller does.</summary>
internal static class AnswerReader
{
    /// <summary>Longest answer that is read, bytes; a longer one is the backend's fault.</summary>
    private const int MaxBytes = 16 << 20;

    /// <summary>Asks the backend for a whole answer in plain form: nobody could check half of it, or what is compressed.</summary>
    public static void Prepare(IHeaderDictionary headers)
    {
        headers.AcceptEncoding = default;
        headers.Range = default;
        headers.IfRange = default;
    }

    public static async ValueTask Read(Exchange exchange, ResponseTransformContext context, HttpResponseMessage response)
    {
        context.SuppressResponseBody = true;
        if (await ReadAsync(response.Content, context.CancellationToken) is not { } body)
        {
            exchange.Refusal = new Refusal(Failure.BackendUnusable, "The backend's answer is too long. The gateway's operators know.") { Reason = $"the answer is longer than {MaxBytes} bytes" };
            return;
        }
        exchange.Answer = new Answer((int)response.StatusCode, [], body) { ContentType = response.Content.Headers.ContentType?.ToString() ?? "" };
    }

    private static async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(HttpContent content, CancellationToken cancellation)
    {
        if (content.Headers.ContentLength > MaxBytes) return null;
        await using var stream = await content.ReadAsStreamAsync(cancellation);
        var output = new ArrayBufferWriter<byte>((int)(content.Headers.ContentLength ?? 4096) + 1);
        while (output.WrittenCount <= MaxBytes)
        {
            var read = await stream.ReadAsync(output.GetMemory(4096), cancellation);
            if (read == 0) return output.WrittenMemory;
            output.Advance(read);
        }
        return null;
    }
}
