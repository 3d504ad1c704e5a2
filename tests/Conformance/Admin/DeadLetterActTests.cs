using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Conformance.Admin;

/// <summary>What operators see of dead letters, and what becomes of them.</summary>
public sealed class DeadLetterActTests
{
    // Nobody listens there: what is sent fails and waits a day, so that it is seen where it stands.
    private const string Overlay = Desk.Operators + """

        partners:
          nordwind:
            name: Nordwind
            webhooks:
              hook: { url: "https://127.0.0.1:1/hook", events: ["*"], secrets: [secret://demo/whsec_ZGVtby1wYXJ0bmVyLXNlY3JldC0wMDAx], retry: [1d, 1d, 1d, 1d] }
              line: { url: "https://127.0.0.1:1/line", events: ["*"], secrets: [secret://demo/whsec_ZGVtby1wYXJ0bmVyLXNlY3JldC0wMDAx], retry: [1d, 1d, 1d, 1d], order: fifo }
              shut: { url: "https://127.0.0.1:1/shut", events: ["*"], secrets: [secret://demo/whsec_ZGVtby1wYXJ0bmVyLXNlY3JldC0wMDAx], retry: [1d, 1d, 1d, 1d] }
        governance:
          webhooks: { allowNetworks: [127.0.0.0/8], ports: [1-65535] }
        events:
          order.off.v1: { owner: order-desk, description: An order is off., contract: order-cancellation@1, orderingKey: cancellationNote }
          order.past.v1: { owner: order-desk, description: It was true then., contract: order-cancellation@1, replay: never }
          order.hinted.v1: { owner: order-desk, description: Something was said., contract: order-cancellation@1 }
        """;

    private static readonly string Operator = Desk.TokenOf("olaf");

    private static readonly string Viewer = Desk.TokenOf("vera");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task They_are_grouped_by_cause_and_listed_page_by_page()
    {
        await using var desk = await Desk.StartAsync(Overlay);
        await DieAsync(desk, [.. Enumerable.Range(0, 5).Select(i => Dead($"msg_{i}", "status 500", i)), Dead("msg_t", "timeout", 9, "line"), Dead("msg_o", "timeout", 3, "hook", "other")]);

        var groups = (await ReadAsync(desk, "/deadletters/groups")).AsArray();
        Assert.Equal([("status 500", 5, "msg_4"), ("timeout", 2, "msg_t")], groups.Select(g => ((string)g!["cause"]!, (int)g["count"]!, (string)g["example"]!)));
        Assert.Equal(["nordwind", "other"], groups[1]!["partners"]!.AsArray().Select(p => (string)p!));
        Assert.Equal(["nordwind/line", "other/hook"], groups[1]!["endpoints"]!.AsArray().Select(e => (string)e!["endpoint"]!));
        Assert.Equal("""[{"endpoint":"nordwind/hook","count":5}]""", groups[0]!["endpoints"]!.ToJsonString());
        Assert.Single((await ReadAsync(desk, "/deadletters/groups?endpoint=nordwind/line")).AsArray());

        var seen = new List<string>();
        for (JsonNode? next = ""; next is not null;)
        {
            var page = await ReadAsync(desk, $"/deadletters?partner=nordwind&limit=4{((string)next! is { Length: > 0 } after ? "&after=" + after : "")}");
            seen.AddRange(page["letters"]!.AsArray().Select(l => (string)l!["id"]!));
            next = page["next"];
        }
        Assert.Equal(["msg_t", "msg_4", "msg_3", "msg_2", "msg_1", "msg_0"], seen);
        foreach (var wrong in (string[])["limit=0", "limit=501", "after=x", "after=9.", "since=soon", "endpoint=nordwind", "partner=acme&endpoint=nordwind/hook", "colour=red", "cause="])
            Assert.Equal(400, (await desk.AskAsync("GET", "/deadletters?" + wrong, Viewer)).Status);
    }

