using Gateway.Configuration;
using Gateway.Usage;

namespace Gateway.Planning;

/// <summary>A workspace that compiled: as it was written, and its Plan.</summary>
public sealed record PlannedWorkspace(LoadedWorkspace Workspace, Plan Plan)
{
    internal WorkspaceDocument Document => Workspace.Document!;
}

/// <summary>What the change from one workspace to another does, as effects. A route, a consumer, a backend is the same as long as its name is.</summary>
public static class PlanComparison
{
    /// <summary>The effects, worst first, then by subject.</summary>
    public static IReadOnlyList<Effect> Compare(PlannedWorkspace before, PlannedWorkspace after)
    {
        var then = before.Plan.Routes.ToDictionary(r => r.Name);
        var now = after.Plan.Routes.ToDictionary(r => r.Name);
        var contracts = new ContractChanges(before.Workspace.Files, after.Workspace.Files);
        var routes = new RouteChanges(before, after);
        var callers = new RouteCallers(before.Document);
        IEnumerable<Effect> effects =
        [
            .. then.Values.Where(r => !now.ContainsKey(r.Name)).Select(r => new Effect(EffectClass.Breaking, r.Name, $"{r.Method} {r.Pattern} is gone")),
            .. now.Values.Where(r => !then.ContainsKey(r.Name)).Select(r => new Effect(EffectClass.Safe, r.Name, $"{r.Method} {r.Pattern} is new")),
            .. now.Values.Where(r => then.ContainsKey(r.Name)).SelectMany(r => (IEnumerable<Effect>)[.. routes.Of(then[r.Name], r), .. contracts.Of(then[r.Name], r)]),
            .. ConsumerChanges.Between(before, after),
            .. OperatorChanges.Between(before, after),
            .. WebhookChanges.Between(before, after),
            .. BackendChanges.Between(before, after),
            .. EdgeChanges.Between(before, after),
            .. TlsChanges.Between(before, after),
            .. MappingChanges.Between(before, after),
        ];
        return
        [
            .. effects.Select(e => Named(e, then.GetValueOrDefault(e.Subject), callers)).Select(e => e.Place == Place.None && now.TryGetValue(e.Subject, out var route) ? e with { Place = route.Place } : e)
                .OrderByDescending(e => e.Class).ThenBy(e => e.Subject, StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// What a route does to its callers is said with their names, unless the effect names somebody itself. What is weakened is no matter of
    /// those who may call anyway.
    /// </summary>
    private static Effect Named(Effect effect, PlanRoute? route, RouteCallers callers) =>
        route is null || effect.Class is EffectClass.Safe or EffectClass.SecurityWeakening || effect.Text.EndsWith(')') && effect.Text.Contains(PolicyEffect.AffectsStart, StringComparison.Ordinal)
            ? effect
            : effect with { Text = effect.Text + PolicyEffect.Affects(callers.Of(route)) };
}
