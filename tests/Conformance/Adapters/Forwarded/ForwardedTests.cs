using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Conformance.Adapters.Forwarded;

/// <summary>
/// The adapter <c>http</c> forwards, and has no operations. What the suite asks of each operation is asked of its forwarded requests here, by a test of the same
/// name, through a gateway and over real sockets. What can't be asked stands in <see cref="Inapplicable"/>, with the reason.
/// </summary>
public sealed class ForwardedTests
{
    private const string NoOperation = "there is no operation, and so no descriptor of one";
    private const string CallersOwn = "a forwarded request is its caller's own: it is sent on once, and no intent is kept that could be taken up";

    private static readonly Type[] Suite = [typeof(AdapterTests), typeof(OperationTests), typeof(FailureTests), typeof(DescriptorTests), typeof(CutOffTests)];

    /// <summary>Checks of the suite that have nothing to ask of a forwarded request.</summary>
    private static readonly Dictionary<string, string> Inapplicable = new()
    {
        [nameof(AdapterTests.A_descriptor_is_complete)] = NoOperation,
        [nameof(OperationTests.Its_descriptor_names_every_member_of_its_input)] = NoOperation,
        [nameof(DescriptorTests.It_speaks_of_what_there_is)] = NoOperation,
        [nameof(DescriptorTests.Without_what_it_is_about_it_does_nothing)] = NoOperation,
        [nameof(DescriptorTests.Without_what_it_needs_it_does_nothing)] = NoOperation,
        [nameof(DescriptorTests.What_one_makes_is_what_another_is_about)] = NoOperation,
        [nameof(OperationTests.The_same_call_again_does_nothing_more)] = CallersOwn,
        [nameof(OperationTests.Of_the_same_call_four_times_at_once_one_does_it)] = CallersOwn,
        [nameof(OperationTests.What_was_done_is_read_back_and_what_was_not_is_not_found)] = CallersOwn,
        [nameof(FailureTests.Behind_its_end_a_change_is_not_sent)] = CallersOwn,
        [nameof(CutOffTests.Behind_whichever_request_it_is_cut_off_it_is_done_once_in_the_end)] = CallersOwn,
        [nameof(AdapterTests.A_call_that_was_cancelled_before_it_began_sends_nothing)] = "it begins when its caller sends it: who has left before that has sent nothing",
    };

    [Fact]
    public void Every_check_of_the_suite_is_asked_here_or_stands_with_its_reason()
    {
        var checks = Suite.SelectMany(type => type.GetMethods()).Where(method => method.IsDefined(typeof(TheoryAttribute)) && method.GetParameters() is [{ Name: "adapter" }, ..]).Select(method => method.Name).ToList();
        var asked = typeof(ForwardedTests).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(method => method.IsDefined(typeof(FactAttribute))).Select(method => method.Name).Except([nameof(Every_check_of_the_suite_is_asked_here_or_stands_with_its_reason)]);

        Assert.Equal(checks.Order(StringComparer.Ordinal), asked.Concat(Inapplicable.Keys).Order(StringComparer.Ordinal));
        Assert.All(Inapplicable.Values, Assert.NotEmpty);
    }

    [Fact]
    public async Task It_is_done_and_gives_what_it_promises()
    {
        await using var world = await ForwardedWorld.StartAsync();

        var bought = await world.BuyAsync("a");
        var read = await world.ReadAsync("se-1");

        Assert.Equal((200, 200), (bought.Status, read.Status));
        Assert.Equal(("se-1", "a"), ((string?)JsonNode.Parse(bought.Body)!["label_id"], (string?)JsonNode.Parse(read.Body)!["external_shipment_id"]));
        Assert.Equal(1, world.Count("a"));
    }

