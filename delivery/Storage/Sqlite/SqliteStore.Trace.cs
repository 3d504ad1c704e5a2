namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>What timelines are made of.</summary>
public sealed partial class SqliteStore
{
    public async ValueTask<IReadOnlyList<ToldEvent>> EventsAboutAsync(IReadOnlyCollection<string> subjects, int max, CancellationToken cancellation) =>
        await ReadAsync(db => TraceRows.About(db, subjects, max), cancellation);

    public async ValueTask<IReadOnlyList<StoredEvent>> ReadEventsAboutAsync(IReadOnlyCollection<string> subjects, string? tenant, long after, int max, CancellationToken cancellation) =>
        await ReadAsync(db => Events.About(db, subjects, tenant, after, max), cancellation);

    public async ValueTask<IReadOnlyList<EventDelivery>> DeliveriesOfEventsAsync(IReadOnlyCollection<long> positions, int max, CancellationToken cancellation) =>
        await ReadAsync(db => DeliveryRows.OfEvents(db, positions, max), cancellation);
}
