namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Subscriptions that partners have made themselves.</summary>
public sealed partial class SqliteStore
{
    private SubscriptionRows Subscriptions => field ??= new SubscriptionRows(_payloads);

    public async ValueTask<SubscriptionAdded> AddSubscriptionAsync(StoredSubscription subscription, int most, CancellationToken cancellation)
    {
        var terms = _payloads.Seal(subscription.Terms);
        return await WriteAsync(db => Subscriptions.Add(db, subscription, terms, most), cancellation);
    }

    public async ValueTask<bool> ChangeSubscriptionAsync(StoredSubscription subscription, EndpointReopening? reopening, CancellationToken cancellation)
    {
        var terms = subscription.RemovedAt is null ? _payloads.Seal(subscription.Terms) : null;
        var (changed, appended) = await WriteAsync(db =>
        {
            if (!SubscriptionRows.Change(db, subscription, terms)) return (false, false);
            return (true, reopening is not null && Reopen(db, reopening).Appended);
        }, cancellation);
        if (appended) Appended();
        return changed;
    }

    public ValueTask<StoredSubscription?> FindSubscriptionAsync(string tenant, string id, CancellationToken cancellation) =>
        ReadAsync(db => Subscriptions.Find(db, tenant, id), cancellation);

    public async ValueTask<IReadOnlyList<StoredSubscription>> SubscriptionsAsync(string tenant, CancellationToken cancellation) =>
        await ReadAsync(db => Subscriptions.OfTenant(db, tenant), cancellation);

    public async ValueTask<IReadOnlyList<StoredSubscription>> SubscriptionsChangedAsync(long after, int max, CancellationToken cancellation) =>
        await ReadAsync(db => Subscriptions.Changed(db, after, max), cancellation);

    public async ValueTask NoteTroubleAsync(string tenant, string id, ConditionTrouble trouble, CancellationToken cancellation) => await WriteAsync(db =>
    {
        SubscriptionRows.Note(db, tenant, id, trouble);
        return true;
    }, cancellation);

    public async ValueTask<IReadOnlyList<SubscriptionDelivery>> DeliveriesOfAsync(string tenant, string name, DeliveryPage page, CancellationToken cancellation) =>
        await ReadAsync(db => SubscriptionRows.Deliveries(db, tenant, name, page), cancellation);
}
