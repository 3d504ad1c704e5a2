using System.Collections.Frozen;
using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Gateway.Policies.Authenticate;

/// <summary>Bearer tokens (RFC 6750) of the issuers a policy names, and the consumers they stand for.</summary>
internal sealed class BearerTokens(IReadOnlyList<TokenIssuer> issuers, FrozenDictionary<string, Consumer> subjects)
{
    private const int MaxTokenLength = 16 * 1024;

    /// <summary>Claims that name the caller, most exact first: an application by its id, else the subject.</summary>
    private static readonly string[] SubjectClaims = ["azp", "client_id", "appid", "sub"];

    private static readonly JsonWebTokenHandler Tokens = new();

    public static BearerTokens? Compile(BearerOptions options, PolicyScope scope)
    {
        var issuers = new List<TokenIssuer>();
        foreach (var name in options.Issuers)
        {
            if (scope.Issuers.TryGetValue(name, out var declared))
                issuers.Add(scope.Shared("issuer/" + name, () => new TokenIssuer(name, declared)));
            else
                scope.Error("GW5011", scope.PlaceOf(options, nameof(options.Issuers)), $"there is no issuer '{name}'", $"declare it under issuers; known: {string.Join(", ", scope.Issuers.Keys)}");
        }
        var subjects = scope.Consumers
            .SelectMany(c => c.Subjects.Select(s => KeyValuePair.Create(s, c)))
            .DistinctBy(s => s.Key)
            .ToFrozenDictionary();
        return new BearerTokens(issuers, subjects);
    }

    /// <summary>Sets the consumer, or refuses and returns false.</summary>
    public async ValueTask<bool> AuthenticateAsync(Exchange exchange, string challenge)
    {
        if (exchange.Http.Request.Headers.Authorization is not [{ } header]
            || !header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            || header.Length > MaxTokenLength)
            return Refuse("authorization-malformed");
        var token = header.AsSpan(7).Trim().ToString();
        if (!Tokens.CanReadToken(token) || !TryReadIssuer(token, out var claimed)) return Refuse("token-malformed");
        if ((issuers.FirstOrDefault(i => i.Issues(claimed)) ?? issuers.FirstOrDefault(i => i.Kind == IssuerKind.Entra)) is not { } issuer)
            return Refuse("token-issuer-unknown");
        var (principal, reason, unavailable) = await issuer.ValidateAsync(exchange.Http);
        if (unavailable)
        {
            exchange.Refusal = new Refusal(Failure.IssuerUnavailable, "The token can't be checked at the moment.") { Reason = reason, RetryAfter = TimeSpan.FromSeconds(5) };
            return false;
        }
        if (principal is null) return Refuse(reason);
        if (Find(principal, issuer) is not { } consumer) return Refuse("token-subject-unknown");
        exchange.Consumer = consumer;
        return true;

        bool Refuse(string reason)
        {
            AuthenticateKind.Refuse(exchange, "The token is not valid.", reason, challenge + ", error=\"invalid_token\"");
            return false;
        }
    }

    private Consumer? Find(ClaimsPrincipal principal, TokenIssuer issuer) => SubjectClaims
        .Select(principal.FindFirstValue)
        .Where(value => value is not null)
        .Select(value => subjects.GetValueOrDefault($"{issuer.Name}/{value}"))
        .FirstOrDefault(consumer => consumer is not null);

    private static bool TryReadIssuer(string token, out string issuer)
    {
        try
        {
            issuer = Tokens.ReadJsonWebToken(token).Issuer;
            return true;
        }
        catch (Exception malformed) when (malformed is ArgumentException or FormatException or System.Text.Json.JsonException)
        {
            issuer = "";
            return false;
        }
    }
}
