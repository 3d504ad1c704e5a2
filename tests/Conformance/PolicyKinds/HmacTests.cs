using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>Plain HMACs of partners, over real sockets.</summary>
public sealed class HmacTests
{
    private const string Secret = "initech-shared-secret-one";
    private const string Next = "initech-shared-secret-two";

    private const string Files = """
        apis:
          cases:
            owner: us
            routes:
              plain.write:
                match: POST /plain/{id}
                policies: [authenticate: { hmac: {} }]
                target: { forward: echo }
              other.write:
                match: POST /other
                policies: [authenticate: { hmac: { header: X-Sum, keyHeader: X-Who, algorithm: sha512, encoding: base64, prefix: "v0=", signed: [body] } }]
                target: { forward: echo }
              keyed.write:
                match: POST /plain/keyed/{id}
                policies: [authenticate: { apiKey: { header: X-Partner-Key } }]
                target: { forward: echo }
        partners:
          initech:
            name: Initech
            consumers:
              initech-web:
                signatureKeys:
                  - { id: web, algorithm: hmac-sha256, secret: secret://demo/initech-shared-secret-one }
                  - { id: web, algorithm: hmac-sha256, secret: secret://demo/initech-shared-secret-two }
                  - { id: old, algorithm: hmac-sha256, secret: secret://demo/initech-shared-secret-one, expires: 2026-12-31 }
                  - { id: binary, algorithm: hmac-sha256, secret: "secret://demo/base64:AAECAwQFBgcICQoLDA0ODw==" }
              initech-edi:
                signatureKeys: [{ id: edi, algorithm: hmac-sha512, secret: secret://demo/initech-shared-secret-one }]
        """;

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2027, 1, 1, 9, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task An_HMAC_by_any_of_the_keys_with_its_id_opens_the_route_and_ends_there()
    {
        await using var world = await StartAsync();
        foreach (var secret in (string[])[Secret, Next])
        {
            var answer = await SendAsync(world, Signed(world, secret: Encoding.UTF8.GetBytes(secret)));
            Assert.True(answer.Status == 200, answer.Reason);
            Assert.Equal("initech-web", answer.Consumer);
            foreach (var header in (string[])["x-signature", "x-key-id", "x-timestamp"]) Assert.DoesNotContain(header, answer.Body, StringComparison.Ordinal);
        }
        byte[] binary = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
        Assert.Equal(200, (await SendAsync(world, Signed(world, secret: binary, key: "binary"))).Status);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await SendAsync(world, Tampered(world, "X-Signature", Hmac(world).ToUpperInvariant()))).Status);
    }

    [Fact]
    public async Task A_proof_that_another_route_takes_reaches_no_backend()
    {
        await using var world = await StartAsync();
        var answer = await SendAsync(world, With(Signed(world), m =>
        {
            m.RequestUri = new Uri(world.Url, "/plain/keyed/1");
            m.Headers.Add("X-Partner-Key", "key-of-acme-shop");
            m.Headers.Add("X-Sum", "sum");
            m.Headers.Add("X-Who", "who");
        }));

        Assert.True(answer.Status == 200, answer.Reason);
        foreach (var header in (string[])["x-signature", "x-key-id", "x-timestamp", "x-sum", "x-who", "x-partner-key"]) Assert.DoesNotContain(header, answer.Body, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_key_in_the_address_is_refused_by_whatever_name_the_route_takes_it()
    {
        await using var world = await StartAsync();
        var answer = await SendAsync(world, With(Signed(world), m =>
        {
            m.RequestUri = new Uri(world.Url, "/plain/keyed/1?x-partner-KEY=key-of-acme-shop");
            m.Headers.Add("X-Partner-Key", "key-of-acme-shop");
        }));

        Assert.Equal((401, "credentials-in-address"), (answer.Status, answer.Reason));
    }

    [Fact]
    public async Task Who_fails_too_often_in_the_name_of_a_consumer_is_not_listened_to()
    {
        await using var world = await StartAsync("governance: { failedAttempts: { perAddress: 100, perConsumer: 3 } }");
        for (var i = 0; i < 3; i++) Assert.Equal(401, (await SendAsync(world, Signed(world, secret: "a-secret-of-somebody-else"u8.ToArray()))).Status);

        Assert.Equal(429, (await SendAsync(world, Signed(world))).Status);
    }

    [Fact]
    public async Task What_was_changed_on_the_way_or_signed_wrongly_is_refused()
    {
        await using var world = await StartAsync();
        var old = (_clock.GetUtcNow().ToUnixTimeSeconds() - 301).ToString(CultureInfo.InvariantCulture);
        Dictionary<string, (string Reason, Func<HttpRequestMessage> Make)> attacks = new()
        {
            ["another body"] = ("hmac-wrong", () => With(Signed(world), m => m.Content = new StringContent("{}"))),
            ["another path"] = ("hmac-wrong", () => With(Signed(world), m => m.RequestUri = new Uri(world.Url, "/plain/2?b=2&a=1"))),
            ["the query in another order"] = ("hmac-wrong", () => With(Signed(world), m => m.RequestUri = new Uri(world.Url, "/plain/1?a=1&b=2"))),
            ["another time"] = ("hmac-wrong", () => Tampered(world, "X-Timestamp", (_clock.GetUtcNow().ToUnixTimeSeconds() + 1).ToString(CultureInfo.InvariantCulture))),
            ["a time long ago, signed"] = ("hmac-timestamp-off", () => Signed(world, timestamp: old)),
            ["no time"] = ("hmac-timestamp-malformed", () => With(Signed(world), m => m.Headers.Remove("X-Timestamp"))),
            ["a time with a sign"] = ("hmac-timestamp-malformed", () => Signed(world, timestamp: "+1798794000")),
            ["two times"] = ("hmac-timestamp-malformed", () => With(Signed(world), m => m.Headers.TryAddWithoutValidation("X-Timestamp", "1"))),
            ["a key of nobody"] = ("hmac-key-unknown", () => Signed(world, key: "none-such")),
            ["a key of the other algorithm"] = ("hmac-key-unknown", () => Signed(world, key: "edi")),
            ["a key that has ended"] = ("hmac-key-expired", () => Signed(world, key: "old")),
            ["no key"] = ("hmac-key-missing", () => With(Signed(world), m => m.Headers.Remove("X-Key-Id"))),
            ["another secret"] = ("hmac-wrong", () => Signed(world, secret: "a-secret-of-somebody-else"u8.ToArray())),
            ["half an HMAC"] = ("hmac-malformed", () => Tampered(world, "X-Signature", Hmac(world)[..32])),
            ["more than an HMAC"] = ("hmac-malformed", () => Tampered(world, "X-Signature", Hmac(world) + "00")),
            ["no HMAC"] = ("hmac-malformed", () => Tampered(world, "X-Signature", "")),
            ["what is no hex"] = ("hmac-malformed", () => Tampered(world, "X-Signature", new string('g', 64))),
            ["the header gone"] = ("credentials-missing", () => With(Signed(world), m => m.Headers.Remove("X-Signature"))),
        };
        foreach (var (what, (reason, make)) in attacks)
        {
            var answer = await SendAsync(world, make());
            Assert.True((answer.Status, answer.Reason) == (401, reason), $"{what} was answered {answer.Status} for {answer.Reason}");
            Assert.Equal("HMAC realm=\"gateway\", header=\"X-Signature\"", answer.Challenge);
        }
    }

    [Fact]
    public async Task A_request_with_a_time_is_taken_once()
    {
        await using var world = await StartAsync();
        var first = await SendAsync(world, Signed(world));

        Assert.Equal(200, first.Status);
        Assert.Equal("request-replayed", (await SendAsync(world, first.Again())).Reason);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await SendAsync(world, Signed(world))).Status);
    }

    [Fact]
    public async Task A_partners_own_form_is_taken_as_declared()
    {
        await using var world = await StartAsync();

        Assert.Equal(200, (await SendAsync(world, Own("v0="))).Status);
        Assert.Equal(200, (await SendAsync(world, Own("v0="))).Status);
        Assert.Equal("hmac-malformed", (await SendAsync(world, Own(""))).Reason);

        HttpRequestMessage Own(string prefix)
        {
            var message = new HttpRequestMessage(HttpMethod.Post, new Uri(world.Url, "/other")) { Content = new StringContent("{}") };
            message.Headers.Add("X-Who", "edi");
            message.Headers.Add("X-Sum", prefix + Convert.ToBase64String(HMACSHA512.HashData(Encoding.UTF8.GetBytes(Secret), "{}"u8)));
            return message;
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="more">What stands in the overlay.</param>
    private Task<KindWorld> StartAsync(string more = "governance: { failedAttempts: { perConsumer: 1000 } }") =>
        KindWorld.StartAsync([new CaseWorkspaceFile { Path = "routes/cases.yaml", Content = Files }, new CaseWorkspaceFile { Path = "policies.demo.yaml", Content = more }], clock: _clock);

    private static Task<Judged> SendAsync(KindWorld world, HttpRequestMessage message) => Judged.SendAsync(world, message, Cancellation);

    private static HttpRequestMessage With(HttpRequestMessage message, Action<HttpRequestMessage> tamper)
    {
        tamper(message);
        return message;
    }

    private HttpRequestMessage Tampered(KindWorld world, string header, string value) => With(Signed(world), m =>
    {
        m.Headers.Remove(header);
        m.Headers.TryAddWithoutValidation(header, value);
    });

    private string Hmac(KindWorld world) => Signed(world).Headers.GetValues("X-Signature").Single();

    private HttpRequestMessage Signed(KindWorld world, byte[]? secret = null, string key = "web", string? timestamp = null)
    {
        const string Body = "{\"hello\":\"world\"}";
        timestamp ??= _clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var message = new HttpRequestMessage(HttpMethod.Post, new Uri(world.Url, "/plain/1?b=2&a=1")) { Content = new StringContent(Body) };
        message.Headers.Add("X-Key-Id", key);
        message.Headers.Add("X-Timestamp", timestamp);
        message.Headers.Add("X-Signature", Convert.ToHexStringLower(HMACSHA256.HashData(secret ?? Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes($"{timestamp}\nPOST\n/plain/1\nb=2&a=1\n{Body}"))));
        return message;
    }
}
