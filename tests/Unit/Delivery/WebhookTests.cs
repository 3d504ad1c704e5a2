using System.Diagnostics;
using System.Text.Json;
using Gateway.Delivery;
using Gateway.Delivery.Webhooks;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>From an event to an endpoint.</summary>
public sealed class WebhookTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task An_event_arrives_signed_in_its_envelope_and_in_its_trace()
    {
        await using var world = await WebhookWorld.NewAsync();
        world.Subscribe("hook");
        await world.StartAsync();

        await world.HappenAsync("1");

        await WebhookWorld.EventuallyAsync(async () => (await world.OneAsync("hook"))?.State == DeliveryState.Delivered, "delivered without the clock moving");
        var request = Assert.Single(world.Requests);
        Assert.True(request.IsSigned(WebhookWorld.Secret));
        Assert.Equal("application/cloudevents+json; charset=utf-8", request.Headers["content-type"]);
        Assert.Equal("gateway-webhooks", request.Headers["user-agent"]);
        Assert.StartsWith($"00-{WebhookWorld.Trace}-", request.Headers["traceparent"]);
        using var body = JsonDocument.Parse(request.Body);
        Assert.Equal("e-1", body.RootElement.GetProperty("id").GetString());
        Assert.Equal("""{"total":1.10}""", body.RootElement.GetProperty("data").GetRawText());
        var attempt = Assert.Single(await world.Store.AttemptsAsync(request.Id, WebhookWorld.Cancellation));
        Assert.Equal((1, 204, (string?)null), (attempt.Number, attempt.Status, attempt.Error));
    }

    [Fact]
    public async Task An_attempt_is_a_client_span_of_the_events_trace_and_the_endpoint_gets_that_span()
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Telemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span => { lock (spans) spans.Add(span); },
        };
        ActivitySource.AddActivityListener(listener);
        await using var world = await WebhookWorld.NewAsync();
        world.Subscribe("traced");
        world.Behaviour["traced"] = Answer(500);
        await world.StartAsync();

        await world.HappenAsync("1");
        await world.UntilStateAsync("traced", DeliveryState.Dead);

        Activity span;
        lock (spans) span = Assert.Single(spans, s => s.GetTagItem("gateway.subscription") is "traced");
        Assert.Equal((ActivityKind.Client, WebhookWorld.Trace, "b7ad6b7169203331"), (span.Kind, span.TraceId.ToString(), span.ParentSpanId.ToString()));
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.Equal(span.Id, Assert.Single(world.Requests).Headers["traceparent"]);
    }

    [Fact]
    public async Task Only_the_tenants_own_events_of_a_wanted_type_are_delivered()
    {
        await using var world = await WebhookWorld.NewAsync();
        world.Subscribe("hook");
        world.Subscribe("eu", "eu");
        await world.StartAsync();

        await world.HappenAsync("1", type: "order.cancelled");
        await world.HappenAsync("2", tenant: "eu");
        await world.HappenAsync("3");

        await WebhookWorld.EventuallyAsync(() => world.Requests.Count == 2, "two requests");
        Assert.Equal(["e-2 to eu", "e-3 to hook"], world.Requests.Select(r => $"{EventId(r)} to {r.Path}").Order());
        Assert.Equal(2, (await world.Store.DeliveriesAsync(null, 99, WebhookWorld.Cancellation)).Count);
    }

    [Fact]
    public async Task What_happened_before_anybody_subscribed_is_passed_by_and_what_happens_after_is_delivered()
    {
        await using var world = await WebhookWorld.NewAsync();
        await world.StartAsync();
        for (var i = 0; i < 3; i++) await world.HappenAsync($"before-{i}");

        await WebhookWorld.EventuallyAsync(
            async () =>
            {
                // Without subscriptions the log is looked at once a second.
                world.Clock.Advance(TimeSpan.FromSeconds(1));
                return (await world.Store.FindCursorAsync(WebhookFanOut.Reader, WebhookWorld.Cancellation)).Position == 3;
            },
            "all events are passed by");
        world.Subscribe("orders");
        await world.HappenAsync("after");

        await WebhookWorld.EventuallyAsync(
            () =>
            {
                world.Clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(!world.Requests.IsEmpty);
            },
            "the later event arrives");
        Assert.Contains("o-after", Assert.Single(world.Requests).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_delivery_comes_back_by_its_schedule_with_the_same_id_and_a_new_timestamp()
    {
        await using var world = await WebhookWorld.NewAsync();
        world.Subscribe("hook", "acme", 10 * Second, 100 * Second);
        var answers = new Queue<int>([500, 302, 200]);
        world.Behaviour["hook"] = context =>
        {
            context.Response.StatusCode = answers.Dequeue();
            context.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        };
        await world.StartAsync();

        await world.HappenAsync("1");
        await world.UntilStateAsync("hook", DeliveryState.Delivered);

        Assert.Equal(["hook", "hook", "hook"], world.Requests.Select(r => r.Path));
        Assert.Single(world.Requests.Select(r => r.Id).Distinct());
        Assert.Equal(3, world.Requests.Select(r => r.Headers["webhook-timestamp"]).Distinct().Count());
        Assert.All(world.Requests, r => Assert.True(r.IsSigned(WebhookWorld.Secret)));
        var attempts = await world.Store.AttemptsAsync(world.Requests.First().Id, WebhookWorld.Cancellation);
        Assert.Equal([500, 302, 200], attempts.Select(a => a.Status));
        Assert.Equal("HTTP 302: redirects are not followed", attempts[1].Error);

        // Never earlier than the schedule less its jitter of ten per cent. How much later depends on how far this test's clock ran on
        // while the sender was at work; the schedule's own arithmetic has tests of its own.
        Assert.True(attempts[1].At - attempts[0].At >= 9 * Second);
        Assert.True(attempts[2].At - attempts[1].At >= 90 * Second);
    }

    [Fact]
    public async Task After_the_last_attempt_a_delivery_is_dead_and_keeps_its_history()
    {
        await using var world = await WebhookWorld.NewAsync();
        world.Subscribe("hook", "acme", Second, Second);
        world.Behaviour["hook"] = Answer(503);
        await world.StartAsync();

        await world.HappenAsync("1");
        await world.UntilStateAsync("hook", DeliveryState.Dead);

        var delivery = (await world.OneAsync("hook"))!;
        Assert.Equal(["1: HTTP 503", "2: HTTP 503", "3: HTTP 503"],
            (await world.Store.AttemptsAsync(delivery.Id, WebhookWorld.Cancellation)).Select(a => $"{a.Number}: {a.Error}"));
        Assert.Null(delivery.NextAt);
    }

    [Fact]
    public async Task Gone_is_dead_at_once()
    {
        await using var world = await WebhookWorld.NewAsync();
        world.Subscribe("hook", "acme", Second, Second);
        world.Behaviour["hook"] = Answer(410);
        await world.StartAsync();

        await world.HappenAsync("1");

        await world.UntilStateAsync("hook", DeliveryState.Dead);
        Assert.Single(world.Requests);
        Assert.Contains("410", Assert.Single(await world.Store.AttemptsAsync(world.Requests.First().Id, WebhookWorld.Cancellation)).Error);
    }

    [Theory]
    [InlineData("120", 120)]
    [InlineData("Mon, 23 Nov 2026 09:02:00 GMT", 120)]
    [InlineData("1", 10)]
    [InlineData("99999999", 86400)]
    public async Task Retry_After_is_obeyed_when_it_is_longer_than_the_schedule(string retryAfter, int seconds)
    {
        await using var world = await WebhookWorld.NewAsync();
        world.Subscribe("hook", "acme", 10 * Second);
        world.Behaviour["hook"] = context =>
        {
            context.Response.Headers.RetryAfter = retryAfter;
            context.Response.StatusCode = 429;
            return Task.CompletedTask;
        };
        await world.StartAsync();
        var now = world.Clock.GetUtcNow();

        await world.HappenAsync("1");

        await WebhookWorld.EventuallyAsync(async () => (await world.OneAsync("hook"))?.Attempts == 1, "one attempt");
        var wait = (await world.OneAsync("hook"))!.NextAt!.Value - now;
        Assert.InRange(wait.TotalSeconds, seconds * (seconds == 10 ? 0.9 : 1), seconds * (seconds == 10 ? 1.1 : 1));
    }

    [Fact]
    public async Task An_endpoint_that_never_answers_delays_nobody_else()
    {
        await using var world = await WebhookWorld.NewAsync();
        world.Subscribe("dead", "acme", 100 * Second);
        world.Subscribe("alive");
        world.Behaviour["dead"] = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        await world.StartAsync();

        for (var i = 0; i < 30; i++) await world.HappenAsync($"{i}");

        // The clock stands still: nothing of the dead one can time out meanwhile.
        await WebhookWorld.EventuallyAsync(() => world.Requests.Count(r => r.Path == "alive") == 30, "all arrive at the endpoint that lives");
        Assert.Equal(EndpointSender.Places, world.Requests.Count(r => r.Path == "dead"));

        // One that is due before those at work gets no place of its own.
        var early = new EventDelivery("msg_early", "acme", "dead", 1, world.Clock.GetUtcNow()) { NextAt = world.Clock.GetUtcNow().AddHours(-1) };
        await world.Store.AdvanceAsync("test", default, 1, [early], WebhookWorld.Cancellation);
        await world.HappenAsync("last");
        await WebhookWorld.EventuallyAsync(() => world.Requests.Count(r => r.Path == "alive") == 31, "the last arrives too");
        Assert.Equal(EndpointSender.Places, world.Requests.Count(r => r.Path == "dead"));

        await world.AdvanceUntilAsync(async () => (await world.Store.DeliveriesAsync(DeliveryState.Pending, 99, WebhookWorld.Cancellation)).Count(d => d.Attempts > 0) >= 8,
            Second, "the dead one's deliveries time out and make room");
        var failed = (await world.Store.DeliveriesAsync(DeliveryState.Pending, 99, WebhookWorld.Cancellation)).First(d => d.Attempts > 0);
        var attempt = Assert.Single(await world.Store.AttemptsAsync(failed.Id, WebhookWorld.Cancellation));
        Assert.Equal((0, "no answer within 15 s"), (attempt.Status, attempt.Error));
    }

    [Fact]
    public async Task An_endpoint_that_is_not_there_is_an_attempt_without_status()
    {
        await using var world = await WebhookWorld.NewAsync();
        var subscription = world.Subscribe("hook");
        world.Subscriptions[0] = subscription with { Url = new Uri("http://127.0.0.1:9/") };
        await world.StartAsync();

        await world.HappenAsync("1");

        await world.UntilStateAsync("hook", DeliveryState.Dead);
        var attempt = Assert.Single(await world.Store.AttemptsAsync((await world.OneAsync("hook"))!.Id, WebhookWorld.Cancellation));
        Assert.Equal(0, attempt.Status);
        Assert.NotEmpty(attempt.Error!);
    }

    [Fact]
    public async Task A_secret_that_is_not_one_ends_as_a_failed_attempt()
    {
        await using var world = await WebhookWorld.NewAsync();
        var subscription = world.Subscribe("hook");
        world.Subscriptions[0] = subscription with { Secrets = [new Secret("secret://env/HOOK", "not base64!")] };
        await world.StartAsync();

        await world.HappenAsync("1");

        await world.UntilStateAsync("hook", DeliveryState.Dead);
        var attempt = Assert.Single(await world.Store.AttemptsAsync((await world.OneAsync("hook"))!.Id, WebhookWorld.Cancellation));
        Assert.StartsWith("the gateway could not send it", attempt.Error);
        Assert.DoesNotContain("not base64!", attempt.Error);
    }

    [Fact]
    public async Task A_delivery_whose_subscription_is_gone_is_parked_with_that_reason()
    {
        await using var world = await WebhookWorld.NewAsync();
        world.Subscribe("hook", "acme", 10 * Second);
        world.Behaviour["hook"] = Answer(500);
        await world.StartAsync();
        await world.HappenAsync("1");
        await WebhookWorld.EventuallyAsync(async () => (await world.OneAsync("hook"))?.Attempts == 1, "one attempt");

        world.Subscriptions.Clear();
        await world.UntilStateAsync("hook", DeliveryState.Dead);

        Assert.Single(world.Requests);
        var attempts = await world.Store.AttemptsAsync(world.Requests.First().Id, WebhookWorld.Cancellation);
        Assert.Equal("the subscription no longer exists", attempts[1].Error);
    }

    [Fact]
    public async Task After_a_stop_between_POST_and_record_it_is_sent_again_under_the_same_id()
    {
        await using var world = await WebhookWorld.NewAsync();
        world.Subscribe("hook");
        world.Behaviour["hook"] = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        await world.StartAsync();
        await world.HappenAsync("1");
        await WebhookWorld.EventuallyAsync(() => world.Requests.Count == 1, "received");

        await world.StopAsync();
        Assert.Equal(0, (await world.OneAsync("hook"))!.Attempts);
        world.Behaviour.Clear();
        await world.StartAsync();

        await world.UntilStateAsync("hook", DeliveryState.Delivered);
        Assert.Equal(2, world.Requests.Count);
        Assert.Single(world.Requests.Select(r => r.Id).Distinct());
    }

    [Fact]
    public async Task A_store_that_is_away_is_said_once_and_nothing_is_lost_or_sent_twice()
    {
        await using var world = await WebhookWorld.NewAsync();
        world.Subscribe("hook");
        await world.StartAsync();
        FlakyStore.Of(world.Store).Broken = method => method is "RecordAttemptAsync";
        await world.HappenAsync("1");
        await WebhookWorld.EventuallyAsync(() => world.Requests.Count == 1, "received");
        await WebhookWorld.EventuallyAsync(() => world.Log.Any(l => l.Contains("waits")), "said");
        FlakyStore.Of(world.Store).Broken = _ => true;
        await world.HappenAsync("2");
        for (var i = 0; i < 20; i++)
        {
            world.Clock.Advance(Second);
            await Task.Delay(10, WebhookWorld.Cancellation);
        }

        FlakyStore.Of(world.Store).Broken = null;
        await world.AdvanceUntilAsync(
            async () => (await world.Store.DeliveriesAsync(DeliveryState.Delivered, 9, WebhookWorld.Cancellation)).Count == 2, Second, "both delivered");

        Assert.Equal(["e-1", "e-2"], world.Requests.Select(EventId));
        await world.AdvanceUntilAsync(() => Task.FromResult(world.Log.Count(l => l.StartsWith("Information")) >= 3), Second, "all are back");
        Assert.Equal(
            ["Recording webhook attempts", "Webhook fan-out", "Webhook sender"],
            world.Log.Where(l => l.StartsWith("Error")).Select(l => l["Error: ".Length..l.IndexOf(" waits", StringComparison.Ordinal)]).Order());
    }

    private static Func<HttpContext, Task> Answer(int status) => context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    private static string? EventId(Received request)
    {
        using var body = JsonDocument.Parse(request.Body);
        return body.RootElement.GetProperty("id").GetString();
    }
}
