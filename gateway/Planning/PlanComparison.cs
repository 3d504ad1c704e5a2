using Gateway.Configuration;
using Gateway.Usage;

namespace Gateway.Planning;

/// <summary>A workspace that compiled: as it was written, and its Plan.</summary>
public sealed record PlannedWorkspace(LoadedWorkspace Workspace, Plan Plan)
{
    internal WorkspaceDocument Document => Workspace.Document!;
}

/// <summary>
/// What the change from one workspace to another does, as effects. A consumer, a backend is the same as long as its name is; a route too, and where
/// its name is gone and another route took its method, path and version, that is the one: callers know a route by these.
/// </summary>
public static class PlanComparison
{
    /// <summary>The effects, worst first, then by subject.</summary>
    public static IReadOnlyList<Effect> Compare(PlannedWorkspace before, PlannedWorkspace after)
    {
        var now = after.Plan.Routes.ToDictionary(r => r.Name);
        var then = NamedAsNow(before.Plan.Routes, now);
        var contracts = new ContractChanges(before.Workspace.Files, after.Workspace.Files);
        var routes = new RouteChanges(before, after);
        var callers = new RouteCallers(before.Document);
        IEnumerable<Effect> effects =
        [
            .. then.Where(r => !now.ContainsKey(r.Key)).Select(r => r.Value).Select(r => new Effect(EffectClass.Breaking, r.Name, $"{r.Method} {r.Pattern} is gone")),
            .. now.Values.Where(r => !then.ContainsKey(r.Name)).Select(New),
            .. now.Values.Where(r => then.ContainsKey(r.Name)).SelectMany(r => (IEnumerable<Effect>)[.. Renamed(then[r.Name], r), .. routes.Of(then[r.Name], r), .. contracts.Of(then[r.Name], r)]),
            .. ApiChanges.Between(before, after),
            .. ConsumerChanges.Between(before, after),
            .. IssuerChanges.Between(before, after),
            .. OperatorChanges.Between(before, after),
            .. WebhookChanges.Between(before, after),
            .. NoticeChanges.Between(before, after),
            .. EventTypeChanges.Between(before, after),
            .. FlowChanges.Between(before, after),
            .. BackendChanges.Between(before, after),
            .. EndpointChanges.Between(before, after),
            .. EdgeChanges.Between(before, after),
            .. TlsChanges.Between(before, after),
            .. AuditChanges.Between(before, after),
            .. StateChanges.Between(before, after),
            .. MappingChanges.Between(before, after),
        ];
        return
        [
            .. effects.Select(e => Named(e, then.GetValueOrDefault(e.Subject), callers)).Select(e => e.Place == Place.None && now.TryGetValue(e.Subject, out var route) ? e with { Place = route.Place } : e)
                .OrderByDescending(e => e.Class).ThenBy(e => e.Subject, StringComparer.Ordinal),
        ];
    }

    /// <summary>The routes of before, by the names that they have now.</summary>
    private static Dictionary<string, PlanRoute> NamedAsNow(IReadOnlyList<PlanRoute> before, Dictionary<string, PlanRoute> now)
    {
        var then = before.ToDictionary(r => r.Name);
        foreach (var route in now.Values.Where(r => !then.ContainsKey(r.Name)).ToList())
        {
            if (before.FirstOrDefault(r => !now.ContainsKey(r.Name) && (r.Method, r.Pattern, r.Version) == (route.Method, route.Pattern, route.Version)) is not { } same || !then.Remove(same.Name)) continue;
            then.Add(route.Name, same);
        }
        return then;
    }

    private static IEnumerable<Effect> Renamed(PlanRoute then, PlanRoute now) =>
        then.Name == now.Name ? [] : [new Effect(EffectClass.Attention, now.Name, $"{now.Method} {now.Pattern} was called {then.Name}: limits and keys that were counted under that name begin anew")];

    /// <summary>Whom a new route lets in decides how closely it is looked at.</summary>
    private static Effect New(PlanRoute route) => route switch
    {
        { Life.IsDraft: true } => new Effect(EffectClass.Safe, route.Name, $"{route.Method} {route.Pattern} is new, a draft"),
        { Surface.Credentials.Count: 0 } => new Effect(EffectClass.SecurityWeakening, route.Name, $"{route.Method} {route.Pattern} is new: anybody may call it"),
        { Surface: { Scopes.Count: 0, Roles.Count: 0 } } => new Effect(EffectClass.Attention, route.Name, $"{route.Method} {route.Pattern} is new: every consumer with the right credentials may call it"),
        _ => new Effect(EffectClass.Safe, route.Name, $"{route.Method} {route.Pattern} is new"),
    };

    /// <summary>
    /// What a route does to its callers is said with their names, unless the effect names somebody itself. What is weakened is no matter of
    /// those who may call anyway.
    /// </summary>
    private static Effect Named(Effect effect, PlanRoute? route, RouteCallers callers) =>
        route is null || effect.Class is EffectClass.Safe or EffectClass.SecurityWeakening || effect.Text.EndsWith(')') && effect.Text.Contains(PolicyEffect.AffectsStart, StringComparison.Ordinal)
            ? effect
            : effect with { Text = effect.Text + PolicyEffect.Affects(callers.Of(route)) };
}
