using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>What operators see of intents, and what becomes of those that they give up.</summary>
public sealed class DecisionTests
{
    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_is_given_up_frees_key_and_reference_and_is_told_in_the_audit(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var intent = fixture.Intent("a", "K", "R");
        await store.BeginAsync(intent, Cancellation);

        Assert.True(await store.GiveUpAsync(intent, "it is not there", fixture.Audit("c-decision", 200), Cancellation));
        Assert.False(await store.GiveUpAsync(intent, "again", fixture.Audit("c-again", 200), Cancellation));

        Assert.Equal(IntentState.NotDone, (await store.FindIntentAsync("a", Cancellation))!.State);
        Assert.Null(await store.FindKeyAsync(StoreFixture.Scope("K"), Cancellation));
        Assert.Single(await store.FindAuditAsync("c-decision", 9, Cancellation));
        Assert.Empty(await store.FindAuditAsync("c-again", 9, Cancellation));
        Assert.IsType<BeginResult.Granted>(await store.BeginAsync(fixture.Intent("b", "K", "R"), Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_somebody_took_over_or_finished_is_not_given_up(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var (leased, done) = (fixture.Intent("a", "K", "R"), fixture.Intent("b", "K2", "R2"));
        await store.BeginAsync(leased, Cancellation);
        await store.BeginAsync(done, Cancellation);
        await store.LeaseAsync(leased, StoreFixture.Owner, fixture.Clock.GetUtcNow().AddSeconds(30), Cancellation);
        await store.CompleteAsync(fixture.Completion(done), Cancellation);

        foreach (var intent in (Intent[])[leased, done, (await store.FindIntentAsync("b", Cancellation))!])
            Assert.False(await store.GiveUpAsync(intent, "too late", fixture.Audit("c-late", 200), Cancellation));

        Assert.NotNull(await store.FindKeyAsync(StoreFixture.Scope("K"), Cancellation));
        Assert.NotNull((await store.FindKeyAsync(StoreFixture.Scope("K2"), Cancellation))!.Answer);
        Assert.Empty(await store.FindAuditAsync("c-late", 9, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Intents_are_listed_by_state_newest_first(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        foreach (var id in (string[])["a", "b", "c", "d"])
        {
            await store.BeginAsync(fixture.Intent(id, "k-" + id), Cancellation);
            fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        await store.CompleteAsync(fixture.Completion(fixture.Intent("b", "k-b")), Cancellation);
        await store.GiveUpAsync(fixture.Intent("c", "k-c"), "not there", fixture.Audit("c", 200), Cancellation);

        Assert.Equal("d,a", await ListAsync(IntentState.Open, 9));
        Assert.Equal("b", await ListAsync(IntentState.Succeeded, 9));
        Assert.Equal("c", await ListAsync(IntentState.NotDone, 9));
        Assert.Equal("", await ListAsync(IntentState.Refused, 9));
        Assert.Equal("d,c,b,a", await ListAsync(null, 9));
        Assert.Equal("d,c", await ListAsync(null, 2));
        Assert.Equal("d", await ListAsync(IntentState.Open, 1));

        async Task<string> ListAsync(IntentState? state, int max) => string.Join(',', (await store.IntentsAsync(state, max, Cancellation)).Select(i => i.Id));
    }
}
