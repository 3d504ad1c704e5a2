using Gateway.Explaining;
using Gateway.Policies.Authenticate;
using Microsoft.Net.Http.Headers;

namespace Gateway.Cases.Routes;

/// <summary>Who calls in a case: puts on a request what the route's own authentication takes, or what a step says is wrong with it.</summary>
internal sealed class CaseCaller(Plan plan, CaseWorld world, IReadOnlyDictionary<string, IssuerOptions> issuers, CaseClock clock)
{
    private string? _token;

    /// <summary>What to put on a request, as a header; null for nothing. An error says why that can't be done.</summary>
    public (KeyValuePair<string, string>? Header, string? Error) Show(StepDocument step, string? consumer, string method, string path)
    {
        var ways = Explanation.Find(plan, method, path.Split('?')[0])?.Uses.Select(u => u.Options).OfType<AuthenticateOptions>().FirstOrDefault();
        var asked = step.Credentials;
        if (asked == CaseCredentials.None || (asked is null && (consumer is null || ways is null))) return (null, null);
        if (consumer is null) return asked == CaseCredentials.UnknownKey ? (Key(ways, "key of nobody"), null) : (null, "credentials: are somebody's; add consumer:");
        if (!plan.Consumers.TryGetValue(consumer, out var known)) return (null, $"there is no consumer '{consumer}'; {Nearest.Cure(consumer, plan.Consumers.Keys)}");
        asked ??= ways!.AllWays.OfType<ApiKeyOptions>().Any() && world.HasKeys(known) ? CaseCredentials.Key : CaseCredentials.Token;
        return asked switch
        {
            CaseCredentials.Key when !world.HasKeys(known) => (null, $"the consumer '{consumer}' has no keys"),
            CaseCredentials.Key => (Key(ways, CaseWorld.KeyOf(known)), null),
            CaseCredentials.UnknownKey => (Key(ways, "key of nobody"), null),
            CaseCredentials.SameToken when _token is null => (null, "no token was sent before"),
            CaseCredentials.SameToken => (Bearer(_token!), null),
            _ => NewToken(step, known, ways, asked.Value),
        };
    }

    private (KeyValuePair<string, string>? Header, string? Error) NewToken(StepDocument step, Consumer consumer, AuthenticateOptions? ways, CaseCredentials asked)
    {
        IReadOnlyList<string>? taken = ways?.AllWays.OfType<BearerOptions>().SelectMany(way => way.Issuers).ToList() is { Count: > 0 } named ? named : null;
        var subject = consumer.Subjects.FirstOrDefault(s => taken is null || taken.Contains(s.Split('/')[0]));
        if (subject is null) return (null, $"the consumer '{consumer.Name}' has no subject at {string.Join(" or ", taken ?? issuers.Keys)}");
        var (issuer, name) = (subject.Split('/', 2)[0], subject.Split('/', 2)[1]);
        if (asked == CaseCredentials.StrangersToken) name = issuers[issuer].Tenants.Count > 0 ? $"{name.Split('/')[0]}/a-stranger" : "a-stranger";
        using var made = new MadeUpIssuer(issuers[issuer]);
        _token = made.Sign(name, asked, step.Claims, clock.GetUtcNow());
        return (Bearer(_token), null);
    }

    private static KeyValuePair<string, string> Key(AuthenticateOptions? ways, string key) => new((ways?.AllWays.OfType<ApiKeyOptions>().FirstOrDefault() ?? new ApiKeyOptions()).Header, key);

    private static KeyValuePair<string, string> Bearer(string token) => new(HeaderNames.Authorization, "Bearer " + token);
}
