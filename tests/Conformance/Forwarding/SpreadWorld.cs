using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Forwarding;

/// <summary>A gateway before moody destinations.</summary>
internal sealed class SpreadWorld(KindWorld gateway) : IAsyncDisposable
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="backend">What the backend <c>things</c> says beside its adapter, in YAML's flow form.</param>
    /// <param name="target">What the routes' target says beside its backend.</param>
    public static async Task<SpreadWorld> StartAsync(string backend, string target = "", TimeProvider? clock = null, string policies = "callers") => new(await KindWorld.StartAsync(
    [
        new CaseWorkspaceFile
        {
            Path = "routes/things.yaml",
            Content = $$"""
                backends:
                  things: { adapter: http, {{backend}} }
                apis:
                  things:
                    owner: us
                    routes:
                      things.read: { match: "GET /v1/things/{id}", policies: [{{policies}}]{{(policies.Length == 0 ? ", public: a test" : "")}}, target: { forward: things{{target}} } }
                      things.write: { match: POST /v1/things, policies: [callers], target: { forward: things{{target}} } }
                """,
        },
    ], clock: clock));

    public Task<Answered> GetAsync(string caller = "acme-shop", string path = "/v1/things/1", params (string, string)[] headers) => SendAsync("GET", path, caller, null, headers);

    public Task<Answered> PostAsync() => SendAsync("POST", "/v1/things", "acme-shop", "{}");

    public async Task<IReadOnlyList<string>> NamesAsync(int count, string caller = "acme-shop")
    {
        var names = new List<string>();
        for (var i = 0; i < count; i++) names.Add((await GetAsync(caller)).Body);
        return names;
    }

    public async Task<IReadOnlyList<(string? Destination, string State)>> CircuitsAsync()
    {
        using var admin = new HttpClient { BaseAddress = gateway.AdminUrl };
        var all = JsonNode.Parse(await admin.GetStringAsync("/backends", Cancellation))!.AsArray();
        return [.. all.Single(b => (string?)b!["name"] == "things")!["circuits"]!.AsArray().Select(c => ((string?)c!["destination"], (string)c["state"]!))];
    }

    /// <summary>Requests under way at the backend's gate.</summary>
    public async Task<int> RunningAsync()
    {
        using var admin = new HttpClient { BaseAddress = gateway.AdminUrl };
        var all = JsonNode.Parse(await admin.GetStringAsync("/backends", Cancellation))!.AsArray();
        return (int)all.Single(b => (string?)b!["name"] == "things")!["gate"]!["running"]!;
    }

    /// <summary>Asks until an answer is as wanted: what becomes of health is told beside requests.</summary>
    public async Task UntilAsync(Func<Answered, bool> wanted)
    {
        while (!wanted(await GetAsync())) await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
    }

    private Task<Answered> SendAsync(string method, string path, string caller, string? body, params (string Name, string Value)[] headers) => gateway.SendAsync(new CaseRequest
    {
        Method = method,
        Path = path,
        Headers = headers.Append((Name: "X-Api-Key", Value: $"key-of-{caller}")).ToDictionary(h => h.Name, h => h.Value),
        Body = body,
    }, Cancellation);

    public ValueTask DisposeAsync() => gateway.DisposeAsync();
}
