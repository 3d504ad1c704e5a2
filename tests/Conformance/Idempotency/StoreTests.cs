using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Idempotency;

/// <summary>What the store has to do with it: without it nothing is written, and what it keeps is bounded.</summary>
public sealed class StoreTests
{
    private static readonly string Body = Orders.Body("PO-1");

    [Theory]
    [InlineData(nameof(IStore.FindKeyAsync))]
    [InlineData(nameof(IStore.BeginAsync))]
    public async Task Without_the_store_a_change_is_refused_and_never_let_through(string away)
    {
        AwayStore? store = null;
        await using var world = await KindWorld.StartAsync([Orders.Routes], aroundStore: inner => (store = AwayStore.Around(inner)).Store);
        store!.Away = call => call == away;

        var refused = await world.SendAsync("k-1", Body);

        Assert.Equal((503, "store-unavailable", false), refused.Kind());
        Assert.InRange(refused.RetryAfter(), 1, 5);
        Assert.Equal(0, world.Odoo.Requests);
        store.Away = null;
        Assert.Equal((201, "", false), (await world.SendAsync("k-1", Body)).Kind());
    }

    [Fact]
    public async Task When_the_store_goes_away_after_the_call_the_repeat_finds_what_was_done()
    {
        AwayStore? store = null;
        await using var world = await KindWorld.StartAsync([Orders.Routes], aroundStore: inner => (store = AwayStore.Around(inner)).Store);
        store!.Away = call => call is nameof(IStore.CompleteAsync) or nameof(IStore.LeaseAsync);
        Assert.Equal((503, "store-unavailable", false), (await world.SendAsync("k-1", Body)).Kind());

        store.Away = null;

        Assert.Equal((201, "", true), (await world.UntilAnsweredAsync("k-1", Body)).Kind());
        Assert.Single(world.Odoo.Orders);
        Assert.Equal(1, world.Odoo.CallsOf("sale.order", "load"));
    }

    [Fact]
    public async Task An_answer_that_is_too_long_to_be_kept_is_made_again_of_what_was_done()
    {
        var ledger = new LedgerAdapter(readsBack: false) { Act = LedgerAdapter.DoneAs("L-1", length: 2 << 20) };
        await using var world = await KindWorld.StartAsync([Orders.Routes], adapters: ledger.With);
        var made = await world.SendAsync("k-1", Body);
        Assert.Equal((201, "", false), made.Kind());

        foreach (var _ in Enumerable.Range(0, 2))
        {
            var again = await world.SendAsync("k-1", Body);
            Assert.Equal(((201, "", true), made.Header("Location")), (again.Kind(), again.Header("Location")));
            Assert.True(made.Body == again.Body, "the answer is another");
        }
        Assert.Equal((200, "", false), (await world.SendAsync("k-2", Body)).Kind());
        Assert.Single(ledger.Calls);
    }

    /// <summary>Nodes agree on the store's clock: a node whose own is ten minutes off leases for as long as all others.</summary>
    [Theory]
    [InlineData(10)]
    [InlineData(-10)]
    public async Task Leases_go_by_the_clock_of_the_store_and_not_by_that_of_the_node(int minutes)
    {
        var node = new MovedClock();
        node.Advance(TimeSpan.FromMinutes(minutes));
        Intent? leased = null;
        AwayStore? store = null;
        var ledger = new LedgerAdapter(readsBack: false);
        await using var world = await KindWorld.StartAsync([Orders.Routes], clock: node, adapters: ledger.With, aroundStore: inner => (store = AwayStore.Around(inner)).Store);
        store!.Clock = TimeProvider.System;
        ledger.Act = call =>
        {
            leased = store.Store.IntentsAsync(IntentState.Open, 1, CancellationToken.None).AsTask().GetAwaiter().GetResult().Single();
            return LedgerAdapter.DoneAs("L-1")(call);
        };

        Assert.Equal(201, (await world.SendAsync("k-1", Body)).Status);

        var now = TimeProvider.System.GetUtcNow();
        Assert.InRange(leased!.LeaseUntil, now, now + TimeSpan.FromSeconds(8));
        Assert.Equal((leased.LeaseUntil, TimeSpan.FromSeconds(7.5)), (leased.OverAt, leased.OverAt - leased.CreatedAt));
    }
}
