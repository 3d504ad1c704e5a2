using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>What a dead letter died of, in the words by which it is grouped.</summary>
public sealed class DeliveryCauseTests
{
    private static CancellationToken Cancellation => WebhookWorld.Cancellation;

    [Fact]
    public async Task Each_way_to_fail_has_its_cause_without_addresses_and_names()
    {
        await using var world = await WebhookWorld.NewAsync();
        var own = world.Subscribe("status");
        world.Subscribe("gone");
        world.Subscribe("hangs");
        world.Behaviour["status"] = http => Answer(http, 500);
        world.Behaviour["gone"] = http => Answer(http, 410);
        world.Behaviour["hangs"] = http => Task.Delay(Timeout.Infinite, http.RequestAborted);
        world.Subscriptions.AddRange(
        [
            own with { Name = "refuses", Url = new Uri("http://127.0.0.1:1/") }, own with { Name = "inside", Url = new Uri("http://10.1.2.3/") }, own with { Name = "nameless", Url = new Uri("http://gateway.invalid/") },
            own with { Name = "tls", Url = new Uri($"https://{own.Url.Authority}/") }, own with { Name = "unsigned", Secrets = [new Secret("secret://env/HOOK", "whsk_nonsense")] },
            own with { Name = "expired", Types = ["never"] },
        ]);
        await world.StartAsync();
        await world.HappenAsync("a");
        var now = world.Clock.GetUtcNow();
        await world.Store.AdvanceAsync("a test", default, 1,
            [new EventDelivery("msg_removed", "acme", "removed", 1, now) { NextAt = now }, new EventDelivery("msg_expired", "acme", "expired", 999, now) { NextAt = now }], Cancellation);

        // The clock stands still until only that is left which waits for it.
        await WebhookWorld.EventuallyAsync(async () => (await world.Store.DeliveriesAsync(DeliveryState.Dead, 99, Cancellation)).Count == 9, "all but one are dead");
        await world.UntilStateAsync("hangs", DeliveryState.Dead);

        var causes = (await world.Store.DeadLettersAsync(new DeadLetterQuery(), null, 99, Cancellation)).ToDictionary(l => l.Delivery.Subscription, l => l.Delivery.Cause);
        (string Name, string Cause)[] expected =
        [
            ("status", "status 500"), ("gone", "status 410"), ("hangs", DeliveryCause.Timeout), ("refuses", DeliveryCause.ConnectionRefused), ("inside", DeliveryCause.NotAllowed),
            ("nameless", DeliveryCause.NameUnknown), ("tls", DeliveryCause.Tls), ("unsigned", DeliveryCause.NotSendable), ("removed", DeliveryCause.EndpointGone), ("expired", DeliveryCause.EventGone),
        ];
        Assert.All(expected, e => Assert.Equal((e.Name, e.Cause), (e.Name, causes[e.Name])));
    }

    private static Task Answer(Microsoft.AspNetCore.Http.HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
