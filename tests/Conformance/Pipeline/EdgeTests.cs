using System.Net;
using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.PolicyKinds;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Conformance.Pipeline;

/// <summary>What a caller says of where it comes from, by itself or through proxies, and what a backend is told of it. Callers here connect from loopback.</summary>
public sealed class EdgeTests
{
    private const string Loopback = "127.0.0.0/8";

    private const string Routes = """
        apis:
          cases:
            owner: us
            routes:
              forwarded: { match: GET /forwarded, public: everybody may, target: { forward: echo } }
        """;

    private static readonly (string Name, string Value)[] Smuggled =
    [
        ("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Prefix", "/admin"), ("X-Forwarded-Port", "1"),
        ("Forwarded", "for=6.6.6.6"), ("X-Real-IP", "6.6.6.6"), ("X-Client-IP", "6.6.6.6"), ("True-Client-IP", "6.6.6.6"), ("CF-Connecting-IP", "6.6.6.6"), ("X-Original-For", "6.6.6.6"),
        ("X-Original-URL", "/admin"), ("X-Rewrite-URL", "/admin"), ("baggage", "tenant=globex"), ("Correlation-Context", "tenant=globex"),
        ("Authorization", "Bearer smuggled"), ("Cookie", "session=smuggled"), ("Proxy-Authorization", "Basic smuggled"), ("X-Api-Key", "smuggled"),
        ("X-Forwarded-User", "admin"), ("X_Forwarded_For", "6.6.6.6"), ("X-Original-Forwarded-For", "6.6.6.6"), ("X-Remote-User", "admin"), ("Remote_User", "admin"), ("X-Auth-Request-Email", "admin@x"),
        ("X-MS-CLIENT-PRINCIPAL", "e30="), ("X-Amzn-Oidc-Identity", "admin"), ("X-SSL-Client-Cert", "cert"), ("X-Client-Cert", "cert"), ("X-Envoy-External-Address", "6.6.6.6"),
        ("Fastly-Client-IP", "6.6.6.6"), ("Via", "1.1 evil"), ("X-HTTP-Method-Override", "DELETE"), ("X-Method-Override", "DELETE"),
    ];

    [Theory]
    [InlineData("")]
    [InlineData("{ networks: [10.0.0.0/8, \"2001:db8::/32\"], baggage: true }")]
    public async Task What_a_stranger_says_of_itself_reaches_no_backend(string proxies)
    {
        await using var world = await StartAsync(proxies);

        var seen = await SeenAsync(world, Smuggled);

        Assert.Equal(("127.0.0.1", "http", world.Url.Authority), (seen("x-forwarded-for"), seen("x-forwarded-proto"), seen("x-forwarded-host")));
        Assert.Equal("Bearer key-of-the-gateway", seen("authorization"));
        Assert.All(Smuggled.Select(s => s.Name).Except(["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Authorization"]), name => Assert.Null(seen(name.ToLowerInvariant())));
    }

    [Theory]
    [InlineData("1", "9.9.9.9, 5.6.7.8", "5.6.7.8")]
    [InlineData("1", "9.9.9.9, 127.0.0.2", "127.0.0.2")]
    [InlineData("2", "9.9.9.9, 5.6.7.8, 127.0.0.2", "5.6.7.8")]
    [InlineData("3", "9.9.9.9, 5.6.7.8, 127.0.0.2", "5.6.7.8")]
    [InlineData("2", "9.9.9.9, unknown", "127.0.0.1")]
    [InlineData("1", "[2001:db8::7]:4711", "2001:db8::7")]
    public async Task A_declared_proxy_is_believed_as_many_hops_as_are_declared(string hops, string told, string address)
    {
        await using var world = await StartAsync($"{{ networks: [{Loopback}], hops: {hops} }}");

        var seen = await SeenAsync(world, ("X-Forwarded-For", told), ("Forwarded", "for=6.6.6.6"));

        Assert.Equal((address, null, null), (seen("x-forwarded-for"), seen("forwarded"), seen("x-original-for")));
    }

    [Fact]
    public async Task Scheme_and_host_are_those_that_the_caller_used()
    {
        await using var world = await StartAsync($"{{ networks: [{Loopback}] }}");

        var seen = await SeenAsync(world, ("X-Forwarded-For", "5.6.7.8"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "api.example"));

        Assert.Equal(("https", "api.example", null, null), (seen("x-forwarded-proto"), seen("x-forwarded-host"), seen("x-original-proto"), seen("x-original-host")));
    }

