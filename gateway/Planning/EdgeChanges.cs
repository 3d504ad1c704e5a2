using System.Net;

namespace Gateway.Planning;

/// <summary>What becomes of the edge: how much one address may send, and whom the gateway believes which address calls.</summary>
internal static class EdgeChanges
{
    private static readonly Proxies Nobody = new([], 0, ForwardedForm.None, Baggage: false);

    public static IEnumerable<Effect> Between(PlannedWorkspace before, PlannedWorkspace after)
    {
        foreach (var effect in Limits(before.Plan.AddressLimits, after.Plan.AddressLimits)) yield return effect;
        foreach (var effect in Changes(before.Plan.Proxies ?? Nobody, after.Plan.Proxies ?? Nobody)) yield return effect;
    }

    private static IEnumerable<Effect> Limits(AddressLimits then, AddressLimits now)
    {
        if (now.PerSecond != then.PerSecond)
            yield return Of(now.PerSecond < then.PerSecond ? EffectClass.Breaking : EffectClass.Safe, $"one address may send {now.PerSecond} requests a second, was {then.PerSecond}");
        foreach (var network in now.Networks.Concat(then.Networks).Select(n => n.Network).Distinct())
        {
            var (was, limit) = (then.Of(network.BaseAddress), now.Of(network.BaseAddress));
            if (was == limit || (was == then.PerSecond && limit == now.PerSecond)) continue;
            // Who may flood the gateway keeps others out.
            var effect = limit is null ? EffectClass.SecurityWeakening : was is null || limit < was ? EffectClass.Breaking : EffectClass.Safe;
            yield return Of(effect, $"an address of {network} may send {Text(limit)}, was {Text(was)}");
        }
    }

    private static string Text(int? limit) => limit is { } number ? $"{number} requests a second" : "as much as it likes";

    private static IEnumerable<Effect> Changes(Proxies then, Proxies now)
    {
        if (now.Networks.Except(then.Networks).ToList() is { Count: > 0 } added)
            yield return Of(EffectClass.SecurityWeakening, $"who connects from {List(added)} is believed who called");
        if (then.Networks.Except(now.Networks).ToList() is { Count: > 0 } gone)
            yield return Of(EffectClass.Attention, $"who connects from {List(gone)} is not believed any more who called: all his callers are one address");
        if (then == Nobody || now == Nobody) yield break;
        if (now.Hops != then.Hops)
            yield return Of(now.Hops > then.Hops ? EffectClass.SecurityWeakening : EffectClass.Attention, $"{now.Hops} proxies are believed in a row, was {then.Hops}");
        if (now.Form != then.Form) yield return Of(EffectClass.SecurityWeakening, $"proxies are believed what they say in the form {now.Form}, was {then.Form}");
        if (now.Baggage && !then.Baggage) yield return Of(EffectClass.SecurityWeakening, "baggage that proxies send along goes on to backends");
        if (then.Baggage && !now.Baggage) yield return Of(EffectClass.Attention, "baggage that proxies send along ends here");
    }

    private static Effect Of(EffectClass effect, string text) => new(effect, "governance", text);

    private static string List(IEnumerable<IPNetwork> networks) => string.Join(", ", networks);
}
