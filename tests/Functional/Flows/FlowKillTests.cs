using System.Collections.Concurrent;
using Gateway.Tests.Functional.Storm;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Flows;

/// <summary>
/// <c>kill -9</c> at any moment while orders flow, people pick and ship, partners call off, and every backend misbehaves: each order has left whole, is booked,
/// billed and told of once, or is cancelled everywhere.
/// </summary>
public sealed class FlowKillTests
{
    private const int MostTold = 40;
    private const int Lanes = 6;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(StateEngines.Rows), MemberType = typeof(StateEngines))]
    public Task Killed_5_times_every_order_has_left_once_or_is_cancelled_everywhere(string engine) => KillAsync(engine, kills: 5, orders: 60, seed: 4711);

    /// <summary>It takes a machine of its own: beside others, starts take longer than lives.</summary>
    [Theory(Explicit = true)]
    [Trait("group", "soak")]
    [MemberData(nameof(StateEngines.Rows), MemberType = typeof(StateEngines))]
    public Task Killed_25_times_every_order_has_left_once_or_is_cancelled_everywhere(string engine) => KillAsync(engine, kills: 25, orders: 300, seed: 4711);

    [Theory(Explicit = true)]
    [Trait("group", "soak")]
    [MemberData(nameof(StateEngines.Rows), MemberType = typeof(StateEngines))]
    public Task Killed_300_times_every_order_has_left_once_or_is_cancelled_everywhere(string engine) => KillAsync(engine, kills: 300, orders: 2000, seed: Environment.TickCount);

    private static async Task KillAsync(string engine, int kills, int orders, int seed)
    {
        TestContext.Current.SendDiagnosticMessage($"the seed is {seed}");
        await using var world = await StormWorld.StartAsync(engine, FlowWorkspace.Create, wms: "wms", tms: "tms");
        var (complaints, weather, random) = (new Complaints(), new Weather(world.Backends, seed), new Random(seed));
        using var asking = new Asking(world, TestWorkspace.ShopKey, complaints);
        using var stop = new CancellationTokenSource();
        var placed = new ConcurrentQueue<FlowOrder>();
        var traffic = Enumerable.Range(0, Lanes).Select(lane => Task.Run(() => OrderAsync(asking, placed, lane, orders / Lanes, new Random(seed + lane)))).ToList();
        var people = Task.Run(() => FlowPeople.WorkAsync(world.Backends, new Random(seed - 1), stop.Token));
        using var calm = new CancellationTokenSource();
        var storm = weather.BlowAsync(calm.Token);
        for (var kill = 0; kill < kills; kill++)
        {
            // Who dies before anything is done dies for nothing.
            var before = placed.Count;
            await Until.True(() => placed.Count > before || traffic.TrueForAll(t => t.IsCompleted), "an order after a start");
            await Task.Delay(random.Next(0, 1500), Cancellation);
            await world.KillAsync();
        }
        await calm.CancelAsync();
        await storm;
        await Task.WhenAll(traffic);
        await FlowPeople.SettledAsync(world.Backends, world.Operator);
        await stop.CancelAsync();
        await people;

        var findings = await new FlowReckoning(world.Backends, world.Operator, [.. placed]).FindAsync();
        Assert.Equal(orders / Lanes * Lanes, placed.Count);
        var wrong = string.Join('\n', findings.Concat(complaints.All).Take(MostTold));
        Assert.True(wrong.Length == 0, $"seed {seed}\n{wrong}\n\n{complaints.Answers}\n\n{weather.Told}");
    }

    /// <summary>Orders, of which some are called off, at whatever stage they are then.</summary>
    private static async Task OrderAsync(Asking asking, ConcurrentQueue<FlowOrder> placed, int lane, int orders, Random random)
    {
        for (var number = 0; number < orders; number++)
        {
            var order = new FlowOrder($"F-{lane}-{number}", random.Next(1, 9));
            var answer = await asking.UntilKnownAsync("POST", "/v1/orders", order.Json, "k-" + order.Reference);
            Assert.True(answer.Status is 200 or 201, $"{order.Reference}: {answer.Status} {answer.Body}");
            order.Id = answer.Text("id");
            placed.Enqueue(order);
            if (random.Next(5) > 0) continue;
            await Task.Delay(random.Next(0, 1500), Cancellation);
            order.CancelAnswer = (await asking.UntilKnownAsync("POST", $"/v1/orders/{order.Id}/cancellation", "{}", "x-" + order.Reference)).Status;
        }
    }
}
