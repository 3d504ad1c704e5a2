namespace Gateway;

/// <summary>What was told of a thing, and how that arrived. The part of <see cref="IStore"/> that timelines are made of.</summary>
public interface ITraceStore
{
    /// <summary>Events about any of these subjects, of whatever tenant, the newest first; without what they say.</summary>
    ValueTask<IReadOnlyList<ToldEvent>> EventsAboutAsync(IReadOnlyCollection<string> subjects, int max, CancellationToken cancellation);

    /// <summary>
    /// Events about any of these subjects after a position, in the order of the log, with what they say. What it costs follows from what was told of the subjects,
    /// not from what else is in the log.
    /// </summary>
    /// <param name="tenant">Whose they are; null for everybody's.</param>
    ValueTask<IReadOnlyList<StoredEvent>> ReadEventsAboutAsync(IReadOnlyCollection<string> subjects, string? tenant, long after, int max, CancellationToken cancellation);

    /// <summary>Deliveries of any of these events, those of the newest event first.</summary>
    /// <param name="positions">Of the events in the log.</param>
    ValueTask<IReadOnlyList<EventDelivery>> DeliveriesOfEventsAsync(IReadOnlyCollection<long> positions, int max, CancellationToken cancellation);
}

/// <summary>That an event was told.</summary>
/// <param name="Position">In the log.</param>
public sealed record ToldEvent(long Position, string Id, string Tenant, string Type, string Subject, DateTimeOffset Time, string? CorrelationId);
