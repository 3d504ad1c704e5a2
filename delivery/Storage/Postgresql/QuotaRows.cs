using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Table <c>quotas</c>. How much a statement grants is decided by the row as it is when the statement has it: nodes wait for each other there.</summary>
internal static class QuotaRows
{
    /// <summary>How long what was taken is kept behind the end of its period: clocks of nodes differ, and operators look at what was.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    private const string Granted = "CASE WHEN @limit - quotas.taken < @least THEN 0 ELSE least(@wanted, @limit - quotas.taken) END";

    private const string First = "CASE WHEN @limit < @least THEN 0 ELSE least(@wanted, @limit) END";

    private const string TakeSql =
        $"""
        INSERT INTO quotas (tenant, quota, counted, period, taken, granted, ends_at) VALUES (@tenant, @quota, @counted, @period, {First}, {First}, @endsAt)
        ON CONFLICT (tenant, quota, counted, period) DO UPDATE SET granted = {Granted}, taken = quotas.taken + {Granted}, ends_at = excluded.ends_at
        RETURNING granted, taken
        """;

    private const string AddSql =
        """
        INSERT INTO quotas (tenant, quota, counted, period, taken, granted, ends_at) VALUES (@tenant, @quota, @counted, @period, greatest(0, @units), 0, @endsAt)
        ON CONFLICT (tenant, quota, counted, period) DO UPDATE SET taken = greatest(0, quotas.taken + @units), granted = 0, ends_at = excluded.ends_at
        """;

    private const string OfTenantSql = "SELECT quota, counted, period, taken, ends_at FROM quotas WHERE tenant = @tenant ORDER BY quota COLLATE \"C\", counted COLLATE \"C\", period COLLATE \"C\"";

    // What another node removes just now is left to it.
    private const string PurgeSql =
        """
        DELETE FROM quotas WHERE (tenant, quota, counted, period) IN (
            SELECT tenant, quota, counted, period FROM quotas WHERE ends_at < @before LIMIT @max FOR UPDATE SKIP LOCKED)
        """;

    /// <summary>Its row says how much was granted, and how much is taken then.</summary>
    public static NpgsqlBatchCommand Take(QuotaKey key, long limit, long least, long wanted, DateTimeOffset ends) =>
        Keyed(TakeSql, key).Bind("limit", limit).Bind("least", least).Bind("wanted", wanted).Bind("endsAt", ends);

    public static NpgsqlBatchCommand Add(QuotaKey key, long units, DateTimeOffset ends) => Keyed(AddSql, key).Bind("units", units).Bind("endsAt", ends);

    public static NpgsqlBatchCommand OfTenant(string tenant) => Statements.Of(OfTenantSql).Bind("tenant", tenant);

    public static QuotaUse Read(NpgsqlDataReader row, string tenant) =>
        new(new QuotaKey(tenant, row.GetString(0), row.GetString(1), row.GetString(2)), row.GetInt64(3), row.Time(4));

    /// <summary>Removes some whose period is long over.</summary>
    public static NpgsqlBatchCommand Purge(DateTimeOffset now, int max) => Statements.Of(PurgeSql).Bind("before", now - KeptFor).Bind("max", max);

    private static NpgsqlBatchCommand Keyed(string sql, QuotaKey key) =>
        Statements.Of(sql).Bind("tenant", key.Tenant).Bind("quota", key.Quota).Bind("counted", key.Counted).Bind("period", key.Period);
}
