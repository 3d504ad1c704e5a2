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
        var people = Task.Run(() => WorkAsync(world, new Random(seed - 1), stop.Token));
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
        await SettledAsync(world);
        await stop.CancelAsync();
        await people;

        var findings = await new FlowReckoning(world, [.. placed]).FindAsync();
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

    /// <summary>People in the warehouse: they pick, and ship whole or in part, and the rest later.</summary>
    private static async Task WorkAsync(StormWorld world, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (var order in world.Backends.Wms.Orders.Where(o => o.Status is "Processing" or "PartiallyFulfilled"))
            {
                var open = order.Open("DESK0005");
                switch (random.Next(8))
                {
                    case 0:
                        world.Backends.Wms.Pick(order.Id);
                        break;
                    case 1:
                        world.Backends.Wms.Ship(order.Id);
                        break;
                    case 2 when open > 1:
                        world.Backends.Wms.Ship(order.Id, new Dictionary<string, int> { ["DESK0005"] = random.Next(1, open) });
                        break;
                }
            }
            await Task.Delay(250, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>All flows have come to an end; what is parked, an operator tries again.</summary>
    private static async Task SettledAsync(StormWorld world)
    {
        var (left, looks) = ("", 0);
        try
        {
            await Until.Found(async () =>
            {
                // Now and then.
                foreach (var parked in looks++ % 20 > 0 ? [] : await world.ListAsync("/flows?state=parked"))
                    await world.Operator.SendAsync("POST", $"/flows/{(string)parked!["id"]!}/retry", """{"reason":"all is well again"}""");
                var (flows, pending) = (await world.ListAsync("/flows"), await world.ListAsync("/deliveries?state=pending"));
                left = $"{flows.ToJsonString()}\n{pending.ToJsonString()}";
                return flows.Count == 0 && pending.Count == 0 ? left : null;
            }, "the end of all flows", seconds: 180);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{left}\n{await JournalsAsync(world)}");
        }
    }

    /// <summary>What was done in those that have not ended, and what backends have of them.</summary>
    private static async Task<string> JournalsAsync(StormWorld world)
    {
        var told = new List<string>();
        foreach (var open in await world.ListAsync("/flows"))
        {
            var instance = (await world.Operator.GetAsync($"/flows/{(string)open!["id"]!}")).Json;
            told.Add(open.ToJsonString());
            told.AddRange(instance["journal"]!.AsArray().Where(e => (string?)e!["what"] is not ("retried" or "passed")).Take(MostTold).Select(e => $"{e!["at"]} {e["step"]} {e["what"]} {e["detail"]}"));
            var name = (string?)instance["knows"]!["trigger"]!["data"]!["salesOrderId"];
            var order = world.Backends.Wms.Orders.LastOrDefault(o => (string?)o.Kept["order_number"] == name);
            told.Add($"in the warehouse: {order?.Status} {string.Join(' ', order?.Shipments.Select(s => $"{s.Id}:{s.Products.Sum(p => p.Quantity)}") ?? [])} of {order?.Products.Sum(p => p.Quantity)}");
            var id = world.Backends.Odoo.Orders.FirstOrDefault(o => o.Name == name)?.Id;
            told.Add($"in Odoo: {string.Join(' ', world.Backends.Odoo.Transfers.Where(t => t.OrderId == id).Select(t => $"{t.Name} {t.State}"))}");
        }
        return string.Join('\n', told);
    }
}
