using System.Globalization;
using System.Text;
using Gateway.Policies.Authenticate.Signatures;

namespace Gateway.Policies.Authenticate.Webhooks;

/// <summary>
/// Webhooks signed by Standard Webhooks 1.0.0, version <c>v1</c>. One message is let in once; when its sender tries again, with the same id, the
/// time is a new one, so that a retry is not taken for a replay.
/// </summary>
internal sealed class StandardWebhookWay(Consumer consumer, IReadOnlyList<string> secrets, ReplayMemory memory, TimeProvider clock) : WayIn
{
    private const int MaxIdLength = 256;
    private const int MaxSignatures = 2048;

    public override bool IsPresented(Exchange exchange) => exchange.Http.Request.Headers.ContainsKey(WebhookSignature.SignatureHeader);

    public override string? ClaimedBy(Exchange exchange) => consumer.Name;

    public override async ValueTask<Verdict> JudgeAsync(Exchange exchange)
    {
        var headers = exchange.Http.Request.Headers;
        // An id with a point in it could be read together with the time in two ways.
        if (headers[WebhookSignature.IdHeader] is not [{ Length: > 0 and <= MaxIdLength } id] || id.Contains('.')
            || headers[WebhookSignature.TimestampHeader] is not [{ } timestamp] || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || headers[WebhookSignature.SignatureHeader] is not [{ Length: <= MaxSignatures } signatures])
            return Refuse("webhook-malformed");
        var now = clock.GetUtcNow();
        if (!WebhookSignature.IsTimely(seconds, now)) return Refuse("webhook-timestamp-off");
        if (!WebhookSignature.Verify(id, timestamp, exchange.Bytes!.Value.Span, signatures, secrets, now)) return Refuse("webhook-signature-wrong");
        var signed = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"webhook\n{id}\n{seconds}"));
        var again = await memory.RememberAsync(signed, DateTimeOffset.FromUnixTimeSeconds(seconds), WebhookSignature.Tolerance, exchange.Store, exchange.Aborted);
        return again is null ? Verdict.Admit(consumer) : Refuse(again);
    }

    /// <summary>The id and the time stay: who works on a message knows a repeat by them.</summary>
    public override void TakeOff(Exchange exchange) => exchange.Http.Request.Headers.Remove(WebhookSignature.SignatureHeader);

    private static Verdict Refuse(string reason) => Verdict.Refuse(reason, "The webhook's signature is not valid.");
}
