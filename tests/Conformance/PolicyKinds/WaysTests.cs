using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>Ways in, combined: what opens a route, what callers are told, and what is read before anybody is known.</summary>
public sealed class WaysTests
{
    private const string Key = "key-of-acme-shop";

    private const string Routes = """
        apis:
          cases:
            owner: us
            routes:
              all.read:
                match: GET /all/{id}
                policies:
                  - authenticate: { allOf: [{ apiKey: {} }, { bearer: { issuers: [company] } }] }
                target: { forward: echo }
              all.reads:
                match: GET /all-reads/{id}
                policies:
                  - authenticate: { allOf: [{ apiKey: {} }, { bearer: { issuers: [company] } }] }
                  - authorize: { scopes: [orders.read] }
                target: { forward: echo }
              all.writes:
                match: GET /all-writes/{id}
                policies:
                  - authenticate: { allOf: [{ apiKey: {} }, { bearer: { issuers: [company] } }] }
                  - authorize: { scopes: [orders.write] }
                target: { forward: echo }
              any.read:
                match: GET /any/{id}
                policies:
                  - authenticate: { anyOf: [{ bearer: { issuers: [company] } }, { allOf: [{ apiKey: {} }, { apiKey: { header: X-Second } }] }] }
                target: { forward: echo }
              bytes.write:
                match: POST /bytes
                maxBody: 1KB
                policies: [authenticate: { apiKey: {}, signature: {} }]
                target: { forward: echo }
          plans:
            owner: us
            lifecycle: draft
            audience: [acme-shop]
            routes:
              plans.write:
                match: POST /plans
                maxBody: 1KB
                policies: [authenticate: { apiKey: {}, signature: {} }]
                target: { forward: echo }
        """;