    [Fact]
    public async Task Who_writes_Forwarded_is_not_believed_another_header_that_went_through()
    {
        await using var world = await StartAsync($"{{ networks: [{Loopback}], header: forwarded }}");

        var told = await SeenAsync(world, ("Forwarded", "for=6.6.6.6, for=5.6.7.8;proto=https;host=api.example"), ("X-Forwarded-For", "6.6.6.6"));
        Assert.Equal("5.6.7.8", told("x-forwarded-for"));
        Assert.Null(told("forwarded"));

        var untold = await SeenAsync(world, ("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-Proto", "https"));
        Assert.Equal(("127.0.0.1", "http"), (untold("x-forwarded-for"), untold("x-forwarded-proto")));
    }

    [Theory]
    [InlineData("baggage: true", "tenant=acme", "tenant=acme")]
    [InlineData("baggage: false", "tenant=acme", null)]
    public async Task Baggage_goes_on_where_a_proxy_answers_for_it(string declared, string sent, string? seen)
    {
        await using var world = await StartAsync($"{{ networks: [{Loopback}], {declared} }}");

        Assert.Equal(seen, (await SeenAsync(world, ("baggage", sent)))("baggage")?.Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Callers_behind_a_declared_proxy_are_counted_apart()
    {
        await using var world = await StartAsync($"{{ networks: [{Loopback}] }}", ", addressLimit: { perSecond: 1 }", new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(57)));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(world, ("X-Forwarded-For", "5.6.7.8")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(world, ("X-Forwarded-For", "6.6.6.6, 5.6.7.9")));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(world, ("X-Forwarded-For", "7.7.7.7, 5.6.7.9")));
    }

    [Fact]
    public async Task A_strangers_spoofed_address_counts_for_nothing()
    {
        await using var world = await StartAsync("{ networks: [10.0.0.0/8] }", ", addressLimit: { perSecond: 1 }", new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(57)));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(world, ("X-Forwarded-For", "5.6.7.8")));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(world, ("X-Forwarded-For", "5.6.7.9")));
    }

    [Fact]
    public async Task What_Connection_names_ends_here_and_takes_nothing_of_the_gateways_away()
    {
        await using var world = await StartAsync("");

        var seen = await SeenAsync(world, ("Connection", "X-Secret-Hop, X-Correlation-Id, Authorization, X-Forwarded-For"), ("X-Secret-Hop", "1"), ("X-Correlation-Id", "abc"), ("X-Kept", "1"));

        Assert.Equal((null, "abc", "1"), (seen("x-secret-hop"), seen("x-correlation-id"), seen("x-kept")));
        Assert.Equal(("Bearer key-of-the-gateway", "127.0.0.1"), (seen("authorization"), seen("x-forwarded-for")));
    }

    [Fact]
    public async Task Proxies_are_taken_over_with_a_changed_workspace()
    {
        await using var world = await StartAsync("{ networks: [10.0.0.0/8] }", reload: true);
        Assert.Equal("127.0.0.1", (await SeenAsync(world, ("X-Forwarded-For", "5.6.7.8")))("x-forwarded-for"));

        await world.ChangeAsync("policies.demo.yaml", text => text.Replace("10.0.0.0/8", Loopback, StringComparison.Ordinal), TestContext.Current.CancellationToken);

        Assert.Equal("5.6.7.8", (await SeenAsync(world, ("X-Forwarded-For", "5.6.7.8")))("x-forwarded-for"));
    }

    private static Task<KindWorld> StartAsync(string proxies, string more = "", TimeProvider? clock = null, bool reload = false) => KindWorld.StartAsync(
        [new() { Path = "routes/cases.yaml", Content = Routes }, new() { Path = "policies.demo.yaml", Content = proxies.Length + more.Length == 0 ? "" : $"governance: {{ {(proxies.Length == 0 ? "" : $"proxies: {proxies}")}{more} }}\n" }], clock: clock, reload: reload);

    /// <summary>What the backend was sent, header by header.</summary>
    private static async Task<Func<string, string?>> SeenAsync(KindWorld world, params (string Name, string Value)[] headers)
    {
        using var answer = await SendAsync(world, headers);
        var seen = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["headers"]!;
        return name => (string?)seen[name];
    }

    private static async Task<HttpStatusCode> StatusAsync(KindWorld world, params (string Name, string Value)[] headers)
    {
        using var answer = await SendAsync(world, headers);
        return answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> SendAsync(KindWorld world, (string Name, string Value)[] headers)
    {
        // Instruments of the gateway live in this process too: they must not write headers for the caller.
        using var client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = world.Url };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/forwarded");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
