using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Gateway.Cases.Flows;

/// <summary>The file beside a flow that proves it: <c>flows/order-to-ship.tests.yaml</c> for the flows of <c>flows/order-to-ship.yaml</c>.</summary>
public sealed record FlowCasesDocument
{
    [Description("The moment at which every case begins.")]
    public DateTimeOffset At { get; init; } = new(2027, 1, 1, 9, 0, 0, TimeSpan.Zero);

    [Description("The cases, each with an instance of its own.")]
    public required IReadOnlyList<FlowCaseDocument> Cases { get; init; }
}

public sealed record FlowCaseDocument
{
    [Description("What the case shows, as a sentence.")]
    public required string Name { get; init; }

    [Description("The flow that is played.")]
    public required string Flow { get; init; }

    [Description("The partner whose the instance is; left out of a flow for the house.")]
    public string? Partner { get; init; }

    [Description("What happens, and what must come of it, in its order. The first is the event that begins the instance.")]
    public required IReadOnlyList<FlowActDocument> Play { get; init; }

    [Description("How the instance stands at the end.")]
    public required FlowState Ends { get; init; }

    [Description("Names of the steps that are open at the end, all of them. Default: none.")]
    public IReadOnlyList<string> Stage { get; init; } = [];
}

/// <summary>One thing that happens, or must happen: one of <c>event</c>, <c>call</c>, <c>told</c>, <c>alert</c>, <c>passes</c>, <c>agrees</c>, <c>refuses</c> and <c>cancels</c>.</summary>
public sealed record FlowActDocument
{
    [Description("An event of this type comes.")]
    public string? Event { get; init; }

    [Description("What the event is about, or what a told one must be about.")]
    public string? Subject { get; init; }

    [Description("The step whose call the event is about, as a backend tells it: in the place of subject.")]
    public string? About { get; init; }

    [Description("The event's data; of a told one, members that they must have.")]
    public JsonElement? Data { get; init; }

    [Description("This operation must be called now: wms/warehouse-order.create.")]
    public string? Call { get; init; }

    [Description("Members that its input must have.")]
    public JsonElement? With { get; init; }

    [Description("What is answered. Default: it is done.")]
    public FlowAnswerDocument Answer { get; init; } = new();

    [Description("An event of this type must have been told by now.")]
    public string? Told { get; init; }

    [Description("Somebody must have been told of this: parked, failed, late, escalated or unfound.")]
    [RegularExpression("^(parked|failed|late|escalated|unfound)$")]
    public string? Alert { get; init; }

    [Description("The instance counts for this figure by now.")]
    public string? Figure { get; init; }

    [Description("False: it does not count for it.")]
    public bool Counts { get; init; } = true;

    [Description("What it is counted by, all of it: { company: \"1\" }.")]
    public IReadOnlyDictionary<string, string>? Group { get; init; }

    [Description("What it adds to the sum.")]
    public decimal? Amount { get; init; }

    [Description("So much time passes. What must be done meanwhile stands before it, after a shorter time.")]
    public TimeSpan? Passes { get; init; }

    [Description("The step that an operator agrees to.")]
    public string? Agrees { get; init; }

    [Description("The step that an operator refuses.")]
    public string? Refuses { get; init; }

    [Description("The operator.")]
    public string By { get; init; } = "somebody";

    [Description("An operator cancels the instance, for this reason.")]
    public string? Cancels { get; init; }

    [Description("Part of why an operator can't do that.")]
    public string? Because { get; init; }
}

public sealed record FlowAnswerDocument
{
    [Description("done, refused, notFound, notSent (it did not reach the backend), away (the backend takes no calls), unknown (it was cut off: the backend is asked next, which is a call of the same operation) or malformed.")]
    [RegularExpression("^(done|refused|notFound|notSent|away|unknown|malformed)$")]
    public string Is { get; init; } = "done";

    [Description("What the backend has by then.")]
    public JsonElement? Record { get; init; }

    [Description("How the backend names it.")]
    public string? Reference { get; init; }

    [Description("Canonical members of it.")]
    public JsonElement? Facts { get; init; }

    [Description("Whether the backend had it so already, and nothing was changed.")]
    public bool WasSo { get; init; }

    [Description("Why not.")]
    public string? Detail { get; init; }
}
