using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>Texts that others wrote: with U+0000, which PostgreSQL has no text for, and halves of pairs, which UTF-8 has none for.</summary>
public sealed class ForeignTextTests
{
    private const string Foreign = "a\0b\uD800c\uDC00\U0001F4E6d";
    private const string Kept = "a\uFFFDb\uFFFDc\uFFFD\U0001F4E6d";

    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task An_intent_is_released_and_given_up_whatever_the_reason_says(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var (released, given) = (fixture.Intent("a", "K", "R"), fixture.Intent("b", "K2", "R2"));
        await store.BeginAsync(released, Cancellation);
        await store.BeginAsync(given, Cancellation);

        await store.ReleaseAsync(released, Foreign, Cancellation);
        Assert.True(await store.GiveUpAsync(given, Foreign, fixture.Audit("c", 200) with { Reason = Foreign }, Cancellation));

        Assert.Equal(2, (await store.IntentsAsync(IntentState.NotDone, 9, Cancellation)).Count);
        Assert.Single(await store.FindAuditAsync("c", 9, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task An_attempt_is_recorded_whatever_the_endpoint_said(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var now = fixture.Clock.GetUtcNow();
        await store.AdvanceAsync("webhooks", default, 1, [new EventDelivery("d", "acme", "hook", 1, now) { NextAt = now }], Cancellation);
        var due = Assert.Single(await store.DueAsync(now, 9, Cancellation));

        Assert.True(await store.RecordAttemptAsync(due, new DeliveryAttempt(1, now, TimeSpan.Zero, 500, Foreign), DeliveryState.Dead, null, Cancellation));

        Assert.Equal(Kept, Assert.Single(await store.AttemptsAsync("d", Cancellation)).Error);
        Assert.Equal(1, (await store.FindDeliveryAsync("d", Cancellation))!.Attempts);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_a_backend_and_a_caller_name_comes_back_whole(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var intent = fixture.Intent("a", Foreign, Foreign) with { Path = "/v1/" + Foreign, CorrelationId = Foreign, TraceParent = Foreign };
        Assert.IsType<BeginResult.Granted>(await store.BeginAsync(intent, Cancellation));
        var completion = fixture.Completion(intent, Foreign);

        Assert.True(await store.CompleteAsync(completion with { Object = completion.Object! with { Reference = Foreign } }, Cancellation));

        var found = (await store.FindIntentAsync("a", Cancellation))!;
        Assert.Equal((Kept, "/v1/" + Kept, Kept, Kept), (found.ExternalId, found.Path, found.CorrelationId, found.TraceParent));
        Assert.Equal(Kept, (await store.FindObjectAsync("acme", "order", intent.ObjectId, Cancellation))!.Reference);
        Assert.Equal(Kept, Assert.Single(await store.ReadEventsAsync(0, 9, Cancellation)).Event.PartitionKey);
        Assert.NotNull((await store.FindKeyAsync(StoreFixture.Scope(Foreign), Cancellation))!.Answer);
    }
}
