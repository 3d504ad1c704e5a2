using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Policies.Authenticate;

/// <summary>Bearer tokens (RFC 6750) of the issuers a policy names, and the consumers they stand for.</summary>
internal sealed class BearerTokens(IReadOnlyList<TokenIssuer> issuers, FrozenDictionary<string, Consumer> subjects, TimeProvider clock)
{
    private const int MaxTokenLength = 16 * 1024;

    private readonly ValidatedTokens _validated = new(clock);

    /// <summary>The tokens of these issuers; policies that name the same issuers share them, and what was validated.</summary>
    public static BearerTokens Of(BearerOptions options, PolicyScope scope)
    {
        foreach (var unknown in options.Issuers.Where(name => !scope.Issuers.ContainsKey(name)))
            scope.Error("GW5011", scope.PlaceOf(options, nameof(options.Issuers)), $"there is no issuer '{unknown}'", $"declare it under issuers; {Nearest.Cure(unknown, scope.Issuers.Keys)}");
        var names = options.Issuers.Where(scope.Issuers.ContainsKey).ToList();
        return scope.Shared($"bearerTokens/{string.Join('/', names)}", () => new BearerTokens(
            [.. names.Select(name => scope.Shared("issuer/" + name, () => new TokenIssuer(name, scope.Issuers[name], scope.Outside, scope.Clock)))],
            scope.Shared("subjects", () => SubjectsOf(scope.Consumers)),
            scope.Clock));
    }

    /// <summary>Finds the consumer and takes the token off the request, or refuses.</summary>
    public ValueTask Run(Exchange exchange, ExchangeDelegate next, string challenge)
    {
        if (exchange.Http.Request.Headers.Authorization is not [{ } header]
            || !header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            || header.Length > MaxTokenLength)
            return Refuse(exchange, "authorization-malformed", challenge);
        var token = header.AsMemory(7).Trim();
        var hash = TokenHash.Of(token.Span);
        return _validated.Find(hash) is { } consumer ? Admit(exchange, next, consumer) : ValidateAsync(exchange, next, token, hash, challenge);
    }

    private static ValueTask Admit(Exchange exchange, ExchangeDelegate next, Consumer consumer)
    {
        exchange.Consumer = consumer;
        exchange.Http.Request.Headers.Authorization = default;
        return next(exchange);
    }

    private async ValueTask ValidateAsync(Exchange exchange, ExchangeDelegate next, ReadOnlyMemory<char> token, TokenHash hash, string challenge)
    {
        if (Parse(token) is not { } parsed)
        {
            await Refuse(exchange, "token-malformed", challenge);
            return;
        }
        if ((issuers.FirstOrDefault(i => i.Issues(parsed.Issuer)) ?? issuers.FirstOrDefault(i => i.Kind == IssuerKind.Entra)) is not { } issuer)
        {
            await Refuse(exchange, "token-issuer-unknown", challenge);
            return;
        }
        var validation = await issuer.ValidateAsync(exchange.Http, parsed);
        if (validation.Unavailable)
        {
            exchange.Refusal = new Refusal(Failure.IssuerUnavailable, "The token can't be checked at the moment.") { Reason = validation.Reason, RetryAfter = TimeSpan.FromSeconds(5) };
        }
        else if (validation.Reason != "")
        {
            await Refuse(exchange, validation.Reason, challenge);
        }
        else if (Find(validation.Subjects, issuer) is not { } registered)
        {
            await Refuse(exchange, "token-subject-unknown", challenge);
        }
        else
        {
            var consumer = Narrowed(registered, validation.Scopes);
            if (validation is { Keys: { } keys, Until: { } until }) _validated.Keep(hash, new ValidatedToken(consumer, until, keys, issuer.KeysInForce));
            await Admit(exchange, next, consumer);
        }
    }

    /// <summary>The consumer as this token stands for it: a token never widens what the workspace grants.</summary>
    private static Consumer Narrowed(Consumer consumer, IReadOnlySet<string>? token) =>
        token is null || token.IsSupersetOf(consumer.Scopes) ? consumer : consumer with { Scopes = consumer.Scopes.Where(token.Contains).ToFrozenSet() };

    /// <summary>The parts of a token (RFC 7519 section 7.2 steps 1 to 7), before anything of it is checked; null when it is no token.</summary>
    private static JsonWebToken? Parse(ReadOnlyMemory<char> token)
    {
        try
        {
            return new JsonWebToken(token);
        }
        catch (Exception malformed) when (malformed is ArgumentException or FormatException or JsonException or InvalidOperationException or SecurityTokenException)
        {
            return null;
        }
    }

    private static ValueTask Refuse(Exchange exchange, string reason, string challenge) =>
        AuthenticateKind.Refuse(exchange, "The token is not valid.", reason, challenge + ", error=\"invalid_token\"");

    private static FrozenDictionary<string, Consumer> SubjectsOf(IEnumerable<Consumer> consumers) => consumers
        .SelectMany(c => c.Subjects.Select(s => KeyValuePair.Create(s, c)))
        .DistinctBy(s => s.Key)
        .ToFrozenDictionary();

    private Consumer? Find(IReadOnlyList<string> named, TokenIssuer issuer) => named
        .Select(value => subjects.GetValueOrDefault($"{issuer.Name}/{value}"))
        .FirstOrDefault(consumer => consumer is not null);
}
