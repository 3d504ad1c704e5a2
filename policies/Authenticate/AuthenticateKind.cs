namespace Gateway.Policies.Authenticate;

/// <summary>Who calls: finds the consumer by API key or bearer token, or refuses with 401 and the ways in (RFC 9110 section 11.6.1).
/// Credentials end here: they are taken off the request, so that no backend ever sees them.</summary>
public sealed class AuthenticateKind : PolicyKind<AuthenticateOptions>
{
    public override string Name => "authenticate";

    public override string Summary => "Lets in only known consumers, by API key or bearer token.";

    protected override void Describe(AuthenticateOptions options, PolicyScope scope, Surface surface)
    {
        surface.Failures.Add(Failure.Unauthenticated);
        surface.AnswerHeaders.Add(new SurfaceHeader("WWW-Authenticate", "The ways in (RFC 9110 section 11.6.1).", string.Join(", ", Challenges(options))) { Status = 401 });
        if (options.ApiKey is { } key) surface.Credentials.Add(new SurfaceCredential.ApiKey(key.Header));
        foreach (var name in options.Bearer?.Issuers ?? [])
        {
            if (scope.Issuers.TryGetValue(name, out var issuer)) surface.Credentials.Add(new SurfaceCredential.Token(name, issuer.Issuer));
        }
        if (options.Bearer is not null) surface.Failures.Add(Failure.IssuerUnavailable);
    }

    protected override IEnumerable<(Phase Phase, string Text)> Explain(AuthenticateOptions options, Consumer? consumer)
    {
        var key = options.ApiKey is { } apiKey ? $"an API key in {apiKey.Header}" : null;
        var issuers = options.Bearer?.Issuers ?? [];
        var subjects = consumer?.Subjects.Where(s => issuers.Any(i => s.StartsWith(i + "/", StringComparison.Ordinal))).ToList();
        var whose = subjects switch { null => "", [] => $", of which {consumer!.Name} has none", _ => $", in which {consumer!.Name} is {string.Join(" or ", subjects)}" };
        var token = options.Bearer is null ? null : $"a bearer token of {string.Join(" or ", issuers)}{whose}";
        yield return (Phase.Authenticate, $"{string.Join(", or ", new[] { key, token }.OfType<string>())}, else 401");
    }

    protected override IEnumerable<PolicyStep> Compile(AuthenticateOptions options, PolicyScope scope)
    {
        if (options.ApiKey is null && options.Bearer is null)
            scope.Error("GW5010", scope.PlaceOf(options, ""), "authenticate names no way in", "add apiKey: {} or bearer: { issuers: [NAME] }");
        var keys = options.ApiKey is null ? null : scope.Shared("apiKeys", () => new ApiKeys(scope.Consumers));
        var tokens = options.Bearer is null ? null : BearerTokens.Of(options.Bearer, scope);
        var challenge = string.Join(", ", Challenges(options));
        return [new PolicyStep(Phase.Authenticate, next => exchange => Run(exchange, next))];

        ValueTask Run(Exchange exchange, ExchangeDelegate next)
        {
            var headers = exchange.Http.Request.Headers;
            if (keys is not null && headers.TryGetValue(options.ApiKey!.Header, out var key))
            {
                if (keys.Find(key) is not { } consumer) return Refuse(exchange, "The API key is not valid.", "api-key-unknown", challenge);
                exchange.Consumer = consumer;
                headers.Remove(options.ApiKey.Header);
                return next(exchange);
            }
            return tokens is not null && headers.Authorization.Count > 0
                ? tokens.Run(exchange, next, challenge)
                : Refuse(exchange, "Credentials are missing.", "credentials-missing", challenge);
        }
    }

    internal static ValueTask Refuse(Exchange exchange, string detail, string reason, string challenge) =>
        exchange.Refuse(new Refusal(Failure.Unauthenticated, detail) { Reason = reason, Challenge = challenge });

    private static IEnumerable<string> Challenges(AuthenticateOptions options)
    {
        if (options.ApiKey is { } key) yield return $"ApiKey realm=\"gateway\", header=\"{key.Header}\"";
        if (options.Bearer is not null) yield return "Bearer realm=\"gateway\"";
    }
}
