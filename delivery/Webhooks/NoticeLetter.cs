namespace Gateway.Delivery.Webhooks;

/// <summary>
/// What could not be told to a partner of a backend's event. It is kept as a delivery that goes to no endpoint and is dead from the beginning, so it is found,
/// edited and skipped as any dead letter. Sent again, it is told as it would be told now, once.
/// </summary>
public static class NoticeLetter
{
    /// <summary>Whose it is where nobody can say whose.</summary>
    public const string Nobody = "-";

    /// <summary>No webhook has such a name.</summary>
    private const string Before = "notice:";

    /// <summary>The type that was to be told, by the name that stands for its endpoint; null where that is the name of a webhook.</summary>
    public static string? TypeOf(string subscription) => subscription.StartsWith(Before, StringComparison.Ordinal) ? subscription[Before.Length..] : null;

    /// <param name="key">Of an endpoint, as <see cref="EndpointState.Key"/> has it.</param>
    public static bool IsOne(string key) => key.Contains("/" + Before, StringComparison.Ordinal);

    /// <summary>The letter of an event; the same event has one for each partner and type, however often it is told.</summary>
    /// <param name="tenant">The partner; <see cref="Nobody"/> where nobody can say.</param>
    /// <param name="type">What was to be told: <c>parcel.moved.v1</c>.</param>
    public static EventDelivery Of(StoredEvent stored, string tenant, string type, string cause, DateTimeOffset now)
    {
        var name = Before + type;
        return new EventDelivery(DeliveryId.Of(tenant, name, stored.Event.Source, stored.Event.Id), tenant, name, stored.Position, now)
        {
            State = DeliveryState.Dead,
            Attempts = 1,
            Cause = cause,
            DiedAt = now,
        };
    }
}

/// <summary>Tells a backend's event again; null where it is told, else why it could not be.</summary>
/// <param name="told">The event, with other data where an operator has edited the letter.</param>
/// <exception cref="StoreUnavailableException">It is tried again by itself.</exception>
public delegate ValueTask<NoticeFault?> RetellNotice(EventDelivery letter, StoredEvent told, CancellationToken cancellation);

/// <summary>Why an event could not be told.</summary>
/// <param name="Cause">In the words of <see cref="DeliveryCause"/>.</param>
/// <param name="Reason">For operators.</param>
public sealed record NoticeFault(string Cause, string Reason);
