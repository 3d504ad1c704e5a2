namespace Gateway;

/// <summary>
/// Dead letters: deliveries that nobody sends any more by itself, until an operator decides. They are the deliveries in the state
/// <see cref="DeliveryState.Dead"/>, and nothing beside them. The part of <see cref="IStore"/> that is about them.
/// </summary>
public interface IDeadLetterStore
{
    /// <summary>How many there are, by cause and endpoint.</summary>
    ValueTask<IReadOnlyList<DeadLetterCount>> CountDeadAsync(DeadLetterQuery query, CancellationToken cancellation);

    /// <summary>The newest first.</summary>
    /// <param name="after">Behind which one; null for the first.</param>
    ValueTask<IReadOnlyList<DeadLetter>> DeadLettersAsync(DeadLetterQuery query, DeadLetterPlace? after, int max, CancellationToken cancellation);

    /// <summary>How many of each endpoint there are, and how many of these were overtaken. By endpoint.</summary>
    ValueTask<IReadOnlyList<DeadLetterLine>> DeadLinesAsync(DeadLetterQuery query, CancellationToken cancellation);

    /// <summary>Those that a retry would take, in the order they would be sent in.</summary>
    ValueTask<IReadOnlyList<DeadLetter>> NextDeadAsync(DeadLetterRetry retry, CancellationToken cancellation);

    /// <summary>
    /// Makes dead letters due, under the ids they have, each with its whole schedule before it: of each endpoint the earliest event first, one every
    /// <see cref="DeadLetterRetry.Step"/>. Appends the record of it, which is told how many these were: one transaction.
    /// </summary>
    ValueTask<int> RetryDeadAsync(DeadLetterRetry retry, Func<int, AuditRecord> audit, CancellationToken cancellation);

    /// <summary>Skips dead letters, the earliest first, and appends the record of it, which is told how many these were: one transaction.</summary>
    /// <param name="note">See <see cref="EventDelivery.Note"/>.</param>
    ValueTask<int> SkipDeadAsync(DeadLetterQuery query, string note, int max, Func<int, AuditRecord> audit, CancellationToken cancellation);

    /// <summary>
    /// Stores a delivery of changed data in the place of a dead one, which is skipped and stays as it was: one transaction with the record. False when
    /// the dead one's version has changed, or it is no longer dead.
    /// </summary>
    /// <param name="dead">With the note that it is skipped with.</param>
    /// <param name="edited">Of the same event and endpoint, in the same place of the line; see <see cref="EventDelivery.EditOf"/>.</param>
    /// <param name="data">The event's data as they are told now, JSON; encrypted at rest.</param>
    ValueTask<bool> EditDeadAsync(EventDelivery dead, EventDelivery edited, ReadOnlyMemory<byte> data, AuditRecord audit, CancellationToken cancellation);

    /// <summary>Stores a delivery that is dead from the beginning, with its one attempt. False where one of its id is there; then nothing is changed.</summary>
    ValueTask<bool> AddDeadAsync(EventDelivery dead, DeliveryAttempt attempt, CancellationToken cancellation);

    /// <summary>The event as a delivery tells it, with the data of an edit under an id of its own; null where it is no longer in the log.</summary>
    ValueTask<StoredEvent?> FindEventAsync(EventDelivery delivery, CancellationToken cancellation);

    /// <summary>The delivery that took the place of one; null where none has.</summary>
    ValueTask<EventDelivery?> FindEditAsync(string deliveryId, CancellationToken cancellation);
}

/// <summary>Which dead letters are meant. What is null narrows nothing.</summary>
public sealed record DeadLetterQuery
{
    /// <summary>One delivery.</summary>
    public string? Id { get; init; }

    public string? Tenant { get; init; }

    public string? Subscription { get; init; }

    /// <summary>Of the event: <c>order.accepted.v1</c>.</summary>
    public string? Type { get; init; }

    /// <summary>In the words of <see cref="DeliveryCause"/>.</summary>
    public string? Cause { get; init; }

    /// <summary>The event's, whether its endpoint keeps an order or not.</summary>
    public string? OrderingKey { get; init; }

    /// <summary>Dead since this moment or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Dead before this moment.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>It means every dead letter there is.</summary>
    public bool IsAll => this == new DeadLetterQuery();
}

/// <summary>What a dead letter stands behind in a list, the newest first.</summary>
public readonly record struct DeadLetterPlace(DateTimeOffset DiedAt, string Id);

/// <summary>A dead letter, and which event it is of.</summary>
public sealed record DeadLetter(EventDelivery Delivery)
{
    /// <summary>Null where the event is no longer in the log; so are the next two.</summary>
    public string? EventId { get; init; }

    public string? Type { get; init; }

    public string? Subject { get; init; }

    /// <summary>The event's ordering key; of an event that is gone, what its delivery waited in line by.</summary>
    public string? Key { get; init; }
}

/// <summary>Dead letters of one cause and one endpoint.</summary>
/// <param name="First">When the first of them became dead.</param>
/// <param name="Newest">Id of the last of them.</param>
public sealed record DeadLetterCount(string Cause, string Tenant, string Subscription, int Count, DateTimeOffset First, DateTimeOffset Last, string Newest);

/// <summary>Dead letters of one endpoint.</summary>
/// <param name="Overtaken">How many of them are in a line in which a later event of their ordering key has arrived.</param>
public sealed record DeadLetterLine(string Tenant, string Subscription, int Count, int Overtaken)
{
    public string Key => $"{Tenant}/{Subscription}";
}

/// <summary>Which dead letters are sent again, and how fast.</summary>
/// <param name="From">When the first of each endpoint is due.</param>
/// <param name="Step">Between two of one endpoint.</param>
public sealed record DeadLetterRetry(DeadLetterQuery Query, DateTimeOffset From, TimeSpan Step)
{
    /// <summary>So many at most, the earliest events.</summary>
    public required int Max { get; init; }

    /// <summary>Also those that were overtaken: they arrive behind what happened after them.</summary>
    public bool Late { get; init; }

    /// <summary>Types of events that are not sent again (<see cref="EventTypes.NeverReplayed"/>).</summary>
    public IReadOnlyList<string> Never { get; init; } = [];

    /// <summary>Keys of endpoints whose letters are left as they are.</summary>
    public IReadOnlyList<string> Except { get; init; } = [];
}

/// <summary>
/// What an attempt failed of, in few words, so that what has one reason is one group: no addresses, no times, no names. The error beside it says more.
/// </summary>
public static class DeliveryCause
{
    public const string Timeout = "timeout";
    public const string ConnectionRefused = "connection refused";
    public const string NameUnknown = "name not found";
    public const string Tls = "tls failed";
    public const string NoConnection = "no connection";
    public const string NotAllowed = "address not allowed";
    public const string NotSendable = "not sendable";
    public const string MappingFailed = "mapping failed";
    public const string EndpointGone = "endpoint removed";
    public const string EventGone = "event expired";
    public const string Unreadable = "event unreadable";
    public const string BuyerMissing = "buyer missing";
    public const string NoticeUnmapped = "notice not mapped";
    public const string NoticeBroken = "notice breaks contract";
    public const string NoticeGone = "notice removed";
    public const string Unknown = "unknown";

    /// <summary><c>status 503</c>: what the endpoint answered.</summary>
    public static string OfStatus(int status) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"status {status}");

    /// <summary>Of an attempt that does not say.</summary>
    public static string Of(DeliveryAttempt attempt) => attempt.Cause ?? (attempt.Status > 0 ? OfStatus(attempt.Status) : Unknown);
}
