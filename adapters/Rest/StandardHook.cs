using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Gateway.Adapters.Rest;

/// <summary>A webhook that its backend has signed.</summary>
/// <param name="Id">The same over its sender's attempts.</param>
/// <param name="Received">By our clock.</param>
internal sealed record SignedMessage(string Id, JsonElement Body, DateTimeOffset Received)
{
    /// <summary>What the sender's header for it says; null where it sends none. No signature is over it.</summary>
    public string? Topic { get; init; }
}

/// <summary>Reads what a signed webhook tells; null where it tells nothing that can be read.</summary>
internal delegate HookEvent? HookReader(SignedMessage message);

/// <summary>Webhooks signed by Standard Webhooks 1.0.0, version <c>v1</c>. Their id is the message's, the same over the sender's attempts.</summary>
/// <param name="topic">Header that says what a message is about.</param>
/// <param name="wrongType">How to name an event; null where the name is one.</param>
internal sealed class StandardHook(HookOptions options, string topic, HookReader read, Func<string, string?> wrongType) : InboundHook
{
    private const int MaxIdLength = 256;
    private const int MaxSignatures = 2048;

    public override long MaxBody => options.MaxBody;

    public override string? WrongSecret(string secret) => WebhookSignature.IsSecret(secret) ? null : "a secret of Standard Webhooks is whsec_ and 24 to 64 bytes in base64";

    public override string? WrongType(string type) => wrongType(type);

    public override ValueTask<HookVerdict> JudgeAsync(IHeaderDictionary headers, ReadOnlyMemory<byte> body, DateTimeOffset now, CancellationToken cancellation) =>
        ValueTask.FromResult(Judge(headers, body, now));

    private HookVerdict Judge(IHeaderDictionary headers, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        // An id with a point in it could be read together with the time in two ways.
        if (headers[WebhookSignature.IdHeader] is not [{ Length: > 0 and <= MaxIdLength } id] || id.Contains('.')
            || headers[WebhookSignature.TimestampHeader] is not [{ } timestamp] || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || headers[WebhookSignature.SignatureHeader] is not [{ Length: > 0 and <= MaxSignatures } signatures])
            return new HookVerdict.Refused("webhook-malformed");
        if (!WebhookSignature.IsTimely(seconds, now)) return new HookVerdict.Refused("webhook-timestamp-off");
        var secrets = options.Secrets.Select(secret => secret.Reveal()).Where(WebhookSignature.IsSecret);
        if (!WebhookSignature.Verify(id, timestamp, body.Span, signatures, secrets, now)) return new HookVerdict.Refused("webhook-signature-wrong");
        return HookBody.Read(body, json => read(new SignedMessage(id, json, now) { Topic = headers[topic] is [{ } said] ? said : null }));
    }
}
