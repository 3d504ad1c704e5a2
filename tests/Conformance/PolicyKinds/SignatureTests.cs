using System.Globalization;
using System.Net.Sockets;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>Requests signed by RFC 9421, over real sockets: who gets in, and what somebody on the way can't do.</summary>
public sealed class SignatureTests
{
    private const string Routes = """
        apis:
          cases:
            owner: us
            routes:
              signed.write:
                match: POST /signed/{id}
                policies: [signers]
                target: { forward: echo }
              signed.change:
                match: PUT /signed/{id}
                policies: [signers]
                target: { forward: echo }
              signed.read:
                match: GET /signed/{id}
                policies: [signers]
                target: { forward: echo }
              behind.write:
                match: POST /behind
                policies: [authenticate: { signature: { address: https://api.example.com } }]
                target: { forward: echo }
        policies:
          signers: { authenticate: { signature: { components: [idempotency-key] } } }
        """;

    private static readonly RequestSigner Own = RequestSigner.Ed25519("web-1");
    private static readonly RequestSigner Other = RequestSigner.Ed25519("edi-1");
    private static readonly RequestSigner Curve = RequestSigner.Ecdsa("web-2");
    private static readonly RequestSigner Ended = RequestSigner.Ed25519("web-old");
    private static readonly RequestSigner Stranger = RequestSigner.Ed25519("proxy-1");

    private static readonly RequestSigner[] All =
    [
        Own, Curve,
        RequestSigner.Ecdsa("web-3", ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA384, "ecdsa-p384-sha384"),
        RequestSigner.Rsa("web-4", HashAlgorithmName.SHA512, RSASignaturePadding.Pss, "rsa-pss-sha512"),
        RequestSigner.Rsa("web-5", HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1, "rsa-v1_5-sha256"),
        RequestSigner.Hmac("web-6", "a-secret-that-both-sides-know-0001"),
    ];

