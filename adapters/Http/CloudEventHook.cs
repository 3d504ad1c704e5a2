using Gateway.Adapters.Rest;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Gateway.Adapters.Http;

/// <summary>
/// Webhooks that are CloudEvents 1.0.2 in any mode of the HTTP binding, section 3: structured, batched, and binary for every content type that does not begin as those of
/// CloudEvents do. They are signed by Standard Webhooks, over the body: in binary mode not over the attributes.
/// </summary>
internal sealed class CloudEventHook(CloudEventHookOptions options) : InboundHook
{
    /// <summary>Begins the media types that are CloudEvents in one body, whatever comes behind (HTTP binding section 3).</summary>
    private const string Family = "application/cloudevents";

    public override long MaxBody => options.MaxBody;

    public override string? WrongSecret(string secret) => StandardSignature.WrongSecret(secret);

    public override string? WrongType(string type) => options.Types.Contains(type) ? null : Nearest.Cure(type, options.Types);

    public override ValueTask<HookVerdict> JudgeAsync(IHeaderDictionary headers, ReadOnlyMemory<byte> body, DateTimeOffset now, CancellationToken cancellation) =>
        ValueTask.FromResult(StandardSignature.Judge(headers, body.Span, options.Secrets, now).Refused ?? Read(headers, body, now));

    private HookVerdict Read(IHeaderDictionary headers, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        var reader = new CloudEventReader(options.Types, options.States, now);
        var said = headers.ContentType.ToString();
        if (!MediaTypeHeaderValue.TryParse(said, out var type)) return said.Length == 0 ? reader.Binary(headers, body) : NotTaken();
        // The whole name decides: what only begins like a type of CloudEvents is none that is known here, and the data of a binary one neither.
        var name = type.MediaType.Value!.ToLowerInvariant();
        if (!name.StartsWith(Family, StringComparison.Ordinal)) return JsonBody.IsTyped(said, []) ? reader.Binary(headers, body) : NotTaken();
        if (!JsonBody.IsTyped(said, [])) return NotTaken();
        return name switch
        {
            CloudEventHeaders.Structured => reader.Structured(body),
            CloudEventHeaders.Batched => reader.Batched(body),
            _ => NotTaken(),
        };
    }

    private static HookVerdict.Unreadable NotTaken() => new("its content type is none of CloudEvents in JSON")
    {
        Failure = Failure.UnsupportedMediaType,
        Detail = $"CloudEvents are taken as {CloudEventHeaders.Structured} or {CloudEventHeaders.Batched}, in UTF-8; or in binary mode, with data that are JSON.",
    };
}
