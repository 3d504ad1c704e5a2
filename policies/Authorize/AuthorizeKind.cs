using System.Text.Json;

namespace Gateway.Policies.Authorize;

/// <summary>
/// May they: lets in who meets every demand; the others get 403, and for a missing scope its name (RFC 6750 section 3.1), or 404 where they must not
/// know that there is something. A demand is judged as soon as what it looks at is there: before anything is read, behind the body's contract, or
/// before the backend's answer is mapped.
/// </summary>
public sealed class AuthorizeKind : PolicyKind<AuthorizeOptions>
{
    public override string Name => "authorize";

    public override string Summary => "Lets in only consumers that meet every demand: scopes, roles, claims, networks, hours and conditions.";

    protected override bool NeedsBody(AuthorizeOptions options) => options.Conditions.Any(c => c.Reach.ReadsInput);

    protected override void Describe(AuthorizeOptions options, PolicyScope scope, Surface surface)
    {
        surface.Scopes.UnionWith(options.Scopes);
        surface.Roles.UnionWith(options.Roles);
        if (options.Demands.OfType<ScopeDemand>().FirstOrDefault() is { } scopes)
        {
            surface.Failures.Add(Failure.InsufficientScope);
            surface.AnswerHeaders.Add(new SurfaceHeader("WWW-Authenticate", "The scopes that are needed (RFC 6750 section 3.1).", scopes.Challenge) { Status = 403 });
        }
        if (options.Demands.Any(d => d is not (ScopeDemand or Condition { HidesObjects: true }))) surface.Failures.Add(Failure.Forbidden);
        if (options.Conditions.Any()) surface.Failures.Add(Failure.Internal);
        if (!options.Conditions.Any(c => c.HidesObjects)) return;
        surface.Failures.Add(Failure.NotFound);
        surface.HidesObjects = true;
    }

    protected override IEnumerable<(Phase Phase, string Text)> Explain(AuthorizeOptions options, Consumer? consumer) => options.Demands.Select(d => (d.Phase, d.Explain(consumer)));

    protected override IEnumerable<PolicyEffect> Compare(AuthorizeOptions? before, AuthorizeOptions? after, Compared world) =>
        new AuthorizeChanges(before ?? new(), after ?? new(), world.Callers).Find();

    protected override IEnumerable<PolicyStep> Compile(AuthorizeOptions options, PolicyScope scope)
    {
        new AuthorizeChecks(options, scope).Check();
        if (options.Claims.Count > 0 || options.Conditions.Any(c => c.ReadsClaims)) scope.Shared(WantedClaims.Key, () => new WantedClaims()).AreWanted = true;
        foreach (var phase in (Phase[])[Phase.Authorize, Phase.AuthorizeBody])
        {
            Demand[] demands = [.. options.Demands.Where(d => d.Phase == phase)];
            if (demands.Length > 0) yield return new PolicyStep(phase, (exchange, next) => Judge(exchange, next, demands));
        }
        // What must not be known comes first, so that it is also the answer where nothing can be told.
        Condition[] ofAnswer = [.. options.Conditions.Where(c => c.Phase == Phase.AuthorizeAnswer).OrderByDescending(c => c.HidesObjects)];
        if (ofAnswer.Length > 0) yield return new PolicyStep(Phase.AuthorizeAnswer, (exchange, next) => JudgeAnswer(exchange, next, ofAnswer));
    }

    private static ValueTask Judge(Exchange exchange, ExchangeDelegate next, Demand[] demands)
    {
        foreach (var demand in demands)
        {
            if (demand.Judge(exchange) is { } refusal) return exchange.Refuse(refusal);
        }
        return next(exchange);
    }

    /// <summary>An answer that nothing can be told of is not shown: what a backend says of a wrong number and of a stranger's must not differ.</summary>
    private static ValueTask JudgeAnswer(Exchange exchange, ExchangeDelegate next, Condition[] conditions)
    {
        var answer = exchange.Answer!;
        if (answer.Status == 429)
            return exchange.Refuse(new Refusal(Failure.BackendUnavailable, "The backend takes no more calls at the moment.") { Reason = "the backend answered 429", RetryAfter = TimeSpan.FromSeconds(5) });
        using var said = answer.Status is >= 200 and < 300 ? Parse(answer.Body) : null;
        if (said is null) return exchange.Refuse(conditions[0].Refusal with { Reason = $"{conditions[0].Written.Reason}: the backend answered {answer.Status}, and nothing that could be judged" });
        foreach (var condition in conditions)
        {
            if (condition.Judge(exchange, said.RootElement) is { } refusal) return exchange.Refuse(refusal);
        }
        return next(exchange);
    }

    private static JsonDocument? Parse(ReadOnlyMemory<byte> answer)
    {
        try
        {
            return JsonDocument.Parse(answer, JsonBody.Strict);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Whether some route asks what tokens say; where none does, it is not kept.</summary>
internal sealed class WantedClaims
{
    public const string Key = "wantedClaims";

    public bool AreWanted { get; set; }
}
