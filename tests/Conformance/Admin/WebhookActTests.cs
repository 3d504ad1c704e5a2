using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Conformance.Admin;

/// <summary>What operators do about endpoints of webhooks, and what they see of a delivery.</summary>
public sealed class WebhookActTests
{
    private const string Overlay = Desk.Operators + """

        partners:
          nordwind:
            name: Nordwind
            webhooks:
              hook:
                url: https://127.0.0.1/hook?token=hush
                events: ["*"]
                secrets: [secret://demo/whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==]
                order: fifo
        governance:
          webhooks: { allowNetworks: [127.0.0.0/8] }
        """;

    private static readonly string Operator = Desk.TokenOf("olaf");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_endpoint_is_disabled_and_enabled_once_each_and_the_audit_says_by_whom()
    {
        await using var desk = await Desk.StartAsync(Overlay);
        Assert.Equal(("well", "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=", "https://127.0.0.1/hook"), await SeenAsync(desk));

        var disabled = await desk.ActAsync("/webhooks/nordwind/hook/disable", Operator, "they move");
        Assert.Equal((200, "disabled", "olaf: they move"), (disabled.Status, disabled.Text("state"), disabled.Text("reason")));
        Assert.Equal(409, (await desk.ActAsync("/webhooks/nordwind/hook/disable", Operator)).Status);
        Assert.Equal(409, (await desk.AskAsync("POST", "/webhooks/nordwind/hook/replay", Operator, """{"since":"1h","reason":"again"}""")).Status);
        Assert.Equal("disabled", (await SeenAsync(desk)).State);

        var enabled = await desk.ActAsync("/webhooks/nordwind/hook/enable", Operator, "they have moved");
        Assert.Equal((200, "well"), (enabled.Status, enabled.Text("state")));
        Assert.Equal(409, (await desk.ActAsync("/webhooks/nordwind/hook/enable", Operator)).Status);
        var record = Assert.Single(JsonNode.Parse(await desk.AuditOfAsync(enabled))!.AsArray())!;
        Assert.Equal(
            ("endpoints.enable", "nordwind", "olaf", "nordwind/hook", "they have moved"),
            ((string?)record["route"], (string?)record["tenant"], (string?)record["act"]!["actor"], (string?)record["act"]!["target"], (string?)record["act"]!["why"]));
        var events = (await desk.AskAsync("GET", "/events", Operator)).Body;
        Assert.All((string[])["webhook.disabled.v1", "webhook.enabled.v1"], type => Assert.Contains(type, events, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_failed_since_a_moment_is_replayed_and_counted()
    {
        await using var desk = await Desk.StartAsync(Overlay);
        var now = TimeProvider.System.GetUtcNow();
        await Store(desk).AdvanceAsync("a test", default, 1,
        [
            .. Enumerable.Range(0, 3).Select(i => new EventDelivery($"msg_{i}", "nordwind", "hook", 1, now.AddHours(-i)) { State = DeliveryState.Dead }),
            new EventDelivery("msg_done", "nordwind", "hook", 1, now) { State = DeliveryState.Delivered },
        ], Cancellation);

        foreach (var body in (string[])["""{"reason":"x"}""", """{"since":"soon","reason":"x"}""", """{"since":7,"reason":"x"}""", """{"since":"2999-01-01","reason":"x"}"""])
            Assert.Equal(400, (await desk.AskAsync("POST", "/webhooks/nordwind/hook/replay", Operator, body)).Status);
        var told = await desk.AskAsync("POST", "/webhooks/nordwind/hook/replay", Operator, """{"since":"90m","reason":"their queue was full"}""");

        Assert.Equal((200, 2), (told.Status, (int)JsonNode.Parse(told.Body)!["replayed"]!));
        Assert.All((string[])["endpoints.replay", "nordwind/hook", "their queue was full", "replayed"], word => Assert.Contains(word, desk.AuditOfAsync(told).Result, StringComparison.Ordinal));
        Assert.Equal(DeliveryState.Dead, (await Store(desk).FindDeliveryAsync("msg_2", Cancellation))!.State);
        Assert.Equal(DeliveryState.Delivered, (await Store(desk).FindDeliveryAsync("msg_done", Cancellation))!.State);
    }

    [Fact]
    public async Task A_delivery_is_shown_with_what_was_said_and_the_list_without()
    {
        await using var desk = await Desk.StartAsync(Overlay);
        var store = Store(desk);
        await store.AdvanceAsync("a test", default, 1, [new EventDelivery("msg_1", "gone", "gone", 1, TimeProvider.System.GetUtcNow()) { State = DeliveryState.Skipped }], Cancellation);
        var attempt = new DeliveryAttempt(1, TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(1), 500, "HTTP 500") { Details = new AttemptDetails("POST https://x/hook\nwebhook-id: msg_1", "out of order") };
        Assert.True(await store.RecordAttemptAsync((await store.FindDeliveryAsync("msg_1", Cancellation))!, attempt, DeliveryState.Skipped, null, Cancellation));

        var shown = JsonNode.Parse((await desk.AskAsync("GET", "/deliveries/msg_1", Operator)).Body)!["attempts"]![0]!;
        var listed = (await desk.AskAsync("GET", "/deliveries", Desk.TokenOf("vera"))).Body;

        Assert.Equal((500, "out of order", "webhook-id: msg_1"), ((int)shown["status"]!, (string?)shown["answer"], (string?)shown["request"]![1]));
        Assert.Contains("HTTP 500", listed, StringComparison.Ordinal);
        Assert.DoesNotContain("out of order", listed, StringComparison.Ordinal);
        Assert.Contains("olaf", (await desk.AskAsync("GET", "/audit?route=deliveries.show", Desk.TokenOf("vera"))).Body, StringComparison.Ordinal);
    }

    private static async Task<(string State, string Key, string Url)> SeenAsync(Desk desk)
    {
        var all = JsonNode.Parse((await desk.AskAsync("GET", "/webhooks", Desk.TokenOf("vera"))).Body)!.AsArray();
        var one = all.Single(e => (string?)e!["endpoint"] == "nordwind/hook")!;
        return ((string)one["state"]!, (string)one["publicKeys"]![0]!, (string)one["url"]!);
    }

    private static IStore Store(Desk desk) => desk.World.Gateway.Services.GetRequiredService<IStore>();
}
