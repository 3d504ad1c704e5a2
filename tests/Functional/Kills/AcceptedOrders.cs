using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Kills;

/// <summary>What holds of orders that are accepted now and forwarded later.</summary>
internal static class AcceptedOrders
{
    /// <summary>What the route does with what can't be sent, and what it does always.</summary>
    public const string WhenDown = ", target: { whenDown: accept, accepted: { urgency: delivery.requestedDeliveryPeriod.startDate } }";

    /// <summary>What was answered is in Odoo; nothing is there twice, and nothing that was never sent; each has its two events at most, in their order.</summary>
    public static async Task AssertAllOnceAsync(KillWorld world, IReadOnlyCollection<string> answered, IReadOnlyCollection<string> sent)
    {
        // The line is asked, and not Odoo: all of its orders are a long answer.
        await Until.Found(async () => await world.LineAsync() == (0, 0) ? "" : null, "an empty line", seconds: 120 + answered.Count / 10);
        await world.SettledAsync();
        Assert.Equal((0, 0), await world.LineAsync());
        var orders = await world.OrdersAsync();
        Assert.Subset(orders.ToHashSet(), answered.ToHashSet());
        Assert.Equal(orders.Count, orders.Distinct().Count());
        Assert.Subset(sent.ToHashSet(), orders.ToHashSet());
        var events = (await world.EventsAsync()).GroupBy(e => (string)e["subject"]!, e => (string)e["type"]!).Select(e => string.Join(',', e)).ToList();
        Assert.Equal(orders.Count, events.Count);
        Assert.All(events, e => Assert.True(e is "order.accepted.v1" or "order.received.v1,order.accepted.v1", e));
    }
}
