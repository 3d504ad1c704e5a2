using System.Text.Json.Nodes;
using Gateway.Demo;
using Gateway.Simulators;
using Gateway.Tests.Conformance.Idempotency;
using Gateway.Tests.Conformance.PolicyKinds;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Conformance.Docs;

/// <summary>The workspace of docs/backends.md, "Accept and forward", as it is printed there, with the simulated Odoo behind it.</summary>
public sealed class AcceptPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "backends.md")).ReplaceLineEndings("\n");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Its_orders_are_followed_by_their_location_go_by_their_day_and_are_in_Odoo()
    {
        await using var world = await StartAsync();
        world.Odoo.Chaos.Set(new ChaosRule(ChaosMode.Down));

        Answered[] received =
        [
            await SendAsync(world, "/v1/orders", "PO-1", null),
            await SendAsync(world, "/v1/order-imports", "PO-2", null),
            await SendAsync(world, "/v1/order-imports", "PO-3", "2026-12-24"),
            await SendAsync(world, "/v1/orders", "PO-4", "2026-12-01"),
        ];

        Assert.All(received, r => Assert.Equal(202, r.Status));
        foreach (var answer in received)
        {
            Assert.Matches("^/v1/orders/ord_[a-z0-9]+$", answer.Header("Location"));
            var read = await ReadAsync(world, answer);
            Assert.Equal((200, "received"), (read.Status, (string?)read.Json()["orderStatusCode"]));
        }
        var store = world.Gateway.Services.GetRequiredService<IStore>();
        await UntilAsync(async () => (await LineAsync(store)) == "PO-4,PO-3,PO-1,PO-2");
        world.Odoo.Chaos.Heal();
        await UntilAsync(() => Task.FromResult(world.Odoo.Orders.Count == 4));
        await UntilAsync(async () => (await Task.WhenAll(received.Select(r => ReadAsync(world, r)))).All(r => r.Status == 200 && (string?)r.Json()["orderStatusCode"] is not "received"));
        var called = await SendAsync(world, "/v1/orders", "PO-5", null);
        Assert.Equal(201, called.Status);
        Assert.Equal(200, (await ReadAsync(world, called)).Status);
    }

    private static async Task<string> LineAsync(IStore store) => string.Join(',', (await store.WaitingAsync("odoo", null, Waiting.InLine, 9, Cancellation)).Select(i => (string?)JsonNode.Parse(i.Canonical.Span)!["customerReference"]));

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var tries = 0; !await holds(); tries++)
        {
            Assert.True(tries < 2400, "what the page promises did not come in two minutes");
            await Task.Delay(50, Cancellation);
        }
    }

    private static Task<Answered> SendAsync(KindWorld world, string path, string reference, string? day)
    {
        var order = JsonNode.Parse(SampleOrder.Json(reference))!;
        if (day is null) order.AsObject().Remove("delivery");
        else order["delivery"]!["requestedDeliveryPeriod"] = new JsonObject { ["startDate"] = day };
        return world.SendAsync(new CaseRequest
        {
            Method = "POST",
            Path = path,
            Headers = new Dictionary<string, string> { ["X-Api-Key"] = "key-of-acme-shop", ["Idempotency-Key"] = $"\"k-{reference}\"" },
            Body = order.ToJsonString(),
        }, Cancellation);
    }

    private static Task<Answered> ReadAsync(KindWorld world, Answered answer) =>
        world.SendAsync(new CaseRequest { Method = "GET", Path = answer.Header("Location"), Headers = new Dictionary<string, string> { ["X-Api-Key"] = "key-of-acme-shop" } }, Cancellation);

    /// <summary>The page's file in place of the world's own, with the simulated Odoo in the place of a real one, and a partner.</summary>
    private static async Task<KindWorld> StartAsync()
    {
        var written = Page.Split("## Accept and forward")[1].Split("```yaml\n")[1].Split("```")[0];
        Assert.Contains("whenDown: accept", written, StringComparison.Ordinal);
        return await KindWorld.StartAsync([], beforeOdoo: odoo =>
        [
            new CaseWorkspaceFile
            {
                Path = "policies.yaml",
                Content = written
                    .Replace("https://odoo.example", odoo.AbsoluteUri, StringComparison.Ordinal)
                    .Replace("database: production", "database: demo", StringComparison.Ordinal)
                    .Replace("secret://env/ODOO_KEY", "secret://demo/demo-odoo-key", StringComparison.Ordinal),
            },
            new CaseWorkspaceFile
            {
                Path = "partners/acme.yaml",
                Content = """
                    partners:
                      acme:
                        name: Acme
                        companies: [main]
                        consumers: { acme-shop: { keys: [{ secret: secret://demo/key-of-acme-shop }] } }
                    """,
            },
        ]);
    }
}
