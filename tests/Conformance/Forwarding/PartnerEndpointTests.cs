using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Forwarding;

/// <summary>A document on the whole road to its partner's API.</summary>
public sealed class PartnerEndpointTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_document_whose_answer_was_lost_is_settled_without_its_caller_and_under_the_same_key()
    {
        await using var partner = await MoodyBackend.StartAsync("partner");
        partner.Mood = Mood.Resets;
        await using var world = await StartAsync(partner.Url);

        var lost = await PostAsync(world);
        partner.Mood = Mood.Fine;
        while (partner.Requests.Count < 2) await Task.Delay(20, TestContext.Current.CancellationToken);
        var repeat = await PostAsync(world);
        while (repeat.Status == 409) repeat = await PostAsync(world);

        Assert.Equal((502, "backend-unusable"), (lost.Status, lost.Problem));
        Assert.DoesNotContain("127.0.0.1", lost.Body, StringComparison.Ordinal);
        Assert.Equal(200, repeat.Status);
        Assert.Equal(2, partner.Requests.Count);
        Assert.Single(partner.Requests.Select(r => r.Headers["Idempotency-Key"]).Distinct());
    }

    [Fact]
    public async Task A_partner_without_an_endpoint_is_told_that_there_is_none()
    {
        await using var partner = await MoodyBackend.StartAsync("partner");
        await using var world = await StartAsync(partner.Url);

        var answer = await PostAsync(world, "acme-shop");

        Assert.Equal((422, "business-refused"), (answer.Status, answer.Problem));
        Assert.Empty(partner.Requests);
    }

    [Fact]
    public async Task An_endpoint_that_hangs_holds_so_many_calls_of_its_own_partner_and_nobody_elses()
    {
        await using var partner = await MoodyBackend.StartAsync("partner");
        await using var other = await MoodyBackend.StartAsync("other");
        partner.Mood = Mood.Hangs;
        await using var world = await StartAsync(partner.Url, other.Url, "limits: { concurrent: 2, wait: 100ms }", "20s");

        var held = new[] { 1, 2 }.Select(i => PostAsync(world, number: i)).ToList();
        while (partner.Requests.Count < 2) await Task.Delay(20, Cancellation);
        var third = await PostAsync(world, number: 3);
        var others = await PostAsync(world, "hooli-erp");
        var shown = (await EndpointsAsync(world)).Select(e => $"{e!["partner"]} {e["gate"]!["running"]}");

        Assert.Equal((503, "backend-unavailable"), (third.Status, third.Problem));
        Assert.Contains("Nothing was done", third.Body, StringComparison.Ordinal);
        Assert.Equal((200, 2, 1), (others.Status, partner.Requests.Count, other.Requests.Count));
        Assert.Equal(["hooli 0", "initech 2"], shown);
        Assert.All(held, call => Assert.False(call.IsCompleted));
        partner.Release();
        Assert.All(await Task.WhenAll(held), answer => Assert.Equal(200, answer.Status));
    }

    [Fact]
    public async Task Without_limits_an_endpoint_that_hangs_holds_sixteen()
    {
        await using var partner = await MoodyBackend.StartAsync("partner");
        partner.Mood = Mood.Hangs;
        await using var world = await StartAsync(partner.Url, timeout: "30s");

        var calls = Enumerable.Range(0, 18).Select(i => PostAsync(world, number: i)).ToList();
        while (partner.Requests.Count < 16 || Waiting(await EndpointsAsync(world)) < 2) await Task.Delay(20, Cancellation);

        Assert.Equal(16, partner.Requests.Count);
        Assert.All(calls, call => Assert.False(call.IsCompleted));
        partner.Release();
        Assert.All(await Task.WhenAll(calls), answer => Assert.Equal(200, answer.Status));

        static int Waiting(JsonArray endpoints) => (int?)endpoints.Single(e => (string?)e!["partner"] == "initech")!["gate"]!["waiting"]!["initech"] ?? 0;
    }

    [Fact]
    public async Task An_endpoint_that_asks_to_be_left_alone_is_and_no_other()
    {
        await using var partner = await MoodyBackend.StartAsync("partner");
        await using var other = await MoodyBackend.StartAsync("other");
        partner.Mood = Mood.Throttles;
        await using var world = await StartAsync(partner.Url, other.Url);

        var throttled = await PostAsync(world, number: 1);
        var leftAlone = await PostAsync(world, number: 2);
        var others = await PostAsync(world, "hooli-erp");

        Assert.Equal((503, 503, 200), (throttled.Status, leftAlone.Status, others.Status));
        Assert.InRange(int.Parse(leftAlone.Header("Retry-After"), System.Globalization.CultureInfo.InvariantCulture), 20, 30);
        Assert.Equal((1, 1), (partner.Requests.Count, other.Requests.Count));
    }

    private static async Task<JsonArray> EndpointsAsync(KindWorld world)
    {
        using var admin = new HttpClient { BaseAddress = world.AdminUrl };
        return (await admin.GetFromJsonAsync<JsonArray>("/backends", Cancellation))!.Single(b => (string?)b!["name"] == "notices")!["endpoints"]!.AsArray();
    }

    private static Task<Answered> PostAsync(KindWorld world, string caller = "initech-erp", int number = 1) => world.SendAsync(new CaseRequest
    {
        Method = "POST",
        Path = "/v1/notices",
        Headers = new Dictionary<string, string> { ["X-Api-Key"] = $"key-of-{caller}", ["Idempotency-Key"] = $"\"notice-{number}\"" },
        Body = $$"""{ "number": "N-{{number}}" }""",
    }, Cancellation);

    /// <param name="other">Hooli's endpoint; null where there is none.</param>
    private static Task<KindWorld> StartAsync(Uri partner, Uri? other = null, string limits = "", string timeout = "2s") => KindWorld.StartAsync(
    [
        new CaseWorkspaceFile
        {
            Path = "partners/initech.yaml",
            Content = $$"""
                partners:
                  initech:
                    name: Initech
                    endpoints:
                      notices: { url: "{{partner}}", knowsRepeats: true }
                    consumers:
                      initech-erp: { keys: [{ secret: secret://demo/key-of-initech-erp }] }
                  hooli:
                    name: Hooli
                    {{(other is null ? "" : $"endpoints: {{ notices: {{ url: \"{other}\", knowsRepeats: true }} }}")}}
                    consumers: { hooli-erp: { keys: [{ secret: secret://demo/key-of-hooli-erp }] } }
                """,
        },
        new CaseWorkspaceFile
        {
            Path = "routes/notices.yaml",
            Content = $$"""
                backends:
                  notices: { adapter: partner, allowInside: true, resilience: { retries: 0 }{{(limits.Length > 0 ? $", {limits}" : "")}} }
                apis:
                  notices:
                    owner: us
                    routes:
                      notices.send: { match: POST /v1/notices, policies: [callers, idempotency: {}], target: { call: notices/document.send }, timeout: {{timeout}} }
                """,
        },
    ]);
}
