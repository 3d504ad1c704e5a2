using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Gateway.Adapters.Rest;

/// <summary>Whether a webhook is signed as Standard Webhooks 1.0.0 says, version <c>v1</c>, with one of the backend's secrets.</summary>
internal static class StandardSignature
{
    private const int MaxIdLength = 256;
    private const int MaxSignatures = 2048;

    /// <summary>Why a text can be no secret of this scheme, for operators; null where it can.</summary>
    public static string? WrongSecret(string secret) => WebhookSignature.IsSecret(secret) ? null : "a secret of Standard Webhooks is whsec_ and 24 to 64 bytes in base64";

    /// <summary>The message's id; or why it is not proven to be the backend's.</summary>
    public static (string Id, HookVerdict.Refused? Refused) Judge(IHeaderDictionary headers, ReadOnlySpan<byte> body, IReadOnlyList<Secret> secrets, DateTimeOffset now)
    {
        // An id with a point in it could be read together with the time in two ways.
        if (headers[WebhookSignature.IdHeader] is not [{ Length: > 0 and <= MaxIdLength } id] || id.Contains('.')
            || headers[WebhookSignature.TimestampHeader] is not [{ } timestamp] || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || headers[WebhookSignature.SignatureHeader] is not [{ Length: > 0 and <= MaxSignatures } signatures])
            return ("", new HookVerdict.Refused("webhook-malformed"));
        if (!WebhookSignature.IsTimely(seconds, now)) return (id, new HookVerdict.Refused("webhook-timestamp-off"));
        var known = secrets.Select(secret => secret.Reveal()).Where(WebhookSignature.IsSecret);
        return (id, WebhookSignature.Verify(id, timestamp, body, signatures, known, now) ? null : new HookVerdict.Refused("webhook-signature-wrong"));
    }
}
