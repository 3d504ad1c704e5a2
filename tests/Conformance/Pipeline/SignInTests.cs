using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.PolicyKinds;
using Gateway.Tests.Peers;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Conformance.Pipeline;

/// <summary>How the gateway signs in at backends that it forwards to: on real sockets, in a gateway that runs while secrets change.</summary>
public sealed class SignInTests : IDisposable
{
    private readonly DirectoryInfo _secrets = Directory.CreateTempSubdirectory("gateway-secrets-");

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _secrets.Delete(recursive: true);

    [Theory]
    [InlineData("{ key: secret://demo/k }", "Authorization", "Bearer k")]
    [InlineData("{ key: secret://demo/k, scheme: Token }", "Authorization", "Token k")]
    [InlineData("{ key: secret://demo/k, header: X-Api-Key }", "X-Api-Key", "k")]
    [InlineData("{ basic: { user: gateway, password: secret://demo/päss } }", "Authorization", "Basic Z2F0ZXdheTpww6Rzcw==")]
    public async Task A_backend_gets_what_was_declared_and_nothing_of_the_callers(string credential, string header, string value)
    {
        await using var guarded = await Guarded.StartAsync();
        guarded.Wants = request => request.Headers[header] == value && request.Headers.Cookie.Count == 0;
        await using var world = await StartAsync(guarded, credential);

        Assert.Equal(200, (await SendAsync(world, "GET", ("Authorization", "Bearer of-a-caller"), ("Cookie", "a=b"), ("X-Api-Key", "key-of-a-caller"))).Status);
    }

    [Theory]
    [InlineData("{ key: FILE, header: API-Key }", "API-Key", "one", "two")]
    [InlineData("{ basic: { user: gateway, password: FILE } }", "Authorization", "Basic Z2F0ZXdheTpvbmU=", "Basic Z2F0ZXdheTp0d28=")]
    public async Task A_key_that_is_replaced_in_its_file_is_shown_as_soon_as_the_backend_wants_it(string credential, string header, string old, string @new)
    {
        await using var guarded = await Guarded.StartAsync();
        guarded.Wants = request => request.Headers[header] == old;
        await using var world = await StartAsync(guarded, credential.Replace("FILE", Secret("key", "one"), StringComparison.Ordinal));
        Assert.Equal(200, (await SendAsync(world, "GET")).Status);

        Secret("key", "two");
        guarded.Wants = request => request.Headers[header] == @new;

        Assert.Equal(200, (await SendAsync(world, "GET")).Status);
        Assert.Equal(200, (await SendAsync(world, "POST")).Status);
    }

    [Fact]
    public async Task A_request_that_may_change_something_is_not_sent_twice()
    {
        await using var guarded = await Guarded.StartAsync();
        guarded.Wants = request => request.Headers["API-Key"] == "one";
        // On a clock that stands still nobody looks at the file but who was refused.
        await using var world = await StartAsync(guarded, $"{{ key: {Secret("key", "one")}, header: API-Key }}", clock: _clock);
        Assert.Equal(200, (await SendAsync(world, "POST")).Status);

        Secret("key", "two");
        guarded.Wants = request => request.Headers["API-Key"] == "two";
        var before = guarded.Calls;
        var refused = await SendAsync(world, "POST");

        Assert.Equal((503, "backend-unavailable", before + 1), (refused.Status, refused.Problem, guarded.Calls));
        Assert.Equal(200, (await SendAsync(world, "POST")).Status);
    }

