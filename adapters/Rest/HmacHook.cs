using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Gateway.Adapters.Rest;

/// <summary>
/// Webhooks with an HMAC over the body alone, in the manner of EasyPost. They have neither id nor time, so the id is the hash of what they say: the
/// same webhook again, be it an attempt of the sender's or a replay of somebody else's, is the same event.
/// </summary>
internal sealed class HmacHook(HookOptions options, HookReader read) : InboundHook
{
    private const int LeastSecret = 16;

    public override long MaxBody => options.MaxBody;

    public override string? WrongSecret(string secret) => secret.Length >= LeastSecret ? null : $"a secret has {LeastSecret} characters at least";

    public override HookVerdict Judge(IHeaderDictionary headers, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        if (headers[EasyPostSignature.Header] is not [{ } header] || EasyPostSignature.Read(header) is not { } given) return new HookVerdict.Refused("webhook-malformed");
        var holds = false;
        foreach (var secret in options.Secrets)
            holds |= secret.Reveal() is { Length: >= LeastSecret } value && CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(Encoding.UTF8.GetBytes(value), body.Span), given);
        return holds ? HookBody.Read(Convert.ToHexStringLower(SHA256.HashData(body.Span)), body, now, read) : new HookVerdict.Refused("webhook-signature-wrong");
    }
}
