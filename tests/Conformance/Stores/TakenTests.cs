using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>Names that are taken once: what signed requests are remembered by.</summary>
public sealed class TakenTests
{
    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_name_is_taken_once_until_its_time_is_over(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var until = fixture.Clock.GetUtcNow().AddMinutes(5);

        Assert.True(await store.TakeOnceAsync("one", until, Cancellation));
        Assert.False(await store.TakeOnceAsync("one", until.AddHours(1), Cancellation));
        Assert.True(await store.TakeOnceAsync("two", until, Cancellation));
        fixture.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        Assert.False(await store.TakeOnceAsync("one", until, Cancellation));
        fixture.Clock.Advance(TimeSpan.FromTicks(1));

        Assert.True(await store.TakeOnceAsync("one", until.AddMinutes(5), Cancellation));
        Assert.False(await store.TakeOnceAsync("one", until.AddMinutes(5), Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Of_many_at_once_one_takes_it_and_after_a_restart_nobody_else_does(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var until = fixture.Clock.GetUtcNow().AddMinutes(5);

        var taken = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => store.TakeOnceAsync("one", until, Cancellation).AsTask()));
        await store.DisposeAsync();
        var again = await fixture.OpenAsync();

        Assert.Single(taken, t => t);
        Assert.False(await again.TakeOnceAsync("one", until, Cancellation));
        Assert.True(await again.TakeOnceAsync("two", until, Cancellation));
    }
}
