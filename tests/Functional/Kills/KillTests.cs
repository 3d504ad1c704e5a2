using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Kills;

/// <summary>
/// <c>kill -9</c> of a real gateway process at every step of an order's road, and a restart: the order exists once in Odoo, its event once
/// in the log, its webhook arrives; the client never asks again.
/// </summary>
public sealed class KillTests
{
    /// <summary>Where the gateway is cut off: the simulator that holds the request, which request, and whether its work is done by then.</summary>
    private static readonly (string Where, string? Path, string Mode)[] Places =
    [
        ("odoo", "sale.order/load", "holdBefore"),
        ("odoo", "sale.order/load", "holdAfter"),
        ("odoo", "sale.order/read", "holdBefore"),
        ("odoo", "product.product/search_read", "holdBefore"),
        ("partner", null, "holdBefore"),
        ("partner", null, "holdAfter"),
    ];

    public static TheoryData<string, string, string?, string> Cuts
    {
        get
        {
            var cuts = new TheoryData<string, string, string?, string>();
            foreach (var engine in StateEngines.Names)
            {
                foreach (var (where, path, mode) in Places) cuts.Add(engine, where, path, mode);
            }
            return cuts;
        }
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task Killed_in_the_middle_the_order_is_there_once_and_its_key_is_replayed(string engine, string where, string? path, string mode)
    {
        await using var world = await KillWorld.StartAsync(engine);
        var simulator = where == "odoo" ? world.Simulated.Odoo : world.Simulated.Partner;
        await world.Simulated.ChaosAsync(simulator, path is null ? new { mode } : new { mode, path });

        await world.KillWhileOrderingAsync("PO-1", async () => (int)(await world.Simulated.StateAsync(simulator))["held"]! > 0);
        // What was on its way arrives late: the connection is gone, the request is carried out all the same.
        await world.Simulated.HealAsync(simulator);
        await world.RestartAsync();

        await world.AssertOnceAsync("PO-1");
        await world.AssertReplayedAsync(["PO-1"], ["PO-1"]);
        Assert.Equal(1, await world.Simulated.OrdersAsync("PO-1"));
    }

    [Theory]
    [MemberData(nameof(StateEngines.Rows), MemberType = typeof(StateEngines))]
    public async Task Killed_after_it_was_answered_the_key_is_replayed(string engine)
    {
        await using var world = await KillWorld.StartAsync(engine);
        Assert.Equal(201, (await world.OrderAsync("PO-1", "k-PO-1"))!.Status);
        await world.Gateway.KillAsync();
        await world.RestartAsync();

        await world.AssertReplayedAsync(["PO-1"], ["PO-1"]);
        await world.AssertOnceAsync("PO-1");
    }

    [Theory]
    [MemberData(nameof(StateEngines.Rows), MemberType = typeof(StateEngines))]
    public async Task Killed_before_the_call_arrived_the_request_is_sent_again(string engine)
    {
        await using var world = await KillWorld.StartAsync(engine);
        await world.Simulated.ChaosAsync(world.Simulated.Odoo, new { mode = "holdBefore", path = "sale.order/load" });

        await world.KillWhileOrderingAsync("PO-1", async () => (int)(await world.Simulated.StateAsync(world.Simulated.Odoo))["held"]! > 0);
        // Odoo goes down with what it held: nothing was carried out.
        await world.Simulated.ChaosAsync(world.Simulated.Odoo, new { mode = "down" });
        await world.RestartAsync();
        // Until recovery has seen that its owner is dead, it may be at work.
        var asked = await Until.Found(async () => await world.OrderAsync("PO-1", "k-PO-1") is { Problem: not "still-running" } answer ? answer : null, "what became of the order");
        await world.Simulated.HealAsync(world.Simulated.Odoo);

        Assert.Equal((503, "backend-unavailable"), (asked.Status, asked.Problem));
        await world.AssertOnceAsync("PO-1");
        var replayed = await world.OrderAsync("PO-1", "k-PO-1");
        Assert.Equal((201, "true"), (replayed!.Status, replayed.Header("Idempotency-Replayed")));
    }

    [Theory]
    [MemberData(nameof(StateEngines.Rows), MemberType = typeof(StateEngines))]
    public async Task A_connection_refused_never_becomes_an_order_later(string engine)
    {
        await using var world = await KillWorld.StartAsync(engine);
        await world.Simulated.ChaosAsync(world.Simulated.Odoo, new { mode = "down" });
        var refused = await world.OrderAsync("PO-1", "k-PO-1");
        await world.Simulated.HealAsync(world.Simulated.Odoo);
        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);

        Assert.Equal(503, refused!.Status);
        Assert.Equal(0, await world.Simulated.OrdersAsync("PO-1"));
    }
}
