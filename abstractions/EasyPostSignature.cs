using System.Security.Cryptography;
using System.Text;

namespace Gateway;

/// <summary>Signatures in the manner of EasyPost: <c>X-Hmac-Signature: hmac-sha256-hex=…</c>, HMAC-SHA256 over the body (EasyPost, Webhooks Guide).</summary>
public static class EasyPostSignature
{
    public const string Header = "X-Hmac-Signature";

    private const string Prefix = "hmac-sha256-hex=";

    /// <summary>The header's value for a body.</summary>
    public static string Of(string secret, ReadOnlySpan<byte> body) => Prefix + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));

    /// <summary>The HMAC that a header's value says, 32 bytes; null where it is malformed.</summary>
    public static byte[]? Read(string value)
    {
        var hmac = new byte[HMACSHA256.HashSizeInBytes];
        return value.StartsWith(Prefix, StringComparison.Ordinal) && Convert.FromHexString(value.AsSpan(Prefix.Length), hmac, out _, out var length) == System.Buffers.OperationStatus.Done && length == hmac.Length
            ? hmac
            : null;
    }
}