    [Fact]
    public async Task What_the_rules_refuse_is_refused_and_changes_nothing()
    {
        await using var world = await ForwardedWorld.StartAsync();

        var refused = await world.BuyAsync("heavy", kilograms: 40);

        // In the backend's own words: nobody here knows them better.
        Assert.InRange(refused.Status, 400, 499);
        Assert.Equal("business_rules", (string?)JsonNode.Parse(refused.Body)!["errors"]![0]!["error_type"]);
        Assert.Equal(0, world.Count("heavy"));
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        await using var world = await ForwardedWorld.StartAsync();

        Assert.Equal(404, (await world.ReadAsync("se-999")).Status);
    }

    [Fact]
    public async Task The_trace_goes_on_in_the_backend()
    {
        await using var world = await ForwardedWorld.StartAsync();
        using var trace = new Activity("a request").SetIdFormat(ActivityIdFormat.W3C).Start();

        await world.ReadAsync("se-1");

        Assert.Equal(trace.TraceId.ToHexString(), world.Tms.LastTraceParent?.Split('-')[1]);
    }

    [Fact]
    public async Task Its_cost_is_about_what_it_asks_of_the_backend()
    {
        await using var world = await ForwardedWorld.StartAsync();

        await world.BuyAsync("a");
        await world.ReadAsync("se-1");

        // A gate counts one call for each.
        Assert.Equal(2, world.Tms.Requests);
    }

    [Fact]
    public async Task An_input_that_is_none_is_never_a_crash()
    {
        await using var world = await ForwardedWorld.StartAsync();

        foreach (var body in (string[])["null", "[]", "[null]", "7", "\"text\"", "true", "no JSON", ""])
        {
            var answer = await world.SendAsync("POST", "/v1/labels", body);
            Assert.True(answer.Status is >= 400 and < 500, $"{body}: {answer.Status} {answer.Body}");
        }
        Assert.Empty(world.Tms.Labels);
    }

    [Fact]
    public async Task A_backend_that_is_not_there_was_not_sent_anything()
    {
        await using var world = await ForwardedWorld.StartAsync(url: ForwardedWorld.NobodyListens());

        world.IsTold(await world.ReadAsync("se-1"), "backend-unavailable");
        world.IsTold(await world.BuyAsync("a"), "backend-unavailable");
    }

    /// <summary>Nobody reads back what was forwarded, so it is never sent a second time, not even where reads are.</summary>
    [Fact]
    public async Task A_change_that_was_cut_off_is_unknown_and_found_by_asking()
    {
        await using var world = await ForwardedWorld.StartAsync("timeout: 30s, resilience: { retries: 2, retryDelay: 1ms, circuit: { minimumCalls: 100 } }");
        foreach (var (name, rule, works) in FailureTests.Cuts.Where(cut => cut.Rule.Status != 404))
        {
            var shipment = name.Replace(' ', '-');
            var before = world.Tms.Requests;
            world.Tms.Chaos.Set(rule);

            var answer = await world.BuyAsync(shipment);
            world.Tms.Chaos.Heal();

            Assert.Equal((name, 1), (name, world.Tms.Requests - before));
            world.IsTold(answer, "backend-unusable", "backend-unavailable");
            Assert.DoesNotContain("Nothing was done", answer.Body, StringComparison.Ordinal);
            Assert.Equal((name, works ? 1 : 0), (name, world.Count(shipment)));
        }
    }

    [Fact]
    public async Task A_change_that_takes_too_long_may_have_been_made()
    {
        await using var world = await ForwardedWorld.StartAsync("timeout: 300ms");
        world.Tms.Chaos.Set(new ChaosRule(ChaosMode.HoldAfter));

        var answer = await world.BuyAsync("a");

        world.IsTold(answer, "deadline-exceeded");
        Assert.Contains("is not known", answer.Body, StringComparison.Ordinal);
        Assert.Equal((1, 1), (world.Tms.Requests, world.Count("a")));
    }

