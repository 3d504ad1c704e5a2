using Gateway.Delivery.Webhooks;

namespace Gateway.Pipeline.Own.Subscriptions;

/// <summary>What the operations of partners' subscriptions work with while the gateway runs.</summary>
public sealed record SubscriptionDesk(IStore Store, SubscriptionBook Book, TimeProvider Clock);
