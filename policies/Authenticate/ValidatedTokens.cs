using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Policies.Authenticate;

/// <summary>
/// Tokens that were validated, by the SHA-256 of the token, each until it ends or its issuer's keys change. A reload begins anew, so a
/// subject taken out of the workspace is out at once. Bounded, see <see cref="Generations{TKey, TValue}"/>.
/// </summary>
internal sealed class ValidatedTokens(TimeProvider clock)
{
    internal const int PerGeneration = 32 * 1024;

    private readonly Generations<TokenHash, ValidatedToken> _known = new(PerGeneration);

    /// <summary>The consumer a token was found to be; null when it must be validated.</summary>
    public Consumer? Find(in TokenHash token) =>
        _known.TryGet(token, out var known) && known.Until > clock.GetUtcNow() && ReferenceEquals(known.Keys, known.KeysInForce()) ? known.Consumer : null;

    public void Keep(in TokenHash token, ValidatedToken validated) => _known.Keep(token, validated);
}

/// <summary>What is known of a token.</summary>
/// <param name="Until">When it ends.</param>
/// <param name="Keys">What it was validated with.</param>
/// <param name="KeysInForce">The issuer's keys now; the token is good while they are the same object. Asked at every look-up.</param>
internal sealed record ValidatedToken(Consumer Consumer, DateTimeOffset Until, object Keys, Func<object?> KeysInForce);

/// <summary>The SHA-256 of a token: tokens themselves are not kept.</summary>
internal readonly record struct TokenHash(UInt128 First, UInt128 Second)
{
    private const int OnStack = 2048;

    public static TokenHash Of(ReadOnlySpan<char> token)
    {
        byte[]? rented = null;
        var length = Encoding.UTF8.GetByteCount(token);
        var utf8 = length <= OnStack ? stackalloc byte[OnStack] : rented = ArrayPool<byte>.Shared.Rent(length);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(token, utf8)], hash);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        return MemoryMarshal.Read<TokenHash>(hash);
    }

    // The bits of a cryptographic hash are as good as any hash of them.
    public override int GetHashCode() => (int)(ulong)First;
}
