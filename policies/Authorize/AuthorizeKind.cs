using System.Globalization;

namespace Gateway.Policies.Authorize;

/// <summary>
/// May they: lets in the consumers that were granted every scope the route wants; the others get 403 and the scopes (RFC 6750 section 3.1).
/// </summary>
public sealed class AuthorizeKind : PolicyKind<AuthorizeOptions>
{
    public override string Name => "authorize";

    public override string Summary => "Lets in only consumers that were granted the scopes.";

    protected override void Describe(AuthorizeOptions options, PolicyScope scope, Surface surface)
    {
        surface.Failures.Add(Failure.InsufficientScope);
        surface.Scopes.UnionWith(options.Scopes);
        surface.AnswerHeaders.Add(new SurfaceHeader("WWW-Authenticate", "The scopes that are needed (RFC 6750 section 3.1).", Challenge(options)) { Status = 403 });
    }

    protected override IEnumerable<(Phase Phase, string Text)> Explain(AuthorizeOptions options, Consumer? consumer)
    {
        var lacks = options.Scopes.Where(s => consumer?.Scopes.Contains(s) == false).ToList();
        var whose = consumer is null ? "" : lacks.Count == 0 ? $", which {consumer.Name} has" : $": {consumer.Name} lacks {string.Join(", ", lacks)}";
        yield return (Phase.Authorize, $"the scope {string.Join(" and ", options.Scopes)}, else 403{whose}");
    }

    protected override IEnumerable<PolicyEffect> Compare(AuthorizeOptions? before, AuthorizeOptions? after, IReadOnlyCollection<ComparedCaller> callers)
    {
        var (then, now) = (before?.Scopes ?? [], after?.Scopes ?? []);
        foreach (var gone in then.Except(now))
            yield return new PolicyEffect(EffectClass.SecurityWeakening, $"the scope {gone} is no longer required{PolicyEffect.Affects(callers.Where(c => !c.Then.Scopes.Contains(gone)).Select(c => c.Now.Name))}");
        foreach (var more in now.Except(then))
        {
            var lacking = callers.Where(c => !c.Now.Scopes.Contains(more)).Select(c => c.Now.Name).ToList();
            yield return new PolicyEffect(lacking.Count > 0 || callers.Count == 0 ? EffectClass.Breaking : EffectClass.Attention, $"the scope {more} is required now{PolicyEffect.Affects(lacking)}");
        }
    }

    protected override IEnumerable<PolicyStep> Compile(AuthorizeOptions options, PolicyScope scope)
    {
        if (options.Scopes.Count == 0)
            scope.Error("GW5012", scope.PlaceOf(options, nameof(options.Scopes)), "authorize names no scope", "name what the caller must be allowed to do, or remove the policy");
        for (var i = 0; i < options.Scopes.Count; i++)
        {
            if (!scope.Scopes.Contains(options.Scopes[i]))
                scope.Error("GW2050", scope.PlaceOf(options.Scopes, i.ToString(CultureInfo.InvariantCulture)), $"there is no scope '{options.Scopes[i]}'", $"declare it under scopes; {Nearest.Cure(options.Scopes[i], scope.Scopes)}");
        }
        string[] needed = [.. options.Scopes];
        var challenge = Challenge(options);
        return [new PolicyStep(Phase.Authorize, Run)];

        ValueTask Run(Exchange exchange, ExchangeDelegate next)
        {
            foreach (var one in needed)
            {
                if (exchange.Consumer?.Scopes.Contains(one) != true) return Refuse(exchange, one, challenge);
            }
            return next(exchange);
        }
    }

    private static ValueTask Refuse(Exchange exchange, string lacking, string challenge) =>
        exchange.Refuse(new Refusal(Failure.InsufficientScope, $"The scope {lacking} is needed, and these credentials do not have it.") { Reason = $"scope-missing: {lacking}", Challenge = challenge });

    private static string Challenge(AuthorizeOptions options) => $"Bearer realm=\"gateway\", error=\"insufficient_scope\", scope=\"{string.Join(' ', options.Scopes)}\"";
}
