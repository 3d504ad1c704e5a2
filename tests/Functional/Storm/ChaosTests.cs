using System.Collections.Concurrent;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Storm;

/// <summary>
/// Every backend misbehaves in every way, all at once, under load, and the gateway is killed and stands still meanwhile. In the end every partner has what
/// it was told that it has, once; and nobody was told anything that a caller must not see.
/// </summary>
public sealed class ChaosTests
{
    /// <summary>Far more than it takes, and far less than what grows without end would.</summary>
    private const int MostMegabytes = 700;

    private const int MostOpen = 600;

    private const int MostTold = 40;

    /// <summary>Orders a minute; several hundred come on a machine that has nothing else to do.</summary>
    private const int FewestOrders = 30;

    private static readonly (string Partner, string Key, string DeskKey)[] Partners =
        [("acme", TestWorkspace.ShopKey, TestWorkspace.AcmeDeskKey), ("globex", TestWorkspace.EdiKey, TestWorkspace.GlobexDeskKey)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    public Task Chaos_of_every_kind_for_two_minutes_under_load_loses_and_doubles_nothing(string engine) =>
        StormAsync(engine, TimeSpan.FromMinutes(2), blows: 3, seed: 4711);

    [Theory(Explicit = true)]
    [Trait("group", "soak")]
    [MemberData(nameof(StateEngines.Rows), MemberType = typeof(StateEngines))]
    public Task Chaos_of_every_kind_for_ten_minutes_under_load_loses_and_doubles_nothing(string engine) =>
        StormAsync(engine, TimeSpan.FromMinutes(10), blows: 15, seed: Environment.TickCount);

    private static async Task StormAsync(string engine, TimeSpan length, int blows, int seed)
    {
        TestContext.Current.SendDiagnosticMessage($"the seed is {seed}");
        await using var world = await StormWorld.StartAsync(engine);
        var (complaints, orders, weather) = (new Complaints(), new ConcurrentQueue<ExpectedOrder>(), new Weather(world.Backends, seed));
        var askings = Partners.ToDictionary(p => p.Partner, p => new Asking(world, p.Key, complaints));
        var others = Partners.ToDictionary(p => p.Partner, p => new OtherTraffic(world, askings[p.Partner], p.Partner, complaints));
        var desks = Partners.ToDictionary(p => p.Partner, p => new Asking(world, p.DeskKey, complaints));
        var whole = Partners.ToDictionary(p => p.Partner, p => new WholeOrders(askings[p.Partner], desks[p.Partner], p.Partner, orders, complaints));
        var shipments = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var (partner, _, _) in Partners) shipments[partner] = await ShippedAsync(world, askings[partner], partner, orders);

        using var stop = new CancellationTokenSource();
        var storm = weather.BlowAsync(stop.Token);
        var traffic = Partners.SelectMany((p, at) => Enumerable.Range(0, 3)
            .Select(lane => Task.Run(() => new OrderTraffic(askings[p.Partner], p.Partner, orders, complaints).RunAsync($"{lane}", new Random(seed + 10 * at + lane), stop.Token)))
            .Append(whole[p.Partner].RunAsync(stop.Token))
            .Append(others[p.Partner].RunAsync(shipments[p.Partner], orders, new Random(seed + 100 + at), stop.Token))).ToList();
        await StrikeAsync(world, length, blows);
        await stop.CancelAsync();
        await storm;
        // Everything is well from here on: whoever was not told yet hears it now, and what is asked anew is done.
        await Task.WhenAll(traffic);
        foreach (var (partner, _, _) in Partners)
        {
            await whole[partner].WalkAsync($"{partner}-whole-calm", allLeaves: true);
            await new OrderTraffic(askings[partner], partner, orders, complaints).OnceAsync(new Random(seed));
            await others[partner].OnceEachAsync(shipments[partner]);
        }
        await SettledAsync(world);

        var findings = await new Reckoning(world, [.. orders], others, [.. whole.Values.SelectMany(w => w.Walked)]).FindAsync(askings);
        var wrong = string.Join('\n', findings.Concat(complaints.All).Take(MostTold));
        Assert.True(wrong.Length == 0, $"seed {seed}\n{wrong}\n\n{complaints.Answers}\n\n{weather.Told}");
        TestContext.Current.SendDiagnosticMessage($"{orders.Count} orders; {complaints.Answers}");
        Assert.True(orders.Count >= FewestOrders * length.TotalMinutes, $"{orders.Count} orders are no load");
        await AssertWellAsync(world, orders);
        Assert.Empty(weather.Missed);
        foreach (var asking in askings.Values.Concat(desks.Values)) asking.Dispose();
    }

