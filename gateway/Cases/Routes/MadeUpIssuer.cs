using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Cases.Routes;

/// <summary>Stands for a declared token issuer: its discovery document and keys, tokens that it signs, and what it says of them when it is asked.</summary>
internal sealed class MadeUpIssuer(IssuerOptions declared) : HttpMessageHandler
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    private static readonly Lazy<(ECDsaSecurityKey Own, ECDsaSecurityKey Forger)> Curve = new(() => (NewCurve("cases"), NewCurve("cases")));

    /// <summary>Made only where an issuer takes no signature on a curve: it takes a tenth of a second.</summary>
    private static readonly Lazy<(RsaSecurityKey Own, RsaSecurityKey Forger)> Rsa = new(() => (NewRsa("cases-rsa"), NewRsa("cases-rsa")));

    private bool OnCurve => declared.Algorithms.Contains(SecurityAlgorithms.EcdsaSha256);

    /// <summary>A token as the issuer would give it, or as the credentials say it is wrong.</summary>
    /// <param name="subject">As it stands behind the issuer's name in the workspace: with its tenant, where the issuer has several.</param>
    public string Sign(string subject, CaseCredentials credentials, IReadOnlyDictionary<string, string> claims, DateTimeOffset now)
    {
        var issued = credentials == CaseCredentials.ExpiredToken ? now - TimeSpan.FromDays(1) : now;
        var (own, forger) = OnCurve ? ((SecurityKey)Curve.Value.Own, (SecurityKey)Curve.Value.Forger) : (Rsa.Value.Own, Rsa.Value.Forger);
        var (signer, named) = Named(subject);
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = signer,
            Audience = credentials == CaseCredentials.ForeignToken ? "somebody-else" : declared.Audience,
            NotBefore = issued.UtcDateTime,
            IssuedAt = issued.UtcDateTime,
            Expires = (issued + Life).UtcDateTime,
            Claims = claims.Select(c => KeyValuePair.Create(c.Key, (object)c.Value)).Concat(named).DistinctBy(c => c.Key).ToDictionary(),
            SigningCredentials = new SigningCredentials(
                credentials == CaseCredentials.ForgedToken ? forger : own, OnCurve ? SecurityAlgorithms.EcdsaSha256 : declared.Algorithms.FirstOrDefault(a => a.StartsWith("PS", StringComparison.Ordinal) || a.StartsWith("RS", StringComparison.Ordinal)) ?? SecurityAlgorithms.RsaSha256),
        });
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method == HttpMethod.Post) return IntrospectAsync(request, cancellationToken);
        var isDiscovery = request.RequestUri!.AbsolutePath.EndsWith("/.well-known/openid-configuration", StringComparison.Ordinal);
        return Task.FromResult(Answer(request, isDiscovery
            ? JsonSerializer.SerializeToUtf8Bytes(new { issuer = declared.Issuer.OriginalString, jwks_uri = Beside("/keys"), introspection_endpoint = Beside("/introspect") })
            : Encoding.UTF8.GetBytes($"{{\"keys\":[{JsonSerializer.Serialize(PublicKey())}]}}")));
    }

    /// <summary>What stands in a token that it signed itself (RFC 7662 section 2.2); of others it says no more than that they are not active.</summary>
    private async Task<HttpResponseMessage> IntrospectAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var form = QueryHelpers.ParseQuery(await request.Content!.ReadAsStringAsync(cancellation));
        var token = new JsonWebToken(form["token"].ToString());
        var signed = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKey = OnCurve ? Curve.Value.Own : Rsa.Value.Own,
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidateLifetime = false,
        });
        var said = signed.IsValid ? JsonNode.Parse(Base64UrlEncoder.Decode(token.EncodedPayload))!.AsObject() : [];
        said["active"] = signed.IsValid;
        return Answer(request, JsonSerializer.SerializeToUtf8Bytes(said));
    }

    private static HttpResponseMessage Answer(HttpRequestMessage request, byte[] json) => new(HttpStatusCode.OK)
    {
        Content = new ByteArrayContent(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        RequestMessage = request,
    };

    private string Beside(string path) => new Uri(declared.Issuer, path).AbsoluteUri;

    /// <summary>Who signs for a subject, and the claims that name it.</summary>
    private (string Signer, IEnumerable<KeyValuePair<string, object>> Claims) Named(string subject)
    {
        if (declared.Kind != IssuerKind.Entra) return (declared.Issuer.OriginalString, [new("sub", subject)]);
        var (tenant, name) = declared.Tenants.Count > 0 && subject.Split('/', 2) is [var first, var rest] ? (first, rest) : (declared.Issuer.Segments[1].Trim('/'), subject);
        return (declared.Signers.First(s => s.Contains(tenant, StringComparison.Ordinal)), [new("sub", name), new("azp", name), new("tid", tenant), new("ver", "2.0")]);
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
