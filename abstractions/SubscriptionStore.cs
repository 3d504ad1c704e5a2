namespace Gateway;

/// <summary>Subscriptions that partners have made themselves. The part of <see cref="IStore"/> that is about them.</summary>
public interface ISubscriptionStore
{
    /// <summary>
    /// Stores a new subscription. One with its id is the same, made by an earlier call whose answer was lost: then nothing is changed, and it is added.
    /// </summary>
    /// <param name="most">So many may its partner have.</param>
    ValueTask<SubscriptionAdded> AddSubscriptionAsync(StoredSubscription subscription, int most, CancellationToken cancellation);

    /// <summary>Stores what became of a subscription. False when the version has changed since it was read, or it was removed.</summary>
    /// <param name="subscription">As it becomes, with the version that was read; with <see cref="StoredSubscription.RemovedAt"/> it is removed, and its terms are kept no longer.</param>
    /// <param name="reopening">Its endpoint begins anew with it, in the same transaction; null where it stays as it is.</param>
    ValueTask<bool> ChangeSubscriptionAsync(StoredSubscription subscription, EndpointReopening? reopening, CancellationToken cancellation);

    ValueTask<bool> ChangeSubscriptionAsync(StoredSubscription subscription, CancellationToken cancellation) => ChangeSubscriptionAsync(subscription, null, cancellation);

    /// <summary>One subscription, if it belongs to the tenant; also a removed one, which says so.</summary>
    ValueTask<StoredSubscription?> FindSubscriptionAsync(string tenant, string id, CancellationToken cancellation);

    /// <summary>Those that a tenant has, by name.</summary>
    ValueTask<IReadOnlyList<StoredSubscription>> SubscriptionsAsync(string tenant, CancellationToken cancellation);

    /// <summary>Subscriptions that were made, changed or removed after a change, in the order of their changes. It costs next to nothing where there are none.</summary>
    ValueTask<IReadOnlyList<StoredSubscription>> SubscriptionsChangedAsync(long after, int max, CancellationToken cancellation);

    /// <summary>Keeps that the condition of a subscription failed, and how often by now; it is no change of the subscription.</summary>
    ValueTask NoteTroubleAsync(string tenant, string id, ConditionTrouble trouble, CancellationToken cancellation);

    /// <summary>Deliveries of one endpoint, by when they were made, each with the event it is of.</summary>
    /// <param name="name">Of its subscription.</param>
    ValueTask<IReadOnlyList<SubscriptionDelivery>> DeliveriesOfAsync(string tenant, string name, DeliveryPage page, CancellationToken cancellation);
}

/// <summary>How adding a subscription ended.</summary>
public enum SubscriptionAdded
{
    Added,

    /// <summary>The tenant has another one of this name.</summary>
    NameTaken,

    /// <summary>The tenant has as many as it may.</summary>
    TooMany,
}

/// <summary>A subscription as it is kept.</summary>
/// <param name="Id">The gateway's, opaque.</param>
/// <param name="Name">One of a tenant's has it; the other half of the endpoint's key.</param>
public sealed record StoredSubscription(string Id, string Tenant, string Name)
{
    /// <summary>Encrypted at rest; null for a removed one, and where they can't be decrypted.</summary>
    public SubscriptionTerms? Terms { get; init; }

    /// <summary>Grows with every change, from 1; a change says which it has read.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Grows over all subscriptions with every change: what a node keeps in step by. Given by the store.</summary>
    public long Change { get; init; }

    /// <summary>External id of the call that changed it last: by it a repeat is known.</summary>
    public required string ChangedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    public DateTimeOffset? RemovedAt { get; init; }

    /// <summary>How its condition failed last; null where it never did.</summary>
    public ConditionTrouble? Trouble { get; init; }
}

/// <summary>What a partner has asked for.</summary>
/// <param name="Types">Of events; <c>*</c> stands for all.</param>
/// <param name="Secrets">Newest first.</param>
public sealed record SubscriptionTerms(string Url, IReadOnlyList<string> Types, IReadOnlyList<string> Secrets)
{
    /// <summary>Until when all but the newest secret sign, too; null where there is only one.</summary>
    public DateTimeOffset? OldSecretsUntil { get; init; }

    /// <inheritdoc cref="Subscription.When"/>
    public string? When { get; init; }

    /// <inheritdoc cref="Subscription.Mapping"/>
    public string? Mapping { get; init; }

    public WebhookOrder Order { get; init; }

    public WebhookMode Mode { get; init; }
}

/// <summary>That a condition could not be judged.</summary>
/// <param name="At">When it failed last.</param>
/// <param name="Count">How often it did, about: what nodes count at the same time may be counted once.</param>
public sealed record ConditionTrouble(DateTimeOffset At, string Error, long Count);

/// <summary>A delivery, and which event it is of; null where that is no longer in the log.</summary>
/// <param name="Row">Of several that were made at the same moment, the later has the higher one.</param>
public sealed record SubscriptionDelivery(EventDelivery Delivery, string? EventId, string? Type, string? Subject, long Row)
{
    public DeliveryMark Mark => new(Delivery.CreatedAt, Row);
}

/// <summary>A place among the deliveries of an endpoint, which new ones don't move.</summary>
public sealed record DeliveryMark(DateTimeOffset At, long Row);

/// <summary>A part of the deliveries of an endpoint.</summary>
/// <param name="Max">So many at most.</param>
public sealed record DeliveryPage(int Max)
{
    /// <summary>Only what stands behind it, in the order that is asked for; null for the first page.</summary>
    public DeliveryMark? After { get; init; }

    /// <summary>Else the newest come first.</summary>
    public bool OldestFirst { get; init; }
}
