using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Conformance.Admin;

/// <summary>What operators do, and what the audit says of it.</summary>
public sealed class ActTests
{
    private static readonly string Operator = Desk.TokenOf("olaf");

    [Fact]
    public async Task A_dead_delivery_is_tried_again_and_the_audit_says_who_why_before_and_after()
    {
        await using var desk = await Desk.StartAsync();
        await DieAsync(desk, "msg_1");

        var told = await desk.ActAsync("/deliveries/msg_1/retry", Operator);

        Assert.Equal((200, "pending", "no-store"), (told.Status, told.Text("state"), told.Header("Cache-Control")));
        var record = Assert.Single(JsonNode.Parse(await desk.AuditOfAsync(told))!.AsArray())!;
        Assert.Equal(("deliveries.retry", "acme", 200, "done", "/deliveries/msg_1/retry"), ((string?)record["route"], (string?)record["tenant"], (int)record["status"]!, (string?)record["outcome"], (string?)record["path"]));
        Assert.All((string[])["olaf", "msg_1", "the endpoint is repaired", "dead", "pending"], word => Assert.Contains(word, record.ToJsonString(), StringComparison.Ordinal));
        // Nobody listens here, so the one attempt is made and fails, and the delivery is dead again.
        await UntilAsync(async () => (await Store(desk).AttemptsAsync("msg_1", Cancellation)).Count == 1);
        Assert.Equal(DeliveryState.Dead, (await Store(desk).FindDeliveryAsync("msg_1", Cancellation))!.State);
    }

    [Theory]
    [InlineData("/audit?consumer=shop", "audit.read", "?consumer=shop")]
    [InlineData("/audit/export?partner=acme", "audit.export", "?partner=acme")]
    [InlineData("/keys", "keys.read", "")]
    public async Task Who_looks_at_what_is_about_callers_is_told_and_who_may_not_too(string path, string action, string asked)
    {
        await using var desk = await Desk.StartAsync();

        var looked = await desk.AskAsync("GET", path, Desk.TokenOf("vera"));
        var refused = await desk.AskAsync("GET", path, "nobody's");

        Assert.Equal((200, 401), (looked.Status, refused.Status));
        var told = JsonNode.Parse((await desk.AskAsync("GET", "/audit?route=" + action, Desk.TokenOf("anna"))).Body)!.AsArray();
        Assert.Equal(
            [("vera", action, asked, 200), (null, action, null, 401)],
            told.Take(2).Select(r => (Word(r!["act"]!["actor"]), Word(r["act"]!["action"]), Word(r["act"]!["target"]) ?? (r["status"]!.GetValue<int>() == 200 ? "" : null), (int)r["status"]!)));

        static string? Word(JsonNode? word) => (string?)word is { Length: > 0 } text ? text : null;
    }

    [Fact]
    public async Task What_is_about_a_person_is_erased_and_the_record_of_it_does_not_say_whom()
    {
        await using var desk = await Desk.StartAsync();
        await Store(desk).AppendAuditAsync(
            [new AuditRecord(DateTimeOffset.UnixEpoch, "acme", "shop", "orders.read", "GET", "/v1/orders/1", "r1", "call-1", 200, "done") { Address = "203.0.113.7", Subject = "company/joe" }], Cancellation);

        var told = await desk.AskAsync("POST", "/audit/erase", Desk.TokenOf("adam"), """{"subject":"company/joe"}""", ("X-Reason", "request 2026-114"));

        Assert.Equal((200, 1), (told.Status, (int)JsonNode.Parse(told.Body)!["erased"]!));
        var call = Assert.Single(await Store(desk).FindAuditAsync("call-1", 9, Cancellation));
        Assert.Equal((true, null, null), (call.Erased, call.Address, call.Subject));
        var act = await desk.AuditOfAsync(told);
        Assert.Single(JsonNode.Parse(act)!.AsArray());
        Assert.All((string[])["audit.erase", "adam", "request 2026-114", "erased"], word => Assert.Contains(word, act, StringComparison.Ordinal));
        Assert.DoesNotContain("joe", act, StringComparison.Ordinal);
        Assert.Empty(JsonNode.Parse((await desk.AskAsync("GET", "/audit/verify", Desk.TokenOf("vera"))).Body)!["findings"]!.AsArray());
    }

    [Fact]
    public async Task A_skipped_delivery_is_skipped_for_good()
    {
        await using var desk = await Desk.StartAsync();
        await DieAsync(desk, "msg_1");

        Assert.Equal("skipped", (await desk.ActAsync("/deliveries/msg_1/skip", Operator)).Text("state"));

        foreach (var path in (string[])["/deliveries/msg_1/skip", "/deliveries/msg_1/retry"])
        {
            var again = await desk.ActAsync(path, Operator);
            Assert.Equal((409, "/problems/wrong-state"), (again.Status, again.Text("type")));
            Assert.Contains("skipped", again.Text("detail"), StringComparison.Ordinal);
            Assert.Contains("delivery-not-dead", await desk.AuditOfAsync(again), StringComparison.Ordinal);
        }
        Assert.Contains("msg_1", (await desk.AskAsync("GET", "/deliveries?state=skipped", Operator)).Body, StringComparison.Ordinal);
        Assert.Empty(await Store(desk).AttemptsAsync("msg_1", Cancellation));
    }

