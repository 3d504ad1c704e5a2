using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.PolicyKinds;

namespace Gateway.Tests.Conformance.Admin;

/// <summary>A gateway with an operator of each role, and a caller of its admin port over real sockets.</summary>
internal sealed class Desk : IAsyncDisposable
{
    /// <summary>An operator for each role, by its own token; two whose tokens end; one by subject, and groups of the issuer.</summary>
    public const string Operators = """
        issuers:
          company: { operatorAudience: admin }
        operators:
          vera: { roles: [viewer], tokens: [{ secret: secret://demo/token-of-vera-0123456789012345678901234567890 }] }
          olaf: { roles: [operator], tokens: [{ secret: secret://demo/token-of-olaf-0123456789012345678901234567890 }] }
          anna: { roles: [approver], tokens: [{ secret: secret://demo/token-of-anna-0123456789012345678901234567890 }] }
          adam: { roles: [administrator], tokens: [{ secret: secret://demo/token-of-adam-0123456789012345678901234567890 }] }
          turn:
            roles: [operator]
            tokens:
              - { secret: secret://demo/first-token-of-turn-01234567890123456789012345, expires: 2026-12-02 }
              - { secret: secret://demo/second-token-of-turn-0123456789012345678901234 }
          clerk: { roles: [operator], subjects: [company/clerk] }
          desk: { roles: [operator], groups: [company/desk] }
          board: { roles: [approver], groups: [company/board] }
          office: { roles: [administrator], groups: [company/office] }
        """;

    private readonly HttpClient _client;

    private Desk(KindWorld world)
    {
        World = world;
        _client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = world.AdminUrl };
    }

    public KindWorld World { get; }

    public static string TokenOf(string name) => $"token-of-{name}-0123456789012345678901234567890";

    /// <param name="overlay">What stands in the overlay, <see cref="Operators"/> by default.</param>
    public static async Task<Desk> StartAsync(string overlay = Operators, string issuer = "http://127.0.0.1:1/", TimeProvider? clock = null, bool reload = false, string adminUrls = "http://127.0.0.1:0") =>
        new(await KindWorld.StartAsync([new CaseWorkspaceFile { Path = "policies.demo.yaml", Content = overlay }], issuer, clock, reload, adminUrls));

    public Task<Told> AskAsync(string method, string path, string? token = null, string? body = null, params (string Name, string Value)[] headers) =>
        AskAsync(_client, method, path, token, body, headers);

    /// <summary>Asks the admin port at another address of this machine.</summary>
    public static async Task<Told> AskAsync(HttpClient client, string method, string path, string? token, string? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.SendAsync(request);
        return new Told((int)answer.StatusCode, answer.Headers.NonValidated.ToDictionary(h => h.Key, h => string.Join(", ", h.Value)), await answer.Content.ReadAsStringAsync());
    }

    /// <summary>An act that gives its reason.</summary>
    public Task<Told> ActAsync(string path, string? token, string reason = "the endpoint is repaired") => AskAsync("POST", path, token, headers: ("X-Reason", reason));

    /// <summary>What the audit says under the correlation id of an answer, as text.</summary>
    public async Task<string> AuditOfAsync(Told told) => (await AskAsync("GET", "/audit?correlationId=" + told.Header("X-Correlation-Id"), TokenOf("vera"))).Body;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await World.DisposeAsync();
    }
}

internal sealed record Told(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Header(string name) => Headers.GetValueOrDefault(name, "");

    public string Text(string member) => (string?)JsonNode.Parse(Body)![member] ?? "";
}
