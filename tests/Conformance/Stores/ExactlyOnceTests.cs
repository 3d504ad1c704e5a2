using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>Who may call, and what a second request finds.</summary>
public sealed class ExactlyOnceTests
{
    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Of_64_claims_of_one_key_one_is_granted(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;

        var results = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(
            () => store.BeginAsync(fixture.Intent($"i{i}", key: "K"), Cancellation).AsTask(), Cancellation)));

        Assert.Single(results.OfType<BeginResult.Granted>());
        Assert.Equal(63, results.OfType<BeginResult.KeyTaken>().Count());
        var holder = Assert.Single(results.OfType<BeginResult.KeyTaken>().Select(r => r.Holder).Distinct());
        Assert.Equal((StoreFixture.Scope("K"), "f-" + holder.IntentId), (holder.Scope, holder.Fingerprint));
        Assert.Null(holder.Answer);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Of_64_claims_of_one_external_id_one_is_granted(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;

        var results = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(
            () => store.BeginAsync(fixture.Intent($"i{i}", key: $"k{i}", reference: "R"), Cancellation).AsTask(), Cancellation)));

        Assert.Single(results.OfType<BeginResult.Granted>());
        var holder = Assert.Single(results.OfType<BeginResult.ReferenceTaken>().Select(r => r.Holder.Id).Distinct());
        for (var i = 0; i < 64; i++)
        {
            // A claim that lost its reference has not taken its key.
            Assert.Equal($"i{i}" == holder, await store.FindKeyAsync(StoreFixture.Scope($"k{i}"), Cancellation) is not null);
        }
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Of_64_changes_of_one_object_one_is_open_and_the_next_comes_when_it_is_closed(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        Intent Change(int i) => fixture.Intent($"i{i}", key: $"k{i}") with { ObjectId = "o" };

        var results = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(() => store.BeginAsync(Change(i), Cancellation).AsTask(), Cancellation)));

        Assert.Single(results.OfType<BeginResult.Granted>());
        var holder = Assert.Single(results.OfType<BeginResult.ObjectTaken>().Select(r => r.Holder.Id).Distinct());
        for (var i = 0; i < 64; i++)
        {
            // Who found the object taken has not taken its key.
            Assert.Equal($"i{i}" == holder, await store.FindKeyAsync(StoreFixture.Scope($"k{i}"), Cancellation) is not null);
        }
        Assert.IsType<BeginResult.Granted>(await store.BeginAsync(Change(64) with { Tenant = "globex" }, Cancellation));
        var open = (await store.FindIntentAsync(holder, Cancellation))!;
        Assert.True(await store.CompleteAsync(fixture.Completion(open), Cancellation));
        Assert.IsType<BeginResult.Granted>(await store.BeginAsync(Change(65), Cancellation));
        await store.ReleaseAsync((await store.FindIntentAsync("i65", Cancellation))!, "not sent", Cancellation);
        Assert.IsType<BeginResult.Granted>(await store.BeginAsync(Change(66), Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Of_64_changes_of_one_record_of_a_backend_one_is_open_whoever_asks_and_the_next_comes_when_it_is_closed(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        // Each by an object of its own, and of two tenants: only the record is the same.
        Intent Change(int i) => fixture.Intent($"i{i}", key: $"k{i}", tenant: i % 2 == 0 ? "acme" : "globex") with { Record = "stock.picking WH/OUT/00001" };

        var results = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(() => store.BeginAsync(Change(i), Cancellation).AsTask(), Cancellation)));

        Assert.Single(results.OfType<BeginResult.Granted>());
        var holder = Assert.Single(results.OfType<BeginResult.ObjectTaken>().Select(r => r.Holder.Id).Distinct());
        Assert.Equal(63, results.OfType<BeginResult.ObjectTaken>().Count());
        for (var i = 0; i < 64; i++)
        {
            // Who found the record taken has not taken his key.
            Assert.Equal($"i{i}" == holder, await store.FindKeyAsync(StoreFixture.Scope($"k{i}", i % 2 == 0 ? "acme" : "globex"), Cancellation) is not null);
        }
        Assert.IsType<BeginResult.Granted>(await store.BeginAsync(Change(64) with { Record = "stock.picking WH/OUT/00002" }, Cancellation));
        Assert.IsType<BeginResult.Granted>(await store.BeginAsync(Change(65) with { Backend = "odoo2" }, Cancellation));
        var open = (await store.FindIntentAsync(holder, Cancellation))!;
        Assert.Equal("stock.picking WH/OUT/00001", open.Record);
        Assert.True(await store.CompleteAsync(fixture.Completion(open), Cancellation));
        Assert.IsType<BeginResult.Granted>(await store.BeginAsync(Change(66), Cancellation));
        await store.ReleaseAsync((await store.FindIntentAsync("i66", Cancellation))!, "not sent", Cancellation);
        Assert.IsType<BeginResult.Granted>(await store.BeginAsync(Change(67), Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task The_same_key_of_another_tenant_and_the_same_external_id_of_another_backend_are_free(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;

        Assert.IsType<BeginResult.Granted>(await store.BeginAsync(fixture.Intent("a", "K", "R"), Cancellation));
        Assert.IsType<BeginResult.Granted>(await store.BeginAsync(fixture.Intent("b", "K", "R2", "eu"), Cancellation));
        Assert.IsType<BeginResult.Granted>(await store.BeginAsync(fixture.Intent("c", "K3", "R") with { Backend = "wms" }, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Storing_the_same_intent_again_is_granted_as_long_as_nobody_took_it_over(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var intent = fixture.Intent("a", "K", "R");

        Assert.IsType<BeginResult.Granted>(await store.BeginAsync(intent, Cancellation));
        Assert.IsType<BeginResult.Granted>(await store.BeginAsync(intent, Cancellation));
        fixture.OutliveLeases();
        Assert.NotNull(await store.LeaseAsync(intent, "process-2", fixture.Clock.GetUtcNow().AddSeconds(30), Cancellation));
        Assert.IsType<BeginResult.ReferenceTaken>(await store.BeginAsync(intent, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task An_intent_comes_back_as_it_was_stored(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var intent = fixture.Intent("a", "K", "R") with { CreatedAt = fixture.Clock.GetUtcNow().AddTicks(7), KeepKeyFor = TimeSpan.FromMinutes(90) };
        await store.BeginAsync(intent, Cancellation);

        var found = await store.FindIntentAsync("a", Cancellation);

        Assert.NotNull(found);
        Assert.Equal(intent, found with { Canonical = intent.Canonical, Input = intent.Input });
        Assert.Equal("""{"canonical":1.10}""", StoreFixture.Text(found.Canonical));
        Assert.Equal("""{"input":2.50}""", StoreFixture.Text(found.Input));
        Assert.Null(await store.FindIntentAsync("b", Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Release_frees_key_and_reference(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var intent = fixture.Intent("a", "K", "R");
        await store.BeginAsync(intent, Cancellation);

        await store.ReleaseAsync(intent, "connection refused", Cancellation);

        Assert.Null(await store.FindKeyAsync(StoreFixture.Scope("K"), Cancellation));
        Assert.Equal(IntentState.NotDone, (await store.FindIntentAsync("a", Cancellation))!.State);
        Assert.IsType<BeginResult.Granted>(await store.BeginAsync(fixture.Intent("b", "K", "R"), Cancellation));
        Assert.False(await store.CompleteAsync(fixture.Completion(intent), Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Refuse_frees_the_reference_and_its_key_replays_the_answer(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var intent = fixture.Intent("a", "K", "R");
        await store.BeginAsync(intent, Cancellation);

        await store.RefuseAsync(intent, StoreFixture.Answer(422), fixture.Audit("c-a", 422), Cancellation);
        await store.RefuseAsync(intent, StoreFixture.Answer(500), fixture.Audit("c-a", 500), Cancellation);

        var kept = (await store.FindKeyAsync(StoreFixture.Scope("K"), Cancellation))?.Answer;
        AssertAnswer(StoreFixture.Answer(422), kept);
        Assert.IsType<BeginResult.KeyTaken>(await store.BeginAsync(fixture.Intent("b", "K", "R"), Cancellation));
        Assert.IsType<BeginResult.Granted>(await store.BeginAsync(fixture.Intent("c", "K2", "R"), Cancellation));
        Assert.Equal(422, Assert.Single(await store.FindAuditAsync("c-a", 9, Cancellation)).Status);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_completion_stores_everything_once(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var intent = fixture.Intent("a", "K", "R");
        await store.BeginAsync(intent, Cancellation);
        var completion = fixture.Completion(intent);

        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => store.CompleteAsync(completion, Cancellation).AsTask(), Cancellation)));

        Assert.Single(results, won => won);
        var stored = (await store.FindIntentAsync("a", Cancellation))!;
        Assert.Equal(IntentState.Succeeded, stored.State);
        var result = stored.Result!;
        Assert.Equal(StoreFixture.Result, result with { Record = default, Facts = default }, Same);
        Assert.Equal("""{"id":42,"amount":1.10}""", StoreFixture.Text(result.Record));
        Assert.Equal("""{"salesOrderId":"S00042"}""", StoreFixture.Text(result.Facts));
        AssertAnswer(StoreFixture.Answer(201), (await store.FindKeyAsync(StoreFixture.Scope("K"), Cancellation))?.Answer);
        Assert.Single(await store.ReadEventsAsync(0, 9, Cancellation));
        Assert.Equal(fixture.Audit("c-a", 201), Assert.Single(await store.FindAuditAsync("c-a", 9, Cancellation)));
        var taken = Assert.IsType<BeginResult.ReferenceTaken>(await store.BeginAsync(fixture.Intent("b", "K2", "R"), Cancellation));
        Assert.Equal("o-a", taken.Holder.ObjectId);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_ends_an_object_frees_its_reference_and_nobody_elses(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var made = fixture.Completion(fixture.Intent("a", "K", "R"));
        await store.BeginAsync(made.Intent, Cancellation);
        await store.CompleteAsync(made, Cancellation);
        await EndAsync("b");

        Assert.Equal(IntentState.Undone, (await store.FindIntentAsync("a", Cancellation))!.State);
        AssertAnswer(StoreFixture.Answer(201), (await store.FindKeyAsync(StoreFixture.Scope("K"), Cancellation))?.Answer);
        var next = fixture.Intent("c", "K3", "R");
        Assert.IsType<BeginResult.Granted>(await store.BeginAsync(next, Cancellation));
        await store.CompleteAsync(fixture.Completion(next), Cancellation);

        // What is over is ended once more: the reference belongs to the next one by now.
        await EndAsync("d");
        Assert.Equal(IntentState.Succeeded, (await store.FindIntentAsync("c", Cancellation))!.State);
        Assert.Equal("c", Assert.IsType<BeginResult.ReferenceTaken>(await store.BeginAsync(fixture.Intent("e", "K5", "R"), Cancellation)).Holder.Id);

        async Task EndAsync(string id)
        {
            var ending = fixture.Intent(id, "K-" + id, "R-" + id) with { ObjectId = made.Object!.Id };
            Assert.IsType<BeginResult.Granted>(await store.BeginAsync(ending, Cancellation));
            Assert.True(await store.CompleteAsync(fixture.Completion(ending) with { Object = null, Ended = made.Object }, Cancellation));
        }
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_completion_that_can_not_be_stored_whole_is_not_stored_at_all(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var first = fixture.Intent("a", "K");
        var second = fixture.Intent("b", "K2");
        await store.BeginAsync(first, Cancellation);
        await store.BeginAsync(second, Cancellation);
        await store.CompleteAsync(fixture.Completion(first), Cancellation);
        var completion = fixture.Completion(second);

        // An event has a type: this one can't be appended, after intent and object were written.
        var error = await Record.ExceptionAsync(() => store.CompleteAsync(
            completion with { Event = completion.Event! with { Type = null! } }, Cancellation).AsTask());

        Assert.NotNull(error);
        Assert.IsNotType<StoreUnavailableException>(error);
        Assert.Equal(IntentState.Open, (await store.FindIntentAsync("b", Cancellation))!.State);
        Assert.Null(await store.FindObjectAsync("acme", "order", "o-b", Cancellation));
        Assert.True(await store.CompleteAsync(completion, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task An_object_is_its_owners_only(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var intent = fixture.Intent("a");
        await store.BeginAsync(intent, Cancellation);
        await store.CompleteAsync(fixture.Completion(intent), Cancellation);

        var own = await store.FindObjectAsync("acme", "order", "o-a", Cancellation);

        Assert.Equal(("42", "gw.a", """{"canonical":1.10}"""), (own!.Reference, own.ExternalId, StoreFixture.Text(own.Canonical)));
        Assert.Null(await store.FindObjectAsync("eu", "order", "o-a", Cancellation));
        Assert.Null(await store.FindObjectAsync("acme", "shipment", "o-a", Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task An_answer_that_was_missing_is_remembered_later_and_never_overwritten(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var intent = fixture.Intent("a", "K", "R");
        var keep = TimeSpan.FromHours(1);
        await store.BeginAsync(intent, Cancellation);
        await store.RememberAsync(StoreFixture.Scope("K"), intent.Fingerprint, keep, StoreFixture.Answer(200), null, Cancellation);
        Assert.Null((await store.FindKeyAsync(StoreFixture.Scope("K"), Cancellation))!.Answer);

        await store.CompleteAsync(fixture.Completion(intent) with { Answer = null }, Cancellation);
        Assert.Equal(("a", (Answer?)null), Of(await store.FindKeyAsync(StoreFixture.Scope("K"), Cancellation)));

        await store.RememberAsync(StoreFixture.Scope("K"), "other content", keep, StoreFixture.Answer(200), null, Cancellation);
        Assert.Null((await store.FindKeyAsync(StoreFixture.Scope("K"), Cancellation))!.Answer);
        await store.RememberAsync(StoreFixture.Scope("K"), intent.Fingerprint, keep, StoreFixture.Answer(201), fixture.Audit("x", 201), Cancellation);
        await store.RememberAsync(StoreFixture.Scope("K"), intent.Fingerprint, keep, StoreFixture.Answer(200), null, Cancellation);

        AssertAnswer(StoreFixture.Answer(201), (await store.FindKeyAsync(StoreFixture.Scope("K"), Cancellation))!.Answer);
        Assert.Single(await store.FindAuditAsync("x", 9, Cancellation));

        static (string?, Answer?) Of(KeyRecord? record) => (record?.IntentId, record?.Answer);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_key_without_an_intent_holds_its_answer(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;

        await store.RememberAsync(StoreFixture.Scope("K"), "f", TimeSpan.FromHours(1), StoreFixture.Answer(200), null, Cancellation);

        var found = await store.FindKeyAsync(StoreFixture.Scope("K"), Cancellation);
        Assert.Equal(("f", (string?)null), (found!.Fingerprint, found.IntentId));
        AssertAnswer(StoreFixture.Answer(200), found.Answer);
        Assert.Null(await store.FindKeyAsync(StoreFixture.Scope("K", "eu"), Cancellation));
        Assert.IsType<BeginResult.KeyTaken>(await store.BeginAsync(fixture.Intent("a", "K"), Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_finished_key_expires_and_is_overwritten(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var intent = fixture.Intent("a", "K");
        await store.BeginAsync(intent, Cancellation);
        await store.CompleteAsync(fixture.Completion(intent), Cancellation);

        fixture.Clock.Advance(intent.KeepKeyFor - TimeSpan.FromTicks(1));
        Assert.NotNull(await store.FindKeyAsync(StoreFixture.Scope("K"), Cancellation));
        fixture.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Null(await store.FindKeyAsync(StoreFixture.Scope("K"), Cancellation));

        Assert.IsType<BeginResult.Granted>(await store.BeginAsync(fixture.Intent("b", "K"), Cancellation));
        Assert.Equal("b", (await store.FindKeyAsync(StoreFixture.Scope("K"), Cancellation))!.IntentId);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_key_lives_as_long_as_its_intent_is_open(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var intent = fixture.Intent("a", "K");
        await store.BeginAsync(intent, Cancellation);

        fixture.Clock.Advance(TimeSpan.FromDays(3));
        await store.AppendAuditAsync([fixture.Audit("x", 200)], Cancellation);
        Assert.IsType<BeginResult.KeyTaken>(await store.BeginAsync(fixture.Intent("b", "K"), Cancellation));

        // The answer that came late is kept its full time.
        await store.CompleteAsync(fixture.Completion(intent), Cancellation);
        fixture.Clock.Advance(TimeSpan.FromHours(23));
        AssertAnswer(StoreFixture.Answer(201), (await store.FindKeyAsync(StoreFixture.Scope("K"), Cancellation))?.Answer);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Open_intents_are_abandoned_when_their_owner_is_gone_or_their_lease_is_over(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await store.BeginAsync(fixture.Intent("late") with { LeaseUntil = now.AddSeconds(10), CreatedAt = now.AddSeconds(1) }, Cancellation);
        await store.BeginAsync(fixture.Intent("alive") with { LeaseUntil = now.AddSeconds(90) }, Cancellation);
        await store.BeginAsync(fixture.Intent("orphan") with { LeaseOwner = "process-0", LeaseUntil = now.AddSeconds(10) }, Cancellation);
        var done = fixture.Intent("done") with { LeaseUntil = now };
        await store.BeginAsync(done, Cancellation);
        await store.CompleteAsync(fixture.Completion(done), Cancellation);

        // A shared engine lets a moment pass beyond the lease.
        fixture.Clock.Advance(TimeSpan.FromSeconds(engine == "postgresql" ? 11 : 10));

        Assert.Equal(["orphan", "late"], (await store.AbandonedAsync(StoreFixture.Owner, 9, Cancellation)).Select(i => i.Id));
        Assert.Equal(["orphan"], (await store.AbandonedAsync(StoreFixture.Owner, 1, Cancellation)).Select(i => i.Id));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Of_many_who_take_over_an_intent_one_gets_it(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var intent = fixture.Intent("a", "K", "R");
        await store.BeginAsync(intent, Cancellation);
        fixture.OutliveLeases();
        var until = fixture.Clock.GetUtcNow().AddMinutes(2);

        var leases = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => store.LeaseAsync(intent, $"p{i}", until, Cancellation).AsTask(), Cancellation)));

        var leased = Assert.Single(leases, l => l is not null)!;
        var stored = (await store.FindIntentAsync("a", Cancellation))!;
        Assert.Equal((leased.LeaseOwner, until, leased.Version), (stored.LeaseOwner, stored.LeaseUntil, stored.Version));

        // Who lost the lease can't undo the work of who has it; but work that was done is done, whoever reports it.
        await store.ReleaseAsync(intent, "connection refused", Cancellation);
        await store.RefuseAsync(intent, StoreFixture.Answer(422), null, Cancellation);
        Assert.Equal(IntentState.Open, (await store.FindIntentAsync("a", Cancellation))!.State);
        Assert.True(await store.CompleteAsync(fixture.Completion(intent), Cancellation));
        Assert.Null(await store.LeaseAsync((await store.FindIntentAsync("a", Cancellation))!, "p99", until, Cancellation));
    }

    private static readonly IEqualityComparer<OperationResult> Same =
        EqualityComparer<OperationResult>.Create((a, b) => a! with { Record = default, Facts = default } == b! with { Record = default, Facts = default });

    private static void AssertAnswer(Answer expected, Answer? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal((expected.Status, expected.ContentType), (actual.Status, actual.ContentType));
        Assert.Equal(expected.Headers, actual.Headers);
        Assert.Equal(StoreFixture.Text(expected.Body), StoreFixture.Text(actual.Body));
    }
}