    [Fact]
    public async Task A_read_that_takes_too_long_is_said_so()
    {
        await using var world = await ForwardedWorld.StartAsync("timeout: 300ms");
        world.Tms.Chaos.Set(new ChaosRule(ChaosMode.HoldBefore));

        world.IsTold(await world.ReadAsync("se-1"), "deadline-exceeded");
    }

    [Fact]
    public async Task Who_is_cancelled_stops_waiting()
    {
        await using var world = await ForwardedWorld.StartAsync("timeout: 5m");
        world.Tms.Chaos.Set(new ChaosRule(ChaosMode.HoldBefore));
        using var patience = new CancellationTokenSource();

        var running = world.SendAsync("GET", "/v1/labels/se-1", null, patience.Token);
        await world.HeldAsync();
        Assert.Equal(1, await world.RunningAsync());
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        while (await world.RunningAsync() > 0) await Task.Delay(10, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_read_is_asked_again_where_the_backend_stumbles()
    {
        await using var world = await ForwardedWorld.StartAsync("timeout: 30s, resilience: { retries: 2, retryDelay: 1ms }");
        await world.BuyAsync("a");
        world.Tms.Chaos.Set(new ChaosRule(ChaosMode.DropBefore) { Count = 1 });

        Assert.Equal(200, (await world.ReadAsync("se-1")).Status);
    }

    [Fact]
    public async Task A_backend_that_always_fails_is_neither_a_refusal_nor_a_finding()
    {
        await using var world = await ForwardedWorld.StartAsync();
        world.Tms.Chaos.Set(new ChaosRule(ChaosMode.Error));

        world.IsTold(await world.ReadAsync("se-1"), "backend-unusable");
        world.IsTold(await world.BuyAsync("a"), "backend-unusable");
    }

    [Fact]
    public async Task A_backend_that_is_asked_too_often_is_left_alone()
    {
        await using var world = await ForwardedWorld.StartAsync("timeout: 30s, limits: { concurrent: 8, wait: 10ms }");
        world.Tms.Chaos.Set(new ChaosRule(ChaosMode.Error) { Status = 429, RetryAfter = 7 });

        var first = await world.ReadAsync("se-1");
        var second = await world.BuyAsync("a");

        Assert.Equal(("7", 1), (first.Header("Retry-After"), world.Tms.Requests));
        world.IsTold(first, "backend-unavailable");
        world.IsTold(second, "backend-unavailable");
    }

    [Fact]
    public async Task Who_can_not_sign_in_has_sent_nothing()
    {
        await using var world = await ForwardedWorld.StartAsync(key: "a-key-that-nobody-knows");

        var answer = await world.BuyAsync("a");

        world.IsTold(answer, "backend-unavailable");
        Assert.DoesNotContain("a-key-that-nobody-knows", answer.Body, StringComparison.Ordinal);
        Assert.Empty(world.Tms.Labels);
    }

    /// <summary>What it says to its own callers goes on to ours; what it says of its troubles, or of the gateway's with it, does not.</summary>
    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task What_a_backend_blurts_out_reaches_no_caller(int status)
    {
        await using var raw = Hostile.RawBackend.Start();
        await using var world = await ForwardedWorld.StartAsync(url: raw.Url);
        var body = $$"""{ "message": "could not connect to http://localhost:{{world.Tms.Url.Port}}/db with {{ForwardedWorld.Key}}: System.Net.SocketException in psycopg2.py" }""";
        raw.Answer = $"HTTP/1.1 {status} Said http://localhost:{world.Tms.Url.Port}\r\nContent-Type: application/json\r\nX-Powered-By: psycopg2\r\nContent-Length: {body.Length}\r\n\r\n{body}";

        var answer = await world.BuyAsync("a");

        world.IsTold(answer, "backend-unusable", "backend-unavailable", "deadline-exceeded");
        Assert.DoesNotContain("psycopg2", answer.Body + string.Join(' ', answer.Headers.Values), StringComparison.Ordinal);
    }
}
