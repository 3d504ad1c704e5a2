using System.Text.Json.Nodes;
using Gateway.Tests.Functional.Support;
using Gateway.Tests.Servers;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>Two <c>serve</c> processes on one PostgreSQL, of which one stands still in the middle of a delivery for longer than that is kept for it.</summary>
public sealed class PausedSenderTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The partner has taken it when its sender stops; the sender hears of that only when another one has delivered it again.</summary>
    [Fact]
    public Task A_sender_that_stood_still_past_its_claim_loses_nothing_overtakes_nothing_and_doubles_under_one_id_only() => StoodStillAsync("holdAfter", least: 2);

    [Fact(Explicit = true)]
    [Trait("group", "soak")]
    public Task Nor_does_one_whose_partner_has_not_taken_it() => StoodStillAsync("holdBefore", least: 1);

    /// <param name="least">How often the webhook that was held is taken at least.</param>
    private static async Task StoodStillAsync(string mode, int least)
    {
        Assert.SkipWhen(PostgresqlServer.Missing is not null, PostgresqlServer.Missing ?? "");
        await using var simulated = await Simulated.StartAsync();
        using var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner);
        workspace.Write("routes/state.yaml", $$"""
            state: { store: postgresql, postgresql: { connection: "secret://file{{workspace.Beside("connection", await DatabaseServer.NewDatabaseAsync())}}" } }
            """);
        // Time for everything but the webhook that is held.
        workspace.Write("policies.test.yaml", workspace.Read("policies.test.yaml").Replace("timeout: 2s", "timeout: 20s", StringComparison.Ordinal).Replace("timeout: 3s", "timeout: 25s", StringComparison.Ordinal)
            .Replace("webhooks\", retry:", "webhooks\", order: fifo, timeout: 5s, retry:", StringComparison.Ordinal));
        Assert.Contains("order: fifo", workspace.Read("policies.test.yaml"), StringComparison.Ordinal);
        var (paused, firstUrl, _) = await ServeAsync(workspace, "1");
        await using var _ = paused;
        using var onFirst = new Caller(firstUrl);
        Assert.Equal(201, (await onFirst.OrderAsync(Order.Json("PO-0"), "k-0")).Status);
        await UntilToldAsync(simulated, 1);

        // The first event of an order is on its way by the node that stops, and two more of it are told meanwhile by the other.
        await simulated.ChaosAsync(simulated.Partner, new { mode, path = "webhooks", count = 1 });
        var order = (await onFirst.OrderAsync(Order.Json("PO-1"), "k-1")).Text("id");
        await Until.Found(async () => (int)(await simulated.StateAsync(simulated.Partner))["held"]! > 0 ? "" : null, "the webhook to be held");
        await paused.PauseAsync();
        var (second, secondUrl, secondAdmin) = await ServeAsync(workspace, "2");
        await using var __ = second;
        using var onSecond = new Caller(secondUrl);
        Assert.Equal(200, (await onSecond.SendAsync("PUT", $"/v1/orders/{order}", Order.Json("PO-1", quantity: "4"), "k-2")).Status);
        Assert.Equal(200, (await onSecond.SendAsync("POST", $"/v1/orders/{order}/cancellation", "{}", "k-3")).Status);
        await UntilToldAsync(simulated, 4);

        // It goes on with an answer that is late, or none, and with a claim that is another's.
        await paused.ResumeAsync();
        await simulated.HealAsync(simulated.Partner);
        Assert.Equal(201, (await onFirst.OrderAsync(Order.Json("PO-2"), "k-4")).Status);
        Assert.Equal(201, (await onSecond.OrderAsync(Order.Json("PO-3"), "k-5")).Status);
        await UntilToldAsync(simulated, 6);
        await Task.Delay(TimeSpan.FromSeconds(3), Cancellation);

        var taken = await simulated.TakenAsync();
        Assert.All(taken, w => Assert.True((bool)w["valid"]!));
        Assert.All(taken.GroupBy(EventOf), same => Assert.Single(same.Select(w => (string?)w["id"]).Distinct()));
        Assert.InRange(taken.Count, least + 5, 7);
        var first = taken.Where(w => (string?)JsonNode.Parse((string)w["body"]!)!["subject"] == order).DistinctBy(EventOf).Select(TypeOf);
        Assert.Equal(["order.accepted.v1", "order.changed.v1", "order.cancelled.v1"], first);
        using var admin = Caller.OfOperator(secondAdmin);
        var deliveries = (await admin.GetAsync("/deliveries")).Json.AsArray();
        Assert.Equal(6, deliveries.Count);
        Assert.All(deliveries, d => Assert.Equal("delivered", (string?)d!["state"]));
    }

    private static Task UntilToldAsync(Simulated simulated, int events) =>
        Until.Found(async () => (await simulated.TakenAsync()).Select(EventOf).Distinct().Count() >= events ? "" : null, $"webhooks about {events} events", seconds: 90);

    private static string EventOf(JsonNode webhook) => (string)JsonNode.Parse((string)webhook["body"]!)!["id"]!;

    private static string TypeOf(JsonNode webhook) => (string)JsonNode.Parse((string)webhook["body"]!)!["type"]!;

    private static async Task<(ChildProcess Process, Uri Gateway, Uri Admin)> ServeAsync(TestWorkspace workspace, string node)
    {
        var (process, addresses) = await ChildProcess.StartAsync(
            ["serve", workspace.Root, "--data", Path.Combine(workspace.Data, node), "--keys", workspace.Keys, "--environment", "test", "--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0"],
            "gateway", "admin");
        return (process, addresses["gateway"], addresses["admin"]);
    }
}
