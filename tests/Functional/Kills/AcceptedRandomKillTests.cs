using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Kills;

/// <summary>Odoo comes and goes while orders flow, and the gateway is killed at any moment: each that was answered 2xx is in Odoo once in the end; none is parked.</summary>
public sealed class AcceptedRandomKillTests
{
    [Theory(Explicit = true)]
    [Trait("group", "soak")]
    [MemberData(nameof(StateEngines.Shared), MemberType = typeof(StateEngines))]
    public Task A_shared_store_loses_and_doubles_nothing_either(string engine) => Killed_10_times_at_random_with_Odoo_going_up_and_down_every_accepted_order_is_there_once(engine);

    [Theory]
    [InlineData("sqlite")]
    public async Task Killed_10_times_at_random_with_Odoo_going_up_and_down_every_accepted_order_is_there_once(string engine)
    {
        await using var world = await KillWorld.StartAsync(engine, AcceptedOrders.WhenDown);
        var random = new Random(4711);

        var (sent, answered) = await RandomKills.KillAsync(world, kills: 10, async () =>
        {
            await world.Simulated.ChaosAsync(world.Simulated.Odoo, new { mode = random.Next(2) == 0 ? "down" : "none" });
            await Task.Delay(random.Next(0, 800), TestContext.Current.CancellationToken);
            if (random.Next(2) == 0) await world.Simulated.HealAsync(world.Simulated.Odoo);
            await Task.Delay(random.Next(0, 800), TestContext.Current.CancellationToken);
        });
        await world.Simulated.HealAsync(world.Simulated.Odoo);

        await AcceptedOrders.AssertAllOnceAsync(world, answered, sent);
    }
}
