namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>What timelines are made of.</summary>
public sealed partial class PostgresqlStore
{
    public async ValueTask<IReadOnlyList<ToldEvent>> EventsAboutAsync(IReadOnlyCollection<string> subjects, int max, CancellationToken cancellation) =>
        await AllAsync(TraceRows.About(subjects, max), TraceRows.Read, cancellation);

    public async ValueTask<IReadOnlyList<StoredEvent>> ReadEventsAboutAsync(IReadOnlyCollection<string> subjects, string? tenant, long after, int max, CancellationToken cancellation) =>
        await AllAsync(EventRows.About(subjects, tenant, after, max), _events.Read, cancellation);

    public async ValueTask<IReadOnlyList<EventDelivery>> DeliveriesOfEventsAsync(IReadOnlyCollection<long> positions, int max, CancellationToken cancellation) =>
        await AllAsync(_deliveries.OfEvents(positions, max), _deliveries.Read, cancellation);
}
