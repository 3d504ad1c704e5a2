namespace Gateway.Policies.RateLimit;

/// <summary>How often one caller may come, told in every answer by the RateLimit headers of the IETF draft (draft-ietf-httpapi-ratelimit-headers).</summary>
public sealed class RateLimitKind : PolicyKind<RateLimitOptions>
{
    public override string Name => "rateLimit";

    public override string Summary => "Takes so many requests in so much time from each caller, and tells each answer how many are left.";

    protected override bool NeedsBody(RateLimitOptions options) => ReadsBody(options);

    protected override void Describe(RateLimitOptions options, PolicyScope scope, Surface surface)
    {
        surface.Failures.Add(Failure.TooManyRequests);
        foreach (var (name, limit) in options.All(scope.PolicyName))
        {
            if (limit.Cost is not null) surface.Failures.UnionWith([Failure.CostTooHigh, Failure.Internal]);
            if (limit.Counted is { ReadsBody: true } && surface.Request is null) surface.Failures.Add(Failure.MappingRefused);
            if (limit.WithoutStore == StoreFailure.Deny) surface.Failures.Add(Failure.StoreUnavailable);
            Tell(surface, "RateLimit-Policy", "The limits: quota and window in seconds.", Allowance.HeaderOf(name, limit.Most, limit));
            Tell(surface, "RateLimit", "What is left of each limit, and the seconds until it is whole again.", $"\"{name}\";r={limit.Most - 1}{(limit.IsConcurrency ? "" : ";t=1")}");
        }
    }

    protected override IEnumerable<(Phase Phase, string Text)> Explain(RateLimitOptions options, Consumer? consumer)
    {
        var phase = ReadsBody(options) ? Phase.LimitBody : Phase.Limit;
        return options.All("").Select(l => (phase, (l.Name.Length > 0 ? $"{l.Name}: " : "") + LimitText.Of(l.Limit, consumer)));
    }

    protected override IEnumerable<PolicyEffect> Compare(RateLimitOptions? before, RateLimitOptions? after, Compared world) =>
        LimitChanges.Compare(before, after, world.Callers);

    protected override IEnumerable<PolicyStep> Compile(RateLimitOptions options, PolicyScope scope)
    {
        var limits = RouteLimits.Of(scope);
        var checks = new RateLimitChecks(options, scope, [.. limits.Names]);
        if (!checks.Check()) return [];
        var readsBody = ReadsBody(options);
        if (options.All("").Any(l => CallerKey.ReadsClaims(l.Limit.CountedBy))) scope.Shared(Authorize.WantedClaims.Key, () => new Authorize.WantedClaims()).AreWanted = true;
        foreach (var (name, limit) in options.All(scope.PolicyName)) limits.Add(new Limit(scope.PolicyName, name, limit, scope), readsBody);
        var take = new PolicyStep(readsBody ? Phase.LimitBody : Phase.Limit, next => limits.Wrap(next, readsBody));
        // Behind the contract of the body: what breaks it has its own refusal by then.
        return options.All("").Any(l => l.Limit.Cost is not null)
            ? [take, new PolicyStep(Phase.Claim, (exchange, next) => exchange.Uncounted is { } reason ? exchange.Refuse(RequestCost.Untold(exchange, readsBody, reason)) : next(exchange))]
            : [take];
    }

    private static bool ReadsBody(RateLimitOptions options) => options.All("").Any(l => l.Limit.Counted is { ReadsBody: true });

    /// <summary>One header for all limits of the route.</summary>
    private static void Tell(Surface surface, string name, string description, string example)
    {
        var told = surface.AnswerHeaders.FindIndex(h => h.Name == name);
        if (told < 0) surface.AnswerHeaders.Add(new SurfaceHeader(name, description, example));
        else surface.AnswerHeaders[told] = surface.AnswerHeaders[told] with { Example = $"{surface.AnswerHeaders[told].Example}, {example}" };
    }
}
