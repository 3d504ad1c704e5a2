using Gateway.Adapters.Partners;

namespace Gateway.Planning;

/// <summary>What becomes of partners' own APIs: where documents and the gateway's credential go, and what is believed of repeats.</summary>
internal static class EndpointChanges
{
    public static IEnumerable<Effect> Between(PlannedWorkspace before, PlannedWorkspace after)
    {
        var (then, now) = (Endpoints(before), Endpoints(after));
        foreach (var (name, options) in after.Document.Backends)
        {
            if (options is PartnerOptions { AllowInside: true } && before.Document.Backends.GetValueOrDefault(name) is PartnerOptions { AllowInside: false })
                yield return new Effect(EffectClass.SecurityWeakening, name, "documents may go over http, and to addresses in our own network");
        }
        foreach (var name in then.Keys.Except(now.Keys)) yield return new Effect(EffectClass.Breaking, name, "documents are no longer sent there");
        foreach (var name in now.Keys.Except(then.Keys)) yield return new Effect(EffectClass.Attention, name, $"documents are sent to {now[name].Url}");
        foreach (var (name, endpoint) in now.Where(n => then.ContainsKey(n.Key)))
        {
            foreach (var effect in Changes(then[name], endpoint)) yield return new Effect(effect.Class, name, effect.Text) { Place = after.Workspace.Places.Of(endpoint) };
        }
    }

    private static Dictionary<string, EndpointOptions> Endpoints(PlannedWorkspace workspace) => workspace.Document.Partners
        .SelectMany(p => p.Value.Endpoints.Select(e => (Name: $"{p.Key}/{e.Key}", e.Value)))
        .ToDictionary(e => e.Name, e => e.Value);

    private static IEnumerable<PolicyEffect> Changes(EndpointOptions then, EndpointOptions now)
    {
        if (then.Url != now.Url)
            yield return new PolicyEffect(then.Url.Authority == now.Url.Authority ? EffectClass.Attention : EffectClass.SecurityWeakening, $"documents go to {now.Url}, went to {then.Url}");
        if (then.Method != now.Method) yield return new PolicyEffect(EffectClass.Attention, $"documents are sent by {now.Method}, were by {then.Method}");
        if ((then.KnowsRepeats, then.ReadBack) != (now.KnowsRepeats, now.ReadBack))
            yield return new PolicyEffect(EffectClass.Attention, now.ReadBack is { } path ? $"what became of a document is asked at {path}" : "a document whose answer was lost is sent again, and the partner is to know it");
        if (then.Credential?.Text != now.Credential?.Text)
            yield return new PolicyEffect(EffectClass.Attention, $"the gateway shows it {Shown(now)}, was {Shown(then)}");
        if (then.Authorities is not null && now.Authorities is null)
            yield return new PolicyEffect(EffectClass.SecurityWeakening, "any authority that the machine trusts may vouch for it");
    }

    private static string Shown(EndpointOptions endpoint) => endpoint.Credential?.Text is { Length: > 0 } text ? text : "nothing";
}
