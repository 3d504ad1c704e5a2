using Gateway.Simulators;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>Two nodes on one store whose clocks are ten minutes apart: neither takes the other's running work for abandoned.</summary>
public sealed class SkewTests
{
    [Theory]
    [MemberData(nameof(StateEngines.Shared), MemberType = typeof(StateEngines))]
    public Task A_node_that_is_ahead_leaves_running_work_alone(string engine) => AssertOneOrderAsync(engine, TimeSpan.FromMinutes(10));

    [Theory]
    [MemberData(nameof(StateEngines.Shared), MemberType = typeof(StateEngines))]
    public Task A_node_that_is_behind_leaves_running_work_alone(string engine) => AssertOneOrderAsync(engine, -TimeSpan.FromMinutes(10));

    private static async Task AssertOneOrderAsync(string engine, TimeSpan apart)
    {
        using var state = await StateEngines.StartAsync(engine);
        await using var one = await World.StartAsync(state.Section);
        await using var other = await World.StartAsync(state.Section, clock: new SkewedClock(apart), beside: one);
        one.Simulators.Odoo.Chaos.Set(new ChaosRule(ChaosMode.HoldBefore) { Path = "sale.order/load" });

        var first = one.Caller.OrderAsync(Order.Json("PO-1"), "k-1");
        await Until.True(() => one.Simulators.Odoo.Chaos.Held > 0, "the call to be held");
        var second = await other.Caller.OrderAsync(Order.Json("PO-1"), "k-1");
        var third = await other.Caller.OrderAsync(Order.Json("PO-1"), "k-2");
        // Long enough for the other's recovery to look a few times, and no longer than the call may take.
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        one.Simulators.Odoo.Chaos.Set(new ChaosRule(ChaosMode.None));

        Assert.Equal(((409, "still-running"), (409, "still-running")), ((second.Status, second.Problem), (third.Status, third.Problem)));
        Assert.Equal(201, (await first).Status);
        Assert.Equal((201, "true"), await other.Caller.OrderAsync(Order.Json("PO-1"), "k-1") is var again ? (again.Status, again.Header("Idempotency-Replayed")) : default);
        Assert.Equal((1, 1), (one.OrdersInOdoo("PO-1"), one.Simulators.Odoo.CallsOf("sale.order", "load")));
    }

    /// <summary>The system's clock, ahead or behind; timers go by the system's.</summary>
    private sealed class SkewedClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
