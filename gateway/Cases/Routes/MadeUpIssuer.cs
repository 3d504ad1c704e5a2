using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Cases.Routes;

/// <summary>Stands for a declared token issuer: its discovery document and keys, and tokens that it signs.</summary>
internal sealed class MadeUpIssuer(IssuerOptions declared) : HttpMessageHandler
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    private static readonly Lazy<(ECDsaSecurityKey Own, ECDsaSecurityKey Forger)> Curve = new(() => (NewCurve("cases"), NewCurve("cases")));

    /// <summary>Made only where an issuer takes no signature on a curve: it takes a tenth of a second.</summary>
    private static readonly Lazy<(RsaSecurityKey Own, RsaSecurityKey Forger)> Rsa = new(() => (NewRsa("cases-rsa"), NewRsa("cases-rsa")));

    private bool OnCurve => declared.Algorithms.Contains(SecurityAlgorithms.EcdsaSha256);

    /// <summary>A token as the issuer would give it, or as the credentials say it is wrong.</summary>
    public string Sign(string subject, CaseCredentials credentials, IReadOnlyDictionary<string, string> claims, DateTimeOffset now)
    {
        var issued = credentials == CaseCredentials.ExpiredToken ? now - TimeSpan.FromDays(1) : now;
        var (own, forger) = OnCurve ? ((SecurityKey)Curve.Value.Own, (SecurityKey)Curve.Value.Forger) : (Rsa.Value.Own, Rsa.Value.Forger);
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = declared.Issuer.OriginalString,
            Audience = credentials == CaseCredentials.ForeignToken ? "somebody-else" : declared.Audience,
            NotBefore = issued.UtcDateTime,
            IssuedAt = issued.UtcDateTime,
            Expires = (issued + Life).UtcDateTime,
            Claims = claims.ToDictionary(c => c.Key, c => (object)c.Value).Concat([KeyValuePair.Create("sub", (object)subject)]).DistinctBy(c => c.Key).ToDictionary(),
            SigningCredentials = new SigningCredentials(
                credentials == CaseCredentials.ForgedToken ? forger : own, OnCurve ? SecurityAlgorithms.EcdsaSha256 : declared.Algorithms.FirstOrDefault(a => a.StartsWith("PS", StringComparison.Ordinal) || a.StartsWith("RS", StringComparison.Ordinal)) ?? SecurityAlgorithms.RsaSha256),
        });
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var isDiscovery = request.RequestUri!.AbsolutePath.EndsWith("/.well-known/openid-configuration", StringComparison.Ordinal);
        var content = new ByteArrayContent(isDiscovery
            ? JsonSerializer.SerializeToUtf8Bytes(new { issuer = declared.Issuer.OriginalString, jwks_uri = new Uri(declared.Issuer, "/keys").AbsoluteUri })
            : Encoding.UTF8.GetBytes($"{{\"keys\":[{JsonSerializer.Serialize(PublicKey())}]}}"));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content, RequestMessage = request });
    }

    private Dictionary<string, string> PublicKey()
    {
        if (OnCurve)
        {
            var point = Curve.Value.Own.ECDsa.ExportParameters(includePrivateParameters: false).Q;
            return new() { ["kty"] = "EC", ["use"] = "sig", ["kid"] = "cases", ["crv"] = "P-256", ["x"] = Base64UrlEncoder.Encode(point.X), ["y"] = Base64UrlEncoder.Encode(point.Y) };
        }
        var key = Rsa.Value.Own.Rsa.ExportParameters(includePrivateParameters: false);
        return new() { ["kty"] = "RSA", ["use"] = "sig", ["kid"] = "cases-rsa", ["n"] = Base64UrlEncoder.Encode(key.Modulus), ["e"] = Base64UrlEncoder.Encode(key.Exponent) };
    }

    private static ECDsaSecurityKey NewCurve(string id) => new(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = id };

    private static RsaSecurityKey NewRsa(string id) => new(RSA.Create(2048)) { KeyId = id };
}
