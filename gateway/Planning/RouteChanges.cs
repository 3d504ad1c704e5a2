using System.Globalization;
using Gateway.Policies;

namespace Gateway.Planning;

/// <summary>What becomes of a route: its path, its policies, its life and its target. Contracts are compared by <see cref="ContractChanges"/>.</summary>
internal sealed class RouteChanges(PlannedWorkspace before, PlannedWorkspace after)
{
    private readonly Compared _world = new(
    [
        .. after.Plan.Consumers.Values.Where(c => before.Plan.Consumers.ContainsKey(c.Name)).Select(c => new ComparedCaller(before.Plan.Consumers[c.Name], c)),
    ], before.Plan.Server, after.Plan.Server);

    public IEnumerable<Effect> Of(PlanRoute then, PlanRoute now)
    {
        IEnumerable<PolicyEffect> effects = [.. Road(then, now), .. WaysIn(then, now), .. Policies(then, now), .. Life(then, now), .. Target(then, now)];
        return effects.Select(e => new Effect(e.Class, now.Name, e.Text));
    }

    private static IEnumerable<PolicyEffect> Road(PlanRoute then, PlanRoute now)
    {
        if ((then.Method, then.Pattern) != (now.Method, now.Pattern))
            yield return new PolicyEffect(EffectClass.Breaking, $"{then.Method} {then.Pattern} moves to {now.Method} {now.Pattern}");
        if (then.Version != now.Version)
        {
            // Those who named the version, and those who named none, must both still get here.
            var reached = (now.Version is null || (now.Version.Header, now.Version.Value) == (then.Version?.Header, then.Version?.Value) || then.Version is null)
                && (now.Version is null or { IsDefault: true } || then.Version is { IsDefault: false });
            yield return new PolicyEffect(reached ? EffectClass.Safe : EffectClass.Breaking, $"it was for {Name(then.Version)} and is for {Name(now.Version)}");
        }
        if (now.MaxBodyBytes < then.MaxBodyBytes)
            yield return new PolicyEffect(EffectClass.Breaking, $"the largest body shrinks from {then.MaxBodyBytes} to {now.MaxBodyBytes} bytes");
        if (now.MaxBodyBytes > then.MaxBodyBytes)
            yield return new PolicyEffect(EffectClass.SecurityWeakening, $"the largest body grows from {then.MaxBodyBytes} to {now.MaxBodyBytes} bytes");
        if (now.Timeout < then.Timeout)
            yield return new PolicyEffect(EffectClass.Attention, $"its calls may take {now.Timeout.TotalSeconds:0.###} s, were {then.Timeout.TotalSeconds:0.###} s");
        if (now.Priority != then.Priority)
            yield return new PolicyEffect(EffectClass.Attention, $"its priority is {now.Priority.ToString().ToLowerInvariant()}, was {then.Priority.ToString().ToLowerInvariant()}");
    }

    private static string Name(RouteVersion? version) =>
        version is null ? "requests of any version" : $"{version.Header}: {version.Value}{(version.IsDefault ? " and requests without it" : "")}";

    private static IEnumerable<PolicyEffect> WaysIn(PlanRoute before, PlanRoute after)
    {
        var (then, now) = (before.Surface.Credentials, after.Surface.Credentials);
        if (then.Count > 0 && now.Count == 0) return [new PolicyEffect(EffectClass.SecurityWeakening, "authentication is dropped: anybody may call")];
        if (then.Count == 0 && now.Count > 0) return [new PolicyEffect(EffectClass.Breaking, "callers must say who they are now")];
        return
        [
            .. now.Except(then).Select(way => new PolicyEffect(EffectClass.SecurityWeakening, $"another way in: {way.Text}")),
            .. then.Except(now).Select(way => new PolicyEffect(EffectClass.Breaking, $"a way in is gone: {way.Text}")),
        ];
    }

    /// <summary>Policies of a kind are paired by name, and one alone with one alone.</summary>
    private IEnumerable<PolicyEffect> Policies(PlanRoute then, PlanRoute now)
    {
        foreach (var kind in PolicyKinds.All)
        {
            var (older, newer) = (then.Uses.Where(u => u.Kind == kind).ToList(), now.Uses.Where(u => u.Kind == kind).ToList());
            IEnumerable<(UsedPolicy? Then, UsedPolicy? Now)> pairs = older.Count == 1 && newer.Count == 1
                ? [(older[0], newer[0])]
                : older.Select(o => o.Name).Union(newer.Select(n => n.Name)).SelectMany(name => Pairs([.. older.Where(o => o.Name == name)], [.. newer.Where(n => n.Name == name)]));
            foreach (var effect in pairs.SelectMany(p => kind.Compare(p.Then?.Options, p.Now?.Options, _world))) yield return effect;
        }
    }

    private static IEnumerable<(UsedPolicy?, UsedPolicy?)> Pairs(List<UsedPolicy> older, List<UsedPolicy> newer) =>
        Enumerable.Range(0, Math.Max(older.Count, newer.Count)).Select(i => (older.ElementAtOrDefault(i), newer.ElementAtOrDefault(i)));

