using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Tests.Conformance.PolicyKinds;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Conformance.Events;

/// <summary>Partners who read their events from the log, over real sockets.</summary>
public sealed partial class ReadingTests
{
    private const string Workspace = """
        events:
          order.accepted.v1: { owner: us, description: An order was taken over., contract: events/order-placed@1, retention: 10d }
          order.cancelled.v1: { owner: us, description: An order was cancelled., contract: events/order-standing@1, retention: 3650d }
        apis:
          events:
            owner: us
            routes:
              events.read:
                match: GET /v1/events
                policies: [callers, contract: { query: events/query@1, response: events/batch@1 }]
                target: { call: gateway/events }
              events.find:
                match: GET /v1/events/{id}
                policies: [callers, contract: { response: events/event@1 }]
                target: { call: gateway/event.read }
              orders.create:
                match: POST /v1/orders
                policies: [callers, contract: { request: order@1 }, idempotency: { key: [buyerParty.id, customerReference] }, transform: { request: odoo/order.to }]
                target: { call: odoo/order.create, creates: order, emits: order.accepted.v1 }
              orders.cancel:
                match: POST /v1/orders/{id}/cancellation
                policies: [callers, contract: { request: order-cancellation@1 }, idempotency: {}]
                target: { call: odoo/order.cancel, object: "order/{id}", emits: order.cancelled.v1 }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_are_read_once_in_their_order_along_the_links()
    {
        await using var world = await StartAsync();
        for (var i = 0; i < 7; i++) await AppendAsync(world, $"e-{i}", i == 3 ? "globex" : "acme", type: i % 2 == 0 ? "order.accepted.v1" : "order.cancelled.v1");

        var read = new List<JsonNode>();
        var (next, pages) = ("/v1/events?limit=2", 0);
        for (; pages < 10; pages++)
        {
            var answer = await GetAsync(world, next);
            Assert.Equal((200, "application/cloudevents-batch+json"), (answer.Status, answer.Header("Content-Type")));
            next = NextOf(answer);
            var batch = JsonNode.Parse(answer.Body)!.AsArray();
            if (batch.Count == 0) break;
            read.AddRange(batch.Select(e => e!.DeepClone()));
        }

        Assert.Equal(3, pages);
        Assert.Equal(["e-0", "e-1", "e-2", "e-4", "e-5", "e-6"], read.Select(e => (string?)e["id"]));
        Assert.Equal(["1.0"], read.Select(e => (string?)e["specversion"]).Distinct());
        Assert.Equal("00000000000000000006", (string?)read[^1]["sequence"]);
        Assert.Equal("ord_1", (string?)read[^1]["data"]!["id"]);
        await AppendAsync(world, "e-7", "acme");
        Assert.Equal(["e-7"], IdsOf(await GetAsync(world, next)));
        Assert.Equal(["e-7"], IdsOf(await GetAsync(world, next)));
        Assert.Equal(["e-1", "e-5"], IdsOf(await GetAsync(world, "/v1/events?type=order.cancelled.v1")));
        Assert.Equal(["e-3"], IdsOf(await GetAsync(world, "/v1/events", "key-of-globex-shop")));
    }

    [Fact]
    public async Task Who_asks_for_one_number_gets_what_was_told_of_it_and_waits_for_more_of_it()
    {
        await using var world = await StartAsync();
        foreach (var (id, partner, subject) in ((string, string, string)[])[("e-1", "acme", "ord_1"), ("e-2", "acme", "ret_1"), ("e-3", "globex", "ord_1"), ("e-4", "acme", "ord_1"), ("e-5", "acme", "ord 1&"), ("e-6", "acme", "ord_1")])
            await AppendAsync(world, id, partner, subject: subject);

        var begun = await GetAsync(world, "/v1/events?subject=ord_1&limit=2");
        Assert.Equal(["e-1", "e-4"], IdsOf(begun));
        var rest = await GetAsync(world, NextOf(begun));
        Assert.Equal(["e-6"], IdsOf(rest));
        Assert.Equal(["e-3"], IdsOf(await GetAsync(world, "/v1/events?subject=ord_1", "key-of-globex-shop")));
        var strange = await GetAsync(world, "/v1/events?subject=ord%201%26");
        Assert.Equal(["e-5"], IdsOf(strange));
        Assert.Equal([], IdsOf(await GetAsync(world, NextOf(strange))));
        Assert.Equal([], IdsOf(await GetAsync(world, "/v1/events?subject=ord_1&type=order.cancelled.v1")));
        Assert.Equal([], IdsOf(await GetAsync(world, "/v1/events?subject=ord_2")));
        foreach (var wrong in (string[])["subject=ord_1&subject=ord_2", "subject=", "subject=" + new string('o', 201)])
            Assert.InRange((await GetAsync(world, "/v1/events?" + wrong)).Status, 400, 422);

        var waiting = GetAsync(world, NextOf(rest) + "&wait=20s");
        await AppendAsync(world, "e-7", "acme", subject: "ret_1");
        await Task.Delay(300, Cancellation);
        Assert.False(waiting.IsCompleted);
        await AppendAsync(world, "e-8", "acme", subject: "ord_1");
        Assert.Equal(["e-8"], IdsOf(await waiting));
    }

    [Theory]
    [InlineData(null, "application/cloudevents+json")]
    [InlineData("*/*", "application/cloudevents+json")]
    [InlineData("application/*", "application/cloudevents+json")]
    [InlineData("application/cloudevents+json", "application/cloudevents+json")]
    [InlineData("application/cloudevents+json, application/json", "application/cloudevents+json")]
    [InlineData("application/json;q=0.5, application/cloudevents+json;q=0.4", "application/json")]
    [InlineData("application/json, */*;q=0.1", "application/json")]
    [InlineData("application/*, application/json;q=0", "application/cloudevents+json")]
    [InlineData("application/*, application/cloudevents+json;q=0.1", "application/json")]
    [InlineData("APPLICATION/JSON", "application/json")]
    [InlineData("application/cloudevents-batch+json", "application/cloudevents+json")]
    [InlineData("text/html", "application/cloudevents+json")]
    [InlineData("nothing at all", "application/cloudevents+json")]
    public async Task One_event_is_read_whole_or_its_data_alone_as_Accept_says(string? accept, string type)
    {
        await using var world = await StartAsync();
        await AppendAsync(world, "e 1 %", "acme");

        var answer = await GetAsync(world, "/v1/events/e%201%20%25", accept: accept);

        Assert.Equal((200, type, "Accept"), (answer.Status, answer.Header("Content-Type"), answer.Header("Vary")));
        if (type == "application/json")
        {
            Assert.Equal("""{"id":"ord_1"}""", answer.Body);
            Assert.Equal(("1.0", "e%201%20%25", "/orders", "order.accepted.v1", "00000000000000000001"),
                (answer.Header("ce-specversion"), answer.Header("ce-id"), answer.Header("ce-source"), answer.Header("ce-type"), answer.Header("ce-sequence")));
        }
        else
        {
            Assert.Equal(("e 1 %", "ord_1"), ((string?)JsonNode.Parse(answer.Body)!["id"], (string?)JsonNode.Parse(answer.Body)!["data"]!["id"]));
            Assert.Equal("", answer.Header("ce-id"));
        }
    }

    [Fact]
    public async Task An_event_of_another_and_one_that_is_no_longer_kept_are_not_there()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var world = await StartAsync(clock: clock);
        await AppendAsync(world, "g-1", "globex", at: clock.GetUtcNow());
        await AppendAsync(world, "old", "acme", at: clock.GetUtcNow() - TimeSpan.FromDays(11));

        var nowhere = await GetAsync(world, "/v1/events/e-9");
        Assert.Equal((404, "not-found"), (nowhere.Status, nowhere.Problem));
        foreach (var path in (string[])["/v1/events/g-1", "/v1/events/old"])
            Assert.Equal((404, "not-found", (string?)JsonNode.Parse(nowhere.Body)!["detail"]), await GetAsync(world, path) is var refused ? (refused.Status, refused.Problem, (string?)JsonNode.Parse(refused.Body)!["detail"]) : default);
        Assert.Equal(200, (await GetAsync(world, "/v1/events/g-1", "key-of-globex-shop")).Status);
    }

    [Theory]
    [InlineData("AQAAAAAAAAAB")]
    [InlineData("AQAAAAAAAAABAAAAAAAAAAEAAAAAAAAAAQ")]
    [InlineData("%00")]
    public async Task A_cursor_that_nobody_wrote_is_refused(string cursor)
    {
        await using var world = await StartAsync();
        await AppendAsync(world, "e-1", "acme");

        var refused = await GetAsync(world, "/v1/events?after=" + cursor);

        Assert.Equal((400, "malformed-request"), (refused.Status, refused.Problem));
    }

    [Fact]
    public async Task A_cursor_of_another_partner_and_one_of_another_log_are_refused()
    {
        await using var world = await StartAsync();
        await using var other = await StartAsync();
        foreach (var place in new[] { world, other }) await AppendAsync(place, "e-1", "globex");
        await AppendAsync(world, "e-2", "acme");
        await AppendAsync(other, "f-2", "acme");
        await AppendAsync(other, "f-3", "acme");

        var anothers = NextOf(await GetAsync(world, "/v1/events", "key-of-globex-shop"));
        var (same, beyond) = (NextOf(await GetAsync(other, "/v1/events?limit=1")), NextOf(await GetAsync(other, "/v1/events")));

        foreach (var foreign in new[] { anothers, same, beyond })
            Assert.Equal((400, "malformed-request"), await GetAsync(world, foreign) is var refused ? (refused.Status, refused.Problem) : default);
    }

    [Fact]
    public async Task Who_comes_too_late_is_told_and_who_begins_gets_what_is_kept()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var world = await StartAsync(clock: clock);
        await AppendAsync(world, "old-1", "acme", at: clock.GetUtcNow() - TimeSpan.FromDays(12));
        await AppendAsync(world, "kept", "acme", "order.cancelled.v1", clock.GetUtcNow() - TimeSpan.FromDays(12));
        await AppendAsync(world, "old-2", "acme", at: clock.GetUtcNow() - TimeSpan.FromDays(11));
        await AppendAsync(world, "soon old", "acme", at: clock.GetUtcNow() - TimeSpan.FromDays(9));
        await AppendAsync(world, "new", "acme", at: clock.GetUtcNow());

        var begun = await GetAsync(world, "/v1/events?limit=1");
        Assert.Equal(["kept"], IdsOf(begun));
        // What nobody could have got is no gap.
        Assert.Equal(["soon old"], IdsOf(await GetAsync(world, NextOf(begun))));

        clock.Leap(TimeSpan.FromDays(2));
        var late = await GetAsync(world, NextOf(begun));
        Assert.Equal((410, "events-expired"), (late.Status, late.Problem));
        Assert.Equal(["kept", "new"], IdsOf(await GetAsync(world, "/v1/events")));
        // Of the type that is asked for, nothing was missed.
        Assert.Equal([], IdsOf(await GetAsync(world, NextOf(begun) + "&type=order.cancelled.v1")));
    }

    [Fact]
    public async Task What_is_past_its_retention_is_erased_and_who_has_read_it_reads_on()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var world = await StartAsync(clock: clock);
        var store = world.Gateway.Services.GetRequiredService<IStore>();
        await AppendAsync(world, "a-1", "acme", at: clock.GetUtcNow());
        await AppendAsync(world, "g-1", "globex", at: clock.GetUtcNow());
        var (quiet, behind) = (NextOf(await GetAsync(world, "/v1/events")), NextOf(await GetAsync(world, "/v1/events", "key-of-globex-shop")));
        await AppendAsync(world, "g-2", "globex", at: clock.GetUtcNow());
        clock.Leap(TimeSpan.FromDays(11));
        await AppendAsync(world, "g-3", "globex", at: clock.GetUtcNow());
        while ((await store.FindCursorAsync("webhooks", Cancellation)).Position < await store.LastPositionAsync(Cancellation))
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(20, Cancellation);
        }

        var keeping = Assert.Single(world.Gateway.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<Gateway.Pipeline.LogKeeping>());
        await keeping.EraseAsync(Cancellation);

        Assert.Equal(["g-3"], (await store.ReadEventsAsync(0, 99, Cancellation)).Select(e => e.Event.Id));
        Assert.Equal([], IdsOf(await GetAsync(world, quiet)));
        await AppendAsync(world, "a-2", "acme", at: clock.GetUtcNow());
        var read = await GetAsync(world, quiet);
        Assert.Equal(["a-2"], IdsOf(read));
        Assert.Equal("00000000000000000002", (string?)JsonNode.Parse(read.Body)![0]!["sequence"]);
        Assert.Equal((410, "events-expired"), await GetAsync(world, behind, "key-of-globex-shop") is var late ? (late.Status, late.Problem) : default);
        Assert.Equal(["g-3"], IdsOf(await GetAsync(world, "/v1/events", "key-of-globex-shop")));
    }

    [Fact]
    public async Task Who_waits_is_woken_by_an_event_of_its_own_alone()
    {
        await using var world = await StartAsync();
        await AppendAsync(world, "e-0", "acme");
        var next = NextOf(await GetAsync(world, "/v1/events?wait=20s"));

        var waiting = Enumerable.Range(0, 20).Select(_ => GetAsync(world, next)).ToList();
        var ordered = GetAsync(world, "/v1/events?wait=20s&type=order.cancelled.v1");
        await Task.Delay(500, Cancellation);
        await AppendAsync(world, "g-1", "globex");
        await Task.Delay(300, Cancellation);
        Assert.DoesNotContain(waiting, w => w.IsCompleted);
        var began = Stopwatch.GetTimestamp();
        await AppendAsync(world, "e-1", "acme");
        var answers = await Task.WhenAll(waiting);

        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(10), "the waiting were not woken");
        Assert.All(answers, a => Assert.Equal(["e-1"], IdsOf(a)));
        Assert.False(ordered.IsCompleted);
        await AppendAsync(world, "e-2", "acme", "order.cancelled.v1");
        Assert.Equal(["e-2"], IdsOf(await ordered));
    }

    [Fact]
    public async Task A_wait_ends_by_the_clock_and_with_the_process()
    {
        var world = await StartAsync();
        var began = Stopwatch.GetTimestamp();
        var empty = await GetAsync(world, "/v1/events?wait=1s");
        Assert.Equal((200, "[]"), (empty.Status, empty.Body));
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0.9, 15);

        var waiting = GetAsync(world, "/v1/events?wait=30s");
        await Task.Delay(500, Cancellation);
        began = Stopwatch.GetTimestamp();
        await world.Gateway.DisposeAsync();

        Assert.Equal("[]", (await waiting).Body);
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(15), "the gateway waited for who waited for events");
    }

    [Fact]
    public async Task What_is_told_keeps_the_contract_of_its_type()
    {
        await using var world = await StartAsync();
        Assert.Equal(201, (await PostAsync(world, "/v1/orders", Demo.SampleOrder.Json("PO-1"))).Status);

        var told = Assert.Single(JsonNode.Parse((await GetAsync(world, "/v1/events")).Body)!.AsArray())!;

        Assert.Equal("order.accepted.v1", (string?)told["type"]);
        Assert.Equal("accepted", (string?)told["data"]!["orderStatusCode"]);
        using var admin = new HttpClient { BaseAddress = world.AdminUrl };
        Assert.DoesNotContain("gateway_part=\"event\"", await admin.GetStringAsync("/metrics", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_breaks_its_contract_is_told_all_the_same_and_counted()
    {
        await using var world = await StartAsync(Workspace.Replace("contract: events/order-placed@1", "contract: events/billed@1", StringComparison.Ordinal));
        Assert.Equal(201, (await PostAsync(world, "/v1/orders", Demo.SampleOrder.Json("PO-1"))).Status);

        Assert.Single(JsonNode.Parse((await GetAsync(world, "/v1/events")).Body)!.AsArray());
        using var admin = new HttpClient { BaseAddress = world.AdminUrl };
        Assert.Matches("gateway_contract_violations[^\n]*gateway_contract=\"events/billed@1\"[^\n]*gateway_part=\"event\"[^\n]* 1", await admin.GetStringAsync("/metrics", Cancellation));
    }

    private static Task<KindWorld> StartAsync(string workspace = Workspace, TimeProvider? clock = null) =>
        KindWorld.StartAsync([new CaseWorkspaceFile { Path = "routes/page.yaml", Content = workspace }], clock: clock);

    private static async Task AppendAsync(KindWorld world, string id, string partner, string type = "order.accepted.v1", DateTimeOffset? at = null, string subject = "ord_1") =>
        Assert.True(await world.Gateway.Services.GetRequiredService<IStore>().AppendEventAsync(
            new NewEvent(id, partner, type, "/orders", subject, subject, at ?? DateTimeOffset.UtcNow, Encoding.UTF8.GetBytes("""{"id":"ord_1"}""")), Cancellation));

    private static Task<Answered> GetAsync(KindWorld world, string path, string key = "key-of-acme-shop", string? accept = null) => world.SendAsync(
        new CaseRequest { Path = path, Headers = accept is null ? new Dictionary<string, string> { ["X-Api-Key"] = key } : new Dictionary<string, string> { ["X-Api-Key"] = key, ["Accept"] = accept } }, Cancellation);

    private static Task<Answered> PostAsync(KindWorld world, string path, string body) =>
        world.SendAsync(new CaseRequest { Method = "POST", Path = path, Body = body, Headers = new Dictionary<string, string> { ["X-Api-Key"] = "key-of-acme-shop", ["Idempotency-Key"] = "\"k-1\"" } }, Cancellation);

    private static IEnumerable<string?> IdsOf(Answered answer)
    {
        Assert.True(answer.Status == 200, answer.Body);
        return JsonNode.Parse(answer.Body)!.AsArray().Select(e => (string?)e!["id"]);
    }

    private static string NextOf(Answered answer) => Link().Match(answer.Header("Link")) is { Success: true } link ? link.Groups[1].Value : throw new InvalidOperationException("no Link: " + answer.Body);

    [GeneratedRegex("^<([^>]+)>; rel=\"next\"$")]
    private static partial Regex Link();
}
