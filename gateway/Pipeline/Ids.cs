using System.Security.Cryptography;

namespace Gateway.Pipeline;

/// <summary>Opaque ids: a prefix that says what, and 128 random bits in base 32 without look-alikes.</summary>
public static class Ids
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    public static string New(string prefix) => $"{prefix}_{RandomNumberGenerator.GetString(Alphabet, 26)}";
}
