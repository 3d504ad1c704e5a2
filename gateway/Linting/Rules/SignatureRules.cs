using Gateway.Policies.Authenticate;
using Gateway.Policies.Authenticate.Signatures;

namespace Gateway.Linting.Rules;

/// <summary>What signatures must be good for, where a scheme of somebody else's asks for less.</summary>
internal static class SignatureRules
{
    public static readonly IReadOnlyList<LintRule> All =
    [
        new("hmac-covers-request", Severity.Warning, "An HMAC is over the time, the method, the path, the query and the body.", Hmac),
        new("webhook-secret-path", Severity.Warning, "A secret in a path is the last resort of senders that can do nothing else.", SecretPath),
        new("signature-key-expires", Severity.Warning, "Every key that signs requests has an end.", Expires),
    ];

    private static IEnumerable<LintFinding> Hmac(LintSubject subject) =>
        from route in subject.Plan.Routes
        from use in route.Uses
        where use.Options is AuthenticateOptions
        from way in ((AuthenticateOptions)use.Options).AllWays.OfType<HmacOptions>()
        let missing = Enum.GetValues<HmacPart>().Except(way.Signed).Select(part => part.ToString().ToLowerInvariant()).ToList()
        where missing.Count > 0
        select new LintFinding([route.Name, route.Api], subject.Places.Of(way), $"the HMAC of '{route.Name}' is not over the {string.Join(", ", missing)}: who reads a request on its way can send it again, or elsewhere", "sign them too, if the partner can");

    private static IEnumerable<LintFinding> SecretPath(LintSubject subject) =>
        from route in subject.Plan.Routes
        where route.HidesPath
        select new LintFinding([route.Name, route.Api], route.Place, $"the route '{route.Name}' knows its caller by a secret in the path, which proxies and the sender's own logs show", "let the sender sign, or waive the rule with the reason");

    private static IEnumerable<LintFinding> Expires(LintSubject subject) =>
        from partner in subject.Document.Partners
        from consumer in partner.Value.Consumers
        from key in consumer.Value.SignatureKeys
        where key.Expires is null
        select new LintFinding([consumer.Key, partner.Key], subject.Places.Of(key), $"the key '{key.Id}' of {consumer.Key} signs for ever", "add expires: and the day by which it is replaced");
}
