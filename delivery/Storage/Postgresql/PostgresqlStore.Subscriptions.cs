namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Subscriptions that partners have made themselves.</summary>
public sealed partial class PostgresqlStore
{
    public async ValueTask<SubscriptionAdded> AddSubscriptionAsync(StoredSubscription subscription, int most, CancellationToken cancellation)
    {
        var terms = _payloads.Seal(subscription.Terms);
        var added = SubscriptionAdded.Added;
        await _db.TransactAsync(async connection =>
        {
            added = SubscriptionAdded.Added;
            await connection.RunAsync(SubscriptionRows.Count());
            if (await connection.FirstAsync(SubscriptionRows.Find(subscription.Tenant, subscription.Id), _subscriptions.Read, CancellationToken.None) is not null) return false;
            var others = await connection.AllAsync(SubscriptionRows.Names(subscription.Tenant), row => row.GetString(0), CancellationToken.None);
            if (others.Contains(subscription.Name)) added = SubscriptionAdded.NameTaken;
            else if (others.Count >= most) added = SubscriptionAdded.TooMany;
            if (added != SubscriptionAdded.Added) return false;
            await connection.RunAsync(SubscriptionRows.Add(subscription, terms));
            return true;
        }, cancellation);
        return added;
    }

    public async ValueTask<bool> ChangeSubscriptionAsync(StoredSubscription subscription, EndpointReopening? reopening, CancellationToken cancellation)
    {
        var terms = subscription.RemovedAt is null ? _payloads.Seal(subscription.Terms) : null;
        var appended = false;
        var changed = await ChainedTransactAsync(async connection =>
        {
            appended = false;
            if ((await connection.RunAsync(SubscriptionRows.Count(), SubscriptionRows.Change(subscription, terms)))[1] == 0) return false;
            if (reopening is not null) appended = (await ReopenAsync(connection, reopening)).Appended;
            return true;
        }, cancellation);
        if (changed && appended) Appended();
        return changed;
    }

    public ValueTask<StoredSubscription?> FindSubscriptionAsync(string tenant, string id, CancellationToken cancellation) =>
        FirstAsync(SubscriptionRows.Find(tenant, id), _subscriptions.Read, cancellation);

    public async ValueTask<IReadOnlyList<StoredSubscription>> SubscriptionsAsync(string tenant, CancellationToken cancellation) =>
        await AllAsync(SubscriptionRows.OfTenant(tenant), _subscriptions.Read, cancellation);

    public async ValueTask<IReadOnlyList<StoredSubscription>> SubscriptionsChangedAsync(long after, int max, CancellationToken cancellation) =>
        await AllAsync(SubscriptionRows.Changed(after, max), _subscriptions.Read, cancellation);

    public async ValueTask NoteTroubleAsync(string tenant, string id, ConditionTrouble trouble, CancellationToken cancellation) =>
        await RunAsync([SubscriptionRows.Note(tenant, id, trouble)], cancellation);

    public async ValueTask<IReadOnlyList<SubscriptionDelivery>> DeliveriesOfAsync(string tenant, string name, DeliveryPage page, CancellationToken cancellation) =>
        await AllAsync(_subscriptions.Deliveries(tenant, name, page), _subscriptions.ReadDelivery, cancellation);
}
