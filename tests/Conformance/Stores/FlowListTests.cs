using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>What operators see of flows: lists, what each is found by, counts.</summary>
public sealed class FlowListTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Lists_are_newest_first_and_hold_what_is_asked_for(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        FlowInstance Made(string id, int age) => FlowRecords.Instance(fixture, id) with { CreatedAt = now.AddSeconds(-age), StageSince = now.AddSeconds(-age) };
        await store.BeginAsync(
            Made("new", 1) with { Stage = "pick label", PromisedAt = now }, Made("old", 9) with { Stage = "pick-label", PromisedAt = now.AddTicks(-1) }, Made("parked", 5) with { State = FlowState.Parked, Stage = "label" },
            Made("done", 7) with { State = FlowState.Done, Stage = "" }, Made("failed", 3) with { State = FlowState.Failed, Stage = "" }, Made("sync", 6) with { Flow = "stock-sync", Revision = "r0", Stage = "read_pick" },
            Made("eu", 2) with { Tenant = "eu", State = FlowState.Paused });

        await AssertAsync(new FlowFilter(), "new", "eu", "failed", "parked", "sync", "done", "old");
        await AssertAsync(new FlowFilter { Open = true }, "new", "eu", "parked", "sync", "old");
        await AssertAsync(new FlowFilter { State = FlowState.Running }, "new", "sync", "old");
        await AssertAsync(new FlowFilter { State = FlowState.Done }, "done");
        await AssertAsync(new FlowFilter { State = FlowState.Done, Open = true });
        await AssertAsync(new FlowFilter { Flow = "stock-sync" }, "sync");
        await AssertAsync(new FlowFilter { Tenant = "eu", Open = true }, "eu");
        await AssertAsync(new FlowFilter { Revision = "r0", Open = true }, "sync");
        // Whole names.
        await AssertAsync(new FlowFilter { Step = "label" }, "new", "parked");
        await AssertAsync(new FlowFilter { Step = "pick" }, "new");
        await AssertAsync(new FlowFilter { Step = "pick label" });
        await AssertAsync(new FlowFilter { Step = "" });
        await AssertAsync(new FlowFilter { Step = "Label" });
        await AssertAsync(new FlowFilter { Step = "l%" });
        await AssertAsync(new FlowFilter { Before = now.AddSeconds(-5) }, "sync", "done", "old");
        await AssertAsync(new FlowFilter { PromisedBefore = now }, "old");
        await AssertAsync(new FlowFilter { Open = true, Flow = "order-to-ship", Tenant = "acme", State = FlowState.Running, Step = "pick-label", Before = now, PromisedBefore = now, Ref = "key-old" }, "old");
        Assert.Equal(["new", "eu"], (await store.FlowsAsync(new FlowFilter(), 2, Cancellation)).Select(i => i.Id));
        Assert.All(await store.FlowsAsync(new FlowFilter(), 99, Cancellation), i => Assert.True(i.Body.IsEmpty && !i.Unreadable));
        Assert.Equal(await store.FlowAsync("new") with { Body = default }, (await store.FlowsAsync(new FlowFilter(), 1, Cancellation))[0]);

        async Task AssertAsync(FlowFilter filter, params string[] expected) => Assert.Equal(expected, (await store.FlowsAsync(filter, 99, Cancellation)).Select(i => i.Id));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task An_instance_is_found_by_its_key_and_by_all_that_it_was_given_of_whatever_kind(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var longest = new string('é', 30_000);
        await store.HearAsync([FlowRecords.Begun(FlowRecords.Instance(fixture, "f1"), FlowRecords.Pick("WH/OUT/00042"))]);
        await store.ChangeAsync("f1", i => i, new FlowRef("parcel", "1Z 999"), FlowRecords.Pick("WH/OUT/00042"), FlowRecords.Pick(longest));
        await store.BeginAsync(FlowRecords.Instance(fixture, "f2", "eu"));
        await store.ChangeAsync("f2", i => i, new FlowRef("invoice", "1Z 999"));

        foreach (var value in (string[])["key-f1", "WH/OUT/00042", longest]) Assert.Equal(["f1"], await FoundAsync(value));
        Assert.Equal(["f1", "f2"], (await FoundAsync("1Z 999")).Order());
        Assert.Equal(["f2"], (await store.FlowsAsync(new FlowFilter { Ref = "1Z 999", Tenant = "eu" }, 9, Cancellation)).Select(i => i.Id));
        Assert.Empty(await FoundAsync("1z 999"));
        Assert.Empty(await FoundAsync(longest[1..]));
        Assert.Empty(await store.FlowsAsync(new FlowFilter { Ref = "key-f1", State = FlowState.Done }, 9, Cancellation));

        async Task<IEnumerable<string>> FoundAsync(string value) => (await store.FlowsAsync(new FlowFilter { Ref = value }, 9, Cancellation)).Select(i => i.Id);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_has_not_ended_is_counted_by_where_it_stands(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        Assert.Empty(await store.FlowCountsAsync(Cancellation));
        FlowInstance Stands(string id, string stage, int age, int? promised = null) =>
            FlowRecords.Instance(fixture, id) with { Stage = stage, StageSince = now.AddSeconds(-age), PromisedAt = promised is { } seconds ? now.AddSeconds(seconds) : null };
        await store.BeginAsync(
            Stands("a", "pick", 3, -1), Stands("b", "pick", 8, 0), Stands("c", "pick", 5, 1), Stands("d", "pick", 1), Stands("e", "credit", 2), Stands("f", "pick", 4, -1) with { State = FlowState.Parked },
            Stands("g", "pick", 7) with { Flow = "stock-sync", State = FlowState.Undoing }, Stands("h", "", 9, -9) with { State = FlowState.Done }, Stands("i", "", 9) with { State = FlowState.Failed },
            Stands("j", "", 9) with { State = FlowState.Cancelled });

        Assert.Equal(
        [
            new FlowCount("order-to-ship", FlowState.Running, "credit", 1, now.AddSeconds(-2), 0), new FlowCount("order-to-ship", FlowState.Running, "pick", 4, now.AddSeconds(-8), 1),
            new FlowCount("order-to-ship", FlowState.Parked, "pick", 1, now.AddSeconds(-4), 1), new FlowCount("stock-sync", FlowState.Undoing, "pick", 1, now.AddSeconds(-7), 0),
        ], await store.FlowCountsAsync(Cancellation));
        fixture.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(3, (await store.FlowCountsAsync(Cancellation))[1].Late);
    }
}
