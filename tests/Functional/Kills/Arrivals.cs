using System.Text.Json.Nodes;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Kills;

/// <summary>What the log holds against what the partner got.</summary>
internal static class Arrivals
{
    /// <summary>Every event has arrived, signed; as often as it may have come, under one <c>webhook-id</c>; and those of one object first in the order of the log.</summary>
    public static async Task AssertAsync(KillWorld world)
    {
        var events = (await world.EventsAsync()).Where(e => (string?)e["tenant"] == "acme").ToList();
        var told = events.Select(e => (string)e["id"]!).ToHashSet();
        var taken = await Until.Found(async () => await world.Simulated.TakenAsync() is var all && told.IsSubsetOf(all.Select(EventOf)) ? all : null, "every event's webhook", seconds: 90);

        Assert.All(taken, webhook => Assert.True((bool)webhook["valid"]!));
        Assert.All(taken.GroupBy(EventOf), repeats => Assert.Single(repeats.Select(w => (string?)w["id"]).Distinct()));
        Assert.Equal(told.Count, taken.Select(w => (string?)w["id"]).Distinct().Count());
        var arrived = taken.Select(EventOf).Distinct().Index().ToDictionary(e => e.Item, e => e.Index);
        foreach (var line in events.GroupBy(e => (string)e["subject"]!))
        {
            var ids = line.Select(e => (string)e["id"]!).ToList();
            Assert.Equal(ids, ids.OrderBy(id => arrived[id]));
        }
    }

    private static string EventOf(JsonNode webhook) => (string)JsonNode.Parse((string)webhook["body"]!)!["id"]!;
}
