using System.Collections.Concurrent;
using Gateway.Tests.Functional.Support;
using Gateway.Tests.Servers;
using Xunit;

namespace Gateway.Tests.Functional.Kills;

/// <summary>The database dies and comes back, again and again, while orders flow and partners are told: what was answered is there once, and told in its order.</summary>
public sealed class DatabaseRestartTests
{
    private const int Restarts = 4;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_that_is_killed_under_traffic_loses_nothing_and_doubles_nothing()
    {
        Assert.SkipWhen(PostgresqlServer.Missing is not null, PostgresqlServer.Missing ?? "");
        await using var server = await PostgresqlServer.StartAsync();
        await using var world = await KillWorld.StartAsync(await StateEngines.OfAsync(server), change: RandomKillTests.ToldInOrder);
        var (sent, accepted, refused) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>(), new ConcurrentQueue<int>());
        List<(DateTimeOffset From, DateTimeOffset To)> deaths = [];
        using var stop = new CancellationTokenSource();
        var traffic = Enumerable.Range(0, 4).Select(lane => Task.Run(() => SendAsync($"PO-{lane}-"))).ToList();
        for (var restart = 0; restart < Restarts; restart++)
        {
            var before = accepted.Count;
            await OrdersAsync(before + 8);
            var from = TimeProvider.System.GetUtcNow();
            await server.KillAsync();
            await Until.True(() => refused.Count > restart, "a refusal while it is away");
            await server.StartAgainAsync();
            deaths.Add((from, TimeProvider.System.GetUtcNow()));
        }
        var last = accepted.Count;
        await OrdersAsync(last + 8);
        await stop.CancelAsync();
        await Task.WhenAll(traffic);
        await world.SettledAsync();

        var made = await world.OrdersAsync();
        Assert.Subset(made.ToHashSet(), accepted.ToHashSet());
        Assert.Subset(sent.ToHashSet(), made.ToHashSet());
        await world.AssertReplayedAsync([.. sent], made);
        var orders = await world.OrdersAsync();
        Assert.Equal(orders.Count, orders.Distinct().Count());
        Assert.Equal(sent.Count, orders.Count);
        await Arrivals.AssertAsync(world, deaths);
        // Away is told as what it is, and nothing else.
        Assert.True(refused.All(status => status is 409 or 503), $"{string.Join(' ', refused.CountBy(s => s))}\n{world.Gateway.Output}");

        async Task OrdersAsync(int count)
        {
            try
            {
                await Until.Found(() => Task.FromResult(accepted.Count >= count ? "" : null), $"{count} orders", seconds: 120);
            }
            catch (TimeoutException)
            {
                Assert.Fail($"{accepted.Count} orders instead of {count}, {string.Join(' ', refused.CountBy(s => s))}\n{world.Gateway.Output}");
            }
        }

        async Task SendAsync(string lane)
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                sent.Enqueue(lane + i);
                var answer = (await world.OrderAsync(lane + i, "k-" + lane + i))!;
                if (answer is not { Status: 201 })
                {
                    refused.Enqueue(answer.Status);
                    await Task.Delay(100, Cancellation);
                    continue;
                }
                accepted.Enqueue(lane + i);
                if (i % 2 == 0) await world.AskAsync("POST", $"/v1/orders/{answer.Text("id")}/cancellation", "{}", "x-" + lane + i);
            }
        }
    }
}
