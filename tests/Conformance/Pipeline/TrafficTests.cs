using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Gateway.Tests.Conformance.Forwarding;
using Gateway.Tests.Conformance.PolicyKinds;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Conformance.Pipeline;

/// <summary>What backends take, and the net before both ports, over sockets.</summary>
public sealed class TrafficTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_forwarded_request_that_is_not_served_in_time_gets_503_and_was_not_sent()
    {
        await using var world = await StartAsync("limits: { perSecond: 0.02, wait: 50ms }");

        var first = await SendAsync(world, "key-of-acme-shop");
        var second = await SendAsync(world, "key-of-globex-shop");

        Assert.Equal(200, first.Status);
        Assert.Equal((503, "backend-unavailable"), (second.Status, second.Problem));
        Assert.InRange(int.Parse(second.Header("Retry-After"), System.Globalization.CultureInfo.InvariantCulture), 45, 60);
        Assert.Contains("Nothing was done", second.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_limits_a_backend_that_hangs_holds_a_hundred_forwarded_requests_and_the_rest_waits_in_turns()
    {
        await using var backend = await MoodyBackend.StartAsync("a");
        await using var world = await StartAsync($"url: \"{backend.Url}\"");
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SendAsync(world, "key-of-acme-shop"))), a => Assert.Equal(200, a.Status));
        backend.Mood = Mood.Hangs;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var client = new HttpClient { BaseAddress = world.Url };

        var acme = Enumerable.Range(0, 103).Select(_ => HangAsync("key-of-acme-shop")).ToList();
        await UntilAsync(async () => await WaitingAsync(world, "acme") == 3);
        var globex = HangAsync("key-of-globex-shop");
        await UntilAsync(async () => await WaitingAsync(world, "globex") == 1);

        Assert.Equal((120, 100), (backend.Requests.Count, (int)(await BackendsAsync(world)).Single(b => (string?)b!["name"] == "echo")!["gate"]!["running"]!));
        await patience.CancelAsync();
        foreach (var hung in acme.Append(globex)) await hung.ContinueWith(static gone => gone.Exception, TaskScheduler.Default);
        backend.Mood = Mood.Fine;
        Assert.Equal((200, "a"), await SendAsync(world, "key-of-acme-shop") is var well ? (well.Status, well.Body) : default);

        async Task HangAsync(string key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/small/1") { Headers = { { "X-Api-Key", key } } };
            using var answer = await client.SendAsync(request, patience.Token);
        }
    }

    [Fact]
    public async Task Operations_wait_at_a_gate_as_wide_as_their_connections_and_not_behind_it()
    {
        await using var world = await StartAsync("", "maxConnections: 2, limits: { wait: 3s }");
        Assert.Equal(201, (await OrderAsync(world, "PO-0")).Status);
        world.Odoo.Chaos.Set(new ChaosRule(ChaosMode.HoldBefore));

        var held = Enumerable.Range(1, 5).Select(i => OrderAsync(world, $"PO-{i}")).ToList();
        await UntilAsync(async () => await WaitingAsync(world, "acme", "odoo") == 3);
        Assert.Equal(2, (int)(await BackendsAsync(world)).Single(b => (string?)b!["name"] == "odoo")!["gate"]!["running"]!);
        // Those in the line are told when they have waited as long as one does; nothing of theirs was sent.
        Assert.All((await Task.WhenAll(held.Select(WithinAsync))).OfType<Answered>(), refused => Assert.Equal((503, "backend-unavailable"), (refused.Status, refused.Problem)));
        Assert.Equal((2, 0), (held.Count(order => !order.IsCompleted), await WaitingAsync(world, "acme", "odoo")));

        world.Odoo.Chaos.Set(new ChaosRule(ChaosMode.None));
        Assert.Equal(3, (await Task.WhenAll(held)).Max(a => a.OrdersInOdoo));
        var last = await OrderAsync(world, "PO-6");
        Assert.Equal((201, 4), (last.Status, last.OrdersInOdoo));

        // Longer than anybody waits at the gate; null for one that is under way still.
        static async Task<Answered?> WithinAsync(Task<Answered> order) => await Task.WhenAny(order, Task.Delay(TimeSpan.FromSeconds(6), Cancellation)) == order ? await order : null;
    }

    [Theory]
    [InlineData("429")]
    [InlineData("503")]
    public async Task A_backend_that_asks_to_be_left_alone_is_and_all_callers_are_told_its_time(string status)
    {
        await using var world = await StartAsync("limits: { concurrent: 8, wait: 1s }");

        var told = await SendAsync(world, "key-of-acme-shop", ("X-Answer", $"{status} {{}}"), ("X-Answer-Retry-After", "40"));
        var after = await SendAsync(world, "key-of-globex-shop");

        Assert.Equal((503, "backend-unavailable", "40"), (told.Status, told.Problem, told.Header("Retry-After")));
        Assert.Equal((503, "backend-unavailable"), (after.Status, after.Problem));
        Assert.InRange(int.Parse(after.Header("Retry-After"), System.Globalization.CultureInfo.InvariantCulture), 30, 40);
        Assert.InRange((int)(await BackendsAsync(world)).Single(b => (string?)b!["name"] == "echo")!["gate"]!["closedForSeconds"]!, 30, 40);
    }

    [Fact]
    public async Task A_429_that_says_no_time_is_taken_for_a_second_and_a_503_that_says_none_for_a_failure()
    {
        await using var world = await StartAsync("limits: { concurrent: 8, wait: 10ms }", "", "", Still());

        var failed = await SendAsync(world, "key-of-acme-shop", ("X-Answer", "503 {}"));
        var between = await SendAsync(world, "key-of-acme-shop");
        var told = await SendAsync(world, "key-of-acme-shop", ("X-Answer", "429 {}"));
        var after = await SendAsync(world, "key-of-globex-shop");

        Assert.Equal((503, 200), (failed.Status, between.Status));
        Assert.Equal((503, "backend-unavailable", "1"), (told.Status, told.Problem, told.Header("Retry-After")));
        Assert.Equal((503, "backend-unavailable", "1"), (after.Status, after.Problem, after.Header("Retry-After")));
    }

    [Fact]
    public async Task A_429_of_a_backend_without_limits_passes_as_it_is()
    {
        await using var world = await StartAsync("");

        var told = await SendAsync(world, "key-of-acme-shop", ("X-Answer", "429 {}"), ("X-Answer-Retry-After", "40"));

        Assert.Equal((429, "40", "{}"), (told.Status, told.Header("Retry-After"), told.Body));
    }

    [Fact]
    public async Task An_order_that_was_not_let_through_is_free_again_and_made_once_later()
    {
        await using var world = await StartAsync("", "limits: { perSecond: 6, wait: 50ms }");
        var first = await OrderAsync(world, "PO-1");
        var refused = await OrderAsync(world, "PO-2");

        Assert.Equal(201, first.Status);
        Assert.Equal((503, "backend-unavailable", 1), (refused.Status, refused.Problem, refused.OrdersInOdoo));
        var again = refused;
        for (var tries = 0; tries < 100 && again.Status == 503; tries++)
        {
            await Task.Delay(250, Cancellation);
            again = await OrderAsync(world, "PO-2");
        }
        Assert.Equal((201, 2, ""), (again.Status, again.OrdersInOdoo, again.Header("Idempotency-Replayed")));
    }

    [Fact]
    public async Task Who_hangs_up_while_it_waits_leaves_the_line()
    {
        await using var world = await StartAsync("limits: { perSecond: 0.02, wait: 1m }");
        Assert.Equal(200, (await SendAsync(world, "key-of-acme-shop")).Status);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var client = new HttpClient { BaseAddress = world.Url };
        client.DefaultRequestHeaders.Add("X-Api-Key", "key-of-acme-shop");
        var waiting = client.GetAsync("/small/1", gone.Token);

        await UntilAsync(async () => await WaitingAsync(world, "acme") == 1);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await UntilAsync(async () => await WaitingAsync(world, "acme") == 0);
    }

    [Fact]
    public async Task The_net_is_before_both_ports_and_counts_addresses_and_not_credentials()
    {
        await using var world = await StartAsync("", "", "governance: { addressLimit: { perSecond: 2 } }", Still());

        Assert.Equal((int[])[200, 200, 429], await StatusesAsync(world.Url, "/problems/not-found", 3));
        Assert.Equal((int[])[200, 200, 429], await StatusesAsync(world.AdminUrl, "/livez", 3));
        var refused = await SendAsync(world, "key-of-acme-shop");
        Assert.Equal((429, "1"), (refused.Status, refused.Header("Retry-After")));
        Assert.Contains("\"violated-policies\":[\"address\"]", refused.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unlimited", 4)]
    [InlineData("\"3\"", 3)]
    public async Task Declared_networks_may_more(string perSecond, int passed)
    {
        await using var world = await StartAsync("", "", $"governance: {{ addressLimit: {{ perSecond: 1, networks: [{{ network: 127.0.0.0/8, perSecond: {perSecond}, name: Ourselves }}] }} }}", Still());

        Assert.Equal(passed, (await StatusesAsync(world.Url, "/problems/not-found", 4)).Count(s => s == 200));
        Assert.Equal(passed, (await StatusesAsync(world.AdminUrl, "/livez", 4)).Count(s => s == 200));
    }

    [Fact]
    public async Task Behind_a_proxy_the_callers_network_counts_and_of_IPv6_its_first_64_bits()
    {
        await using var world = await StartAsync("", "", """
            governance:
              proxies: { networks: [127.0.0.0/8] }
              addressLimit: { perSecond: 1, networks: [{ network: 203.0.113.0/24, perSecond: unlimited, name: A warehouse }] }
            """, Still());
        async Task<int> From(string address) => (await SendAsync(world, "key-of-acme-shop", ("X-Forwarded-For", address))).Status;

        Assert.Equal((200, 429), (await From("2001:db8:0:1::1"), await From("2001:db8:0:1:ffff::2")));
        Assert.Equal(200, await From("2001:db8:0:2::1"));
        Assert.Equal((200, 429), (await From("198.51.100.1"), await From("::ffff:198.51.100.1")));
        Assert.Equal((200, 200, 200), (await From("203.0.113.9"), await From("203.0.113.9"), await From("::ffff:203.0.113.9")));
    }

    [Fact]
    public async Task Operators_see_what_every_consumer_of_a_partner_has_used()
    {
        await using var world = await StartAsync("");
        for (var i = 0; i < 3; i++) await SendAsync(world, "key-of-acme-shop");
        using var admin = new HttpClient { BaseAddress = world.AdminUrl };

        var states = (await admin.GetFromJsonAsync<JsonArray>("/usage?partner=acme", Cancellation))!;
        var unknown = await admin.GetAsync("/usage?partner=acne", Cancellation);

        Assert.Equal([("acme-edi", 0), ("acme-shop", 3)], states.Select(s => ((string)s!["consumer"]!, (int)s["used"]!)));
        Assert.All(states, s => Assert.Equal(("acme", "small.read.day", 1000, "day"), ((string)s!["partner"]!, (string)s["quota"]!, (int)s["limit"]!, (string)s["per"]!)));
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Contains("did you mean 'acme'", await unknown.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    private static FakeTimeProvider Still() => new(DateTimeOffset.UnixEpoch.AddYears(57));

    /// <param name="echo">More of the backend echo.</param>
    /// <param name="odoo">More of Odoo.</param>
    private static Task<KindWorld> StartAsync(string echo, string odoo = "", string more = "", TimeProvider? clock = null) => KindWorld.StartAsync(
    [
        new CaseWorkspaceFile
        {
            Path = "routes/cases.yaml",
            Content = """
                apis:
                  cases:
                    owner: us
                    routes:
                      small.read:
                        match: GET /small/{id}
                        policies: [callers, quota: { limit: 1000, per: day, by: consumer }]
                        target: { forward: echo }
                      orders.create:
                        match: POST /orders
                        policies: [callers, idempotency: { header: optional, key: [buyer, client_order_ref] }]
                        target: { call: odoo/order.create, creates: order }
                """,
        },
        new CaseWorkspaceFile { Path = "policies.demo.yaml", Content = $"backends:\n  echo: {{ {echo} }}\n  odoo: {{ {odoo} }}\n{more}\n" },
    ], clock: clock);

    private static Task<Answered> SendAsync(KindWorld world, string key, params (string Name, string Value)[] headers) => world.SendAsync(
        new CaseRequest { Path = "/small/1", Headers = new Dictionary<string, string>(headers.Select(h => KeyValuePair.Create(h.Name, h.Value))) { ["X-Api-Key"] = key } }, Cancellation);

    private static Task<Answered> OrderAsync(KindWorld world, string reference)
    {
        var order = $$$"""{"client_order_ref":"{{{reference}}}","buyer":"ACME-DE","currency":"EUR","warehouse":"WH","lines":[{"default_code":"DESK0005","product_uom_qty":3,"unit_code":"C62","price_unit":"12.50"}]}""";
        return world.SendAsync(new CaseRequest { Method = "POST", Path = "/orders", Headers = new Dictionary<string, string> { ["X-Api-Key"] = "key-of-acme-shop" }, Body = order }, Cancellation);
    }

    private static async Task<int[]> StatusesAsync(Uri port, string path, int times)
    {
        using var client = new HttpClient { BaseAddress = port };
        var statuses = new int[times];
        for (var i = 0; i < times; i++) statuses[i] = (int)(await client.GetAsync(path, Cancellation)).StatusCode;
        return statuses;
    }

    private static async Task<JsonArray> BackendsAsync(KindWorld world)
    {
        using var admin = new HttpClient { BaseAddress = world.AdminUrl };
        return (await admin.GetFromJsonAsync<JsonArray>("/backends", Cancellation))!;
    }

    private static async Task<int> WaitingAsync(KindWorld world, string partner, string backend = "echo") =>
        (int?)(await BackendsAsync(world)).Single(b => (string?)b!["name"] == backend)!["gate"]!["waiting"]![partner] ?? 0;

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var tries = 0; tries < 400; tries++)
        {
            if (await holds()) return;
            await Task.Delay(25, Cancellation);
        }
        throw new TimeoutException("it never became so");
    }
}
