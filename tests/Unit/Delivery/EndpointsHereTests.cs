using Gateway.Delivery.Placement;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>Which endpoints a node sends to, and what it does when that changes.</summary>
public sealed class EndpointsHereTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static CancellationToken Cancellation => WebhookWorld.Cancellation;

    [Fact]
    public async Task It_sends_to_those_it_is_told_of_and_to_all_when_nobody_tells()
    {
        await using var world = await WebhookWorld.NewAsync();
        foreach (var name in (string[])["a", "b", "c"]) world.Subscribe(name);
        await world.StartAsync();
        world.Here.Held.HoldTold();
        world.Here.Held.Hold("acme/a");

        await world.HappenAsync("1");
        await UntilAsync(world, "a");
        world.Here.Held.Hold("acme/b");
        await UntilAsync(world, "a", "b");
        Assert.True(world.Here.Held.Holds("acme/a") && !world.Here.Held.Holds("acme/c"));

        world.Here.Held.LetGo("acme/a");
        await world.HappenAsync("2");
        await UntilAsync(world, "a", "b", "b");

        world.Here.Held.HoldAll();
        await UntilAsync(world, "a", "a", "b", "b", "c", "c");
        await WebhookWorld.EventuallyAsync(async () => (await world.Store.DeliveriesAsync(DeliveryState.Delivered, 9, Cancellation)).Count == 6, "all are stored");
        Assert.All(await world.Store.DeliveriesAsync(null, 9, Cancellation), d => Assert.Equal(1, d.Attempts));
    }

    [Fact]
    public async Task One_that_is_held_for_a_while_is_let_go_by_itself_unless_it_is_held_for_good_meanwhile()
    {
        await using var world = await WebhookWorld.NewAsync();
        await world.StartAsync();
        world.Here.Held.HoldTold();

        world.Here.Held.Hold("acme/a", 10 * Second);
        world.Here.Held.Hold("acme/b", 10 * Second);
        world.Here.Held.Hold("acme/b");
        world.Here.Held.Hold("acme/b", 5 * Second);
        Assert.True(world.Here.Held.Holds("acme/a"));

        world.Clock.Advance(10 * Second);
        Assert.Equal((false, true), (world.Here.Held.Holds("acme/a"), world.Here.Held.Holds("acme/b")));
    }

    [Fact]
    public async Task What_is_under_way_when_its_endpoint_is_let_go_comes_to_its_end()
    {
        await using var world = await WebhookWorld.NewAsync();
        world.Subscribe("hook");
        var answer = new TaskCompletionSource();
        world.Behaviour["hook"] = _ => answer.Task;
        await world.StartAsync();
        world.Here.Held.HoldTold();
        world.Here.Held.Hold("acme/hook");
        await world.HappenAsync("1");
        await WebhookWorld.EventuallyAsync(() => world.Requests.Count == 1, "it is under way");

        world.Here.Held.LetGo("acme/hook");
        answer.SetResult();

        await WebhookWorld.EventuallyAsync(async () => (await world.OneAsync("hook"))!.State == DeliveryState.Delivered, "stored");
        Assert.Single(world.Requests);
    }

    [Fact]
    public async Task One_that_was_retaken_on_another_node_is_sent_to_within_a_second_though_its_circuit_was_open()
    {
        await using var world = await WebhookWorld.NewAsync();
        world.Subscriptions[0] = world.Subscribe("hook") with { Concurrency = 1, Schedule = [TimeSpan.FromHours(1)] };
        var status = 503;
        world.Behaviour["hook"] = context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        };
        await world.StartAsync();
        for (var i = 0; i < 12; i++) await world.HappenAsync($"{i}");
        await WebhookWorld.EventuallyAsync(() => world.Log.Any(l => l.Contains("is left alone", StringComparison.Ordinal)), "the circuit opens");
        status = 204;

        await world.Store.RetakeAsync(["acme/hook"], Cancellation);
        // Not for as long as the pause of five seconds, behind which one would be tried anyway.
        for (var looks = 0; looks < 3 && world.Requests.Count < 12; looks++)
        {
            world.Clock.Advance(Second);
            await Task.Delay(100, Cancellation);
        }

        await WebhookWorld.EventuallyAsync(() => world.Requests.Count == 12, "the two that were not tried arrive");
    }

    [Fact]
    public async Task A_delivery_whose_claim_took_longer_than_its_grace_is_not_sent_twice_by_this_node()
    {
        await using var world = await WebhookWorld.NewAsync();
        world.Subscribe("hook", "acme", TimeSpan.FromHours(1));
        var answer = new TaskCompletionSource();
        world.Behaviour["hook"] = _ => answer.Task;
        await world.StartAsync();
        await world.HappenAsync("1");
        await WebhookWorld.EventuallyAsync(() => world.Requests.Count == 1, "it is under way");

        // Its time is over and its claim with it, and its attempt is not stored yet.
        FlakyStore.Of(world.Store).Broken = method => method is "RecordAttemptAsync";
        for (var i = 0; i < 40; i++)
        {
            world.Clock.Advance(Second);
            await Task.Delay(5, Cancellation);
        }
        Assert.Single(world.Requests);
        FlakyStore.Of(world.Store).Broken = null;
        answer.SetResult();
        await world.AdvanceUntilAsync(async () => (await world.OneAsync("hook"))!.Attempts == 1, Second, "the attempt is stored");
        Assert.Single(world.Requests);
    }

    [Fact]
    public void Every_node_knows_where_an_endpoint_is_at_home_and_who_joins_takes_its_share_and_no_more()
    {
        var nodes = Enumerable.Range(1, 4).Select(n => $"10.0.0.{n}:11111").ToList();
        var keys = Enumerable.Range(0, 1000).Select(i => $"partner-{i % 97}/hook-{i}").ToList();
        string Home(string key, IEnumerable<string> of) => of.MaxBy(node => Homes.Weight(key, node))!;

        var before = keys.ToDictionary(k => k, k => Home(k, nodes.Take(3)));
        var after = keys.ToDictionary(k => k, k => Home(k, nodes.AsEnumerable().Reverse()));

        Assert.All(nodes.Take(3), node => Assert.InRange(before.Values.Count(n => n == node), 250, 420));
        Assert.All(nodes, node => Assert.InRange(after.Values.Count(n => n == node), 180, 320));
        Assert.All(keys.Where(k => before[k] != after[k]), k => Assert.Equal(nodes[3], after[k]));
    }

    /// <summary>These have got something, each as often as it is named, and nothing more comes.</summary>
    private static async Task UntilAsync(WebhookWorld world, params string[] endpoints)
    {
        await WebhookWorld.EventuallyAsync(() => world.Requests.Count >= endpoints.Length, string.Join(", ", endpoints));
        world.Clock.Advance(Second);
        await Task.Delay(50, Cancellation);
        Assert.Equal(endpoints, world.Requests.Select(r => r.Path).Order());
    }
}
