using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Kills;

/// <summary>
/// <c>kill -9</c> at every step of the road of an order that is accepted while Odoo is away: it is there once in the end, and the client never asks again.
/// </summary>
public sealed class AcceptedKillTests
{
    private static readonly (string Path, string Mode)[] Places =
    [
        ("sale.order/load", "holdBefore"),
        ("sale.order/load", "holdAfter"),
        ("sale.order/read", "holdBefore"),
        ("product.product/search_read", "holdBefore"),
    ];

    public static TheoryData<string, string, string> Cuts => CutsOf(StateEngines.Names.Where(StateEngines.IsEmbedded));

    /// <summary>The shared engine's turn is in the soak, beside random kills.</summary>
    public static TheoryData<string, string, string> SharedCuts => CutsOf(StateEngines.Names.Where(name => !StateEngines.IsEmbedded(name)));

    [Theory]
    [MemberData(nameof(StateEngines.Rows), MemberType = typeof(StateEngines))]
    public async Task Killed_after_it_was_accepted_an_order_is_in_Odoo_once_when_that_is_back(string engine)
    {
        await using var world = await KillWorld.StartAsync(engine, AcceptedOrders.WhenDown);
        await world.Simulated.ChaosAsync(world.Simulated.Odoo, new { mode = "down" });
        var received = (await world.OrderAsync("PO-1", "k-PO-1"))!;
        await world.Gateway.KillAsync();
        await world.RestartAsync();

        Assert.Equal((202, "received"), (received.Status, received.Text("orderStatusCode")));
        Assert.Equal("received", (await world.GetAsync(received.Header("Location"))).Text("orderStatusCode"));
        Assert.Equal((1, 0), await world.LineAsync());
        Assert.Equal(0, await world.Simulated.OrdersAsync("PO-1"));
        await world.Simulated.HealAsync(world.Simulated.Odoo);

        await AssertOnceAsync(world, "PO-1", received);
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public Task Killed_while_it_is_forwarded_an_accepted_order_is_there_once(string engine, string path, string mode) => KilledAsync(engine, path, mode);

    [Theory(Explicit = true)]
    [Trait("group", "soak")]
    [MemberData(nameof(SharedCuts))]
    public Task On_a_shared_store_it_is_there_once_too(string engine, string path, string mode) => KilledAsync(engine, path, mode);

    private static async Task KilledAsync(string engine, string path, string mode)
    {
        await using var world = await KillWorld.StartAsync(engine, AcceptedOrders.WhenDown);
        await world.Simulated.ChaosAsync(world.Simulated.Odoo, new { mode = "down" });
        var received = (await world.OrderAsync("PO-1", "k-PO-1"))!;
        Assert.Equal(202, received.Status);

        await world.Simulated.ChaosAsync(world.Simulated.Odoo, new { mode, path });
        await Until.Found(async () => (int)(await world.Simulated.StateAsync(world.Simulated.Odoo))["held"]! > 0 ? "" : null, "the request to be held", seconds: 30);
        await world.Gateway.KillAsync();
        await world.Simulated.HealAsync(world.Simulated.Odoo);
        await world.RestartAsync();

        await AssertOnceAsync(world, "PO-1", received);
    }

    private static TheoryData<string, string, string> CutsOf(IEnumerable<string> engines) =>
        [.. engines.SelectMany(_ => Places, (engine, place) => new TheoryDataRow<string, string, string>(engine, place.Path, place.Mode))];

    private static async Task AssertOnceAsync(KillWorld world, string reference, Answered received)
    {
        await Until.Found(async () => await world.Simulated.WebhooksAsync(reference) is { Count: > 0 } some ? some : null, "the webhook", seconds: 40);
        Assert.Equal(1, await world.Simulated.OrdersAsync(reference));
        Assert.Equal(["order.received.v1", "order.accepted.v1"], (await world.EventsAsync()).Select(e => (string?)e["type"]));
        Assert.Equal("accepted", (await world.GetAsync(received.Header("Location"))).Text("orderStatusCode"));
        var replayed = (await world.OrderAsync(reference, "k-" + reference))!;
        Assert.Equal((201, "true", received.Header("Location")), (replayed.Status, replayed.Header("Idempotency-Replayed"), replayed.Header("Location")));
        Assert.Equal((0, 0), await world.LineAsync());
    }
}