    /// <summary>The gateway itself, over the time of the storm: killed twice, and once its machine stands still in between, and so on.</summary>
    private static async Task StrikeAsync(StormWorld world, TimeSpan length, int blows)
    {
        for (var blow = 0; blow < blows; blow++)
        {
            await Task.Delay(length / (blows + 1), Cancellation);
            await (blow % 3 == 1 ? world.PauseAsync() : world.KillAsync());
        }
        await Task.Delay(length / (blows + 1), Cancellation);
    }

    /// <summary>Names of deliveries of a partner's that goods can be sent back from.</summary>
    private static async Task<IReadOnlyList<string>> ShippedAsync(StormWorld world, Asking asking, string partner, ConcurrentQueue<ExpectedOrder> orders)
    {
        var shipments = new List<string>();
        for (var number = 0; number < 3; number++)
        {
            var order = new ExpectedOrder(partner, $"{partner}-shipped-{number}") { Lines = new Dictionary<string, int> { ["3"] = 5000 }, IsThere = true, IsShipped = true };
            order.Id = (await asking.UntilKnownAsync("POST", "/v1/orders", ExpectedOrder.Json(partner, order.Reference, order.Lines), order.Reference)).Text("id");
            orders.Enqueue(order);
            await world.Backends.ShipAsync(world.Backends.Odoo.Orders.Single(o => o.ClientOrderRef == order.Reference).Id);
            shipments.Add((string)(await asking.UntilKnownAsync("GET", $"/v1/orders/{order.Id}/shipments")).Json["shipments"]![0]!["id"]!);
        }
        return shipments;
    }

    /// <summary>Nothing waits, nothing is open, nothing is still to be delivered.</summary>
    private static async Task SettledAsync(StormWorld world)
    {
        var left = "";
        try
        {
            await Until.Found(async () =>
            {
                var (lines, open, pending) = (await world.ListAsync("/intents/lines"), await world.ListAsync("/intents?state=open"), await world.ListAsync("/deliveries?state=pending"));
                left = $"{lines.ToJsonString()}\n{open.ToJsonString()}\n{pending.ToJsonString()}";
                return lines.All(l => (int)l!["waiting"]! == 0) && open.Count == 0 && pending.Count == 0 ? left : null;
            }, "the end of all work", seconds: 120);
        }
        catch (TimeoutException)
        {
            Assert.Fail(left);
        }
    }

    /// <summary>
    /// What was accepted and can't be done is kept for an operator, each once, and nothing else is. The caller may have hung up on the answer that accepted it, or
    /// lost it with the gateway: asked again, it is told the refusal.
    /// </summary>
    private static async Task AssertParkedAsync(StormWorld world, IEnumerable<ExpectedOrder> orders)
    {
        var parked = (await world.ListAsync("/intents?state=parked")).Select(i => (string)i!["key"]!).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(parked.Count, (await world.ListAsync("/intents/lines")).Sum(l => (int)l!["parked"]!));
        Assert.Equal(parked.Distinct(), parked);
        Assert.Empty(parked.Except(orders.Where(o => o.IsImpossible).Select(o => o.Key)));
        Assert.Empty(orders.Where(o => o.IsParked).Select(o => o.Key).Except(parked));
    }

    /// <summary>The gateway itself, after all that.</summary>
    private static async Task AssertWellAsync(StormWorld world, IEnumerable<ExpectedOrder> orders)
    {
        Assert.Empty(await world.ListAsync("/deliveries?state=dead"));
        await AssertParkedAsync(world, orders);
        Assert.Equal((200, "ready"), await world.Operator.GetAsync("/readyz") is var ready ? (ready.Status, ready.Text("status")) : default);
        Assert.All(await world.ListAsync("/backends"), backend => Assert.All(backend!["circuits"]!.AsArray(), circuit => Assert.Equal("closed", (string?)circuit!["state"])));
        Assert.Empty((await world.Operator.GetAsync("/audit/verify")).Json["findings"]!.AsArray());
        if (OperatingSystem.IsLinux())
        {
            Assert.InRange(world.Size.Megabytes, 0, MostMegabytes);
            Assert.InRange(world.Size.Open, 0, MostOpen);
        }
        // The last one is how a stack trace looks.
        string[] faults = ["Unhandled", "\"LogLevel\":\"Critical\"", "   at "];
        Assert.DoesNotContain(world.Log, line => faults.Any(fault => line.Contains(fault, StringComparison.Ordinal)));
    }
}
