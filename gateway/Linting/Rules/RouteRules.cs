using Gateway.Configuration;
using Gateway.Policies.Contract;
using Gateway.Policies.Idempotency;
using Gateway.Policies.RateLimit;

namespace Gateway.Linting.Rules;

/// <summary>What every route does before it calls a backend, and what it gives away of one.</summary>
internal static class RouteRules
{
    private static readonly string[] Safe = ["GET", "HEAD"];

    public static readonly IReadOnlyList<LintRule> All =
    [
        Each("route-limits", Severity.Error, "Every caller has a limit: of its own where callers are known, by address where they are not.",
            (route, _) => !route.Uses.Any(u => u.Options is RateLimitOptions limit && Counts(limit, route)),
            "has no limit that is counted for each caller", "add a rateLimit by consumer or partner, or by address on a public route"),
        Each("unsafe-idempotent", Severity.Error, "Every request that changes something can be sent again without doing it twice.",
            (route, _) => Changes(route) && !RemovesOnce(route) && !route.Uses.Any(u => u.Kind is IdempotencyKind),
            "changes something, and does it twice when it is sent twice", "add an idempotency policy; a forwarded route can have none: call an operation, or waive the rule with the reason"),
        Each("unsafe-contract", Severity.Error, "Every body that changes something has a contract that is enforced.",
            (route, _) => route.Method is "POST" or "PUT" or "PATCH" && (route.Surface.Request is null || route.Surface.Reports),
            "takes bodies that no contract holds back", "add contract: { request: NAME@VERSION }, in the mode enforce"),
        Each("answer-contract", Severity.Warning, "Every answer has a contract, so that no backend's own shape reaches a partner.",
            (route, _) => GivesBodies(route.Surface) && !route.Surface.Responses.Keys.Any(s => s[0] == '2'),
            "gives its backend's answers as they are", "add contract: { response: NAME@VERSION }, and a mapping where the backend speaks otherwise"),
        Each("cors-any-origin", Severity.Warning, "Where callers are known, pages that may call in their browsers are named.",
            (route, _) => route.Surface.Credentials.Count > 0 && route.Protection.Cors?.Origins.Contains("*") is true,
            "asks who calls, and lets the pages of every origin call", "name the origins under cors:"),
        new("contract-canonical", Severity.Warning, "Contracts of callers are ours, and not a backend's in disguise.", BackendShaped),
    ];

    private static LintRule Each(string id, Severity level, string summary, Func<PlanRoute, LintSubject, bool> breaks, string message, string cure) => new(id, level, summary, subject => subject.Plan.Routes
        .Where(route => breaks(route, subject))
        .Select(route => new LintFinding([route.Name, route.Api], route.Place, $"the route '{route.Name}' {message}", cure)));

    private static bool Counts(RateLimitOptions limit, PlanRoute route) => limit.CountsEachCaller(route.Surface.Credentials.Count > 0);

    /// <summary>A DELETE has no body to know a repeat by, and the second one finds nothing (RFC 9110 section 9.2.2), where its operation says so.</summary>
    private static bool RemovesOnce(PlanRoute route) => route is { Method: "DELETE", Target: PlanTarget.Call { Operation.Descriptor.Idempotent: true } };

    /// <summary>As its operation says; of a forwarded request, nobody knows it but by its method (RFC 9110 section 9.2.1).</summary>
    private static bool Changes(PlanRoute route) => route.Target is PlanTarget.Call call ? call.Operation.Descriptor.Effect == Effect.Changes : !Safe.Contains(route.Method);

    private static bool GivesBodies(Surface surface) => surface.Successes.Count == 0 || surface.Successes.Any(s => s is not (204 or 205));

    /// <summary>Contracts that borrow a backend's schema, or whose members are for the most part those of one.</summary>
    private static IEnumerable<LintFinding> BackendShaped(LintSubject subject)
    {
        var backends = subject.Workspace.Files.Paths
            .Where(p => p.StartsWith("transforms/", StringComparison.Ordinal) && p.EndsWith(CompiledContract.Extension, StringComparison.Ordinal) && !p.StartsWith(CompiledContract.Folder, StringComparison.Ordinal) && !p.StartsWith(CompiledContract.EventFolder, StringComparison.Ordinal))
            .Select(p => (Name: CompiledContract.NameOf(p), Members: SchemaMembers.Of(subject.Workspace.Files, p)))
            .ToList();
        var contracts = subject.Plan.Routes.SelectMany(r => r.Surface.Responses.Values.Append(r.Surface.Request).OfType<string>()).Distinct().Order(StringComparer.Ordinal);
        foreach (var contract in contracts)
        {
            var path = CompiledContract.Path(contract);
            var members = SchemaMembers.Of(subject.Workspace.Files, path);
            foreach (var (name, theirs) in backends)
            {
                var shared = members.Count(theirs.Contains);
                if (shared >= 3 && shared * 3 >= members.Count * 2)
                    yield return new LintFinding([contract], new Place(path, 1, 1), $"{shared} of the {members.Count} members of {contract} are those of {name}: callers would break when that backend changes", "give it the words of the canonical model, and map");
            }
        }
    }
}
