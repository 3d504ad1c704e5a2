using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gateway.Adapters.Rest;
using Microsoft.AspNetCore.Http;

namespace Gateway.Adapters.Tms;

/// <summary>
/// Webhooks as ShipEngine signs them: RSASSA-PKCS1-v1_5 with SHA-256 over <c>{timestamp}.{body}</c> in base64, beside the time, ISO 8601, and the id of the key
/// (docs.shipstation.com/apis/docs/guides/webhooks-validation). They have no id, so it is the hash of what they say: the same webhook again, be it an attempt
/// of the sender's or a replay of somebody else's, is the same event.
/// </summary>
/// <param name="wrongType">How to name an event; null where the name is one.</param>
internal sealed class PlatformHook(HookOptions options, PlatformKeys keys, HookReader read, Func<string, string?> wrongType) : InboundHook
{
    private const string KeyHeader = "x-shipengine-rsa-sha256-key-id";
    private const string SignatureHeader = "x-shipengine-rsa-sha256-signature";
    private const string TimestampHeader = "x-shipengine-timestamp";
    private const int MaxText = 128;
    private const int MaxSignature = 2048;

    /// <summary>How far its clock and ours may be apart, and the longest that a webhook of somebody else's may be replayed.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    public override long MaxBody => options.MaxBody;

    public override bool TakesSecrets => false;

    public override string? WrongSecret(string secret) => "the platform signs with keys that it publishes";

    public override string? WrongType(string type) => wrongType(type);

    public override async ValueTask<HookVerdict> JudgeAsync(IHeaderDictionary headers, ReadOnlyMemory<byte> body, DateTimeOffset now, CancellationToken cancellation)
    {
        if (headers[KeyHeader] is not [{ Length: > 0 and <= MaxText } id] || headers[TimestampHeader] is not [{ Length: > 0 and <= MaxText } timestamp]
            || headers[SignatureHeader] is not [{ Length: > 0 and <= MaxSignature } text] || SignatureOf(text) is not { } signature
            || !DateTimeOffset.TryParse(timestamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var sent))
            return new HookVerdict.Refused("webhook-malformed");
        if ((now - sent).Duration() > Tolerance) return new HookVerdict.Refused("webhook-timestamp-off");
        var (key, trouble) = await keys.FindAsync(id, cancellation);
        if (trouble is not null) return new HookVerdict.NotNow(trouble);
        if (key is not { } parameters) return new HookVerdict.Refused("webhook-key-unknown");
        return Holds(parameters, timestamp, body.Span, signature)
            ? HookBody.Read(body, json => read(new SignedMessage(Convert.ToHexStringLower(SHA256.HashData(body.Span)), json, now)))
            : new HookVerdict.Refused("webhook-signature-wrong");
    }

    private static bool Holds(RSAParameters key, string timestamp, ReadOnlySpan<byte> body, byte[] signature)
    {
        using var rsa = RSA.Create(key);
        byte[] signed = [.. Encoding.UTF8.GetBytes(timestamp), (byte)'.', .. body];
        return rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static byte[]? SignatureOf(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }
}
