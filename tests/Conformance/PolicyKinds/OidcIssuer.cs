using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>A small OpenID provider on loopback: discovery, keys, and tokens signed as a test wishes.</summary>
internal sealed class OidcIssuer : IAsyncDisposable
{
    private RSA _key = RSA.Create(2048);
    private string _keyId = "one";
    private readonly WebApplication _app;

    private int _asked;

    private OidcIssuer(WebApplication app) => _app = app;

    /// <summary>What <c>iss</c> says.</summary>
    public string Issuer { get; private set; } = "";

    /// <summary>Discovery and keys are answered with 503.</summary>
    public bool Down { get; set; }

    /// <summary>How often it was asked anything, down or not.</summary>
    public int Asked => _asked;

    /// <summary>How often the keys were fetched.</summary>
    public int KeysFetched { get; private set; }

    /// <summary>What it answers who asks about a token, whatever the token.</summary>
    public string Introspection { get; set; } = "{}";

    /// <summary>Keys that are published beside its own, as JSON.</summary>
    public IReadOnlyList<string> OtherKeys { get; set; } = [];

    public static async Task<OidcIssuer> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var issuer = new OidcIssuer(app);
        app.Run(issuer.AnswerAsync);
        await app.StartAsync();
        issuer.Issuer = app.Urls.Single() + "/";
        return issuer;
    }

    /// <summary>A token that holds for five minutes, but for what the test changes; a null value leaves a claim out.</summary>
    public string Token(string algorithm = "RS256", RSA? key = null, string kid = "one", params (string Name, JsonNode? Value)[] claims)
    {
        var now = TimeProvider.System.GetUtcNow();
        var payload = new JsonObject
        {
            ["iss"] = Issuer,
            ["aud"] = "api",
            ["sub"] = "shop-client",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.AddMinutes(-5).ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(5).ToUnixTimeSeconds(),
        };
        foreach (var (name, value) in claims)
        {
            payload.Remove(name);
            if (value is not null) payload[name] = value;
        }
        return Signed(new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT", ["kid"] = kid }.ToJsonString(), payload.ToJsonString(), data => Sign(algorithm, data, key ?? _key));
    }

    /// <summary>A token of this head and this body, as they are written; signed by its own key, if not otherwise.</summary>
    public string Signed(string head, string body, Func<byte[], byte[]>? sign = null)
    {
        var signed = $"{Encode(head)}.{Encode(body)}";
        return $"{signed}.{Encode((sign ?? (data => Sign("RS256", data, _key)))(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>The public part of its key.</summary>
    public RSAParameters PublicKey => _key.ExportParameters(false);

    public byte[] PublicKeyDer => _key.ExportSubjectPublicKeyInfo();

    /// <summary>The old key is gone from the published ones.</summary>
    public void ChangeKey(string kid)
    {
        _key.Dispose();
        (_key, _keyId) = (RSA.Create(2048), kid);
    }

    public string PublicKeyPem => _key.ExportSubjectPublicKeyInfoPem();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
    }

    private byte[] Sign(string algorithm, byte[] data, RSA key) => algorithm switch
    {
        "none" => [],
        "RS256" => key.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        "PS256" => key.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
        "RS512" => key.SignData(data, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
        // The old confusion: the public key, which everybody has, as the secret of an HMAC.
        "HS256" => HMACSHA256.HashData(Encoding.ASCII.GetBytes(PublicKeyPem), data),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    private async Task AnswerAsync(HttpContext http)
    {
        Interlocked.Increment(ref _asked);
        if (Down)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }
        if (http.Request.Path == "/introspect")
        {
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(Introspection, http.RequestAborted);
            return;
        }
        var parameters = PublicKey;
        var answer = http.Request.Path.Value switch
        {
            "/.well-known/openid-configuration" => new JsonObject
            {
                ["issuer"] = Issuer,
                ["jwks_uri"] = Issuer + "keys",
                ["introspection_endpoint"] = Issuer + "introspect",
                ["response_types_supported"] = new JsonArray("code"),
                ["subject_types_supported"] = new JsonArray("public"),
                ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
            },
            "/keys" => new JsonObject
            {
                ["keys"] = new JsonArray([.. OtherKeys.Select(key => JsonNode.Parse(key)), new JsonObject
                {
                    ["kty"] = "RSA",
                    ["use"] = "sig",
                    ["kid"] = _keyId,
                    ["n"] = Encode(parameters.Modulus!),
                    ["e"] = Encode(parameters.Exponent!),
                }]),
            },
            _ => null,
        };
        if (http.Request.Path == "/keys") KeysFetched++;
        http.Response.StatusCode = answer is null ? 404 : 200;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(answer?.ToJsonString() ?? "{}", http.RequestAborted);
    }

    public static string Encode(string text) => Encode(Encoding.UTF8.GetBytes(text));

    public static string Encode(byte[] data) => System.Buffers.Text.Base64Url.EncodeToString(data);
}
