namespace Gateway.Delivery.Webhooks;

/// <summary>From a subscription as it is kept to one that runs.</summary>
public static class OwnSubscription
{
    /// <summary>Waits before the second, third … attempt, where nobody says otherwise: ten attempts in about three days.</summary>
    public static IReadOnlyList<TimeSpan> Schedule { get; } =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <summary>Null where it was removed, or can't be read.</summary>
    public static Subscription? Of(StoredSubscription stored) => stored is { RemovedAt: null, Terms: { } terms }
        ? new Subscription(stored.Name, stored.Tenant, new Uri(terms.Url), terms.Types)
        {
            Id = stored.Id,
            Secrets = [.. terms.Secrets.Select(secret => new Secret($"of the subscription {stored.Id}", secret))],
            OldSecretsUntil = terms.OldSecretsUntil,
            Schedule = Schedule,
            Order = terms.Order,
            Mode = terms.Mode,
            When = terms.When,
            Mapping = terms.Mapping,
        }
        : null;
}
