namespace Gateway;

/// <summary>Whose quota of which period.</summary>
/// <param name="Quota">Name of the policy.</param>
/// <param name="Counted">The consumer that is counted; empty where its partner is, as a whole.</param>
/// <param name="Period">The period by its first day, <c>2026-11-29</c>, or its month, <c>2026-11</c>.</param>
public readonly record struct QuotaKey(string Tenant, string Quota, string Counted, string Period);

/// <summary>What came of taking units of a quota.</summary>
/// <param name="Granted">Units that are the taker's now; 0 where fewer were left than it needed.</param>
/// <param name="Taken">Units that are taken in the period by everybody, those included.</param>
public readonly record struct QuotaGrant(long Granted, long Taken);

/// <summary>What is taken of one quota in one period.</summary>
public sealed record QuotaUse(QuotaKey Key, long Taken, DateTimeOffset Ends);

/// <summary>
/// Where quotas are counted: part of the store. Who takes units has them, whether they are used or not, until they are given back.
/// Throws <see cref="StoreUnavailableException"/> as all of it does: then units may be taken that nobody has, and never the other way.
/// </summary>
public interface IQuotaStore
{
    /// <summary>Takes as many units as are left, <paramref name="wanted"/> at most; none when fewer than <paramref name="least"/> are left. Durable when it returns.</summary>
    /// <param name="limit">Units of the whole period, for everybody.</param>
    /// <param name="ends">When the period does; some days after that, the count is forgotten.</param>
    ValueTask<QuotaGrant> TakeQuotaAsync(QuotaKey key, long limit, long least, long wanted, DateTimeOffset ends, CancellationToken cancellation);

    /// <summary>Counts units that were used without asking, or, where they are negative, gives some back. Never below 0, and whatever the limit.</summary>
    ValueTask AddQuotaAsync(QuotaKey key, long units, DateTimeOffset ends, CancellationToken cancellation);

    /// <summary>What a tenant has taken, of all periods that are not forgotten.</summary>
    ValueTask<IReadOnlyList<QuotaUse>> QuotasAsync(string tenant, CancellationToken cancellation);
}
