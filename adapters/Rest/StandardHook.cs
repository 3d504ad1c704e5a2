using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Gateway.Adapters.Rest;

/// <summary>Reads what a signed webhook tells; null where it tells nothing that can be read.</summary>
/// <param name="id">The sender's id of the message.</param>
internal delegate HookEvent? HookReader(string id, JsonElement body, DateTimeOffset received);

/// <summary>Webhooks signed by Standard Webhooks 1.0.0, version <c>v1</c>. Their id is the message's, the same over the sender's attempts.</summary>
internal sealed class StandardHook(HookOptions options, HookReader read) : InboundHook
{
    private const int MaxIdLength = 256;
    private const int MaxSignatures = 2048;

    public override long MaxBody => options.MaxBody;

    public override string? WrongSecret(string secret) => WebhookSignature.IsSecret(secret) ? null : "a secret of Standard Webhooks is whsec_ and 24 to 64 bytes in base64";

    public override HookVerdict Judge(IHeaderDictionary headers, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        // An id with a point in it could be read together with the time in two ways.
        if (headers[WebhookSignature.IdHeader] is not [{ Length: > 0 and <= MaxIdLength } id] || id.Contains('.')
            || headers[WebhookSignature.TimestampHeader] is not [{ } timestamp] || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || headers[WebhookSignature.SignatureHeader] is not [{ Length: > 0 and <= MaxSignatures } signatures])
            return new HookVerdict.Refused("webhook-malformed");
        if (!WebhookSignature.IsTimely(seconds, now)) return new HookVerdict.Refused("webhook-timestamp-off");
        var secrets = options.Secrets.Select(secret => secret.Reveal()).Where(WebhookSignature.IsSecret);
        return WebhookSignature.Verify(id, timestamp, body.Span, signatures, secrets, now) ? HookBody.Read(id, body, now, read) : new HookVerdict.Refused("webhook-signature-wrong");
    }
}
