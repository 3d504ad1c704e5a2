namespace Gateway.Policies.Quota;

/// <summary>How far one quota of a partner, or of one of its consumers, is used in the period that runs.</summary>
/// <param name="Consumer">Who is counted; null where it is the partner as a whole.</param>
/// <param name="Routes">Routes that it is counted over, sorted.</param>
/// <param name="Used">Units that were used; what other nodes hold, to be used soon, is among them.</param>
public sealed record QuotaState(string Name, string? Consumer, IReadOnlyList<string> Routes, QuotaOptions Options, long Limit, long Used, QuotaPeriod Period)
{
    public long Left => Math.Max(0, Limit - Used);
}

/// <summary>What is used of quotas: for callers, and for operators.</summary>
public static class QuotaReport
{
    /// <summary>The quotas on some routes, as they stand for a partner and these consumers of it; drafts are left out, of which not all may know.</summary>
    public static async ValueTask<IReadOnlyList<QuotaState>> OfAsync(
        IStore store, QuotaBook book, IEnumerable<PlanRoute> routes, Partner partner, IReadOnlyCollection<string> consumers, CancellationToken cancellation)
    {
        var stored = (await store.QuotasAsync(partner.Name, cancellation)).ToDictionary(u => u.Key, u => u.Taken);
        var now = book.Clock.GetUtcNow();
        return
        [
            .. from quota in Declared(routes)
               from consumer in quota.Options.By == QuotaBy.Consumer ? consumers.Order(StringComparer.Ordinal) : (IEnumerable<string?>)[null]
               let period = QuotaPeriod.At(now, quota.Options.Per, partner.TimeZone)
               let taken = stored.GetValueOrDefault(new QuotaKey(partner.Name, quota.Name, consumer ?? "", period.Name))
               let counter = book.Find(new QuotaCaller(quota.Name, partner.Name, consumer ?? "", quota.Options.Per))
               select new QuotaState(quota.Name, consumer, quota.Routes, quota.Options, quota.Options.LimitOf(partner.Tier), counter?.UsedOf(period.Name, taken) ?? taken, period),
        ];
    }

    private static IEnumerable<(string Name, QuotaOptions Options, IReadOnlyList<string> Routes)> Declared(IEnumerable<PlanRoute> routes) =>
        from route in routes
        where route.Life is not { IsDraft: true }
        from use in route.Uses
        where use.Kind is QuotaKind
        let options = (QuotaOptions)use.Options
        group (Route: route.Name, Options: options) by QuotaKind.NameOf(use.Name, route.Name, options) into one
        orderby one.Key
        select (one.Key, one.First().Options, (IReadOnlyList<string>)[.. one.Select(o => o.Route).Distinct().Order(StringComparer.Ordinal)]);
}
