using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Policies.Authenticate;

/// <summary>
/// Tokens that were validated, by the SHA-256 of the token, each until it ends or its issuer's keys change. A reload begins anew, so a
/// subject taken out of the workspace is out at once. Bounded: two generations of at most <see cref="PerGeneration"/>; what is asked for moves
/// to the younger, and when that is full the older is forgotten. A flood of new tokens costs memory up to that bound, and no known token
/// that is in use.
/// </summary>
internal sealed class ValidatedTokens(TimeProvider clock)
{
    internal const int PerGeneration = 32 * 1024;

    private readonly Lock _turning = new();
    private volatile ConcurrentDictionary<TokenHash, Validated> _younger = new();
    private volatile ConcurrentDictionary<TokenHash, Validated> _older = new();

    /// <summary>The consumer a token was found to be; null when it must be validated.</summary>
    public Consumer? Find(in TokenHash token)
    {
        if (!_younger.TryGetValue(token, out var known))
        {
            if (!_older.TryGetValue(token, out known)) return null;
            Keep(token, known);
        }
        return known.Until > clock.GetUtcNow() && known.Holds() ? known.Consumer : null;
    }

    /// <param name="until">When the token ends.</param>
    /// <param name="holds">Whether what it was validated with, the issuer's keys, is still in force; asked at every look-up.</param>
    public void Add(in TokenHash token, Consumer consumer, DateTimeOffset until, Func<bool> holds) => Keep(token, new Validated(consumer, until, holds));

    private void Keep(in TokenHash token, Validated validated)
    {
        var younger = _younger;
        younger[token] = validated;
        if (younger.Count <= PerGeneration) return;
        lock (_turning)
        {
            if (_younger != younger) return;
            _older = younger;
            _younger = new();
        }
    }

    private sealed record Validated(Consumer Consumer, DateTimeOffset Until, Func<bool> Holds);
}

/// <summary>The SHA-256 of a token: tokens themselves are not kept.</summary>
internal readonly record struct TokenHash(UInt128 First, UInt128 Second)
{
    private const int OnStack = 2048;

    public static TokenHash Of(ReadOnlySpan<char> token)
    {
        byte[]? rented = null;
        var length = Encoding.UTF8.GetMaxByteCount(token.Length);
        var utf8 = length <= OnStack ? stackalloc byte[OnStack] : rented = ArrayPool<byte>.Shared.Rent(length);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(token, utf8)], hash);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        return MemoryMarshal.Read<TokenHash>(hash);
    }

    // The bits of a cryptographic hash are as good as any hash of them.
    public override int GetHashCode() => (int)(ulong)First;
}
