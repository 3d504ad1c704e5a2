using Gateway.Configuration;

namespace Gateway.Planning;

/// <summary>What becomes of those who are told: webhooks, their addresses and events.</summary>
internal static class WebhookChanges
{
    public static IEnumerable<Effect> Between(PlannedWorkspace before, PlannedWorkspace after)
    {
        var (then, now) = (Webhooks(before), Webhooks(after));
        if (!before.Document.Governance.AllowHttpWebhooks && after.Document.Governance.AllowHttpWebhooks)
            yield return new Effect(EffectClass.SecurityWeakening, "governance", "webhooks may go over http, readable on their way");
        foreach (var name in then.Keys.Except(now.Keys))
            yield return new Effect(EffectClass.Breaking, name, "the webhook is gone");
        foreach (var name in now.Keys.Except(then.Keys))
            yield return new Effect(EffectClass.Safe, name, $"a new webhook for {string.Join(", ", now[name].Events)}");
        foreach (var (name, webhook) in now.Where(n => then.ContainsKey(n.Key)))
        {
            foreach (var effect in Changes(then[name], webhook))
                yield return new Effect(effect.Class, name, effect.Text) { Place = after.Workspace.Places.Of(webhook) };
        }
    }

    private static Dictionary<string, WebhookDocument> Webhooks(PlannedWorkspace workspace) => workspace.Document.Partners
        .SelectMany(p => p.Value.Webhooks.Select(w => (Name: $"{p.Key}/{w.Key}", w.Value)))
        .ToDictionary(w => w.Name, w => w.Value);

    private static IEnumerable<PolicyEffect> Changes(WebhookDocument then, WebhookDocument now)
    {
        // Another host is somebody else until a person has said that it is not.
        if (then.Url != now.Url)
            yield return new PolicyEffect(then.Url.Authority == now.Url.Authority ? EffectClass.Attention : EffectClass.SecurityWeakening, $"its events go to {now.Url}, went to {then.Url}");
        foreach (var gone in then.Events.Except(now.Events)) yield return new PolicyEffect(EffectClass.Breaking, $"{gone} is no longer delivered");
        foreach (var more in now.Events.Except(then.Events)) yield return new PolicyEffect(EffectClass.Safe, $"{more} is delivered too");
        foreach (var gone in then.Secrets.Select(s => s.Reference).Except(now.Secrets.Select(s => s.Reference)))
            yield return new PolicyEffect(EffectClass.Breaking, $"{gone} no longer signs");
        if (now.Retry.Count < then.Retry.Count)
            yield return new PolicyEffect(EffectClass.Attention, $"a delivery is tried {now.Retry.Count + 1} times, was {then.Retry.Count + 1}");
    }
}
