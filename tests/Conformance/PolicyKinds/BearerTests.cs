using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Xunit;

namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>Bearer tokens of a real issuer, from its discovery document to the backend.</summary>
public sealed class BearerTests
{
    private const string Routes = """
        apis:
          cases:
            owner: us
            routes:
              tokens:
                match: GET /tokens/{id}
                policies: [authenticate: { bearer: { issuers: [company] } }, rateLimit: { limit: 100, window: 1h }]
                target: { forward: echo }
              both:
                match: GET /both/{id}
                policies: [authenticate: { apiKey: {}, bearer: { issuers: [company] } }]
                target: { forward: echo }
              reads:
                match: GET /reads/{id}
                policies: [{ authenticate: { bearer: { issuers: [company] } } }, { authorize: { scopes: [orders.read] } }]
                target: { forward: echo }
              writes:
                match: GET /writes/{id}
                policies: [{ authenticate: { bearer: { issuers: [company] } } }, { authorize: { scopes: [orders.write] } }]
                target: { forward: echo }
              ships:
                match: GET /ships/{id}
                policies: [{ authenticate: { bearer: { issuers: [company] } } }, { authorize: { scopes: [shipments.write] } }]
                target: { forward: echo }
        """;

    [Fact]
    public async Task A_token_that_holds_opens_the_route_and_ends_there()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);

        foreach (var token in (string[])[issuer.Token(), issuer.Token("PS256"), issuer.Token(claims: [("sub", "somebody"), ("azp", "shop-client")])])
        {
            var answer = await Get(world, token);
            Assert.Equal(200, answer.Status);
            Assert.Contains("Bearer key-of-the-gateway", answer.Body, StringComparison.Ordinal);
            Assert.DoesNotContain(token, answer.Body, StringComparison.Ordinal);
        }
        Assert.Equal(1, issuer.KeysFetched);
    }

    [Theory]
    [InlineData("azp")]
    [InlineData("client_id")]
    [InlineData("appid")]
    [InlineData("sub")]
    public async Task A_caller_is_named_by_any_of_these_claims(string claim)
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);

        Assert.Equal(200, (await Get(world, issuer.Token(claims: [("sub", null), (claim, "shop-client")]))).Status);
        Assert.Equal(401, (await Get(world, issuer.Token(claims: [("sub", null), ("email", "shop-client")]))).Status);
    }

    [Fact]
    public async Task A_token_that_does_not_hold_is_refused()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var other = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);
        using var stranger = RSA.Create(2048);
        var now = TimeProvider.System.GetUtcNow();
        var good = issuer.Token();
        var parts = good.Split('.');

        Dictionary<string, string> refused = new()
        {
            ["expired"] = issuer.Token(claims: [("exp", now.AddMinutes(-2).ToUnixTimeSeconds())]),
            ["without an end"] = issuer.Token(claims: [("exp", null)]),
            ["not yet valid"] = issuer.Token(claims: [("nbf", now.AddMinutes(2).ToUnixTimeSeconds())]),
            ["of another audience"] = issuer.Token(claims: [("aud", "other-api")]),
            ["of several audiences, ours not among them"] = issuer.Token(claims: [("aud", new JsonArray("x", "y"))]),
            ["without an audience"] = issuer.Token(claims: [("aud", null)]),
            ["of another issuer"] = other.Token(),
            ["of another issuer in our issuer's name"] = other.Token(claims: [("iss", issuer.Issuer)]),
            ["in another issuer's name"] = issuer.Token(claims: [("iss", "https://other.example/")]),
            ["without an issuer"] = issuer.Token(claims: [("iss", null)]),
            ["whose issuer is a number"] = issuer.Token(claims: [("iss", 7)]),
            ["whose issuer is a list"] = issuer.Token(claims: [("iss", new JsonArray(issuer.Issuer))]),
            ["of nobody we know"] = issuer.Token(claims: [("sub", "stranger")]),
            ["of nobody"] = issuer.Token(claims: [("sub", null)]),
            ["of somebody who differs in case"] = issuer.Token(claims: [("sub", "Shop-Client")]),
            ["not signed"] = issuer.Token("none"),
            ["signed by a stranger"] = issuer.Token(key: stranger),
            ["signed with the public key as a secret"] = issuer.Token("HS256"),
            ["signed by an algorithm we do not take"] = issuer.Token("RS512"),
            ["with a key id that is not known"] = issuer.Token(key: stranger, kid: "two"),
            ["whose signature is cut"] = good[..^8],
            ["without its signature"] = $"{parts[0]}.{parts[1]}.",
            ["whose content was changed"] = $"{parts[0]}.{issuer.Token(claims: [("sub", "x")]).Split('.')[1]}.{parts[2]}",
            ["that is garbage"] = "garbage",
            ["that is garbage in three parts"] = "a.b.c",
            ["with a head that is no JSON"] = $"bm90IGpzb24.{parts[1]}.{parts[2]}",
            ["with a body that is no JSON"] = $"{parts[0]}.bm90IGpzb24.{parts[2]}",
            ["with a body that is no object"] = $"{parts[0]}.WzFd.{parts[2]}",
            ["that is empty"] = "",
            ["that is too long"] = issuer.Token(claims: [("padding", new string('x', 17_000))]),
            ["in five parts, as encrypted ones are"] = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAA.AAAA.AAAA",
        };
        foreach (var (what, token) in refused)
        {
            var answer = await Get(world, token);
            Assert.True((answer.Status, answer.Problem) == (401, "unauthenticated"), $"a token {what} was answered {answer.Status} {answer.Body}");
            Assert.Equal("Bearer realm=\"gateway\", error=\"invalid_token\"", answer.Header("WWW-Authenticate"));
            Assert.True(token.Length == 0 || !answer.Body.Contains(token, StringComparison.Ordinal), $"a token {what} was repeated");
        }
        Assert.Equal(200, (await Get(world, good)).Status);
    }

    [Fact]
    public async Task When_the_issuer_changes_its_keys_tokens_of_the_old_ones_end_though_they_were_validated_before()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);
        var old = issuer.Token();
        for (var i = 0; i < 3; i++) Assert.Equal(200, (await Get(world, old)).Status);

        issuer.ChangeKey("two");
        // The first token of an unknown key waits until the keys were fetched anew.
        Assert.Equal(200, (await Get(world, issuer.Token(kid: "two"))).Status);
        Assert.Equal(401, (await Get(world, old)).Status);
    }

    [Fact]
    public async Task A_consumer_that_is_taken_out_of_the_workspace_is_out_though_its_token_was_validated_before()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await KindWorld.StartAsync([new CaseWorkspaceFile { Path = "routes/cases.yaml", Content = Routes }], issuer.Issuer, reload: true);
        var token = issuer.Token();
        for (var i = 0; i < 3; i++) Assert.Equal(200, (await Get(world, token)).Status);

        await world.ChangeAsync("policies.yaml", yaml => yaml.Replace(", subjects: [company/shop-client]", "", StringComparison.Ordinal), Cancellation);
        Assert.Equal(401, (await Get(world, token)).Status);

        await world.ChangeAsync("policies.yaml", yaml => yaml.Replace("acme-edi: {", "acme-edi: { subjects: [company/shop-client],", StringComparison.Ordinal), Cancellation);
        Assert.Equal(200, (await Get(world, token)).Status);
    }

    [Fact]
    public async Task A_token_with_scopes_of_its_own_narrows_what_its_consumer_was_granted_and_never_widens_it()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);
        Dictionary<string, (string Token, int Reads, int Writes, int Ships)> tokens = new()
        {
            ["without a word of scopes has all"] = (issuer.Token(), 200, 200, 403),
            ["of one scope"] = (issuer.Token(claims: [("scope", "openid orders.read")]), 200, 403, 403),
            ["of one scope in Entra's claim"] = (issuer.Token(claims: [("scp", "orders.write")]), 403, 200, 403),
            ["of an application's roles"] = (issuer.Token(claims: [("roles", new JsonArray("orders.read", "orders.write"))]), 200, 200, 403),
            ["of a scope that the consumer was not granted"] = (issuer.Token(claims: [("scope", "shipments.write")]), 403, 403, 403),
            ["of no scope at all"] = (issuer.Token(claims: [("scope", "")]), 403, 403, 403),
        };
        foreach (var (what, (token, reads, writes, ships)) in tokens)
        {
            // Twice: the second is found among the validated ones.
            for (var i = 0; i < 2; i++)
            {
                var got = ((await Get(world, token, "/reads/1")).Status, (await Get(world, token, "/writes/1")).Status, (await Get(world, token, "/ships/1")).Status);
                Assert.True(got == (reads, writes, ships), $"a token {what} was answered {got}");
            }
        }
    }

    [Fact]
    public async Task While_the_issuer_is_down_nobody_can_say_and_keys_still_work()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        issuer.Down = true;
        await using var world = await StartAsync(issuer);

        var answer = await Get(world, issuer.Token());
        Assert.Equal((503, "issuer-unavailable"), (answer.Status, answer.Problem));
        Assert.Equal("5", answer.Header("Retry-After"));
        Assert.Equal("", answer.Header("WWW-Authenticate"));
        Assert.DoesNotContain("127.0.0.1", answer.Body, StringComparison.Ordinal);
        var byKey = await world.SendAsync(new CaseRequest { Path = "/both/1", Headers = new Dictionary<string, string> { ["X-Api-Key"] = "key-of-acme-shop" } }, Cancellation);
        Assert.Equal(200, byKey.Status);

        // It is left alone for a second.
        issuer.Down = false;
        for (var tries = 0; tries < 100 && (await Get(world, issuer.Token())).Status != 200; tries++) await Task.Delay(50, Cancellation);
        Assert.Equal(200, (await Get(world, issuer.Token())).Status);

        issuer.Down = true;
        Assert.Equal(200, (await Get(world, issuer.Token())).Status);
    }

    [Fact]
    public async Task An_issuer_that_is_not_there_is_down()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        var token = issuer.Token();
        var gone = issuer.Issuer;
        await issuer.DisposeAsync();
        await using var world = await KindWorld.StartAsync([new CaseWorkspaceFile { Path = "routes/cases.yaml", Content = Routes }], gone);

        Assert.Equal((503, "issuer-unavailable"), (await Get(world, token)) is var answer ? (answer.Status, answer.Problem) : default);
    }

    [Fact]
    public async Task Many_first_tokens_at_once_all_get_through()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Get(world, issuer.Token())));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Task<KindWorld> StartAsync(OidcIssuer issuer) =>
        KindWorld.StartAsync([new CaseWorkspaceFile { Path = "routes/cases.yaml", Content = Routes }], issuer.Issuer);

    private static Task<Answered> Get(KindWorld world, string token, string path = "/tokens/1") =>
        world.SendAsync(new CaseRequest { Path = path, Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer " + token } }, Cancellation);
}
