using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Table <c>quotas</c>.</summary>
internal static class QuotaRows
{
    /// <summary>How long what was taken is kept behind the end of its period: clocks of nodes differ, and operators look at what was.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    private const string TakenSql = "SELECT taken FROM quotas WHERE tenant = $tenant AND quota = $quota AND counted = $counted AND period = $period";

    private const string AddSql =
        """
        INSERT INTO quotas (tenant, quota, counted, period, taken, ends_at) VALUES ($tenant, $quota, $counted, $period, max(0, $units), $endsAt)
        ON CONFLICT (tenant, quota, counted, period) DO UPDATE SET taken = max(0, taken + $units), ends_at = $endsAt
        """;

    private const string OfTenantSql = "SELECT quota, counted, period, taken, ends_at FROM quotas WHERE tenant = $tenant ORDER BY quota, counted, period";

    private const string PurgeSql = "DELETE FROM quotas WHERE rowid IN (SELECT rowid FROM quotas WHERE ends_at < $before LIMIT $max)";

    public static long Taken(Session db, QuotaKey key) => Convert.ToInt64(Keyed(db.Command(TakenSql), key).ExecuteScalar() ?? 0L, CultureInfo.InvariantCulture);

    public static void Add(Session db, QuotaKey key, long units, DateTimeOffset ends) => Keyed(db.Command(AddSql), key).Bind("$units", units).Bind("$endsAt", ends).Run();

    public static List<QuotaUse> OfTenant(Session db, string tenant) => db.Command(OfTenantSql).Bind("$tenant", tenant)
        .All(row => new QuotaUse(new QuotaKey(tenant, row.GetString(0), row.GetString(1), row.GetString(2)), row.GetInt64(3), row.Time(4)));

    /// <summary>Removes some whose period is long over; how many.</summary>
    public static int Purge(Session db, DateTimeOffset now, int max) => db.Command(PurgeSql).Bind("$before", now - KeptFor).Bind("$max", max).Run();

    private static SqliteCommand Keyed(SqliteCommand command, QuotaKey key) =>
        command.Bind("$tenant", key.Tenant).Bind("$quota", key.Quota).Bind("$counted", key.Counted).Bind("$period", key.Period);
}
