namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Quotas: one writer, so that what is left can't be given twice.</summary>
public sealed partial class SqliteStore
{
    public ValueTask<QuotaGrant> TakeQuotaAsync(QuotaKey key, long limit, long least, long wanted, DateTimeOffset ends, CancellationToken cancellation) => WriteAsync(db =>
    {
        var taken = QuotaRows.Taken(db, key);
        var left = limit - taken;
        if (left < least) return new QuotaGrant(0, taken);
        var granted = Math.Min(left, wanted);
        QuotaRows.Add(db, key, granted, ends);
        return new QuotaGrant(granted, taken + granted);
    }, cancellation);

    public async ValueTask AddQuotaAsync(QuotaKey key, long units, DateTimeOffset ends, CancellationToken cancellation) => await WriteAsync(db =>
    {
        QuotaRows.Add(db, key, units, ends);
        return true;
    }, cancellation);

    public async ValueTask<IReadOnlyList<QuotaUse>> QuotasAsync(string tenant, CancellationToken cancellation) =>
        await ReadAsync(db => QuotaRows.OfTenant(db, tenant), cancellation);
}
