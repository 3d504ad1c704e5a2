using System.Text.Json.Nodes;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Kills;

/// <summary><c>kill -9</c> of a real gateway process while it tells what was changed in Odoo: what it has told is told, and the rest is told by its next life.</summary>
public sealed class FeedKillTests
{
    private const int Orders = 60;

    [Theory]
    [InlineData("sqlite")]
    public Task Killed_between_its_steps_a_feed_loses_and_doubles_nothing(string engine) => KilledAsync(engine);

    [Theory(Explicit = true)]
    [Trait("group", "soak")]
    [MemberData(nameof(StateEngines.Shared), MemberType = typeof(StateEngines))]
    public Task On_a_shared_store_neither(string engine) => KilledAsync(engine);

    private static async Task KilledAsync(string engine)
    {
        await using var world = await KillWorld.StartAsync(engine, odoo: ", changes: { of: { orders: odoo/order.from }, every: 100ms }");
        await Until.Found(LookedAsync, "the first look");
        await world.Simulated.DoAsync("sale.order", "create", new JsonObject { ["vals_list"] = new JsonArray([.. Enumerable.Range(1, Orders).Select(OrderOf)]) });

        for (var (kills, told) = (0, 0); kills < 3; kills++)
        {
            await Until.Found(async () => (await world.EventsAsync()).Count > told ? "" : null, "more events");
            await world.Gateway.KillAsync();
            await world.RestartAsync();
            told = (await world.EventsAsync()).Count;
            Assert.InRange(told, 1, Orders);
        }
        await Until.Found(async () => (await world.EventsAsync()).Count >= Orders ? "" : null, "all events", seconds: 60);
        var looked = await Until.Found(LookedAsync, "a look of this life");
        await Until.Found(async () => await LookedAsync() != looked ? "" : null, "another look");

        var events = await world.EventsAsync();
        Assert.Equal((Orders, Orders), (events.Count, events.Select(e => (string)e["subject"]!).Distinct().Count()));
        Assert.All(events, e => Assert.Equal(("order.created.v1", "acme"), ((string)e["type"]!, (string)e["tenant"]!)));

        async Task<string?> LookedAsync() => (string?)(await world.ReadyAsync())["changes"]?[0]?["lookedAt"];
    }

    /// <summary>Odoo holds what the look asks for, so that the gateway has acknowledged the hint and told nothing when it is killed. By its pace it would look an hour later.</summary>
    [Theory, MemberData(nameof(StateEngines.Rows), MemberType = typeof(StateEngines))]
    public async Task Killed_behind_the_answer_to_a_hint_its_next_life_looks_there_and_tells_it_once(string engine)
    {
        await using var world = await KillWorld.StartAsync(engine, odoo: ", changes: { of: { orders: odoo/order.from }, every: 1h, hints: { secrets: [secret://env/ODOO_HINTS] } }");
        await Until.Found(async () => (string?)(await world.ReadyAsync())["changes"]?[0]?["lookedAt"], "the first look");
        await world.Simulated.DoAsync("sale.order", "create", new JsonObject { ["vals_list"] = new JsonArray(OrderOf(1)) });
        var id = (int)(await world.Simulated.StateAsync(world.Simulated.Odoo))["orders"]![0]!["id"]!;
        await world.Simulated.ChaosAsync(world.Simulated.Odoo, new { mode = "holdBefore" });

        using var client = new HttpClient();
        using var hint = await client.PostAsync(new Uri(world.Public, "hooks/odoo/" + TestWorkspace.HintSecret), new StringContent($$"""{"_model":"sale.order","_id":{{id}}}"""), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.Accepted, hint.StatusCode);
        await Until.Found(async () => (int)(await world.Simulated.StateAsync(world.Simulated.Odoo))["held"]! > 0 ? "" : null, "the look to be held");
        await world.Gateway.KillAsync();
        await world.Simulated.HealAsync(world.Simulated.Odoo);
        await world.RestartAsync();

        await Until.Found(async () => (await world.EventsAsync()).Count > 0 ? "" : null, "the event", seconds: 120);
        await world.SettledAsync();
        var told = Assert.Single(await world.EventsAsync());
        Assert.Equal("order.created.v1", (string?)told["type"]);
    }

    private static JsonNode OrderOf(int number) => new JsonObject
    {
        ["partner_id"] = 46,
        ["client_order_ref"] = $"PO-{number}",
        ["order_line"] = new JsonArray(new JsonArray(0, 0, new JsonObject { ["product_id"] = 15, ["product_uom_qty"] = 1, ["price_unit"] = 12.5 })),
    };
}
