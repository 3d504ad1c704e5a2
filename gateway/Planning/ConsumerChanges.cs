using Gateway.Configuration;

namespace Gateway.Planning;

/// <summary>What becomes of those who call: consumers, their keys, subjects and scopes, and what their partners may.</summary>
internal static class ConsumerChanges
{
    public static IEnumerable<Effect> Between(PlannedWorkspace before, PlannedWorkspace after)
    {
        var (then, now) = (Consumers(before), Consumers(after));
        return
        [
            .. then.Values.Where(c => !now.ContainsKey(c.Name)).Select(c => new Effect(EffectClass.Breaking, c.Name, $"the consumer of {c.Partner} is gone: its calls are refused")),
            .. now.Values.Where(c => !then.ContainsKey(c.Name)).Select(c => new Effect(EffectClass.Attention, c.Name, $"a new consumer of {c.Partner}{Scopes(c)}")),
            .. now.Values.Where(c => then.ContainsKey(c.Name)).SelectMany(c => Changes(then[c.Name], c, after).Select(e => new Effect(e.Class, c.Name, e.Text) { Place = after.Workspace.Places.Of(c.Document) })),
            .. Partners(before, after),
            .. Issuers(before, after),
        ];
    }

    private static Dictionary<string, Caller> Consumers(PlannedWorkspace workspace) => workspace.Document.Partners
        .SelectMany(p => p.Value.Consumers.Select(c => new Caller(c.Key, p.Key, c.Value)))
        .ToDictionary(c => c.Name);

    private static string Scopes(Caller caller) => caller.Document.Scopes.Count == 0 ? "" : $", with {string.Join(", ", caller.Document.Scopes)}";

    private static IEnumerable<PolicyEffect> Changes(Caller then, Caller now, PlannedWorkspace after)
    {
        if (then.Partner != now.Partner)
            yield return new PolicyEffect(EffectClass.SecurityWeakening, $"it belongs to {now.Partner}, was {then.Partner}: it sees the other's objects");
        foreach (var gone in then.Document.Scopes.Except(now.Document.Scopes))
            yield return new PolicyEffect(EffectClass.Breaking, $"the scope {gone} is taken away{Opens(after, gone)}");
        foreach (var more in now.Document.Scopes.Except(then.Document.Scopes))
            yield return new PolicyEffect(EffectClass.SecurityWeakening, $"the scope {more} is granted{Opens(after, more)}");
        foreach (var effect in Names(Keys(then), Keys(now), "the key")) yield return effect;
        foreach (var effect in Names(then.Document.Subjects, now.Document.Subjects, "the subject")) yield return effect;
        foreach (var effect in Names(Certificates(then), Certificates(now), "the certificate")) yield return effect;
    }

    private static string Opens(PlannedWorkspace workspace, string scope) =>
        PolicyEffect.Affects(workspace.Plan.Routes.Where(r => r.Surface.Scopes.Contains(scope)).Select(r => r.Name));

    private static IReadOnlyList<string> Keys(Caller caller) => [.. caller.Document.Keys.Select(k => k.Secret?.Reference ?? $"sha256 {k.Sha256?[..8]}…")];

    private static IReadOnlyList<string> Certificates(Caller caller) => [.. caller.Document.Certificates.SelectMany(c => c.Names.Select(n => $"{c.Authority}/{ConsumerCertificate.NameOf(n.Kind, n.Value)}"))];

    private static IEnumerable<PolicyEffect> Names(IReadOnlyList<string> then, IReadOnlyList<string> now, string what) =>
    [
        .. then.Except(now).Select(name => new PolicyEffect(EffectClass.Breaking, $"{what} {name} is taken away")),
        .. now.Except(then).Select(name => new PolicyEffect(EffectClass.SecurityWeakening, $"{what} {name} opens it too")),
    ];

    private static IEnumerable<Effect> Partners(PlannedWorkspace before, PlannedWorkspace after) =>
        from partner in after.Document.Partners
        let then = before.Document.Partners.GetValueOrDefault(partner.Key)
        where then is not null
        from effect in (IEnumerable<PolicyEffect>)
        [
            .. then.Buyers.Except(partner.Value.Buyers).Select(b => new PolicyEffect(EffectClass.Breaking, $"it may no longer order for {b}")),
            .. partner.Value.Buyers.Except(then.Buyers).Select(b => new PolicyEffect(EffectClass.SecurityWeakening, $"it may order for {b}")),
            .. Facts(then, partner.Value),
        ]
        select new Effect(effect.Class, partner.Key, effect.Text) { Place = after.Workspace.Places.Of(partner.Value) };

    private static IEnumerable<PolicyEffect> Facts(PartnerDocument then, PartnerDocument now)
    {
        foreach (var (what, older, newer) in ((string, string?, string?)[])
            [("company", then.Company?.ToString(), now.Company?.ToString()), ("warehouse", then.Warehouse, now.Warehouse), ("tier", then.Tier, now.Tier), ("time zone", then.TimeZone, now.TimeZone)])
        {
            if (older != newer) yield return new PolicyEffect(EffectClass.Attention, $"its {what} is {newer ?? "none"}, was {older ?? "none"}");
        }
    }

    private static IEnumerable<Effect> Issuers(PlannedWorkspace before, PlannedWorkspace after) =>
        from issuer in after.Document.Issuers
        let then = before.Document.Issuers.GetValueOrDefault(issuer.Key)
        where then is not null
        from effect in (IEnumerable<PolicyEffect>)
        [
            .. Tokens($"of {then.Issuer.OriginalString}", $"of {issuer.Value.Issuer.OriginalString}", before, issuer.Key),
            .. Tokens($"for {then.Audience}", $"for {issuer.Value.Audience}", before, issuer.Key),
            .. issuer.Value.Algorithms.Except(then.Algorithms).Select(a => new PolicyEffect(EffectClass.SecurityWeakening, $"tokens signed with {a} are taken too")),
            .. then.Algorithms.Except(issuer.Value.Algorithms).Select(a => new PolicyEffect(EffectClass.Breaking, $"tokens signed with {a} are refused")),
        ]
        select new Effect(effect.Class, issuer.Key, effect.Text) { Place = after.Workspace.Places.Of(issuer.Value) };

    /// <summary>Others get in, and those who did do not.</summary>
    private static IEnumerable<PolicyEffect> Tokens(string then, string now, PlannedWorkspace before, string issuer)
    {
        if (then == now) yield break;
        yield return new PolicyEffect(EffectClass.SecurityWeakening, $"tokens {now} are taken");
        var bearers = Consumers(before).Values.Where(c => c.Document.Subjects.Any(s => s.StartsWith(issuer + "/", StringComparison.Ordinal)));
        yield return new PolicyEffect(EffectClass.Breaking, $"tokens {then} are refused{PolicyEffect.Affects(bearers.Select(c => c.Name))}");
    }

    private sealed record Caller(string Name, string Partner, ConsumerDocument Document);
}
