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

    private readonly FrozenDictionary<UInt128, (ReadOnlyMemory<byte> Hash, Consumer Consumer)> _byHash;

    public ApiKeys(IEnumerable<Consumer> consumers) => _byHash = consumers
        .SelectMany(c => c.KeyHashes.Select(hash => (Hash: hash, Consumer: c)))
        .DistinctBy(k => Head(k.Hash.Span))
        .ToFrozenDictionary(k => Head(k.Hash.Span));

    /// <summary>The consumer a key belongs to; null when it is nobody's, too long, or sent twice.</summary>
    public Consumer? Find(StringValues header)
    {
        if (header is not [{ Length: > 0 and <= MaxKeyLength } key]) return null;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> utf8 = stackalloc byte[MaxKeyLength * 3];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(key, utf8)], hash);
        return _byHash.TryGetValue(Head(hash), out var found) && CryptographicOperations.FixedTimeEquals(found.Hash.Span, hash) ? found.Consumer : null;
    }

    private static UInt128 Head(ReadOnlySpan<byte> hash) => MemoryMarshal.Read<UInt128>(hash);
}
