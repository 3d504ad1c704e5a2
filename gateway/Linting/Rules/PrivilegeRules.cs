using System.Globalization;
using Gateway.Configuration;
using Gateway.Policies.Authorize;

namespace Gateway.Linting.Rules;

/// <summary>Nobody may more than is used.</summary>
internal static class PrivilegeRules
{
    /// <summary>How long the key of a device may hold.</summary>
    private static readonly TimeSpan DeviceKeyLife = TimeSpan.FromDays(90);

    public static readonly IReadOnlyList<LintRule> All =
    [
        new("route-authorizes", Severity.Error, "Every route that knows its callers says what they must be allowed to do.", Authorizes),
        new("scope-unused", Severity.Warning, "Every scope is wanted by a route.", Unused),
        new("scope-granted-for-nothing", Severity.Warning, "No consumer and no role has a scope that no route wants of it.", GrantedForNothing),
        new("scope-granted-twice", Severity.Warning, "No consumer is granted by itself what a role of its brings.", GrantedTwice),
        new("device-key-short", Severity.Warning, "The key of a device ends within 90 days.", LongKeys),
    ];

    private static IEnumerable<LintFinding> Authorizes(LintSubject subject) => subject.Plan.Routes
        .Where(route => route.Surface.Credentials.Count > 0 && !route.Uses.Any(u => u.Options is AuthorizeOptions))
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
        IEnumerable<(IReadOnlyList<string> Names, string Who, IReadOnlyList<string> Scopes)> granted =
        [
            .. subject.Document.Roles.Select(r => ((IReadOnlyList<string>)[r.Key], $"the role '{r.Key}'", r.Value.Scopes)),
            .. Consumers(subject).Select(c => ((IReadOnlyList<string>)[c.Name, c.Partner], $"'{c.Name}'", c.Written.Scopes)),
        ];
        return granted.SelectMany(g => Each(g.Scopes, subject).Where(s => !wanted.Contains(s.Name))
            .Select(s => new LintFinding(g.Names, s.Place, $"{g.Who} has the scope '{s.Name}', which no route wants", "take it away")));
    }

    /// <summary>Taking the role away would leave the scope behind.</summary>
    private static IEnumerable<LintFinding> GrantedTwice(LintSubject subject) =>
        from consumer in Consumers(subject)
        from scope in Each(consumer.Written.Scopes, subject)
        let role = consumer.Written.Roles.FirstOrDefault(r => subject.Document.Roles[r].Scopes.Contains(scope.Name))
        where role is not null
        select new LintFinding([consumer.Name, consumer.Partner], scope.Place, $"'{consumer.Name}' has the scope '{scope.Name}' by itself, and by the role '{role}' as well", "keep one: with the other the scope would stay when one is taken away");

    private static IEnumerable<LintFinding> LongKeys(LintSubject subject) =>
        from consumer in Consumers(subject)
        where consumer.Written.Kind == ConsumerKind.Device
        from key in consumer.Written.Keys
        where key.Expires > subject.Now + DeviceKeyLife
        select new LintFinding([consumer.Name, consumer.Partner], subject.Places.Of(key, nameof(key.Expires)), $"a key of the device '{consumer.Name}' holds for more than {DeviceKeyLife.TotalDays:0} days", "let it end sooner, and give the device a new one in time");

    private static IEnumerable<(string Name, string Partner, ConsumerDocument Written)> Consumers(LintSubject subject) =>
        subject.Document.Partners.SelectMany(p => p.Value.Consumers.Select(c => (c.Key, p.Key, c.Value)));

    private static IEnumerable<(string Name, Place Place)> Each(IReadOnlyList<string> scopes, LintSubject subject) =>
        scopes.Select((scope, i) => (scope, subject.Places.Of(scopes, i.ToString(CultureInfo.InvariantCulture))));

    private static HashSet<string> Wanted(LintSubject subject) => [.. subject.Plan.Routes.SelectMany(r => r.Surface.Scopes)];
}
