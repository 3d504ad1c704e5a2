using System.Text;
using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>Instances of flows as they are saved: by version, with what comes with them, encrypted.</summary>
public sealed class FlowStoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task An_instance_comes_back_as_it_was_saved(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        Assert.Null(await store.FindFlowAsync("f1", Cancellation));

        var begun = await store.SaveFlowAsync(FlowRecords.Begun(FlowRecords.Instance(fixture, "f1")), Cancellation);

        Assert.Equal(FlowRecords.Instance(fixture, "f1") with { Version = 1, Body = begun!.Body }, begun);
        await AssertStoredAsync(store, begun);
        var moved = begun with
        {
            Revision = "r2",
            Shard = 7,
            State = FlowState.Parked,
            Stage = "pick label",
            StageSince = now.AddSeconds(-1),
            WakeAt = null,
            Backend = "wms",
            Urgency = -3,
            PromisedAt = now.AddHours(1),
            Owner = "process-1",
            LeaseUntil = now.AddMinutes(1),
            Reason = "no stock",
            Body = StoreFixture.Bytes("""{"total":"2.20"}"""),
        };
        var saved = await store.SaveFlowAsync(new FlowMove(moved), Cancellation);
        Assert.Equal(moved with { Version = 2 }, saved);
        await AssertStoredAsync(store, saved!);
        var ended = saved! with { State = FlowState.Cancelled, Stage = "", Backend = null, Urgency = long.MaxValue, PromisedAt = null, Owner = null, LeaseUntil = null, EndedAt = now, CorrelationId = null, TraceParent = null };
        await AssertStoredAsync(store, (await store.SaveFlowAsync(new FlowMove(ended), Cancellation))!);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Of_many_who_read_one_version_one_saves_and_nothing_of_the_others_is_stored(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        FlowMove StepOf(FlowInstance instance, int n) => new(instance with { Stage = $"s{n}" })
        {
            Entries = [new FlowEntry(0, now, "credit", $"by {n}")],
            Refs = [FlowRecords.Pick($"P{n}")],
            Events = [FlowRecords.Event(now, $"e{n}")],
            Audit = fixture.Audit($"a{n}", 200),
        };

        var begun = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(() => store.SaveFlowAsync(StepOf(FlowRecords.Instance(fixture, "f1"), n), Cancellation).AsTask(), Cancellation)));
        var first = Assert.Single(begun, i => i is not null)!;
        var saved = await Task.WhenAll(Enumerable.Range(10, 8).Select(n => Task.Run(() => store.SaveFlowAsync(StepOf(first, n), Cancellation).AsTask(), Cancellation)));
        var second = Assert.Single(saved, i => i is not null)!;

        Assert.Equal((2, second.Stage), ((await store.FlowAsync("f1")).Version, (await store.FlowAsync("f1")).Stage));
        string[] those = [first.Stage[1..], second.Stage[1..]];
        Assert.Equal(those.Select((n, i) => (i + 1, $"by {n}")), (await store.FlowJournalAsync("f1", Cancellation)).Select(e => (e.Number, e.What)));
        Assert.Equal(those.Select(n => "e" + n), (await store.ReadEventsAsync(0, 99, Cancellation)).Select(e => e.Event.Id));
        foreach (var n in Enumerable.Range(0, 18).Except([8, 9]).Select(n => $"{n}"))
        {
            Assert.Equal(those.Contains(n) ? 1 : 0, (await store.FindAuditAsync($"a{n}", 9, Cancellation)).Count);
            Assert.Equal(those.Contains(n) ? 1 : 0, (await store.FlowsAsync(new FlowFilter { Ref = $"P{n}" }, 9, Cancellation)).Count);
        }
        Assert.Empty((await AuditTests.VerifyAsync(store)).Findings);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Events_of_a_step_are_in_the_log_with_it_once_and_wake_who_reads(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await store.BeginAsync(FlowRecords.Instance(fixture, "f1"));
        var woken = store.WaitForAppendAsync(TimeSpan.FromHours(1), Cancellation).AsTask();

        var step = new FlowMove(await store.FlowAsync("f1")) { Events = [FlowRecords.Event(now, "e1") with { TraceParent = "t", CorrelationId = "c" }, FlowRecords.Event(now, "e2"), FlowRecords.Event(now, "e1", "/other")] };
        Assert.NotNull(await store.SaveFlowAsync(step, Cancellation));
        await woken.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        // A step that is done again after an operator has set it back tells what it has told.
        await store.SaveFlowAsync(step with { Instance = await store.FlowAsync("f1"), Events = [FlowRecords.Event(now, "e2"), FlowRecords.Event(now, "e3")] }, Cancellation);
        Assert.Null(await store.SaveFlowAsync(step with { Events = [FlowRecords.Event(now, "late")] }, Cancellation));

        var log = await store.ReadEventsAsync(0, 99, Cancellation);
        Assert.Equal([("e1", "/flows", 1L), ("e2", "/flows", 2L), ("e1", "/other", 3L), ("e3", "/flows", 4L)], log.Select(e => (e.Event.Id, e.Event.Source, e.Sequence)));
        Assert.Equal(step.Events[0], log[0].Event with { Data = step.Events[0].Data });
        Assert.Equal("""{"total":"1.10"}""", StoreFixture.Text(log[3].Event.Data));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task The_journal_is_dense_and_keeps_its_order_whatever_numbers_are_given(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await store.SaveFlowAsync(FlowRecords.Begun(FlowRecords.Instance(fixture, "other")) with { Entries = [new FlowEntry(1, now, "", "started")] }, Cancellation);
        await store.SaveFlowAsync(FlowRecords.Begun(FlowRecords.Instance(fixture, "f1")) with
        {
            Entries = [new FlowEntry(1, now, "", "started"), new FlowEntry(2, now.AddSeconds(1), "credit", "calling") { Detail = "limit ü\0" }],
        }, Cancellation);
        await store.SaveFlowAsync(new FlowMove(await store.FlowAsync("f1")) { Entries = [new FlowEntry(7, now.AddSeconds(2), "credit", "done") { Detail = "" }, new FlowEntry(0, now.AddSeconds(2), "pick", "calling")] }, Cancellation);

        Assert.Equal(
        [
            new FlowEntry(1, now, "", "started"), new FlowEntry(2, now.AddSeconds(1), "credit", "calling") { Detail = "limit ü\uFFFD" },
            new FlowEntry(3, now.AddSeconds(2), "credit", "done") { Detail = "" }, new FlowEntry(4, now.AddSeconds(2), "pick", "calling"),
        ], await store.FlowJournalAsync("f1", Cancellation));
        Assert.Empty(await store.FlowJournalAsync("nobody", Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_save_without_a_body_leaves_the_one_that_is_stored(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.BeginAsync(FlowRecords.Instance(fixture, "f1"), FlowRecords.Instance(fixture, "none") with { Body = default });

        var listed = Assert.Single(await store.FlowsAsync(new FlowFilter { Ref = "key-f1" }, 9, Cancellation));
        Assert.True(listed.Body.IsEmpty);
        Assert.NotNull(await store.SaveFlowAsync(new FlowMove(listed with { State = FlowState.Paused }), Cancellation));

        Assert.Equal((FlowState.Paused, """{"total":"1.10"}"""), ((await store.FlowAsync("f1")).State, StoreFixture.Text((await store.FlowAsync("f1")).Body)));
        Assert.Equal((false, true), ((await store.FlowAsync("none")).Unreadable, (await store.FlowAsync("none")).Body.IsEmpty));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_definition_is_kept_as_it_was_first(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        Assert.Null(await store.FindDefinitionAsync("order-to-ship", "r1", Cancellation));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => store.KeepDefinitionAsync(new FlowDefinition("order-to-ship", "r1", StoreFixture.Bytes("{}"), now), Cancellation).AsTask()));
        await store.KeepDefinitionAsync(new FlowDefinition("order-to-ship", "r1", StoreFixture.Bytes("[]"), now.AddHours(1)), Cancellation);
        await store.KeepDefinitionAsync(new FlowDefinition("order-to-ship", "r2", StoreFixture.Bytes("""{"a":1}"""), now), Cancellation);

        var first = (await store.FindDefinitionAsync("order-to-ship", "r1", Cancellation))!;
        Assert.Equal(("order-to-ship", "r1", now, "{}"), (first.Flow, first.Revision, first.At, StoreFixture.Text(first.Document)));
        Assert.Equal("""{"a":1}""", StoreFixture.Text((await store.FindDefinitionAsync("order-to-ship", "r2", Cancellation))!.Document));
        Assert.Null(await store.FindDefinitionAsync("stock-sync", "r1", Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_an_instance_knows_and_its_journal_tells_is_in_clear_in_no_file(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        const string Secret = "Jane Doe, 5 Elm Street";
        await store.HearAsync([FlowRecords.Begun(FlowRecords.Instance(fixture, "heard") with { Body = Bytes(Secret) }) with { Entries = [Entry(Secret)], Events = [FlowRecords.Event(fixture.Clock.GetUtcNow(), "e1") with { Data = Bytes(Secret) }] }]);
        await store.SaveFlowAsync(new FlowMove(FlowRecords.Instance(fixture, "saved") with { Body = Bytes(Secret) }) { Entries = [Entry(Secret)] }, Cancellation);
        await store.ChangeAsync("heard", i => i with { Body = Bytes(Secret + "!") });

        var files = Directory.GetFiles(await fixture.CopyOfDataAsync(), "*", SearchOption.AllDirectories);

        Assert.NotEmpty(files);
        foreach (var file in files) Assert.Equal(-1, File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(Secret)));
        Assert.Equal(Secret + "!", StoreFixture.Text((await store.FlowAsync("heard")).Body));
        Assert.Equal(Secret, Assert.Single(await store.FlowJournalAsync("saved", Cancellation)).Detail);

        FlowEntry Entry(string detail) => new(0, fixture.Clock.GetUtcNow(), "ship", "done") { Detail = detail };
        static byte[] Bytes(string text) => StoreFixture.Bytes(text);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_can_not_be_read_says_so_hides_no_other_and_is_not_lost_by_a_save(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await store.SaveFlowAsync(FlowRecords.Begun(FlowRecords.Instance(fixture, "f1") with { Backend = "wms" }) with { Entries = [new FlowEntry(0, now, "", "started") { Detail = "d" }] }, Cancellation);
        await store.BeginAsync(FlowRecords.Instance(fixture, "f2") with { Backend = "wms" });
        await fixture.BytesAsync("UPDATE flow_instances SET body = substr(body, 2) WHERE id = 'f1'");
        await fixture.BytesAsync("UPDATE flow_journal SET detail = substr(detail, 2) WHERE instance = 'f1'");
        var broken = Assert.Single(await fixture.BytesAsync("SELECT body FROM flow_instances WHERE id = 'f1'"));

        foreach (var found in (FlowInstance[][])[[await store.FlowAsync("f1"), await store.FlowAsync("f2")], [.. await store.DueFlowsAsync(now, "p", null, 9, Cancellation)], [.. await store.FlowsWaitingForAsync("wms", null, 9, Cancellation)]])
            Assert.Equal([("f1", true, 0), ("f2", false, 16)], found.Select(i => (i.Id, i.Unreadable, i.Body.Length)));
        Assert.Equal(("started", null), ((await store.FlowJournalAsync("f1", Cancellation))[0].What, (await store.FlowJournalAsync("f1", Cancellation))[0].Detail));

        await store.ChangeAsync("f1", i => i with { State = FlowState.Parked, Reason = "can't be read" });
        Assert.Equal(broken, Assert.Single(await fixture.BytesAsync("SELECT body FROM flow_instances WHERE id = 'f1'")));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task A_store_of_before_is_migrated_with_all_that_is_in_it(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await DurabilityTests.FillAsync(fixture, store);
        Assert.True(await store.AdvanceAsync(FlowRecords.Reader, default, 7, [], Cancellation));
        await store.DisposeAsync();
        await fixture.BytesAsync("DROP TABLE flow_instances");
        foreach (var table in (string[])["flow_journal", "flow_refs", "flow_signals", "flow_definitions", "flow_figures", "flow_hours"]) await fixture.BytesAsync($"DROP TABLE {table}");
        if (engine == "postgresql") await fixture.BytesAsync("ALTER TABLE cursors DROP COLUMN moved_by");
        // The steps behind that of the flows made these.
        foreach (var index in (string[])["events_subject", "deliveries_event", "deliveries_dead_line"]) await fixture.BytesAsync($"DROP INDEX {index}");
        await fixture.BytesAsync("ALTER TABLE events DROP COLUMN standing");
        foreach (var table in (string[])["feed_hints", "event_numbers"]) await fixture.BytesAsync($"DROP TABLE {table}");
        await fixture.BytesAsync("DELETE FROM schema_version WHERE version > (SELECT max(version) FROM schema_version) - 7");

        var upgraded = await fixture.OpenAsync();

        await DurabilityTests.AssertFilledAsync(fixture, upgraded);
        Assert.Equal(new Cursor(7, 1), await upgraded.FindCursorAsync(FlowRecords.Reader, Cancellation));
        await upgraded.HearAsync([FlowRecords.Begun(FlowRecords.Instance(fixture, "f1"), FlowRecords.Pick("P1"))], FlowRecords.Picked("P1", 8));
        Assert.Equal(1, (await upgraded.FlowAsync("f1")).Heard);
        await upgraded.DisposeAsync();
        Assert.Equal("credit", (await (await fixture.OpenAsync()).FlowAsync("f1")).Stage);
    }

    private static async Task AssertStoredAsync(IStore store, FlowInstance expected)
    {
        var found = await store.FlowAsync(expected.Id);
        Assert.Equal(expected with { Body = found.Body }, found);
        Assert.Equal(StoreFixture.Text(expected.Body), StoreFixture.Text(found.Body));
        Assert.False(found.Unreadable);
    }
}
