using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Tests.Functional.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>A partner who makes its subscription itself, against a gateway in a process of its own that is really killed.</summary>
public sealed class SubscriptionsTests : IAsyncLifetime
{
    private const string Path = "v1/webhook-subscriptions";

    private readonly ConcurrentQueue<(string Id, string Timestamp, string Signature, byte[] Body)> _received = [];
    private readonly HttpClient _client = new();
    private WebApplication _endpoint = null!;

    // What the endpoint answers.
    private volatile int _status = 204;

    public static TheoryData<string> Engines => StateEngines.Rows;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _endpoint = builder.Build();
        _endpoint.Run(TakeAsync);
        await _endpoint.StartAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _endpoint.DisposeAsync();
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task What_a_partner_subscribes_comes_signed_over_a_kill_and_a_rotation_until_it_is_removed(string name)
    {
        using var engine = await StateEngines.StartAsync(name);
        await using var simulated = await Simulated.StartAsync();
        using var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner, engine.Section);
        workspace.Write("policies.test.yaml", workspace.Read("policies.test.yaml").Replace("ports: [1-65535] }", "ports: [1-65535], own: { inside: true } }", StringComparison.Ordinal));
        string id, secret;
        var (process, gateway, _) = await ChildProcess.ServeAsync(workspace);
        await using (process)
        {
            var made = await SendAsync(gateway, HttpMethod.Post, Path, new { name = "erp", url = _endpoint.Urls.Single() + "/own", eventTypes = new[] { "order.accepted.v1" }, condition = "data.customerReference ~> $contains('YES')", mapping = "{ 'reference': data.customerReference }" });
            (id, secret) = ((string)made["id"]!, (string)made["signingSecret"]!);
            await OrderAsync(gateway, "YES-1", "NO-1");
            await ArrivedAsync("YES-1");

            // What happens while the endpoint is away, and the gateway is killed, comes later.
            _status = 503;
            await OrderAsync(gateway, "YES-2", "NO-2");
            await ArrivedAsync("YES-2");
            await process.KillAsync();
        }
        _received.Clear();
        _status = 204;

        (process, gateway, _) = await ChildProcess.ServeAsync(workspace);
        await using (process)
        {
            await ArrivedAsync("YES-2");
            var rotated = await SendAsync(gateway, HttpMethod.Post, $"{Path}/{id}/rotate-secret", new { overlapHours = 1 });
            var before = _received.Count;
            await OrderAsync(gateway, "YES-3");
            await ArrivedAsync("YES-3");
            Assert.All(_received.Take(before), r => Assert.True(IsSigned(r, secret)));
            Assert.True(IsSigned(_received.Last(), secret) && IsSigned(_received.Last(), (string)rotated["signingSecret"]!));

            await SendAsync(gateway, HttpMethod.Post, $"{Path}/{id}/ping", new { });
            await Until.Found(() => Task.FromResult(_received.Any(r => (string?)EventOf(r)["type"] == "webhook.ping.v1") ? "" : null), "a ping", 60);
            await SendAsync(gateway, HttpMethod.Delete, $"{Path}/{id}", null);
            await OrderAsync(gateway, "YES-4");
            // The partner's other webhook shows that the event was fanned out.
            await Until.Found(async () => (await _client.GetStringAsync(new Uri(simulated.Partner, "received"), Cancellation)).Contains("YES-4", StringComparison.Ordinal) ? "" : null, "YES-4 at the other endpoint", 60);
            Assert.DoesNotContain("YES-4", References());
            Assert.DoesNotContain(References(), r => r?.StartsWith("NO", StringComparison.Ordinal) == true);
        }
    }

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        string Header(string name) => http.Request.Headers[name].ToString();
        _received.Enqueue((Header("webhook-id"), Header("webhook-timestamp"), Header("webhook-signature"), body.ToArray()));
        http.Response.StatusCode = _status;
    }

    private static JsonNode EventOf((string Id, string Timestamp, string Signature, byte[] Body) received) => JsonNode.Parse(received.Body)!;

    private IEnumerable<string?> References() => _received.Select(r => (string?)EventOf(r)["data"]!["reference"]);

    private Task ArrivedAsync(string reference) => Until.Found(() => Task.FromResult(References().Contains(reference) ? "" : null), reference, 60);

    private static bool IsSigned((string Id, string Timestamp, string Signature, byte[] Body) received, string secret) =>
        WebhookSignature.Verify(received.Id, received.Timestamp, received.Body, received.Signature, [secret], TimeProvider.System.GetUtcNow());

    private static async Task OrderAsync(Uri gateway, params string[] references)
    {
        using var caller = new Caller(gateway);
        foreach (var reference in references) Assert.Equal(201, (await caller.OrderAsync(Order.Json(reference), "k-" + reference)).Status);
    }

    private async Task<JsonNode> SendAsync(Uri gateway, HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(gateway, path));
        request.Headers.Add("X-Api-Key", TestWorkspace.ShopKey);
        request.Headers.Add("Idempotency-Key", $"\"{Guid.NewGuid():N}\"");
        if (body is not null) request.Content = JsonContent.Create(body);
        using var answer = await _client.SendAsync(request, Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }
}
