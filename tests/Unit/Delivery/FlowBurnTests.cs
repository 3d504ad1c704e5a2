using Gateway.Delivery.Flows;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>How fast an objective's budget of broken promises is spent.</summary>
public sealed class FlowBurnTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 12, 30, 0, TimeSpan.Zero);

    [Fact]
    public void Each_time_has_its_own_rate_and_ends_with_the_objectives()
    {
        var burns = FlowBurn.Of(FlowOf(0.99m, TimeSpan.FromDays(30)), [At(0, 50, 50), At(-1, 100, 0), At(-5, 100, 0), At(-100, 1000, 0), At(-900, 9, 9)], Now);

        Assert.Equal(
        [
            // The hour that has begun and the one before; 50 of 200 are 25 times what 1 in 100 leaves.
            new FlowBurn("1h", 150, 50, 25), new FlowBurn("6h", 250, 50, 50 / 300d / 0.01), new FlowBurn("3d", 250, 50, 50 / 300d / 0.01), new FlowBurn("30d", 1250, 50, 50 / 1300d / 0.01),
        ], burns.Select(b => b with { Burn = b.Burn is { } burn ? Math.Round(burn, 9) : null }), Alike);
    }

    [Fact]
    public void Where_nothing_has_ended_there_is_no_rate_and_no_time_is_longer_than_the_objectives()
    {
        var burns = FlowBurn.Of(FlowOf(0.5m, TimeSpan.FromDays(2)), [At(0, 1, 0) with { Flow = "other" }], Now);

        Assert.Equal([new FlowBurn("1h", 0, 0, null), new FlowBurn("6h", 0, 0, null), new FlowBurn("2d", 0, 0, null)], burns);
    }

    private static bool Alike(FlowBurn one, FlowBurn other) => one with { Burn = null } == other with { Burn = null } && Math.Abs(one.Burn!.Value - other.Burn!.Value) < 1e-6;

    private static FlowHour At(int hours, long kept, long broken) => new("ship", new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero).AddHours(hours), kept, broken);

    private static Flow FlowOf(decimal share, TimeSpan over) => new("ship", "us", "r1")
    {
        Trigger = new FlowTrigger("order.accepted.v1", (in FlowSight _) => default, null),
        Steps = [],
        Objective = new FlowObjective(share, over),
    };
}
