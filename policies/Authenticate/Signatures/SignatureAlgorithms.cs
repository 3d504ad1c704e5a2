using System.Collections.Concurrent;
using System.Security.Cryptography;
using NSec.Cryptography;

namespace Gateway.Policies.Authenticate.Signatures;

/// <summary>Algorithms of keys that callers sign with, by their names in the registry of RFC 9421 (section 6.2).</summary>
public static class SignatureAlgorithms
{
    public const string HmacSha256 = "hmac-sha256";

    /// <summary>For plain HMAC alone: the registry has no such name.</summary>
    public const string HmacSha512 = "hmac-sha512";

    private const string Ed25519 = "ed25519";
    private const string EcdsaP256 = "ecdsa-p256-sha256";
    private const string EcdsaP384 = "ecdsa-p384-sha384";
    private const string RsaPss = "rsa-pss-sha512";
    private const string RsaV15 = "rsa-v1_5-sha256";
    private const int LeastRsaBits = 2048;

    /// <summary>All there are.</summary>
    public static readonly IReadOnlyList<string> All = [Ed25519, EcdsaP256, EcdsaP384, RsaPss, RsaV15, HmacSha256, HmacSha512];

    /// <summary>Whether both sides know the key: a secret, and no public key.</summary>
    public static bool IsShared(string algorithm) => algorithm is HmacSha256 or HmacSha512;

    /// <summary>What is wrong with a public key of an algorithm; null where it can be used.</summary>
    /// <param name="material">SubjectPublicKeyInfo.</param>
    public static string? WhatIsWrong(string algorithm, ReadOnlySpan<byte> material)
    {
        try
        {
            return Open(algorithm, material.ToArray()) is null ? $"it is no key for {algorithm}" : null;
        }
        catch (CryptographicException)
        {
            return $"it is no key for {algorithm}";
        }
    }

    /// <summary>What checks signatures by a key; null where the key is not one of the algorithm's, or too weak.</summary>
    /// <exception cref="CryptographicException">It is no key at all.</exception>
    internal static SignatureCheck? Open(string algorithm, byte[] material) => algorithm switch
    {
        HmacSha256 => (data, signature) => CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(material, data), signature),
        Ed25519 => Edwards(material),
        EcdsaP256 => Ecdsa(material, "1.2.840.10045.3.1.7", HashAlgorithmName.SHA256),
        EcdsaP384 => Ecdsa(material, "1.3.132.0.34", HashAlgorithmName.SHA384),
        RsaPss => Rsa(material, HashAlgorithmName.SHA512, RSASignaturePadding.Pss),
        RsaV15 => Rsa(material, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        _ => null,
    };

    private static SignatureCheck? Edwards(byte[] material) =>
        PublicKey.TryImport(SignatureAlgorithm.Ed25519, material, KeyBlobFormat.PkixPublicKey, out var key) && key is not null
            ? (data, signature) => SignatureAlgorithm.Ed25519.Verify(key, data, signature)
            : null;

    /// <summary>Signatures are r and s of fixed length, one after the other (RFC 9421 section 3.3.4).</summary>
    private static SignatureCheck? Ecdsa(byte[] material, string curve, HashAlgorithmName hash)
    {
        var keys = new KeyPool<ECDsa>(() => Import(ECDsa.Create(), material));
        if (keys.Use(key => key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value != curve)) return null;
        return (data, signature) => keys.Check(data, signature, (key, d, s) => key.VerifyData(d, s, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    private static SignatureCheck? Rsa(byte[] material, HashAlgorithmName hash, RSASignaturePadding padding)
    {
        var keys = new KeyPool<RSA>(() => Import(RSA.Create(), material));
        if (keys.Use(key => key.KeySize < LeastRsaBits)) return null;
        return (data, signature) => keys.Check(data, signature, (key, d, s) => key.VerifyData(d, s, hash, padding));
    }

    private static T Import<T>(T key, byte[] material)
        where T : AsymmetricAlgorithm
    {
        key.ImportSubjectPublicKeyInfo(material, out var read);
        return read == material.Length ? key : throw new CryptographicException();
    }

    /// <summary>Keys of the framework serve one caller at a time.</summary>
    private sealed class KeyPool<T>(Func<T> create)
    {
        private readonly ConcurrentBag<T> _idle = [];

        public bool Use(Func<T, bool> ask)
        {
            var key = _idle.TryTake(out var idle) ? idle : create();
            var answer = ask(key);
            _idle.Add(key);
            return answer;
        }

        public bool Check(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, Checking<T> check)
        {
            var key = _idle.TryTake(out var idle) ? idle : create();
            var holds = check(key, data, signature);
            _idle.Add(key);
            return holds;
        }
    }

    private delegate bool Checking<in T>(T key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);
}

/// <summary>Whether a signature is the key's, over the data. The time it takes tells nothing of a secret.</summary>
internal delegate bool SignatureCheck(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);
