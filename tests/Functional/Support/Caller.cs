using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Gateway.Tests.Functional.Support;

/// <summary>A partner's program: sends orders and reads answers.</summary>
/// <param name="patience">After which it hangs up; half a minute by default.</param>
internal sealed class Caller(Uri gateway, string? key = TestWorkspace.ShopKey, string? token = null, TimeSpan? patience = null) : IDisposable
{
    // The gateway's instruments may live in this process too: they must not write trace headers for the caller.
    private readonly HttpClient _client = new(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = gateway, Timeout = patience ?? TimeSpan.FromSeconds(30) };

    /// <summary>An operator at the admin port.</summary>
    public static Caller OfOperator(Uri admin, TimeSpan? patience = null) => new(admin, key: null, TestWorkspace.OperatorToken, patience);

    public Task<Answered> OrderAsync(string order, string? idempotencyKey, string contentType = "application/json") =>
        SendAsync("POST", "/v1/orders", order, idempotencyKey, contentType);

    public Task<Answered> GetAsync(string path) => SendAsync("GET", path);

    public async Task<Answered> SendAsync(
        string method, string path, string? body = null, string? idempotencyKey = null, string contentType = "application/json", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (key is not null) request.Headers.Add("X-Api-Key", key);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (idempotencyKey is not null) request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, contentType);
        using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Answered((int)answer.StatusCode, answer.Headers.Concat(answer.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase), text);
    }

    /// <summary>A list that an admin port gives.</summary>
    public async Task<JsonArray> ListAsync(string path) => (await GetAsync(path)).Json.AsArray();

    /// <summary>The whole log of events that an admin port gives, in its order.</summary>
    public async Task<IReadOnlyList<JsonNode>> EventsAsync()
    {
        var all = new List<JsonNode>();
        while (await ListAsync($"/events?after={(all.Count == 0 ? 0 : (long)all[^1]["position"]!)}") is { Count: > 0 } page) all.AddRange(page!);
        return all;
    }

    public void Dispose() => _client.Dispose();
}

internal sealed record Answered(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public string Header(string name) => Headers.GetValueOrDefault(name, "");

    public string Text(string member) => (string?)Json[member] ?? "";

    /// <summary>The problem's page: the last part of its type.</summary>
    public string Problem => Header("Content-Type") == "application/problem+json" ? Text("type").Split('/', '#')[^1] : "";
}

/// <summary>Orders that the simulated Odoo can take.</summary>
internal static class Order
{
    public static string Json(string reference, string quantity = "3", string buyer = "ACME-DE", string item = "DESK0005", string more = "") => $$"""
        {"customerReference":"{{reference}}","issueDate":"2026-11-23","documentCurrencyCode":"EUR","buyerParty":{"id":"{{buyer}}"},
         "delivery":{"deliveryAddress":{"name":"Acme Lager","streetName":"Hafenstr. 1","cityName":"Hamburg","postalZone":"20457","countryCode":"DE"},
         "requestedDeliveryPeriod":{"startDate":"2026-11-25","endDate":"2026-11-27"} },{{more}}
         "orderLines":[{"id":"1","quantity":{{quantity}},"unitCode":"C62","item":{"sellersItemIdentification":"{{item}}","name":"Desk"},"price":{"priceAmount":"12.50","baseQuantity":1} }]}
        """;
}