    [Fact]
    public async Task One_is_shown_to_who_looks_and_what_it_says_to_who_may_act()
    {
        await using var desk = await Desk.StartAsync(Overlay);
        await TellAsync(desk, "order.hinted.v1", """{"price":1.10,"secretary":"Meier"}""");
        await DieAsync(desk, Dead("msg_1", "status 500", 1));

        var shown = await desk.AskAsync("GET", "/deadletters/msg_1", Viewer);
        Assert.Equal(("dead", "status 500", "order.hinted.v1"), (shown.Text("state"), shown.Text("cause"), (string?)JsonNode.Parse(shown.Body)!["event"]!["type"]));
        Assert.DoesNotContain("Meier", shown.Body, StringComparison.Ordinal);
        Assert.Equal(403, (await desk.AskAsync("GET", "/deadletters/msg_1/payload", Viewer)).Status);
        var payload = await desk.AskAsync("GET", "/deadletters/msg_1/payload", Operator);
        Assert.Equal((200, """{"price":1.10,"secretary":"Meier"}"""), (payload.Status, JsonNode.Parse(payload.Body)!["event"]!["data"]!.ToJsonString()));
        Assert.Contains("olaf", (await desk.AskAsync("GET", "/audit?route=deadletters.payload", Viewer)).Body, StringComparison.Ordinal);
        Assert.Equal(404, (await desk.AskAsync("GET", "/deadletters/msg_none", Viewer)).Status);

        Assert.Contains("order.hinted.v1", (await desk.AskAsync("GET", "/events?last=1", Viewer)).Body, StringComparison.Ordinal);
        Assert.Equal("[]", (await desk.AskAsync("GET", "/events?partner=acme", Viewer)).Body);
        Assert.Equal("[]", (await desk.AskAsync("GET", "/events?type=other", Viewer)).Body);
        Assert.Contains("order.hinted.v1", (await desk.AskAsync("GET", "/events?about=ord_1&type=order.hinted.v1", Viewer)).Body, StringComparison.Ordinal);
        foreach (var other in (string[])["about=ord_2", "about=ord_1&partner=acme", "about=ord_1&after=1"]) Assert.Equal("[]", (await desk.AskAsync("GET", "/events?" + other, Viewer)).Body);
        Assert.Equal("Meier", (string?)JsonNode.Parse((await desk.AskAsync("GET", "/events/1", Operator)).Body)!["event"]!["data"]!["secretary"]);
        Assert.Equal(404, (await desk.AskAsync("GET", "/events/99", Operator)).Status);
        foreach (var wrong in (string[])["after=x", "last=-1", "after=1&last=1", "colour=red"]) Assert.Equal(400, (await desk.AskAsync("GET", "/events?" + wrong, Viewer)).Status);
    }

