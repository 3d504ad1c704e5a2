using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Kills;

/// <summary><c>kill -9</c> of a real gateway process in the middle of a change of an order, and a restart: it is done once, and told once.</summary>
public sealed class ChangeKillTests
{
    /// <summary>What changes an order that is there: how it is asked, its event, the call that is held, and before or after its work.</summary>
    public static TheoryData<string, string, string, string> Changes
    {
        get
        {
            var changes = new TheoryData<string, string, string, string>();
            foreach (var engine in StateEngines.Names)
            {
                // Where other nodes may be alive, a lease has to end first: that takes a minute each.
                foreach (var mode in StateEngines.IsEmbedded(engine) ? (string[])["holdBefore", "holdAfter"] : ["holdAfter"])
                {
                    changes.Add(engine, "order.changed.v1", "sale.order/load", mode);
                    changes.Add(engine, "order.cancelled.v1", "sale.order/action_cancel", mode);
                }
            }
            return changes;
        }
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Killed_in_the_middle_of_a_change_it_is_done_and_told_once_and_its_key_is_replayed(string engine, string told, string call, string mode)
    {
        await using var world = await KillWorld.StartAsync(engine);
        var path = $"/v1/orders/{(string)(await world.OrderAsync("PO-1", "k-PO-1"))!.Json["id"]!}";
        Task<Answered?> AskAsync() => told == "order.changed.v1"
            ? world.AskAsync("PUT", path, Order.Json("PO-1", quantity: "7"), "c-1")
            : world.AskAsync("POST", path + "/cancellation", "{}", "c-1");
        await world.Simulated.ChaosAsync(world.Simulated.Odoo, new { mode, path = call });

        await world.KillWhileAsync(AskAsync, async () => (int)(await world.Simulated.StateAsync(world.Simulated.Odoo))["held"]! > 0);
        await world.Simulated.HealAsync(world.Simulated.Odoo);
        await world.RestartAsync();
        await Until.Found(async () => (await world.EventsAsync()).Any(e => (string?)e["type"] == told) ? "" : null, "the event", seconds: 60);

        var replayed = await AskAsync();
        Assert.Equal((200, "true"), (replayed!.Status, replayed.Header("Idempotency-Replayed")));
        Assert.Single(await world.EventsAsync(), e => (string?)e["type"] == told);
        var order = Assert.Single((await world.Simulated.StateAsync(world.Simulated.Odoo))["orders"]!.AsArray())!;
        Assert.Equal(told == "order.changed.v1" ? ("draft", 7) : ("cancel", 3), ((string)order["state"]!, (int)order["lines"]![0]!["quantity"]!));
        // Nothing holds the order any more: the next change has its answer at once.
        Assert.Equal(told == "order.changed.v1" ? 200 : 422, (await world.AskAsync("PUT", path, Order.Json("PO-1", quantity: "8"), "c-2"))!.Status);
    }
}
