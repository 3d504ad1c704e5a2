using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.Forwarding;
using Gateway.Tests.Conformance.PolicyKinds;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Conformance.Accepted;

/// <summary>Each partner's endpoint has a line of its own.</summary>
public sealed class EndpointLinesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_endpoint_that_is_away_keeps_its_own_documents_and_no_other_partners()
    {
        await using var partner = await MoodyBackend.StartAsync("partner");
        await using var world = await StartAsync(partner.Url);
        var store = world.Gateway.Services.GetRequiredService<IStore>();
        foreach (var i in Enumerable.Range(1, 5)) Assert.Equal(202, (await PostAsync(world, "hooli-erp", i)).Status);

        foreach (var i in Enumerable.Range(1, 4)) Assert.Equal(202, (await PostAsync(world, "initech-erp", i)).Status);

        for (var tries = 0; tries < 6000 && (await store.IntentsAsync(IntentState.Succeeded, 9, Cancellation)).Count < 4; tries++) await Task.Delay(20, Cancellation);
        Assert.Equal(4, partner.Requests.Count);
        Assert.All(await store.IntentsAsync(IntentState.Waiting, 9, Cancellation), i => Assert.Equal(("hooli", null), (i.Tenant, i.Result)));
        Assert.Equal(["hooli"], await store.WaitingTenantsAsync("notices", Cancellation));
        using var admin = new HttpClient { BaseAddress = world.AdminUrl };
        var line = Assert.Single(JsonNode.Parse(await admin.GetStringAsync("/intents/lines", Cancellation))!.AsArray())!;
        Assert.Equal((5, 0, "hooli"), ((int)line["waiting"]!, (int)line["byItself"]!, (string?)Assert.Single(line["troubles"]!.AsArray())!["partner"]));
    }

    private static Task<Answered> PostAsync(KindWorld world, string caller, int number) => world.SendAsync(new CaseRequest
    {
        Method = "POST",
        Path = "/v1/notices",
        Headers = new Dictionary<string, string> { ["X-Api-Key"] = $"key-of-{caller}", ["Idempotency-Key"] = $"\"notice-{number}\"" },
        Body = $$"""{ "number": "N-{{number}}" }""",
    }, Cancellation);

    /// <summary>Initech's endpoint is there; nobody listens where Hooli's is.</summary>
    private static Task<KindWorld> StartAsync(Uri partner) => KindWorld.StartAsync(
    [
        new CaseWorkspaceFile
        {
            Path = "partners/more.yaml",
            Content = $$"""
                partners:
                  hooli:
                    name: Hooli
                    endpoints: { notices: { url: "http://127.0.0.1:1/", knowsRepeats: true } }
                    consumers: { hooli-erp: { keys: [{ secret: secret://demo/key-of-hooli-erp }] } }
                  initech:
                    name: Initech
                    endpoints: { notices: { url: "{{partner}}", knowsRepeats: true } }
                    consumers: { initech-erp: { keys: [{ secret: secret://demo/key-of-initech-erp }] } }
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
                      notices.send: { match: POST /v1/notices, policies: [callers, idempotency: {}], target: { accept: notices/document.send, creates: notice }, timeout: 2s }
                """,
        },
    ]);
}
