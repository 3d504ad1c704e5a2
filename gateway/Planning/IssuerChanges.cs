namespace Gateway.Planning;

/// <summary>What becomes of tokens: whose are taken, how they are looked at, how long what was found counts, and how often somebody may fail.</summary>
internal static class IssuerChanges
{
    public static IEnumerable<Effect> Between(PlannedWorkspace before, PlannedWorkspace after)
    {
        foreach (var (name, now) in after.Document.Issuers)
        {
            if (!before.Document.Issuers.TryGetValue(name, out var then)) continue;
            foreach (var effect in (IEnumerable<PolicyEffect>)[.. Whose(then, now, Bearers(before, name)), .. Looked(then, now)])
                yield return new Effect(effect.Class, name, effect.Text) { Place = after.Workspace.Places.Of(now) };
        }
        foreach (var effect in Failing(before.Document.Governance.FailedAttempts, after.Document.Governance.FailedAttempts))
            yield return new Effect(effect.Class, "governance", effect.Text);
    }

    private static string Bearers(PlannedWorkspace workspace, string issuer) => PolicyEffect.Affects(workspace.Document.Partners.Values
        .SelectMany(p => p.Consumers)
        .Where(c => c.Value.Subjects.Any(s => s.StartsWith(issuer + "/", StringComparison.Ordinal)))
        .Select(c => c.Key));

    private static IEnumerable<PolicyEffect> Whose(IssuerOptions then, IssuerOptions now, string bearers) =>
    [
        .. Others($"of {then.Issuer.OriginalString}", $"of {now.Issuer.OriginalString}", bearers),
        .. Others($"for {then.Audience}", $"for {now.Audience}", bearers),
        .. More(now.Algorithms, then.Algorithms, "signed with "),
        .. More(now.Types, then.Types, "of the type "),
        .. More(now.Tenants, then.Tenants, "of the tenant "),
        .. Named(then.CallerClaims, now.CallerClaims, bearers),
    ];

    /// <summary>The value of another claim may be the name of another caller.</summary>
    private static IEnumerable<PolicyEffect> Named(IReadOnlyList<string> then, IReadOnlyList<string> now, string bearers)
    {
        if (!then.SequenceEqual(now))
            yield return new PolicyEffect(now.Except(then).Any() ? EffectClass.SecurityWeakening : EffectClass.Breaking, $"callers are named by {string.Join(", ", now)}, were by {string.Join(", ", then)}{bearers}");
    }

    /// <summary>Others get in, and those who did do not.</summary>
    private static IEnumerable<PolicyEffect> Others(string then, string now, string bearers) => then == now ? [] :
    [
        new PolicyEffect(EffectClass.SecurityWeakening, $"tokens {now} are taken"),
        new PolicyEffect(EffectClass.Breaking, $"tokens {then} are refused{bearers}"),
    ];

    private static IEnumerable<PolicyEffect> More(IReadOnlyList<string> now, IReadOnlyList<string> then, string what) =>
    [
        .. now.Except(then).Select(name => new PolicyEffect(EffectClass.SecurityWeakening, $"tokens {what}{name} are taken too")),
        .. then.Except(now).Select(name => new PolicyEffect(EffectClass.Breaking, $"tokens {what}{name} are refused")),
    ];

    private static IEnumerable<PolicyEffect> Looked(IssuerOptions then, IssuerOptions now)
    {
        if (then.Kind != now.Kind) yield return new PolicyEffect(EffectClass.Attention, $"its tokens are looked at as {Word(now.Kind)}, were as {Word(then.Kind)}");
        if (now.Kind == IssuerKind.Oidc && then.Introspection is null && now.Introspection is not null)
            yield return new PolicyEffect(EffectClass.SecurityWeakening, "tokens that are no JWT are taken, where it knows them");
        if (now.Kind == IssuerKind.Oidc && then.Introspection is not null && now.Introspection is null)
            yield return new PolicyEffect(EffectClass.Breaking, "tokens that are no JWT are refused");
        if (then.Introspection is not { } asked || now.Introspection is not { } asks) yield break;
        if (asked.Endpoint != asks.Endpoint)
            yield return new PolicyEffect(EffectClass.SecurityWeakening, $"it is asked about tokens at {asks.Endpoint?.OriginalString ?? "the address that it publishes"}");
        if (asked.CacheFor != asks.CacheFor)
            yield return new PolicyEffect(asks.CacheFor > asked.CacheFor ? EffectClass.SecurityWeakening : EffectClass.Safe, $"a revoked token is good for up to {Seconds(asks.CacheFor)}, was {Seconds(asked.CacheFor)}");
    }

    private static IEnumerable<PolicyEffect> Failing(FailedAttemptLimits then, FailedAttemptLimits now)
    {
        if (then == now) yield break;
        var more = now.PerAddress / now.Window.TotalSeconds > then.PerAddress / then.Window.TotalSeconds || now.PerConsumer / now.Window.TotalSeconds > then.PerConsumer / then.Window.TotalSeconds;
        yield return new PolicyEffect(more ? EffectClass.SecurityWeakening : EffectClass.Safe, $"{Text(now)} attempts to get in may fail, was {Text(then)}");
    }

    private static string Text(FailedAttemptLimits limits) => $"{limits.PerAddress} of an address and {limits.PerConsumer} for a consumer in {Seconds(limits.Window)}";

    private static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0.###} s";

    private static string Word(IssuerKind kind) => kind.ToString().ToLowerInvariant();
}
