using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Gateway.Tests.Functional.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.Tests.Functional.Flows;

/// <summary>What an owner is told, from the flow in a gateway's process to an endpoint that knows Standard Webhooks and no more.</summary>
public sealed class AlertTests : IAsyncLifetime
{
    private const string Flow = """
        flows:
          look:
            owner: order-desk
            description: Somebody looks at each order.
            runbook: https://wiki.example/look
            on: { event: order.accepted.v1, key: data.id }
            steps:
              - { step: seen, approve: { role: approver }, promise: 1s, timeout: 1d, escalate: [{ after: 2s, to: logistics }] }
        """;

    private readonly ConcurrentQueue<(string Path, string Id, string Timestamp, string Signature, byte[] Body)> _received = [];
    private WebApplication _endpoint = null!;

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

    public async ValueTask DisposeAsync() => await _endpoint.DisposeAsync();

    [Theory, MemberData(nameof(Engines))]
    public async Task Three_orders_that_nobody_looks_at_are_told_once_to_the_owner_and_once_to_whom_it_escalates(string name)
    {
        using var engine = await StateEngines.StartAsync(name);
        await using var simulated = await Simulated.StartAsync();
        using var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner, $$"""
            owners:
              order-desk: { alerts: { url: "{{_endpoint.Urls.Single()}}/desk", secrets: [secret://env/ACME_WEBHOOK_SECRET], retry: [1s] } }
              logistics: { alerts: { url: "{{_endpoint.Urls.Single()}}/logistics", secrets: [secret://env/ACME_WEBHOOK_SECRET] } }
            {{engine.Section}}
            """);
        workspace.Write("flows/look.yaml", Flow);
        workspace.Write("policies.test.yaml", workspace.Read("policies.test.yaml").Replace("acme:\n    flows: []", "acme:\n    flows: [look]", StringComparison.Ordinal));
        var (process, gateway, admin) = await ChildProcess.ServeAsync(workspace);
        await using (process)
        {
            using var caller = new Caller(gateway);
            var order = (await caller.OrderAsync(Order.Json("A-1"), "k-A-1")).Text("id");
            foreach (var reference in (string[])["A-2", "A-3"]) Assert.Equal(201, (await caller.OrderAsync(Order.Json(reference), "k-" + reference)).Status);
            await Until.Found(() => Task.FromResult(Told("/logistics").Count > 0 && Told("/desk").Count > 0 ? "" : null), "both alerts", 60);
            // The last of the three has come so far by then.
            await Task.Delay(TimeSpan.FromSeconds(3), Cancellation);
            await TracedAsync(admin, order);
            await LookedAtAsync(admin);
        }
        Assert.All(_received, r => Assert.True(WebhookSignature.Verify(r.Id, r.Timestamp, r.Body, r.Signature, [TestWorkspace.WebhookSecret], TimeProvider.System.GetUtcNow())));
        // Who runs this over the full hour is told of both.
        foreach (var told in Told("/desk").Concat(Told("/logistics")).GroupBy(t => (string)t["data"]!["quietUntil"]! + t["data"]!["owner"])) Assert.Single(told);
        var (desk, logistics) = (Told("/desk")[0], Told("/logistics")[0]);
        Assert.Equal(("gateway.alert.v1", "late", "order-desk", "acme", "seen"), ((string?)desk["type"], (string?)desk["data"]!["kind"], (string?)desk["data"]!["owner"], (string?)desk["data"]!["partner"], (string?)desk["data"]!["step"]));
        Assert.Equal("https://wiki.example/look", (string?)desk["data"]!["runbook"]);
        Assert.Equal(("escalated", "logistics"), ((string?)logistics["data"]!["kind"], (string?)logistics["data"]!["owner"]));
    }

    /// <summary>The verb <c>trace</c> tells of request, event, its delivery, and what the flow did, in one line of time under one correlation id.</summary>
    private static async Task TracedAsync(Uri admin, string order)
    {
        var (process, _) = await ChildProcess.StartAsync(["trace", order, "--admin", admin.ToString()]);
        await using (process)
        {
            Assert.Equal(0, await process.ExitAsync(TimeSpan.FromMinutes(1)));
            var lines = process.Output.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(l => l.Length > 4).ToList();
            Assert.Equal(lines.Select(l => DateTimeOffset.Parse(l[0], System.Globalization.CultureInfo.InvariantCulture)).Order(), lines.Select(l => DateTimeOffset.Parse(l[0], System.Globalization.CultureInfo.InvariantCulture)));
            string[] told = [.. lines.Select(l => string.Join(' ', l[1..5]))];
            foreach (var line in (string[])["request acme-shop orders.create done", "event acme order.accepted.v1 told", "delivery acme/orders order.accepted.v1 delivered", $"flow look/{order} seen late", $"flow look/{order} seen escalated"])
                Assert.Contains(line, told);
            Assert.Single(lines.Where(l => l[1] is "request" or "event" or "delivery" && l[3] is "orders.create" or "order.accepted.v1").Select(l => l[^1]).Distinct());
        }
    }

    /// <summary>The verb <c>flows migrate</c>: all of them go by what runs, so nothing is to be moved.</summary>
    private static async Task LookedAtAsync(Uri admin)
    {
        var (process, _) = await ChildProcess.StartAsync(["flows", "migrate", "look", "--dry-run", "--reason", "a look", "--admin", admin.ToString()]);
        await using (process)
        {
            Assert.Equal(0, await process.ExitAsync(TimeSpan.FromMinutes(1)));
            Assert.Matches("0 would be moved to [0-9a-f]{16}, 0 stay", process.Output);
        }
    }

    private List<JsonNode> Told(string path) => [.. _received.Where(r => r.Path == path).DistinctBy(r => r.Id).Select(r => JsonNode.Parse(r.Body)!)];

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        string Header(string name) => http.Request.Headers[name].ToString();
        _received.Enqueue((http.Request.Path, Header("webhook-id"), Header("webhook-timestamp"), Header("webhook-signature"), body.ToArray()));
        http.Response.StatusCode = 204;
    }
}
