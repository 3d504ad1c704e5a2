using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Gateway.Hosting;
using Gateway.Tests.Conformance.PolicyKinds;
using Gateway.Tests.Peers;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Conformance.Admin;

/// <summary>Which credentials open the admin port, and from where.</summary>
public sealed class AdmissionTests
{
    private static readonly string Viewer = Desk.TokenOf("vera");

    [Fact]
    public async Task A_token_ends_on_its_day_while_the_one_that_replaces_it_goes_on()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 12, 1, 23, 59, 59, TimeSpan.Zero));
        await using var desk = await Desk.StartAsync(clock: clock);
        const string First = "first-token-of-turn-01234567890123456789012345", Second = "second-token-of-turn-0123456789012345678901234";
        Assert.Equal(200, (await desk.AskAsync("GET", "/plan", First)).Status);

        clock.Advance(TimeSpan.FromSeconds(1));

        var ended = await desk.AskAsync("GET", "/plan", First);
        Assert.Equal((401, "Bearer realm=\"gateway-admin\", error=\"invalid_token\""), (ended.Status, ended.Header("WWW-Authenticate")));
        Assert.Equal(200, (await desk.AskAsync("GET", "/plan", Second)).Status);
    }

    [Fact]
    public async Task A_token_that_says_nothing_of_itself_opens_the_port_where_its_issuer_says_it_is_an_operators()
    {
        await using var server = await IdentityServer.StartAsync(opaque: true);
        await using var desk = await Desk.StartAsync($$"""
            issuers:
              company:
                issuer: "{{server.Issuer}}"
                kind: introspection
                audience: api
                introspection: { client: api, secret: "secret://demo/{{IdentityServer.Secret}}" }
            operators:
              clerk: { roles: [viewer], subjects: [company/shop-client] }
            """);
        var token = await server.TokenAsync();

        Assert.Equal(200, (await desk.AskAsync("GET", "/plan", token)).Status);
        Assert.Equal(401, (await desk.AskAsync("GET", "/plan", token[..^2])).Status);
        Assert.Equal(403, (await desk.AskAsync("POST", "/plan/reload", token, headers: ("X-Reason", "not mine to do"))).Status);
    }

    [Fact]
    public async Task What_is_no_operators_token_is_refused_and_told_alike()
    {
        await using var desk = await Desk.StartAsync();
        var bodies = new HashSet<string>();

        foreach (var headers in ((string, string)[][])
            [
                [("Authorization", "Bearer a-token-of-nobody")],
                [("Authorization", "Bearer " + Viewer[..^1])],
                [("Authorization", "Bearer " + Viewer.ToUpperInvariant())],
                [("Authorization", "Basic " + Viewer)],
                [("Authorization", Viewer)],
                [("Authorization", "Bearer ")],
                [("Authorization", "Bearer " + new string('x', 20_000))],
                [("Authorization", "Bearer " + Viewer + ", Bearer " + Viewer)],
                [("X-Api-Key", "key-of-acme-shop")],
                [("Authorization", "Bearer key-of-acme-shop")],
                [("Cookie", "token=" + Viewer)],
            ])
        {
            var told = await desk.AskAsync("GET", "/plan", headers: headers);
            Assert.True(told.Status == 401, $"{told.Status} for {headers[0]}");
            bodies.Add(told.Body);
        }
        Assert.Single(bodies);
    }

    [Fact]
    public async Task A_header_that_comes_twice_is_refused_even_where_one_of_them_holds()
    {
        await using var desk = await Desk.StartAsync();
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, desk.World.AdminUrl.Port, TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();

        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"GET /plan HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {Viewer}\r\nAuthorization: Bearer {Viewer}\r\n\r\n"), TestContext.Current.CancellationToken);
        using var answer = new StreamReader(stream);

        Assert.StartsWith("HTTP/1.1 401 ", await answer.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/plan?access_token=TOKEN")]
    [InlineData("/plan?token=TOKEN")]
    [InlineData("/plan?access_token=TOKEN", true)]
    public async Task A_token_in_the_address_opens_nothing(string path, bool andInTheHeader = false)
    {
        await using var desk = await Desk.StartAsync();

        Assert.Equal(401, (await desk.AskAsync("GET", path.Replace("TOKEN", Viewer, StringComparison.Ordinal), andInTheHeader ? Viewer : null)).Status);
    }

    [Fact]
    public async Task Tokens_of_the_issuer_are_operators_by_subject_and_by_group()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var desk = await Desk.StartAsync(issuer: issuer.Issuer);

        Assert.Equal(404, (await desk.ActAsync("/deliveries/none/retry", Token(("sub", "clerk")))).Status);
        var member = await desk.ActAsync("/deliveries/none/retry", Token(("sub", "otto"), ("groups", new JsonArray("desk", "canteen"))));
        Assert.Equal(404, member.Status);
        Assert.Contains("company/otto", await desk.AuditOfAsync(member), StringComparison.Ordinal);
        Assert.Equal(404, (await desk.ActAsync("/deliveries/none/retry", Token(("sub", "otto"), ("roles", new JsonArray("desk"))))).Status);
        Assert.Equal(403, (await desk.ActAsync("/deliveries/none/retry", Token(("sub", "berta"), ("groups", new JsonArray("board"))))).Status);
        // Both of them may be one person's; an operator who looks after the record too may not.
        Assert.Equal(404, (await desk.ActAsync("/deliveries/none/retry", Token(("sub", "otto"), ("groups", new JsonArray("desk", "board"))))).Status);
        Assert.Equal(401, (await desk.ActAsync("/deliveries/none/retry", Token(("sub", "otto"), ("groups", new JsonArray("desk", "office"))))).Status);

        string Token(params (string Name, JsonNode? Value)[] claims) => issuer.Token(claims: [("aud", "admin"), .. claims]);
    }

    [Fact]
    public async Task Tokens_that_do_not_hold_are_no_operators()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var other = await OidcIssuer.StartAsync();
        await using var desk = await Desk.StartAsync(issuer: issuer.Issuer);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

        Assert.Equal(200, (await desk.AskAsync("GET", "/plan", Clerk(issuer))).Status);
        foreach (var (why, token) in ((string, string)[])
            [
                ("for callers, not for operators", issuer.Token(claims: [("sub", "clerk")])),
                ("expired", Clerk(issuer, ("exp", now - 3600))),
                ("not yet", Clerk(issuer, ("nbf", now + 3600))),
                ("of another issuer", Clerk(other)),
                ("of another issuer that says it is this one", other.Token(claims: [("iss", issuer.Issuer), ("aud", "admin"), ("sub", "clerk")])),
                ("unsigned", issuer.Token("none", claims: [("aud", "admin"), ("sub", "clerk")])),
                ("signed with the public key", issuer.Token("HS256", claims: [("aud", "admin"), ("sub", "clerk")])),
                ("of nobody here", Clerk(issuer, ("sub", "shop-client"))),
                ("of no group here", Clerk(issuer, ("sub", "otto"), ("groups", new JsonArray("canteen")))),
            ])
        {
            var told = await desk.AskAsync("GET", "/plan", token);
            Assert.True(told.Status == 401, $"a token {why}: {told.Status}");
        }
        issuer.Down = true;

        static string Clerk(OidcIssuer issuer, params (string Name, JsonNode? Value)[] claims) => issuer.Token(claims: [("aud", "admin"), ("sub", "clerk"), .. claims]);
    }

    [Fact]
    public async Task An_issuer_that_is_down_is_told_and_keeps_no_other_operator_out()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var desk = await Desk.StartAsync(issuer: issuer.Issuer);
        issuer.Down = true;

        var told = await desk.AskAsync("GET", "/plan", issuer.Token(claims: [("aud", "admin"), ("sub", "clerk")]));

        Assert.Equal((503, "5"), (told.Status, told.Header("Retry-After")));
        Assert.Equal(200, (await desk.AskAsync("GET", "/plan", Viewer)).Status);
    }

    [Fact]
    public async Task An_address_that_fails_too_often_waits_and_shuts_out_no_operators_own_token()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var issuer = await OidcIssuer.StartAsync();
        await using var desk = await Desk.StartAsync(issuer: issuer.Issuer, clock: clock);
        var clerk = issuer.Token(claims: [("aud", "admin"), ("sub", "clerk")]);
        for (var i = 0; i < 30; i++) Assert.Equal(i < 20 ? 401 : 429, (await desk.AskAsync("GET", "/plan")).Status);
        Assert.Equal(200, (await desk.AskAsync("GET", "/plan", clerk)).Status);
        for (var i = 0; i < 20; i++) Assert.Equal(401, (await desk.AskAsync("GET", "/plan", "guess-" + i)).Status);

        var told = await desk.AskAsync("GET", "/plan", "guess-21");

        Assert.Equal((429, "3"), (told.Status, told.Header("Retry-After")));
        Assert.Equal(200, (await desk.AskAsync("GET", "/plan", Viewer)).Status);
        Assert.Equal(429, (await desk.AskAsync("GET", "/plan", clerk)).Status);
        Assert.Equal(200, (await desk.AskAsync("GET", "/livez")).Status);
        Assert.Equal(200, (await desk.AskAsync("GET", "/readyz")).Status);
        clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(200, (await desk.AskAsync("GET", "/plan", clerk)).Status);
    }

    [Fact]
    public async Task Where_nobody_is_declared_the_machine_itself_may_look_and_nobody_may_act()
    {
        await using var desk = await Desk.StartAsync(overlay: "");

        Assert.Equal(200, (await desk.AskAsync("GET", "/plan")).Status);
        Assert.Equal(200, (await desk.AskAsync("GET", "/plan", headers: ("Host", "localhost:8081"))).Status);
        Assert.NotEqual("", (await desk.AskAsync("GET", "/readyz")).Text("revision"));
        var act = await desk.ActAsync("/plan/reload", null);
        Assert.Equal(403, act.Status);
        Assert.Contains("operators:", act.Text("detail"), StringComparison.Ordinal);
        // A browser that was led here under another name, and what a proxy passes on.
        Assert.Equal(401, (await desk.AskAsync("GET", "/plan", headers: ("Host", "admin.evil.example"))).Status);
        Assert.Equal(401, (await desk.AskAsync("GET", "/plan", headers: ("X-Forwarded-For", "127.0.0.1"))).Status);
        Assert.Equal(401, (await desk.AskAsync("GET", "/plan", headers: ("Forwarded", "for=127.0.0.1"))).Status);
    }

    [Fact]
    public async Task A_port_that_is_open_to_a_network_does_not_start_without_operators()
    {
        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => Desk.StartAsync(overlay: "", adminUrls: "http://127.0.0.1:0;http://0.0.0.0:0"));

        Assert.Contains("http://0.0.0.0:0", refused.Message, StringComparison.Ordinal);
        Assert.Contains("operators:", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("loopback", 200, 401)]
    [InlineData("operators", 401, 401)]
    [InlineData("open", 200, 200)]
    public async Task Metrics_are_for_whom_the_workspace_says(string access, int fromHere, int fromElsewhere)
    {
        await using var desk = await Desk.StartAsync(Desk.Operators + $"\ngovernance: {{ metrics: {access} }}", adminUrls: "http://0.0.0.0:0");
        using var here = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{desk.World.AdminUrl.Port}") };

        Assert.Equal(fromHere, (await Desk.AskAsync(here, "GET", "/metrics", null, null)).Status);
        Assert.Equal(200, (await Desk.AskAsync(here, "GET", "/metrics", Viewer, null)).Status);
        if (access != "open") Assert.Equal(401, (await Desk.AskAsync(here, "GET", "/metrics", null, null, ("X-Forwarded-For", "203.0.113.9"))).Status);
        var address = AddressOfThisMachine();
        Assert.SkipWhen(address is null, "this machine has no address but loopback");
        using var elsewhere = new HttpClient { BaseAddress = new Uri($"http://{address}:{desk.World.AdminUrl.Port}") };
        Assert.Equal(fromElsewhere, (await Desk.AskAsync(elsewhere, "GET", "/metrics", null, null)).Status);
        Assert.Equal(200, (await Desk.AskAsync(elsewhere, "GET", "/metrics", Viewer, null)).Status);
        Assert.Equal(401, (await Desk.AskAsync(elsewhere, "GET", "/plan", null, null)).Status);
    }

    private static IPAddress? AddressOfThisMachine() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(i => i.OperationalStatus == OperationalStatus.Up)
        .SelectMany(i => i.GetIPProperties().UnicastAddresses)
        .Select(a => a.Address)
        .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));
}
