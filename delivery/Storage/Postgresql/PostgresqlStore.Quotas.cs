namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Quotas of days and months.</summary>
public sealed partial class PostgresqlStore
{
    public ValueTask<QuotaGrant> TakeQuotaAsync(QuotaKey key, long limit, long least, long wanted, DateTimeOffset ends, CancellationToken cancellation) =>
        _db.WriteAsync(connection => connection.FirstAsync(
            QuotaRows.Take(key, limit, least, wanted, ends), row => new QuotaGrant(row.GetInt64(0), row.GetInt64(1)), CancellationToken.None), cancellation);

    public async ValueTask AddQuotaAsync(QuotaKey key, long units, DateTimeOffset ends, CancellationToken cancellation) =>
        await RunAsync([QuotaRows.Add(key, units, ends)], cancellation);

    public async ValueTask<IReadOnlyList<QuotaUse>> QuotasAsync(string tenant, CancellationToken cancellation) =>
        await AllAsync(QuotaRows.OfTenant(tenant), row => QuotaRows.Read(row, tenant), cancellation);
}
