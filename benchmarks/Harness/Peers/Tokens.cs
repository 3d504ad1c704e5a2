using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gateway.Benchmarks.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.Benchmarks.Peers;

/// <summary>An OpenID provider on loopback: discovery, one RSA key of 2048 bits, and RS256 tokens (RFC 7519, OpenID Connect Discovery 1.0).</summary>
internal sealed class Tokens : IAsyncDisposable
{
    public const string Audience = "api://gateway";

    private const string KeyId = "benchmark-1";

    private readonly RSA _key = RSA.Create(2048);
    private readonly WebApplication _app;

    private Tokens(WebApplication app, Uri issuer)
    {
        _app = app;
        Issuer = issuer;
    }

    public Uri Issuer { get; }

    public string PublicKeyPem => _key.ExportSubjectPublicKeyInfoPem();

    public static async Task<Tokens> StartAsync()
    {
        var url = Ports.Free();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url.AbsoluteUri);
        var app = builder.Build();
        var tokens = new Tokens(app, url);
        var key = tokens._key.ExportParameters(includePrivateParameters: false);
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = url.AbsoluteUri, jwks_uri = new Uri(url, "jwks").AbsoluteUri }));
        app.MapGet("/jwks", () => Results.Json(new
        {
            keys = new[] { new { kty = "RSA", use = "sig", alg = "RS256", kid = KeyId, n = Base64Url.EncodeToString(key.Modulus), e = Base64Url.EncodeToString(key.Exponent) } },
        }));
        await app.StartAsync();
        return tokens;
    }

    /// <summary>A token of a client, good for a day; the number makes it unlike any other.</summary>
    public string Issue(string client, long number)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"alg":"RS256","typ":"JWT","kid":"{{KeyId}}"}"""));
        var claims = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $$"""{"iss":"{{Issuer.AbsoluteUri}}","aud":"{{Audience}}","sub":"{{client}}","azp":"{{client}}","jti":"{{number}}","iat":{{now}},"nbf":{{now - 60}},"exp":{{now + 86_400}},"scope":"orders.read orders.write"}""")));
        var signed = $"{header}.{claims}";
        return $"{signed}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    /// <summary>So many Authorization headers, a line each; signed on all cores. Clients take turns.</summary>
    public IReadOnlyList<string> Headers(int count, IReadOnlyList<string> clients, long from = 0)
    {
        var lines = new string[count];
        Parallel.ForEach(Partitioner.Create(0, count), range =>
        {
            for (var i = range.Item1; i < range.Item2; i++) lines[i] = "Authorization: Bearer " + Issue(clients[i % clients.Count], from + i);
        });
        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
    }
}
