using Gateway.Configuration;

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
        IEnumerable<Effect> effects =
        [
            .. then.Values.Where(r => !now.ContainsKey(r.Name)).Select(r => new Effect(EffectClass.Breaking, r.Name, $"{r.Method} {r.Pattern} is gone")),
            .. now.Values.Where(r => !then.ContainsKey(r.Name)).Select(r => new Effect(EffectClass.Safe, r.Name, $"{r.Method} {r.Pattern} is new")),
            .. now.Values.Where(r => then.ContainsKey(r.Name)).SelectMany(r => (IEnumerable<Effect>)[.. routes.Of(then[r.Name], r), .. contracts.Of(then[r.Name], r)]),
            .. ConsumerChanges.Between(before, after),
            .. WebhookChanges.Between(before, after),
            .. BackendChanges.Between(before, after),
            .. MappingChanges.Between(before, after),
        ];
        return
        [
            .. effects.Select(e => e.Place == Place.None && now.TryGetValue(e.Subject, out var route) ? e with { Place = route.Place } : e)
                .OrderByDescending(e => e.Class).ThenBy(e => e.Subject, StringComparer.Ordinal),
        ];
    }
}
