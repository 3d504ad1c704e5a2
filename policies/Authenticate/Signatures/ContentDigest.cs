using System.Security.Cryptography;

namespace Gateway.Policies.Authenticate.Signatures;

/// <summary>The digest of a body that a request names itself (RFC 9530 section 2).</summary>
public static class ContentDigest
{
    public const string Header = "Content-Digest";

    /// <summary>
    /// Whether every digest of <c>sha-256</c> and <c>sha-512</c> in the field is the content's; false where there is neither. Others are
    /// insecure or unknown, and say nothing.
    /// </summary>
    public static bool Holds(string field, ReadOnlySpan<byte> content)
    {
        if (FieldReader.Dictionary(field) is not { } digests) return false;
        var known = 0;
        Span<byte> hash = stackalloc byte[SHA512.HashSizeInBytes];
        foreach (var digest in digests)
        {
            var length = digest.Name switch
            {
                "sha-256" => SHA256.HashData(content, hash),
                "sha-512" => SHA512.HashData(content, hash),
                _ => 0,
            };
            if (length == 0) continue;
            if (digest.Value is not FieldValue.Bytes { Value: var given } || !CryptographicOperations.FixedTimeEquals(given.Span, hash[..length])) return false;
            known++;
        }
        return known > 0;
    }

    /// <summary>The field for a body, by SHA-256.</summary>
    public static string Of(ReadOnlySpan<byte> content) => $"sha-256=:{Convert.ToBase64String(SHA256.HashData(content))}:";
}
