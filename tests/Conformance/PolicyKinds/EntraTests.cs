using Xunit;
using static Gateway.Tests.Conformance.PolicyKinds.EntraServer;

namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>Tokens of Entra ID, checked by Microsoft.Identity.Web against metadata of Entra's shape, over HTTPS.</summary>
public sealed class EntraTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_of_the_tenant_opens_the_route_and_its_roles_or_scopes_narrow_its_consumer()
    {
        await using var entra = await EntraServer.StartAsync();
        await using var world = await StartAsync(entra);
        Dictionary<string, (string Token, int Any, int Reads, int Writes)> tokens = new()
        {
            ["of an application"] = (entra.Token(), 200, 200, 403),
            ["of a user"] = (entra.Token(claims: [("roles", null), ("scp", "orders.write User.Read"), ("name", "Somebody")]), 200, 403, 200),
            ["of neither roles nor scopes"] = (entra.Token(claims: [("roles", null)]), 200, 200, 200),
        };
        foreach (var (what, (token, any, reads, writes)) in tokens)
        {
            for (var i = 0; i < 2; i++)
            {
                var got = ((await world.GetAsync("/any", token, Cancellation)).Status, (await world.GetAsync("/reads", token, Cancellation)).Status, (await world.GetAsync("/writes", token, Cancellation)).Status);
                Assert.True(got == (any, reads, writes), $"a token {what} was answered {got}");
            }
        }
        Assert.Equal([Tenant], entra.Read);
    }

    [Fact]
    public async Task A_token_that_is_not_the_tenants_for_us_in_version_2_is_refused()
    {
        await using var entra = await EntraServer.StartAsync();
        await using var world = await StartAsync(entra);
        var now = TimeProvider.System.GetUtcNow();
        Dictionary<string, string> refused = new()
        {
            ["of another tenant"] = entra.Token(OtherTenant),
            ["of another tenant in our tenant's name"] = entra.Token(claims: [("tid", OtherTenant)]),
            ["of our tenant in another's name"] = entra.Token(OtherTenant, ("tid", Tenant)),
            ["without a tenant"] = entra.Token(claims: [("tid", null)]),
            ["whose tenant is written large"] = entra.Token(claims: [("tid", Tenant.ToUpperInvariant())]),
            ["for another audience"] = entra.Token(claims: [("aud", "other-api")]),
            ["for our audience as an address"] = entra.Token(claims: [("aud", "api://" + Client)]),
            ["of version 1"] = entra.Token(claims: [("ver", "1.0"), ("iss", $"https://sts.windows.net/{Tenant}/"), ("azp", null), ("appid", "shop-client")]),
            ["of version 1 from the address of version 2"] = entra.Token(claims: [("ver", "1.0")]),
            ["without a version"] = entra.Token(claims: [("ver", null)]),
            ["that has ended"] = entra.Token(claims: [("exp", now.AddMinutes(-2).ToUnixTimeSeconds())]),
            ["that has not begun"] = entra.Token(claims: [("nbf", now.AddMinutes(2).ToUnixTimeSeconds())]),
            ["without an end"] = entra.Token(claims: [("exp", null)]),
            ["of an application that we do not know"] = entra.Token(claims: [("azp", "somebody-else")]),
            ["whose signature is cut"] = entra.Token()[..^8],
        };
        foreach (var (what, token) in refused)
        {
            var answer = await world.GetAsync("/any", token, Cancellation);
            Assert.True((answer.Status, answer.Problem) == (401, "unauthenticated"), $"a token {what} was answered {answer.Status} {answer.Body}");
        }
        Assert.Equal(200, (await world.GetAsync("/any", entra.Token(), Cancellation)).Status);
    }

    [Fact]
    public async Task Of_several_tenants_those_that_are_named_are_taken_and_the_same_id_in_two_of_them_is_two_callers()
    {
        const string Third = "11111111-2222-4333-8444-555555555555";
        await using var entra = await EntraServer.StartAsync();
        var options = $"kind: entra, issuer: \"{entra.Issuer("organizations")}\", audience: {Client}, tenants: [{Tenant}, {OtherTenant}]";
        await using var world = await KindWorld.StartAsync(TokenWorld.Files(options, $"it/{Tenant}/shop-client, it/{OtherTenant}/edi-client"), outside: entra.Trusting);

        Assert.Equal(200, (await world.GetAsync("/any", entra.Token(), Cancellation)).Status);
        Assert.Equal(200, (await world.GetAsync("/any", entra.Token(OtherTenant, ("azp", "edi-client")), Cancellation)).Status);
        Assert.Equal(401, (await world.GetAsync("/any", entra.Token(OtherTenant), Cancellation)).Status);
        Assert.Equal(401, (await world.GetAsync("/any", entra.Token(Third), Cancellation)).Status);
        Assert.Equal(401, (await world.GetAsync("/any", entra.Token(Third, ("tid", Tenant)), Cancellation)).Status);
        Assert.Equal(401, (await world.GetAsync("/any", entra.Token(Third, ("iss", entra.Issuer(Tenant))), Cancellation)).Status);
    }

    [Fact]
    public async Task Two_tenants_can_be_two_issuers_of_one_route()
    {
        await using var entra = await EntraServer.StartAsync();
        string Options(string tenant) => $"kind: entra, issuer: \"{entra.Issuer(tenant)}\", audience: {Client}";
        var files = TokenWorld.Files(Options(Tenant), "it/shop-client, them/edi-client");
        files[0] = files[0] with
        {
            Content = files[0].Content.Replace("partners:", $"  them: {{ {Options(OtherTenant)} }}\npartners:", StringComparison.Ordinal).Replace("issuers: [it]", "issuers: [it, them]", StringComparison.Ordinal),
        };
        await using var world = await KindWorld.StartAsync(files, outside: entra.Trusting);

        Assert.Equal(200, (await world.GetAsync("/any", entra.Token(), Cancellation)).Status);
        Assert.Equal(200, (await world.GetAsync("/any", entra.Token(OtherTenant, ("azp", "edi-client")), Cancellation)).Status);
        Assert.Equal(401, (await world.GetAsync("/any", entra.Token(OtherTenant), Cancellation)).Status);
        Assert.Equal([Tenant, OtherTenant], entra.Read);
    }

    [Fact]
    public async Task An_issuer_whose_certificate_nobody_trusts_is_not_believed()
    {
        await using var entra = await EntraServer.StartAsync();
        await using var world = await KindWorld.StartAsync(TokenWorld.Files(Options(entra)));

        Assert.Equal(503, (await world.GetAsync("/any", entra.Token(), Cancellation)).Status);
    }

    private static string Options(EntraServer entra) => $"kind: entra, issuer: \"{entra.Issuer()}\", audience: {Client}";

    private static Task<KindWorld> StartAsync(EntraServer entra) => KindWorld.StartAsync(TokenWorld.Files(Options(entra)), outside: entra.Trusting);
}
