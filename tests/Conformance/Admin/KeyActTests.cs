using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.PolicyKinds;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Conformance.Admin;

/// <summary>Keys issued on the admin port, and what becomes of them at the public one; over real sockets.</summary>
public sealed class KeyActTests
{
    private const string Routes = """

        apis:
          orders:
            owner: order-desk
            routes:
              orders.read:
                match: GET /orders
                policies: [callers, authorize: { scopes: [orders.read] }]
                target: { forward: echo }
              orders.write:
                match: GET /orders/new
                policies: [callers, authorize: { scopes: [orders.write] }]
                target: { forward: echo }
        """;

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 12, 1, 8, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_key_is_told_once_and_lets_its_consumer_in()
    {
        await using var desk = await StartAsync();

        var told = await IssueAsync(desk, """{ "consumer": "acme-shop", "expires": "30d" }""");

        var key = told.Text("key");
        Assert.Equal(201, told.Status);
        Assert.Equal("no-store", told.Header("Cache-Control"));
        Assert.Matches("^gwk_[0-9a-z]{12}_[0-9a-z]{59}$", key);
        Assert.Equal(200, await CallAsync(desk, "/orders", key));
        var list = (await desk.AskAsync("GET", "/keys", Desk.TokenOf("vera"))).Body;
        Assert.Contains("\"2026-12-31T08:00:00+00:00\"", list, StringComparison.Ordinal);
        var audit = await desk.AuditOfAsync(told);
        Assert.Contains("keys.issue", audit, StringComparison.Ordinal);
        Assert.Contains("olaf", audit, StringComparison.Ordinal);
        foreach (var text in (string[])[list, audit, desk.World.Stored()]) Assert.DoesNotContain(key[17..], text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_may_no_more_than_it_was_issued_for()
    {
        await using var desk = await StartAsync();
        var narrow = (await IssueAsync(desk, """{ "consumer": "acme-shop", "scopes": ["orders.read"] }""")).Text("key");

        Assert.Equal(200, await CallAsync(desk, "/orders", narrow));
        Assert.Equal(200, await CallAsync(desk, "/orders", narrow));
        Assert.Equal(403, await CallAsync(desk, "/orders/new", narrow));
        Assert.Equal(200, await CallAsync(desk, "/orders/new", "key-of-acme-shop"));
    }

    [Fact]
    public async Task A_key_that_is_rotated_holds_on_for_the_overlap_and_the_new_one_for_as_long_as_the_old_was_for()
    {
        await using var desk = await StartAsync();
        var first = await IssueAsync(desk, """{ "consumer": "acme-shop", "scopes": ["orders.read"], "expires": "10d" }""");
        _clock.Leap(TimeSpan.FromDays(1));

        var second = await desk.AskAsync("POST", $"/keys/{IdOf(first)}/rotate", Desk.TokenOf("olaf"), """{ "overlap": "2h", "reason": "a year is over" }""");

        Assert.Equal(201, second.Status);
        Assert.Equal((200, 200), (await CallAsync(desk, "/orders", first.Text("key")), await CallAsync(desk, "/orders", second.Text("key"))));
        Assert.Equal(409, (await desk.ActAsync($"/keys/{IdOf(first)}/rotate", Desk.TokenOf("olaf"))).Status);
        _clock.Leap(TimeSpan.FromHours(2) - TimeSpan.FromTicks(1));
        Assert.Equal(200, await CallAsync(desk, "/orders", first.Text("key")));
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal((401, 200), (await CallAsync(desk, "/orders", first.Text("key")), await CallAsync(desk, "/orders", second.Text("key"))));
        Assert.Equal(403, await CallAsync(desk, "/orders/new", second.Text("key")));
        _clock.Leap(TimeSpan.FromDays(10) - TimeSpan.FromHours(2));
        Assert.Equal(401, await CallAsync(desk, "/orders", second.Text("key")));
    }

    [Fact]
    public async Task A_replaced_key_always_ends_and_nobody_collects_keys_by_rotating()
    {
        await using var desk = await StartAsync();
        var first = await IssueAsync(desk, """{ "consumer": "acme-shop", "expires": "never" }""");

        var endless = await desk.AskAsync("POST", $"/keys/{IdOf(first)}/rotate", Desk.TokenOf("olaf"), """{ "overlap": "never", "reason": "to keep both" }""");
        Assert.Equal(400, endless.Status);
        var second = await desk.AskAsync("POST", $"/keys/{IdOf(first)}/rotate", Desk.TokenOf("olaf"), """{ "overlap": "30d", "reason": "a year is over" }""");
        Assert.Equal(201, second.Status);
        Assert.Equal(409, (await desk.ActAsync($"/keys/{IdOf(second)}/rotate", Desk.TokenOf("olaf"))).Status);

        await desk.ActAsync($"/keys/{IdOf(first)}/revoke", Desk.TokenOf("olaf"));
        Assert.Equal(201, (await desk.ActAsync($"/keys/{IdOf(second)}/rotate", Desk.TokenOf("olaf"))).Status);
    }

    [Fact]
    public async Task A_device_has_keys_for_its_place_that_end_soon()
    {
        await using var desk = await Desk.StartAsync(Desk.Operators + Routes + """

            partners:
              acme:
                consumers:
                  acme-scan: { kind: device, location: DOCK-4, scopes: [orders.read], keys: [{ secret: secret://demo/key-of-the-scanner, expires: 2027-01-01 }] }
            """, clock: _clock, reload: true);
        var told = await IssueAsync(desk, """{ "consumer": "acme-scan" }""");

        Assert.Contains("DOCK-4", told.Body, StringComparison.Ordinal);
        Assert.Equal(200, await CallAsync(desk, "/orders", told.Text("key")));
        foreach (var wish in (string[])["never", "91d"]) Assert.Equal(400, (await IssueAsync(desk, $$"""{ "consumer": "acme-scan", "expires": "{{wish}}" }""")).Status);
        await desk.World.ChangeAsync("policies.demo.yaml", text => text.Replace("DOCK-4", "DOCK-5", StringComparison.Ordinal), TestContext.Current.CancellationToken, Desk.TokenOf("vera"));
        Assert.Equal(401, await CallAsync(desk, "/orders", told.Text("key")));

        _clock.Leap(TimeSpan.FromHours(24));
        Assert.Contains("\"expired\"", (await desk.AskAsync("GET", "/keys", Desk.TokenOf("vera"))).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_was_taken_back_is_refused_with_the_next_request_like_any_that_never_was()
    {
        await using var desk = await StartAsync();
        var told = await IssueAsync(desk, """{ "consumer": "acme-shop" }""");
        Assert.Equal(200, await CallAsync(desk, "/orders", told.Text("key")));

        Assert.Equal(200, (await desk.ActAsync($"/keys/{IdOf(told)}/revoke", Desk.TokenOf("olaf"), "it was in a mail")).Status);

        var revoked = await AnswerAsync(desk, "/orders", told.Text("key"));
        Assert.Equal(401, revoked.Status);
        foreach (var other in (string[])["gwk_", "gwk_000000000000_" + new string('0', 59), told.Text("key")[..^1] + "!", "key-of-nobody", told.Text("key").ToUpperInvariant()])
        {
            var unknown = await AnswerAsync(desk, "/orders", other);
            Assert.Equal((revoked.Status, revoked.Body, revoked.Header("WWW-Authenticate")), (unknown.Status, unknown.Body, unknown.Header("WWW-Authenticate")));
        }
        Assert.Equal(409, (await desk.ActAsync($"/keys/{IdOf(told)}/revoke", Desk.TokenOf("olaf"))).Status);
        Assert.Contains("\"revoked\"", (await desk.AskAsync("GET", "/keys?consumer=acme-shop", Desk.TokenOf("vera"))).Body, StringComparison.Ordinal);
        Assert.Equal("[]", (await desk.AskAsync("GET", "/keys?consumer=acme-edi", Desk.TokenOf("vera"))).Body);
    }

    [Theory]
    [InlineData("""{ "consumer": "acme-shpo" }""", "did you mean 'acme-shop'")]
    [InlineData("""{ "consumer": "acme-edi", "scopes": ["orders.write"] }""", "does not have the scope 'orders.write'")]
    [InlineData("""{ "consumer": "acme-shop", "expires": "soon" }""", "90d")]
    [InlineData("""{ "consumer": "acme-shop", "expires": "2026-11-30" }""", "not in the future")]
    [InlineData("""{ "consumer": "acme-shop", "expire": "30d" }""", "The body may say")]
    [InlineData("""{ "consumer": 7 }""", "The body may say")]
    [InlineData("{}", "There is no consumer")]
    public async Task What_can_not_be_issued_is_told_with_the_cure(string body, string detail)
    {
        await using var desk = await StartAsync();

        var told = await IssueAsync(desk, body);

        Assert.Equal(400, told.Status);
        Assert.Contains(detail, told.Text("detail"), StringComparison.Ordinal);
        Assert.Equal("[]", (await desk.AskAsync("GET", "/keys", Desk.TokenOf("vera"))).Body);
    }

    [Fact]
    public async Task Two_keys_of_a_consumer_hold_at_a_time_and_a_third_waits_for_one_to_end()
    {
        await using var desk = await StartAsync();
        var first = await IssueAsync(desk, """{ "consumer": "acme-shop" }""");
        Assert.Equal(201, (await IssueAsync(desk, """{ "consumer": "acme-shop", "expires": "1d" }""")).Status);

        var third = await IssueAsync(desk, """{ "consumer": "acme-shop" }""");
        Assert.Equal(409, third.Status);
        Assert.Contains(IdOf(first), third.Text("detail"), StringComparison.Ordinal);
        Assert.Equal(201, (await IssueAsync(desk, """{ "consumer": "acme-edi" }""")).Status);

        _clock.Leap(TimeSpan.FromDays(1));
        Assert.Equal(201, (await IssueAsync(desk, """{ "consumer": "acme-shop" }""")).Status);
    }

    [Fact]
    public async Task The_last_use_is_told_a_minute_more_or_less()
    {
        await using var desk = await StartAsync();
        var told = await IssueAsync(desk, """{ "consumer": "acme-shop" }""");
        Assert.Null(LastUse(await desk.AskAsync("GET", "/keys", Desk.TokenOf("vera"))));
        var used = _clock.GetUtcNow();

        for (var i = 0; i < 3; i++) await CallAsync(desk, "/orders", told.Text("key"));
        _clock.Advance(TimeSpan.FromSeconds(30));
        await CallAsync(desk, "/orders", told.Text("key"));

        Assert.Equal(used, LastUse(await desk.AskAsync("GET", "/keys", Desk.TokenOf("vera"))));
        _clock.Advance(TimeSpan.FromSeconds(31));
        await CallAsync(desk, "/orders", told.Text("key"));
        Assert.Equal(used.AddSeconds(61), LastUse(await desk.AskAsync("GET", "/keys", Desk.TokenOf("vera"))));
    }

    [Fact]
    public async Task The_key_of_a_consumer_that_left_the_workspace_ends_with_it()
    {
        await using var desk = await Desk.StartAsync(Desk.Operators + Routes, reload: true);
        var told = await IssueAsync(desk, """{ "consumer": "acme-edi" }""");
        Assert.Equal(200, await CallAsync(desk, "/orders", told.Text("key")));

        await desk.World.ChangeAsync("policies.yaml", text => text.Replace("acme-edi:", "acme-new:", StringComparison.Ordinal), TestContext.Current.CancellationToken, Desk.TokenOf("vera"));

        Assert.Equal(401, await CallAsync(desk, "/orders", told.Text("key")));
        Assert.Contains("\"orphaned\"", (await desk.AskAsync("GET", "/keys", Desk.TokenOf("vera"))).Body, StringComparison.Ordinal);
    }

    private Task<Desk> StartAsync() => Desk.StartAsync(Desk.Operators + Routes, clock: _clock);

    private static Task<Told> IssueAsync(Desk desk, string body) => desk.AskAsync("POST", "/keys", Desk.TokenOf("olaf"), body, ("X-Reason", "the shop asked for one"));

    private static string IdOf(Told issued) => (string)JsonNode.Parse(issued.Body)!["issued"]!["id"]!;

    private static DateTimeOffset? LastUse(Told list) => (DateTimeOffset?)JsonNode.Parse(list.Body)!.AsArray().Single()!["lastUsedAt"];

    private static async Task<int> CallAsync(Desk desk, string path, string key) => (await AnswerAsync(desk, path, key)).Status;

    private static Task<Answered> AnswerAsync(Desk desk, string path, string key) =>
        desk.World.SendAsync(new CaseRequest { Method = "GET", Path = path, Headers = new Dictionary<string, string> { ["X-Api-Key"] = key } }, TestContext.Current.CancellationToken);
}
