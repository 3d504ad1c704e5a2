using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>
/// <c>kill -9</c> of a real gateway process at every step of an order's road, and a restart: the order exists once in Odoo, its event once
/// in the log, its webhook arrives; the client never asks again.
/// </summary>
public sealed class KillTests
{
    /// <summary>Where the gateway is cut off: the simulator that holds the request, which request, and whether its work is done by then.</summary>
    public static TheoryData<string, string?, string> Cuts => new()
    {
        { "odoo", "sale.order/load", "holdBefore" },
        { "odoo", "sale.order/load", "holdAfter" },
        { "odoo", "sale.order/read", "holdBefore" },
        { "odoo", "product.product", "holdBefore" },
        { "partner", null, "holdBefore" },
        { "partner", null, "holdAfter" },
    };

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task Killed_in_the_middle_the_order_is_there_once(string where, string? path, string mode)
    {
        await using var world = await KillWorld.StartAsync();
        var simulator = where == "odoo" ? world.Simulated.Odoo : world.Simulated.Partner;
        await world.Simulated.ChaosAsync(simulator, path is null ? new { mode } : new { mode, path });

        await world.KillWhileOrderingAsync("PO-1", async () => (int)(await world.Simulated.StateAsync(simulator))["held"]! > 0);
        // What was on its way arrives late: the connection is gone, the request is carried out all the same.
        await world.Simulated.HealAsync(simulator);
        await world.RestartAsync();

        await world.AssertOnceAsync("PO-1");
    }

    [Fact]
    public async Task Killed_before_the_call_arrived_the_request_is_sent_again()
    {
        await using var world = await KillWorld.StartAsync();
        await world.Simulated.ChaosAsync(world.Simulated.Odoo, new { mode = "holdBefore", path = "sale.order/load" });

        await world.KillWhileOrderingAsync("PO-1", async () => (int)(await world.Simulated.StateAsync(world.Simulated.Odoo))["held"]! > 0);
        // Odoo goes down with what it held: nothing was carried out.
        await world.Simulated.ChaosAsync(world.Simulated.Odoo, new { mode = "down" });
        await world.RestartAsync();
        var asked = await world.OrderAsync("PO-1", "k-PO-1");
        await world.Simulated.HealAsync(world.Simulated.Odoo);

        Assert.Equal((503, "backend-unavailable"), (asked!.Status, asked.Problem));
        await world.AssertOnceAsync("PO-1");
        var replayed = await world.OrderAsync("PO-1", "k-PO-1");
        Assert.Equal((201, "true"), (replayed!.Status, replayed.Header("Idempotency-Replayed")));
    }

    [Fact]
    public async Task A_connection_refused_never_becomes_an_order_later()
    {
        await using var world = await KillWorld.StartAsync();
        await world.Simulated.ChaosAsync(world.Simulated.Odoo, new { mode = "down" });
        var refused = await world.OrderAsync("PO-1", "k-PO-1");
        await world.Simulated.HealAsync(world.Simulated.Odoo);
        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);

