using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Pipeline;

/// <summary>What the audit records of a call: who stood behind it, from where, and in which class.</summary>
public sealed class AuditRecordTests
{
    private const string Routes = """
        apis:
          people:
            owner: us
            dataClass: personal
            routes:
              people.read:
                match: GET /people/{id}
                policies: [authenticate: { bearer: { issuers: [company] } }]
                target: { forward: echo }
          cases:
            owner: us
            routes:
              cases.read:
                match: GET /cases/{id}
                policies: [authenticate: { bearer: { issuers: [company] } }]
                target: { forward: echo }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/people/joe", "personal")]
    [InlineData("/cases/1", "confidential")]
    public async Task A_record_tells_the_subject_of_the_token_and_the_address_in_the_class_of_the_API(string path, string about)
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await KindWorld.StartAsync([new CaseWorkspaceFile { Path = "routes/cases.yaml", Content = Routes }], issuer.Issuer);
        var token = issuer.Token(claims: [("sub", "joe"), ("azp", "shop-client")]);
        using var admin = new HttpClient { BaseAddress = world.AdminUrl };

        // The second is known by its hash.
        var records = new List<JsonNode>();
        for (var call = 0; call < 2; call++)
        {
            var answer = await world.SendAsync(new CaseRequest { Path = path, Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer " + token } }, Cancellation);
            Assert.Equal(200, answer.Status);
            records.Add(await RecordAsync(admin, answer.Header("X-Correlation-Id")!));
        }

        Assert.All(records, record => Assert.Equal(
            ("company/joe", "127.0.0.1", path, about),
            ((string?)record["subject"], (string?)record["address"], (string?)record["path"], (string?)record["class"])));
    }

    private static async Task<JsonNode> RecordAsync(HttpClient admin, string correlationId)
    {
        for (var tries = 0; ; tries++)
        {
            Assert.InRange(tries, 0, 200);
            if ((JsonNode.Parse(await admin.GetStringAsync("/audit?correlationId=" + correlationId, Cancellation)) as JsonArray)?.FirstOrDefault() is { } record) return record;
            await Task.Delay(50, Cancellation);
        }
    }
}
