using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Gateway.Configuration.Flows;

/// <summary>
/// A flow as it was written. All that runs of it stands here, so that an instance can go on as it began when this is changed. How it is looked at is no part of that: what is
/// declared now is good for all.
/// </summary>
public sealed record FlowDeclaration
{
    [Description("Who answers for it, and is told when it goes wrong.")]
    public required string Owner { get; init; }

    [Description("What it brings about, for people.")]
    [MinLength(3)]
    public required string Description { get; init; }

    [Description("Address of the page that says what to do when it goes wrong.")]
    public Uri? Runbook { get; init; }

    [Description("The event that begins an instance.")]
    public required TriggerDocument On { get; init; }

    [Description("How long an instance takes at most, as promised; who is late is told.")]
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan? Promise { get; init; }

    [Description("How many instances are to keep the promise. How fast the rest is spent is told in figures and metrics.")]
    [JsonIgnore]
    public ObjectiveDocument? Objective { get; init; }

    [Description("What instances are counted for, by name: how many are shipped and not invoiced, by company, and over how much.")]
    [JsonIgnore]
    public IReadOnlyDictionary<string, FigureDocument> Figures { get; init; } = new Dictionary<string, FigureDocument>();

    [Description("How urgent an instance is where many wait for a backend, in JSONata over the envelope of the event it begins with: of times the earlier goes first, of numbers the smaller.")]
    public string? Urgency { get; init; }

    [Description("One after another.")]
    public required IReadOnlyList<StepDocument> Steps { get; init; }

    [Description("How an instance is cancelled while nothing final was begun: what was done is undone, last first. Without it only operators can.")]
    public CancellationDocument? Cancel { get; init; }

    [Description("What is done when an instance has failed and what it did is undone.")]
    public IReadOnlyList<StepDocument> AfterFailure { get; init; } = [];

    /// <summary>The inner ones too, in the order they are declared in.</summary>
    public IEnumerable<StepDocument> AllSteps() => Within(Steps.Concat(Cancel?.Steps ?? []).Concat(AfterFailure));

    private static IEnumerable<StepDocument> Within(IEnumerable<StepDocument> steps) =>
        steps.SelectMany(s => Within((s.Choose ?? []).Concat(s.Parallel ?? []).SelectMany(w => w.Steps).Concat(s.Repeat?.Steps ?? [])).Prepend(s));
}

public sealed record ObjectiveDocument
{
    [Description("The share of instances that keep the promise, of those that are not cancelled: 0.99.")]
    [Range(typeof(decimal), "0.5", "0.99999")]
    public required decimal Share { get; init; }

    [Description("The time that it is looked at over.")]
    [Range(typeof(TimeSpan), "1.00:00:00", "90.00:00:00")]
    public TimeSpan Over { get; init; } = TimeSpan.FromDays(30);
}

/// <summary>One of <c>while</c> and <c>once</c>.</summary>
public sealed record FigureDocument
{
    [Description("What it tells, for people.")]
    [MinLength(3)]
    public required string Description { get; init; }

    [Description("In JSONata over what is known, with how the instance stands as $instance { state, stage, late, overdue }: it counts while this is true, and until it ends.")]
    public string? While { get; init; }

    [Description("The same: from when this is true first, it counts for good.")]
    public string? Once { get; init; }

    [Description("What it is counted apart by, each in JSONata: { company: $partner.company }. Few values each: 50 groups at most are told apart in metrics.")]
    public IReadOnlyDictionary<string, string> By { get; init; } = new Dictionary<string, string>();

    [Description("What the instance adds to the sum, in JSONata: a number.")]
    public string? Amount { get; init; }
}

public sealed record TriggerDocument
{
    [Description("Type of the event.")]
    public required string Event { get; init; }

    [Description("What an instance is about, in JSONata over the event's envelope: one key of a partner has one instance.")]
    public string Key { get; init; } = "subject";

    [Description("In JSONata over the envelope: what is not true begins nothing.")]
    public string? If { get; init; }

