using System.Security.Cryptography;
using System.Text;
using Gateway.Configuration.Yaml;
using Gateway.Policies.Authenticate.Signatures;

namespace Gateway.Configuration;

/// <summary>Keys that consumers sign with, as written; what can't be used is told.</summary>
internal sealed class SignatureKeyReader(Places places, ICollection<Diagnostic> diagnostics)
{
    private const int LeastSecretBytes = 16;
    private const string Label = "PUBLIC KEY";
    private const string Binary = "base64:";

    private readonly Dictionary<string, (string Consumer, int Count)> _ids = [];

    public IReadOnlyList<SignatureKey> Read(IReadOnlyList<SignatureKeyDocument> keys, string consumer) => [.. keys.Select(key => Read(key, consumer)).OfType<SignatureKey>()];

    private SignatureKey? Read(SignatureKeyDocument document, string consumer)
    {
        CheckId(document, consumer);
        if (!SignatureAlgorithms.All.Contains(document.Algorithm))
        {
            Error("GW5081", places.Of(document, nameof(document.Algorithm)), $"there is no signature algorithm '{document.Algorithm}'", Nearest.Cure(document.Algorithm, SignatureAlgorithms.All));
            return null;
        }
        var shared = SignatureAlgorithms.IsShared(document.Algorithm);
        var (hasKey, hasSecret) = (places.Has(document, nameof(document.PublicKey)), places.Has(document, nameof(document.Secret)));
        if (hasKey == shared || hasSecret != shared)
        {
            Error("GW5080", places.Of(document), shared ? $"a key of {document.Algorithm} is a secret, and nothing else" : $"a key of {document.Algorithm} is a public key, and nothing else",
                shared ? "write secret: secret://env/NAME, and no publicKey" : "write publicKey: and the PEM, and no secret");
            return null;
        }
        var material = shared ? SecretOf(document) : PublicKeyOf(document);
        return material is null ? null : new SignatureKey(document.Id, document.Algorithm, material) { Expires = document.Expires };
    }

    private void CheckId(SignatureKeyDocument document, string consumer)
    {
        var (owner, count) = _ids.GetValueOrDefault(document.Id, (consumer, 0));
        _ids[document.Id] = (owner, count + 1);
        var place = places.Of(document, nameof(document.Id));
        if (owner != consumer)
            Error("GW5083", place, $"the key '{document.Id}' belongs to the consumer '{owner}' already", $"give it an id of its own: {consumer}-1");
        else if (count == 2)
            Error("GW5083", place, $"more than two keys of '{consumer}' are called '{document.Id}'", "keep the one that is used and the one that replaces it");
    }

    private byte[]? PublicKeyOf(SignatureKeyDocument document)
    {
        var material = Der(document.PublicKey ?? "");
        var wrong = material is null ? "it is no public key in PEM" : SignatureAlgorithms.WhatIsWrong(document.Algorithm, material);
        if (wrong is null) return material;
        Error("GW5082", places.Of(document, nameof(document.PublicKey)), $"the key '{document.Id}' can't be used: {wrong}", "write publicKey: | and the lines from BEGIN PUBLIC KEY to END PUBLIC KEY; RSA keys have 2048 bits or more");
        return null;
    }

    /// <summary>The bytes of a key in PEM (RFC 7468 section 13); null where it is none.</summary>
    private static byte[]? Der(string pem) =>
        PemEncoding.TryFind(pem, out var fields) && pem[fields.Label] == Label ? Convert.FromBase64String(pem[fields.Base64Data]) : null;

    /// <summary>Empty while secrets are not resolved.</summary>
    private byte[]? SecretOf(SignatureKeyDocument document)
    {
        var text = document.Secret?.Reveal() ?? "";
        if (text.Length == 0) return [];
        var bytes = text.StartsWith(Binary, StringComparison.Ordinal) ? BytesOf(text[Binary.Length..]) : Encoding.UTF8.GetBytes(text);
        if (bytes.Length >= LeastSecretBytes) return bytes;
        Error("GW5082", places.Of(document, nameof(document.Secret)), $"the key '{document.Id}' can't be used: its secret is too short, or no base64", $"a secret has {LeastSecretBytes} bytes or more, as text or as base64: and its bytes");
        return null;
    }

    /// <summary>None where it is no base64.</summary>
    private static byte[] BytesOf(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? bytes[..length] : [];
    }

    private void Error(string code, Place place, string message, string cure) =>
        diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
}
