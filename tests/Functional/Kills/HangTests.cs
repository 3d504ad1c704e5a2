using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Kills;

/// <summary>Odoo takes connections and answers nothing, and the route's callers wait no longer than it would be waited for: it is left alone all the same.</summary>
public sealed class HangTests
{
    private const int Wave = 12;

    /// <summary>All of Odoo, or its changes alone while it answers every question.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("sale.order/load")]
    public async Task What_hangs_is_left_alone_and_orders_are_accepted_and_are_there_once_afterwards(string? path)
    {
        await using var world = await KillWorld.StartAsync("sqlite", AcceptedOrders.WhenDown, change: overlay =>
            overlay.Replace("timeout: 2s, resilience: { circuit: { minimumCalls: 1000 } }", "timeout: 20s, resilience: { circuit: { minimumCalls: 8, break: 20s } }", StringComparison.Ordinal));
        Assert.Equal(201, (await world.OrderAsync("PO-first", "k-PO-first"))!.Status);
        await world.Simulated.ChaosAsync(world.Simulated.Odoo, new { mode = "holdBefore", path });

        var first = await SendAsync(world, "PO-a");
        var second = await SendAsync(world, "PO-b");

        Assert.All(first, answer => Assert.True(answer.Status is 202 or 503 or 504, answer.Body));
        Assert.All(second, answer => Assert.Equal(202, answer.Status));
        await world.Simulated.HealAsync(world.Simulated.Odoo);
        string[] sent = ["PO-first", .. References("PO-a"), .. References("PO-b")];
        await AcceptedOrders.AssertAllOnceAsync(world, [.. References("PO-b")], sent);
    }

    private static IEnumerable<string> References(string wave) => Enumerable.Range(0, Wave).Select(n => $"{wave}-{n}");

    private static async Task<IReadOnlyList<Answered>> SendAsync(KillWorld world, string wave) =>
        [.. (await Task.WhenAll(References(wave).Select(reference => world.OrderAsync(reference, "k-" + reference)))).Select(answer => answer!)];
}
