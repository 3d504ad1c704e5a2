namespace Gateway.Delivery.Flows;

/// <summary>An instance goes on as its flow is declared now, where all that it has begun means the same there.</summary>
public sealed partial class FlowRun
{
    /// <summary>
    /// Takes an instance over that went by an earlier declaration; this run is of the later one. Null when it goes on by it; else why it can't, each obstacle a sentence, and
    /// nothing was changed. A call that is not made, or has failed without a trace, is made anew by the new declaration.
    /// </summary>
    /// <param name="from">How the flow was declared that the instance goes by.</param>
    /// <param name="by">Who moves it, and why.</param>
    public IReadOnlyList<string>? TakeOver(Flow from, string by)
    {
        if (Obstacles(from).ToList() is { Count: > 0 } obstacles) return obstacles;
        foreach (var call in _body.Steps.Where(s => !s.IsOver).Select(s => s.Call).OfType<CallRecord>().Where(IsUnmade)) (call.Input, call.NextAt) = (null, null);
        _instance = _instance with { Revision = flow.Revision };
        Note("", "migrated", $"from {from.Revision} to {flow.Revision}, {by}");
        return null;
    }

    private IEnumerable<string> Obstacles(Flow from)
    {
        if (_body.Becomes is not null || _body.CancelAsked) yield return "it is being undone, as it was declared then";
        if (from.Trigger.ForHouse != flow.Trigger.ForHouse) yield return $"it is {(flow.Trigger.ForHouse ? "a partner's, and the flow is for the house" : "for the house, and the flow is of partners")} now";
        if (from.Trigger.Event != flow.Trigger.Event) yield return $"it began with {from.Trigger.Event}, and the flow begins with {flow.Trigger.Event} now";
        var (was, now) = (Places(from.Steps, ""), Places(flow.Steps, ""));
        foreach (var record in _body.Steps)
        {
            if (!was.TryGetValue(record.Name, out var before)) continue;
            if (!now.TryGetValue(record.Name, out var after))
            {
                if (record.Status is not (StepStatus.Passed or StepStatus.Skipped)) yield return $"the step '{record.Name}' was begun, and is gone";
            }
            else if (before.List != after.List) yield return $"the step '{record.Name}' was begun, and stands elsewhere now";
            else if (ChangeOf(before.Step, after.Step, record) is { } change) yield return $"the step '{record.Name}' {change}";
        }
        foreach (var late in Overtaken(flow.Steps)) yield return late;
    }

    /// <summary>What of a step is not as it was, and matters for how far it is; null for nothing.</summary>
    private static string? ChangeOf(FlowStep before, FlowStep after, StepRecord record)
    {
        if (before.Kind != after.Kind) return $"was a step of the kind {before.Kind}, and is one of the kind {after.Kind}";
        if (after is FlowStep.Choose choose && !record.IsOver && record.Way > choose.Ways.Count) return $"has gone its way {record.Way}, and has {choose.Ways.Count} now";
        if ((before, after) is not (FlowStep.Call old, FlowStep.Call call)) return null;
        var (called, calls) = (old.Operation.FullName, call.Operation.FullName);
        if (called != calls && record.Call is { } made && !IsUnmade(made)) return $"has called {called}, and calls {calls} now";
        if (record.Status != StepStatus.Done || old.Undo is not { } undo || record.Undo is { Status: CallStatus.Done }) return null;
        return call.Undo?.Operation.FullName == undo.Operation.FullName ? null : $"is undone by {undo.Operation.FullName}, and by {call.Undo?.Operation.FullName ?? "nothing"} now";
    }

    /// <summary>Nothing of it can be at its backend.</summary>
    private static bool IsUnmade(CallRecord call) => call is { Status: CallStatus.Ready or CallStatus.Kept or CallStatus.Failed, Resumes: false };

    /// <summary>New steps that would be done behind what follows them.</summary>
    private IEnumerable<string> Overtaken(IReadOnlyList<FlowStep> steps)
    {
        var last = steps.Index().LastOrDefault(s => _body.Find(s.Item.Name) is not null, (Index: -1, Item: null!)).Index;
        foreach (var (i, step) in steps.Index())
        {
            if (i < last && _body.Find(step.Name) is null) yield return $"the step '{step.Name}' is new, and stands before '{steps[last].Name}', which was begun";
            foreach (var inner in step.Inner.SelectMany(Overtaken)) yield return inner;
            if (_body.Find(step.Name) is not { Status: StepStatus.Done } over) continue;
            foreach (var missed in GoneThrough(step, over).Where(s => !_body.Steps.Exists(r => r.Name == s.Name))) yield return $"the step '{missed.Name}' is new within '{step.Name}', which is over";
        }
    }

    /// <summary>Steps right within one that is over, of the ways that were gone.</summary>
    private static IEnumerable<FlowStep> GoneThrough(FlowStep step, StepRecord over) =>
        step is not FlowStep.Choose ? step.Inner.SelectMany(way => way) : over.Way >= 1 && over.Way <= step.Inner.Count ? step.Inner[over.Way - 1] : [];

    /// <summary>Where each step stands: in which list of steps.</summary>
    private static Dictionary<string, (FlowStep Step, string List)> Places(IReadOnlyList<FlowStep> steps, string list) => steps
        .SelectMany(s => s.Inner.Index().SelectMany(w => Places(w.Item, $"{list}/{s.Name}.{w.Index}")).Prepend(new(s.Name, (s, list)))).ToDictionary();
}
