using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Pipeline;

/// <summary>Versions of one path, chosen by a header, on forwarded routes and on operations.</summary>
public sealed class VersionTests
{
    private const string Routes = """
        apis:
          one:
            owner: us
            version: { header: Api-Version, value: "1", default: true }
            deprecated: 2026-01-31
            successor: two
            routes:
              one.read: { match: "GET /parcels/{id}", public: For a test., target: { forward: echo, path: "/one/{id}" } }
              one.item: { match: "GET /items/{sku}", public: For a test., target: { call: odoo/item.read } }
          two:
            owner: us
            version: { header: Api-Version, value: "2" }
            routes:
              two.read: { match: "GET /parcels/{number}", public: For a test., target: { forward: echo, path: "/two/{number}" } }
              two.item: { match: "GET /items/{sku}", policies: [callers], target: { forward: echo } }
              two.strict: { match: "GET /strict", public: For a test., target: { forward: echo } }
          three:
            owner: us
            version: { header: Api-Version, value: 2026-11.b }
            lifecycle: draft
            audience: [acme-edi]
            routes:
              three.read: { match: "GET /parcels/{id}", policies: [callers], target: { forward: echo, path: "/three/{id}" } }
              three.new: { match: "GET /new", policies: [callers], target: { forward: echo } }
          plain:
            owner: us
            routes:
              plain.all: { match: "GET /parcels/all", public: For a test., target: { forward: echo } }
              plain.change: { match: "PUT /parcels/{id}", public: For a test., target: { forward: echo } }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/parcels/1", null, "", 200, "\"path\":\"/one/1\"")]
    [InlineData("/parcels/1", "1", "", 200, "\"path\":\"/one/1\"")]
    [InlineData("/parcels/1", "2", "", 200, "\"path\":\"/two/1\"")]
    [InlineData("/parcels/1", "2026-11.b", "key-of-acme-edi", 200, "\"path\":\"/three/1\"")]
    [InlineData("/items/DESK0005", null, "", 200, "DESK0005")]
    [InlineData("/items/DESK0005", "2", "", 401, "unauthenticated")]
    [InlineData("/items/DESK0005", "2", "key-of-acme-shop", 200, "\"path\":\"/items/DESK0005\"")]
    [InlineData("/parcels/all", "7", "", 200, "\"path\":\"/parcels/all\"")]
    public async Task The_header_chooses(string path, string? version, string key, int status, string answered)
    {
        await using var world = await StartAsync();

        var answer = await SendAsync(world, path, version, key);

        Assert.Equal(status, answer.Status);
        Assert.Contains(answered, answer.Body, StringComparison.Ordinal);
        Assert.Equal(path != "/parcels/all", answer.Headers.GetValueOrDefault("Vary") == "Api-Version");
    }

    [Theory]
    [InlineData("/parcels/1", "3", "1, 2")]
    [InlineData("/parcels/1", "", "1, 2")]
    [InlineData("/parcels/1", "1, 2", "1, 2")]
    [InlineData("/strict", null, "2")]
    public async Task A_version_that_is_not_there_is_refused_with_those_that_are(string path, string? version, string known)
    {
        await using var world = await StartAsync();

        var answer = await SendAsync(world, path, version);

        Assert.Equal((400, "Api-Version"), (answer.Status, answer.Headers["Vary"]));
        Assert.Contains("/problems/version-unknown", answer.Body, StringComparison.Ordinal);
        Assert.Contains($"Versions of this path: {known}.", answer.Body, StringComparison.Ordinal);
        Assert.Contains($$"""{"in":"header","pointer":"#/Api-Version","keyword":"enum","detail":"must be one of {{known}}"}""", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_on_trial_is_not_told_from_one_that_never_was()
    {
        await using var world = await StartAsync();

        var hidden = await SendAsync(world, "/parcels/1", "2026-11.b", "key-of-acme-shop");
        var unknown = await SendAsync(world, "/parcels/1", "3", "key-of-acme-shop");
        Assert.Equal((unknown.Status, unknown.Body, unknown.Headers["Vary"]), (hidden.Status, hidden.Body, hidden.Headers["Vary"]));
        Assert.Equal(unknown.Headers.Keys.Order(), hidden.Headers.Keys.Order());

        // A path that has drafts alone is no path.
        foreach (var version in (string?[])["2026-11.b", "3", null])
        {
            var (draft, nothing) = (await SendAsync(world, "/new", version), await SendAsync(world, "/nothing", version));
            Assert.Equal((404, nothing.Body), (draft.Status, draft.Body));
            Assert.Equal(nothing.Headers.Keys.Order(), draft.Headers.Keys.Order());
        }
    }

    [Fact]
    public async Task The_description_has_every_version_and_how_it_is_asked_for()
    {
        await using var world = await StartAsync();

        var paths = System.Text.Json.Nodes.JsonNode.Parse((await SendAsync(world, "/openapi.json", null)).Body)!["paths"]!.AsObject();

        Assert.Equal("one.read", (string?)paths["/parcels/{id}"]!["get"]!["operationId"]);
        var second = paths["/parcels/{number}#Api-Version=2"]!["get"]!;
        Assert.Equal("two.read", (string?)second["operationId"]);
        Assert.Contains("""{"name":"Api-Version","in":"header","description":"Chooses the version of the path.","required":true,"schema":{"type":"string","const":"2"}}""", second["parameters"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(paths, p => p.Key.Contains("2026", StringComparison.Ordinal));
    }

    /// <summary>Two headers are no version: who put the second there may not be who is asked to pay for it.</summary>
    [Fact]
    public async Task Two_headers_choose_nothing()
    {
        await using var world = await StartAsync();
        using var client = new HttpClient { BaseAddress = world.Url };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/parcels/1");
        request.Headers.Add("Api-Version", ["1", "2"]);

        using var answer = await client.SendAsync(request, Cancellation);

        Assert.Equal(400, (int)answer.StatusCode);
    }

    private static Task<KindWorld> StartAsync() => KindWorld.StartAsync([new CaseWorkspaceFile { Path = "routes/case.yaml", Content = Routes }]);

    private static Task<Answered> SendAsync(KindWorld world, string path, string? version, string key = "")
    {
        var headers = new Dictionary<string, string>();
        if (version is not null) headers["Api-Version"] = version;
        if (key.Length > 0) headers["X-Api-Key"] = key;
        return world.SendAsync(new CaseRequest { Path = path, Headers = headers }, Cancellation);
    }
}
