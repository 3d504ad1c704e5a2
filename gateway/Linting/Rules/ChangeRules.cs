using Gateway.Planning;
using Gateway.Policies.Contract;

namespace Gateway.Linting.Rules;

/// <summary>What a change may not do to those who keep to what was agreed. Compared with the workspace before.</summary>
internal static class ChangeRules
{
    public static readonly IReadOnlyList<LintRule> All =
    [
        new("breaking-version", Severity.Error, "What breaks a contract's callers is a new version of it.", Versions) { Compares = true },
        new("gone-unannounced", Severity.Error, "A route ends after its sunset, and not before.", Gone) { Compares = true },
    ];

    private static IEnumerable<LintFinding> Versions(LintSubject subject)
    {
        if (subject.Before is not { } before) return [];
        var changes = new ContractChanges(before.Workspace.Files, subject.Workspace.Files);
        return
            from route in subject.Plan.Routes
            let then = before.Plan.Route(route.Name)
            where then is not null
            from found in changes.BreakingWithinVersion(then, route)
            group found by (found.Contract, found.Change.Pointer, found.Change.Keyword) into one
            let change = one.First().Change
            select new LintFinding([one.Key.Contract], new Place(CompiledContract.Path(one.Key.Contract), 1, 1),
                $"{one.Key.Contract} changes so that callers break: {change.Pointer} {change.Keyword}: {change.Reason}", $"leave it, and make {Next(one.Key.Contract)}");
    }

    private static IEnumerable<LintFinding> Gone(LintSubject subject)
    {
        if (subject.Before is not { } before) yield break;
        foreach (var then in before.Plan.Routes)
        {
            var (written, api) = (before.Written(then), before.Document.Apis[then.Api]);
            var lifecycle = written.Lifecycle ?? api.Lifecycle;
            if (lifecycle is Lifecycle.Draft or Lifecycle.Retired || (written.Sunset ?? api.Sunset) <= subject.Now) continue;
            var now = subject.Plan.Route(then.Name);
            if (now is not null && (now.Method, now.Pattern) == (then.Method, then.Pattern)) continue;
            yield return new LintFinding([then.Name, then.Api], now?.Place ?? PlaceOf(subject, then),
                now is null ? $"the route '{then.Name}' is gone, and its callers were not told" : $"the route '{then.Name}' moves from {then.Method} {then.Pattern}, and its callers were not told",
                "keep it with deprecated: and sunset: until then");
        }
    }

    /// <summary>Where a route stood that is gone: its API if that is still there, else the entry document; reports want a file that exists.</summary>
    private static Place PlaceOf(LintSubject subject, PlanRoute gone) =>
        subject.Document.Apis.ContainsKey(gone.Api) ? subject.Place(subject.Document.Apis, gone.Api) : new Place(Configuration.WorkspaceFiles.Entry, 1, 1);

    /// <summary><c>order@2</c> for <c>order@1</c>.</summary>
    private static string Next(string contract)
    {
        var at = contract.LastIndexOf('@');
        return $"{contract[..at]}@{int.Parse(contract[(at + 1)..], System.Globalization.CultureInfo.InvariantCulture) + 1}";
    }
}
