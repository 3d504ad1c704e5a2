using Gateway.Adapters.Http;

namespace Gateway.Planning;

/// <summary>What becomes of a forwarded backend's destinations: where requests and the gateway's credential go, and how many of them.</summary>
internal static class DestinationChanges
{
    public static IEnumerable<PolicyEffect> Between(HttpBackendOptions then, HttpBackendOptions now)
    {
        foreach (var added in now.Destinations.Where(d => !then.Destinations.ContainsKey(d.Key)))
            yield return new PolicyEffect(EffectClass.SecurityWeakening, $"requests go to {added.Value.Url} as well ({added.Key})");
        foreach (var (name, gone) in then.Destinations.Where(d => !now.Destinations.ContainsKey(d.Key)))
            yield return new PolicyEffect(EffectClass.Attention, $"no requests go to {gone.Url} any more ({name})");
        foreach (var (name, was) in then.Destinations)
        {
            if (!now.Destinations.TryGetValue(name, out var here)) continue;
            if (was.Url != here.Url) yield return new PolicyEffect(was.Url.Authority == here.Url.Authority ? EffectClass.Attention : EffectClass.SecurityWeakening, $"its destination {name} is at {here.Url}, was {was.Url}");
            if (was.Weight != here.Weight) yield return new PolicyEffect(EffectClass.Attention, $"its destination {name} weighs {here.Weight}, was {was.Weight}");
        }
        if (then.Weight != now.Weight) yield return new PolicyEffect(EffectClass.Attention, $"its destination main weighs {now.Weight}, was {then.Weight}");
        if ((then.Balance, then.Affinity) != (now.Balance, now.Affinity))
            yield return new PolicyEffect(EffectClass.Attention, $"its destinations are chosen by {Choice(now)}, were by {Choice(then)}");
        if (Canary(then.Canary) is var before && Canary(now.Canary) is var after && before != after)
            yield return new PolicyEffect(now.Canary is not null && then.Canary?.Url.Authority != now.Canary.Url.Authority ? EffectClass.SecurityWeakening : EffectClass.Attention, $"its canary gets {after}, got {before}");
        if (then.Health != now.Health)
            yield return new PolicyEffect(EffectClass.Attention, now.Health is { } health ? $"{health.Path} tells every {health.Interval.TotalSeconds:0.###} s whether it is well" : "nobody asks any more whether it is well");
        if (then.Protocol != now.Protocol) yield return new PolicyEffect(EffectClass.Attention, $"it is spoken to by {now.Protocol}, was by {then.Protocol}");
        if (then.Connections != now.Connections) yield return new PolicyEffect(EffectClass.Attention, "connections to it are made and kept otherwise");
    }

    private static string Choice(HttpBackendOptions options) => options.Affinity == Affinity.None ? $"{options.Balance}" : $"{options.Affinity}, else {options.Balance}";

    private static string Canary(CanaryOptions? canary) => canary is null ? "nothing"
        : $"{canary.Percent:0.##} % of the requests of {(canary.Partners.Count == 0 ? "all" : string.Join(", ", canary.Partners))} at {canary.Url}";
}
