using Gateway.Tests.Servers;
using Xunit;

namespace Gateway.Tests.Conformance.Feeds;

/// <summary>Nodes that share a store look in turns.</summary>
public sealed class FeedNodesTests
{
    [Fact]
    public async Task Two_nodes_tell_each_change_once_and_look_no_more_often_than_one()
    {
        if (PostgresqlServer.Missing is { } why) Assert.Skip(why);
        var keys = Directory.CreateTempSubdirectory("gateway-feed-keys-");
        var database = (await DatabaseServer.NewDatabaseAsync(), keys.FullName);
        await using var first = await FeedWorld.StartAsync("every: 1s", database: database);
        await using var second = await FeedWorld.StartAsync("every: 1s", odoo: $"url: \"{first.Odoo.Url}\",", database: database);
        await first.LooksAsync(1);

        var before = first.Odoo.CallsOf("sale.order", "search_read");
        await first.LooksAsync(3);
        var looked = first.Odoo.CallsOf("sale.order", "search_read") - before;
        for (var i = 0; i < 8; i++)
        {
            await first.EnterAsync(i % 2 == 0 ? FeedWorld.Acme : FeedWorld.Globex, $"PO-{i}");
            await Task.Delay(150, TestContext.Current.CancellationToken);
        }
        await first.EventsAsync(8);
        var events = await first.LaterAsync(2);

        Assert.Equal(8, events.Count);
        Assert.Equal(8, events.Select(e => (string?)FeedWorld.DataOf(e)["customerReference"]).Distinct().Count());
        // Three or four looks, of one call each; two nodes that both look make twice as many.
        Assert.InRange(looked, 3, 5);
    }
}
