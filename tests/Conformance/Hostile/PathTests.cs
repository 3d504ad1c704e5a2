using Xunit;

namespace Gateway.Tests.Conformance.Hostile;

/// <summary>A path is refused, or it is the same for routing, policies and the backend.</summary>
public sealed class PathTests
{
    private const string Routes = """
              everything: { match: "GET /v1/{**rest}", public: For a test., target: { forward: raw } }
              mapped: { match: "GET /mapped/{id}", public: For a test., target: { forward: raw, path: "/there/{id}" } }
              slashes: { match: "GET /slashes/{id}", public: For a test., policies: [protect: { path: { encodedSlashes: true } }], target: { forward: raw } }
              slashes-mapped: { match: "GET /slashes-mapped/{id}", public: For a test., policies: [protect: { path: { encodedSlashes: true } }], target: { forward: raw, path: "/there/{id}/end" } }
              semicolons: { match: "GET /semicolons/{id}", public: For a test., policies: [protect: { path: { semicolons: true } }], target: { forward: raw } }
        """;

    [Theory]
    [InlineData("/v1/a%2Fb")]
    [InlineData("/v1/a%2fb")]
    [InlineData("/v1/..%2Fadmin")]
    [InlineData("/v1/%2e%2e%2fadmin")]
    [InlineData("/v1/a%5Cb")]
    [InlineData("/v1/..%5cadmin")]
    [InlineData("/v1/a\\b")]
    [InlineData("/v1//a")]
    [InlineData("//v1/a")]
    [InlineData("/v1/a//")]
    [InlineData("/v1/a;b=c")]
    [InlineData("/v1/..;/admin")]
    [InlineData("/v1/a%3Bb")]
    [InlineData("/v1/a%00b")]
    [InlineData("/v1/a%0d%0aX-Injected:%201")]
    [InlineData("/v1/a%7f")]
    [InlineData("/v1/a\x01")]
    [InlineData("/v1/a\tb")]
    [InlineData("/v1/a\x0b")]
    [InlineData("/v1/a\x1b[0m")]
    [InlineData("/v1/a\x7f")]
    [InlineData("/v1/a?b=1\t")]
    [InlineData("/v1/a?b=\x01")]
    [InlineData("/v1/a%C2%85b")]
    [InlineData("/v1/%c0%ae%c0%ae/admin")]
    [InlineData("/v1/%c0%afadmin")]
    [InlineData("/v1/%e0%80%af")]
    [InlineData("/v1/%ff")]
    [InlineData("/v1/%ed%a0%80")]
    [InlineData("/v1/%zz")]
    [InlineData("/v1/%u002e")]
    [InlineData("/v1/a%")]
    [InlineData("/v1/a%2")]
    [InlineData("/v1/\xFF")]
    [InlineData("/slashes/..%2Fadmin")]
    [InlineData("/slashes/a%2F..%2F..%2Fadmin")]
    [InlineData("/slashes/%2E%2E%2Fadmin")]
    [InlineData("/slashes/a%2F%2Fb")]
    [InlineData("/slashes/a%252Fb")]
    [InlineData("/slashes/a%5Cb")]
    [InlineData("/semicolons/..;a")]
    [InlineData("/semicolons/a%2Fb")]
    public async Task What_could_be_read_in_two_ways_is_refused(string target)
    {
        await using var world = await HostileWorld.StartAsync(Routes);

        var answer = await world.SendAsync($"GET {target} HTTP/1.1\r\nHost: gateway\r\n\r\n");

        Assert.Equal((400, ""), (answer.Status, world.Backend.Received));
    }

    [Theory]
    [InlineData("/v1/a", "/v1/a")]
    [InlineData("/v1/a/../b", "/v1/b")]
    [InlineData("/v1/a/%2e%2E/b", "/v1/b")]
    [InlineData("/v1/./b", "/v1/b")]
    [InlineData("/v1/%61", "/v1/a")]
    [InlineData("/v1/a%252Fb", "/v1/a%252Fb")]
    [InlineData("/v1/a%25b", "/v1/a%25b")]
    [InlineData("/v1/%C3%A4%20%F0%9F%98%80", "/v1/%C3%A4%20%F0%9F%98%80")]
    [InlineData("/v1/a%3Fb?c=%2F..%00;//", "/v1/a%3Fb?c=%2F..%00;//")]
    [InlineData("/v1/a%23b", "/v1/a%23b")]
    [InlineData("/v1/a:b@c&d=e+f,g$h!i*j'k(l)", "/v1/a:b@c&d=e+f,g$h!i*j'k(l)")]
    [InlineData("http://gateway/v1/a?b", "/v1/a?b")]
    [InlineData("/mapped/a%252Fb", "/there/a%252Fb")]
    [InlineData("/mapped/%C3%A4%20x", "/there/%C3%A4%20x")]
    [InlineData("/slashes/WH%2FOUT%2f1?x=%252F", "/slashes/WH%2FOUT%2f1?x=%252F")]
    [InlineData("/slashes-mapped/WH%2FOUT%2F1", "/there/WH%2FOUT%2F1/end")]
    [InlineData("/semicolons/a;b=c", "/semicolons/a;b=c")]
    public async Task What_passes_means_at_the_backend_what_was_sent(string sent, string seen)
    {
        await using var world = await HostileWorld.StartAsync(Routes);

        var answer = await world.SendAsync($"GET {sent} HTTP/1.1\r\nHost: gateway\r\n\r\n");

        Assert.Equal(200, answer.Status);
        Assert.Equal(seen, world.Backend.LastTarget, ignoreCase: seen.Contains("%2F", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_path_that_is_dots_all_the_way_stays_below_the_root()
    {
        await using var world = await HostileWorld.StartAsync(Routes);

        var answer = await world.SendAsync("GET /v1/../../../etc/passwd HTTP/1.1\r\nHost: gateway\r\n\r\n");

        Assert.Equal((404, ""), (answer.Status, world.Backend.Received));
    }
}