    [Fact]
    public async Task Of_many_who_decide_at_once_one_decides()
    {
        await using var desk = await Desk.StartAsync();
        await DieAsync(desk, "msg_1");

        var told = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => desk.ActAsync("/deliveries/msg_1/skip", Operator)));

        Assert.Single(told, t => t.Status == 200);
        Assert.All(told.Where(t => t.Status != 200), t => Assert.Equal(409, t.Status));
    }

    [Fact]
    public async Task Without_a_reason_nothing_is_done_and_the_attempt_is_told()
    {
        await using var desk = await Desk.StartAsync();
        await DieAsync(desk, "msg_1");
        const string Path = "/deliveries/msg_1/skip";

        foreach (var (status, attempt) in ((int, Func<Task<Told>>)[])
            [
                (400, () => desk.AskAsync("POST", Path, Operator)),
                (400, () => desk.ActAsync(Path, Operator, "   ")),
                (400, () => desk.ActAsync(Path, Operator, new string('x', 501))),
                (400, () => desk.AskAsync("POST", Path, Operator, """{"reason":""}""")),
                (400, () => desk.AskAsync("POST", Path, Operator, """{"reason":7}""")),
                (400, () => desk.AskAsync("POST", Path, Operator, """["reason"]""")),
                (400, () => desk.AskAsync("POST", Path, Operator, """{"reason":"a\nb"}""")),
                (400, () => desk.AskAsync("POST", Path, Operator, """{"reason":"one","reason":"two"}""")),
                (400, () => desk.AskAsync("POST", Path, Operator, "{")),
                (413, () => desk.AskAsync("POST", Path, Operator, $$"""{"reason":"{{new string('x', 70_000)}}"}""")),
            ])
        {
            var told = await attempt();
            Assert.Equal(status, told.Status);
            Assert.Contains("olaf", await desk.AuditOfAsync(told), StringComparison.Ordinal);
        }
        Assert.Equal(DeliveryState.Dead, (await Store(desk).FindDeliveryAsync("msg_1", Cancellation))!.State);
        Assert.Equal(200, (await desk.AskAsync("POST", Path, Operator, """{"reason":"nobody wants it"}""")).Status);
    }

    [Fact]
    public async Task Who_may_not_is_told_in_the_audit_too()
    {
        await using var desk = await Desk.StartAsync();

        var viewer = await desk.ActAsync("/deliveries/msg_1/retry", Desk.TokenOf("vera"));
        var stranger = await desk.ActAsync("/deliveries/msg_1/retry", "a-token-of-nobody");

        var known = Assert.Single(JsonNode.Parse(await desk.AuditOfAsync(viewer))!.AsArray())!.ToJsonString();
        var unknown = Assert.Single(JsonNode.Parse(await desk.AuditOfAsync(stranger))!.AsArray())!.ToJsonString();
        Assert.Contains("role-missing", known, StringComparison.Ordinal);
        Assert.Contains("vera", known, StringComparison.Ordinal);
        Assert.Contains("token-unknown", unknown, StringComparison.Ordinal);
        Assert.DoesNotContain("a-token-of-nobody", unknown, StringComparison.Ordinal);
        Assert.DoesNotContain("token-unknown", stranger.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_may_name_the_correlation_id()
    {
        await using var desk = await Desk.StartAsync();

        var told = await desk.AskAsync("POST", "/deliveries/none/skip", Operator, null, ("X-Reason", "a test"), ("X-Correlation-Id", "ticket-4711"));

        Assert.Equal("ticket-4711", told.Header("X-Correlation-Id"));
        Assert.Contains("deliveries.skip", (await desk.AskAsync("GET", "/audit?correlationId=ticket-4711", Operator)).Body, StringComparison.Ordinal);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static IStore Store(Desk desk) => desk.World.Gateway.Services.GetRequiredService<IStore>();

    /// <summary>A delivery for a subscription that there is not.</summary>
    private static async Task DieAsync(Desk desk, string id) => Assert.True(await Store(desk).AdvanceAsync(
        "a test", default, 1, [new EventDelivery(id, "acme", "gone", 1, TimeProvider.System.GetUtcNow()) { State = DeliveryState.Dead }], Cancellation));

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 400 && !await holds(); i++) await Task.Delay(25, Cancellation);
        Assert.True(await holds());
    }
}
