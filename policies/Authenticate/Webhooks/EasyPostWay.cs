using System.Security.Cryptography;
using System.Text;

namespace Gateway.Policies.Authenticate.Webhooks;

/// <summary>
/// Webhooks as EasyPost signs them: <c>X-Hmac-Signature: hmac-sha256-hex=…</c>, over the body alone. They have no time, so nothing tells a replay
/// from a retry: what works on them must take each event once, by its id.
/// </summary>
internal sealed class EasyPostWay(Consumer consumer, IReadOnlyList<string> secrets) : WayIn
{
    private const string Detail = "The webhook's signature is not valid.";

    private readonly IReadOnlyList<byte[]> _keys = [.. secrets.Select(Encoding.UTF8.GetBytes)];

    public override bool IsPresented(Exchange exchange) => exchange.Http.Request.Headers.ContainsKey(EasyPostSignature.Header);

    public override string? ClaimedBy(Exchange exchange) => consumer.Name;

    public override ValueTask<Verdict> JudgeAsync(Exchange exchange)
    {
        if (exchange.Http.Request.Headers[EasyPostSignature.Header] is not [{ } header] || EasyPostSignature.Read(header) is not { } given) return Verdict.Refuse("webhook-malformed", Detail);
        var holds = false;
        foreach (var key in _keys) holds |= CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(key, exchange.Bytes!.Value.Span), given);
        return holds ? Verdict.Admit(consumer) : Verdict.Refuse("webhook-signature-wrong", Detail);
    }

    public override void TakeOff(Exchange exchange) => exchange.Http.Request.Headers.Remove(EasyPostSignature.Header);
}
