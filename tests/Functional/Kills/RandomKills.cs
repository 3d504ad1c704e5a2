using System.Collections.Concurrent;
using Gateway.Tests.Functional.Support;

namespace Gateway.Tests.Functional.Kills;

/// <summary>Orders flow without pause, and the gateway is killed and started again, again and again.</summary>
internal static class RandomKills
{
    /// <param name="meanwhile">Done after the first order of each start was answered; then comes the kill.</param>
    /// <param name="callsOff">Whether every second order is called off at once: then there is more than one thing to tell of it.</param>
    /// <returns>The references of all orders that were sent, and of those that were answered 201 or 202.</returns>
    public static async Task<(IReadOnlyCollection<string> Sent, IReadOnlyCollection<string> Answered)> KillAsync(KillWorld world, int kills, Func<Task> meanwhile, bool callsOff = false)
    {
        var (sent, answered) = (new ConcurrentBag<string>(), new ConcurrentBag<string>());
        for (var kill = 0; kill < kills; kill++)
        {
            using var stop = new CancellationTokenSource();
            var prefix = $"PO-{kill}-";
            var traffic = Enumerable.Range(0, 4).Select(lane => Task.Run(() => SendAsync($"{prefix}{lane}-", stop.Token))).ToList();
            await Until.True(() => answered.Any(a => a.StartsWith(prefix, StringComparison.Ordinal)), "the first order after a start");
            await meanwhile();
            await world.Gateway.KillAsync();
            await stop.CancelAsync();
            await Task.WhenAll(traffic);
            await world.RestartAsync();
        }
        return (sent, answered);

        async Task SendAsync(string lane, CancellationToken stopped)
        {
            for (var i = 0; !stopped.IsCancellationRequested; i++)
            {
                sent.Add(lane + i);
                var answer = await world.OrderAsync(lane + i, "k-" + lane + i);
                if (answer is { Status: 201 or 202 }) answered.Add(lane + i);
                if (callsOff && i % 2 == 0 && answer is { Status: 201 })
                    answer = await world.AskAsync("POST", $"/v1/orders/{answer.Text("id")}/cancellation", "{}", "x-" + lane + i);
                // It was killed over this one: whatever else were asked for now would not even reach it.
                if (answer is null) return;
            }
        }
    }
}
