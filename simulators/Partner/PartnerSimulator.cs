using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Gateway.Simulators;

/// <summary>How the partner's endpoint starts.</summary>
public sealed record PartnerSimulatorOptions : SimulatorOptions
{
    /// <summary>The shared secret: <c>whsec_</c> and 24 to 64 bytes in base64.</summary>
    public string Secret { get; init; } = "whsec_ZGVtby1wYXJ0bmVyLXNlY3JldC0wMDAx";

    /// <summary>The bearer token that documents come with.</summary>
    public string ApiKey { get; init; } = "demo-partner-key";
}

/// <summary>One attempt to deliver a webhook, as it arrived.</summary>
/// <param name="Id">The <c>webhook-id</c>, the same over all attempts; null where the header is missing.</param>
/// <param name="Timestamp">The <c>webhook-timestamp</c> in Unix seconds, as sent.</param>
/// <param name="At">When it arrived.</param>
/// <param name="Wrong">Null where the signature fits, else what is wrong with it.</param>
/// <param name="Status">The status this endpoint answered.</param>
/// <param name="Body">The body as text.</param>
/// <param name="Path">The path it was sent to.</param>
public sealed record ReceivedWebhook(string? Id, string? Timestamp, DateTimeOffset At, string? Wrong, int Status, string Body,
    string Path)
{
    /// <summary>Whether the signature fits and the timestamp is recent.</summary>
    public bool IsValid => Wrong is null;
}

/// <summary>
/// A partner that receives webhooks: <c>POST /webhooks</c> (any path below it too) answers 204, or 401 where the signature
/// does not fit; <c>GET /received</c> lists every attempt; <c>POST /_answer {"status":503,"count":2}</c> makes it refuse.
/// <c>POST /documents</c> takes a document once per <c>Idempotency-Key</c>, <c>GET /documents/{key}</c> tells of it.
/// </summary>
public sealed class PartnerSimulator : IAsyncDisposable
{
    private readonly PartnerSimulatorOptions _options;
    private readonly List<ReceivedWebhook> _received = [];
    private readonly ConcurrentDictionary<string, string> _documents = new();
    private readonly Lock _gate = new();
    private (int Status, int Left) _refusal;
    private SimulatorHost _host = null!;

    private PartnerSimulator(PartnerSimulatorOptions options) => _options = options;

    /// <summary>The endpoint's base address; webhooks go to <c>/webhooks</c> below it.</summary>
    public Uri Url => _host.Url;

    /// <summary>The misbehaviour, as <c>POST /_chaos</c> sets it. What it drops before work is not in <see cref="Received"/>.</summary>
    public Chaos Chaos => _host.Chaos;

    /// <summary>The W3C <c>traceparent</c> of the last request.</summary>
    public string? LastTraceParent => _host.LastTraceParent;

    /// <summary>Requests so far, <c>/_chaos</c> and <c>/_state</c> not counted.</summary>
    public int Requests => _host.Requests;

    /// <summary>Documents by the <c>Idempotency-Key</c> they came with first.</summary>
    public IReadOnlyDictionary<string, string> Documents => _documents;

    /// <summary>Every attempt that arrived, in order.</summary>
    public IReadOnlyList<ReceivedWebhook> Received
    {
        get { lock (_gate) return [.. _received]; }
    }

    /// <summary>Starts listening.</summary>
    public static async Task<PartnerSimulator> StartAsync(PartnerSimulatorOptions? options = null)
    {
        var simulator = new PartnerSimulator(options ?? new PartnerSimulatorOptions());
        simulator._host = await SimulatorHost.StartAsync(simulator._options, routes =>
        {
            routes.MapPost("/webhooks/{**below}", simulator.ReceiveAsync);
            routes.MapPost("/documents", simulator.TakeDocumentAsync);
            routes.MapGet("/documents/{key}", http => simulator.AnswerDocumentAsync(http, (string)http.Request.RouteValues["key"]!));
            routes.MapGet("/received", http => Answer.JsonAsync(http, 200, simulator.List()));
            routes.MapDelete("/received", simulator.ForgetAsync);
            routes.MapPost("/_answer", simulator.ChangeAnswerAsync);
        }, () => new JsonObject { ["simulator"] = "partner", ["received"] = simulator.List() });
        return simulator;
    }

