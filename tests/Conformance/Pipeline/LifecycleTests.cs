using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Pipeline;

/// <summary>What callers notice of the life of a route: announcements, the end, and drafts.</summary>
public sealed class LifecycleTests
{
    private const string Routes = """
        problemBase: https://problems.example/
        apis:
          old:
            owner: us
            lifecycle: deprecated
            deprecated: 2026-06-30
            sunset: 2027-01-31T12:00:00+01:00
            successor: new
            migration: https://partners.example/move
            routes:
              old.read:
                match: GET /v1/things/{id}
                policies: [callers]
                target: { forward: echo }
              old.order:
                match: POST /v1/orders
                policies: [callers, idempotency: { header: required }]
                target: { call: odoo/order.create, creates: order }
              old.forever:
                match: GET /v1/forever
                public: For a test.
                sunset: 2099-12-31
                policies: [contract: { response: echoed@1 }]
                target: { forward: echo }
          new:
            owner: us
            routes:
              new.read: { match: "GET /v2/things/{id}", public: For a test., target: { forward: echo } }
              new.list: { match: "GET /v2/things", public: For a test., target: { forward: echo } }
          trial:
            owner: us
            lifecycle: draft
            audience: [acme-edi]
            routes:
              trial.read:
                match: GET /v3/things/{id}
                sunset: 2027-01-31
                policies: [callers, rateLimit: { limit: 1000, window: 1m }]
                target: { forward: echo }
              trial.change:
                match: PUT /v2/things
                policies: [callers]
                target: { forward: echo }
          gone:
            owner: us
            lifecycle: retired
            routes:
              gone.read: { match: GET /v0/things, public: For a test., target: { forward: echo } }
        """;

    private const string Links =
        "<https://partners.example/move>; rel=\"deprecation\", <https://partners.example/move>; rel=\"sunset\", </v2/things>; rel=\"successor-version\"";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/v1/things/1", "key-of-acme-shop", 200)]
    [InlineData("GET", "/v1/things/1", "nobody", 401)]
    [InlineData("POST", "/v1/orders", "key-of-acme-shop", 400)]
    public async Task What_is_deprecated_says_so_in_every_answer(string method, string path, string key, int status)
    {
        await using var world = await StartAsync("2026-12-24");

        var answer = await SendAsync(world, method, path, key);

        Assert.Equal(status, answer.Status);
        // 2026-06-30T00:00:00Z and 2027-01-31T11:00:00Z.
        Assert.Equal("@1782777600", answer.Headers["Deprecation"]);
        Assert.Equal("Sun, 31 Jan 2027 11:00:00 GMT", answer.Headers["Sunset"]);
        Assert.Equal(Links, answer.Headers["Link"]);
    }

    [Fact]
    public async Task An_answer_that_a_contract_looked_at_tells_it_once()
    {
        await using var world = await StartAsync("2026-12-24");

        var answer = await SendAsync(world, "GET", "/v1/forever");

        Assert.Equal((200, Links, "Thu, 31 Dec 2099 00:00:00 GMT"), (answer.Status, answer.Headers["Link"], answer.Headers["Sunset"]));
    }

    [Fact]
    public async Task What_is_not_deprecated_says_nothing()
    {
        await using var world = await StartAsync("2026-12-24");

        var answer = await SendAsync(world, "GET", "/v2/things/1");

        Assert.Equal(200, answer.Status);
        Assert.DoesNotContain(answer.Headers.Keys, name => name is "Deprecation" or "Sunset" or "Link");
    }

    [Theory]
    [InlineData("2027-01-31T10:59:59Z", 401)]
    [InlineData("2027-01-31T11:00:00Z", 410)]
    [InlineData("2030-01-01T00:00:00Z", 410)]
    public async Task After_its_sunset_it_is_gone_for_everybody(string now, int status)
    {
        await using var world = await StartAsync(now);

        var answer = await SendAsync(world, "GET", "/v1/things/1");

        Assert.Equal(status, answer.Status);
        if (status != 410) return;
        Assert.Contains("\"type\":\"https://problems.example/gone\"", answer.Body, StringComparison.Ordinal);
        Assert.Contains("This is no longer served since 2027-01-31 11:00 UTC. Use /v2/things instead.", answer.Body, StringComparison.Ordinal);
        Assert.Equal(Links, answer.Headers["Link"]);
    }

