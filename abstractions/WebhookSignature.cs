using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gateway;

/// <summary>Signatures of the Standard Webhooks specification 1.0.0: version <c>v1</c>, HMAC-SHA256 over <c>{id}.{timestamp}.{body}</c>.</summary>
public static class WebhookSignature
{
    public const string IdHeader = "webhook-id";
    public const string TimestampHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";

    private const string SecretPrefix = "whsec_";
    private const string Version = "v1,";

    /// <summary>How far a timestamp may be off, either way, before a receiver takes the message for a replayed one.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>Whether a text is a symmetric signing secret: <c>whsec_</c> and 24 to 64 bytes in base64, as the specification asks.</summary>
    public static bool IsSecret(string secret)
    {
        Span<byte> key = stackalloc byte[65];
        return secret.StartsWith(SecretPrefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(secret[SecretPrefix.Length..], key, out var length)
            && length is >= 24 and <= 64;
    }

    /// <summary>The value of <c>webhook-signature</c>: one signature per secret, separated by spaces.</summary>
    /// <param name="timestamp">Unix time in seconds.</param>
    /// <param name="secrets"><c>whsec_</c> and base64; the prefix may be missing.</param>
    /// <exception cref="FormatException">A secret is not base64.</exception>
    public static string Sign(string id, long timestamp, ReadOnlySpan<byte> body, IEnumerable<string> secrets)
    {
        var content = Content(id, timestamp, body);
        return string.Join(' ', secrets.Select(secret => Signature(secret, content)));
    }

    /// <summary>True when the timestamp is within <see cref="Tolerance"/> of <paramref name="now"/> and one signature is one of the secrets'.</summary>
    public static bool Verify(string id, string timestamp, ReadOnlySpan<byte> body, string signatures, IEnumerable<string> secrets, DateTimeOffset now)
    {
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || !IsTimely(seconds, now)) return false;
        var content = Content(id, seconds, body);
        var given = signatures.Split(' ').Select(Encoding.UTF8.GetBytes).ToList();
        var valid = false;
        foreach (var secret in secrets)
        {
            var expected = Encoding.UTF8.GetBytes(Signature(secret, content));
            foreach (var signature in given) valid |= CryptographicOperations.FixedTimeEquals(expected, signature);
        }

        return valid;
    }

    /// <summary>Whether a timestamp is within <see cref="Tolerance"/> of <paramref name="now"/>.</summary>
    /// <param name="timestamp">Unix time in seconds, not negative.</param>
    public static bool IsTimely(long timestamp, DateTimeOffset now) => Math.Abs(now.ToUnixTimeSeconds() - timestamp) <= Tolerance.TotalSeconds;

    private static string Signature(string secret, byte[] content) => Version + Convert.ToBase64String(HMACSHA256.HashData(Key(secret), content));

    private static byte[] Content(string id, long timestamp, ReadOnlySpan<byte> body)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}."));
        return [.. head, .. body];
    }

    private static byte[] Key(string secret) =>
        Convert.FromBase64String(secret.StartsWith(SecretPrefix, StringComparison.Ordinal) ? secret[SecretPrefix.Length..] : secret);
}
