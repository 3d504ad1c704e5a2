using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>What feeds of changes rest on: one looks at a time, and what it has found becomes true together or not at all.</summary>
public sealed class ChangeTests
{
    private const string Feed = "odoo/orders";

    private static readonly DateTimeOffset Written = new(2026, 11, 23, 8, 59, 30, TimeSpan.Zero);

    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_look_is_one_owners_until_it_is_over_and_comes_again_when_it_is_due(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        Assert.Null(await store.FindFeedAsync(Feed, Cancellation));

        var given = await TakeAsync(fixture, store);
        Assert.Equal((Feed, StoreFixture.Owner, "", default), (given!.Feed, given.Owner, given.Scope, given.Watermark));
        var taken = await TakeAsync(fixture, store);
        Assert.Null(await store.StepAsync(Step(fixture, given), Cancellation));
        Assert.NotNull(await TakeAsync(fixture, store, feed: "odoo/invoices"));
        var over = await store.StepAsync(Step(fixture, taken!) with { LeaseUntil = fixture.Clock.GetUtcNow() }, Cancellation);
        Assert.Equal((fixture.Clock.GetUtcNow(), fixture.Clock.GetUtcNow().AddSeconds(30), Written, "s1"), (over!.LookedAt, over.DueAt, over.Watermark, over.Scope));

        Assert.Null(await TakeAsync(fixture, store));
        Assert.NotNull(await store.StepAsync(Step(fixture, (await TakeAsync(fixture, store, hurried: true))!) with { LeaseUntil = fixture.Clock.GetUtcNow() }, Cancellation));
        fixture.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.NotNull(await TakeAsync(fixture, store));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Of_many_who_come_at_once_one_looks_and_who_died_holds_nobody_up(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;

        // An embedded engine is one process's: there the last who came has it, and no step of the others holds.
        var came = await Task.WhenAll(Enumerable.Range(0, 16).Select(n => store.TakeFeedAsync(Feed, $"process-{n}", fixture.Clock.GetUtcNow().AddMinutes(1), hurried: false, Cancellation).AsTask()));
        var steps = await Task.WhenAll(came.OfType<FeedState>().Select(async state => await store.StepAsync(Step(fixture, state), Cancellation)));
        Assert.Single(steps, stands => stands is not null);
        await store.DisposeAsync();
        var again = await fixture.OpenAsync();
        fixture.Clock.Advance(TimeSpan.FromSeconds(62));

        Assert.NotNull(await again.TakeFeedAsync(Feed, "process-99", fixture.Clock.GetUtcNow().AddMinutes(1), hurried: false, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_step_is_true_whole_and_is_read_as_it_was_written(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var taken = (await TakeAsync(fixture, store))!;

        var first = await store.StepAsync(Step(fixture, taken) with
        {
            Records = [Record(7), Record(9) with { Hash = KnownRecord.Debt, Subjects = new Dictionary<string, string>() }],
            Events = [Event(fixture, "e1", "ord_7"), Event(fixture, "e2", "ord_7")],
            Objects = [new OwnedObject("acme", "order", "ord_7", "odoo", "7", "", StoreFixture.Bytes("""{"a":1.10}"""), fixture.Clock.GetUtcNow())],
        }, Cancellation);

        var known = await store.KnownAsync(Feed, [9, 7, 8], Cancellation);
        Assert.Equal([7, 9], known.Select(k => k.Id));
        Assert.Equal((Written, "h", "sale", true, 1), (known[0].WrittenAt, known[0].Hash, known[0].Stage, known[0].Settled, known[0].Version));
        Assert.Equal("acme=ord_7,globex=7", string.Join(',', known[0].Subjects.OrderBy(s => s.Key).Select(s => $"{s.Key}={s.Value}")));
        Assert.Equal([9], (await store.OwedAsync(Feed, 10, Cancellation)).Select(k => k.Id));
        Assert.Equal([9], (await store.KnownAfterAsync(Feed, 7, 10, Cancellation)).Select(k => k.Id));
        Assert.Equal([7], (await store.KnownAfterAsync(Feed, 0, 1, Cancellation)).Select(k => k.Id));
        Assert.Equal([("e1", 1L), ("e2", 2L)], (await store.ReadEventsAsync(0, 10, Cancellation)).Select(e => (e.Event.Id, e.Sequence)));
        var made = Assert.Single(await store.ObjectsOfAsync("odoo", "order", "7", Cancellation));
        Assert.Equal(("acme", "ord_7", """{"a":1.10}"""), (made.Tenant, made.Id, StoreFixture.Text(made.Canonical)));
        Assert.NotNull(await store.StepAsync(Step(fixture, first!) with { Records = [known[0] with { Stage = "cancel", Settled = false }], Gone = [known[1]] }, Cancellation));
        var after = Assert.Single(await store.KnownAsync(Feed, [7, 9], Cancellation));
        Assert.Equal(("cancel", false, 2), (after.Stage, after.Settled, after.Version));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_step_that_rests_on_what_is_not_so_any_more_changes_nothing(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var taken = (await TakeAsync(fixture, store))!;
        var stands = (await store.StepAsync(Step(fixture, taken) with { Records = [Record(1)] }, Cancellation))!;
        var known = Assert.Single(await store.KnownAsync(Feed, [1], Cancellation));
        var more = Step(fixture, stands) with { Records = [Record(2)], Events = [Event(fixture, "e1", "p")] };

        // One that was left behind by an earlier step, one of somebody else, and records that were noted since they were read.
        Assert.Null(await store.StepAsync(more with { From = taken }, Cancellation));
        Assert.Null(await store.StepAsync(more with { From = stands with { Owner = "process-2" } }, Cancellation));
        Assert.Null(await store.StepAsync(more with { Records = [Record(2), Record(1)] }, Cancellation));
        Assert.Null(await store.StepAsync(more with { Records = [Record(2), known with { Version = 2 }] }, Cancellation));
        Assert.Null(await store.StepAsync(more with { Records = [Record(2)], Gone = [known with { Version = 2 }] }, Cancellation));

        Assert.Empty(await store.ReadEventsAsync(0, 10, Cancellation));
        Assert.Empty(await store.KnownAsync(Feed, [2], Cancellation));
        Assert.NotNull(await store.StepAsync(more, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_a_route_has_done_is_noted_with_its_outcome_and_overtakes_a_step(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var taken = (await TakeAsync(fixture, store))!;
        var intent = fixture.Intent("int_1");
        Assert.False(await store.IsBeingMadeAsync("odoo", intent.ExternalId, Cancellation));
        await store.BeginAsync(intent, Cancellation);
        Assert.True(await store.IsBeingMadeAsync("odoo", intent.ExternalId, Cancellation));
        Assert.True(await store.IsBeingChangedAsync("acme", intent.ObjectId, Cancellation));

        var completion = fixture.Completion(intent) with { Noted = [new NotedRecord(Feed, Record(42) with { Hash = "of the route", Settled = false })] };
        Assert.True(await store.CompleteAsync(completion, Cancellation));
        Assert.False(await store.CompleteAsync(completion with { Noted = [new NotedRecord(Feed, Record(43))] }, Cancellation));

        Assert.False(await store.IsBeingMadeAsync("odoo", intent.ExternalId, Cancellation));
        Assert.False(await store.IsBeingChangedAsync("acme", intent.ObjectId, Cancellation));
        Assert.Null(await store.StepAsync(Step(fixture, taken) with { Records = [Record(42)] }, Cancellation));
        var noted = Assert.Single(await store.KnownAsync(Feed, [42, 43], Cancellation));
        Assert.Equal(("of the route", 1), (noted.Hash, noted.Version));
        Assert.NotNull(await store.StepAsync(Step(fixture, taken) with { Records = [noted with { Subjects = new Dictionary<string, string> { ["acme"] = "o" }, Settled = true }] }, Cancellation));
        var next = fixture.Intent("int_2", reference: "gw.2") with { ObjectId = intent.ObjectId };
        await store.BeginAsync(next, Cancellation);
        await store.CompleteAsync(fixture.Completion(next) with { Noted = [new NotedRecord(Feed, Record(42) with { Hash = "of the next", Settled = false })] }, Cancellation);

        var last = Assert.Single(await store.KnownAsync(Feed, [42], Cancellation));
        Assert.Equal(("of the next", false, 3, "o"), (last.Hash, last.Settled, last.Version, last.Subjects["acme"]));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task A_hint_is_kept_until_it_was_looked_after_and_one_that_came_meanwhile_stays(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.HintAsync([Feed, "odoo/invoices"], 9, 2, Cancellation);
        await store.HintAsync([Feed], 7, 2, Cancellation);
        // It is one too many; what is kept is said again all the same.
        await store.HintAsync([Feed], 8, 2, Cancellation);
        var read = await store.HintsAsync(Feed, Cancellation);
        await store.HintAsync([Feed], 7, 2, Cancellation);
        await store.DisposeAsync();
        store = await fixture.OpenAsync();
        Assert.Equal([7, 9], (await store.HintsAsync(Feed, Cancellation)).Select(hint => hint.Id));

        await store.DropHintsAsync(Feed, read, Cancellation);

        var left = Assert.Single(await store.HintsAsync(Feed, Cancellation));
        Assert.Equal(7, left.Id);
        await store.DropHintsAsync(Feed, [left], Cancellation);
        await store.DropHintsAsync(Feed, [], Cancellation);
        Assert.Empty(await store.HintsAsync(Feed, Cancellation));
        Assert.Equal([9], (await store.HintsAsync("odoo/invoices", Cancellation)).Select(hint => hint.Id));
    }

    private static async Task<FeedState?> TakeAsync(StoreFixture fixture, IStore store, bool hurried = false, string feed = Feed) =>
        await store.TakeFeedAsync(feed, StoreFixture.Owner, fixture.Clock.GetUtcNow().AddMinutes(1), hurried, Cancellation);

    private static FeedStep Step(StoreFixture fixture, FeedState taken)
    {
        var now = fixture.Clock.GetUtcNow();
        return new FeedStep(taken) { To = taken with { Scope = "s1", Watermark = Written, DueAt = now.AddSeconds(30), LookedAt = now, ReconciledAt = now }, LeaseUntil = now.AddMinutes(1) };
    }

    private static KnownRecord Record(int id) =>
        new(id, Written, "h", "sale") { Subjects = new Dictionary<string, string> { ["globex"] = "7", ["acme"] = "ord_7" }, Settled = true };

    private static NewEvent Event(StoreFixture fixture, string id, string partition) =>
        new(id, "acme", "order.changed.v1", "/backends/odoo", partition, partition, fixture.Clock.GetUtcNow(), StoreFixture.Bytes("{}"));
}
