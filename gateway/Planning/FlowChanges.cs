using System.Text.Json;
using Gateway.Cli;
using Gateway.Configuration.Flows;

namespace Gateway.Planning;

/// <summary>What becomes of flows. Instances that run go on as they began, so it is the next ones that a change meets.</summary>
internal static class FlowChanges
{
    private const string GoOn = "instances that run go on as they began";

    public static IEnumerable<Effect> Between(PlannedWorkspace before, PlannedWorkspace after)
    {
        var (then, now) = (before.Document.Flows, after.Document.Flows);
        foreach (var name in then.Keys.Except(now.Keys)) yield return new Effect(EffectClass.Attention, Subject(name), $"the flow is gone, and no instance of it begins any more; {GoOn}");
        foreach (var (name, flow) in now)
        {
            var place = after.Workspace.Places.Of(now, name);
            if (!then.TryGetValue(name, out var old)) yield return new Effect(EffectClass.Attention, Subject(name), $"a new flow, which {flow.On.Event} begins") { Place = place };
            else if (before.Plan.Flows.Find(name)?.Revision != after.Plan.Flows.Find(name)?.Revision)
                yield return new Effect(EffectClass.Attention, Subject(name), $"{string.Join(", ", Differences(old, flow).DefaultIfEmpty("its steps are in another order"))}; {GoOn}") { Place = place };
            // Of no revision, so good for all at once.
            if (old is not null && Text(new { old.Objective, old.Figures }) != Text(new { flow.Objective, flow.Figures }))
                yield return new Effect(EffectClass.Attention, Subject(name), "its figures or its objective are others; instances are counted by them from their next step on") { Place = place };
        }
    }

    /// <summary>A route may have the same name.</summary>
    private static string Subject(string name) => $"flow {name}";

    private static IEnumerable<string> Differences(FlowDeclaration then, FlowDeclaration now)
    {
        var (old, steps) = (StepsOf(then), StepsOf(now));
        if (steps.Keys.Except(old.Keys).ToList() is { Count: > 0 } added) yield return $"{Count.Of(added.Count, "step")} added ({string.Join(", ", added)})";
        if (old.Keys.Except(steps.Keys).ToList() is { Count: > 0 } removed) yield return $"{Count.Of(removed.Count, "step")} removed ({string.Join(", ", removed)})";
        if (steps.Where(s => old.TryGetValue(s.Key, out var was) && was != s.Value).Select(s => s.Key).ToList() is { Count: > 0 } changed)
            yield return $"{Count.Of(changed.Count, "step")} changed ({string.Join(", ", changed)})";
        if (then.On.Event != now.On.Event) yield return $"{now.On.Event} begins it, was {then.On.Event}";
        else if (then.On != now.On) yield return "what begins it is told otherwise";
        if (then.Cancel?.Event != now.Cancel?.Event) yield return now.Cancel is { } cancel ? $"{cancel.Event} cancels it" : "no event cancels it any more";
        else if (Text(Bare(then.Cancel)) != Text(Bare(now.Cancel))) yield return "how it is cancelled is told otherwise";
        if (then.Owner != now.Owner) yield return $"{now.Owner} answers for it, was {then.Owner}";
        if (Text(new { then.Description, then.Runbook, then.Promise, then.Urgency }) != Text(new { now.Description, now.Runbook, now.Promise, now.Urgency }))
            yield return "its description, runbook, promise or urgency changed";
    }

    /// <summary>Each step by its name, without the steps within it.</summary>
    private static Dictionary<string, string> StepsOf(FlowDeclaration flow) => flow.AllSteps().ToDictionary(s => s.Step, s => Text(s with { Choose = Bare(s.Choose), Parallel = Bare(s.Parallel), Repeat = s.Repeat is { } repeat ? repeat with { Steps = [] } : null }));

    private static WayDocument[]? Bare(IReadOnlyList<WayDocument>? ways) => ways is null ? null : [.. ways.Select(w => w with { Steps = [] })];

    private static CancellationDocument? Bare(CancellationDocument? cancel) => cancel is null ? null : cancel with { Steps = [] };

    private static string Text<T>(T part) => JsonSerializer.Serialize(part);
}
