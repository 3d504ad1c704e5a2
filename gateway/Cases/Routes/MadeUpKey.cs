using System.Security.Cryptography;
using System.Text;
using Gateway.Policies.Authenticate.Signatures;
using NSec.Cryptography;

namespace Gateway.Cases.Routes;

/// <summary>
/// What stands in cases for a key that a consumer signs with: a secret for a secret, and a key of Ed25519 for any public key, whose other half
/// nobody has here. Made of the key's id, so that who checks and who signs need not meet.
/// </summary>
internal static class MadeUpKey
{
    private const string Ed25519 = "ed25519";

    public static SignatureKey Of(SignatureKey declared) => SignatureAlgorithms.IsShared(declared.Algorithm)
        ? declared with { Material = Seed(declared, forged: false) }
        : new SignatureKey(declared.Id, Ed25519, Pair(declared, forged: false).PublicKey.Export(KeyBlobFormat.PkixPublicKey)) { Expires = declared.Expires };

    /// <summary>The secret of a made-up key, or another one.</summary>
    public static byte[] Seed(SignatureKey key, bool forged) => SHA256.HashData(Encoding.UTF8.GetBytes($"{key.Id} in cases{(forged ? ", forged" : "")}"));

    /// <summary>Signs by a made-up key, or by another one.</summary>
    public static byte[] Sign(SignatureKey key, byte[] data, bool forged) =>
        key.Algorithm == Ed25519 ? SignatureAlgorithm.Ed25519.Sign(Pair(key, forged), data) : HMACSHA256.HashData(Seed(key, forged), data);

    private static Key Pair(SignatureKey key, bool forged) => Key.Import(SignatureAlgorithm.Ed25519, Seed(key, forged), KeyBlobFormat.RawPrivateKey);
}
