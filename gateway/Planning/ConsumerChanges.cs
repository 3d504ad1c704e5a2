using System.Security.Cryptography;
using System.Text;
using Gateway.Configuration;
using Gateway.Usage;

namespace Gateway.Planning;

/// <summary>What becomes of those who call: consumers, their keys, subjects, roles and scopes, and what their partners may.</summary>
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
            .. Tiers(before, after),
            .. Companies(before, after),
        ];
    }

    private static Dictionary<string, Caller> Consumers(PlannedWorkspace workspace) => workspace.Document.Partners
        .SelectMany(p => p.Value.Consumers.Select(c => new Caller(c.Key, p.Key, c.Value) { Roles = c.Value.Roles, Scopes = RouteCallers.ScopesOf(c.Value, workspace.Document) }))
        .ToDictionary(c => c.Name);

    private static string Scopes(Caller caller) => caller.Scopes.Count == 0 ? "" : $", with {string.Join(", ", caller.Scopes)}";

    private static IEnumerable<PolicyEffect> Changes(Caller then, Caller now, PlannedWorkspace after)
    {
        if (then.Partner != now.Partner)
            yield return new PolicyEffect(EffectClass.SecurityWeakening, $"it belongs to {now.Partner}, was {then.Partner}: it sees the other's objects");
        foreach (var gone in then.Roles.Except(now.Roles))
            yield return new PolicyEffect(EffectClass.Breaking, $"the role {gone} is taken away");
        foreach (var more in now.Roles.Except(then.Roles))
            yield return new PolicyEffect(EffectClass.SecurityWeakening, $"the role {more} is granted");
        foreach (var gone in then.Scopes.Except(now.Scopes))
            yield return new PolicyEffect(EffectClass.Breaking, $"the scope {gone} is taken away{Opens(after, gone)}");
        foreach (var more in now.Scopes.Except(then.Scopes))
            yield return new PolicyEffect(EffectClass.SecurityWeakening, $"the scope {more} is granted{Opens(after, more)}");
        if (then.Document.Location != now.Document.Location)
            yield return new PolicyEffect(EffectClass.SecurityWeakening, $"it stands at {now.Document.Location ?? "no place"}, was {then.Document.Location ?? "no place"}");
        if (then.Document.Kind != now.Document.Kind)
            yield return new PolicyEffect(EffectClass.Attention, $"it is a {now.Document.Kind.ToString().ToLowerInvariant()}, was a {then.Document.Kind.ToString().ToLowerInvariant()}");
        foreach (var effect in Names(Keys(then), Keys(now), "the key")) yield return effect;
        foreach (var effect in Ends(then, now)) yield return effect;
        foreach (var effect in Names(SignatureKeys(then), SignatureKeys(now), "the signature key")) yield return effect;
        foreach (var effect in Names(then.Document.Subjects, now.Document.Subjects, "the subject")) yield return effect;
        foreach (var effect in Names(Certificates(then), Certificates(now), "the certificate")) yield return effect;
    }

    /// <summary>Keys that are there before and after, and end at another time.</summary>
    private static IEnumerable<PolicyEffect> Ends(Caller then, Caller now) =>
        from key in now.Document.Keys
        let older = then.Document.Keys.FirstOrDefault(k => Name(k) == Name(key))
        where older is not null && older.Expires != key.Expires
        let longer = older.Expires is { } was && (key.Expires is not { } end || end > was)
        select new PolicyEffect(longer ? EffectClass.SecurityWeakening : EffectClass.Breaking, $"the key {Name(key)} ends {Day(key.Expires)}, was {Day(older.Expires)}");

    private static string Day(DateTimeOffset? end) => end is { } at ? $"on {at.UtcDateTime:yyyy-MM-dd}" : "never";

    private static string Opens(PlannedWorkspace workspace, string scope) =>
        PolicyEffect.Affects(workspace.Plan.Routes.Where(r => r.Surface.Scopes.Contains(scope)).Select(r => r.Name));

    private static IReadOnlyList<string> Keys(Caller caller) => [.. caller.Document.Keys.Select(Name)];

    private static string Name(KeyDocument key) => key.Secret?.Reference ?? $"sha256 {key.Sha256?[..8]}…";

    private static IReadOnlyList<string> Certificates(Caller caller) => [.. caller.Document.Certificates.SelectMany(c => c.Names.Select(n => $"{c.Authority}/{ConsumerCertificate.NameOf(n.Kind, n.Value)}"))];

    /// <summary>Each told apart by its content too: another key under the same id is another key.</summary>
    private static IReadOnlyList<string> SignatureKeys(Caller caller) =>
    [
        .. caller.Document.SignatureKeys.Select(k =>
            $"{k.Id} ({k.Algorithm}, {k.Secret?.Reference ?? $"sha256 {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(k.PublicKey ?? "")))[..8]}…"}{(k.Expires is { } end ? $", until {end.UtcDateTime:yyyy-MM-dd}" : "")})"),
    ];

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
            .. Facts(then, before, partner.Value, after),
        ]
        select new Effect(effect.Class, partner.Key, effect.Text) { Place = after.Workspace.Places.Of(partner.Value) };

    /// <summary>Warehouses whose stock a partner sees: its own, and those of its tier.</summary>
    private static IReadOnlyList<string> StockOf(PartnerDocument partner, WorkspaceDocument document) =>
        [.. new[] { partner.Warehouse }.OfType<string>().Union(document.Tiers.GetValueOrDefault(partner.Tier ?? "")?.Warehouses ?? [])];

    private static string ZoneOf(PartnerDocument partner, PlannedWorkspace workspace) =>
        partner.TimeZone ?? workspace.Document.Companies.GetValueOrDefault(partner.Companies.FirstOrDefault() ?? "")?.TimeZone ?? "UTC";

    private static IEnumerable<PolicyEffect> Facts(PartnerDocument then, PlannedWorkspace before, PartnerDocument now, PlannedWorkspace after)
    {
        foreach (var (what, older, newer) in ((string, string?, string?)[])
            [("warehouse", then.Warehouse, now.Warehouse), ("tier", then.Tier, now.Tier), ("time zone", ZoneOf(then, before), ZoneOf(now, after))])
        {
            if (older != newer) yield return new PolicyEffect(EffectClass.Attention, $"its {what} is {newer ?? "none"}, was {older ?? "none"}");
        }
        if ((then.Tier, then.Warehouse) != (now.Tier, now.Warehouse))
        {
            var (saw, sees) = (StockOf(then, before.Document), StockOf(now, after.Document));
            foreach (var gone in saw.Except(sees)) yield return new PolicyEffect(EffectClass.Breaking, $"it no longer sees the stock of {gone}");
            foreach (var more in sees.Except(saw)) yield return new PolicyEffect(EffectClass.SecurityWeakening, $"it sees the stock of {more}");
        }
        foreach (var gone in then.Companies.Except(now.Companies)) yield return new PolicyEffect(EffectClass.Breaking, $"it no longer sees the company {gone}");
        foreach (var more in now.Companies.Except(then.Companies)) yield return new PolicyEffect(EffectClass.SecurityWeakening, $"it sees the company {more}");
        if (then.Companies.FirstOrDefault() is var made && now.Companies.FirstOrDefault() is var makes && made != makes)
            yield return new PolicyEffect(EffectClass.Attention, $"what is made for it is made in {makes ?? "the backend's company"}, was {made ?? "the backend's company"}");
    }

    /// <summary>What partners of a tier see of stock.</summary>
    private static IEnumerable<Effect> Tiers(PlannedWorkspace before, PlannedWorkspace after) =>
        from tier in after.Document.Tiers
        let then = before.Document.Tiers.GetValueOrDefault(tier.Key)
        where then is not null
        let affects = PolicyEffect.Affects(after.Document.Partners.Where(p => p.Value.Tier == tier.Key).Select(p => p.Key))
        from effect in (IEnumerable<PolicyEffect>)
        [
            .. then.Warehouses.Except(tier.Value.Warehouses).Select(w => new PolicyEffect(EffectClass.Breaking, $"its partners no longer see the stock of {w}{affects}")),
            .. tier.Value.Warehouses.Except(then.Warehouses).Select(w => new PolicyEffect(EffectClass.SecurityWeakening, $"its partners see the stock of {w}{affects}")),
        ]
        select new Effect(effect.Class, tier.Key, effect.Text) { Place = after.Workspace.Places.Of(tier.Value) };

    /// <summary>A company's name stands for another legal entity when its id changes.</summary>
    private static IEnumerable<Effect> Companies(PlannedWorkspace before, PlannedWorkspace after) =>
        from company in after.Document.Companies
        let then = before.Document.Companies.GetValueOrDefault(company.Key)
        where then is not null && then.Id != company.Value.Id
        select new Effect(EffectClass.SecurityWeakening, company.Key, $"its partners see company {company.Value.Id} of Odoo, was {then.Id}") { Place = after.Workspace.Places.Of(company.Value) };

    /// <summary>A consumer; its scopes are its own and those of its roles.</summary>
    private sealed record Caller(string Name, string Partner, ConsumerDocument Document)
    {
        public required IReadOnlyList<string> Roles { get; init; }

        public required IReadOnlyList<string> Scopes { get; init; }
    }
}
