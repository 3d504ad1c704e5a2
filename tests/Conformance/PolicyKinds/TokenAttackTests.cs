using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Tests.Peers;
using Xunit;

namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>What people do to tokens, to get in with them. Each is made of a token that would hold, and differs from it in one thing.</summary>
public sealed class TokenAttackTests
{
    private static readonly byte[] EmptyHash = SHA256.HashData([]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("nOnE")]
    [InlineData("none ")]
    [InlineData("")]
    [InlineData("rs256")]
    [InlineData("RS256\u0000")]
    [InlineData("ＲＳ256")]
    [InlineData("RЅ256")]
    [InlineData("RS256\u200b")]
    [InlineData("RS1")]
    [InlineData("HS256")]
    [InlineData("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")]
    public async Task An_algorithm_that_is_not_on_the_list_to_the_letter_is_refused(string algorithm)
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);
        var head = new JsonObject { ["alg"] = algorithm, ["kid"] = "one" }.ToJsonString();

        Assert.Equal(401, (await world.GetAsync("/any", issuer.Signed(head, Body(issuer)), Cancellation)).Status);
        Assert.Equal(401, (await world.GetAsync("/any", issuer.Signed(head, Body(issuer), _ => []), Cancellation)).Status);
    }

    [Fact]
    public async Task The_public_key_is_no_secret_to_sign_with()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);
        Dictionary<string, byte[]> secrets = new()
        {
            ["PEM"] = Encoding.ASCII.GetBytes(issuer.PublicKeyPem),
            ["PEM with a line end"] = Encoding.ASCII.GetBytes(issuer.PublicKeyPem + "\n"),
            ["DER"] = issuer.PublicKeyDer,
            ["modulus"] = issuer.PublicKey.Modulus!,
            ["modulus as text"] = Encoding.ASCII.GetBytes(OidcIssuer.Encode(issuer.PublicKey.Modulus!)),
            ["nothing"] = [],
        };
        foreach (var (what, secret) in secrets)
        {
            foreach (var kid in (string[])["one", "two"])
            {
                var token = issuer.Signed($$"""{"alg":"HS256","kid":"{{kid}}"}""", Body(issuer), data => HMACSHA256.HashData(secret, data));
                await RefusedAsync(world, token, what);
            }
        }
    }

    [Fact]
    public async Task A_key_that_the_token_brings_along_or_points_to_is_not_looked_at()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);
        await using var trap = await OidcIssuer.StartAsync();
        using var own = RSA.Create(2048);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=me", own, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        var key = own.ExportParameters(false);
        var jwk = $$"""{"kty":"RSA","kid":"one","n":"{{OidcIssuer.Encode(key.Modulus!)}}","e":"{{OidcIssuer.Encode(key.Exponent!)}}"}""";
        Dictionary<string, string> heads = new()
        {
            ["jwk"] = $"\"jwk\":{jwk}",
            ["jku"] = $"\"jku\":\"{trap.Issuer}keys\"",
            ["x5u"] = $"\"x5u\":\"{trap.Issuer}keys\"",
            ["x5c"] = $"\"x5c\":[\"{Convert.ToBase64String(certificate.RawData)}\"]",
            ["x5t"] = $"\"x5t\":\"{OidcIssuer.Encode(certificate.GetCertHash())}\"",
            ["epk"] = $"\"epk\":{jwk}",
        };
        foreach (var (what, head) in heads)
        {
            foreach (var kid in (string[])["\"kid\":\"one\",", "\"kid\":\"mine\",", ""])
            {
                var token = issuer.Signed($"{{\"alg\":\"RS256\",{kid}{head}}}", Body(issuer), data => own.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
                await RefusedAsync(world, token, what);
            }
        }
        Assert.Equal(0, trap.KeysFetched);
    }

    [Theory]
    [InlineData("../../../../dev/null")]
    [InlineData("/proc/sys/kernel/randomize_va_space")]
    [InlineData("x' UNION SELECT 'secret'; --")]
    [InlineData("one\u0000")]
    [InlineData("ONE")]
    [InlineData("${jndi:ldap://127.0.0.1/}")]
    [InlineData("long")]
    public async Task A_key_id_is_a_name_and_nothing_else(string kid)
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);
        var head = new JsonObject { ["alg"] = "RS256", ["kid"] = kid == "long" ? new string('k', 9_000) : kid }.ToJsonString();
        foreach (var secret in (byte[][])[[], [(byte)'2', (byte)'\n'], Encoding.ASCII.GetBytes("secret"), EmptyHash])
        {
            Assert.Equal(401, (await world.GetAsync("/any", issuer.Signed(head.Replace("RS256", "HS256", StringComparison.Ordinal), Body(issuer), data => HMACSHA256.HashData(secret, data)), Cancellation)).Status);
            Assert.Equal(401, (await world.GetAsync("/any", issuer.Signed(head, Body(issuer), data => HMACSHA256.HashData(secret, data)), Cancellation)).Status);
        }
    }

    [Fact]
    public async Task What_the_issuer_signed_is_refused_where_it_can_be_read_in_two_ways_or_asks_for_what_nobody_here_understands()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);
        var body = Body(issuer);
        const string Head = """{"alg":"RS256","kid":"one","typ":"JWT"}""";
        Assert.Equal(200, (await world.GetAsync("/any", issuer.Signed(Head, body), Cancellation)).Status);
        Dictionary<string, string> refused = new()
        {
            ["crit of an extension"] = issuer.Signed("""{"alg":"RS256","kid":"one","crit":["exp"],"exp":1}""", body),
            ["crit of nothing"] = issuer.Signed("""{"alg":"RS256","kid":"one","crit":[]}""", body),
            ["b64 (RFC 7797)"] = issuer.Signed("""{"alg":"RS256","kid":"one","b64":false,"crit":["b64"]}""", body),
            ["cty JWT"] = issuer.Signed("""{"alg":"RS256","kid":"one","cty":"JWT"}""", body),
            ["a token within"] = issuer.Signed("""{"alg":"RS256","kid":"one","cty":"JWT"}""", issuer.Token()),
            ["a token within, unsaid"] = issuer.Signed(Head, issuer.Token()),
            ["two subjects"] = issuer.Signed(Head, body.Replace("\"sub\":", "\"sub\":\"somebody\",\"sub\":", StringComparison.Ordinal)),
            ["two subjects, ours first"] = issuer.Signed(Head, body.Replace("}", ",\"sub\":\"somebody\"}", StringComparison.Ordinal)),
            ["two subjects, one escaped"] = issuer.Signed(Head, body.Replace("\"sub\":", "\"s\\u0075b\":\"somebody\",\"sub\":", StringComparison.Ordinal)),
            ["two audiences"] = issuer.Signed(Head, body.Replace("\"aud\":", "\"aud\":\"other\",\"aud\":", StringComparison.Ordinal)),
            ["two ends"] = issuer.Signed(Head, body.Replace("\"exp\":", "\"exp\":1,\"exp\":", StringComparison.Ordinal)),
            ["two algorithms"] = issuer.Signed("""{"alg":"none","alg":"RS256","kid":"one"}""", body),
            ["two algorithms, the other way round"] = issuer.Signed("""{"alg":"RS256","alg":"none","kid":"one"}""", body),
            ["two key ids"] = issuer.Signed("""{"alg":"RS256","kid":"two","kid":"one"}""", body),
            ["something behind its body"] = issuer.Signed(Head, body + "{}"),
            ["a comment"] = issuer.Signed(Head, "/* */" + body),
            ["deep nesting"] = issuer.Signed(Head, body[..^1] + $",\"x\":{new string('[', 1000)}{new string(']', 1000)}}}"),
        };
        foreach (var (what, token) in refused)
            await RefusedAsync(world, token, what);
    }

    [Theory]
    [InlineData("", "at+jwt AT+JWT application/at+jwt JWT jwt", "logout+jwt dpop+jwt secevent+jwt application/id+jwt application/application/at+jwt")]
    [InlineData(", types: [at+jwt]", "at+jwt Application/AT+JWT", "JWT logout+jwt id+jwt none")]
    public async Task Another_kind_of_token_of_the_same_issuer_does_not_pass_for_one_that_gives_access(string options, string taken, string refused)
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await KindWorld.StartAsync(TokenWorld.Files(Options(issuer) + options));

        foreach (var type in taken.Split(' ')) Assert.Equal((type, 200), (type, (await world.GetAsync("/any", issuer.Signed(Head($"\"{type}\""), Body(issuer)), Cancellation)).Status));
        foreach (var type in refused.Split(' ')) await RefusedAsync(world, issuer.Signed(Head($"\"{type}\""), Body(issuer)), type);
        foreach (var odd in (string[])["null", "1", "[\"at+jwt\"]"]) await RefusedAsync(world, issuer.Signed(Head(odd), Body(issuer)), odd);
        Assert.Equal(options == "" ? 200 : 401, (await world.GetAsync("/any", issuer.Signed("""{"alg":"RS256","kid":"one"}""", Body(issuer)), Cancellation)).Status);

        static string Head(string type) => $$"""{"alg":"RS256","kid":"one","typ":{{type}}}""";
    }

    [Fact]
    public async Task A_claim_that_does_not_name_callers_makes_nobody_of_a_token()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var any = await StartAsync(issuer);
        await using var applications = await KindWorld.StartAsync(TokenWorld.Files(Options(issuer) + ", callerClaims: [azp]"));
        // Somebody who may choose his own name takes that of an application.
        var person = issuer.Token(claims: [("azp", "portal")]);
        var application = issuer.Token(claims: [("azp", "shop-client"), ("sub", "5f3c")]);

        Assert.Equal((200, 200), ((await any.GetAsync("/any", person, Cancellation)).Status, (await any.GetAsync("/any", application, Cancellation)).Status));
        await RefusedAsync(applications, person, "a person");
        Assert.Equal(200, (await applications.GetAsync("/any", application, Cancellation)).Status);
    }

    [Fact]
    public async Task A_token_whose_text_was_bent_is_another_token()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);
        var good = issuer.Token();
        var (head, body, signature) = (good.Split('.')[0], good.Split('.')[1], good.Split('.')[2]);
        Dictionary<string, string> bent = new()
        {
            ["without signature"] = $"{head}.{body}.",
            ["without signature and dot"] = $"{head}.{body}",
            ["with a dot more"] = good + ".",
            ["with another signature behind"] = $"{good}.{signature}",
            ["quoted"] = $"\"{good}\"",
            ["with a space within"] = $"{head}. {body}.{signature}",
            ["two in one header"] = $"{good}, {good}",
            ["two in one header, with schemes"] = $"{good}, Bearer {good}",
            ["padded"] = $"{head}=.{body}.{signature}",
            ["of five parts (RFC 7516)"] = $"{OidcIssuer.Encode("""{"alg":"dir","enc":"A128CBC-HS256","kid":"one"}""")}..{head}.{body}.{signature}",
            ["as JSON (RFC 7515 section 7.2)"] = OidcIssuer.Encode($$"""{"payload":"{{body}}","protected":"{{head}}","signature":"{{signature}}"}"""),
            ["too long"] = $"{head}.{body}.{new string('A', 17_000)}",
        };
        foreach (var (what, token) in bent)
            await RefusedAsync(world, token, what);
        Assert.Equal(200, (await world.GetAsync("/any", good, Cancellation)).Status);
    }

    [Fact]
    public async Task A_signature_on_a_curve_is_calculated_with_and_no_empty_one_holds()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = curve.ExportParameters(false).Q;
        var broken = (byte[])point.Y!.Clone();
        broken[^1] ^= 1;
        // A point beside the curve among the keys, too: it opens nothing, and shuts nothing that the others open.
        issuer.OtherKeys = [Jwk("curve", point.X!, point.Y!), Jwk("beside", point.X!, broken), Jwk("zero", new byte[32], new byte[32])];
        await using var world = await StartAsync(issuer);
        var order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
        byte[] one = [.. new byte[31], 1];
        Dictionary<string, byte[]> signatures = new()
        {
            ["zero"] = new byte[64],
            ["r = s = n"] = [.. order, .. order],
            ["r = 1, s = 0"] = [.. one, .. new byte[32]],
            ["r = s = 1"] = [.. one, .. one],
            ["nothing"] = [],
            ["DER of zero"] = [0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00],
        };
        foreach (var kid in (string[])["curve", "beside", "zero", "one"])
        {
            foreach (var (what, signature) in signatures)
                await RefusedAsync(world, issuer.Signed($$"""{"alg":"ES256","kid":"{{kid}}"}""", Body(issuer), _ => signature), $"{what} for {kid}");
        }
        Assert.Equal(200, (await world.GetAsync("/any", issuer.Signed("""{"alg":"ES256","kid":"curve"}""", Body(issuer), data => curve.SignData(data, HashAlgorithmName.SHA256)), Cancellation)).Status);
        Assert.Equal(401, (await world.GetAsync("/any", issuer.Signed("""{"alg":"ES256","kid":"curve"}""", Body(issuer), data => curve.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)), Cancellation)).Status);
        Assert.Equal(200, (await world.GetAsync("/any", issuer.Token(), Cancellation)).Status);

        static string Jwk(string kid, byte[] x, byte[] y) => $$"""{"kty":"EC","use":"sig","crv":"P-256","kid":"{{kid}}","x":"{{OidcIssuer.Encode(x)}}","y":"{{OidcIssuer.Encode(y)}}"}""";
    }

    [Fact]
    public async Task A_key_that_was_withdrawn_ends_without_a_token_of_another()
    {
        var clock = new MovedClock();
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await KindWorld.StartAsync(TokenWorld.Files(Options(issuer)), clock: clock);
        var stolen = issuer.Token(claims: [("exp", TimeProvider.System.GetUtcNow().AddHours(5).ToUnixTimeSeconds())]);
        Assert.Equal(200, (await world.GetAsync("/any", stolen, Cancellation)).Status);

        issuer.ChangeKey("two");
        clock.Advance(TimeSpan.FromMinutes(15));
        // The first to ask makes the gateway read the keys, and does not wait for them.
        for (var tries = 0; tries < 100 && (await world.GetAsync("/any", stolen, Cancellation)).Status == 200; tries++) await Task.Delay(50, Cancellation);

        Assert.Equal(401, (await world.GetAsync("/any", stolen, Cancellation)).Status);
    }

    [Fact]
    public async Task A_real_server_changes_its_key_and_the_first_token_of_the_new_one_holds()
    {
        await using var server = await IdentityServer.StartAsync();
        await using var world = await KindWorld.StartAsync(TokenWorld.Files($"issuer: \"{server.Issuer}\", audience: api"));
        var old = await server.TokenAsync();
        Assert.Equal(200, (await world.GetAsync("/any", old, Cancellation)).Status);

        server.ChangeKey();

        Assert.Equal(200, (await world.GetAsync("/any", await server.TokenAsync(), Cancellation)).Status);
        Assert.Equal(401, (await world.GetAsync("/any", old, Cancellation)).Status);
        Assert.Equal(2, server.KeysRead);
    }

    [Fact]
    public async Task A_real_servers_token_ends()
    {
        var clock = new MovedClock();
        await using var server = await IdentityServer.StartAsync();
        await using var world = await KindWorld.StartAsync(TokenWorld.Files($"issuer: \"{server.Issuer}\", audience: api"), clock: clock);
        server.Lifetime = TimeSpan.FromMinutes(5);
        var token = await server.TokenAsync(scope: "orders.read");
        Assert.Equal(200, (await world.GetAsync("/reads", token, Cancellation)).Status);
        Assert.Equal(403, (await world.GetAsync("/writes", token, Cancellation)).Status);

        clock.Advance(TimeSpan.FromMinutes(6));

        Assert.Equal(401, (await world.GetAsync("/reads", token, Cancellation)).Status);
    }

    [Theory]
    [InlineData("access_token")]
    [InlineData("ACCESS_TOKEN")]
    [InlineData("access%5Ftoken")]
    [InlineData("api_key")]
    [InlineData("apikey")]
    [InlineData("X-Api-Key")]
    public async Task A_credential_in_the_address_is_refused_even_beside_one_that_holds_and_told_nowhere(string name)
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);
        var token = issuer.Token();
        using var admin = new HttpClient { BaseAddress = world.AdminUrl };

        foreach (var headers in (Dictionary<string, string>[])[new() { ["Authorization"] = "Bearer " + token }, new() { ["X-Api-Key"] = "key-of-initech" }, []])
        {
            var answer = await world.SendAsync(new CaseRequest { Path = $"/any?limit=1&{name}=key-of-initech", Headers = headers }, Cancellation);
            Assert.Equal((401, "unauthenticated"), (answer.Status, answer.Problem));
            Assert.DoesNotContain("key-of-initech", answer.Body, StringComparison.Ordinal);
        }
        Assert.Equal(200, (await world.GetAsync("/any?limit=1&token=x", token, Cancellation)).Status);
    }

    [Fact]
    public async Task Of_two_Authorization_headers_none_counts()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);
        var good = "Authorization: Bearer " + issuer.Token();

        Assert.Equal(200, await RawAsync(world, good));
        foreach (var headers in (string[][])[[good, good], [good, "Authorization: Bearer x"], ["Authorization: Bearer x", good], [good, "Authorization: Basic eDp5"], [good, "authorization:"]])
            Assert.Equal(401, await RawAsync(world, headers));
    }

    [Theory]
    [InlineData(15_000, 401)]
    [InlineData(17_000, 401)]
    [InlineData(40_000, 431)]
    public async Task A_token_that_is_too_long_is_refused_before_anybody_looks_into_it(int length, int status)
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);

        Assert.Equal(status, (await world.GetAsync("/any", issuer.Signed("""{"alg":"RS256","kid":"one"}""", Body(issuer), _ => new byte[length * 3 / 4]), Cancellation)).Status);
    }

    private static async Task RefusedAsync(KindWorld world, string token, string what)
    {
        var answer = await world.GetAsync("/any", token, Cancellation);
        Assert.True(answer.Status == 401, $"{what} was answered {answer.Status} {answer.Body}");
    }

    private static string Options(OidcIssuer issuer) => $"issuer: \"{issuer.Issuer}\", audience: api";

    private static Task<KindWorld> StartAsync(OidcIssuer issuer) => KindWorld.StartAsync(TokenWorld.Files(Options(issuer)));

    /// <summary>Claims that hold, in the order in which they are looked for in the tests above.</summary>
    internal static string Body(OidcIssuer issuer) => new JsonObject
    {
        ["iss"] = issuer.Issuer,
        ["aud"] = "api",
        ["sub"] = "shop-client",
        ["exp"] = TimeProvider.System.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds(),
    }.ToJsonString();

    /// <summary>The status that a request with these header lines gets; no client would send some of them.</summary>
    private static async Task<int> RawAsync(KindWorld world, params string[] headers)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, world.Url.Port, Cancellation);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /any HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{string.Join("\r\n", headers)}\r\n\r\n"), Cancellation);
        using var reader = new StreamReader(stream);
        return int.Parse((await reader.ReadLineAsync(Cancellation))!.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
