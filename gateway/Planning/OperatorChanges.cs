using Gateway.Configuration;

namespace Gateway.Planning;

/// <summary>What becomes of those who work on the admin port, and of what strangers may see there.</summary>
internal static class OperatorChanges
{
    public static IEnumerable<Effect> Between(PlannedWorkspace before, PlannedWorkspace after)
    {
        var (then, now) = (before.Document.Operators, after.Document.Operators);
        return
        [
            .. then.Keys.Where(name => !now.ContainsKey(name)).Select(name => new Effect(EffectClass.Attention, name, "the operator is gone: its tokens are refused on the admin port")),
            .. now.SelectMany(o => Changes(then.GetValueOrDefault(o.Key), o.Value).Select(e => new Effect(e.Class, o.Key, e.Text) { Place = after.Workspace.Places.Of(o.Value) })),
            .. Audiences(before.Document, after.Document),
            .. Metrics(before.Document.Governance, after.Document.Governance),
        ];
    }

    private static IEnumerable<PolicyEffect> Changes(OperatorDocument? then, OperatorDocument now)
    {
        var had = then?.Roles ?? [];
        foreach (var more in now.Roles.Except(had)) yield return new PolicyEffect(EffectClass.SecurityWeakening, $"it is {Word(more)} on the admin port{(then is null ? "" : " too")}");
        foreach (var less in had.Except(now.Roles)) yield return new PolicyEffect(EffectClass.Attention, $"it is no longer {Word(less)} on the admin port");
        if (then is null) yield break;
        foreach (var more in Credentials(now).Except(Credentials(then))) yield return new PolicyEffect(EffectClass.SecurityWeakening, $"{more} is this operator too");
        foreach (var less in Credentials(then).Except(Credentials(now))) yield return new PolicyEffect(EffectClass.Attention, $"{less} is this operator no longer");
    }

    private static IEnumerable<string> Credentials(OperatorDocument written) =>
    [
        .. written.Tokens.Select(t => $"the token {t.Secret?.Reference ?? $"sha256 {t.Sha256?[..8]}…"}"),
        .. written.Subjects.Select(s => $"the subject {s}"),
        .. written.Groups.Select(g => $"the group {g}"),
    ];

    /// <summary>An issuer's tokens for operators, where some operator comes from it.</summary>
    private static IEnumerable<Effect> Audiences(WorkspaceDocument before, WorkspaceDocument after) =>
        from issuer in after.Issuers
        where after.Operators.Values.Any(o => o.Subjects.Concat(o.Groups).Any(name => name.StartsWith(issuer.Key + "/", StringComparison.Ordinal)))
        let then = before.Issuers.GetValueOrDefault(issuer.Key)
        where then is not null && Audience(then) != Audience(issuer.Value)
        select new Effect(EffectClass.SecurityWeakening, issuer.Key, $"operators' tokens for {Audience(issuer.Value)} are taken, those for {Audience(then)} no longer");

    private static string Audience(IssuerOptions issuer) => issuer.OperatorAudience ?? issuer.Audience;

    /// <summary>The fewer may scrape, the later in this order.</summary>
    private static readonly MetricsAccess[] Narrowing = [MetricsAccess.Open, MetricsAccess.Loopback, MetricsAccess.Operators];

    private static IEnumerable<Effect> Metrics(GovernanceDocument then, GovernanceDocument now)
    {
        if (then.Metrics == now.Metrics) yield break;
        var wider = Array.IndexOf(Narrowing, now.Metrics) < Array.IndexOf(Narrowing, then.Metrics);
        yield return new Effect(wider ? EffectClass.SecurityWeakening : EffectClass.Attention, "metrics", $"they are read by {Readers(now.Metrics)}, were read by {Readers(then.Metrics)}");
    }

    private static string Readers(MetricsAccess metrics) => metrics switch
    {
        MetricsAccess.Open => "everybody who reaches the admin port",
        MetricsAccess.Loopback => "operators and the gateway's own machine",
        _ => "operators",
    };

    private static string Word(Role role) => role.ToString().ToLowerInvariant();
}