    [Fact]
    public async Task A_signature_of_any_algorithm_opens_the_route_and_ends_there()
    {
        await using var world = await StartAsync();
        foreach (var signer in All)
        {
            var answer = await SendAsync(world, New(world).Sign(signer));
            Assert.True(answer.Status == 200, $"{signer.Algorithm}: {answer.Reason}");
            Assert.Equal("initech-web", answer.Consumer);
            Assert.Contains("hello", answer.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("signature", answer.Body, StringComparison.OrdinalIgnoreCase);
            Assert.Equal("request-replayed", (await SendAsync(world, answer.Again())).Reason);
        }
    }

    [Fact]
    public async Task A_signature_may_cover_the_address_in_several_ways_and_no_body_needs_no_digest()
    {
        await using var world = await StartAsync();
        IReadOnlyList<string>[] covers = [["@method", "@authority", "@path", "@query", "content-digest"], ["content-digest", "@request-target", "@authority", "@method"]];

        foreach (var covered in covers) Assert.Equal(200, (await SendAsync(world, (New(world) with { Covers = covered }).Sign(Own))).Status);
        Assert.Equal(200, (await SendAsync(world, (New(world) with { Method = "GET", Body = "", Target = "/signed/1", Covers = ["@method", "@authority", "@path"] }).Sign(Own))).Status);
        var keyed = New(world) with { Covers = [.. SignedRequest.Usual, "idempotency-key"], Headers = new() { ["idempotency-key"] = "k-1" } };
        Assert.Equal(200, (await SendAsync(world, keyed.Sign(Own))).Status);
    }

    [Fact]
    public async Task What_was_changed_on_the_way_is_refused()
    {
        await using var world = await StartAsync();
        Dictionary<string, (string Reason, Func<HttpRequestMessage> Make)> attacks = new()
        {
            ["another body"] = ("content-digest-wrong", () => Tampered(New(world), m => m.Content = Json("{\"hello\":\"there\"}"))),
            ["another body with its digest"] = ("signature-wrong", () => Tampered(New(world), m =>
            {
                m.Content = Json("{}");
                m.Headers.Remove("content-digest");
                m.Headers.TryAddWithoutValidation("content-digest", $"sha-256=:{Convert.ToBase64String(SHA256.HashData("{}"u8))}:");
            })),
            ["no body"] = ("content-digest-wrong", () => Tampered(New(world), m => m.Content = Json(""))),
            ["no digest"] = ("signature-component-missing", () => Tampered(New(world), m => m.Headers.Remove("content-digest"))),
            ["the query in another order"] = ("signature-wrong", () => Tampered(New(world), m => m.RequestUri = new Uri(world.Url, "/signed/1?a=1&b=2"))),
            ["another path"] = ("signature-wrong", () => Tampered(New(world), m => m.RequestUri = new Uri(world.Url, "/signed/2?b=2&a=1"))),
            ["another method"] = ("signature-wrong", () => Tampered(New(world), m => m.Method = HttpMethod.Put)),
            ["another host"] = ("signature-wrong", () => Tampered(New(world), m => m.Headers.Host = "other.example.com")),
            ["a second value of a covered field"] = ("signature-wrong", () => Tampered(
                New(world) with { Covers = [.. SignedRequest.Usual, "idempotency-key"], Headers = new() { ["idempotency-key"] = "k-1" } }, m => m.Headers.TryAddWithoutValidation("idempotency-key", "k-2"))),
            ["a field that must be covered"] = ("signature-coverage", () => Tampered(New(world), m => m.Headers.TryAddWithoutValidation("Idempotency-Key", "k-1"))),
            ["a body where there was none"] = ("signature-coverage", () => Tampered(New(world) with { Body = "", Covers = ["@method", "@target-uri"] }, m => m.Content = Json("{}"))),
            ["a query where there was none"] = ("signature-coverage", () => Tampered(
                New(world) with { Target = "/signed/1", Covers = ["@method", "@authority", "@path", "content-digest"] }, m => m.RequestUri = new Uri(world.Url, "/signed/1?all=true"))),
            ["the signature gone, its input still there"] = ("signature-malformed", () => Tampered(New(world), m => m.Headers.Remove("Signature"))),
            ["the input gone, the signature still there"] = ("signature-malformed", () => Tampered(New(world), m => m.Headers.Remove("Signature-Input"))),
            ["all of the signature gone"] = ("credentials-missing", () => Tampered(New(world), m =>
            {
                m.Headers.Remove("Signature");
                m.Headers.Remove("Signature-Input");
            })),
            ["the signature under another name"] = ("signature-malformed", () => Tampered(New(world), m => Replace(m, "Signature", "sig1=", "sig2="))),
            ["a part of what is covered left out"] = ("signature-coverage", () => Tampered(New(world), m => Replace(m, "Signature-Input", " \"@target-uri\"", ""))),
            ["another nonce"] = ("signature-wrong", () => Tampered(New(world), m => Replace(m, "Signature-Input", "nonce=\"n-", "nonce=\"m-"))),
        };
        foreach (var (what, (reason, make)) in attacks)
        {
            var answer = await SendAsync(world, make());
            Assert.True((answer.Status, answer.Reason) == (401, reason), $"{what} was answered {answer.Status} for {answer.Reason}");
            Assert.Equal("Signature realm=\"gateway\"", answer.Challenge);
            Assert.DoesNotContain(reason, answer.Body, StringComparison.Ordinal);
        }
        Assert.Equal(200, (await SendAsync(world, New(world).Sign(Own))).Status);
    }

    [Fact]
    public async Task What_a_caller_signs_wrongly_is_refused()
    {
        await using var world = await StartAsync();
        var now = TimeProvider.System.GetUtcNow();
        var forger = RequestSigner.Ed25519(Own.KeyId);
        var publicAsSecret = new RequestSigner(Own.KeyId, "hmac-sha256", data => HMACSHA256.HashData(Encoding.UTF8.GetBytes(Own.Written), data), "");
        Dictionary<string, (string Reason, SignedRequest Request, RequestSigner By)> wrong = new()
        {
            ["a key of nobody"] = ("signature-key-unknown", New(world), Stranger),
            ["another's key under this id"] = ("signature-wrong", New(world), forger),
            ["the public key as a secret"] = ("signature-algorithm", New(world) with { Parameters = $";created={now.ToUnixTimeSeconds()};keyid=\"web-1\";alg=\"hmac-sha256\"" }, publicAsSecret),
            ["the public key as a secret, unsaid"] = ("signature-wrong", New(world), publicAsSecret),
            ["a key that has ended"] = ("signature-key-expired", New(world), Ended),
            ["too long ago"] = ("signature-too-old", New(world) with { Created = now.AddMinutes(-6) }, Own),
            ["not yet"] = ("signature-not-yet", New(world) with { Created = now.AddMinutes(1) }, Own),
            ["with an end that has come"] = ("signature-expired", New(world) with { Parameters = $";created={now.ToUnixTimeSeconds()};keyid=\"web-1\";expires={now.AddSeconds(-5).ToUnixTimeSeconds()}" }, Own),
            ["with an end that is no time"] = ("signature-malformed", New(world) with { Parameters = $";created={now.ToUnixTimeSeconds()};keyid=\"web-1\";expires=\"never\"" }, Own),
            ["without a time"] = ("signature-malformed", New(world) with { Parameters = ";keyid=\"web-1\"" }, Own),
            ["without a key's id"] = ("signature-key-unknown", New(world) with { Parameters = $";created={now.ToUnixTimeSeconds()}" }, Own),
            ["over nothing"] = ("signature-coverage", New(world) with { Covers = [] }, Own),
            ["not over the method"] = ("signature-coverage", New(world) with { Covers = ["@target-uri", "content-digest"] }, Own),
            ["not over the host"] = ("signature-coverage", New(world) with { Covers = ["@method", "@path", "@query", "content-digest"] }, Own),
            ["not over the query"] = ("signature-coverage", New(world) with { Covers = ["@method", "@authority", "@path", "content-digest"] }, Own),
            ["not over the body"] = ("signature-coverage", New(world) with { Covers = ["@method", "@target-uri"] }, Own),
            ["over one thing twice"] = ("signature-malformed", New(world) with { Covers = [.. SignedRequest.Usual, "@method"] }, Own),
            ["over what is not there"] = ("signature-component-missing", New(world) with { Covers = [.. SignedRequest.Usual, "x-none"], Headers = new() { ["x-none"] = "1" } }, Own),
        };
        foreach (var (what, (reason, request, by)) in wrong)
        {
            var message = request.Sign(by);
            message.Headers.Remove("x-none");
            var answer = await SendAsync(world, message);
            Assert.True((answer.Status, answer.Reason) == (401, reason), $"{what} was answered {answer.Status} for {answer.Reason}");
        }
    }

    [Fact]
    public async Task A_request_is_taken_once_though_the_workspace_was_taken_anew_and_the_signature_was_written_in_another_way()
    {
        await using var world = await StartAsync(reload: true);
        var first = await SendAsync(world, New(world).Sign(Curve));
        Assert.Equal(200, first.Status);

        Assert.Equal("request-replayed", (await SendAsync(world, first.Again())).Reason);
        await world.ChangeAsync("routes/cases.yaml", yaml => yaml + "\n# changed\n", Cancellation);
        Assert.Equal("request-replayed", (await SendAsync(world, first.Again())).Reason);
        // Who knows r and s of a signature on a curve knows another one of the same: r and n - s.
        var twin = first.Again();
        var bytes = Convert.FromBase64String(twin.Headers.GetValues("Signature").Single()[6..^1]);
        var n = BigInteger.Parse("0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var s = (n - new BigInteger(bytes.AsSpan(32), isUnsigned: true, isBigEndian: true)).ToByteArray(isUnsigned: true, isBigEndian: true);
        s.CopyTo(bytes.AsSpan(64 - s.Length));
        bytes.AsSpan(32, 32 - s.Length).Clear();
        twin.Headers.Remove("Signature");
        twin.Headers.TryAddWithoutValidation("Signature", $"sig1=:{Convert.ToBase64String(bytes)}:");
        Assert.Equal("request-replayed", (await SendAsync(world, twin)).Reason);
    }

    [Fact]
    public async Task Of_several_signatures_those_of_strangers_are_passed_over_and_all_others_must_hold()
    {
        await using var world = await StartAsync();
        var forger = RequestSigner.Ed25519(Own.KeyId);

        Assert.Equal(200, (await SendAsync(world, New(world).Sign(Stranger, Own))).Status);
        Assert.Equal(200, (await SendAsync(world, New(world).Sign(Own, Curve))).Status);
        Assert.Equal("signature-wrong", (await SendAsync(world, New(world).Sign(Own, forger))).Reason);
        Assert.Equal("signature-wrong", (await SendAsync(world, New(world).Sign(forger, Own))).Reason);
        Assert.Equal("credentials-of-two", (await SendAsync(world, New(world).Sign(Own, Other))).Reason);
        var sameName = New(world).Sign(Own);
        sameName.Headers.TryAddWithoutValidation("Signature-Input", "sig1=()");
        Assert.Equal("signature-malformed", (await SendAsync(world, sameName)).Reason);
    }

    [Fact]
    public async Task Where_a_proxy_changes_the_host_callers_sign_the_address_that_they_know()
    {
        await using var world = await StartAsync();
        var known = New(world) with { Target = "/behind", Address = new Uri("https://api.example.com") };

        Assert.Equal(200, (await SendAsync(world, known.Sign(Own))).Status);
        Assert.Equal(200, (await SendAsync(world, Tampered(known, m => m.Headers.Host = "inside.example.com"))).Status);
        Assert.Equal("signature-wrong", (await SendAsync(world, (known with { Address = null }).Sign(Own))).Reason);
        Assert.Equal("signature-wrong", (await SendAsync(world, (known with { Address = new Uri("https://other.example.com") }).Sign(Own))).Reason);
        Assert.Equal("signature-wrong", (await SendAsync(world, Tampered(New(world) with { Address = new Uri("https://api.example.com") }, m => m.Headers.TryAddWithoutValidation("X-Forwarded-Host", "api.example.com")))).Reason);
    }

    /// <summary>A client's library would join the lines.</summary>
    [Fact]
    public async Task Lines_of_a_field_count_as_one_in_their_order()
    {
        await using var world = await StartAsync();
        var request = New(world) with { Covers = [.. SignedRequest.Usual, "idempotency-key"], Headers = new() { ["idempotency-key"] = "k-1, k-2" } };

        Assert.StartsWith("HTTP/1.1 200 ", await RawAsync(world, request.Sign(Own), "Idempotency-Key: k-1\r\nIdempotency-Key:   k-2\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 401 ", await RawAsync(world, request.Sign(Own), "Idempotency-Key: k-2\r\nIdempotency-Key: k-1\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 401 ", await RawAsync(world, request.Sign(Own), "Idempotency-Key: k-1\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 401 ", await RawAsync(world, request.Sign(Own), "Idempotency-Key: k-1\r\nIdempotency-Key: k-2\r\nIdempotency-Key: k-3\r\n"), StringComparison.Ordinal);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static SignedRequest New(KindWorld world) => new(world.Url);

    private static Task<KindWorld> StartAsync(bool reload = false)
    {
        var keys = $"""
            partners:
              initech:
                name: Initech
                consumers:
                  initech-web:
                    signatureKeys:
            {string.Concat(All.Select(signer => signer.Yaml()))}{Ended.Yaml("expires: 2026-01-01")}
                  initech-edi:
                    signatureKeys:
            {Other.Yaml()}
            """;
        return KindWorld.StartAsync([new CaseWorkspaceFile { Path = "routes/cases.yaml", Content = Routes }, new CaseWorkspaceFile { Path = "partners/initech.yaml", Content = keys }], reload: reload);
    }

    private static HttpRequestMessage Tampered(SignedRequest request, Action<HttpRequestMessage> tamper)
    {
        var message = request.Sign(Own);
        tamper(message);
        return message;
    }

    private static void Replace(HttpRequestMessage message, string header, string text, string by)
    {
        var value = message.Headers.GetValues(header).Single();
        Assert.Contains(text, value, StringComparison.Ordinal);
        message.Headers.Remove(header);
        message.Headers.TryAddWithoutValidation(header, value.Replace(text, by, StringComparison.Ordinal));
    }

    private static ByteArrayContent Json(string body) => new(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new("application/json") } };

    private static async Task<Judged> SendAsync(KindWorld world, HttpRequestMessage message) => await Judged.SendAsync(world, message, Cancellation);

    private static async Task<string> RawAsync(KindWorld world, HttpRequestMessage message, string lines)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(world.Url.Host, world.Url.Port, Cancellation);
        var stream = client.GetStream();
        var body = await message.Content!.ReadAsStringAsync(Cancellation);
        var head = $"POST {message.RequestUri!.PathAndQuery} HTTP/1.1\r\nHost: {world.Url.Authority}\r\nConnection: close\r\nContent-Length: {body.Length}\r\n{lines}"
            + string.Concat(((string[])["content-digest", "Signature-Input", "Signature"]).Select(h => $"{h}: {message.Headers.GetValues(h).Single()}\r\n"));
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{head}\r\n{body}"), Cancellation);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Cancellation);
    }
}

/// <summary>An answer, and what the operator reads of it in the audit.</summary>
internal sealed record Judged(int Status, string Body, string Challenge, string Reason, string Consumer, string Path, HttpRequestMessage Sent)
{
    public static async Task<Judged> SendAsync(KindWorld world, HttpRequestMessage message, CancellationToken cancellation)
    {
        using var http = new HttpClient();
        using var answer = await http.SendAsync(message, cancellation);
        var record = await RecordAsync(world, answer.Headers.GetValues("X-Correlation-Id").Single(), cancellation);
        return new((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellation), string.Join(", ", answer.Headers.WwwAuthenticate), (string?)record["reason"] ?? "", (string?)record["consumer"] ?? "", (string?)record["path"] ?? "", message);
    }

    /// <summary>The same request, as somebody who saw it would send it.</summary>
    public HttpRequestMessage Again()
    {
        var again = new HttpRequestMessage(Sent.Method, Sent.RequestUri) { Content = Sent.Content };
        foreach (var (name, values) in Sent.Headers.NonValidated) again.Headers.TryAddWithoutValidation(name, values);
        return again;
    }

    /// <summary>Audit is stored beside requests, a little later.</summary>
    private static async Task<JsonNode> RecordAsync(KindWorld world, string correlation, CancellationToken cancellation)
    {
        using var admin = new HttpClient { BaseAddress = world.AdminUrl };
        for (var tries = 0; tries < 200; tries++)
        {
            var records = JsonNode.Parse(await admin.GetStringAsync($"/audit?correlationId={correlation}", cancellation))!.AsArray();
            if (records.Count > 0) return records[0]!;
            await Task.Delay(25, cancellation);
        }
        throw new TimeoutException("the audit has no record of the request");
    }
}
