namespace Gateway.Delivery.Flows;

/// <summary>Whether an event begins an instance of a flow.</summary>
public static class FlowStart
{
    /// <param name="sight">With the event's envelope.</param>
    /// <returns>How it begins; else why it can't, which is null where it is not meant to.</returns>
    public static (FlowMove? Begun, string? Why) Of(Flow flow, StoredEvent happened, in FlowSight sight)
    {
        if (flow.Trigger.When?.Invoke(sight) is { IsTrue: false } no) return (null, no.Error);
        var key = flow.Trigger.Key(sight);
        return key.Error is { } error ? (null, error)
            : key.Text is not { Length: > 0 } text ? (null, "its key is no text")
            : (FlowRun.Begin(flow, sight.Partner, text, sight.Known.Clone(), happened, sight.Now), null);
    }
}
