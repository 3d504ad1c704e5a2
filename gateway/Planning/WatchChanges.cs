namespace Gateway.Planning;

/// <summary>What becomes of watching a backend: who hears of which changes, and how soon.</summary>
internal static class WatchChanges
{
    public static IEnumerable<PolicyEffect> Between(ChangesOptions? then, ChangesOptions? now)
    {
        var (was, holds) = (then?.Of ?? new Dictionary<string, string>(), now?.Of ?? new Dictionary<string, string>());
        if (holds.Keys.Except(was.Keys).ToList() is { Count: > 0 } more)
            yield return new PolicyEffect(EffectClass.Attention, $"partners hear of changes of {string.Join(", ", more)} there");
        if (was.Keys.Except(holds.Keys).ToList() is { Count: > 0 } less)
            yield return new PolicyEffect(EffectClass.Breaking, $"partners do not hear of changes of {string.Join(", ", less)} there any more");
        foreach (var (kind, mapping) in holds.Where(h => was.TryGetValue(h.Key, out var before) && before != h.Value))
            yield return new PolicyEffect(EffectClass.Attention, $"changes of {kind} are told by {mapping}, were told by {was[kind]}");
        if (then is null || now is null) yield break;
        if ((then.Every, then.Overlap, then.Reconcile, then.MostGone) != (now.Every, now.Overlap, now.Reconcile, now.MostGone))
            yield return new PolicyEffect(EffectClass.Attention, $"it is watched otherwise: {Text(now)}, was {Text(then)}");
        var (known, knows) = (SecretsOf(then), SecretsOf(now));
        if (known.Except(knows).ToList() is { Count: > 0 } gone) yield return new PolicyEffect(EffectClass.Breaking, $"hints with {string.Join(", ", gone)} are refused");
        if (knows.Except(known).ToList() is { Count: > 0 } fresh) yield return new PolicyEffect(EffectClass.Attention, $"hints with {string.Join(", ", fresh)} are taken");
    }

    private static string Text(ChangesOptions options) => FormattableString.Invariant(
        $"every {options.Every.TotalSeconds:0.###} s, {options.Overlap.TotalSeconds:0.###} s back, all ids every {options.Reconcile.TotalSeconds:0.###} s, {options.MostGone} gone at most");

    private static IEnumerable<string> SecretsOf(ChangesOptions options) => options.Hints?.Secrets.Select(s => s.Reference) ?? [];
}
