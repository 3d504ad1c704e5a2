using System.Text.Json.Nodes;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Kills;

/// <summary>What the log holds against what the partner got.</summary>
internal static class Arrivals
{
    /// <summary>
    /// Every event has arrived, signed; once, and once more only where something died in between, under the same <c>webhook-id</c>; and those of one object first in the order of the log.
    /// </summary>
    /// <param name="deaths">From when to when something was gone; null where an operator has them sent again.</param>
    public static async Task AssertAsync(KillWorld world, IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)>? deaths)
    {
        var events = (await world.EventsAsync()).Where(e => (string?)e["tenant"] == "acme").ToList();
        var told = events.Select(e => (string)e["id"]!).ToHashSet();
        var taken = await Until.Found(async () => await world.Simulated.TakenAsync() is var all && told.IsSubsetOf(all.Select(EventOf)) ? all : null, "every event's webhook", seconds: 90);

        Assert.All(taken, webhook => Assert.True((bool)webhook["valid"]!));
        Assert.All(taken.GroupBy(EventOf), repeats => Assert.Single(repeats.Select(w => (string?)w["id"]).Distinct()));
        Assert.Equal(told.Count, taken.Select(w => (string?)w["id"]).Distinct().Count());
        foreach (var repeats in deaths is null ? [] : taken.GroupBy(EventOf))
        {
            foreach (var (before, after) in repeats.Select(AtOf).Zip(repeats.Select(AtOf).Skip(1)))
                Assert.True(deaths!.Any(d => d.To >= before && d.From <= after), $"{repeats.Key} came at {before:O} and at {after:O}, and nothing had died");
        }
        var arrived = taken.Select(EventOf).Distinct().Index().ToDictionary(e => e.Item, e => e.Index);
        foreach (var line in events.GroupBy(e => (string)e["subject"]!))
        {
            var ids = line.Select(e => (string)e["id"]!).ToList();
            Assert.Equal(ids, ids.OrderBy(id => arrived[id]));
        }
    }

    private static DateTimeOffset AtOf(JsonNode webhook) => DateTimeOffset.Parse((string)webhook["receivedAt"]!, System.Globalization.CultureInfo.InvariantCulture);

    private static string EventOf(JsonNode webhook) => (string)JsonNode.Parse((string)webhook["body"]!)!["id"]!;
}
