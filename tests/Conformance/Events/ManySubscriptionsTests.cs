using Gateway.Delivery.Webhooks;
using Gateway.Tests.Conformance.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gateway.Tests.Conformance.Events;

/// <summary>
/// Ten thousand subscriptions that partners have made, in a store that was closed and opened since: what an event costs is what waits for it. Counted, not timed: which subscriptions are looked
/// at, which deliveries are stored, and how often the store is asked.
/// </summary>
public sealed class ManySubscriptionsTests
{
    private const int Partners = 500;

    /// <summary>Of each partner ten wait for orders, nine for parcels, and one for everything.</summary>
    private const int OfEach = 20;

    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Of_ten_thousand_that_are_stored_an_event_costs_those_that_wait_for_it(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await MakeAsync(fixture, store);
        foreach (var (id, tenant, type) in ((string, string, string)[])[("a", "p7", "order.accepted.v1"), ("b", "p499", "parcel.moved.v1"), ("c", "p0", "stock.counted.v1"), ("d", "stranger", "order.accepted.v1")])
            await store.AppendEventAsync(new NewEvent(id, tenant, type, "/orders", "o", "o", fixture.Clock.GetUtcNow(), "{}"u8.ToArray()), Cancellation);
        await store.DisposeAsync();
        store = await fixture.OpenAsync();

        var book = new SubscriptionBook(store, () => Array.Empty<Subscription>(), TimeProvider.System, NullLogger<SubscriptionBook>.Instance);
        await book.FollowAsync(Cancellation);
        Assert.Equal(Partners * OfEach, book.All.Count());
        Assert.Equal(11 + 10 + 1, await FannedOutAsync(store, book, upTo: 4));
        Assert.Equal(11 + 10 + 1, await DeliveriesAsync(fixture));

        // One more of them is followed as one change, and is asked for by nothing else.
        Assert.Empty(await store.SubscriptionsChangedAsync(Partners * OfEach, 10, Cancellation));
        await store.AddSubscriptionAsync(Made(fixture, "p7", OfEach), OfEach + 1, Cancellation);
        Assert.Equal(["s20"], (await store.SubscriptionsChangedAsync(Partners * OfEach, 10, Cancellation)).Select(s => s.Name));
        await store.AppendEventAsync(new NewEvent("e", "p7", "order.accepted.v1", "/orders", "o", "o", fixture.Clock.GetUtcNow(), "{}"u8.ToArray()), Cancellation);
        await book.FollowAsync(Cancellation);
        Assert.Equal(12, await FannedOutAsync(store, book, upTo: 5));
        Assert.Equal(22 + 12, await DeliveriesAsync(fixture));
    }

    private static async Task<long> DeliveriesAsync(StoreFixture fixture)
    {
        await using var connection = await fixture.ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM deliveries";
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    /// <summary>How many subscriptions were looked at for what had not been fanned out.</summary>
    private static async Task<long> FannedOutAsync(IStore store, SubscriptionBook book, long upTo)
    {
        using var fanOut = new WebhookFanOut(store, book, TimeProvider.System, NullLogger<WebhookFanOut>.Instance);
        await fanOut.StartAsync(Cancellation);
        while ((await store.FindCursorAsync(WebhookFanOut.Reader, Cancellation)).Position < upTo) await Task.Delay(20, Cancellation);
        await fanOut.StopAsync(Cancellation);
        return fanOut.Considered;
    }

    private static Task MakeAsync(StoreFixture fixture, IStore store) => Parallel.ForEachAsync(
        from partner in Enumerable.Range(0, Partners) from number in Enumerable.Range(0, OfEach) select Made(fixture, $"p{partner}", number),
        new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancellation },
        async (made, cancellation) => Assert.Equal(SubscriptionAdded.Added, await store.AddSubscriptionAsync(made, OfEach, cancellation)));

    private static StoredSubscription Made(StoreFixture fixture, string partner, int number) => new($"sub_{partner}_{number}", partner, $"s{number}")
    {
        Terms = new SubscriptionTerms("https://shop.example/hook", [number == OfEach - 1 ? "*" : number % 2 == 0 ? "order.accepted.v1" : "parcel.moved.v1"], ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]),
        ChangedBy = "int_1",
        CreatedAt = fixture.Clock.GetUtcNow(),
        ChangedAt = fixture.Clock.GetUtcNow(),
    };
}
