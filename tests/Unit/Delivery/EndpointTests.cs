using System.Text.Json;
using Gateway.Delivery.Webhooks;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>What an endpoint is given, and what becomes of one that fails.</summary>
public sealed class EndpointTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static CancellationToken Cancellation => WebhookWorld.Cancellation;

    [Fact]
    public async Task A_hanging_endpoint_has_its_own_places_and_its_neighbour_gets_all()
    {
        await using var world = await WebhookWorld.NewAsync();
        Subscribe(world, "hangs", s => s with { Concurrency = 2 });
        Subscribe(world, "wide", s => s with { Concurrency = 9 });
        Subscribe(world, "good", s => s);
        world.Behaviour["hangs"] = world.Behaviour["wide"] = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        await world.StartAsync();

        for (var i = 0; i < 12; i++) await world.HappenAsync($"{i}");

        // The clock stands still: nothing of the hanging ones can time out meanwhile.
        await WebhookWorld.EventuallyAsync(() => Count(world, "good") == 12 && Count(world, "wide") == 9, "the good one gets all, the wide one fills its places");
        Assert.Equal(2, Count(world, "hangs"));
    }

    [Fact]
    public async Task In_order_an_event_waits_for_the_one_before_of_its_key_and_for_no_other_key()
    {
        await using var world = await WebhookWorld.NewAsync();
        Subscribe(world, "hook", s => s with { Order = WebhookOrder.Fifo, Schedule = [10 * Second, 10 * Second] });
        var refused = true;
        world.Behaviour["hook"] = context => Answer(context, refused && Of(world, context).Contains("o-a1", StringComparison.Ordinal) ? 500 : 204);
        await world.StartAsync();

        foreach (var (id, key) in ((string, string)[])[("a1", "a"), ("a2", "a"), ("b1", "b"), ("a3", "a"), ("b2", "b")]) await world.HappenAsync(id, key: key);
        await WebhookWorld.EventuallyAsync(() => world.Requests.Count == 3, "a1 once, and all of b");
        await Task.Delay(200, Cancellation);
        Assert.Equal(["a1", "b1", "b2"], Arrived(world).Order());

        refused = false;
        await world.AdvanceUntilAsync(() => Task.FromResult(world.Requests.Count == 6), Second, "all of a");
        Assert.Equal(["a1", "a1", "a2", "a3"], Arrived(world).Where(id => id[0] == 'a'));
    }

    [Fact]
    public async Task In_order_a_dead_one_lets_the_next_of_its_key_go()
    {
        await using var world = await WebhookWorld.NewAsync();
        Subscribe(world, "hook", s => s with { Order = WebhookOrder.Fifo });
        world.Behaviour["hook"] = context => Answer(context, world.Requests.Count == 1 ? 400 : 204);
        await world.StartAsync();

        await world.HappenAsync("1");
        await world.HappenAsync("2");

        await WebhookWorld.EventuallyAsync(() => world.Requests.Count == 2, "the second arrives");
        Assert.Equal(["1", "2"], Arrived(world));
        Assert.Single(await world.Store.DeliveriesAsync(DeliveryState.Dead, 9, Cancellation));
    }

    [Fact]
    public async Task Never_more_attempts_in_a_window_than_its_rate()
    {
        await using var world = await WebhookWorld.NewAsync();
        Subscribe(world, "slow", s => s with { Rate = new WebhookRate { Limit = 3, Window = 10 * Second }, Concurrency = 9 });
        Subscribe(world, "free", s => s);
        await world.StartAsync();

        for (var i = 0; i < 7; i++) await world.HappenAsync($"{i}");
        await WebhookWorld.EventuallyAsync(() => Count(world, "free") == 7 && Count(world, "slow") == 3, "three of the slow one, all of the other");
        foreach (var (before, after) in ((int, int)[])[(3, 6), (6, 7)])
        {
            world.Clock.Advance(9 * Second);
            await Task.Delay(300, Cancellation);
            Assert.Equal(before, Count(world, "slow"));
            await world.AdvanceUntilAsync(() => Task.FromResult(Count(world, "slow") == after), TimeSpan.FromMilliseconds(10), $"{after} when the window is over");
        }
    }

    [Fact]
    public async Task After_failures_one_behind_the_other_it_is_left_alone_and_one_tries()
    {
        await using var world = await WebhookWorld.NewAsync();
        Subscribe(world, "hook", s => s with { Concurrency = 1, Schedule = [TimeSpan.FromHours(1)] });
        var status = 503;
        world.Behaviour["hook"] = context => Answer(context, status);
        await world.StartAsync();

        for (var i = 0; i < 30; i++) await world.HappenAsync($"{i}");
        await WebhookWorld.EventuallyAsync(() => world.Log.Any(l => l.Contains("is left alone", StringComparison.Ordinal)), "the circuit opens");
        await Task.Delay(200, Cancellation);
        Assert.Equal(EndpointCircuit.Failures, world.Requests.Count);

        status = 204;
        await world.AdvanceUntilAsync(() => Task.FromResult(world.Requests.Count == 30), Second, "all that were not tried arrive");
        Assert.Contains(world.Log, l => l.Contains("answers again", StringComparison.Ordinal));
    }

    [Fact]
    public void A_circuit_pauses_for_twice_as_long_each_time_and_closes_at_once()
    {
        var circuit = new EndpointCircuit();
        var now = DateTimeOffset.UnixEpoch;
        for (var i = 1; i < EndpointCircuit.Failures; i++) Assert.False(circuit.Hear(failed: true, now));
        Assert.False(circuit.IsOpen(now) || circuit.IsOnTrial);
        Assert.True(circuit.Hear(failed: true, now));

        foreach (var pause in (int[])[5, 10, 20, 40, 80, 160, 300, 300])
        {
            Assert.True(circuit.IsOpen(now) && circuit.IsOpen(now.AddSeconds(pause).AddTicks(-1)) && circuit.IsOnTrial);
            now = now.AddSeconds(pause);
            Assert.False(circuit.IsOpen(now));
            circuit.Hear(failed: true, now);
        }

        Assert.True(circuit.Hear(failed: false, now));
        Assert.False(circuit.IsOpen(now) || circuit.IsOnTrial);
    }

    [Fact]
    public async Task Operators_are_told_at_the_marks_of_the_budget_and_then_it_is_disabled_and_told()
    {
        await using var world = await WebhookWorld.NewAsync();
        var hour = TimeSpan.FromHours(1);
        Subscribe(world, "hook", s => s with { Budget = 100 * hour, Schedule = [.. Enumerable.Repeat(5 * hour, 60)] });
        world.Behaviour["hook"] = context => Answer(context, 500);
        await world.StartAsync();
        await world.HappenAsync("1");

        await AttemptsUntilAsync(world, async () => (await StateAsync(world, "hook"))?.DisabledAt is not null);

        Assert.Equal(
            [(EndpointActs.FailingType, 50), (EndpointActs.FailingType, 70), (EndpointActs.FailingType, 90), (EndpointActs.DisabledType, 0)], await ToldAsync(world));
        var act = (await RecordsAsync(world)).Single();
        Assert.Equal(("gateway", "endpoints.disable", "acme/hook"), (act.Act!.Actor, act.Act.Action, act.Act.Target));
        Assert.Contains("nothing has arrived since 2026-11-23 09:00", act.Act.Why, StringComparison.Ordinal);
        Assert.Contains(world.Log, l => l.StartsWith("Error: Endpoint acme/hook is disabled", StringComparison.Ordinal));
        Assert.Equal(3, world.Log.Count(l => l.StartsWith("Warning: Endpoint acme/hook has failed since", StringComparison.Ordinal)));

        // Nothing is sent there now, and nothing is lost.
        var sent = world.Requests.Count;
        await world.HappenAsync("2");
        for (var i = 0; i < 20; i++)
        {
            world.Clock.Advance(hour);
            await Task.Delay(10, Cancellation);
        }
        Assert.Equal(sent, world.Requests.Count);
        Assert.Equal(2, (await world.Store.DeliveriesAsync(DeliveryState.Pending, 9, Cancellation)).Count);
    }

    [Fact]
    public async Task A_success_gives_the_whole_budget_back()
    {
        await using var world = await WebhookWorld.NewAsync();
        var hour = TimeSpan.FromHours(1);
        Subscribe(world, "hook", s => s with { Budget = 10 * hour, Schedule = [.. Enumerable.Repeat(hour, 30)] });
        world.Behaviour["hook"] = context => Answer(context, world.Requests.Count == 8 ? 204 : 500);
        await world.StartAsync();
        await world.HappenAsync("1");
        await AttemptsUntilAsync(world, async () => (await world.OneAsync("hook"))?.State == DeliveryState.Delivered);

        await WebhookWorld.EventuallyAsync(async () => await StateAsync(world, "hook") is { FailingSince: null, Warned: 0, DisabledAt: null }, "well again");
    }

    [Fact]
    public async Task One_that_is_gone_is_disabled_at_once_and_enabled_it_gets_its_backlog_in_order()
    {
        await using var world = await WebhookWorld.NewAsync();
        Subscribe(world, "hook", s => s with { Order = WebhookOrder.Fifo, Schedule = [Second] });
        var gone = true;
        world.Behaviour["hook"] = context => Answer(context, gone ? 410 : 204);
        await world.StartAsync();
        await world.HappenAsync("0");
        await WebhookWorld.EventuallyAsync(async () => (await StateAsync(world, "hook"))?.DisabledAt is not null, "disabled by 410");
        for (var i = 1; i <= 9; i++) await world.HappenAsync($"{i}");
        await WebhookWorld.EventuallyAsync(async () => (await world.Store.DeliveriesAsync(DeliveryState.Pending, 99, Cancellation)).Count == 9, "they wait");
        Assert.Single(world.Requests);

        gone = false;
        var state = (await StateAsync(world, "hook"))!;
        Assert.True(await world.Store.ChangeEndpointAsync(state with { DisabledAt = null, FailingSince = null, Reason = null }, null, null, Cancellation));
        await world.Store.RetakeAsync(["acme/hook"], Cancellation);
        await world.AdvanceUntilAsync(() => Task.FromResult(world.Requests.Count == 10), Second, "the backlog arrives");
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], Arrived(world));

        // The one that was dead comes with a replay, under its id.
        var replayed = await world.Store.ReplayAsync(
            new EndpointReplay("acme", "hook", world.Clock.GetUtcNow().AddHours(-1), world.Clock.GetUtcNow(), ReplayScope.Failed), n => Record(world, n), Cancellation);
        await world.Store.RetakeAsync(["acme/hook"], Cancellation);
        Assert.Equal(1, replayed);
        await world.AdvanceUntilAsync(() => Task.FromResult(world.Requests.Count == 11), Second, "the dead one");
        Assert.Equal(world.Requests.First().Id, world.Requests.Last().Id);
    }

    [Fact]
    public async Task One_delivery_that_an_operator_asks_for_goes_to_a_disabled_endpoint_and_no_other_does()
    {
        await using var world = await WebhookWorld.NewAsync();
        Subscribe(world, "hook", s => s);
        world.Behaviour["hook"] = context => Answer(context, world.Requests.Count == 1 ? 410 : 204);
        await world.StartAsync();
        await world.HappenAsync("1");
        await WebhookWorld.EventuallyAsync(async () => (await world.OneAsync("hook"))?.State == DeliveryState.Dead, "dead by 410");
        var dead = (await world.OneAsync("hook"))!;
        await world.HappenAsync("2");

        Assert.True(await world.Store.DecideAsync(dead, DeliveryState.Pending, world.Clock.GetUtcNow(), Record(world, 1), Cancellation));
        await world.AdvanceUntilAsync(async () => (await world.Store.FindDeliveryAsync(dead.Id, Cancellation))!.State == DeliveryState.Delivered, TimeSpan.FromMilliseconds(100), "delivered");
        Assert.Equal(["1", "1"], Arrived(world));
        Assert.NotNull((await StateAsync(world, "hook"))!.DisabledAt);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_ping_that_arrives_enables_an_endpoint_and_its_backlog_follows_unless_an_operator_has_disabled_it(bool held)
    {
        await using var world = await WebhookWorld.NewAsync();
        var own = OwnSubscription.Of(await world.MakeAsync("own", terms => terms))!;
        world.Behaviour["own"] = context => Answer(context, world.Requests.Count == 1 ? 410 : 204);
        await world.StartAsync();
        await world.HappenAsync("1");
        await WebhookWorld.EventuallyAsync(async () => (await StateAsync(world, "own"))?.DisabledAt is not null, "disabled by 410");
        if (held) Assert.True(await world.Store.ChangeEndpointAsync((await StateAsync(world, "own"))! with { IsHeld = true }, null, null, Cancellation));
        await world.HappenAsync("2");
        await WebhookWorld.EventuallyAsync(async () => (await world.Store.DeliveriesAsync(DeliveryState.Pending, 9, Cancellation)).Count == 1, "it waits");
        // This node has seen who disabled it.
        await world.AdvanceUntilAsync(() => Task.FromResult(world.Clock.GetUtcNow().Second > 5), TimeSpan.FromSeconds(1), "it has looked");
        world.Here.Look();
        await Task.Delay(200, Cancellation);

        Assert.True(await world.Store.AppendEventAsync(PingEvent.Of(own, "p-1", world.Clock.GetUtcNow()), Cancellation));
        await world.AdvanceUntilAsync(() => Task.FromResult(world.Requests.Count >= (held ? 2 : 3)), TimeSpan.FromMilliseconds(100), "the ping, and what waits");

        await WebhookWorld.EventuallyAsync(async () => (await world.Store.DeliveriesAsync(DeliveryState.Pending, 9, Cancellation)).Count == (held ? 1 : 0), "all has arrived");
        Assert.Equal(held, (await StateAsync(world, "own"))!.DisabledAt is not null);
        Assert.Equal(held ? 0 : 1, (await world.Store.ReadEventsAsync(0, 99, Cancellation)).Count(e => e.Event.Type == EndpointActs.EnabledType));
    }

    [Fact]
    public async Task A_replayed_delivery_has_its_whole_schedule_before_it_again()
    {
        await using var world = await WebhookWorld.NewAsync();
        Subscribe(world, "hook", s => s with { Schedule = [Second, Second] });
        world.Behaviour["hook"] = context => Answer(context, 400);
        await world.StartAsync();
        await world.HappenAsync("1");
        await world.UntilStateAsync("hook", DeliveryState.Dead);

        await world.Store.ReplayAsync(new EndpointReplay("acme", "hook", world.Clock.GetUtcNow().AddHours(-1), world.Clock.GetUtcNow(), ReplayScope.Failed), n => Record(world, n), Cancellation);
        await world.Store.RetakeAsync(["acme/hook"], Cancellation);

        await world.AdvanceUntilAsync(() => Task.FromResult(world.Requests.Count == 6), Second, "three more attempts");
        await world.UntilStateAsync("hook", DeliveryState.Dead);
        Assert.Equal([1, 2, 3, 4, 5, 6], (await world.Store.AttemptsAsync(world.Requests.First().Id, Cancellation)).Select(a => a.Number));
    }

    [Fact]
    public async Task What_was_said_both_ways_is_kept_without_secrets_and_not_whole()
    {
        await using var world = await WebhookWorld.NewAsync();
        Subscribe(world, "hook", s => s with { Url = new Uri(s.Url + "?token=hush"), Secrets = [.. s.Secrets, new Secret("secret://env/PAIR", SigningSecretTests.Pair)] });
        world.Behaviour["hook"] = async context =>
        {
            context.Response.StatusCode = 422;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync($$"""{"error":"unknown order","password":"open sesame","more":"{{new string('x', 9000)}}"}""");
        };
        await world.StartAsync();
        await world.HappenAsync("1");
        await world.UntilStateAsync("hook", DeliveryState.Dead);

        var details = Assert.Single(await world.Store.AttemptsAsync(world.Requests.Single().Id, Cancellation)).Details!;
        Assert.Contains($"\nwebhook-id: {world.Requests.Single().Id}", details.Request, StringComparison.Ordinal);
        Assert.Contains("\nwebhook-signature: v1,*** v1a,***", details.Request, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", details.Request, StringComparison.Ordinal);
        Assert.StartsWith("""{"error":"unknown order","password":"***""", details.Answer, StringComparison.Ordinal);
        Assert.True(details.Answer!.Length <= AttemptText.Most);
    }

    [Fact]
    public async Task An_answer_whose_body_never_ends_is_told_by_its_status()
    {
        await using var world = await WebhookWorld.NewAsync();
        Subscribe(world, "hook", s => s);
        world.Behaviour["hook"] = async context =>
        {
            context.Response.StatusCode = 200;
            context.Response.ContentType = "text/plain";
            await context.Response.WriteAsync("so far");
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        await world.StartAsync();
        await world.HappenAsync("1");

        await WebhookWorld.EventuallyAsync(() => world.Requests.Count == 1, "received");
        await Task.Delay(500, Cancellation);
        await world.UntilStateAsync("hook", DeliveryState.Delivered);
        Assert.Equal("so far", Assert.Single(await world.Store.AttemptsAsync(world.Requests.Single().Id, Cancellation)).Details!.Answer);
    }

    [Fact]
    public async Task While_a_secret_is_replaced_old_and_new_sign_and_then_the_new_alone()
    {
        await using var world = await WebhookWorld.NewAsync();
        const string Next = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
        var first = Subscribe(world, "hook", s => s);
        await world.StartAsync();

        foreach (var (id, secrets) in ((string, string[])[])[("1", [WebhookWorld.Secret]), ("2", [Next, WebhookWorld.Secret]), ("3", [Next])])
        {
            world.Subscriptions[0] = first with { Secrets = [.. secrets.Select(s => new Secret("secret://env/HOOK", s))] };
            await world.HappenAsync(id);
            await WebhookWorld.EventuallyAsync(() => Arrived(world).Contains(id), id);
        }

        Assert.Equal([(true, false), (true, true), (false, true)], world.Requests.Select(r => (r.IsSigned(WebhookWorld.Secret), r.IsSigned(Next))));
    }

    private static Subscription Subscribe(WebhookWorld world, string name, Func<Subscription, Subscription> change)
    {
        world.Subscribe(name);
        // The clock of a test runs while requests are under way.
        return world.Subscriptions[^1] = change(world.Subscriptions[^1] with { Timeout = TimeSpan.FromDays(20) });
    }

    /// <summary>Lets one attempt follow the other, each at its time, until something holds.</summary>
    private static async Task AttemptsUntilAsync(WebhookWorld world, Func<Task<bool>> holds)
    {
        for (var attempts = 1; ; attempts++)
        {
            await WebhookWorld.EventuallyAsync(async () => (await world.OneAsync("hook"))?.Attempts == attempts, $"attempt {attempts}");
            if (await holds()) return;
            var left = (await world.OneAsync("hook"))!.NextAt!.Value - world.Clock.GetUtcNow();
            if (left > TimeSpan.Zero) world.Clock.Advance(left);
            await world.AdvanceUntilAsync(() => Task.FromResult(world.Requests.Count > attempts), Second, "the next");
        }
    }

    private static Task Answer(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static int Count(WebhookWorld world, string path) => world.Requests.Count(r => r.Path == path);

    private static string Of(WebhookWorld world, HttpContext context) => world.Requests.First(r => r.Id == context.Request.Headers[WebhookSignature.IdHeader]).Body;

    private static IEnumerable<string> Arrived(WebhookWorld world) => world.Requests.Select(r =>
    {
        using var body = JsonDocument.Parse(r.Body);
        return body.RootElement.GetProperty("id").GetString()!["e-".Length..];
    });

    private static async Task<EndpointState?> StateAsync(WebhookWorld world, string name) =>
        (await world.Store.EndpointsAsync(Cancellation)).SingleOrDefault(s => s.Name == name);

    private static async Task<IEnumerable<(string Type, int Spent)>> ToldAsync(WebhookWorld world) =>
        (await world.Store.ReadEventsAsync(0, 99, Cancellation)).Where(e => e.Event.Tenant == "-").Select(e =>
        {
            using var data = JsonDocument.Parse(e.Event.Data);
            return (e.Event.Type, data.RootElement.TryGetProperty("spent", out var spent) ? spent.GetInt32() : 0);
        });

    private static async Task<IReadOnlyList<AuditRecord>> RecordsAsync(WebhookWorld world)
    {
        var records = new List<AuditRecord>();
        foreach (var segment in (await world.Store.AuditSegmentsAsync(Cancellation)).Where(s => s.Class == AuditClass.Operators))
            foreach (var link in await world.Store.ReadAuditAsync(segment, 0, 99, Cancellation)) records.AddRange(Gateway.Delivery.Audit.AuditReading.Records(link, segment.Class));
        return records;
    }

    private static AuditRecord Record(WebhookWorld world, int replayed) =>
        new(world.Clock.GetUtcNow(), "acme", null, "endpoints.replay", "POST", "/", "r1", "act", 200, "done") { Act = new OperatorAct("olaf", "endpoints.replay", "acme/hook") { After = $"{replayed}" } };
}
