using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Simulators;
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

    [Fact]
    public async Task Each_partner_gets_the_document_in_its_own_words_and_codes()
    {
        await using var initech = await PartnerSimulator.StartAsync();
        await using var hooli = await PartnerSimulator.StartAsync();
        await using var world = await KindWorld.StartAsync(Mapped(initech.Url, hooli.Url));
        const string Notice = """{ "number": "N-1", "lines": [{ "item": "DESK0005", "unitCode": "C62", "quantity": 2 }, { "item": "SAND", "unitCode": "KGM", "quantity": 1.50 }] }""";

        var answers = new[] { await PostAsync(world, body: Notice), await PostAsync(world, "hooli-erp", body: Notice) };
        var unsaid = await PostAsync(world, number: 2, body: Notice.Replace("KGM", "LTR", StringComparison.Ordinal));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        // What a partner has no word of its own for is said in everybody's.
        Assert.Equal("""{"for":"Initech","buyers":["INI-1"],"notice":"N-1","goods":[{"sku":"DESK0005","unit":"Stk","count":2},{"sku":"SAND","unit":"kilo","count":1.50}]}""", Assert.Single(initech.Documents).Value);
        Assert.Equal("""{"for":"Hooli","buyers":["HOO-1","HOO-2"],"notice":"N-1","goods":[{"sku":"DESK0005","unit":"EA","count":2},{"sku":"SAND","unit":"kg","count":1.50}]}""", Assert.Single(hooli.Documents).Value);
        Assert.Equal((422, "mapping-refused"), (unsaid.Status, unsaid.Problem));
    }

    private static async Task<JsonArray> EndpointsAsync(KindWorld world)
    {
        using var admin = new HttpClient { BaseAddress = world.AdminUrl };
        return (await admin.GetFromJsonAsync<JsonArray>("/backends", Cancellation))!.Single(b => (string?)b!["name"] == "notices")!["endpoints"]!.AsArray();
    }

    private static Task<Answered> PostAsync(KindWorld world, string caller = "initech-erp", int number = 1, string? body = null) => world.SendAsync(new CaseRequest
    {
        Method = "POST",
        Path = "/v1/notices",
        Headers = new Dictionary<string, string> { ["X-Api-Key"] = $"key-of-{caller}", ["Idempotency-Key"] = $"\"notice-{number}\"" },
        Body = body ?? $$"""{ "number": "N-{{number}}" }""",
    }, Cancellation);

    /// <summary>A route whose mapping tells the partner's own name, buyers and codes; Initech has a word of its own for pieces, Hooli for both units.</summary>
    private static CaseWorkspaceFile[] Mapped(Uri initech, Uri hooli) =>
    [
        new()
        {
            Path = "partners/two.yaml",
            Content = $$"""
                partners:
                  initech:
                    name: Initech
                    buyers: [INI-1]
                    codes: { notice-units: { values: { Stk: C62 } } }
                    endpoints: { notices: { url: "{{initech}}documents", readBack: "/{id}", credential: { key: secret://demo/demo-partner-key } } }
                    consumers: { initech-erp: { keys: [{ secret: secret://demo/key-of-initech-erp }] } }
                  hooli:
                    name: Hooli
                    buyers: [HOO-1, HOO-2]
                    codes: { notice-units: { values: { EA: C62, kg: KGM } } }
                    endpoints: { notices: { url: "{{hooli}}documents", readBack: "/{id}", credential: { key: secret://demo/demo-partner-key } } }
                    consumers: { hooli-erp: { keys: [{ secret: secret://demo/key-of-hooli-erp }] } }
                """,
        },
        new()
        {
            Path = "transforms/codes/notices.yaml",
            Content = "codes: { notice-units: { description: Units in words of notices., source: UN/ECE Recommendation 20, from: words, to: unece, values: { piece: C62, kilo: KGM } } }",
        },
        new()
        {
            Path = "transforms/notices/notice.jsonata",
            Content = """
                {
                  "for": $partner.displayName,
                  "buyers": $partner.buyers[],
                  "notice": number,
                  "goods": [lines.{ "sku": item, "unit": $lookupCode("notice-units/words", unitCode, "lines/unitCode"), "count": quantity }]
                }
                """,
        },
        new()
        {
            Path = "routes/notices.yaml",
            Content = """
                backends:
                  notices: { adapter: partner, allowInside: true }
                apis:
                  notices:
                    owner: us
                    routes:
                      notices.send: { match: POST /v1/notices, policies: [callers, idempotency: {}, transform: { request: notices/notice }], target: { call: notices/document.send } }
                """,
        },
    ];

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