    [Fact]
    public async Task After_its_sunset_nothing_reaches_the_backend()
    {
        await using var world = await StartAsync("2027-02-01");

        Assert.Equal(410, (await SendAsync(world, "POST", "/v1/orders", "key-of-acme-shop")).Status);
        Assert.Equal(410, (await SendAsync(world, "GET", "/v0/things")).Status);
        Assert.Equal(200, (await SendAsync(world, "GET", "/v1/forever")).Status);
    }

    /// <summary>Nothing of the answer may tell a draft from what is not there: neither its status nor a header.</summary>
    [Theory]
    [InlineData("GET", "/v3/things/1", "GET", "/v3/nothing/1")]
    [InlineData("POST", "/v3/things/1", "POST", "/v3/nothing/1")]
    [InlineData("PUT", "/v2/things", "DELETE", "/v2/things")]
    public async Task A_draft_is_not_there_for_others(string method, string path, string otherMethod, string nothing)
    {
        foreach (var now in (string[])["2026-12-24", "2027-12-24"])
        {
            await using var world = await StartAsync(now);
            foreach (var key in (string[])["key-of-acme-shop", "nobody", ""])
            {
                var hidden = await SendAsync(world, method, path, key);
                var unknown = await SendAsync(world, otherMethod, nothing, key);

                Assert.Equal((unknown.Status, unknown.Body), (hidden.Status, hidden.Body));
                Assert.Equal(Fixed(unknown), Fixed(hidden));
            }
        }

        static IEnumerable<(string, string)> Fixed(Answered answer) =>
            answer.Headers.Where(h => h.Key is not ("Date" or "X-Correlation-Id")).Select(h => (h.Key, h.Value)).Order();
    }

    [Fact]
    public async Task A_draft_is_there_for_its_audience_until_it_ends()
    {
        await using (var world = await StartAsync("2026-12-24"))
        {
            var seen = await SendAsync(world, "GET", "/v3/things/1", "key-of-acme-edi");
            Assert.Equal((200, "Sun, 31 Jan 2027 00:00:00 GMT"), (seen.Status, seen.Headers["Sunset"]));
            Assert.Equal(200, (await SendAsync(world, "PUT", "/v2/things", "key-of-acme-edi")).Status);
        }
        await using (var world = await StartAsync("2027-02-01")) Assert.Equal(410, (await SendAsync(world, "GET", "/v3/things/1", "key-of-acme-edi")).Status);
    }

    [Fact]
    public async Task The_description_tells_what_is_deprecated_and_nothing_of_drafts()
    {
        await using var world = await StartAsync("2026-12-24");

        var description = (await SendAsync(world, "GET", "/openapi.json")).Body;

        foreach (var told in (string[])["\"deprecated\":true", "\"#/components/headers/Sunset\"", "@1782777600", "\"410\""]) Assert.Contains(told, description, StringComparison.Ordinal);
        foreach (var hidden in (string[])["/v3/", "/v0/", "trial"]) Assert.DoesNotContain(hidden, description, StringComparison.Ordinal);
    }

    private static Task<KindWorld> StartAsync(string now) => KindWorld.StartAsync(
        [
            new CaseWorkspaceFile { Path = "routes/case.yaml", Content = Routes },
            new CaseWorkspaceFile { Path = "transforms/canonical/echoed@1.schema.json", Content = """{ "type": "object" }""" },
        ],
        clock: new ShiftedClock(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal)));

    private static Task<Answered> SendAsync(KindWorld world, string method, string path, string key = "") => world.SendAsync(
        new CaseRequest
        {
            Method = method,
            Path = path,
            Headers = key.Length > 0 ? new Dictionary<string, string> { ["X-Api-Key"] = key } : [],
            Body = method is "POST" or "PUT" ? "{}" : null,
        },
        Cancellation);

    /// <summary>Stands still on the calendar while timers run on.</summary>
    private sealed class ShiftedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
