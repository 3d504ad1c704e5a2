using Xunit;

namespace Gateway.Tests.Conformance.Hostile;

/// <summary>What of a backend's answer stays inside, and what every answer says to browsers and caches.</summary>
public sealed class AnswerTests
{
    private const string Routes = """
              open: { match: GET /open, public: For a test., target: { forward: raw } }
              known: { match: GET /known, policies: [callers], target: { forward: raw } }
              shared: { match: GET /shared, public: For a test., policies: [protect: { cors: { origins: ["https://shop.example"] } }], target: { forward: raw } }
        """;

    private const string Talkative =
        "HTTP/1.1 200 OK\r\nServer: nginx/1.2\r\nX-Powered-By: PHP/5\r\nX-AspNet-Version: 4\r\nX-Generator: Drupal\r\nX-Runtime: 0.1\r\nVia: 1.1 inside\r\nSet-Cookie: s=1\r\n" +
        "Connection: X-Inner, Content-Type\r\nX-Inner: 1\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\nX-Outer: 1\r\nCache-Control: public, max-age=3600\r\n" +
        "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Credentials: true\r\nAccess-Control-Allow-Methods: DELETE\r\nAccess-Control-Allow-Headers: X-A\r\nAccess-Control-Expose-Headers: X-B\r\nAccess-Control-Max-Age: 9\r\n" +
        "X-Content-Type-Options: sniff\r\nIdempotency-Replayed: true\r\nServer-Timing: db;dur=53\r\nSet-Cookie2: a=b\r\nRefresh: 0\r\nWWW-Authenticate: Basic\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

    private static readonly string[] Inside =
    [
        "Server", "X-Powered-By", "X-AspNet-Version", "X-Generator", "X-Runtime", "Via", "Set-Cookie", "X-Inner", "Keep-Alive", "Proxy-Authenticate", "Access-Control-Allow-Origin",
        "Access-Control-Allow-Credentials", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Expose-Headers", "Access-Control-Max-Age",
        "Idempotency-Replayed", "Server-Timing", "Set-Cookie2", "Refresh", "WWW-Authenticate",
    ];

    [Theory]
    [InlineData("/open", "", "public, max-age=3600")]
    [InlineData("/known", "X-Api-Key: key-of-acme-shop\r\n", "no-store")]
    public async Task What_a_backend_tells_of_itself_stays_inside(string path, string header, string caching)
    {
        await using var world = await HostileWorld.StartAsync(Routes);
        world.Backend.Answer = Talkative;

        var answer = await world.SendAsync($"GET {path} HTTP/1.1\r\nHost: gateway\r\nOrigin: https://shop.example\r\n{header}\r\n");

        Assert.Equal((200, "1", "application/json", "nosniff", caching), (answer.Status, answer.Header("X-Outer"), answer.Header("Content-Type"), answer.Header("X-Content-Type-Options"), answer.Header("Cache-Control")));
        Assert.All(Inside, name => Assert.True(answer.Header(name) is null, $"{name}: {answer.Header(name)}"));
    }

    [Theory]
    [InlineData("BACKEND/a?b=c", "/a?b=c")]
    [InlineData("BACKEND//evil.example/x", "/evil.example/x")]
    [InlineData("https://elsewhere.example/", "https://elsewhere.example/")]
    public async Task A_reference_into_the_backend_leads_to_the_gateway_and_nowhere_else(string location, string told)
    {
        await using var world = await HostileWorld.StartAsync(Routes);
        var inside = world.Backend.Url.GetLeftPart(UriPartial.Authority);
        world.Backend.Answer = $"HTTP/1.1 201 Made by inside\r\nLocation: {location.Replace("BACKEND", inside, StringComparison.Ordinal)}\r\nLink: <{inside}/next>; rel=next\r\nContent-Length: 0\r\n\r\n";

        var answer = await world.SendAsync("GET /open HTTP/1.1\r\nHost: gateway\r\n\r\n");

        Assert.Equal((201, told, "</next>; rel=next"), (answer.Status, answer.Header("Location"), answer.Header("Link")));
        Assert.DoesNotContain("inside", answer.Head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("204 No Content", 204)]
    [InlineData("205 Reset Content", 205)]
    [InlineData("304 Not Modified", 304)]
    public async Task A_length_of_what_does_not_come_stays_inside(string line, int status)
    {
        await using var world = await HostileWorld.StartAsync(Routes);
        world.Backend.Answer = $"HTTP/1.1 {line}\r\nX-Outer: 1\r\nContent-Length: 5\r\n\r\n";

        var answer = await world.SendAsync("GET /open HTTP/1.1\r\nHost: gateway\r\n\r\n");

        Assert.Equal((status, "1"), (answer.Status, answer.Header("X-Outer")));
        Assert.True(answer.Header("Content-Length") is null or "0");
        Assert.Equal(200, (await world.SendAsync("GET /problems/not-found HTTP/1.1\r\nHost: gateway\r\n\r\n")).Status);
    }

    [Fact]
    public async Task What_pages_may_do_is_said_by_the_gateway_alone()
    {
        await using var world = await HostileWorld.StartAsync(Routes);
        world.Backend.Answer = Talkative;

        var (shop, evil) = (await AskAsync("https://shop.example"), await AskAsync("https://evil.example"));

        Assert.Equal(("https://shop.example", null, "Origin"), (shop.Header("Access-Control-Allow-Origin"), shop.Header("Access-Control-Allow-Credentials"), shop.Header("Vary")));
        Assert.Equal((null, "Origin"), (evil.Header("Access-Control-Allow-Origin"), evil.Header("Vary")));

        Task<RawAnswer> AskAsync(string origin) => world.SendAsync($"GET /shared HTTP/1.1\r\nHost: gateway\r\nOrigin: {origin}\r\n\r\n");
    }

    [Theory]
    [InlineData("/nothing", 404)]
    [InlineData("/known", 401)]
    [InlineData("/problems/not-found", 200)]
    [InlineData("/openapi.json", 200)]
    [InlineData("/v1/%00", 400)]
    public async Task Every_answer_says_what_it_is_and_nothing_of_the_server(string path, int status)
    {
        await using var world = await HostileWorld.StartAsync(Routes);

        var answer = await world.SendAsync($"GET {path} HTTP/1.1\r\nHost: gateway\r\n\r\n");

        Assert.Equal((status, null), (answer.Status, answer.Header("Server")));
        if (path.EndsWith("%00", StringComparison.Ordinal)) return; // The server's own refusal is a bare status.
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
        if (status == 200) Assert.Contains("frame-ancestors 'none'", answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
        else Assert.Equal("no-store", answer.Header("Cache-Control"));
    }

    [Theory]
    [InlineData("X-Correlation-Id: a%0d%0aX-Injected: 1")]
    [InlineData("X-Correlation-Id: a\u00e4")]
    [InlineData("X-Correlation-Id: <script>")]
    public async Task A_correlation_id_that_is_not_harmless_is_not_given_back(string header)
    {
        await using var world = await HostileWorld.StartAsync(Routes);

        var answer = await world.SendAsync($"GET /nothing HTTP/1.1\r\nHost: gateway\r\n{header}\r\n\r\n");

        Assert.Null(answer.Header("X-Injected"));
        Assert.True(answer.Status == 400 || answer.Header("X-Correlation-Id") is { Length: 32 }, answer.Head);
    }
}
