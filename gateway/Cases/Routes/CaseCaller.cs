using Gateway.Explaining;
using Gateway.Policies.Authenticate;
using Gateway.Policies.Authenticate.Signatures;
using Gateway.Policies.Authenticate.Webhooks;
using Microsoft.Net.Http.Headers;

namespace Gateway.Cases.Routes;

/// <summary>Who calls in a case: puts on a request what the route's own authentication takes, or what a step says is wrong with it.</summary>
internal sealed class CaseCaller(Plan plan, CaseWorld world, IReadOnlyDictionary<string, IssuerOptions> issuers, CaseClock clock)
{
    private readonly CaseSigner _signer = new(clock);
    private string? _token;

    /// <summary>Puts credentials on a request that is complete but for them; returns why that can't be done, or null. A header of the step's own stays.</summary>
    public string? Show(StepDocument step, string? consumer, HttpRequest request, byte[] body)
    {
        var route = Explanation.Find(plan, request.Method, request.Path.ToUriComponent());
        var ways = route?.Uses.Select(u => u.Options).OfType<AuthenticateOptions>().FirstOrDefault();
        var asked = step.Credentials;
        if (asked == CaseCredentials.None || (asked is null && (consumer is null || ways is null))) return null;
        if (consumer is null && asked == CaseCredentials.UnknownKey) return Put(request, Key(ways, "key of nobody"));
        if (consumer is null) return "credentials: are somebody's; add consumer:";
        var known = plan.Consumers[consumer];
        asked ??= Usual(ways!, known);
        return asked switch
        {
            CaseCredentials.Key when !world.HasKeys(known) => $"the consumer '{consumer}' has no keys",
            CaseCredentials.Key => Put(request, Key(ways, CaseWorld.KeyOf(known))),
            CaseCredentials.UnknownKey => Put(request, Key(ways, "key of nobody")),
            CaseCredentials.SameToken when _token is null => "no token was sent before",
            CaseCredentials.SameToken => Put(request, Bearer(_token!)),
            CaseCredentials.Replayed => Replay(request),
            CaseCredentials.Signature or CaseCredentials.Hmac or CaseCredentials.Webhook or CaseCredentials.ForgedSignature => Sign(request, body, route, ways, known, asked.Value),
            _ => NewToken(step, known, ways, asked.Value) is var (header, error) && header is { } token ? Put(request, token) : error,
        };
    }

    /// <summary>What the consumer has and the route takes, the first of its ways.</summary>
    private CaseCredentials Usual(AuthenticateOptions ways, Consumer consumer)
    {
        foreach (var way in ways.AllWays)
        {
            switch (way)
            {
                case ApiKeyOptions when world.HasKeys(consumer): return CaseCredentials.Key;
                case SignatureOptions when consumer.SignatureKeys.Count > 0: return CaseCredentials.Signature;
                case HmacOptions when consumer.SignatureKeys.Count > 0: return CaseCredentials.Hmac;
                case WebhookOptions hook when hook.Consumer == consumer.Name: return CaseCredentials.Webhook;
            }
        }
        return CaseCredentials.Token;
    }

    private string? Sign(HttpRequest request, byte[] body, PlanRoute? route, AuthenticateOptions? ways, Consumer consumer, CaseCredentials asked)
    {
        var way = ways?.AllWays.FirstOrDefault(way => way switch
        {
            SignatureOptions => asked is CaseCredentials.Signature or CaseCredentials.ForgedSignature,
            HmacOptions => asked is CaseCredentials.Hmac or CaseCredentials.ForgedSignature,
            WebhookOptions => asked is CaseCredentials.Webhook or CaseCredentials.ForgedSignature,
            _ => false,
        });
        if (way is null) return $"the route takes nothing like credentials: {char.ToLowerInvariant(asked.ToString()[0])}{asked.ToString()[1..]}";
        return _signer.Sign(request, body, way, consumer, forged: asked == CaseCredentials.ForgedSignature, route!);
    }

    private string? Replay(HttpRequest request)
    {
        foreach (var (name, value) in _signer.Last) request.Headers[name] = value;
        return _signer.Last.Count == 0 ? "nothing was signed before" : null;
    }

    private static string? Put(HttpRequest request, KeyValuePair<string, string> header)
    {
        request.Headers.TryAdd(header.Key, header.Value);
        return null;
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
