using Gateway.Tests.Peers;
using Xunit;

namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>Tokens that an issuer is asked about (RFC 7662): a real OpenIddict server, over real sockets.</summary>
public sealed class IntrospectionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("basic", false)]
    [InlineData("form", false)]
    [InlineData("basic", true)]
    public async Task An_opaque_token_that_its_issuer_knows_opens_the_route_and_ends_there(string authentication, bool declared)
    {
        await using var server = await IdentityServer.StartAsync(opaque: true);
        await using var world = await KindWorld.StartAsync(Files(server, $", authentication: {authentication}" + (declared ? $", endpoint: {server.Issuer}connect/introspect" : "")));
        var token = await server.TokenAsync();
        Assert.DoesNotContain('.', token);

        for (var i = 0; i < 5; i++)
        {
            var answer = await world.GetAsync("/any", token, Cancellation);
            Assert.Equal(200, answer.Status);
            Assert.Contains("Bearer key-of-the-gateway", answer.Body, StringComparison.Ordinal);
            Assert.DoesNotContain(token, answer.Body, StringComparison.Ordinal);
        }
        Assert.Equal(1, server.Asked);
    }

    [Fact]
    public async Task What_the_issuer_says_of_scopes_narrows_what_the_consumer_was_granted()
    {
        await using var server = await IdentityServer.StartAsync(opaque: true);
        await using var world = await KindWorld.StartAsync(Files(server));
        var token = await server.TokenAsync(scope: "orders.read");

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(200, (await world.GetAsync("/reads", token, Cancellation)).Status);
            Assert.Equal(403, (await world.GetAsync("/writes", token, Cancellation)).Status);
        }
    }

    [Fact]
    public async Task A_revoked_token_is_good_no_longer_than_answers_count()
    {
        var clock = new MovedClock();
        await using var server = await IdentityServer.StartAsync(opaque: true);
        await using var world = await KindWorld.StartAsync(Files(server, ", cacheFor: 30s"), clock: clock);
        var token = await server.TokenAsync();
        Assert.Equal(200, (await world.GetAsync("/any", token, Cancellation)).Status);

        await server.RevokeAsync(token);
        Assert.Equal(200, (await world.GetAsync("/any", token, Cancellation)).Status);
        clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(401, (await world.GetAsync("/any", token, Cancellation)).Status);
        Assert.Equal(2, server.Asked);
    }

    [Fact]
    public async Task A_token_that_ends_before_its_answer_does_is_not_good_longer()
    {
        var clock = new MovedClock();
        await using var server = await IdentityServer.StartAsync(opaque: true);
        await using var world = await KindWorld.StartAsync(Files(server, ", cacheFor: 1h"), clock: clock);
        server.Lifetime = TimeSpan.FromMinutes(2);
        var token = await server.TokenAsync();
        Assert.Equal(200, (await world.GetAsync("/any", token, Cancellation)).Status);

        clock.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(401, (await world.GetAsync("/any", token, Cancellation)).Status);
    }

    [Fact]
    public async Task A_token_that_the_issuer_does_not_know_is_refused_and_asked_about_once_in_a_while()
    {
        var clock = new MovedClock();
        await using var server = await IdentityServer.StartAsync(opaque: true);
        await using var world = await KindWorld.StartAsync(Files(server), clock: clock);

        for (var i = 0; i < 10; i++)
        {
            var answer = await world.GetAsync("/reads", "nobodys-token", Cancellation);
            Assert.Equal((401, "unauthenticated"), (answer.Status, answer.Problem));
            Assert.Equal("Bearer realm=\"gateway\", error=\"invalid_token\"", answer.Header("WWW-Authenticate"));
            Assert.DoesNotContain("nobodys-token", answer.Body, StringComparison.Ordinal);
        }
        Assert.Equal(1, server.Asked);

        clock.Advance(TimeSpan.FromSeconds(10));
        await world.GetAsync("/reads", "nobodys-token", Cancellation);
        Assert.Equal(2, server.Asked);
    }

    [Fact]
    public async Task Many_requests_with_one_token_at_once_ask_once()
    {
        await using var server = await IdentityServer.StartAsync(opaque: true);
        await using var world = await KindWorld.StartAsync(Files(server));
        var token = await server.TokenAsync();
        server.Thinks = TimeSpan.FromMilliseconds(300);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => world.GetAsync("/any", token, Cancellation)));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Equal(1, server.Asked);
    }

    [Fact]
    public async Task While_the_issuer_is_down_nobody_can_say_and_what_was_said_still_counts()
    {
        await using var server = await IdentityServer.StartAsync(opaque: true);
        await using var world = await KindWorld.StartAsync(Files(server));
        var (known, other) = (await server.TokenAsync(), await server.TokenAsync());
        Assert.Equal(200, (await world.GetAsync("/any", known, Cancellation)).Status);

        server.Down = true;
        var answer = await world.GetAsync("/reads", other, Cancellation);
        Assert.Equal((503, "issuer-unavailable"), (answer.Status, answer.Problem));
        Assert.Equal("5", answer.Header("Retry-After"));
        Assert.Equal("", answer.Header("WWW-Authenticate"));
        Assert.DoesNotContain("127.0.0.1", answer.Body, StringComparison.Ordinal);
        Assert.Equal(200, (await world.GetAsync("/any", known, Cancellation)).Status);

        server.Down = false;
        Assert.Equal(200, (await world.GetAsync("/reads", other, Cancellation)).Status);
    }

    [Fact]
    public async Task Where_the_issuer_does_not_take_our_own_secret_that_is_our_trouble_and_not_the_callers()
    {
        await using var server = await IdentityServer.StartAsync(opaque: true);
        await using var world = await KindWorld.StartAsync(Files(server, secret: "another-secret"));

        var answer = await world.GetAsync("/any", await server.TokenAsync(), Cancellation);

        Assert.Equal((503, "issuer-unavailable"), (answer.Status, answer.Problem));
    }

    [Fact]
    public async Task A_token_for_another_audience_is_refused()
    {
        await using var server = await IdentityServer.StartAsync(opaque: true);
        await using var world = await KindWorld.StartAsync(Files(server).Select(file => file with { Content = file.Content.Replace("audience: api", "audience: other-api", StringComparison.Ordinal) }));

        Assert.Equal(401, (await world.GetAsync("/any", await server.TokenAsync(), Cancellation)).Status);
    }

    [Fact]
    public async Task An_issuer_that_is_asked_about_all_its_tokens_is_asked_about_its_JWTs_too_so_they_can_be_revoked()
    {
        var clock = new MovedClock();
        await using var server = await IdentityServer.StartAsync();
        await using var world = await KindWorld.StartAsync(Files(server), clock: clock);
        var token = await server.TokenAsync();
        Assert.Equal(3, token.Split('.').Length);
        Assert.Equal(200, (await world.GetAsync("/any", token, Cancellation)).Status);

        await server.RevokeAsync(token);
        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(401, (await world.GetAsync("/any", token, Cancellation)).Status);
    }

    [Fact]
    public async Task An_OpenID_provider_that_can_be_asked_is_asked_about_what_is_no_JWT_alone()
    {
        await using var server = await IdentityServer.StartAsync();
        await using var world = await KindWorld.StartAsync(Files(server, kind: "oidc"));

        Assert.Equal(200, (await world.GetAsync("/any", await server.TokenAsync(), Cancellation)).Status);
        Assert.Equal(0, server.Asked);
        Assert.Equal(401, (await world.GetAsync("/any", "opaque", Cancellation)).Status);
        Assert.Equal(1, server.Asked);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "active": "true", "aud": "api", "sub": "shop-client" }""")]
    [InlineData("""{ "active": 1, "aud": "api", "sub": "shop-client" }""")]
    [InlineData("""{ "active": false, "active": true, "aud": "api", "sub": "shop-client" }""")]
    [InlineData("""[{ "active": true, "aud": "api", "sub": "shop-client" }]""")]
    [InlineData("active")]
    [InlineData("")]
    public async Task An_answer_that_does_not_say_whether_the_token_is_active_says_nothing(string said)
    {
        await using var issuer = await OidcIssuer.StartAsync();
        issuer.Introspection = said;
        await using var world = await KindWorld.StartAsync(Files(issuer));

        Assert.Equal(503, (await world.GetAsync("/any", "opaque", Cancellation)).Status);
    }

    [Theory]
    [InlineData(200, """{ "active": true, "aud": "api", "sub": "shop-client" }""")]
    [InlineData(200, """{ "active": true, "aud": ["x", "api"], "client_id": "shop-client", "exp": 99999999999999, "token_type": "bearer" }""")]
    [InlineData(401, """{ "active": false, "aud": "api", "sub": "shop-client" }""")]
    [InlineData(401, """{ "active": true, "sub": "shop-client" }""")]
    [InlineData(401, """{ "active": true, "aud": "other", "sub": "shop-client" }""")]
    [InlineData(401, """{ "active": true, "aud": ["ap", "i"], "sub": "shop-client" }""")]
    [InlineData(401, """{ "active": true, "aud": "api", "sub": "somebody-else" }""")]
    [InlineData(401, """{ "active": true, "aud": "api" }""")]
    [InlineData(401, """{ "active": true, "aud": "api", "sub": "shop-client", "exp": 1000000000 }""")]
    [InlineData(401, """{ "active": true, "aud": "api", "sub": "shop-client", "exp": -1e300 }""")]
    [InlineData(401, """{ "active": true, "aud": "api", "sub": "shop-client", "nbf": 99999999999 }""")]
    [InlineData(401, """{ "active": true, "aud": "api", "sub": "shop-client", "iss": "https://other.example/" }""")]
    [InlineData(401, """{ "active": true, "aud": "api", "sub": "shop-client", "token_type": "DPoP" }""")]
    [InlineData(401, """{ "active": true, "aud": "api", "sub": "shop-client", "token_type": "N_A" }""")]
    public async Task An_answer_is_judged_by_all_that_it_says(int status, string said)
    {
        await using var issuer = await OidcIssuer.StartAsync();
        issuer.Introspection = said;
        await using var world = await KindWorld.StartAsync(Files(issuer));

        Assert.Equal(status, (await world.GetAsync("/any", "opaque", Cancellation)).Status);
    }

    private static string Options(string issuer, string kind, string more = "", string secret = IdentityServer.Secret) =>
        $$"""kind: {{kind}}, issuer: "{{issuer}}", audience: api, introspection: { client: api, secret: "secret://demo/{{secret}}"{{more}} }""";

    private static CaseWorkspaceFile[] Files(IdentityServer server, string more = "", string kind = "introspection", string secret = IdentityServer.Secret) =>
        TokenWorld.Files(Options(server.Issuer, kind, more, secret));

    private static CaseWorkspaceFile[] Files(OidcIssuer issuer) => TokenWorld.Files(Options(issuer.Issuer, "introspection"));
}
