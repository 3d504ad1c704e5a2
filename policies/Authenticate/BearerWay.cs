using System.Collections.Frozen;
using System.ComponentModel;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Gateway.Policies.Authenticate;

public sealed record BearerOptions : WayOptions
{
    [Description("Names of the issuers whose tokens are taken; declared under issuers.")]
    public required IReadOnlyList<string> Issuers { get; init; }

    internal override string Challenge => "Bearer realm=\"gateway\"";

    internal override IEnumerable<Failure> Failures => [Failure.IssuerUnavailable];

    internal override IEnumerable<SurfaceCredential> Credentials(PolicyScope scope) => Issuers.Where(scope.Issuers.ContainsKey).Select(name => new SurfaceCredential.Token(name, scope.Issuers[name].Issuer)
    {
        IsDiscovered = scope.Issuers[name] is { Kind: not IssuerKind.Introspection } or { Introspection.Endpoint: null },
    });

    internal override string Explain(Consumer? consumer)
    {
        var subjects = consumer?.Subjects.Where(s => Issuers.Any(i => s.StartsWith(i + "/", StringComparison.Ordinal))).ToList();
        var whose = subjects switch { null => "", [] => $", of which {consumer!.Name} has none", _ => $", in which {consumer!.Name} is {string.Join(" or ", subjects)}" };
        return $"a bearer token of {string.Join(" or ", Issuers)}{whose}";
    }

    internal override WayIn Open(PolicyScope scope) => BearerWay.Of(this, scope);
}

/// <summary>Bearer tokens (RFC 6750) of the issuers a policy names, and the consumers they stand for.</summary>
internal sealed class BearerWay(IReadOnlyList<TokenIssuer> issuers, FrozenDictionary<string, Consumer> subjects, TimeProvider clock) : WayIn
{
    private const string Scheme = "Bearer ";

    /// <summary>Of the whole header.</summary>
    private const int MaxTokenLength = 16 * 1024;

    private readonly ValidatedTokens _validated = new(clock);

    /// <summary>The tokens of these issuers; policies that name the same issuers share them, and what was validated.</summary>
    public static BearerWay Of(BearerOptions options, PolicyScope scope)
    {
        foreach (var unknown in options.Issuers.Where(name => !scope.Issuers.ContainsKey(name)))
            scope.Error("GW5011", scope.PlaceOf(options, nameof(options.Issuers)), $"there is no issuer '{unknown}'", $"declare it under issuers; {Nearest.Cure(unknown, scope.Issuers.Keys)}");
        var names = options.Issuers.Where(scope.Issuers.ContainsKey).ToList();
        CheckApart(options, names, scope);
        return scope.Shared($"bearerTokens/{string.Join('/', names)}", () => new BearerWay(
            [.. names.Select(name => scope.Shared("issuer/" + name, () => new TokenIssuer(name, scope.Issuers[name], scope.Outside, scope.Clock)))],
            scope.Shared("subjects", () => SubjectsOf(scope.Consumers)),
            scope.Clock));
    }

    /// <summary>Of each token it must be certain whose it is: nobody is shown a token of somebody else.</summary>
    private static void CheckApart(BearerOptions options, List<string> names, PolicyScope scope)
    {
        var place = scope.PlaceOf(options, nameof(options.Issuers));
        var asked = names.Where(name => scope.Issuers[name].Introspection is not null).ToList();
        if (asked.Count > 1) scope.Error("GW5016", place, $"'{asked[0]}' and '{asked[1]}' are both asked about tokens, and a token does not say whose it is", "take the tokens of one of them here, and those of the other on a route of their own");
        foreach (var signer in names.SelectMany(name => scope.Issuers[name].Signers.Select(iss => (iss, name))).Distinct().GroupBy(s => s.iss, s => s.name).Where(g => g.Count() > 1))
            scope.Error("GW5017", place, $"'{signer.First()}' and '{signer.Last()}' are both {signer.Key}: tokens of the second would never be taken", "name one of them");
    }

    public override bool IsPresented(Exchange exchange) => exchange.Http.Request.Headers.Authorization.Count > 0;

    public override ValueTask<Verdict> JudgeAsync(Exchange exchange)
    {
        if (exchange.Http.Request.Headers.Authorization is not [{ } header]) return Refuse("authorization-twice");
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return Refuse("authorization-scheme");
        if (header.Length > MaxTokenLength) return Refuse("token-too-long");
        var token = TokenOf(header);
        var hash = TokenHash.Of(token.Span);
        return _validated.Find(hash) is { } consumer ? Verdict.Admit(consumer) : ValidateAsync(exchange, token, hash);
    }

    public override string? ClaimedBy(Exchange exchange)
    {
        if (exchange.Http.Request.Headers.Authorization is not [{ Length: <= MaxTokenLength } header] || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        return TokenShape.Parse(TokenOf(header)) is { } parsed && IssuerOf(parsed) is { } issuer ? Find(issuer.Claimed(parsed), issuer)?.Name : null;
    }

    public override void TakeOff(Exchange exchange) => exchange.Http.Request.Headers.Authorization = default;

    private async ValueTask<Verdict> ValidateAsync(Exchange exchange, ReadOnlyMemory<char> token, TokenHash hash)
    {
        if (!TokenShape.IsBearer(token.Span)) return Refuse("token-malformed");
        var parsed = TokenShape.Parse(token);
        // What says nothing of itself is shown to the only issuer that can be asked.
        if ((parsed is null ? issuers.FirstOrDefault(i => i.Introspection is not null) : IssuerOf(parsed)) is not { } issuer)
            return Refuse(parsed is null ? "token-malformed" : "token-issuer-unknown");
        var validation = parsed is null
            ? await issuer.Introspection!.AskAsync(token.ToString(), exchange.Http.RequestAborted)
            : await issuer.ValidateAsync(exchange.Http, parsed);
        if (validation.Unavailable) return Verdict.Refuse(validation.Reason, "The token can't be checked at the moment.") with { Unavailable = true };
        if (validation.Reason != "") return Refuse(validation.Reason);
        if (Find(validation.Subjects, issuer) is not { } registered) return Refuse("token-subject-unknown");
        var consumer = validation.Scopes is { } scopes ? registered.NarrowedTo(scopes) : registered;
        if (validation is { Keys: { } keys, Until: { } until }) _validated.Keep(hash, new ValidatedToken(consumer, until, keys, validation.KeysInForce));
        return Verdict.Admit(consumer);
    }

    private static ReadOnlyMemory<char> TokenOf(string header) => header.AsMemory(Scheme.Length).Trim();

    private TokenIssuer? IssuerOf(JsonWebToken token) => issuers.FirstOrDefault(i => i.Issues(token.Issuer));

    private static Verdict Refuse(string reason) => Verdict.Refuse(reason, "The token is not valid.") with { Error = "invalid_token" };

    private static FrozenDictionary<string, Consumer> SubjectsOf(IEnumerable<Consumer> consumers) => consumers
        .SelectMany(c => c.Subjects.Select(s => KeyValuePair.Create(s, c)))
        .DistinctBy(s => s.Key)
        .ToFrozenDictionary();

    private Consumer? Find(IEnumerable<string> named, TokenIssuer issuer) => named
        .Select(value => subjects.GetValueOrDefault($"{issuer.Name}/{value}"))
        .FirstOrDefault(consumer => consumer is not null);
}