    [Fact]
    public async Task All_of_several_ways_open_a_route_together_where_they_are_the_same_consumer()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);
        var token = issuer.Token();

        var both = await SendAsync(world, "/all/1", ("X-Api-Key", Key), ("Authorization", "Bearer " + token));

        Assert.Equal(200, both.Status);
        Assert.DoesNotContain(Key, both.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(token, both.Body, StringComparison.Ordinal);
        Dictionary<string, (string, string)[]> refused = new()
        {
            ["nothing"] = [],
            ["the key alone"] = [("X-Api-Key", Key)],
            ["the token alone"] = [("Authorization", "Bearer " + token)],
            ["the key of another consumer"] = [("X-Api-Key", "key-of-acme-edi"), ("Authorization", "Bearer " + token)],
            ["a key of nobody"] = [("X-Api-Key", "key-of-nobody"), ("Authorization", "Bearer " + token)],
            ["a token that does not hold"] = [("X-Api-Key", Key), ("Authorization", "Bearer " + token[..^4])],
        };
        foreach (var (what, headers) in refused)
        {
            var answer = await SendAsync(world, "/all/1", headers);
            Assert.True((answer.Status, answer.Problem) == (401, "unauthenticated"), $"{what} was answered {answer.Status} {answer.Body}");
            Assert.StartsWith("ApiKey realm=\"gateway\", header=\"X-Api-Key\", Bearer realm=\"gateway\"", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_token_beside_a_key_narrows_what_its_consumer_may()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);
        (string, string)[] narrow = [("X-Api-Key", Key), ("Authorization", "Bearer " + issuer.Token(claims: [("scope", "orders.read")]))];
        (string, string)[] wide = [("X-Api-Key", Key), ("Authorization", "Bearer " + issuer.Token())];

        Assert.Equal(200, (await SendAsync(world, "/all-reads/1", narrow)).Status);
        Assert.Equal(403, (await SendAsync(world, "/all-writes/1", narrow)).Status);
        Assert.Equal(200, (await SendAsync(world, "/all-writes/1", wide)).Status);
    }

    [Fact]
    public async Task Of_several_sets_of_ways_one_is_enough_and_all_that_is_theirs_ends_at_the_gateway()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);
        var token = issuer.Token();

        Assert.Equal(200, (await SendAsync(world, "/any/1", ("Authorization", "Bearer " + token))).Status);
        Assert.Equal(200, (await SendAsync(world, "/any/1", ("X-Api-Key", Key), ("X-Second", Key))).Status);
        Assert.Equal(401, (await SendAsync(world, "/any/1", ("X-Second", Key))).Status);
        Assert.Equal(401, (await SendAsync(world, "/any/1", ("X-Api-Key", Key), ("X-Second", "key-of-acme-edi"))).Status);
        var unused = await SendAsync(world, "/any/1", ("Authorization", "Bearer " + token), ("X-Second", "kept-to-yourself"));
        Assert.Equal(200, unused.Status);
        Assert.DoesNotContain("kept-to-yourself", unused.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_description_says_which_credentials_go_together()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);
        using var http = new HttpClient { BaseAddress = world.Url };
        var described = JsonNode.Parse(await http.GetStringAsync("/openapi.json", Cancellation))!;

        Assert.Equal("""[{"key-X-Api-Key":[],"token-company":[]}]""", Security("/all/{id}", "get"));
        Assert.Equal("""[{"key-X-Api-Key":["orders.read"],"token-company":["orders.read"]}]""", Security("/all-reads/{id}", "get"));
        Assert.Equal("""[{"token-company":[]},{"key-X-Api-Key":[],"key-X-Second":[]}]""", Security("/any/{id}", "get"));
        Assert.Equal("""[{"key-X-Api-Key":[]},{"signature-Signature":[]}]""", Security("/bytes", "post"));

        string Security(string path, string method) => described["paths"]![path]![method]!["security"]!.ToJsonString();
    }

    [Fact]
    public async Task Where_a_way_judges_the_body_strangers_may_send_no_more_of_it_than_the_route_takes()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);
        var most = new string('x', 1024);

        Assert.Equal((401, "unauthenticated"), await PostAsync(most, chunked: false));
        Assert.Equal((401, "unauthenticated"), await PostAsync(most, chunked: true));
        Assert.Equal((413, "body-too-large"), await PostAsync(most + "x", chunked: false));
        Assert.Equal((413, "body-too-large"), await PostAsync(most + "x", chunked: true));
        Assert.Equal((200, ""), await PostAsync(most, chunked: true, Key));

        async Task<(int, string)> PostAsync(string body, bool chunked, string? key = null)
        {
            using var http = new HttpClient { BaseAddress = world.Url };
            using var request = new HttpRequestMessage(HttpMethod.Post, "/bytes") { Content = new StringContent(body) };
            if (chunked) request.Headers.TransferEncodingChunked = true;
            if (key is not null) request.Headers.Add("X-Api-Key", key);
            using var answer = await http.SendAsync(request, Cancellation);
            var said = await answer.Content.ReadAsStringAsync(Cancellation);
            if (answer.IsSuccessStatusCode) Assert.Equal(body, (string?)JsonNode.Parse(said)!["body"]);
            return ((int)answer.StatusCode, answer.IsSuccessStatusCode ? "" : ((string)JsonNode.Parse(said)!["type"]!).Split('/')[^1]);
        }
    }

    [Fact]
    public async Task A_draft_hides_whatever_is_wrong_with_a_strangers_body()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await StartAsync(issuer);

        Assert.StartsWith("HTTP/1.1 404 ", await RawAsync("Content-Length: 2\r\n\r\n{}"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404 ", await RawAsync("Content-Length: 2000\r\n\r\n" + new string('x', 2000)), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404 ", await RawAsync("Transfer-Encoding: chunked\r\n\r\nno chunk\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400 ", await RawAsync($"X-Api-Key: {Key}\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n", "/bytes"), StringComparison.Ordinal);

        async Task<string> RawAsync(string rest, string path = "/plans")
        {
            using var client = new TcpClient();
            await client.ConnectAsync(world.Url.Host, world.Url.Port, Cancellation);
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nContent-Type: application/json\r\n{rest}"), Cancellation);
            using var reader = new StreamReader(stream);
            return await reader.ReadLineAsync(Cancellation) ?? "";
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Task<KindWorld> StartAsync(OidcIssuer issuer) => KindWorld.StartAsync([new CaseWorkspaceFile { Path = "routes/cases.yaml", Content = Routes }], issuer.Issuer);

    private static Task<Answered> SendAsync(KindWorld world, string path, params (string Name, string Value)[] headers) =>
        world.SendAsync(new CaseRequest { Path = path, Headers = headers.ToDictionary(h => h.Name, h => h.Value) }, Cancellation);
}
