namespace Gateway.Delivery.Webhooks;

/// <summary>From a subscription as it is kept to one that runs.</summary>
public static class OwnSubscription
{
    /// <summary>Null where it was removed, or can't be read.</summary>
    public static Subscription? Of(StoredSubscription stored) => stored is { RemovedAt: null, Terms: { } terms }
        ? new Subscription(stored.Name, stored.Tenant, new Uri(terms.Url), terms.Types)
        {
            Id = stored.Id,
            Secrets = [.. terms.Secrets.Select(secret => new Secret($"of the subscription {stored.Id}", secret))],
            OldSecretsUntil = terms.OldSecretsUntil,
            Schedule = WebhookRetries.ByDefault,
            Order = terms.Order,
            Mode = terms.Mode,
            When = terms.When,
            Mapping = terms.Mapping,
        }
        : null;
}
