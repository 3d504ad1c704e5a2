using Gateway.Adapters.Http;
using Gateway.Adapters.Odoo;

namespace Gateway.Planning;

/// <summary>What becomes of the systems behind: where they are, how the gateway signs in there, what of callers they get, and how long they are waited for.</summary>
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
        foreach (var effect in SignIn(then, now)) yield return effect;
        if (then is HttpBackendOptions old && now is HttpBackendOptions fresh)
        {
            if (fresh.PassHeaders.Except(old.PassHeaders, StringComparer.OrdinalIgnoreCase).ToList() is { Count: > 0 } more)
                yield return new PolicyEffect(EffectClass.SecurityWeakening, $"callers' {string.Join(", ", more)} reach it");
            if (old.PassHeaders.Except(fresh.PassHeaders, StringComparer.OrdinalIgnoreCase).ToList() is { Count: > 0 } less)
                yield return new PolicyEffect(EffectClass.Breaking, $"callers' {string.Join(", ", less)} do not reach it any more");
            foreach (var effect in DestinationChanges.Between(old, fresh)) yield return effect;
            if (old.Limits is null && fresh.Limits is not null) yield return new PolicyEffect(EffectClass.Attention, "where it asks to be left alone, nobody is sent there, and callers get 503");
            if (old.Limits is not null && fresh.Limits is null) yield return new PolicyEffect(EffectClass.Attention, "where it asks to be left alone, its caller is told so, and others are sent there");
            if (old.Caller != fresh.Caller) yield return new PolicyEffect(EffectClass.Attention, $"it is told who called in the form {fresh.Caller}, was {old.Caller}");
        }
        foreach (var effect in Webhooks(then.Hooks, now.Hooks)) yield return effect;
        foreach (var effect in WatchChanges.Between((then as OdooOptions)?.Changes, (now as OdooOptions)?.Changes)) yield return effect;
        foreach (var effect in Limits(then.Held, now.Held)) yield return effect;
        if (then.Resilience != now.Resilience) yield return new PolicyEffect(EffectClass.Attention, $"it is called again and left alone otherwise: {Text(now.Resilience)}, was {Text(then.Resilience)}");
        if (then.Timeout != now.Timeout) yield return new PolicyEffect(EffectClass.Attention, $"it is waited for {now.Timeout.TotalSeconds:0.###} s, was {then.Timeout.TotalSeconds:0.###} s");
        var (had, has) = (then.TimeFor(Gateway.Effect.Changes), now.TimeFor(Gateway.Effect.Changes));
        if (had != has && (had, has) != (then.Timeout, now.Timeout)) yield return new PolicyEffect(EffectClass.Attention, $"what changes something there is waited for {has.TotalSeconds:0.###} s, was {had.TotalSeconds:0.###} s");
    }

    private static IEnumerable<PolicyEffect> Webhooks(HookOptions? then, HookOptions? now)
    {
        if (then is null && now is not null) yield return new PolicyEffect(EffectClass.Attention, "its webhooks are taken");
        if (then is not null && now is null) yield return new PolicyEffect(EffectClass.Breaking, "its webhooks are not taken any more");
        if (then is null || now is null) yield break;
        var (was, holds) = (then.Secrets.Select(s => s.Reference).ToList(), now.Secrets.Select(s => s.Reference).ToList());
        if (was.Except(holds).ToList() is { Count: > 0 } gone) yield return new PolicyEffect(EffectClass.Breaking, $"webhooks signed with {string.Join(", ", gone)} are refused");
        if (holds.Except(was).ToList() is { Count: > 0 } more) yield return new PolicyEffect(EffectClass.Attention, $"webhooks signed with {string.Join(", ", more)} are taken");
        if (then is CloudEventHookOptions { Types: var told } && now is CloudEventHookOptions { Types: var tells })
        {
            foreach (var type in told.Except(tells)) yield return new PolicyEffect(EffectClass.Breaking, $"its webhooks of {type} are refused");
            foreach (var type in tells.Except(told)) yield return new PolicyEffect(EffectClass.Attention, $"its webhooks of {type} are taken");
        }
        if (then.MaxBody != now.MaxBody) yield return new PolicyEffect(now.MaxBody < then.MaxBody ? EffectClass.Breaking : EffectClass.Attention, $"its webhooks have {now.MaxBody} bytes at most, was {then.MaxBody}");
    }

    private static string Text(ResilienceOptions? resilience) => resilience is null ? "as by default"
        : $"{(resilience.Attempt is { } attempt ? $"{attempt.TotalSeconds:0.###} s an attempt, " : "")}{resilience.Retries} retries from {resilience.RetryDelay.TotalSeconds:0.###} s on, open for {resilience.Circuit.Break.TotalSeconds:0.###} s when {resilience.Circuit.FailureRatio:0.##} of {resilience.Circuit.MinimumCalls} calls fail in {resilience.Circuit.Window.TotalSeconds:0.###} s";

    private static IEnumerable<PolicyEffect> Limits(BackendLimits? then, BackendLimits? now)
    {
        if (then == now) yield break;
        if (now is null)
            yield return new PolicyEffect(EffectClass.Attention, $"it gets all calls at once, was held to {then!.Text} from each node");
        else if (then?.Text != now.Text)
            yield return new PolicyEffect(IsTighter(then, now) ? EffectClass.Breaking : EffectClass.Attention, $"each node sends it {now.Text}, was {then?.Text ?? "without limits"}; more wait, and then get 503");
        if (then is not null && now is not null && (then.Queue, then.Wait) != (now.Queue, now.Wait))
            yield return new PolicyEffect(EffectClass.Attention, $"{now.Queue} calls wait for it at most, {now.Wait.TotalSeconds:0.###} s each, was {then.Queue} and {then.Wait.TotalSeconds:0.###} s");
    }

    private static bool IsTighter(BackendLimits? then, BackendLimits now) =>
        now.PerSecond < (then?.PerSecond ?? double.PositiveInfinity) || now.Concurrent < (then?.Concurrent ?? int.MaxValue) || (now.PerSecond is not null && now.Burst < then?.Burst);

    private static IEnumerable<PolicyEffect> SignIn(BackendOptions then, BackendOptions now)
    {
        var (was, text) = (Shown(then), Shown(now));
        if (was != text) yield return new PolicyEffect(EffectClass.Attention, $"the gateway shows it {text}, was {was}");
        else if (SecretsOf(then.Credential).Except(SecretsOf(now.Credential)).ToList() is { Count: > 0 } gone)
            yield return new PolicyEffect(EffectClass.Attention, $"what the gateway shows it stands in {string.Join(", ", SecretsOf(now.Credential))}, was in {string.Join(", ", gone)}");
        // Our client secret goes there.
        if (then.Credential?.Oauth2?.TokenUrl.Authority is { } authority && now.Credential?.Oauth2 is { } oauth2 && oauth2.TokenUrl.Authority != authority)
            yield return new PolicyEffect(EffectClass.SecurityWeakening, $"its tokens come from {oauth2.TokenUrl.Authority}, came from {authority}");
        if (then.Authorities is not null && now.Authorities is null)
            yield return new PolicyEffect(EffectClass.SecurityWeakening, "any authority that the machine trusts may vouch for it");
        else if (then.Authorities?.Reference != now.Authorities?.Reference)
            yield return new PolicyEffect(EffectClass.Attention, $"the authorities in {now.Authorities} vouch for it");
    }

    private static string Shown(BackendOptions backend) => backend.Credential?.Text is { Length: > 0 } text ? text : "nothing";

    private static IEnumerable<string> SecretsOf(CredentialOptions? credential) =>
        new[] { credential?.Key, credential?.Basic?.Password, credential?.Oauth2?.ClientSecret, credential?.Certificate?.File, credential?.Certificate?.Key }.OfType<Secret>().Select(s => s.Reference);

    private static string Backend(PlanTarget target) => target switch
    {
        PlanTarget.Forward forward => forward.Backend,
        PlanTarget.Call call => call.Operation.Backend,
        _ => "",
    };
}
