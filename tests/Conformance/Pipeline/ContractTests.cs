using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Pipeline;

/// <summary>What contracts do beside judging: what operators see, and that bodies read by the gateway reach their ends unmixed.</summary>
public sealed class ContractTests
{
    private const string Routes = """
        apis:
          cases:
            owner: us
            routes:
              reported:
                match: POST /reported
                policies: [callers, contract: { request: note@1, response: note@1, mode: report }]
                target: { forward: echo }
              enforced:
                match: POST /enforced
                policies: [callers, contract: { request: note@1 }]
                target: { forward: echo }
              answered:
                match: GET /answered
                policies: [callers, contract: { response: note@1 }]
                target: { forward: echo }
        """;

    private const string Note = """
        {
          "type": "object",
          "required": ["text"],
          "properties": {
            "text": { "type": "string", "maxLength": 100000 },
            "secret": { "enum": ["swordfish"], "x-sensitive": true },
            "known": { "type": "object", "additionalProperties": false, "x-sensitive": true }
          }
        }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_only_reports_is_counted_and_stands_in_the_audit()
    {
        await using var world = await StartAsync();
        var answer = await PostAsync(world, "/reported", """{"colour":"red"}""");
        await PostAsync(world, "/enforced", """{"colour":"red"}""");

        Assert.Equal(200, answer.Status);
        using var admin = new HttpClient { BaseAddress = world.AdminUrl };
        var metrics = await admin.GetStringAsync("/metrics", Cancellation);
        var counted = metrics.Split('\n')
            .Where(line => line.StartsWith("gateway_contract_violations", StringComparison.Ordinal))
            .Select(line => $"{Label(line, "mode")} {Label(line, "part")} {Label(line, "contract")}")
            .Order(StringComparer.Ordinal);
        Assert.Equal(["enforce body note@1", "report answer note@1", "report body note@1"], counted);
        JsonNode? record = null;
        for (var tries = 0; tries < 100 && record is null; tries++)
        {
            await Task.Delay(50, Cancellation);
            record = (JsonNode.Parse(await admin.GetStringAsync("/audit?correlationId=" + answer.Header("X-Correlation-Id"), Cancellation)) as JsonArray)?.FirstOrDefault();
        }
        Assert.Equal("forwarded", (string?)record?["outcome"]);
        Assert.Contains("let pass: body breaks contract note@1, answer breaks contract note@1", record?.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_of_sensitive_fields_are_not_repeated()
    {
        await using var world = await StartAsync();

        var answer = await PostAsync(world, "/enforced", """{"text":"x","secret":"my-password","known":{"4111-1111":1}}""");

        Assert.Equal(422, answer.Status);
        foreach (var pointer in (string[])["\"#/secret\"", "\"#/known\""]) Assert.Contains(pointer, answer.Body, StringComparison.Ordinal);
        foreach (var secret in (string[])["my-password", "4111-1111"]) Assert.DoesNotContain(secret, answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bodies_of_many_requests_at_once_reach_the_backend_unmixed_chunked_or_not()
    {
        await using var world = await StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            var body = $$"""{"text":"{{new string((char)('a' + (i % 26)), 1 + (i * 37))}}","nr":{{i}}}""";
            return (Sent: body, Answer: await PostAsync(world, "/enforced", body, chunked: i % 2 == 0));
        }));

        Assert.All(answers, a => Assert.Equal((200, a.Sent), (a.Answer.Status, (string?)JsonNode.Parse(a.Answer.Body)?["body"])));
    }

    [Theory]
    [InlineData("long 17000000")]
    [InlineData("broken")]
    public async Task An_answer_that_cannot_be_read_is_the_backends_fault(string answer)
    {
        await using var world = await StartAsync();

        var answered = await world.SendAsync(
            new CaseRequest { Path = "/answered", Headers = new Dictionary<string, string> { ["X-Api-Key"] = "key-of-acme-shop", ["X-Answer"] = answer } }, Cancellation);

        Assert.Equal((502, "backend-unusable"), (answered.Status, answered.Problem));
        Assert.True(answered.Body.Length < 500);
    }

    private static string Label(string line, string name) => line.Split($"gateway_{name}=\"")[1].Split('"')[0];

    private static Task<KindWorld> StartAsync() => KindWorld.StartAsync(
    [
        new CaseWorkspaceFile { Path = "routes/cases.yaml", Content = Routes },
        new CaseWorkspaceFile { Path = "transforms/canonical/note@1.schema.json", Content = Note },
    ]);

    private static async Task<Answered> PostAsync(KindWorld world, string path, string body, bool chunked = false)
    {
        using var client = new HttpClient { BaseAddress = world.Url };
        using var message = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        message.Headers.Add("X-Api-Key", "key-of-acme-shop");
        message.Headers.TransferEncodingChunked = chunked;
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await client.SendAsync(message, Cancellation);
        var headers = answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated).ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        return new Answered((int)answer.StatusCode, headers, await answer.Content.ReadAsStringAsync(Cancellation), 0);
    }
}