    /// <summary>Answers the next attempts with a status although they were stored: it got them, and the sender shall try again.</summary>
    /// <param name="status">400 to 599; 410 asks the sender to stop for good.</param>
    /// <param name="count">How many attempts.</param>
    public void Refuse(int status, int count = int.MaxValue)
    {
        lock (_gate)
            _refusal = (status, count);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private async Task ReceiveAsync(HttpContext http)
    {
        var body = ((MemoryStream)http.Request.Body).ToArray();
        string? Header(string name) => http.Request.Headers[name].ToString() is { Length: > 0 } value ? value : null;
        var now = _options.Clock.GetUtcNow();
        var wrong = StandardWebhooks.WhatIsWrong(_options.Secret, Header("webhook-id"), Header("webhook-timestamp"),
            Header("webhook-signature"), body, now);
        int status;
        lock (_gate)
        {
            status = wrong is null ? 204 : 401;
            if (_refusal.Left > 0)
                (status, _refusal) = (_refusal.Status, (_refusal.Status, _refusal.Left - 1));
            _received.Add(new ReceivedWebhook(Header("webhook-id"), Header("webhook-timestamp"), now, wrong, status,
                Encoding.UTF8.GetString(body), http.Request.Path));
        }
        if (status == 204)
            http.Response.StatusCode = 204;
        else
            await Answer.JsonAsync(http, status, new JsonObject { ["error"] = wrong ?? "not now" });
    }

    /// <summary>Keeps a document under its key; a repeat changes nothing.</summary>
    private async Task TakeDocumentAsync(HttpContext http)
    {
        var key = http.Request.Headers["Idempotency-Key"].ToString().Trim('"');
        if (key.Length > 0 && IsKnown(http))
            _documents.TryAdd(key, Encoding.UTF8.GetString(((MemoryStream)http.Request.Body).ToArray()));
        await AnswerDocumentAsync(http, key);
    }

    private Task AnswerDocumentAsync(HttpContext http, string key)
    {
        if (!IsKnown(http))
            return Answer.JsonAsync(http, 401, new JsonObject { ["error"] = "send Authorization: Bearer <key>" });
        return _documents.ContainsKey(key)
            ? Answer.JsonAsync(http, 200, new JsonObject { ["number"] = key })
            : Answer.JsonAsync(http, 404, new JsonObject { ["error"] = $"there is no document {key}" });
    }

    private bool IsKnown(HttpContext http) => http.Request.Headers.Authorization == "Bearer " + _options.ApiKey;

    private Task ForgetAsync(HttpContext http)
    {
        lock (_gate)
            _received.Clear();
        http.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private async Task ChangeAnswerAsync(HttpContext http)
    {
        var (document, _) = await Answer.ReadJsonAsync(http);
        if (document is not JsonObject members || members["status"] is not JsonValue value || !value.TryGetValue(out int status))
        {
            await Answer.JsonAsync(http, 400,
                new JsonObject { ["error"] = "send {\"status\":503,\"count\":2}; count 0 behaves again" });
            return;
        }
        Refuse(status, members["count"] is JsonValue count && count.TryGetValue(out int number) ? number : int.MaxValue);
        await Answer.JsonAsync(http, 200, members.DeepClone());
    }

    private JsonArray List() => new([.. Received.Select(webhook => new JsonObject
    {
        ["id"] = webhook.Id,
        ["timestamp"] = webhook.Timestamp,
        ["receivedAt"] = webhook.At.ToString("O"),
        ["valid"] = webhook.IsValid,
        ["wrong"] = webhook.Wrong,
        ["status"] = webhook.Status,
        ["path"] = webhook.Path,
        ["body"] = webhook.Body,
    })]);
}
