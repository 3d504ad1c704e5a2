using System.Collections.Frozen;
using System.ComponentModel;
using System.Text.Json;
using Gateway.Policies.Authorize;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Policies.Authenticate;

public sealed record BearerOptions : WayOptions
{
    [Description("Names of the issuers whose tokens are taken; declared under issuers.")]
    public required IReadOnlyList<string> Issuers { get; init; }

    internal override string Challenge => "Bearer realm=\"gateway\"";

    internal override IEnumerable<Failure> Failures => [Failure.IssuerUnavailable];

    internal override IEnumerable<SurfaceCredential> Credentials(PolicyScope scope) => Issuers.Where(scope.Issuers.ContainsKey).Select(name => new SurfaceCredential.Token(name, scope.Issuers[name].Issuer));

    internal override string Explain(Consumer? consumer)
    {
        var subjects = consumer?.Subjects.Where(s => Issuers.Any(i => s.StartsWith(i + "/", StringComparison.Ordinal))).ToList();
        var whose = subjects switch { null => "", [] => $", of which {consumer!.Name} has none", _ => $", in which {consumer!.Name} is {string.Join(" or ", subjects)}" };
        return $"a bearer token of {string.Join(" or ", Issuers)}{whose}";
    }

    internal override WayIn Open(PolicyScope scope) => BearerWay.Of(this, scope);
}

/// <summary>Bearer tokens (RFC 6750) of the issuers a policy names, and the consumers they stand for.</summary>
internal sealed class BearerWay(IReadOnlyList<TokenIssuer> issuers, FrozenDictionary<string, Consumer> subjects, WantedClaims claims, TimeProvider clock) : WayIn
{
    private const int MaxTokenLength = 16 * 1024;

    private readonly ValidatedTokens _validated = new(clock);

    /// <summary>The tokens of these issuers; policies that name the same issuers share them, and what was validated.</summary>
    public static BearerWay Of(BearerOptions options, PolicyScope scope)
    {
        foreach (var unknown in options.Issuers.Where(name => !scope.Issuers.ContainsKey(name)))
            scope.Error("GW5011", scope.PlaceOf(options, nameof(options.Issuers)), $"there is no issuer '{unknown}'", $"declare it under issuers; {Nearest.Cure(unknown, scope.Issuers.Keys)}");
        var names = options.Issuers.Where(scope.Issuers.ContainsKey).ToList();
        return scope.Shared($"bearerTokens/{string.Join('/', names)}", () => new BearerWay(
            [.. names.Select(name => scope.Shared("issuer/" + name, () => new TokenIssuer(name, scope.Issuers[name], scope.Outside, scope.Clock)))],
            scope.Shared("subjects", () => SubjectsOf(scope.Consumers)),
            scope.Shared(WantedClaims.Key, () => new WantedClaims()),
            scope.Clock));
    }

    public override bool IsPresented(Exchange exchange) => exchange.Http.Request.Headers.Authorization.Count > 0;

    public override ValueTask<Verdict> JudgeAsync(Exchange exchange)
    {
        if (exchange.Http.Request.Headers.Authorization is not [{ } header]
            || !header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            || header.Length > MaxTokenLength)
            return Refuse("authorization-malformed");
        var token = header.AsMemory(7).Trim();
        var hash = TokenHash.Of(token.Span);
        return _validated.Find(hash) is { } consumer ? Verdict.Admit(consumer) : ValidateAsync(exchange, token, hash);
    }

    public override void TakeOff(Exchange exchange) => exchange.Http.Request.Headers.Authorization = default;

    private async ValueTask<Verdict> ValidateAsync(Exchange exchange, ReadOnlyMemory<char> token, TokenHash hash)
    {
        if (Parse(token) is not { } parsed) return Refuse("token-malformed");
        if ((issuers.FirstOrDefault(i => i.Issues(parsed.Issuer)) ?? issuers.FirstOrDefault(i => i.Kind == IssuerKind.Entra)) is not { } issuer)
            return Refuse("token-issuer-unknown");
        var validation = await issuer.ValidateAsync(exchange.Http, parsed);
        if (validation.Unavailable) return Verdict.Refuse(validation.Reason, "The token can't be checked at the moment.") with { Unavailable = true };
        if (validation.Reason != "") return Refuse(validation.Reason);
        if (Find(validation.Subjects, issuer) is not { } registered) return Refuse("token-subject-unknown");
        var consumer = validation.Scopes is { } scopes ? registered.NarrowedTo(scopes) : registered;
        if (claims.AreWanted) consumer = consumer with { Claims = new TokenClaims(Base64UrlEncoder.DecodeBytes(parsed.EncodedPayload)) };
        if (validation is { Keys: { } keys, Until: { } until }) _validated.Keep(hash, new ValidatedToken(consumer, until, keys, issuer.KeysInForce));
        return Verdict.Admit(consumer);
    }

    /// <summary>The parts of a token (RFC 7519 section 7.2 steps 1 to 7), before anything of it is checked; null when it is no token.</summary>
    internal static JsonWebToken? Parse(ReadOnlyMemory<char> token)
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

    private static Verdict Refuse(string reason) => Verdict.Refuse(reason, "The token is not valid.") with { Error = "invalid_token" };

    private static FrozenDictionary<string, Consumer> SubjectsOf(IEnumerable<Consumer> consumers) => consumers
        .SelectMany(c => c.Subjects.Select(s => KeyValuePair.Create(s, c)))
        .DistinctBy(s => s.Key)
        .ToFrozenDictionary();

    private Consumer? Find(IReadOnlyList<string> named, TokenIssuer issuer) => named
        .Select(value => subjects.GetValueOrDefault($"{issuer.Name}/{value}"))
        .FirstOrDefault(consumer => consumer is not null);
}
