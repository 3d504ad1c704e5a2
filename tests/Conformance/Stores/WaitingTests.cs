using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>What was accepted, and waits to be sent: who goes first, who may send it, and what becomes of it.</summary>
public sealed class WaitingTests
{
    private static readonly OperationResult No = new(OperationStatus.Refused) { Detail = "This buyer is blocked.", Reason = "blocked" };

    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_is_accepted_is_there_with_key_object_event_and_audit(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var acceptance = Accepted(fixture, "a", "K", "R");

        Assert.IsType<BeginResult.Granted>(await store.AcceptAsync(acceptance, Cancellation));

        var found = (await store.FindIntentAsync("a", Cancellation))!;
        Assert.Equal((IntentState.Waiting, acceptance.Intent.Line), (found.State, found.Line));
        Assert.Equal("""{"input":2.50}""", StoreFixture.Text(found.Input));
        Assert.Equal(("a", null), (await store.FindKeyAsync(StoreFixture.Scope("K"), Cancellation)) is { } key ? (key.IntentId, key.Answer) : default);
        Assert.Equal("", (await store.FindObjectAsync("acme", "order", "o-a", Cancellation))!.Reference);
        Assert.Equal("order.received.v1", Assert.Single(await store.ReadEventsAsync(0, 9, Cancellation)).Event.Type);
        Assert.Single(await store.FindAuditAsync("c-a", 9, Cancellation));
        Assert.Equal("a", (await store.FindAcceptedAsync("acme", "o-a", Cancellation))!.Id);
        Assert.Null(await store.FindAcceptedAsync("eu", "o-a", Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Key_and_external_id_of_what_waits_are_taken_and_nothing_of_the_loser_is_stored(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var first = Accepted(fixture, "a", "K", "R");
        await store.AcceptAsync(first, Cancellation);

        Assert.IsType<BeginResult.Granted>(await store.AcceptAsync(first, Cancellation));
        Assert.IsType<BeginResult.KeyTaken>(await store.AcceptAsync(Accepted(fixture, "b", "K", "R2"), Cancellation));
        Assert.Equal("a", Assert.IsType<BeginResult.ReferenceTaken>(await store.AcceptAsync(Accepted(fixture, "c", "K2", "R"), Cancellation)).Holder.Id);
        Assert.Equal("a", Assert.IsType<BeginResult.ReferenceTaken>(await store.BeginAsync(fixture.Intent("d", "K3", "R"), Cancellation)).Holder.Id);

        Assert.Single(await store.ReadEventsAsync(0, 9, Cancellation));
        foreach (var loser in (string[])["b", "c", "d"])
        {
            Assert.Null(await store.FindIntentAsync(loser, Cancellation));
            Assert.Null(await store.FindObjectAsync("acme", "order", "o-" + loser, Cancellation));
            Assert.Empty(await store.FindAuditAsync("c-" + loser, 9, Cancellation));
        }
        Assert.Null(await store.FindKeyAsync(StoreFixture.Scope("K2"), Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task The_key_of_what_waits_outlives_its_time(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.AcceptAsync(Accepted(fixture, "a", "K", "R"), Cancellation);

        fixture.Clock.Advance(TimeSpan.FromHours(25));

        Assert.NotNull(await store.FindKeyAsync(StoreFixture.Scope("K"), Cancellation));
        Assert.IsType<BeginResult.KeyTaken>(await store.BeginAsync(fixture.Intent("b", "K", "R2"), Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task The_most_urgent_goes_first_then_the_first_that_came_and_of_another_backend_none(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        foreach (var (id, urgency) in ((string, long)[])[("a", 5), ("b", 5), ("c", 1), ("d", long.MaxValue)])
            await store.AcceptAsync(Accepted(fixture, id, urgency: urgency), Cancellation);
        await store.AcceptAsync(Accepted(fixture, "w", urgency: 0) is { } other ? other with { Intent = other.Intent with { Backend = "wms" } } : null!, Cancellation);

        Assert.Equal("c,a,b,d", await LineAsync(store));
        Assert.Equal("c,a", await LineAsync(store, max: 2));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Of_a_lane_one_is_sent_at_a_time_in_the_order_of_coming_however_urgent(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        foreach (var (id, lane, urgency) in ((string, string, long)[])[("a", "L", 9), ("b", "M", 5), ("c", "L", 1)])
            await store.AcceptAsync(Accepted(fixture, id, lane: lane, urgency: urgency), Cancellation);

        // What stands before something urgent is as urgent, and goes before it.
        Assert.Equal("a,b", await LineAsync(store));
        var (a, c) = ((await store.FindIntentAsync("a", Cancellation))!, (await store.FindIntentAsync("c", Cancellation))!);
        Assert.Null(await store.DispatchAsync(c, StoreFixture.Owner, Soon(fixture), input: null, Cancellation));
        var sent = (await store.DispatchAsync(a, StoreFixture.Owner, Soon(fixture), input: null, Cancellation))!;
        Assert.Null(await store.DispatchAsync(a, "another", Soon(fixture), input: null, Cancellation));
        Assert.Null(await store.DispatchAsync(c, StoreFixture.Owner, Soon(fixture), input: null, Cancellation));
        Assert.Equal("b", await LineAsync(store));

        Assert.True(await store.CompleteAsync(fixture.Completion(sent), Cancellation));
        Assert.Equal("c,b", await LineAsync(store));
        Assert.NotNull(await store.DispatchAsync(c, StoreFixture.Owner, Soon(fixture), input: null, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Recovery_is_told_of_what_was_sent_and_not_of_what_waits(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.AcceptAsync(Accepted(fixture, "a"), Cancellation);
        await store.AcceptAsync(Accepted(fixture, "b"), Cancellation);
        await store.DispatchAsync((await store.FindIntentAsync("b", Cancellation))!, StoreFixture.Owner, Soon(fixture), input: null, Cancellation);

        fixture.Clock.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal("b", Assert.Single(await store.AbandonedAsync("another", 9, Cancellation)).Id);
        Assert.Null(await store.LeaseAsync((await store.FindIntentAsync("a", Cancellation))!, "another", Soon(fixture), Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_was_not_sent_waits_again_in_its_place_unless_somebody_has_taken_it_over(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.AcceptAsync(Accepted(fixture, "a"), Cancellation);
        await store.AcceptAsync(Accepted(fixture, "b"), Cancellation);
        var sent = (await store.DispatchAsync((await store.FindIntentAsync("a", Cancellation))!, StoreFixture.Owner, Soon(fixture), input: null, Cancellation))!;

        var back = (await store.PutInLineAsync(new Acceptance(sent), Cancellation))!;
        Assert.Equal("a,b", await LineAsync(store));
        Assert.Null(await store.PutInLineAsync(new Acceptance(sent), Cancellation));

        sent = (await store.DispatchAsync(back, StoreFixture.Owner, Soon(fixture), input: null, Cancellation))!;
        fixture.OutliveLeases();
        Assert.NotNull(await store.LeaseAsync(sent, "another", Soon(fixture), Cancellation));
        Assert.Null(await store.PutInLineAsync(new Acceptance(sent), Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_request_whose_backend_is_down_is_put_in_line_with_all_that_an_acceptance_has(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var intent = fixture.Intent("a", "K", "R");
        await store.BeginAsync(intent, Cancellation);
        var acceptance = Accepted(fixture, "a", "K", "R");

        var waits = await store.PutInLineAsync(acceptance with { Intent = intent with { Line = acceptance.Intent.Line } }, Cancellation);

        Assert.Equal((IntentState.Waiting, 1), (waits!.State, waits.Version));
        Assert.Equal("a", await LineAsync(store));
        Assert.NotNull(await store.FindObjectAsync("acme", "order", "o-a", Cancellation));
        Assert.Single(await store.ReadEventsAsync(0, 9, Cancellation));
        Assert.Single(await store.FindAuditAsync("c-a", 9, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_is_held_back_holds_its_lane_and_no_other(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        foreach (var (id, lane) in ((string, string)[])[("a", "L"), ("b", "L"), ("c", "M")]) await store.AcceptAsync(Accepted(fixture, id, lane: lane), Cancellation);
        var sent = (await store.DispatchAsync((await store.FindIntentAsync("a", Cancellation))!, StoreFixture.Owner, Soon(fixture), input: null, Cancellation))!;

        await store.PutInLineAsync(new Acceptance(sent with { Line = sent.Line! with { DueAt = fixture.Clock.GetUtcNow().AddSeconds(10) } }), Cancellation);

        Assert.Equal("c", await LineAsync(store));
        fixture.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("a,c", await LineAsync(store));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_is_rejected_replays_the_refusal_frees_its_reference_and_is_told_as_event(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.AcceptAsync(Accepted(fixture, "a", "K", "R", lane: "L"), Cancellation);
        await store.AcceptAsync(Accepted(fixture, "b", "K2", "R2", lane: "L"), Cancellation);
        var sent = (await store.DispatchAsync((await store.FindIntentAsync("a", Cancellation))!, StoreFixture.Owner, Soon(fixture), input: null, Cancellation))!;

        Assert.True(await store.RejectAsync(Rejected(fixture, sent), Cancellation));
        Assert.False(await store.RejectAsync(Rejected(fixture, sent), Cancellation));

        var parked = (await store.FindIntentAsync("a", Cancellation))!;
        Assert.Equal((IntentState.Parked, "This buyer is blocked."), (parked.State, parked.Result!.Detail));
        Assert.Equal(422, (await store.FindKeyAsync(StoreFixture.Scope("K"), Cancellation))!.Answer!.Status);
        Assert.Equal("order.received.v1,order.received.v1,order.rejected.v1", string.Join(',', (await store.ReadEventsAsync(0, 9, Cancellation)).Select(e => e.Event.Type)));
        Assert.Equal("b", await LineAsync(store));
        Assert.Equal("a", Assert.Single(await store.IntentsAsync(IntentState.Parked, 9, Cancellation)).Id);
        Assert.IsType<BeginResult.Granted>(await store.BeginAsync(fixture.Intent("c", "K3", "R"), Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task An_operator_lets_a_parked_one_wait_again_unless_its_reference_is_anothers_and_ends_it_for_good(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        foreach (var id in (string[])["a", "b"])
        {
            await store.AcceptAsync(Accepted(fixture, id, "K-" + id, "R-" + id), Cancellation);
            await store.RejectAsync(Rejected(fixture, (await store.FindIntentAsync(id, Cancellation))!), Cancellation);
        }
        await store.BeginAsync(fixture.Intent("c", "K", "R-b"), Cancellation);
        var (a, b) = ((await store.FindIntentAsync("a", Cancellation))!, (await store.FindIntentAsync("b", Cancellation))!);

        Assert.True(await store.ReviseAsync(a, IntentState.Waiting, fixture.Audit("c-again", 200), Cancellation));
        Assert.False(await store.ReviseAsync(a, IntentState.Waiting, fixture.Audit("c-late", 200), Cancellation));
        Assert.False(await store.ReviseAsync(b, IntentState.Waiting, fixture.Audit("c-late", 200), Cancellation));
        Assert.True(await store.ReviseAsync(b, IntentState.Refused, fixture.Audit("c-end", 200), Cancellation));
        Assert.False(await store.ReviseAsync((await store.FindIntentAsync("b", Cancellation))!, IntentState.Waiting, fixture.Audit("c-late", 200), Cancellation));

        Assert.Equal("a", await LineAsync(store));
        Assert.Null((await store.FindKeyAsync(StoreFixture.Scope("K-a"), Cancellation))!.Answer);
        Assert.Equal(IntentState.Refused, (await store.FindIntentAsync("b", Cancellation))!.State);
        Assert.Single(await store.FindAuditAsync("c-again", 9, Cancellation));
        Assert.Single(await store.FindAuditAsync("c-end", 9, Cancellation));
        Assert.Empty(await store.FindAuditAsync("c-late", 9, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Lines_are_counted_by_backend_and_a_lane_says_whether_something_of_it_is_on_its_way(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var began = fixture.Clock.GetUtcNow();
        Assert.Empty(await store.LinesAsync(Cancellation));
        foreach (var id in (string[])["a", "b", "c"])
        {
            await store.AcceptAsync(Accepted(fixture, id, lane: "L-" + id), Cancellation);
            fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        await store.RejectAsync(Rejected(fixture, (await store.FindIntentAsync("a", Cancellation))!), Cancellation);
        var sent = (await store.DispatchAsync((await store.FindIntentAsync("b", Cancellation))!, StoreFixture.Owner, Soon(fixture), input: null, Cancellation))!;

        Assert.Equal([new LineCount("odoo", 2, began.AddSeconds(1), 0, 1)], await store.LinesAsync(Cancellation));
        Assert.False(await store.IsWaitingAsync("L-a", Cancellation));
        Assert.True(await store.IsWaitingAsync("L-b", Cancellation));
        Assert.True(await store.IsWaitingAsync("L-c", Cancellation));
        await store.CompleteAsync(fixture.Completion(sent), Cancellation);
        Assert.False(await store.IsWaitingAsync("L-b", Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Of_many_who_would_send_the_same_lane_one_does(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var line = new List<Intent>();
        for (var i = 0; i < 16; i++)
        {
            await store.AcceptAsync(Accepted(fixture, $"i{i:00}", lane: "L"), Cancellation);
            line.Add((await store.FindIntentAsync($"i{i:00}", Cancellation))!);
        }

        var sent = await Task.WhenAll(line.Concat(line).Select(intent => Task.Run(() => store.DispatchAsync(intent, StoreFixture.Owner, Soon(fixture), input: null, Cancellation).AsTask(), Cancellation)));

        Assert.Equal("i00", Assert.Single(sent.OfType<Intent>()).Id);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_waits_by_itself_is_asked_for_by_itself_says_why_and_is_in_line_again_when_an_operator_wants_it(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        foreach (var (id, lane) in ((string, string)[])[("a", "L"), ("b", "L"), ("c", "M")]) await store.AcceptAsync(Accepted(fixture, id, lane: lane), Cancellation);
        var sent = (await store.DispatchAsync((await store.FindIntentAsync("a", Cancellation))!, StoreFixture.Owner, Soon(fixture), StoreFixture.Bytes("{}"), Cancellation))!;
        var why = new OperationResult(OperationStatus.NotSent) { Reason = "no warehouse", RetryAfter = TimeSpan.FromSeconds(4) };

        await store.PutInLineAsync(new Acceptance(sent with { Result = why, Line = sent.Line! with { DueAt = fixture.Clock.GetUtcNow().AddSeconds(4) } }), Cancellation);

        Assert.Equal(("c", ""), (await LineAsync(store), await LineAsync(store, which: Waiting.ByItself)));
        fixture.Clock.Advance(TimeSpan.FromSeconds(4));
        // What comes behind it in its lane goes behind it.
        Assert.Equal(("c", "a"), (await LineAsync(store), await LineAsync(store, which: Waiting.ByItself)));
        var held = (await store.FindIntentAsync("a", Cancellation))!;
        Assert.Equal(("no warehouse", TimeSpan.FromSeconds(4), "{}"), (held.Result!.Reason, held.Result.RetryAfter, StoreFixture.Text(held.Input)));
        Assert.Equal((3, 1), Assert.Single(await store.LinesAsync(Cancellation)) is var line ? (line.Waiting, line.ByItself) : default);
        Assert.True(await store.ReviseAsync(held, IntentState.Waiting, fixture.Audit("c-again", 200), Cancellation));
        Assert.Equal(("a,c", ""), (await LineAsync(store), await LineAsync(store, which: Waiting.ByItself)));
        Assert.Null((await store.FindIntentAsync("a", Cancellation))!.Result);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Of_each_tenant_what_waits_is_found_by_itself(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        Assert.Empty(await store.WaitingTenantsAsync("odoo", Cancellation));
        foreach (var (id, tenant) in ((string, string)[])[("a", "hooli"), ("b", "acme"), ("c", "hooli"), ("d", "eu")])
        {
            var acceptance = Accepted(fixture, id);
            await store.AcceptAsync(acceptance with { Intent = acceptance.Intent with { Tenant = tenant } }, Cancellation);
        }

        Assert.Equal(["acme", "eu", "hooli"], await store.WaitingTenantsAsync("odoo", Cancellation));
        Assert.Empty(await store.WaitingTenantsAsync("wms", Cancellation));
        Assert.Equal(["a", "c"], (await store.WaitingAsync("odoo", "hooli", Waiting.InLine, 9, Cancellation)).Select(i => i.Id));
        Assert.Empty(await store.WaitingAsync("odoo", "hool", Waiting.InLine, 9, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_cannot_be_decrypted_hides_no_other_and_can_be_rejected(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        foreach (var id in (string[])["a", "b"]) await store.AcceptAsync(Accepted(fixture, id), Cancellation);

        Assert.Single(await fixture.BytesAsync("UPDATE intents SET input = canonical WHERE id = 'a' RETURNING input"));

        var line = await store.WaitingAsync("odoo", null, Waiting.InLine, 9, Cancellation);
        Assert.Equal([("a", true), ("b", false)], line.Select(i => (i.Id, i.Unreadable is not null)));
        Assert.Equal(2, (await store.IntentsAsync(IntentState.Waiting, 9, Cancellation)).Count);
        Assert.Contains("can't be decrypted", (await store.FindIntentAsync("a", Cancellation))!.Unreadable, StringComparison.Ordinal);
        Assert.True(await store.ReviseAsync(line[0], IntentState.Waiting, fixture.Audit("c-again", 200), Cancellation));
        Assert.True(await store.RejectAsync(Rejected(fixture, (await store.FindIntentAsync("a", Cancellation))!), Cancellation));
        Assert.Equal("b", await LineAsync(store));
    }

    private static DateTimeOffset Soon(StoreFixture fixture) => fixture.Clock.GetUtcNow().AddSeconds(30);

    private static async Task<string> LineAsync(IStore store, int max = 9, Waiting which = Waiting.InLine) => string.Join(',', (await store.WaitingAsync("odoo", null, which, max, Cancellation)).Select(i => i.Id));

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_waits_holds_no_record_and_is_not_sent_while_another_is_at_it(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        const string record = "stock.picking WH/OUT/00001";
        var waiting = Accepted(fixture, "a", "K", "R");
        waiting = waiting with { Intent = waiting.Intent with { Record = record } };
        var open = fixture.Intent("b", "K2", "R2", "globex") with { Record = record };

        Assert.IsType<BeginResult.Granted>(await store.BeginAsync(open, Cancellation));
        Assert.IsType<BeginResult.Granted>(await store.AcceptAsync(waiting, Cancellation));
        var a = (await store.FindIntentAsync("a", Cancellation))!;
        Assert.Null(await store.DispatchAsync(a, StoreFixture.Owner, Soon(fixture), input: null, Cancellation));
        Assert.True(await store.CompleteAsync(fixture.Completion(open), Cancellation));
        Assert.NotNull(await store.DispatchAsync(a, StoreFixture.Owner, Soon(fixture), input: null, Cancellation));
        Assert.Equal("a", Assert.IsType<BeginResult.ObjectTaken>(await store.BeginAsync(fixture.Intent("c", "K3", "R3", "globex") with { Record = record }, Cancellation)).Holder.Id);
    }

    private static Acceptance Accepted(StoreFixture fixture, string id, string? key = null, string? reference = null, string? lane = null, long urgency = 0)
    {
        var intent = fixture.Intent(id, key, reference) with { State = IntentState.Waiting, Line = new Line(lane ?? "o-" + id, urgency, fixture.Clock.GetUtcNow()) };
        return new Acceptance(intent)
        {
            Object = new OwnedObject(intent.Tenant, "order", intent.ObjectId, intent.Backend, "", intent.ExternalId, intent.Canonical, fixture.Clock.GetUtcNow()),
            Event = Event(fixture, intent, "received"),
            Audit = fixture.Audit(intent.CorrelationId, 202),
        };
    }

    private static Rejection Rejected(StoreFixture fixture, Intent intent) => new(intent, No, StoreFixture.Answer(422))
    {
        Event = Event(fixture, intent, "rejected"),
        Audit = fixture.Audit("c-rejected", 422),
    };

    private static NewEvent Event(StoreFixture fixture, Intent intent, string what) =>
        new($"e-{intent.Id}-{what}", intent.Tenant, $"order.{what}.v1", "/orders", intent.ObjectId, intent.ObjectId, fixture.Clock.GetUtcNow(), StoreFixture.Bytes("{}"));
}