        Assert.Equal(503, refused!.Status);
        Assert.Equal(0, await world.Simulated.OrdersAsync("PO-1"));
    }

    [Fact]
    public Task Killed_at_random_under_traffic_every_order_is_there_once() => KillAtRandomAsync(kills: 6);

    [Fact(Explicit = true)]
    [Trait("group", "soak")]
    public Task Killed_at_random_a_hundred_times_every_order_is_there_once() => KillAtRandomAsync(kills: 100);

    /// <summary>Orders flow without pause; the gateway is killed again and again; each order that was ever accepted or stored is there once.</summary>
    private static async Task KillAtRandomAsync(int kills)
    {
        await using var world = await KillWorld.StartAsync();
        var random = new Random(4711);
        var accepted = new ConcurrentBag<string>();
        var sent = new ConcurrentBag<string>();
        for (var kill = 0; kill < kills; kill++)
        {
            var stop = new CancellationTokenSource();
            var traffic = Enumerable.Range(0, 4).Select(lane => Task.Run(async () =>
            {
                for (var i = 0; !stop.IsCancellationRequested; i++)
                {
                    var reference = $"PO-{kill}-{lane}-{i}";
                    sent.Add(reference);
                    if (await world.OrderAsync(reference, "k-" + reference) is { Status: 201 }) accepted.Add(reference);
                }
            })).ToList();
            await Until.True(() => accepted.Any(a => a.StartsWith($"PO-{kill}-", StringComparison.Ordinal)), "the first order after a start");
            await Task.Delay(random.Next(0, 600), TestContext.Current.CancellationToken);
            await world.Gateway.KillAsync();
            await stop.CancelAsync();
            await Task.WhenAll(traffic);
            await world.RestartAsync();
        }
        await world.SettledAsync();

        var orders = (await world.Simulated.StateAsync(world.Simulated.Odoo))["orders"]!.AsArray().Select(o => (string)o!["clientOrderRef"]!).ToList();
        var events = (await world.EventsAsync()).Select(e => (string)e["subject"]!).ToList();
        Assert.NotEmpty(accepted);
        Assert.Equal(orders.Count, orders.Distinct().Count());
        Assert.Subset(orders.ToHashSet(), accepted.ToHashSet());
        Assert.Subset(sent.ToHashSet(), orders.ToHashSet());
        Assert.Equal(events.Count, events.Distinct().Count());
        Assert.Equal(orders.Count, events.Count);
        await Until.Found(
            async () => (await world.Simulated.ReferencesDeliveredAsync()).IsSupersetOf(orders) ? "" : null, "every order's webhook", seconds: 60);
        await world.Gateway.KillAsync();
        await world.AssertAuditedAsync(accepted);
    }

    /// <summary>Simulators in one process, the gateway in another that is killed and started again on the same state.</summary>
    private sealed class KillWorld : IAsyncDisposable
    {
        private readonly TestWorkspace _workspace;
        private Caller _caller;

        private KillWorld(Simulated simulated, TestWorkspace workspace, (ChildProcess Process, Uri Gateway, Uri Admin) serving)
        {
            Simulated = simulated;
            _workspace = workspace;
            (Gateway, Admin) = (serving.Process, serving.Admin);
            _caller = new Caller(serving.Gateway);
        }

        public Simulated Simulated { get; }

        public ChildProcess Gateway { get; private set; }

        private Uri Admin { get; set; }

        public static async Task<KillWorld> StartAsync()
        {
            var simulated = await Simulated.StartAsync();
            var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner);
            return new KillWorld(simulated, workspace, await ChildProcess.ServeAsync(workspace));
        }

        /// <summary>The answer, or null when the gateway died over it.</summary>
        public async Task<Answered?> OrderAsync(string reference, string key)
        {
            try
            {
                return await _caller.OrderAsync(Order.Json(reference), key);
            }
            catch (HttpRequestException)
            {
                return null;
            }
        }

        public async Task KillWhileOrderingAsync(string reference, Func<Task<bool>> held)
        {
            var order = OrderAsync(reference, "k-" + reference);
            await Until.Found(async () => await held() ? "" : null, "the request to be held");
            await Gateway.KillAsync();
            await order;
        }

        public async Task RestartAsync()
        {
            await Gateway.DisposeAsync();
            _caller.Dispose();
            var serving = await ChildProcess.ServeAsync(_workspace);
            (Gateway, Admin) = (serving.Process, serving.Admin);
            _caller = new Caller(serving.Gateway);
        }

        public async Task<IReadOnlyList<JsonNode>> EventsAsync()
        {
            using var admin = Caller.OfOperator(Admin);
            var all = new List<JsonNode>();
            while ((await admin.GetAsync($"/events?after={(all.Count == 0 ? 0 : (long)all[^1]["position"]!)}")).Json.AsArray() is { Count: > 0 } page)
                all.AddRange(page!);
            return all;
        }

        public async Task AssertOnceAsync(string reference)
        {
            await Until.Found(async () => await Simulated.OrdersAsync(reference) > 0 ? "" : null, "the order in Odoo", seconds: 30);
            var webhooks = await Until.Found(async () => await Simulated.WebhooksAsync(reference) is { Count: > 0 } some ? some : null, "the webhook", seconds: 30);
            Assert.Equal(1, await Simulated.OrdersAsync(reference));
            Assert.Single(await EventsAsync());
            Assert.All(webhooks, w => Assert.True((bool)w["valid"]!));
            Assert.Single(webhooks.Select(w => (string?)w["id"]).Distinct());
        }

        /// <summary>The chains of the audit are whole after all that, and have a record of every order that was accepted.</summary>
        public async Task AssertAuditedAsync(IEnumerable<string> accepted)
        {
            var (verified, report) = await AuditAsync("verify");
            var (exported, lines) = await AuditAsync("export", "--route", "orders.create");

            Assert.True(verified == 0, report);
            Assert.Contains("verified: ", report, StringComparison.Ordinal);
            Assert.Equal(0, exported);
            var created = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).Count(line => (int)line["status"]! == 201);
            Assert.InRange(created, accepted.Count(), int.MaxValue);
        }

        private async Task<(int Code, string Output)> AuditAsync(params string[] arguments)
        {
            var (process, _) = await ChildProcess.StartAsync(["audit", .. arguments, "--data", _workspace.Data, "--keys", _workspace.Keys]);
            await using var _ = process;
            return (await process.ExitAsync(TimeSpan.FromSeconds(30)), process.Output);
        }

        /// <summary>Waits until the log has stood still for as long as an intent may stay open.</summary>
        public async Task SettledAsync()
        {
            for (var (count, still) = (-1, 0); still < 14; still++)
            {
                await Task.Delay(500, TestContext.Current.CancellationToken);
                var now = (await EventsAsync()).Count;
                if (now != count) (count, still) = (now, 0);
            }
        }

        public async ValueTask DisposeAsync()
        {
            _caller.Dispose();
            await Gateway.DisposeAsync();
            await Simulated.DisposeAsync();
            _workspace.Dispose();
        }
    }
}
