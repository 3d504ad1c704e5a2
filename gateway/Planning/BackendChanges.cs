namespace Gateway.Planning;

/// <summary>What becomes of the systems behind: where they are, and how long they are waited for.</summary>
internal static class BackendChanges
{
    public static IEnumerable<Effect> Between(PlannedWorkspace before, PlannedWorkspace after)
    {
        foreach (var (name, now) in after.Document.Backends)
        {
            if (!before.Document.Backends.TryGetValue(name, out var then)) continue;
            var uses = PolicyEffect.Affects(after.Plan.Routes.Where(r => Backend(r.Target) == name).Select(r => r.Name));
            foreach (var effect in Changes(then, now))
                yield return new Effect(effect.Class, name, effect.Text + uses) { Place = after.Workspace.Places.Of(now) };
        }
    }

    private static IEnumerable<PolicyEffect> Changes(BackendOptions then, BackendOptions now)
    {
        if (then.Adapter != now.Adapter) yield return new PolicyEffect(EffectClass.Attention, $"it is spoken to as {now.Adapter}, was {then.Adapter}");
        // Requests and our credential go there.
        if (then.Url != now.Url)
            yield return new PolicyEffect(then.Url.Authority == now.Url.Authority ? EffectClass.Attention : EffectClass.SecurityWeakening, $"it is at {now.Url}, was {then.Url}");
        if (then.Timeout != now.Timeout) yield return new PolicyEffect(EffectClass.Attention, $"it is waited for {now.Timeout.TotalSeconds:0.###} s, was {then.Timeout.TotalSeconds:0.###} s");
    }

    private static string Backend(PlanTarget target) => target switch
    {
        PlanTarget.Forward forward => forward.Backend,
        PlanTarget.Call call => call.Operation.Backend,
        _ => "",
    };
}
