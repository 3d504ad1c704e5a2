using System.Globalization;

namespace Gateway.Linting.Rules;

/// <summary>Nobody may more than is used.</summary>
internal static class PrivilegeRules
{
    public static readonly IReadOnlyList<LintRule> All =
    [
        new("route-authorizes", Severity.Warning, "Every route that knows its callers says what they must be allowed to do.", Authorizes),
        new("scope-unused", Severity.Warning, "Every scope is wanted by a route.", Unused),
        new("scope-granted-for-nothing", Severity.Warning, "No consumer has a scope that no route wants of it.", GrantedForNothing),
        new("token-revoked", Severity.Warning, "A token that is revoked is good for five minutes more at most.", GoodTooLong),
    ];

    private static IEnumerable<LintFinding> Authorizes(LintSubject subject) => subject.Plan.Routes
        .Where(route => route.Surface.Credentials.Count > 0 && route.Surface.Scopes.Count == 0)
        .Select(route => new LintFinding([route.Name, route.Api], route.Place, $"the route '{route.Name}' lets in every consumer there is", "add authorize: { scopes: [NAME] }"));

    private static IEnumerable<LintFinding> Unused(LintSubject subject)
    {
        var wanted = Wanted(subject);
        return subject.Document.Scopes.Keys
            .Where(scope => !wanted.Contains(scope))
            .Select(scope => new LintFinding([scope], subject.Place(subject.Document.Scopes, scope), $"no route wants the scope '{scope}'", "remove it, or let a route want it"));
    }

    private static IEnumerable<LintFinding> GrantedForNothing(LintSubject subject)
    {
        var wanted = Wanted(subject);
        foreach (var (partner, document) in subject.Document.Partners)
        {
            foreach (var (name, consumer) in document.Consumers)
            {
                for (var i = 0; i < consumer.Scopes.Count; i++)
                {
                    if (!wanted.Contains(consumer.Scopes[i]))
                        yield return new LintFinding([name, partner], subject.Places.Of(consumer.Scopes, i.ToString(CultureInfo.InvariantCulture)), $"'{name}' has the scope '{consumer.Scopes[i]}', which no route wants", "take it away");
                }
            }
        }
    }

    private static IEnumerable<LintFinding> GoodTooLong(LintSubject subject) =>
        from issuer in subject.Document.Issuers
        let asked = issuer.Value.Introspection
        where asked?.CacheFor > TimeSpan.FromMinutes(5)
        select new LintFinding([issuer.Key], subject.Places.Of(asked, nameof(asked.CacheFor)), $"a token of '{issuer.Key}' that is revoked is good for {asked.CacheFor.TotalMinutes:0.#} minutes more", "write cacheFor: 5m, or less");

    private static HashSet<string> Wanted(LintSubject subject) => [.. subject.Plan.Routes.SelectMany(r => r.Surface.Scopes)];
}