    private IEnumerable<PolicyEffect> Life(PlanRoute older, PlanRoute newer)
    {
        var (then, now) = (LifeOf(before, older), LifeOf(after, newer));
        if (then.Stage != now.Stage)
        {
            yield return (then.Stage, now.Stage) switch
            {
                (_, Lifecycle.Retired) => new PolicyEffect(EffectClass.Breaking, "it is retired: 410"),
                (Lifecycle.Draft, _) => new PolicyEffect(EffectClass.Safe, "it is published: everybody with the right credentials sees it"),
                (_, Lifecycle.Draft) => new PolicyEffect(EffectClass.Breaking, "it is a draft again: only its audience sees it"),
                (_, Lifecycle.Deprecated) => new PolicyEffect(EffectClass.Attention, "it is deprecated"),
                _ => new PolicyEffect(EffectClass.Safe, $"it is {now.Stage.ToString().ToLowerInvariant()} again"),
            };
        }
        if (then.Sunset == now.Sunset) yield break;
        yield return (then.Sunset, now.Sunset) switch
        {
            (null, { } end) => new PolicyEffect(EffectClass.Attention, $"it ends on {Day(end)}"),
            ({ } end, null) => new PolicyEffect(EffectClass.Safe, $"it no longer ends on {Day(end)}"),
            ({ } was, { } end) => new PolicyEffect(end < was ? EffectClass.Breaking : EffectClass.Safe, $"it ends on {Day(end)}, was {Day(was)}"),
            _ => throw new InvalidOperationException(),
        };
    }

    private static (Lifecycle Stage, DateTimeOffset? Sunset) LifeOf(PlannedWorkspace workspace, PlanRoute route)
    {
        var api = workspace.Document.Apis[route.Api];
        var written = api.Routes[route.Name];
        return (written.Lifecycle ?? api.Lifecycle, written.Sunset ?? api.Sunset);
    }

    private static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private IEnumerable<PolicyEffect> Target(PlanRoute then, PlanRoute now)
    {
        if (Name(then.Target) is var older && Name(now.Target) is var newer && older != newer)
            yield return new PolicyEffect(EffectClass.Attention, $"the target was {older} and is {newer}");
        foreach (var effect in Accepting((then.Target as PlanTarget.Call)?.Accepting, (now.Target as PlanTarget.Call)?.Accepting)) yield return effect;
        var (published, publishes) = (EventsOf(then), EventsOf(now));
        foreach (var emitted in published.Except(publishes))
            yield return new PolicyEffect(EffectClass.Breaking, $"the event {emitted} is no longer published{PolicyEffect.Affects(before.Plan.Subscriptions.Where(s => s.Wants(emitted)).Select(s => s.Tenant))}");
        foreach (var emits in publishes.Except(published))
            yield return new PolicyEffect(EffectClass.Safe, $"the event {emits} is published{PolicyEffect.Affects(after.Plan.Subscriptions.Where(s => s.Wants(emits)).Select(s => s.Tenant))}");
    }

    private static IEnumerable<string> EventsOf(PlanRoute route) => (route.Target as PlanTarget.Call)?.Events ?? [];

    /// <summary>Who gets 202 has to look again, and did not before.</summary>
    private static IEnumerable<PolicyEffect> Accepting(Accepting? then, Accepting? now)
    {
        if (then?.Always != now?.Always)
        {
            yield return now switch
            {
                null => new PolicyEffect(EffectClass.Attention, "nothing is accepted any more: what can't be sent gets 503"),
                { Always: true } => new PolicyEffect(EffectClass.Breaking, "all is accepted and forwarded later: callers get 202, and learn what became of it by its object"),
                _ => new PolicyEffect(EffectClass.Attention, "what can't be sent is accepted and forwarded later: callers get 202 in place of 503"),
            };
        }
        if (then is null || now is null) yield break;
        if (!then.InOrderOf.SequenceEqual(now.InOrderOf))
            yield return new PolicyEffect(EffectClass.Attention, $"what was accepted was forwarded in order of {OrderOf(then)}, and is in order of {OrderOf(now)}");
        if (then.UrgencyText != now.UrgencyText)
            yield return new PolicyEffect(EffectClass.Safe, $"how urgent accepted work is was told by {then.UrgencyText ?? "its coming"}, and is by {now.UrgencyText ?? "its coming"}");
    }

    private static string OrderOf(Accepting accepting) => accepting.InOrderOf.Count == 0 ? "each object" : string.Join(" and ", accepting.InOrderOf);

    private static string Name(PlanTarget target) => target switch
    {
        PlanTarget.Forward forward => forward.Backend + (forward.Path is { } path ? $" at {path}" : "") + (forward.Changes.Text is { Length: > 0 } changes ? $", {changes}" : ""),
        PlanTarget.Call call => call.Operation.FullName + (call.Creates is { } kind ? $", which creates {kind}" : "") + (call.Object is { } about ? $", about {about.Kind}/{{{about.Parameter}}}" : ""),
        _ => target.ToString(),
    };
}
