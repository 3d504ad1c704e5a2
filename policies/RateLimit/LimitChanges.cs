namespace Gateway.Policies.RateLimit;

/// <summary>What a change of limits does, told by the limit that each caller has before and after.</summary>
internal static class LimitChanges
{
    public static IEnumerable<PolicyEffect> Compare(RateLimitOptions? before, RateLimitOptions? after, IReadOnlyCollection<ComparedCaller> callers)
    {
        var then = before?.All("").ToDictionary() ?? [];
        var now = after?.All("").ToDictionary() ?? [];
        var who = callers.Select(c => (c.Now.Partner.Name, Then: c.Then.Partner.Tier, Now: c.Now.Partner.Tier)).ToList();
        return then.Keys.Union(now.Keys).SelectMany(name => Compare(name.Length > 0 ? $"limit '{name}'" : "limit", then.GetValueOrDefault(name), now.GetValueOrDefault(name), who));
    }

    private static IEnumerable<PolicyEffect> Compare(string what, LimitOptions? before, LimitOptions? after, List<(string Name, string? Then, string? Now)> who)
    {
        if (after is null) return [new PolicyEffect(EffectClass.SecurityWeakening, $"the {what} of {before!.Text(before.Most)} is dropped{PolicyEffect.Affects(who.Select(w => w.Name))}")];
        if (before is null) return [new PolicyEffect(EffectClass.Breaking, $"there is a {what} of {after.Text(after.Most)} now{PolicyEffect.Affects(who.Select(w => w.Name))}")];
        return [.. Counting(what, before, after), .. Amounts(what, before, after, who)];
    }

    private static IEnumerable<PolicyEffect> Counting(string what, LimitOptions before, LimitOptions after)
    {
        if (!before.CountedBy.SequenceEqual(after.CountedBy))
            yield return new PolicyEffect(EffectClass.Attention, $"the {what} is counted by {Counted(after)}, was by {Counted(before)}");
        if (before.Algorithm != after.Algorithm && before.IsConcurrency == after.IsConcurrency)
            yield return new PolicyEffect(EffectClass.Attention, $"the {what} counts as {Word(after.Algorithm)}, was {Word(before.Algorithm)}");
        if (before.Cost != after.Cost)
            yield return new PolicyEffect(EffectClass.Attention, $"a request takes {after.Cost ?? "one"} of the {what}, was {before.Cost ?? "one"}");
        if ((before.Reserve ?? new()) != (after.Reserve ?? new()))
            yield return new PolicyEffect(EffectClass.Attention, $"of the {what} is kept for higher priorities: {Kept(after)}, was {Kept(before)}");
        if (before.WithoutStore != after.WithoutStore)
        {
            yield return new PolicyEffect(
                after.WithoutStore == StoreFailure.Allow ? EffectClass.SecurityWeakening : EffectClass.Attention,
                $"while nodes can't count together, the {what} does {LimitText.Word(after.WithoutStore)}, was {LimitText.Word(before.WithoutStore)}");
        }
    }

    private static IEnumerable<PolicyEffect> Amounts(string what, LimitOptions before, LimitOptions after, List<(string Name, string? Then, string? Now)> who)
    {
        // Tiers nobody is in, and the limit of those without one, are told as well: the next partner may be.
        var all = before.Tiers.Keys.Union(after.Tiers.Keys).Append(null).Select(tier => (Name: "", Then: tier, Now: tier)).Concat(who);
        return
            from caller in all
            let then = before.For(caller.Then)
            let now = after.For(caller.Now)
            where then != now || before.Span != after.Span || before.IsConcurrency != after.IsConcurrency
            let tier = Tier(caller.Then, caller.Now, before, after)
            group caller.Name by (then, now, tier) into one
            let less = one.Key.now < one.Key.then || Rate(one.Key.now, after) < Rate(one.Key.then, before)
            select new PolicyEffect(less ? EffectClass.Breaking : EffectClass.Safe, $"{what}{one.Key.tier} {Change(one.Key.then, one.Key.now, before, after)}{PolicyEffect.Affects(one.Where(n => n.Length > 0))}");
    }

    /// <summary>A second; what is at work at the same time has none that could be compared.</summary>
    private static double Rate(int limit, LimitOptions options) => options.IsConcurrency ? double.PositiveInfinity : limit / options.Span.TotalSeconds;

    /// <summary>Which tier's limit it is; a partner that changed its tier has changed that and not the tier.</summary>
    private static string Tier(string? then, string? now, LimitOptions before, LimitOptions after)
    {
        if (then != now) return $", tier {then ?? "none"} -> {now ?? "none"},";
        return now is not null && (after.Tiers.ContainsKey(now) || before.Tiers.ContainsKey(now)) ? $" for tier {now}" : "";
    }

    private static string Change(int then, int now, LimitOptions before, LimitOptions after) => before.Span == after.Span && before.IsConcurrency == after.IsConcurrency
        ? $"{then} -> {after.Text(now)}"
        : $"{before.Text(then)} -> {after.Text(now)}";

    private static string Counted(LimitOptions options) => string.Join(" and ", options.CountedBy);

    private static string Kept(LimitOptions options) => options.Reserve is { } reserve ? $"{reserve.Normal} % from normal, {reserve.Low} % from low" : "nothing";

    private static string Word(LimitAlgorithm algorithm)
    {
        var name = algorithm.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }
}
