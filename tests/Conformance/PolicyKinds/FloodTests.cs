using Xunit;

namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>Ten thousand bad credentials cost no memory that stays, and nobody else anything. Alone in the process: what others allocate would count.</summary>
[Collection(nameof(FloodTests))]
[CollectionDefinition(nameof(FloodTests), DisableParallelization = true)]
public sealed class FloodTests
{
    private const int Flood = 10_000;

    /// <summary>Nobody is throttled, so that every single one is looked at.</summary>
    private const string Patient = "{ failedAttempts: { perAddress: 1000000, perConsumer: 1000000 } }";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bad_keys_leave_nothing_behind()
    {
        await using var world = await KindWorld.StartAsync(TokenWorld.Files("issuer: http://127.0.0.1:1/, audience: api", governance: Patient));
        var padding = new string('k', 200);

        var more = await MeasureAsync(async i => (await world.SendAsync(new CaseRequest { Path = "/any", Headers = new Dictionary<string, string> { ["X-Api-Key"] = $"{padding}{i}" } }, Cancellation)).Status);

        Assert.True(more < 8_000_000, $"{more} bytes more");
    }

    [Fact]
    public async Task Bad_tokens_leave_nothing_behind_and_key_ids_that_nobody_has_cost_the_issuer_a_handful_of_readings()
    {
        var clock = new MovedClock();
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await KindWorld.StartAsync(TokenWorld.Files($"issuer: \"{issuer.Issuer}\", audience: api", governance: Patient), clock: clock);
        var (body, padding) = (TokenAttackTests.Body(issuer), new string('k', 5_000));

        var more = await MeasureAsync(async i => (await world.GetAsync("/any", issuer.Signed($$"""{"alg":"RS256","kid":"{{padding}}{{i}}"}""", body, _ => new byte[256]), Cancellation)).Status);

        Assert.True(more < 16_000_000, $"{more} bytes more");
        Assert.InRange(issuer.KeysFetched, 1, 20);
        issuer.ChangeKey("two");
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(200, (await world.GetAsync("/any", issuer.Token(kid: "two"), Cancellation)).Status);
    }

    [Fact]
    public async Task Bad_opaque_tokens_are_remembered_without_themselves_and_forget_no_good_one()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        issuer.Introspection = """{ "active": true, "aud": "api", "sub": "shop-client" }""";
        var options = $$"""kind: introspection, issuer: "{{issuer.Issuer}}", audience: api, introspection: { client: api, secret: secret://demo/secret }""";
        await using var world = await KindWorld.StartAsync(TokenWorld.Files(options, governance: Patient));
        Assert.Equal(200, (await world.GetAsync("/any", "good", Cancellation)).Status);
        issuer.Introspection = """{ "active": false }""";
        var padding = new string('x', 6_000);

        var more = await MeasureAsync(async i => (await world.GetAsync("/any", $"{padding}{i}", Cancellation)).Status);

        Assert.True(more < 16_000_000, $"{more} bytes more");
        Assert.Equal(200, (await world.GetAsync("/any", "good", Cancellation)).Status);
    }

    /// <summary>How many bytes more the process keeps after the flood than after the first requests.</summary>
    private static async Task<long> MeasureAsync(Func<int, Task<int>> send)
    {
        await SendAsync(0, 500);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await SendAsync(500, Flood);
        return GC.GetTotalMemory(forceFullCollection: true) - before;

        Task SendAsync(int from, int count) => Parallel.ForEachAsync(Enumerable.Range(from, count), Cancellation, async (i, _) => Assert.Equal(401, await send(i)));
    }
}
