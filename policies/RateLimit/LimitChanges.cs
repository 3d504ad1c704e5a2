namespace Gateway.Policies.RateLimit;

/// <summary>What a change of a limit does, told by the limit that each caller has before and after.</summary>
internal static class LimitChanges
{
    public static IEnumerable<PolicyEffect> Compare(RateLimitOptions? before, RateLimitOptions? after, IReadOnlyCollection<ComparedCaller> callers)
    {
        if (before is null && after is null) return [];
        var who = callers.Select(c => (c.Now.Partner.Name, Then: c.Then.Partner.Tier, Now: c.Now.Partner.Tier)).ToList();
        if (after is null) return [new PolicyEffect(EffectClass.SecurityWeakening, $"the limit of {Text(before!, before!.Limit)} is dropped{PolicyEffect.Affects(who.Select(w => w.Name))}")];
        if (before is null) return [new PolicyEffect(EffectClass.Breaking, $"there is a limit of {Text(after, after.Limit)} now{PolicyEffect.Affects(who.Select(w => w.Name))}")];
        return [.. Counting(before, after), .. Amounts(before, after, who)];
    }

    private static IEnumerable<PolicyEffect> Counting(RateLimitOptions before, RateLimitOptions after)
    {
        if (before.By != after.By)
            yield return new PolicyEffect(EffectClass.Attention, $"the limit is counted by {Word(after.By)}, was by {Word(before.By)}");
    }

    private static IEnumerable<PolicyEffect> Amounts(RateLimitOptions before, RateLimitOptions after, List<(string Name, string? Then, string? Now)> who)
    {
        // Tiers nobody is in, and the limit of those without one, are told as well: the next partner may be.
        var all = before.Tiers.Keys.Union(after.Tiers.Keys).Append(null).Select(tier => (Name: "", Then: tier, Now: tier)).Concat(who);
        return
            from caller in all
            let then = Of(before, caller.Then)
            let now = Of(after, caller.Now)
            where then != now || before.Window != after.Window
            let tier = Tier(caller.Then, caller.Now, before, after)
            group caller.Name by (then, now, tier) into one
            let less = one.Key.now < one.Key.then || one.Key.now / after.Window.TotalSeconds < one.Key.then / before.Window.TotalSeconds
            select new PolicyEffect(less ? EffectClass.Breaking : EffectClass.Safe, $"limit{one.Key.tier} {Change(one.Key.then, one.Key.now, before, after)}{PolicyEffect.Affects(one.Where(n => n.Length > 0))}");
    }

    /// <summary>Which tier's limit it is; a partner that changed its tier has changed that and not the tier.</summary>
    private static string Tier(string? then, string? now, RateLimitOptions before, RateLimitOptions after)
    {
        if (then != now) return $", tier {then ?? "none"} -> {now ?? "none"},";
        return now is not null && (after.Tiers.ContainsKey(now) || before.Tiers.ContainsKey(now)) ? $" for tier {now}" : "";
    }

    private static string Change(int then, int now, RateLimitOptions before, RateLimitOptions after) => before.Window == after.Window
        ? $"{then} -> {Text(after, now)}"
        : $"{Text(before, then)} -> {Text(after, now)}";

    private static int Of(RateLimitOptions options, string? tier) => tier is not null && options.Tiers.TryGetValue(tier, out var own) ? own : options.Limit;

    private static string Text(RateLimitOptions options, int limit) => $"{limit} in {(long)options.Window.TotalSeconds} s";

    private static string Word(RateLimitKey by) => by.ToString().ToLowerInvariant();
}
