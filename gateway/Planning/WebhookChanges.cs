using Gateway.Configuration;
using Gateway.Configuration.Yaml;
using Gateway.Delivery.Flows;

namespace Gateway.Planning;

/// <summary>What becomes of those who are told: webhooks, their addresses and events.</summary>
internal static class WebhookChanges
{
    public static IEnumerable<Effect> Between(PlannedWorkspace before, PlannedWorkspace after)
    {
        var (then, now) = (Webhooks(before), Webhooks(after));
        foreach (var effect in Reach(before.Plan.WebhookReach, after.Plan.WebhookReach)) yield return new Effect(effect.Class, "governance", effect.Text);
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

    private static IEnumerable<PolicyEffect> Reach(WebhookReach then, WebhookReach now)
    {
        if (now.Http && !then.Http) yield return new PolicyEffect(EffectClass.SecurityWeakening, "webhooks may go over http, readable on their way");
        if (then.Http && !now.Http) yield return new PolicyEffect(EffectClass.Attention, "webhooks go over https only");
        foreach (var more in now.Networks.Except(then.Networks)) yield return new PolicyEffect(EffectClass.SecurityWeakening, $"webhooks may go to {more}, which is not public");
        foreach (var gone in then.Networks.Except(now.Networks)) yield return new PolicyEffect(EffectClass.Attention, $"webhooks no longer go to {gone}");
        foreach (var more in now.Ports.Except(then.Ports)) yield return new PolicyEffect(EffectClass.SecurityWeakening, $"webhooks may go to port {more}");
        foreach (var gone in then.Ports.Except(now.Ports)) yield return new PolicyEffect(EffectClass.Attention, $"webhooks no longer go to port {gone} by themselves");
    }

    /// <summary>Those of partners, and those where owners are told.</summary>
    private static Dictionary<string, WebhookDocument> Webhooks(PlannedWorkspace workspace) => workspace.Document.Partners
        .SelectMany(p => p.Value.Webhooks.Select(w => (Name: $"{p.Key}/{w.Key}", w.Value)))
        .Concat(workspace.Document.Owners.Where(o => o.Value.Alerts is not null).Select(o => (Name: $"owner {o.Key}", Value: Of(o.Value.Alerts!))))
        .ToDictionary(w => w.Name, w => w.Value);

    private static WebhookDocument Of(AlertsDocument alerts) => new() { Url = alerts.Url, Events = [AlertEvent.Type], Secrets = alerts.Secrets, Retry = alerts.Retry };

    private static IEnumerable<PolicyEffect> Changes(WebhookDocument then, WebhookDocument now)
    {
        // Another host is somebody else until a person has said that it is not.
        if (then.Url != now.Url)
            yield return new PolicyEffect(then.Url.Authority == now.Url.Authority ? EffectClass.Attention : EffectClass.SecurityWeakening, $"its events go to {now.Url}, went to {then.Url}");
        foreach (var gone in then.Events.Except(now.Events)) yield return new PolicyEffect(EffectClass.Breaking, $"{gone} is no longer delivered");
        foreach (var more in now.Events.Except(then.Events)) yield return new PolicyEffect(EffectClass.Safe, $"{more} is delivered too");
        if (then.When != now.When) yield return new PolicyEffect(EffectClass.Attention, now.When is null ? "it gets events whatever they say" : "which events it gets is judged by another condition");
        if (then.Mapping != now.Mapping) yield return new PolicyEffect(EffectClass.Breaking, now.Mapping is null ? "it gets the data as they are" : "the data it gets have another form");
        if (then.Mode != now.Mode)
            yield return new PolicyEffect(EffectClass.Breaking, now.Mode == WebhookMode.Binary ? "the body is the data alone, and the attributes are headers" : "the body is the whole event");
        foreach (var gone in then.Secrets.Select(s => s.Reference).Except(now.Secrets.Select(s => s.Reference)))
            yield return new PolicyEffect(EffectClass.Breaking, $"{gone} no longer signs");
        if (now.Retry.Count < then.Retry.Count)
            yield return new PolicyEffect(EffectClass.Attention, $"a delivery is tried {now.Retry.Count + 1} times, was {then.Retry.Count + 1}");
        if (now.Order != then.Order)
            yield return new PolicyEffect(EffectClass.Attention, now.Order == WebhookOrder.Fifo ? "new events come in order: one that fails keeps those of its key back" : "new events no longer come in order");
        if (now.Concurrency < then.Concurrency) yield return new PolicyEffect(EffectClass.Attention, $"it gets {now.Concurrency} at the same time, was {then.Concurrency}");
        if (now.Rate is { } rate && rate != then.Rate) yield return new PolicyEffect(EffectClass.Attention, $"it gets at most {rate.Limit} in {Scalars.Written(rate.Window)}");
        if (now.Budget < then.Budget) yield return new PolicyEffect(EffectClass.Attention, $"it is disabled after {Scalars.Written(now.Budget)} without a success, was {Scalars.Written(then.Budget)}");
    }
}
