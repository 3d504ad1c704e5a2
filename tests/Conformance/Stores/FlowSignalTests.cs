using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>What flows hear of the log: starts and signals, early and late, once, and lost by no save.</summary>
public sealed class FlowSignalTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_was_heard_is_stored_once_per_version_of_the_cursor_all_of_it_or_nothing(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        var hearings = Enumerable.Range(1, 8).Select(n => new FlowHearing(FlowRecords.Reader, default, n)
        {
            Starts = [FlowRecords.Begun(FlowRecords.Instance(fixture, $"f{n}")) with { Entries = [new FlowEntry(0, now, "", "started")], Events = [FlowRecords.Event(now, $"e{n}")] }],
            Signals = [FlowRecords.Picked("P", n)],
        }).ToList();
        var woken = store.WaitForAppendAsync(TimeSpan.FromHours(1), Cancellation).AsTask();

        var heard = await Task.WhenAll(hearings.Select(h => Task.Run(() => store.HearAsync(h, Cancellation).AsTask(), Cancellation)));
        await woken.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);

        var that = Array.IndexOf(heard, true) + 1;
        Assert.Single(heard, h => h);
        Assert.Equal(new Cursor(that, 1), await store.FindCursorAsync(FlowRecords.Reader, Cancellation));
        Assert.Equal([$"f{that}"], (await store.FlowsAsync(new FlowFilter(), 99, Cancellation)).Select(i => i.Id));
        Assert.Equal([$"e{that}"], (await store.ReadEventsAsync(0, 99, Cancellation)).Select(e => e.Event.Id));
        Assert.Equal([(long)that], await PositionsAsync(store, "P"));
        Assert.Equal(new FlowEntry(1, now, "", "started"), Assert.Single(await store.FlowJournalAsync($"f{that}", Cancellation)));
        var from = new Cursor(that, 1);
        Assert.True(await store.HearAsync(new FlowHearing(FlowRecords.Reader, from, 20), Cancellation));
        Assert.False(await store.HearAsync(new FlowHearing(FlowRecords.Reader, from, 21) { Signals = [FlowRecords.Picked("P", 21)] }, Cancellation));
        Assert.Equal(new Cursor(20, 2), await store.FindCursorAsync(FlowRecords.Reader, Cancellation));
        Assert.True(await store.HearAsync(new FlowHearing("others", default, 1), Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task An_instance_that_is_there_is_not_started_again_and_nothing_of_the_second_is_stored(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await store.HearAsync([FlowRecords.Begun(FlowRecords.Instance(fixture, "f1"), FlowRecords.Pick("P1"))]);
        FlowMove Again(string id) => FlowRecords.Begun(FlowRecords.Instance(fixture, id) with { Stage = "again" }, FlowRecords.Pick("P2")) with
        {
            Entries = [new FlowEntry(0, now, "", "again")],
            Events = [FlowRecords.Event(now, "e-again")],
        };

        // The signal of the same call writes the instance that is there; and one call may start one twice.
        var twice = FlowRecords.Begun(FlowRecords.Instance(fixture, "f2"));
        await store.HearAsync([Again("f1"), twice, Again("f2")], FlowRecords.Picked("P1", 5));

        var first = await store.FlowAsync("f1");
        Assert.Equal(("credit", 1, 1), (first.Stage, first.Version, first.Heard));
        Assert.Equal(("credit", 0), ((await store.FlowAsync("f2")).Stage, (await store.FlowAsync("f2")).Heard));
        Assert.Empty(await store.FlowJournalAsync("f1", Cancellation));
        Assert.Empty(await store.FlowJournalAsync("f2", Cancellation));
        Assert.Empty(await store.ReadEventsAsync(0, 9, Cancellation));
        Assert.Empty(await store.FlowsAsync(new FlowFilter { Ref = "P2" }, 9, Cancellation));
        foreach (var wrong in (FlowMove[])[new(first), twice with { Audit = fixture.Audit("a", 200) }])
            await Assert.ThrowsAsync<ArgumentException>(() => store.HearAsync(new FlowHearing("others", default, 1) { Starts = [wrong] }, Cancellation).AsTask());
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_signal_makes_due_at_once_what_it_is_for_and_leaves_the_version(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        FlowInstance Waits(string id, string tenant = "acme") => FlowRecords.Instance(fixture, id, tenant) with { WakeAt = null };
        await store.HearAsync(
        [
            FlowRecords.Begun(Waits("a"), FlowRecords.Pick("P1")), FlowRecords.Begun(Waits("timed") with { WakeAt = now.AddDays(1) }, FlowRecords.Pick("P1")),
            FlowRecords.Begun(Waits("due") with { WakeAt = now.AddSeconds(-9) }, FlowRecords.Pick("P1")), FlowRecords.Begun(Waits("paused") with { State = FlowState.Paused }, FlowRecords.Pick("P1")),
            FlowRecords.Begun(Waits("ended") with { State = FlowState.Done, EndedAt = now }, FlowRecords.Pick("P1")), FlowRecords.Begun(Waits("other"), FlowRecords.Pick("P2"), new FlowRef("parcel", "P1")),
            FlowRecords.Begun(Waits("eu", "eu"), FlowRecords.Pick("P1")),
        ]);
        Assert.Equal(["due"], await store.DueAsync(fixture));
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));

        // Also what the same call starts.
        await store.HearAsync([FlowRecords.Begun(Waits("same"), FlowRecords.Pick("P1"))], FlowRecords.Picked("P1", 3), FlowRecords.Picked("P1", 4), FlowRecords.Picked("P9", 5));

        Assert.Equal(["a", "due", "paused", "same", "timed"], (await store.DueAsync(fixture)).Order());
        Assert.Equal("due", (await store.DueAsync(fixture)).First());
        Assert.Equal([(1, true), (1, true), (1, false), (1, false)], await Task.WhenAll(((string[])["a", "same", "other", "eu"]).Select(async id => ((await store.FlowAsync(id)).Version, (await store.FlowAsync(id)).Heard > 0))));
        Assert.Equal((now.AddSeconds(-9), null), ((await store.FlowAsync("due")).WakeAt, (await store.FlowAsync("ended")).WakeAt));
        Assert.Equal(0, (await store.FlowAsync("ended")).Heard);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_signal_is_kept_once_and_wakes_once_and_signals_come_in_the_order_of_the_log(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var shipped = FlowRecords.Picked("P1", 4) with { Type = "order.shipped.v1" };
        var longer = FlowRecords.Picked(new string('ü', 20_000), 6);
        await store.HearAsync([FlowRecords.Begun(FlowRecords.Instance(fixture, "f1") with { WakeAt = null }, FlowRecords.Pick("P1"))],
            FlowRecords.Picked("P1", 5), FlowRecords.Picked("P1", 3), FlowRecords.Picked("P1", 5), shipped, FlowRecords.Picked("P1", 4, "eu"), longer);
        await store.ChangeAsync("f1", i => i with { WakeAt = null });
        Assert.Empty(await store.DueAsync(fixture));

        await store.HearAsync([], FlowRecords.Picked("P1", 5), FlowRecords.Picked("P1", 3));

        Assert.Empty(await store.DueAsync(fixture));
        Assert.Equal([FlowRecords.Picked("P1", 3), FlowRecords.Picked("P1", 5)], await store.FlowSignalsAsync("acme", "pick.confirmed.v1", "pick", "P1", 9, Cancellation));
        Assert.Equal([FlowRecords.Picked("P1", 3)], await store.FlowSignalsAsync("acme", "pick.confirmed.v1", "pick", "P1", 1, Cancellation));
        Assert.Equal([shipped], await store.FlowSignalsAsync("acme", "order.shipped.v1", "pick", "P1", 9, Cancellation));
        Assert.Equal([4L], await PositionsAsync(store, "P1", "eu"));
        Assert.Equal([longer], await store.FlowSignalsAsync("acme", longer.Type, "pick", longer.Value, 9, Cancellation));
        Assert.Empty(await store.FlowSignalsAsync("acme", "pick.confirmed.v1", "parcel", "P1", 9, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_signal_that_comes_while_an_instance_is_worked_on_is_not_lost_by_its_save(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await store.HearAsync([FlowRecords.Begun(FlowRecords.Instance(fixture, "f1"), FlowRecords.Pick("P1"))]);
        var leased = (await store.SaveFlowAsync(new FlowMove(await store.FlowAsync("f1") with { Owner = StoreFixture.Owner, LeaseUntil = now.AddMinutes(1) }), Cancellation))!;

        await store.HearAsync([], FlowRecords.Picked("P1", 2));
        Assert.Empty(await store.DueAsync(fixture));
        var between = await store.SaveFlowAsync(new FlowMove(leased with { Stage = "between" }), Cancellation);
        // Two saves from what was read before the signal: neither knows of it.
        Assert.NotNull(await store.SaveFlowAsync(new FlowMove(between! with { Stage = "pick", WakeAt = now.AddDays(1), Owner = null, LeaseUntil = null }), Cancellation));

        Assert.Equal(["f1"], await store.DueAsync(fixture));
        Assert.Equal((now, "pick", 1), ((await store.FlowAsync("f1")).WakeAt, (await store.FlowAsync("f1")).Stage, (await store.FlowAsync("f1")).Heard));
        await store.ChangeAsync("f1", i => i with { WakeAt = null });
        Assert.Empty(await store.DueAsync(fixture));
        // One that ends has nothing to hear.
        var read = await store.FlowAsync("f1");
        await store.HearAsync([], FlowRecords.Picked("P1", 3));
        Assert.NotNull(await store.SaveFlowAsync(new FlowMove(read with { State = FlowState.Done, Stage = "", WakeAt = null }), Cancellation));
        Assert.Empty(await store.DueAsync(fixture));
        Assert.Null((await store.FlowAsync("f1")).WakeAt);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_signal_that_came_before_its_reference_makes_the_instance_due_when_it_gets_it(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.HearAsync([], FlowRecords.Picked("P1", 2), FlowRecords.Picked("P2", 3), FlowRecords.Picked("P3", 4, "eu"));
        await store.HearAsync([FlowRecords.Begun(FlowRecords.Instance(fixture, "begun") with { WakeAt = null }, FlowRecords.Pick("P2"))]);
        Assert.Equal(["begun"], await store.DueAsync(fixture));
        await store.BeginAsync(FlowRecords.Instance(fixture, "f1") with { WakeAt = null });

        // Who saves goes on from what it has, and may not have looked: the wake outlasts its next save.
        var saved = await store.ChangeAsync("f1", i => i with { WakeAt = null }, FlowRecords.Pick("P1"), FlowRecords.Pick("P3"));
        Assert.NotNull(await store.SaveFlowAsync(new FlowMove(saved with { WakeAt = null }), Cancellation));
        Assert.Equal(["begun", "f1"], (await store.DueAsync(fixture)).Order());

        // A reference that it has is no news, nor is one of another tenant or kind.
        await store.ChangeAsync("f1", i => i with { WakeAt = null }, FlowRecords.Pick("P1"), FlowRecords.Pick("P3"), new FlowRef("parcel", "P2"));
        Assert.Equal(["begun"], await store.DueAsync(fixture));
        await store.ChangeAsync("f1", i => i with { WakeAt = null, State = FlowState.Done }, FlowRecords.Pick("P2"));
        Assert.Equal(["begun"], await store.DueAsync(fixture));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Signals_are_forgotten_up_to_a_position_when_nothing_can_wait_for_them(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        FlowMove Found(string id, FlowState state, string pick) => FlowRecords.Begun(FlowRecords.Instance(fixture, id) with { State = state, WakeAt = null }, FlowRecords.Pick(pick));
        await store.HearAsync([Found("open", FlowState.Parked, "OPEN"), Found("ended", FlowState.Failed, "ENDED"), Found("long", FlowState.Running, new string('x', 9000))],
            FlowRecords.Picked("OPEN", 1), FlowRecords.Picked("ENDED", 2), FlowRecords.Picked("NOBODY", 3), FlowRecords.Picked("NOBODY", 4), FlowRecords.Picked("LATE", 5), FlowRecords.Picked(new string('x', 9000), 1),
            FlowRecords.Picked(new string('y', 9000), 1));

        Assert.Equal(2, await store.ForgetSignalsAsync(4, 2, Cancellation));
        Assert.Equal((0, 2), ((await PositionsAsync(store, new string('y', 9000))).Count + (await PositionsAsync(store, "ENDED")).Count, (await PositionsAsync(store, "NOBODY")).Count));
        Assert.Equal(2, await store.ForgetSignalsAsync(4, 9, Cancellation));
        Assert.Equal(0, await store.ForgetSignalsAsync(4, 9, Cancellation));

        foreach (var (value, count) in ((string, int)[])[("OPEN", 1), ("ENDED", 0), ("NOBODY", 0), ("LATE", 1), (new string('x', 9000), 1)]) Assert.Equal(count, (await PositionsAsync(store, value)).Count);
        await store.ChangeAsync("open", i => i with { State = FlowState.Cancelled });
        Assert.Equal(1, await store.ForgetSignalsAsync(4, 9, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task References_and_signals_that_come_at_the_same_time_find_each_other(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await ReferencesMeetSignalsAsync(fixture.Clock.GetUtcNow(), store, store);
    }

    [Fact]
    public async Task References_and_signals_that_come_at_the_same_time_find_each_other_over_two_nodes()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await ReferencesMeetSignalsAsync(TimeProvider.System.GetUtcNow(), nodes[0], nodes[1]);
    }

    private static async Task ReferencesMeetSignalsAsync(DateTimeOffset now, IStore works, IStore hears)
    {
        const int Count = 150;
        await works.BeginAsync(Enumerable.Range(0, Count).Select(n => FlowRecords.Instance(now, $"f{n}") with { WakeAt = null }));
        var read = await Task.WhenAll(Enumerable.Range(0, Count).Select(n => works.FlowAsync($"f{n}")));

        var saves = Enumerable.Range(0, Count).Select(n => Task.Run(
            () => works.SaveFlowAsync(new FlowMove(read[n] with { Stage = "pick" }) { Refs = [FlowRecords.Pick($"P{n}")] }, Cancellation).AsTask(), Cancellation)).ToList();
        foreach (var some in Enumerable.Range(0, Count).Chunk(10)) await hears.HearAsync([], [.. some.Select(n => FlowRecords.Picked($"P{n}", n + 1))]);

        Assert.All(await Task.WhenAll(saves), saved => Assert.Equal(2, saved!.Version));
        var after = await Task.WhenAll(Enumerable.Range(0, Count).Select(n => works.FlowAsync($"f{n}")));
        Assert.All(after, instance => Assert.Equal(("pick", 1, true), (instance.Stage, instance.Heard, instance.WakeAt is not null)));

        // And a wake that comes while each of them is saved is kept, whichever was first.
        saves = [.. after.Select(instance => Task.Run(() => works.SaveFlowAsync(new FlowMove(instance with { Stage = "ship", WakeAt = null }), Cancellation).AsTask(), Cancellation))];
        foreach (var some in Enumerable.Range(0, Count).Chunk(10)) await hears.HearAsync([], [.. some.Select(n => FlowRecords.Picked($"P{n}", Count + n + 1))]);
        Assert.All(await Task.WhenAll(saves), saved => Assert.Equal(3, saved!.Version));
        after = await Task.WhenAll(Enumerable.Range(0, Count).Select(n => works.FlowAsync($"f{n}")));
        Assert.All(after, instance => Assert.Equal(("ship", 2, true), (instance.Stage, instance.Heard, instance.WakeAt is not null)));
    }

    private static async Task<List<long>> PositionsAsync(IStore store, string value, string tenant = "acme") =>
        [.. (await store.FlowSignalsAsync(tenant, "pick.confirmed.v1", "pick", value, 99, Cancellation)).Select(s => s.Position)];
}
