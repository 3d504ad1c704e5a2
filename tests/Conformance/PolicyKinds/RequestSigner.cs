using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;
using HashAlgorithmName = System.Security.Cryptography.HashAlgorithmName;

namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>A caller's key, and how it signs. Written by the standard and not by the gateway's own code.</summary>
/// <param name="Written">The key's members in YAML: <c>publicKey</c> in PEM, or <c>secret</c>.</param>
internal sealed record RequestSigner(string KeyId, string Algorithm, Func<byte[], byte[]> Sign, string Written)
{
    private const int Indent = 12;

    public static RequestSigner Ed25519(string id)
    {
        var key = Key.Create(SignatureAlgorithm.Ed25519);
        return new(id, "ed25519", data => SignatureAlgorithm.Ed25519.Sign(key, data), Pem(key.PublicKey.Export(KeyBlobFormat.PkixPublicKey)));
    }

    public static RequestSigner Ecdsa(string id, ECCurve curve, HashAlgorithmName hash, string algorithm)
    {
        var key = ECDsa.Create(curve);
        return new(id, algorithm, data => key.SignData(data, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation), Pem(key.ExportSubjectPublicKeyInfo()));
    }

    public static RequestSigner Ecdsa(string id) => Ecdsa(id, ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256, "ecdsa-p256-sha256");

    public static RequestSigner Rsa(string id, HashAlgorithmName hash, RSASignaturePadding padding, string algorithm)
    {
        var key = RSA.Create(2048);
        return new(id, algorithm, data => key.SignData(data, hash, padding), Pem(key.ExportSubjectPublicKeyInfo()));
    }

    public static RequestSigner Hmac(string id, string secret) => new(id, "hmac-sha256", data => HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), data), $"secret: secret://demo/{secret}");

    /// <summary>An entry of <c>signatureKeys</c>.</summary>
    public string Yaml(string more = "") => $"          - id: {KeyId}\n            algorithm: {Algorithm}\n            {Written}\n{(more.Length == 0 ? "" : $"            {more}\n")}";

    public static string Pem(byte[] spki)
    {
        var blanks = new string(' ', Indent + 2);
        return "publicKey: |\n" + string.Join('\n', PemEncoding.WriteString("PUBLIC KEY", spki).Split('\n').Select(line => blanks + line));
    }
}

/// <summary>A request to be signed by RFC 9421, and what its signature covers.</summary>
internal sealed record SignedRequest(Uri Gateway)
{
    public static readonly IReadOnlyList<string> Usual = ["@method", "@target-uri", "content-digest"];

    private static int _nonces;

    public string Method { get; init; } = "POST";

    public string Target { get; init; } = "/signed/1?b=2&a=1";

    /// <summary>Scheme and host as the caller knows them.</summary>
    public Uri? Address { get; init; }

    public string Body { get; init; } = "{\"hello\":\"world\"}";

    public IReadOnlyList<string> Covers { get; init; } = Usual;

    public string Label { get; init; } = "sig1";

    public DateTimeOffset Created { get; init; } = TimeProvider.System.GetUtcNow();

    /// <summary>Parameters of the signature, without the list.</summary>
    public string? Parameters { get; init; }

    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>The request with its signature, ready to be sent or to be tampered with.</summary>
    public HttpRequestMessage Sign(params IReadOnlyList<RequestSigner> signers)
    {
        var message = new HttpRequestMessage(new HttpMethod(Method), new Uri(Gateway, Target));
        if (Body.Length > 0)
        {
            message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Body)) { Headers = { ContentType = new("application/json") } };
            Headers["content-digest"] = $"sha-256=:{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Body)))}:";
        }
        foreach (var (name, value) in Headers) message.Headers.TryAddWithoutValidation(name, value);
        var (inputs, signatures) = (new List<string>(), new List<string>());
        foreach (var (i, signer) in signers.Index())
        {
            var parameters = Parameters ?? $";created={Created.ToUnixTimeSeconds()};keyid=\"{signer.KeyId}\";nonce=\"n-{Interlocked.Increment(ref _nonces)}\"";
            var input = $"({string.Join(' ', Covers.Select(c => $"\"{c}\""))}){parameters}";
            var text = string.Concat(Covers.Select(c => $"\"{c}\": {ValueOf(c)}\n")) + $"\"@signature-params\": {input}";
            inputs.Add($"{Label}{(i == 0 ? "" : i)}={input}");
            signatures.Add(string.Create(CultureInfo.InvariantCulture, $"{Label}{(i == 0 ? "" : i)}=:{Convert.ToBase64String(signer.Sign(Encoding.UTF8.GetBytes(text)))}:"));
        }
        message.Headers.TryAddWithoutValidation("Signature-Input", string.Join(", ", inputs));
        message.Headers.TryAddWithoutValidation("Signature", string.Join(", ", signatures));
        return message;
    }

    private string ValueOf(string component)
    {
        var (address, query) = (Address ?? Gateway, Target.IndexOf('?', StringComparison.Ordinal));
        return component switch
        {
            "@method" => Method,
            "@target-uri" => $"{address.Scheme}://{address.Authority}{Target}",
            "@authority" => address.Authority,
            "@path" => query < 0 ? Target : Target[..query],
            "@query" => query < 0 ? "?" : Target[query..],
            "@request-target" => Target,
            _ => Headers[component],
        };
    }
}
