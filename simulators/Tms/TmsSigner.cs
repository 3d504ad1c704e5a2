using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.Simulators;

/// <summary>
/// Signs webhooks as ShipEngine does: RSA-SHA256 over <c>{timestamp}.{body}</c>, base64, the time in ISO 8601
/// (docs.shipstation.com/apis/docs/guides/webhooks-validation). Its public keys are those of <c>GET /jwks</c>, an EC key among them that signs other things.
/// </summary>
public sealed class TmsSigner : IDisposable
{
    private readonly ECDsa _other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private RSA _key = RSA.Create(2048);
    private int _number = 1;

    private string KeyId => $"key-{_number}";

    /// <summary>From now on another key signs, and the one before is published no more.</summary>
    public void Rotate()
    {
        var before = _key;
        (_key, _number) = (RSA.Create(2048), _number + 1);
        before.Dispose();
    }

    /// <summary>The headers of a webhook.</summary>
    /// <param name="timestamp"><c>2026-11-29T08:30:00Z</c>.</param>
    public IEnumerable<(string Name, string Value)> Sign(string timestamp, byte[] body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes(timestamp + "."), .. body];
        return
        [
            ("x-shipengine-rsa-sha256-key-id", KeyId),
            ("x-shipengine-rsa-sha256-signature", Convert.ToBase64String(_key.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))),
            ("x-shipengine-timestamp", timestamp),
        ];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _key.Dispose();
        _other.Dispose();
    }

    internal void Sign(HttpRequestHeaders headers, HookToSign hook)
    {
        foreach (var (name, value) in Sign(TmsCarrier.Time(hook.At), hook.Body))
            headers.Add(name, value);
    }

    /// <summary>The JWK Set (RFC 7517).</summary>
    internal JsonObject Keys()
    {
        var (rsa, ec) = (_key.ExportParameters(false), _other.ExportParameters(false));
        return new JsonObject
        {
            ["keys"] = new JsonArray(
                new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["use"] = "sig", ["kid"] = "other", ["x"] = Text(ec.Q.X), ["y"] = Text(ec.Q.Y) },
                new JsonObject { ["kty"] = "RSA", ["use"] = "sig", ["alg"] = "RS256", ["kid"] = KeyId, ["n"] = Text(rsa.Modulus), ["e"] = Text(rsa.Exponent) }),
        };
    }

    private static string Text(byte[]? number) => System.Buffers.Text.Base64Url.EncodeToString(number);
}