    [Fact]
    public async Task A_token_is_fetched_once_and_shown_to_the_backend()
    {
        await using var guarded = await Guarded.StartAsync();
        await using var server = await TokenEndpoint.StartAsync();
        guarded.Wants = request => request.Headers.Authorization.ToString().StartsWith("Bearer ey", StringComparison.Ordinal);
        await using var world = await StartAsync(guarded, Oauth2(server));

        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => SendAsync(world, "GET")));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Equal(1, server.Calls);
    }

    [Fact]
    public async Task A_token_that_the_backend_has_revoked_is_replaced_and_one_that_it_never_takes_is_not_asked_for_again_and_again()
    {
        await using var guarded = await Guarded.StartAsync();
        await using var server = await TokenEndpoint.StartAsync();
        await using var world = await StartAsync(guarded, Oauth2(server));

        string? revoked = null;
        guarded.Wants = request => (revoked ??= request.Headers.Authorization.ToString()) != request.Headers.Authorization;
        Assert.Equal(200, (await SendAsync(world, "GET")).Status);
        Assert.Equal(2, server.Calls);

        guarded.Wants = _ => false;
        for (var i = 0; i < 10; i++)
        {
            var refused = await SendAsync(world, "GET");
            Assert.Equal((503, "backend-unavailable"), (refused.Status, refused.Problem));
        }
        Assert.Equal(2, server.Calls);
    }

    [Fact]
    public async Task Without_a_token_nothing_is_sent_and_the_caller_learns_nothing_of_why()
    {
        await using var guarded = await Guarded.StartAsync();
        await using var server = await TokenEndpoint.StartAsync();
        server.Fails = 500;
        await using var world = await StartAsync(guarded, Oauth2(server), clock: _clock);

        var refused = await SendAsync(world, "POST");

        Assert.Equal((503, "backend-unavailable", 0), (refused.Status, refused.Problem, guarded.Calls));
        Assert.NotEmpty(refused.Header("Retry-After"));
        foreach (var inside in (string[])["127.0.0.1", "token", "500", "gateway\"", "s3cr"]) Assert.DoesNotContain(inside, refused.Body, StringComparison.OrdinalIgnoreCase);

        server.Fails = null;
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await SendAsync(world, "POST")).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_certificate_is_shown_in_TLS_and_its_successor_after_it_was_replaced(bool pkcs12)
    {
        using var authority = new TestAuthority();
        await using var guarded = await Guarded.StartAsync(authority);
        guarded.ClientName = "gateway-1";
        using var first = authority.Issue("gateway-1");
        var certificate = pkcs12 ? $"{{ file: {Pkcs12(first, authority)}, passphrase: secret://demo/geheim }}" : $"{{ file: {Pem(first, authority)}, key: {KeyOf(first)} }}";
        await using var world = await StartAsync(guarded, $"{{ certificate: {certificate} }}", $"authorities: {Secret("ca.pem", authority.Pem)}", _clock);
        Assert.Equal((200, "gateway-1"), await NameAsync(world));

        guarded.ClientName = "gateway-2";
        using var second = authority.Issue("gateway-2");
        if (pkcs12)
        {
            Pkcs12(second, authority);
        }
        else
        {
            Pem(second, authority);
            KeyOf(second);
        }
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((200, "gateway-2"), await NameAsync(world));
    }

    [Fact]
    public async Task A_certificate_whose_key_does_not_fit_leaves_the_one_before_and_is_told_to_the_operator()
    {
        using var authority = new TestAuthority();
        await using var guarded = await Guarded.StartAsync(authority);
        guarded.ClientName = "gateway-1";
        using var first = authority.Issue("gateway-1", new DateTimeOffset(2040, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var world = await StartAsync(guarded, $"{{ certificate: {{ file: {Pem(first, authority)}, key: {KeyOf(first)} }} }}", $"authorities: {Secret("ca.pem", authority.Pem)}", _clock);

        using var second = authority.Issue("gateway-2");
        Pem(second, authority);
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((200, "gateway-1"), await NameAsync(world));
        using var admin = new HttpClient { BaseAddress = world.AdminUrl };
        var told = JsonNode.Parse(await admin.GetStringAsync("/readyz", Cancellation))!["credentials"]!.AsArray().Single(c => (string?)c!["backend"] == "guarded")!;
        Assert.Equal(("a certificate", "2040-01-01T00:00:00+00:00", "troubled"), ((string?)told["credential"], (string?)told["expires"], (string?)told["state"]));
        Assert.Contains("can't be used as it is now", (string?)told["trouble"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backend_whose_authority_is_not_trusted_gets_nothing()
    {
        using var authority = new TestAuthority();
        using var other = new TestAuthority();
        await using var guarded = await Guarded.StartAsync(authority);
        guarded.ClientName = "gateway-1";
        using var own = authority.Issue("gateway-1");
        await using var world = await StartAsync(guarded, $"{{ certificate: {{ file: {Pem(own, authority)}, key: {KeyOf(own)} }} }}", $"authorities: {Secret("ca.pem", other.Pem)}");

        var refused = await SendAsync(world, "GET");

        Assert.Equal((503, "backend-unavailable", 0), (refused.Status, refused.Problem, guarded.Calls));
    }

    [Fact]
    public async Task A_key_for_another_route_reaches_no_backend_but_where_it_is_declared()
    {
        await using var guarded = await Guarded.StartAsync();
        await using var world = await StartAsync(guarded, "{ key: secret://demo/k, header: API-Key }", "passHeaders: [Authorization]");

        guarded.Wants = request => !request.Headers.ContainsKey("X-Device-Key") && request.Headers.Authorization == "Bearer of-a-caller";
        Assert.Equal(200, (await SendAsync(world, "GET", ("X-Device-Key", "key-of-a-device"), ("Authorization", "Bearer of-a-caller"))).Status);
    }

    [Theory]
    [InlineData("forwarded", "host=\"HOST\";proto=http;for=127.0.0.1", "")]
    [InlineData("none", "", "")]
    [InlineData("xForwarded", "", "127.0.0.1")]
    public async Task A_backend_is_told_who_called_in_the_form_it_wants(string form, string forwarded, string xForwarded)
    {
        await using var guarded = await Guarded.StartAsync();
        await using var world = await StartAsync(guarded, "{ key: secret://demo/k }", $"caller: {form}");
        (string, string) seen = default;
        guarded.Wants = request =>
        {
            seen = (request.Headers["Forwarded"].ToString(), request.Headers["X-Forwarded-For"].ToString());
            return true;
        };

        await SendAsync(world, "GET", ("Forwarded", "for=6.6.6.6"), ("X-Forwarded-For", "6.6.6.6"));

        Assert.Equal((Parts(forwarded.Replace("HOST", world.Url.Authority, StringComparison.Ordinal)), xForwarded), (Parts(seen.Item1), seen.Item2));

        static string Parts(string? header) => string.Join(';', (header ?? "").Split(';').Order(StringComparer.Ordinal));
    }

    private static string Oauth2(TokenEndpoint server) =>
        $"{{ oauth2: {{ tokenUrl: \"{server.Url}\", clientId: gateway, clientSecret: \"secret://demo/{server.ClientSecret}\" }} }}";

    private static async Task<KindWorld> StartAsync(Guarded guarded, string credential, string more = "", TimeProvider? clock = null) => await KindWorld.StartAsync(
    [
        new()
        {
            Path = "routes/cases.yaml",
            Content = $$"""
                backends:
                  guarded:
                    adapter: http
                    url: "{{guarded.Url}}"
                    credential: {{credential}}
                    {{more}}
                apis:
                  cases:
                    owner: us
                    routes:
                      read: { match: GET /guarded, public: everybody may, target: { forward: guarded } }
                      write: { match: POST /guarded, public: everybody may, target: { forward: guarded } }
                      device: { match: GET /device, policies: [authenticate: { apiKey: { header: X-Device-Key } }], target: { forward: guarded } }
                """,
        },
    ], clock: clock);

    private static Task<Answered> SendAsync(KindWorld world, string method, params (string Name, string Value)[] headers) =>
        world.SendAsync(new CaseRequest { Method = method, Path = "/guarded", Headers = headers.ToDictionary(h => h.Name, h => h.Value), Body = method == "POST" ? "{}" : null }, Cancellation);

    private static async Task<(int Status, string Body)> NameAsync(KindWorld world) => await SendAsync(world, "GET") is var answer ? (answer.Status, answer.Body) : default;

    /// <summary>Writes a secret's file, and returns the reference to it.</summary>
    private string Secret(string name, string content) => Secret(name, Encoding.UTF8.GetBytes(content));

    private string Secret(string name, byte[] content)
    {
        var path = Path.Combine(_secrets.FullName, name);
        File.WriteAllBytes(path + ".new", content);
        File.Move(path + ".new", path, overwrite: true);
        return "secret://file" + path;
    }

    private string Pem(X509Certificate2 certificate, TestAuthority authority) => Secret("client.pem", certificate.ExportCertificatePem() + "\n" + authority.BetweenPem);

    private string KeyOf(X509Certificate2 certificate) => Secret("client.key", certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());

    private string Pkcs12(X509Certificate2 certificate, TestAuthority authority) =>
        Secret("client.pfx", new X509Certificate2Collection { certificate, authority.Between }.Export(X509ContentType.Pkcs12, "geheim")!);
}
