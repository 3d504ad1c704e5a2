using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Keys;

/// <summary>
/// The form of issued keys: <c>gwk_ID_SECRET</c> and a check over it. The id is public, 12 characters; the secret has 52, 260 random bits;
/// the check 7, a CRC-32C, so that a scanner knows a key from a text that looks like one, and a mistyped key costs no hash. All are in
/// base 32 without look-alikes, in lower case.
/// </summary>
internal static class KeyText
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int IdLength = 12;
    private const int SecretLength = 52;
    private const int CheckLength = 7;
    private const int SecretAt = 4 + IdLength + 1;
    private const int CheckAt = SecretAt + SecretLength;

    /// <summary>Characters of a whole key.</summary>
    public const int Length = CheckAt + CheckLength;

    /// <summary>A new key, and its id.</summary>
    public static (string Id, string Key) New()
    {
        var id = RandomNumberGenerator.GetString(Alphabet, IdLength);
        var key = $"{IssuedKeys.Prefix}{id}_{RandomNumberGenerator.GetString(Alphabet, SecretLength)}";
        return (id, key + Check(key));
    }

    /// <summary>The id within a key; empty where the text is none.</summary>
    public static ReadOnlySpan<char> IdOf(ReadOnlySpan<char> key)
    {
        if (key.Length != Length || !key.StartsWith(IssuedKeys.Prefix, StringComparison.Ordinal) || key[SecretAt - 1] != '_') return default;
        Span<char> check = stackalloc char[CheckLength];
        Check(key[..CheckAt], check);
        return key[CheckAt..].SequenceEqual(check) ? key.Slice(IssuedKeys.Prefix.Length, IdLength) : default;
    }

    /// <summary>What is kept of a key.</summary>
    public static void Hash(ReadOnlySpan<byte> secret, ReadOnlySpan<char> key, Span<byte> hash)
    {
        Span<byte> utf8 = stackalloc byte[Length];
        HMACSHA256.HashData(secret, utf8[..Encoding.ASCII.GetBytes(key, utf8)], hash);
    }

    private static string Check(ReadOnlySpan<char> key)
    {
        Span<char> check = stackalloc char[CheckLength];
        Check(key, check);
        return check.ToString();
    }

    private static void Check(ReadOnlySpan<char> key, Span<char> check)
    {
        var crc = uint.MaxValue;
        foreach (var letter in key) crc = BitOperations.Crc32C(crc, (ushort)letter);
        for (var i = CheckLength - 1; i >= 0; i--, crc >>= 5) check[i] = Alphabet[(int)(crc & 31)];
    }
}