    [Fact]
    public async Task A_group_is_sent_again_at_a_rate_after_a_dry_run_has_said_what_would_be()
    {
        await using var desk = await Desk.StartAsync(Overlay);
        await DieAsync(desk,
        [
            .. Enumerable.Range(0, 30).Select(i => Dead($"msg_{i:00}", "status 500", i)), Dead("msg_shut", "status 500", 1, "shut"), Dead("msg_gone", "status 500", 1, "gone"),
            Dead("msg_late", "status 500", 1, "line") with { OrderingKey = "k", EventPosition = 1 }, Dead("msg_done", "status 500", 1, "line") with { OrderingKey = "k", EventPosition = 2, State = DeliveryState.Delivered },
            Dead("msg_else", "timeout", 1),
        ]);
        Assert.Equal(200, (await desk.ActAsync("/webhooks/nordwind/shut/disable", Operator)).Status);

        var dry = await RetryAsync(desk, """{"cause":"status 500","dryRun":true,"rate":0.125,"reason":"a look"}""");
        Assert.Equal((true, 33, 30, 1, "232s"), ((bool)dry["dryRun"]!, (int)dry["matching"]!, (int)dry["retried"]!, (int)dry["overtaken"]!, (string)dry["lasts"]!));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"msg_{i:00}"), dry["first"]!.AsArray().Select(l => (string)l!["id"]!));
        Assert.Equal(
            [("nordwind/gone", "removed"), ("nordwind/hook", null), ("nordwind/line", null), ("nordwind/shut", "disabled")],
            dry["endpoints"]!.AsArray().Select(e => ((string)e!["endpoint"]!, (string?)e["obstacle"])));
        Assert.Equal(34, (await Store(desk).DeadLettersAsync(new DeadLetterQuery(), null, 99, Cancellation)).Count);

        var told = await desk.AskAsync("POST", "/deadletters/retry", Operator, """{"cause":"status 500","rate":0.125,"reason":"their server is back"}""");
        Assert.Equal((200, 30), (told.Status, (int)JsonNode.Parse(told.Body)!["retried"]!));
        var record = Assert.Single(JsonNode.Parse(await desk.AuditOfAsync(told))!.AsArray())!;
        Assert.Equal(
            ("deadletters.retry", "olaf", "cause=status 500", "their server is back"),
            ((string?)record["route"], (string?)record["act"]!["actor"], (string?)record["act"]!["target"], (string?)record["act"]!["why"]));
        Assert.Contains("\"retried\":30", (string)record["act"]!["after"]!, StringComparison.Ordinal);
        var waiting = (await Store(desk).DeliveriesAsync(DeliveryState.Pending, 99, Cancellation)).Where(d => d.Attempts == 0).OrderBy(d => d.NextAt).ToList();
        Assert.All(waiting.Zip(waiting.Skip(1)), pair => Assert.Equal(8, (pair.Second.NextAt - pair.First.NextAt)!.Value.TotalSeconds, 3));
        Assert.InRange(waiting.Count, 20, 30);
        Assert.Equal(["msg_else", "msg_gone", "msg_late", "msg_shut"], (await Store(desk).DeadLettersAsync(new DeadLetterQuery(), null, 99, Cancellation)).Select(l => l.Delivery.Id).Order());
        Assert.Equal(1, (int)(await RetryAsync(desk, """{"endpoint":"nordwind/line","outOfOrder":true,"reason":"they know"}"""))["retried"]!);
    }

    [Theory]
    [InlineData("""{"reason":"x"}""")]
    [InlineData("""{"all":true,"cause":"timeout","reason":"x"}""")]
    [InlineData("""{"cause":"timeout","rate":0,"reason":"x"}""")]
    [InlineData("""{"cause":"timeout","rate":1001,"reason":"x"}""")]
    [InlineData("""{"cause":"timeout","since":"soon","reason":"x"}""")]
    [InlineData("""{"cause":7,"reason":"x"}""")]
    [InlineData("""{"couse":"timeout","reason":"x"}""")]
    [InlineData("""{"cause":"timeout"}""")]
    public async Task A_retry_that_says_too_little_or_something_unknown_does_nothing(string body)
    {
        await using var desk = await Desk.StartAsync(Overlay);
        await DieAsync(desk, Dead("msg_1", "timeout", 1));

        Assert.Equal(400, (await desk.AskAsync("POST", "/deadletters/retry", Operator, body)).Status);
        Assert.Equal(DeliveryState.Dead, (await FindAsync(desk, "msg_1")).State);
    }

    [Fact]
    public async Task One_is_sent_again_unless_it_would_arrive_late_or_nowhere()
    {
        await using var desk = await Desk.StartAsync(Overlay);
        await DieAsync(desk,
        [
            Dead("msg_1", "timeout", 1), Dead("msg_shut", "timeout", 1, "shut"), Dead("msg_gone", "timeout", 1, "gone"),
            Dead("msg_late", "timeout", 1, "line") with { OrderingKey = "k", EventPosition = 1 }, Dead("msg_done", "timeout", 1, "line") with { OrderingKey = "k", EventPosition = 2, State = DeliveryState.Delivered },
        ]);
        Assert.Equal(200, (await desk.ActAsync("/webhooks/nordwind/shut/disable", Operator)).Status);

        var told = await desk.ActAsync("/deadletters/msg_1/retry", Operator);
        Assert.Equal((200, "pending"), (told.Status, told.Text("state")));
        foreach (var (id, word) in ((string, string)[])[("msg_1", "pending"), ("msg_shut", "enable it first"), ("msg_gone", "no longer in the workspace"), ("msg_late", "outOfOrder"), ("msg_done", "delivered")])
        {
            var refused = await desk.ActAsync($"/deadletters/{id}/retry", Operator);
            Assert.Equal(409, refused.Status);
            Assert.Contains(word, refused.Text("detail"), StringComparison.Ordinal);
        }
        Assert.Equal(200, (await desk.AskAsync("POST", "/deadletters/msg_late/retry", Operator, """{"outOfOrder":true,"reason":"they know"}""")).Status);
        Assert.Equal(404, (await desk.ActAsync("/deadletters/msg_none/retry", Operator)).Status);
    }

    [Fact]
    public async Task What_is_never_replayed_is_refused_left_out_and_told()
    {
        await using var desk = await Desk.StartAsync(Overlay);
        await TellAsync(desk, "order.past.v1", "{}");
        Assert.True(await Store(desk).AdvanceAsync("a test", default, 1, [Dead("msg_1", "timeout", 1), Dead("msg_2", "timeout", 2, "line"), Dead("msg_3", "status 500", 2) with { State = DeliveryState.Delivered }], Cancellation));

        var refused = await desk.ActAsync("/deadletters/msg_1/retry", Operator);
        Assert.Equal(409, refused.Status);
        Assert.Contains("order.past.v1 that it is never replayed", refused.Text("detail"), StringComparison.Ordinal);
        Assert.Equal(409, (await desk.AskAsync("POST", "/deadletters/msg_1/edit", Operator, """{"data":{"cancellationNote":"b"},"reason":"x"}""")).Status);
        var group = await RetryAsync(desk, """{"cause":"timeout","reason":"their server is back"}""");
        Assert.Equal((2, 0, 2, 0), ((int)group["matching"]!, (int)group["retried"]!, (int)group["never"]!, (int)group["left"]!));
        var replayed = JsonNode.Parse((await desk.AskAsync("POST", "/webhooks/nordwind/hook/replay", Operator, """{"since":"1970-01-01T00:00:00Z","delivered":true,"reason":"x"}""")).Body)!;
        Assert.Equal((0, 2), ((int)replayed["replayed"]!, (int)replayed["withheld"]!));
        Assert.Equal(200, (await desk.ActAsync("/deadletters/msg_1/skip", Operator)).Status);
    }

    [Fact]
    public async Task Of_two_operators_who_send_the_same_again_one_does_and_a_letter_of_a_notice_needs_no_endpoint()
    {
        await using var desk = await Desk.StartAsync(Overlay);
        await DieAsync(desk, [.. Enumerable.Range(0, 20).Select(i => Dead($"msg_{i:00}", "timeout", i)), Dead("msg_note", "notice not mapped", 1, "notice:parcel.moved.v1")]);

        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => RetryAsync(desk, """{"cause":"timeout","rate":0.1,"reason":"their server is back"}""")));
        Assert.Equal([0, 20], both.Select(b => (int)b["retried"]!).Order());

        var told = await desk.ActAsync("/deadletters/msg_note/retry", Operator);
        Assert.Equal((200, "pending"), (told.Status, told.Text("state")));
        EventDelivery letter;
        do letter = await FindAsync(desk, "msg_note");
        while (letter.State != DeliveryState.Dead);
        Assert.Equal(("notice removed", 1), (letter.Cause, letter.Attempts));
        Assert.Equal(1, (int)(await RetryAsync(desk, """{"cause":"notice removed","dryRun":true,"reason":"a look"}"""))["retried"]!);
    }

    [Fact]
    public async Task They_are_skipped_one_by_one_or_as_a_group_and_the_reason_stays()
    {
        await using var desk = await Desk.StartAsync(Overlay);
        await DieAsync(desk, Dead("msg_1", "timeout", 1), Dead("msg_2", "timeout", 2), Dead("msg_3", "status 500", 3));

        Assert.Equal((200, "skipped"), await desk.ActAsync("/deadletters/msg_1/skip", Operator, "by mail") is var one ? (one.Status, one.Text("state")) : default);
        var dry = JsonNode.Parse((await desk.AskAsync("POST", "/deadletters/skip", Operator, """{"cause":"timeout","dryRun":true,"reason":"a look"}""")).Body)!;
        Assert.Equal((1, "msg_2"), ((int)dry["skipped"]!, (string)dry["first"]![0]!["id"]!));
        Assert.Equal(DeliveryState.Dead, (await FindAsync(desk, "msg_2")).State);
        Assert.Equal(400, (await desk.AskAsync("POST", "/deadletters/skip", Operator, """{"cause":"timeout","rate":1,"reason":"x"}""")).Status);
        var all = await desk.AskAsync("POST", "/deadletters/skip", Operator, """{"cause":"timeout","reason":"they have a list"}""");

        Assert.Equal(1, (int)JsonNode.Parse(all.Body)!["skipped"]!);
        Assert.Equal(("olaf: by mail", "olaf: they have a list", null), ((await FindAsync(desk, "msg_1")).Note, (await FindAsync(desk, "msg_2")).Note, (await FindAsync(desk, "msg_3")).Note));
        Assert.Equal("olaf: by mail", (await desk.AskAsync("GET", "/deadletters/msg_1", Viewer)).Text("note"));
        Assert.All((string[])["deadletters.skip", "olaf", "they have a list", "cause=timeout"], word => Assert.Contains(word, desk.AuditOfAsync(all).Result, StringComparison.Ordinal));
        Assert.Equal(409, (await desk.ActAsync("/deadletters/msg_1/skip", Operator)).Status);
    }

    [Fact]
    public async Task An_edit_keeps_to_the_contract_and_is_a_message_of_its_own_beside_the_first_one()
    {
        await using var desk = await Desk.StartAsync(Overlay);
        await DieAsync(desk, Dead("msg_1", "status 422", 1), Dead("msg_2", "status 422", 2, "gone"), Dead("msg_done", "status 422", 2) with { State = DeliveryState.Delivered });
        await Store(desk).AppendEventAsync(new NewEvent("evt_2", "-", "order.hinted.v1", "/orders", "ord_1", "ord_1", DateTimeOffset.UnixEpoch, """{"cancellationNote":"a"}"""u8.ToArray()), Cancellation);
        Assert.True(await Store(desk).AdvanceAsync("another", default, 1, [Dead("msg_h", "status 422", 1) with { EventPosition = 2 }], Cancellation));
        Task<Told> EditAsync(string id, string body) => desk.AskAsync("POST", $"/deadletters/{id}/edit", Operator, body);

        foreach (var (id, body, status, word) in ((string, string, int, string)[])
        [
            ("msg_h", """{"data":{"cancellationNote":7},"reason":"x"}""", 422, "#/cancellationNote"), ("msg_1", """{"data":{"cancellationNote":"thrice"},"reason":"x"}""", 422, "leave cancellationNote as it is"),
            ("msg_h", """{"data":{"cancellationNote":"a"},"reason":"x"}""", 400, "retry it as it is"), ("msg_h", """{"data":[1],"reason":"x"}""", 400, "a JSON object"), ("msg_h", """{"reason":"x"}""", 400, "a JSON object"),
            ("msg_h", """{"data":{"cancellationNote":"b"},"rate":1,"reason":"x"}""", 400, "alone"), ("msg_2", """{"data":{"cancellationNote":"ordered twice"},"reason":"x"}""", 409, "no longer in the workspace"),
            ("msg_done", """{"data":{},"reason":"x"}""", 409, "delivered"), ("msg_none", """{"data":{},"reason":"x"}""", 404, "no delivery"),
        ])
        {
            var refused = await EditAsync(id, body);
            Assert.Equal((status, true), (refused.Status, refused.Body.Contains(word, StringComparison.Ordinal)));
        }

        var told = await EditAsync("msg_h", """{"data":{"cancellationNote":"b"},"reason":"a slip"}""");

        var made = told.Text("id");
        Assert.Equal((200, "msg_h", "evt_2.edit-1", "order-cancellation@1"), (told.Status, told.Text("editOf"), told.Text("event"), told.Text("contract")));
        Assert.Matches("^msg_[0-9a-f]{32}$", made);
        var first = await desk.AskAsync("GET", "/deadletters/msg_h", Viewer);
        Assert.Equal(("skipped", made, $"edited as {made} by olaf: a slip"), (first.Text("state"), first.Text("editedAs"), first.Text("note")));
        var payload = JsonNode.Parse((await desk.AskAsync("GET", $"/deadletters/{made}/payload", Operator)).Body)!;
        Assert.Equal(("b", "a", "evt_2.edit-1", "evt_2"), ((string)payload["event"]!["data"]!["cancellationNote"]!, (string)payload["original"]!["data"]!["cancellationNote"]!, (string)payload["event"]!["id"]!, (string)payload["original"]!["id"]!));
        var audit = await desk.AuditOfAsync(told);
        Assert.All((string[])["deadletters.edit", "olaf", "a slip", "msg_h", made], word => Assert.Contains(word, audit, StringComparison.Ordinal));
        // Where something changed, and not what: the data are encrypted at rest, and records are not.
        Assert.Contains("#/cancellationNote", audit, StringComparison.Ordinal);
        Assert.DoesNotMatch("[^/]cancellationNote|ordered twice", audit);
        Assert.Equal(409, (await EditAsync("msg_h", """{"data":{"cancellationNote":"c"},"reason":"again"}""")).Status);
        Assert.Equal(409, (await desk.ActAsync("/deadletters/msg_h/retry", Operator)).Status);
    }

    private static EventDelivery Dead(string id, string cause, int secondsLater, string name = "hook", string partner = "nordwind") =>
        new(id, partner, name, 1, DateTimeOffset.UnixEpoch.AddYears(56)) { State = DeliveryState.Dead, Cause = cause, DiedAt = DateTimeOffset.UnixEpoch.AddYears(56).AddSeconds(secondsLater) };

    /// <summary>Puts dead ones into the store, of an event that is in the log.</summary>
    private static async Task DieAsync(Desk desk, params EventDelivery[] dead)
    {
        await TellAsync(desk, "order.off.v1", """{"cancellationNote":"ordered twice"}""");
        Assert.True(await Store(desk).AdvanceAsync("a test", default, 1, dead, Cancellation));
    }

    private static ValueTask<bool> TellAsync(Desk desk, string type, string data) =>
        Store(desk).AppendEventAsync(new NewEvent("evt_1", "-", type, "/orders", "ord_1", "ord_1", DateTimeOffset.UnixEpoch.AddYears(56), System.Text.Encoding.UTF8.GetBytes(data)), Cancellation);

    private static async Task<JsonNode> ReadAsync(Desk desk, string path)
    {
        var told = await desk.AskAsync("GET", path, Viewer);
        Assert.True(told.Status == 200, string.Create(CultureInfo.InvariantCulture, $"{told.Status}: {told.Body}"));
        return JsonNode.Parse(told.Body)!;
    }

    private static async Task<JsonNode> RetryAsync(Desk desk, string body)
    {
        var told = await desk.AskAsync("POST", "/deadletters/retry", Operator, body);
        Assert.True(told.Status == 200, told.Body);
        return JsonNode.Parse(told.Body)!;
    }

    private static async Task<EventDelivery> FindAsync(Desk desk, string id) => (await Store(desk).FindDeliveryAsync(id, Cancellation))!;

    private static IStore Store(Desk desk) => desk.World.Gateway.Services.GetRequiredService<IStore>();
}
