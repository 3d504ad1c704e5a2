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

    private static Task<Answered> PostAsync(KindWorld world, string caller = "initech-erp") => world.SendAsync(new CaseRequest
    {
        Method = "POST",
        Path = "/v1/notices",
        Headers = new Dictionary<string, string> { ["X-Api-Key"] = $"key-of-{caller}", ["Idempotency-Key"] = "\"notice-1\"" },
        Body = """{ "number": "N-1" }""",
    }, Cancellation);

    private static Task<KindWorld> StartAsync(Uri partner) => KindWorld.StartAsync(
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
                """,
        },
        new CaseWorkspaceFile
        {
            Path = "routes/notices.yaml",
            Content = """
                backends:
                  notices: { adapter: partner, allowInside: true, resilience: { retries: 0 } }
                apis:
                  notices:
                    owner: us
                    routes:
                      notices.send: { match: POST /v1/notices, policies: [callers, idempotency: {}], target: { call: notices/document.send }, timeout: 2s }
                """,
        },
    ]);
}
