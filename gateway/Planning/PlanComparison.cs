using Gateway.Configuration;

namespace Gateway.Planning;

/// <summary>A workspace that compiled: its files and its Plan.</summary>
public sealed record PlannedWorkspace(WorkspaceFiles Files, Plan Plan);

/// <summary>What the change from one workspace to another does, as effects on routes. A route is the same as long as its name is.</summary>
public static class PlanComparison
{
    /// <summary>The effects, worst first, then by route.</summary>
    public static IReadOnlyList<Effect> Compare(PlannedWorkspace before, PlannedWorkspace after)
    {
        var then = before.Plan.Routes.ToDictionary(r => r.Name);
        var now = after.Plan.Routes.ToDictionary(r => r.Name);
        var contracts = new ContractChanges(before.Files, after.Files);
        IEnumerable<Effect> effects =
        [
            .. then.Values.Where(r => !now.ContainsKey(r.Name)).Select(r => new Effect(EffectClass.Breaking, r.Name, $"{r.Method} {r.Pattern} is gone")),
            .. now.Values.Where(r => !then.ContainsKey(r.Name)).Select(r => new Effect(EffectClass.Safe, r.Name, $"{r.Method} {r.Pattern} is new")),
            .. now.Values.Where(r => then.ContainsKey(r.Name)).SelectMany(r => (IEnumerable<Effect>)[.. Road(then[r.Name], r), .. contracts.Of(then[r.Name], r)]),
        ];
        return [.. effects.Select(e => now.TryGetValue(e.Route, out var route) ? e with { Place = route.Place } : e).OrderByDescending(e => e.Class).ThenBy(e => e.Route, StringComparer.Ordinal)];
    }

    private static IEnumerable<Effect> Road(PlanRoute before, PlanRoute after)
    {
        if ((before.Method, before.Pattern) != (after.Method, after.Pattern))
            yield return new Effect(EffectClass.Breaking, after.Name, $"{before.Method} {before.Pattern} moves to {after.Method} {after.Pattern}");
        foreach (var effect in WaysIn(before, after)) yield return effect;
        foreach (var policy in Others(before).Except(Others(after)))
            yield return new Effect(EffectClass.Attention, after.Name, $"the policy {policy} is dropped");
        foreach (var policy in Others(after).Except(Others(before)))
            yield return new Effect(EffectClass.Attention, after.Name, $"the policy {policy} is new");
        if (after.MaxBodyBytes < before.MaxBodyBytes)
            yield return new Effect(EffectClass.Breaking, after.Name, $"the largest body shrinks from {before.MaxBodyBytes} to {after.MaxBodyBytes} bytes");
    }

    private static IEnumerable<Effect> WaysIn(PlanRoute before, PlanRoute after)
    {
        var (then, now) = (before.Surface.Credentials, after.Surface.Credentials);
        if (then.Count > 0 && now.Count == 0) return [new Effect(EffectClass.Weakening, after.Name, "authentication is dropped: anybody may call")];
        if (then.Count == 0 && now.Count > 0) return [new Effect(EffectClass.Breaking, after.Name, "callers must say who they are now")];
        return
        [
            .. now.Except(then).Select(way => new Effect(EffectClass.Weakening, after.Name, $"another way in: {way}")),
            .. then.Except(now).Select(way => new Effect(EffectClass.Breaking, after.Name, $"a way in is gone: {way}")),
        ];
    }

    /// <summary>Policies that are not told by what they mean: those that are, have effects of their own.</summary>
    private static IEnumerable<string> Others(PlanRoute route) =>
        route.Policies.Where(p => !p.StartsWith("authenticate", StringComparison.Ordinal) && !p.StartsWith("contract", StringComparison.Ordinal));
}
