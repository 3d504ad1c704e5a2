using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>
/// The metadata of Entra ID's v2.0 endpoint as it is shaped, on loopback over HTTPS, with a certificate of a CA that only <see cref="Trusting"/>
/// trusts; and tokens of version 2.0 for the tenants of the test.
/// </summary>
internal sealed class EntraServer : IAsyncDisposable
{
    public const string Tenant = "3f2a0c9e-7c1d-4b9f-9a6e-0d1f5b7c2e11";
    public const string OtherTenant = "8d4b6f10-2e3a-4c5d-8f90-a1b2c3d4e5f6";
    public const string Client = "c0ffee00-1111-4222-8333-444455556666";

    private readonly RSA _key = RSA.Create(2048);
    private readonly X509Certificate2 _authority;
    private readonly WebApplication _app;

    private EntraServer(X509Certificate2 authority, WebApplication app) => (_authority, _app) = (authority, app);

    /// <summary>How often discovery documents were read, by tenant.</summary>
    public List<string> Read { get; } = [];

    /// <summary>The way out of a gateway that trusts the test's CA.</summary>
    public Outside Trusting => new TrustingOutside(_authority);

    public static async Task<EntraServer> StartAsync()
    {
        var authority = NewAuthority();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(NewCertificate(authority))));
        var app = builder.Build();
        var server = new EntraServer(authority, app);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    /// <summary>What <c>iss</c> says for a tenant; also the authority of it.</summary>
    public string Issuer(string tenant = Tenant) => $"{_app.Urls.Single()}/{tenant}/v2.0";

    /// <summary>A token of version 2.0 for an application, but for what the test changes; a null value leaves a claim out.</summary>
    public string Token(string tenant = Tenant, params (string Name, JsonNode? Value)[] claims)
    {
        var now = TimeProvider.System.GetUtcNow();
        var payload = new JsonObject
        {
            ["aud"] = Client,
            ["iss"] = Issuer(tenant),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.AddMinutes(-5).ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(60).ToUnixTimeSeconds(),
            ["azp"] = "shop-client",
            ["azpacr"] = "1",
            ["oid"] = "0f0f0f0f-0000-4000-8000-000000000001",
            ["sub"] = "0f0f0f0f-0000-4000-8000-000000000001",
            ["tid"] = tenant,
            ["roles"] = new JsonArray("orders.read"),
            ["ver"] = "2.0",
        };
        foreach (var (name, value) in claims)
        {
            payload.Remove(name);
            if (value is not null) payload[name] = value;
        }
        var signed = $"{OidcIssuer.Encode("""{"typ":"JWT","alg":"RS256","kid":"entra"}""")}.{OidcIssuer.Encode(payload.ToJsonString())}";
        return $"{signed}.{OidcIssuer.Encode(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
        _authority.Dispose();
    }

    /// <summary>For a tenant its own issuer, for organizations the template of all; keys say for whose tokens they are.</summary>
    private async Task AnswerAsync(HttpContext http)
    {
        var tenant = http.Request.Path.Value!.Split('/')[1];
        var template = _app.Urls.Single() + "/{tenantid}/v2.0";
        JsonObject answer;
        if (http.Request.Path == $"/{tenant}/v2.0/.well-known/openid-configuration")
        {
            lock (Read) Read.Add(tenant);
            answer = new JsonObject
            {
                ["issuer"] = tenant == "organizations" ? template : Issuer(tenant),
                ["jwks_uri"] = $"{_app.Urls.Single()}/{tenant}/discovery/v2.0/keys",
                ["token_endpoint"] = $"{_app.Urls.Single()}/{tenant}/oauth2/v2.0/token",
                ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
                ["tenant_region_scope"] = "EU",
                ["cloud_instance_name"] = "microsoftonline.com",
            };
        }
        else if (http.Request.Path == $"/{tenant}/discovery/v2.0/keys")
        {
            var key = _key.ExportParameters(false);
            answer = new JsonObject
            {
                ["keys"] = new JsonArray(new JsonObject
                {
                    ["kty"] = "RSA",
                    ["use"] = "sig",
                    ["kid"] = "entra",
                    ["n"] = OidcIssuer.Encode(key.Modulus!),
                    ["e"] = OidcIssuer.Encode(key.Exponent!),
                    ["issuer"] = template,
                }),
            };
        }
        else
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(answer.ToJsonString(), http.RequestAborted);
    }

    private static X509Certificate2 NewAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Authority of a test", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private static X509Certificate2 NewCertificate(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=login.example", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authority, authority.NotBefore, authority.NotAfter, [1, 2, 3, 4]);
        using var whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    private sealed class TrustingOutside(X509Certificate2 authority) : Outside
    {
        public override HttpMessageHandler Issuer(string name, IssuerOptions declared)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.Add(authority);
            return new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } };
        }
    }
}
