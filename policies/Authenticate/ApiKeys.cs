using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Gateway.Policies.Authenticate;

/// <summary>All API keys of a workspace by the SHA-256 of the key. A look-up by hash tells nothing about a key by its timing.</summary>
public sealed class ApiKeys
{
    private const int MaxKeyLength = 256;

    private readonly FrozenDictionary<UInt128, (KeyHash Key, Consumer Consumer, string Id)> _byHash;

    public ApiKeys(IEnumerable<Consumer> consumers) => _byHash = consumers
        .SelectMany(c => c.KeyHashes.Select(key => (Key: key, Consumer: c, Id: Convert.ToHexStringLower(key.Sha256.Span)[..16])))
        .DistinctBy(k => Head(k.Key.Sha256.Span))
        .ToFrozenDictionary(k => Head(k.Key.Sha256.Span));

    /// <summary>The key, the consumer it belongs to, and an id of the key that tells nothing of it; null when it is nobody's, too long, or sent twice.</summary>
    public (KeyHash Key, Consumer Consumer, string Id)? Find(StringValues header)
    {
        if (header is not [{ Length: > 0 and <= MaxKeyLength } key]) return null;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> utf8 = stackalloc byte[MaxKeyLength * 3];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(key, utf8)], hash);
        return _byHash.TryGetValue(Head(hash), out var found) && CryptographicOperations.FixedTimeEquals(found.Key.Sha256.Span, hash) ? found : null;
    }

    private static UInt128 Head(ReadOnlySpan<byte> hash) => MemoryMarshal.Read<UInt128>(hash);
}
