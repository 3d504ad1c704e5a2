namespace Gateway.Policies.Quota;

/// <summary>What a change of a quota does, told by what each caller has before and after.</summary>
internal static class QuotaChanges
{
    public static IEnumerable<PolicyEffect> Compare(QuotaOptions? before, QuotaOptions? after, IReadOnlyCollection<ComparedCaller> callers)
    {
        if (before is null && after is null) return [];
        var names = callers.Select(c => c.Now.Partner.Name);
        if (after is null) return [new PolicyEffect(EffectClass.SecurityWeakening, $"the quota of {Text(before!, before!.Limit)} is dropped{PolicyEffect.Affects(names)}")];
        if (before is null) return [new PolicyEffect(EffectClass.Breaking, $"there is a quota of {Text(after, after.Limit)} now{PolicyEffect.Affects(names)}")];
        return [.. Counting(before, after), .. Failing(before, after), .. Amounts(before, after, callers)];
    }

    private static IEnumerable<PolicyEffect> Counting(QuotaOptions before, QuotaOptions after)
    {
        if (before.By != after.By)
            yield return new PolicyEffect(after.By == QuotaBy.Partner ? EffectClass.Breaking : EffectClass.Attention, $"the quota is counted by {QuotaKind.Word(after.By)}, was by {QuotaKind.Word(before.By)}, and begins anew");
        if (before.Cost != after.Cost)
            yield return new PolicyEffect(EffectClass.Breaking, $"a request takes {after.Cost ?? "one"} of the quota, was {before.Cost ?? "one"}");
    }

    private static IEnumerable<PolicyEffect> Failing(QuotaOptions before, QuotaOptions after)
    {
        if (before.OnStoreFailure == after.OnStoreFailure) yield break;
        var effect = after.OnStoreFailure switch
        {
            QuotaFailing.Allow => EffectClass.SecurityWeakening,
            QuotaFailing.Deny => EffectClass.Breaking,
            _ => before.OnStoreFailure == QuotaFailing.Deny ? EffectClass.SecurityWeakening : EffectClass.Attention,
        };
        yield return new PolicyEffect(effect, $"while the store is away the quota is {Without(after.OnStoreFailure)}, was {Without(before.OnStoreFailure)}");
    }

    /// <summary>Tiers nobody is in, and the limit of those without one, are told as well: the next partner may be.</summary>
    private static IEnumerable<PolicyEffect> Amounts(QuotaOptions before, QuotaOptions after, IReadOnlyCollection<ComparedCaller> callers)
    {
        var who = callers.Select(c => (c.Now.Partner.Name, Then: c.Then.Partner.Tier, Now: c.Now.Partner.Tier));
        var all = before.Tiers.Keys.Union(after.Tiers.Keys).Append(null).Select(tier => (Name: "", Then: tier, Now: tier)).Concat(who);
        return
            from caller in all
            let then = before.LimitOf(caller.Then)
            let now = after.LimitOf(caller.Now)
            where then != now || before.Per != after.Per
            let tier = Tier(caller.Then, caller.Now, before, after)
            group caller.Name by (then, now, tier) into one
            let less = one.Key.now / Days(after) < one.Key.then / Days(before) || before.Per != after.Per
            select new PolicyEffect(less ? EffectClass.Breaking : EffectClass.Safe, $"quota{one.Key.tier} {Text(before, one.Key.then)} -> {Text(after, one.Key.now)}{PolicyEffect.Affects(one.Where(n => n.Length > 0))}");
    }

    /// <summary>Which tier's quota it is; a partner that changed its tier has changed that and not the tier.</summary>
    private static string Tier(string? then, string? now, QuotaOptions before, QuotaOptions after)
    {
        if (then != now) return $", tier {then ?? "none"} -> {now ?? "none"},";
        return now is not null && (after.Tiers.ContainsKey(now) || before.Tiers.ContainsKey(now)) ? $" for tier {now}" : "";
    }

    private static double Days(QuotaOptions options) => options.Per == QuotaSpan.Day ? 1 : 30;

    private static string Text(QuotaOptions options, long limit) => $"{limit} a {QuotaKind.Word(options.Per)}";

    private static string Without(QuotaFailing failing) => failing switch
    {
        QuotaFailing.Deny => "refused (503)",
        QuotaFailing.Allow => "not held to",
        _ => "counted by each node",
    };
}
