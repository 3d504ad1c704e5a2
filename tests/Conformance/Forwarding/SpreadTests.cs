using Gateway.Tests.Conformance.PolicyKinds;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Xunit;

namespace Gateway.Tests.Conformance.Forwarding;

/// <summary>Destinations, their health and circuits, canaries and retries, over real sockets.</summary>
public sealed class SpreadTests : IAsyncLifetime
{
    private MoodyBackend _a = null!;
    private MoodyBackend _b = null!;

    public async ValueTask InitializeAsync() => (_a, _b) = (await MoodyBackend.StartAsync("a"), await MoodyBackend.StartAsync("b"));

    public async ValueTask DisposeAsync()
    {
        await _a.DisposeAsync();
        await _b.DisposeAsync();
    }

    [Fact]
    public async Task Requests_are_shared_by_weight()
    {
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{_a.Url}}", weight: 3, destinations: { b: { url: "{{_b.Url}}" } }""");

        await world.NamesAsync(40);

        Assert.Equal((30, 10), (_a.Requests.Count, _b.Requests.Count));
    }

    [Fact]
    public async Task A_consumer_stays_at_its_destination_and_moves_only_when_that_is_gone()
    {
        await using var c = await MoodyBackend.StartAsync("c");
        await using var world = await SpreadWorld.StartAsync(
            $$"""url: "{{_a.Url}}", affinity: consumer, destinations: { b: { url: "{{_b.Url}}" }, c: { url: "{{c.Url}}" } }, resilience: { retries: 1, retryDelay: 1ms, circuit: { minimumCalls: 2 } }""");

        var before = await HomesAsync();
        var gone = new[] { _a, _b, c }.First(d => d.Name == before["acme-shop"]);
        gone.Mood = Mood.Resets;
        await world.NamesAsync(3);
        var after = await HomesAsync();

        Assert.NotEqual(before["acme-shop"], after["acme-shop"]);
        Assert.All(before.Where(h => h.Value != gone.Name), h => Assert.Equal(h.Value, after[h.Key]));

        async Task<Dictionary<string, string>> HomesAsync()
        {
            var homes = new Dictionary<string, string>();
            foreach (var caller in new[] { "acme-shop", "acme-edi", "globex-shop" }) homes[caller] = Assert.Single((await world.NamesAsync(6, caller)).Distinct());
            return homes;
        }
    }

    /// <summary>Of six destinations, two consumers would seldom share one by chance, and never all that a partner has.</summary>
    [Fact]
    public async Task All_consumers_of_a_partner_meet_at_one_destination()
    {
        var more = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => MoodyBackend.StartAsync($"m{n}")));
        try
        {
            var homes = new List<string>();
            foreach (var affinity in new[] { "partner", "consumer" })
            {
                await using var world = await SpreadWorld.StartAsync(
                    $$"""url: "{{_a.Url}}", affinity: {{affinity}}, destinations: { b: { url: "{{_b.Url}}" }, {{string.Join(", ", more.Select(m => $$"""{{m.Name}}: { url: "{{m.Url}}" }"""))}} }""");
                foreach (var caller in new[] { "acme-shop", "acme-edi" }) homes.Add(Assert.Single((await world.NamesAsync(6, caller)).Distinct()));
            }
            Assert.Equal(homes[0], homes[1]);
            // The hash is of names, which stand: by consumer these two part.
            Assert.NotEqual(homes[2], homes[3]);
        }
        finally
        {
            foreach (var one in more) await one.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_read_meets_another_destination_when_one_hangs_and_soon_nobody_waits_for_it()
    {
        await using var world = await SpreadWorld.StartAsync(
            $$"""url: "{{_a.Url}}", timeout: 5s, destinations: { b: { url: "{{_b.Url}}" } }, resilience: { attempt: 150ms, retries: 1, circuit: { minimumCalls: 2, break: 1m } }""");
        _a.Mood = Mood.Hangs;

        Assert.All(await world.NamesAsync(10), name => Assert.Equal("b", name));
        Assert.Equal(2, _a.Requests.Count);
        Assert.Equal([("main", "open"), ("b", "closed")], (await world.CircuitsAsync()).Select(c => (c.Destination!, c.State)));
    }

    [Theory]
    [InlineData(Mood.Resets)]
    [InlineData(Mood.Away)]
    internal async Task A_read_is_sent_again_and_a_change_never(Mood mood)
    {
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{_a.Url}}", resilience: { retries: 2, retryDelay: 1ms, circuit: { minimumCalls: 100 } }""");
        _a.Mood = mood;

        var read = await world.GetAsync();
        var reads = _a.Requests.Count;
        var write = await world.PostAsync();

        Assert.Equal((3, 4), (reads, _a.Requests.Count));
        Assert.True(read.Status is 502 or 503 && write.Status is 502 or 503, $"{read.Status} {write.Status}");
        Assert.DoesNotContain("127.0.0.1", read.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Mood.Fails)]
    [InlineData(Mood.Busy)]
    internal async Task What_asks_to_be_left_alone_and_what_may_be_about_this_one_request_is_not_sent_again(Mood mood)
    {
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{_a.Url}}", resilience: { retries: 2, retryDelay: 1ms }""");
        _a.Mood = mood;

        await world.GetAsync();

        Assert.Single(_a.Requests);
    }

    [Fact]
    public async Task A_500_may_be_about_the_request_and_opens_no_circuit()
    {
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{_a.Url}}", resilience: { retries: 0, circuit: { minimumCalls: 2 } }""");
        _a.Mood = Mood.Fails;

        await world.NamesAsync(6);

        Assert.Equal(6, _a.Requests.Count);
        Assert.Equal([(null, "closed")], await world.CircuitsAsync());
    }

    [Fact]
    public async Task An_open_circuit_sends_nothing_then_one_tries_and_a_good_answer_closes_it()
    {
        var clock = new MovedClock();
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{_a.Url}}", resilience: { retries: 0, circuit: { minimumCalls: 2, break: 30s } }""", clock: clock);
        _a.Mood = Mood.Away;
        await world.NamesAsync(2);
        var sent = _a.Requests.Count;

        var away = await world.GetAsync();
        Assert.Equal((503, "backend-unavailable", sent), (away.Status, away.Problem, _a.Requests.Count));
        Assert.InRange(int.Parse(away.Header("Retry-After"), System.Globalization.CultureInfo.InvariantCulture), 25, 30);
        Assert.Contains("Nothing was done", away.Body, StringComparison.Ordinal);

        clock.Advance(TimeSpan.FromSeconds(31));
        await world.GetAsync();
        Assert.Equal(sent + 1, _a.Requests.Count);
        Assert.Equal("open", (await world.CircuitsAsync()).Single().State);

        _a.Mood = Mood.Fine;
        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("a", (await world.GetAsync()).Body);
        Assert.Equal("closed", (await world.CircuitsAsync()).Single().State);
    }

    [Fact(Timeout = 60_000)]
    public async Task While_one_tries_a_half_open_circuit_the_others_are_turned_away()
    {
        var clock = new MovedClock();
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{_a.Url}}", timeout: 2s, resilience: { retries: 0, circuit: { minimumCalls: 2, break: 30s } }""", clock: clock);
        _a.Mood = Mood.Away;
        await world.NamesAsync(2);
        _a.Mood = Mood.Hangs;
        clock.Advance(TimeSpan.FromSeconds(31));

        var trial = world.GetAsync();
        while (_a.Requests.Count < 3) await Task.Delay(5, TestContext.Current.CancellationToken);
        var other = await world.GetAsync();

        Assert.Equal((503, 3), (other.Status, _a.Requests.Count));
        Assert.Equal(504, (await trial).Status);
    }

    [Fact(Timeout = 60_000)]
    public async Task How_long_a_caller_reads_is_no_matter_of_the_circuit()
    {
        var clock = new MovedClock();
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{_a.Url}}", timeout: 20s, resilience: { retries: 0, circuit: { minimumCalls: 2, break: 30s } }""", clock: clock);
        _a.Mood = Mood.Away;
        await world.NamesAsync(2);
        _a.Mood = Mood.Drips;
        clock.Advance(TimeSpan.FromSeconds(31));

        var reading = world.GetAsync();
        while ((await world.CircuitsAsync()).Single().State != "closed") await Task.Delay(5, TestContext.Current.CancellationToken);
        _a.Mood = Mood.Fine;

        Assert.Equal("a", (await world.GetAsync()).Body);
        Assert.False(reading.IsCompleted);
        _ = reading.ContinueWith(static late => late.Exception, TaskScheduler.Default);
    }

    [Fact]
    public async Task A_partners_requests_go_to_the_canary_and_those_of_others_never()
    {
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{_a.Url}}", canary: { url: "{{_b.Url}}", partners: [acme] }, resilience: { retries: 1, retryDelay: 1ms, circuit: { minimumCalls: 2 } }""");

        Assert.All(await world.NamesAsync(5), name => Assert.Equal("b", name));
        Assert.All(await world.NamesAsync(5, "globex-shop"), name => Assert.Equal("a", name));

        // A canary that fails stands in nobody's way.
        _b.Mood = Mood.Resets;
        Assert.All(await world.NamesAsync(5), name => Assert.Equal("a", name));
    }

    [Fact]
    public async Task Of_all_requests_about_as_many_of_a_hundred_meet_the_canary_as_declared()
    {
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{_a.Url}}", canary: { url: "{{_b.Url}}", percent: 20 }""");

        await world.NamesAsync(400);

        // Five standard deviations to either side.
        Assert.InRange(_b.Requests.Count, 40, 120);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_destination_that_is_not_well_gets_no_requests_until_it_is()
    {
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{_a.Url}}", destinations: { b: { url: "{{_b.Url}}" } }, health: { path: /well, interval: 300ms, timeout: 300ms, failures: 2 }""");

        _a.IsWell = false;
        await SettledAsync("b", "b");
        _b.IsWell = false;
        await world.UntilAsync(a => a is { Status: 503, Problem: "backend-unavailable" });
        (_a.IsWell, _b.IsWell) = (true, true);

        await SettledAsync("a", "b");

        // Two answers in a row are of two destinations, where both are well.
        async Task SettledAsync(params string[] expected)
        {
            while (!(await world.NamesAsync(2)).Order().SequenceEqual(expected)) await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task HTTP_2_is_spoken_without_TLS_where_it_is_declared()
    {
        await using var two = await MoodyBackend.StartAsync("two", HttpProtocols.Http2);
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{two.Url}}", protocol: http2""");

        Assert.Equal("two", (await world.GetAsync()).Body);
        Assert.Equal("HTTP/2", Assert.Single(two.Requests).Protocol);
    }

    [Fact]
    public async Task The_backend_is_told_how_much_time_is_left_and_not_what_the_caller_says()
    {
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{_a.Url}}", timeout: 9s, resilience: { timeLeftHeader: X-Time-Left }""");

        await world.GetAsync(headers: ("X-Time-Left", "999999"));

        Assert.InRange(int.Parse(Assert.Single(_a.Requests).Headers["X-Time-Left"], System.Globalization.CultureInfo.InvariantCulture), 1, 9000);
    }

    [Fact]
    public async Task The_address_of_no_destination_gets_out()
    {
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{_a.Url}}", destinations: { b: { url: "{{_b.Url}}" } }, canary: { url: "{{_b.Url}}", percent: 50 }""");

        for (var i = 0; i < 8; i++) Assert.Equal("/v1/elsewhere", (await world.GetAsync()).Header("Location"));
        Assert.True(_a.Requests.Count > 0 && _b.Requests.Count > 0);
    }

    [Fact]
    public async Task What_a_route_changes_on_the_way_is_changed_and_the_rest_is_as_it_came()
    {
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{_a.Url}}" """,
            ", removePrefix: /v1, headers: { set: { X-Channel: partner }, remove: [X-Debug] }, query: { set: { format: full }, remove: [debug] }");

        await world.GetAsync("acme-shop", "/v1/things/7?debug=1&page=2&format=short", ("X-Channel", "forged"), ("X-Debug", "1"), ("X-Other", "kept"));

        var seen = Assert.Single(_a.Requests);
        Assert.Equal("GET /things/7?page=2&format=full", seen.Line);
        Assert.Equal(("partner", "kept", false), (seen.Headers["X-Channel"], seen.Headers["X-Other"], seen.Headers.ContainsKey("X-Debug")));
    }

    [Fact]
    public async Task A_read_is_answered_from_before_while_the_circuit_is_open_and_says_its_age()
    {
        var clock = new MovedClock();
        await using var world = await SpreadWorld.StartAsync($$"""url: "{{_a.Url}}", resilience: { retries: 0, circuit: { minimumCalls: 2 } }""", clock: clock, policies: "callers, { cache: { for: 1s, staleIfError: 10m } }");
        await world.GetAsync();
        _a.Mood = Mood.Away;
        clock.Advance(TimeSpan.FromSeconds(60));
        await world.NamesAsync(2);
        var sent = _a.Requests.Count;

        var stale = await world.GetAsync();

        Assert.Equal((200, "a", "60", sent), (stale.Status, stale.Body, stale.Header("Age"), _a.Requests.Count));
        Assert.StartsWith("gateway; fwd=stale; detail=stale-if-error", stale.Header("Cache-Status"), StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(503, (await world.GetAsync()).Status);
    }
}
