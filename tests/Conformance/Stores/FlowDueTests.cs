using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>Which instances are to be worked on: when, by whom, and what goes first where a backend is waited for.</summary>
public sealed class FlowDueTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_is_due_comes_earliest_first_of_the_shards_that_are_asked_for(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        Assert.Null(await store.NextFlowAsync(null, Cancellation));
        FlowInstance Wakes(string id, int shard, DateTimeOffset? at) => FlowRecords.Instance(fixture, id) with { Shard = shard, WakeAt = at };
        await store.BeginAsync(Wakes("c", 5, now), Wakes("a", 63, now.AddSeconds(-2)), Wakes("b", 0, now.AddSeconds(-1)), Wakes("later", 5, now.AddTicks(1)), Wakes("never", 5, null));

        Assert.Equal(["a", "b", "c"], await store.DueAsync(fixture));
        Assert.Equal(["a", "b"], (await store.DueFlowsAsync(now, "p", null, 2, Cancellation)).Select(i => i.Id));
        Assert.Equal(["a", "c"], await store.DueAsync(fixture, shards: [5, 63]));
        Assert.Empty(await store.DueAsync(fixture, shards: []));
        Assert.Equal(["a"], (await store.DueFlowsAsync(now.AddSeconds(-2), "p", null, 9, Cancellation)).Select(i => i.Id));
        Assert.Contains("later", (await store.DueFlowsAsync(now.AddTicks(1), "p", null, 9, Cancellation)).Select(i => i.Id));
        Assert.Equal("""{"total":"1.10"}""", StoreFixture.Text((await store.DueFlowsAsync(now, "p", null, 1, Cancellation))[0].Body));

        Assert.Equal(now.AddSeconds(-2), await store.NextFlowAsync(null, Cancellation));
        Assert.Equal(now, await store.NextFlowAsync([5, 6], Cancellation));
        Assert.Null(await store.NextFlowAsync([6], Cancellation));
        await store.ChangeAsync("c", i => i with { WakeAt = null });
        Assert.Equal(now.AddTicks(1), await store.NextFlowAsync([5], Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_is_leased_is_nobody_elses_until_its_lease_is_over_or_given_back(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await store.BeginAsync(FlowRecords.Instance(fixture, "a"), FlowRecords.Instance(fixture, "b"), FlowRecords.Instance(fixture, "asleep") with { WakeAt = null });
        foreach (var id in (string[])["a", "b", "asleep"]) await store.ChangeAsync(id, i => i with { Owner = StoreFixture.Owner, LeaseUntil = now.AddSeconds(30) });
        Assert.Empty(await store.DueAsync(fixture));
        // Nobody is told to come back while it is worked on, and what is asked ahead of time is leased all the same.
        Assert.InRange((await store.NextFlowAsync(null, Cancellation))!.Value, now.AddSeconds(30), now.AddSeconds(31));
        Assert.Empty(await store.DueFlowsAsync(now.AddHours(1), StoreFixture.Owner, null, 9, Cancellation));

        await store.ChangeAsync("a", i => i with { Owner = null, LeaseUntil = null });
        Assert.Equal(["a"], await store.DueAsync(fixture));
        Assert.Equal(now, await store.NextFlowAsync(null, Cancellation));
        await store.ChangeAsync("a", i => i with { WakeAt = null });
        fixture.Clock.Advance(TimeSpan.FromSeconds(32));

        Assert.Equal(["b"], await store.DueAsync(fixture));
        Assert.Empty(await store.DueAsync(fixture, shards: [1]));
        // Who stood still past its lease finds its version gone.
        var late = await store.FlowAsync("b");
        Assert.NotNull(await store.SaveFlowAsync(new FlowMove(late with { Owner = "process-2", LeaseUntil = fixture.Clock.GetUtcNow().AddSeconds(30) }), Cancellation));
        Assert.Null(await store.SaveFlowAsync(new FlowMove(late with { Stage = "late" }), Cancellation));
        Assert.Equal(("process-2", "credit"), ((await store.FlowAsync("b")).Owner, (await store.FlowAsync("b")).Stage));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_an_owner_that_is_dead_has_leased_is_due_and_of_one_that_may_live_it_is_not(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await store.BeginAsync(FlowRecords.Instance(fixture, "a") with { Owner = StoreFixture.Owner, LeaseUntil = now.AddSeconds(60) });
        await store.DisposeAsync();
        var again = await fixture.OpenAsync();

        // An embedded engine is one process's, so every other owner is dead.
        Assert.Equal(engine == "postgresql" ? [] : ["a"], await again.DueAsync(fixture, "process-2"));
        Assert.Empty(await again.DueAsync(fixture));
        fixture.OutliveLeases();
        Assert.Equal(["a"], await again.DueAsync(fixture, "process-2"));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_waits_for_a_backend_comes_most_urgent_first_then_the_oldest(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        FlowInstance Waits(string id, long urgency, int older = 0, int shard = 0) =>
            FlowRecords.Instance(fixture, id) with { Backend = "wms", Urgency = urgency, CreatedAt = now.AddSeconds(-older), Shard = shard, WakeAt = null };
        await store.BeginAsync(
            Waits("whenever", long.MaxValue, 99), Waits("tonight", 200, 1, 9), Waits("tonight-older", 200, 5), Waits("noon", 100, 0, 9), Waits("before", -1), Waits("other", 1) with { Backend = "tms" },
            Waits("none", 1) with { Backend = null });

        Assert.Equal(["before", "noon", "tonight-older", "tonight", "whenever"], (await store.FlowsWaitingForAsync("wms", null, 9, Cancellation)).Select(i => i.Id));
        Assert.Equal(["before", "noon"], (await store.FlowsWaitingForAsync("wms", null, 2, Cancellation)).Select(i => i.Id));
        Assert.Equal(["noon", "tonight"], (await store.FlowsWaitingForAsync("wms", [9, 10], 9, Cancellation)).Select(i => i.Id));
        Assert.Empty(await store.FlowsWaitingForAsync("odoo", null, 9, Cancellation));
        Assert.Empty(await store.DueAsync(fixture));
        await store.ChangeAsync("noon", i => i with { Backend = null });
        Assert.Equal(["tonight"], (await store.FlowsWaitingForAsync("wms", [9], 9, Cancellation)).Select(i => i.Id));
    }

    [Fact]
    public async Task Nodes_whose_clocks_are_apart_agree_on_what_is_due_and_what_is_leased()
    {
        await using var nodes = await Nodes.StartAsync(TimeSpan.Zero, TimeSpan.FromMinutes(7), TimeSpan.FromMinutes(-7));
        for (var n = 0; n < 3; n++)
        {
            var now = nodes.Clock(n).GetUtcNow();
            await nodes[n].BeginAsync(
                FlowRecords.Instance(now, $"due-{n}"), FlowRecords.Instance(now, $"later-{n}") with { WakeAt = now.AddMinutes(1) },
                FlowRecords.Instance(now, $"living-{n}") with { Owner = $"p{n}", LeaseUntil = now.AddMinutes(1) }, FlowRecords.Instance(now, $"dead-{n}") with { Owner = $"p{n}", LeaseUntil = now.AddSeconds(-2) });
        }

        for (var n = 0; n < 3; n++)
        {
            var now = nodes.Clock(n).GetUtcNow();
            Assert.Equal(["dead-0", "dead-1", "dead-2", "due-0", "due-1", "due-2"], (await nodes[n].DueFlowsAsync(now, $"p{n}", null, 99, Cancellation)).Select(i => i.Id).Order());
            for (var of = 0; of < 3; of++)
            {
                Assert.InRange((await nodes[n].FlowAsync($"later-{of}")).WakeAt!.Value, now.AddSeconds(40), now.AddSeconds(61));
                Assert.InRange((await nodes[n].FlowAsync($"living-{of}")).LeaseUntil!.Value, now.AddSeconds(40), now.AddSeconds(61));
            }
        }
        for (var n = 0; n < 3; n++)
        {
            var due = await nodes[n].FlowAsync($"due-{n}");
            Assert.Single(await nodes.AllAsync((node, taker) => node.SaveFlowAsync(new FlowMove(due with { Owner = $"p{taker}", LeaseUntil = nodes.Clock(taker).GetUtcNow().AddMinutes(1) }), Cancellation)), i => i is not null);
        }
    }
}
