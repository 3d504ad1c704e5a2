using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace Gateway.Delivery.Webhooks;

/// <summary>
/// What deliveries are signed with, told apart by its prefix as Standard Webhooks has it: <c>whsec_</c> is shared with the receiver and signs
/// <c>v1</c> (HMAC-SHA256); <c>whsk_</c> is a key pair of our own and signs <c>v1a</c> (Ed25519), of which the receiver has the public half, <c>whpk_</c>.
/// </summary>
public static class SigningSecret
{
    private const string SharedPrefix = "whsec_";
    private const string PairPrefix = "whsk_";
    private const string PublicPrefix = "whpk_";
    private const string Version = "v1a,";

    private static readonly SignatureAlgorithm Algorithm = SignatureAlgorithm.Ed25519;

    /// <summary>Whether a text means to be a key pair, right or wrong.</summary>
    public static bool IsPair(string secret) => secret.StartsWith(PairPrefix, StringComparison.Ordinal);

    /// <summary>A new shared secret, of 32 random bytes.</summary>
    public static string New() => SharedPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>A new key pair.</summary>
    public static string NewPair()
    {
        using var key = Key.Create(Algorithm, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
        return PairPrefix + Convert.ToBase64String([.. key.Export(KeyBlobFormat.RawPrivateKey), .. key.PublicKey.Export(KeyBlobFormat.RawPublicKey)]);
    }

    /// <summary>The public half of a key pair, for receivers: <c>whpk_</c> and 32 bytes in base64. Null where the text is no key pair, or its halves don't belong together.</summary>
    public static string? PublicOf(string secret)
    {
        if (Seed(secret) is not var (seed, claimed)) return null;
        using var key = Key.Import(Algorithm, seed, KeyBlobFormat.RawPrivateKey);
        var made = key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        return made.AsSpan().SequenceEqual(claimed) ? PublicPrefix + Convert.ToBase64String(made) : null;
    }

    /// <summary>The value of <c>webhook-signature</c>: one signature per secret in their order, separated by spaces, so that the old and the new one hold while one replaces the other.</summary>
    /// <param name="timestamp">Unix time in seconds.</param>
    /// <exception cref="FormatException">A secret is neither. The message does not tell it.</exception>
    public static string Sign(string id, long timestamp, ReadOnlySpan<byte> body, IEnumerable<string> secrets)
    {
        var signatures = new List<string>();
        foreach (var secret in secrets) signatures.Add(IsPair(secret) ? SignPair(id, timestamp, body, secret) : WebhookSignature.Sign(id, timestamp, body, [secret]));
        return string.Join(' ', signatures);
    }

    private static string SignPair(string id, long timestamp, ReadOnlySpan<byte> body, string secret)
    {
        if (Seed(secret) is not var (seed, _)) throw new FormatException("A key pair of webhooks is whsk_ and 64 bytes in base64.");
        using var key = Key.Import(Algorithm, seed, KeyBlobFormat.RawPrivateKey);
        byte[] signed = [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")), .. body];
        return Version + Convert.ToBase64String(Algorithm.Sign(key, signed));
    }

    /// <summary>The two halves of a pair, 32 bytes each: seed and public key, as libsodium has them.</summary>
    private static (byte[] Seed, byte[] Public)? Seed(string secret)
    {
        Span<byte> pair = stackalloc byte[65];
        return IsPair(secret) && Convert.TryFromBase64String(secret[PairPrefix.Length..], pair, out var length) && length == 64
            ? (pair[..32].ToArray(), pair[32..64].ToArray())
            : null;
    }
}
