using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Gateway.Tests.Functional.Support;

/// <summary>The simulators in a process of their own, seen as a tester sees them: over HTTP.</summary>
internal sealed class Simulated : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(10) };

    private Simulated(ChildProcess process, IReadOnlyDictionary<string, Uri> addresses)
    {
        _process = process;
        Odoo = addresses["odoo"];
        Tms = addresses["tms"];
        Partner = addresses["partner"];
    }

    public Uri Odoo { get; }

    public Uri Tms { get; }

    public Uri Partner { get; }

    public static async Task<Simulated> StartAsync()
    {
        var (process, addresses) = await ChildProcess.StartAsync(["simulate"], "odoo", "wms", "tms", "partner");
        return new Simulated(process, addresses);
    }

    public async Task ChaosAsync(Uri simulator, object rule)
    {
        using var answer = await _client.PostAsJsonAsync(new Uri(simulator, "_chaos"), rule);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Somebody's work in Odoo itself.</summary>
    public async Task DoAsync(string model, string method, JsonObject body)
    {
        using var answer = await _client.PostAsJsonAsync(new Uri(Odoo, "_do"), new JsonObject { ["model"] = model, ["method"] = method, ["body"] = body });
        answer.EnsureSuccessStatusCode();
    }

    public Task HealAsync(Uri simulator) => ChaosAsync(simulator, new { mode = "none" });

    public async Task<JsonNode> StateAsync(Uri simulator) => JsonNode.Parse(await _client.GetStringAsync(new Uri(simulator, "_state")))!;

    /// <summary>How many orders Odoo has with a reference.</summary>
    public async Task<int> OrdersAsync(string reference) =>
        (await StateAsync(Odoo))["orders"]!.AsArray().Count(o => (string?)o!["clientOrderRef"] == reference);

    /// <summary>Requests that Odoo had so far, those that it broke off as well.</summary>
    public async Task<int> RequestsAsync() => (int)(await StateAsync(Odoo))["requests"]!;

    /// <summary>How often orders were loaded.</summary>
    public async Task<int> LoadsAsync() => (int)(await StateAsync(Odoo))["loadCalls"]!;

    /// <summary>Webhooks that the partner took (2xx) about an order, by its customer's reference.</summary>
    public async Task<IReadOnlyList<JsonNode>> WebhooksAsync(string reference) => [.. (await TakenAsync()).Where(w => Reference(w) == reference)];

    /// <summary>References of all orders that a webhook was taken about.</summary>
    public async Task<HashSet<string>> ReferencesDeliveredAsync() => [.. (await TakenAsync()).Select(Reference)];

    private static string Reference(JsonNode webhook) => (string)JsonNode.Parse((string)webhook["body"]!)!["data"]!["customerReference"]!;

    /// <summary>Webhooks that the partner took, in the order in which it did.</summary>
    public async Task<IReadOnlyList<JsonNode>> TakenAsync() =>
        [.. JsonNode.Parse(await _client.GetStringAsync(new Uri(Partner, "received")))!.AsArray().Where(w => (int)w!["status"]! < 300)!];

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync();
    }
}