    [Description("Whose its instances are. partner: whose event it is. house: nobody's; it begins with what a backend tells, or with what another flow for the house does.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public FlowFor For { get; init; }
}

/// <summary>Whose instances of a flow are.</summary>
public enum FlowFor
{
    /// <summary>The partner's whose event it is.</summary>
    Partner,

    /// <summary>Nobody's: it is about our own stock, say, and partners see nothing of it.</summary>
    House,
}

public sealed record CancellationDocument
{
    [Description("Type of the event that asks for it.")]
    public required string Event { get; init; }

    [Description("The key of the instance, in JSONata over the event's envelope.")]
    public string Key { get; init; } = "subject";

    [Description("In JSONata over what is known, with the envelope as $event: what is not true cancels nothing.")]
    public string? If { get; init; }

    [Description("What is done when all was undone.")]
    public IReadOnlyList<StepDocument> Steps { get; init; } = [];

    [Description("What is told where it is too late.")]
    public EmitDocument? Refused { get; init; }
}

/// <summary>One of <c>call</c>, <c>await</c>, <c>emit</c>, <c>choose</c>, <c>parallel</c>, <c>repeat</c>, <c>wait</c> and <c>approve</c>, under a name.</summary>
public sealed record StepDocument
{
    [Description("Its name: what comes of it is known as steps.NAME to the expressions of later ones.")]
    [RegularExpression("^[A-Za-z][A-Za-z0-9_]{0,39}$")]
    public required string Step { get; init; }

    [Description("In JSONata over what is known: where it is not true, the step is passed over.")]
    public string? If { get; init; }

    [Description("An operation of a backend: BACKEND/OPERATION, as wms/warehouse-order.create. steps.NAME is { record, reference, facts }.")]
    public string? Call { get; init; }

    [Description("What it is called with, in JSONata over what is known.")]
    public string? Input { get; init; }

    [Description("Mappings between canonical words and the backend's, as routes have them.")]
    public FlowTransformDocument? Transform { get; init; }

    [Description("The object of the partner's that the call is about.")]
    public ObjectDocument? Object { get; init; }

    [Description("The step whose reference the call is about.")]
    public string? Of { get; init; }

    [Description("Time for one call.")]
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    [Description("How the call is made again that did not reach its backend, or did nothing there for a reason that passes. What waits for a backend that is away spends no attempt.")]
    public RetryDocument Retry { get; init; } = new();

    [Description("What follows when the backend refuses, or no attempt is left. park: an operator decides. undo: what was done is undone. goOn: as if it had been passed over.")]
    public FlowEnd OnFailure { get; init; } = FlowEnd.Park;

    [Description("The call that undoes it.")]
    public UndoDocument? Undo { get; init; }

    [Description("Why nothing undoes it.")]
    [MinLength(3)]
    public string? NoUndo { get; init; }

    [Description("Waits for an event. steps.NAME is its envelope.")]
    public AwaitDocument? Await { get; init; }

    [Description("Tells an event.")]
    public EmitDocument? Emit { get; init; }

    [Description("One of several ways: the first whose if: is true; one without if: where no other is. steps.NAME is { way }, from 1.")]
    public IReadOnlyList<WayDocument>? Choose { get; init; }

    [Description("Several ways at once; it is done when all are.")]
    public IReadOnlyList<WayDocument>? Parallel { get; init; }

    [Description("Steps that are done again until they have brought about what they are for. steps.NAME is { rounds }.")]
    public RepeatDocument? Repeat { get; init; }

    [Description("Waits for a time.")]
    public WaitDocument? Wait { get; init; }

    [Description("Waits for people to agree. steps.NAME is { by }.")]
    public ApproveDocument? Approve { get; init; }

    [Description("How long it may take, from its beginning.")]
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan? Timeout { get; init; }

    [Description("What follows then. park: an operator decides. undo: what was done is undone. goOn: as if it had been passed over. stay: it waits on, and its owner is told.")]
    public FlowEnd OnTimeout { get; init; }

    [Description("How long it takes at most, as promised; who is late is told.")]
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan? Promise { get; init; }

    [Description("Who else is told that it is not over, and when.")]
    public IReadOnlyList<EscalationDocument> Escalate { get; init; } = [];

    [Description("What the instance is found by when the step is done, and what later steps may await events by: a kind, and JSONata over what is known that gives a text or several.")]
    public IReadOnlyDictionary<string, string> Refs { get; init; } = new Dictionary<string, string>();

    [Description("From its beginning on the flow is not cancelled any more.")]
    public bool Final { get; init; }
}

public sealed record FlowTransformDocument
{
    [Description("The mapping that the input goes through: wms/warehouse-order.to.")]
    public string? Request { get; init; }

    [Description("The mapping that the backend's record goes through: wms/warehouse-order.from. $accepted is the input.")]
    public string? Response { get; init; }
}

public sealed record ObjectDocument
{
    [Description("Its kind: order.")]
    public required string Kind { get; init; }

    [Description("Its id, in JSONata over what is known.")]
    public string Id { get; init; } = "flow.key";
}

public sealed record RetryDocument
{
    [Description("Attempts in all.")]
    [Range(1, 1000)]
    public int Attempts { get; init; } = FlowRetry.Default.Attempts;

    [Description("How long it waits behind the first; twice as long behind each that follows, with jitter.")]
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan First { get; init; } = FlowRetry.Default.First;

    [Description("How long it waits at most.")]
    [Range(typeof(TimeSpan), "00:00:00.010", "7.00:00:00")]
    public TimeSpan Most { get; init; } = FlowRetry.Default.Most;
}

public sealed record UndoDocument
{
    [Description("An operation of a backend.")]
    public required string Call { get; init; }

    [Description("What it is called with, in JSONata over what is known. Default: nothing.")]
    public string? Input { get; init; }

    [Description("The object of the partner's that it is about. Default: what the step has made.")]
    public ObjectDocument? Object { get; init; }

    [Description("How it is made again.")]
    public RetryDocument Retry { get; init; } = new();
}

public sealed record AwaitDocument
{
    [Description("Type of the event: one of the catalogue, or one that a backend tells, as wms.order.shipped.v1.")]
    public required string Event { get; init; }

    [Description("What the event is matched by: a kind of refs that an earlier step has, the step whose call a backend tells about, or key for what the instance is about.")]
    public string By { get; init; } = FlowRef.Key;

    [Description("What names it in the event, in JSONata over its envelope.")]
    public string Value { get; init; } = "subject";

    [Description("In JSONata over what is known, with the envelope as $event: an event for which it is not true is passed by.")]
    public string? If { get; init; }
}

public sealed record EmitDocument
{
    [Description("Type of the event.")]
    public required string Event { get; init; }

    [Description("What it is about, in JSONata over what is known.")]
    public string Subject { get; init; } = "flow.key";

    [Description("Its data, in JSONata over what is known.")]
    public required string Data { get; init; }
}

public sealed record WayDocument
{
    [Description("In JSONata over what is known. Of choose only; without it: where no other way is gone.")]
    public string? If { get; init; }

    [Description("One after another.")]
    public required IReadOnlyList<StepDocument> Steps { get; init; }
}

public sealed record RepeatDocument
{
    [Description("In JSONata over what is known behind each round: it is over when this is true. steps.NAME is of this round, before.NAME of the last one before it that did the step.")]
    public required string Until { get; init; }

    [Description("So many rounds at most; when they are over, an operator decides.")]
    [Range(1, 1000)]
    public int Most { get; init; } = 100;

    [Description("One after another.")]
    public required IReadOnlyList<StepDocument> Steps { get; init; }
}

public sealed record WaitDocument
{
    [Description("How long.")]
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan? For { get; init; }

    [Description("Until when, in JSONata over what is known that gives an RFC 3339 time.")]
    public string? Until { get; init; }
}

public sealed record ApproveDocument
{
    [Description("Operators with this role may agree.")]
    public Role Role { get; init; } = Role.Approver;

    [Description("So many different people must agree; one who refuses ends it.")]
    [Range(1, 20)]
    public int Count { get; init; } = 1;

    [Description("Who may not, for it is their own matter: in JSONata over what is known, the name of an operator.")]
    public string? NotBy { get; init; }

    [Description("What follows when one refuses: undo, park or goOn.")]
    public FlowEnd OnRefusal { get; init; } = FlowEnd.Undo;
}

public sealed record EscalationDocument
{
    [Description("How long behind the step's beginning.")]
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public required TimeSpan After { get; init; }

    [Description("Who is told: one of owners.")]
    public required string To { get; init; }
}
