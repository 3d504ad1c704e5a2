using System.Text.Json;

namespace Gateway;

/// <summary>A durable process of many steps, as a workspace declares it: <c>order-to-ship</c>. Immutable; each of its instances is a <see cref="FlowInstance"/>.</summary>
/// <param name="Owner">Who answers for it, and is told when it goes wrong.</param>
/// <param name="Revision">16 hex digits of how it is declared: an instance goes on as it began.</param>
public sealed record Flow(string Name, string Owner, string Revision)
{
    public string Description { get; init; } = "";

    /// <summary>Where it stands what to do when it goes wrong; null for nowhere.</summary>
    public Uri? Runbook { get; init; }

    /// <summary>What begins an instance.</summary>
    public required FlowTrigger Trigger { get; init; }

    /// <summary>One after another.</summary>
    public required IReadOnlyList<FlowStep> Steps { get; init; }

    /// <summary>How it is cancelled; null where it can't be.</summary>
    public FlowCancellation? Cancellation { get; init; }

    /// <summary>What is done when it has failed, and what it did is undone.</summary>
    public IReadOnlyList<FlowStep> AfterFailure { get; init; } = [];

    /// <summary>How urgent an instance is, by what it began with: of times the earlier goes first, of numbers the smaller.</summary>
    public FlowExpression? Urgency { get; init; }

    /// <summary>How long an instance takes at most, as promised; null where nothing is.</summary>
    public TimeSpan? Promise { get; init; }

    /// <summary>How many instances are to keep the promise; null where none is set.</summary>
    public FlowObjective? Objective { get; init; }

    /// <summary>What its instances are counted for.</summary>
    public IReadOnlyList<FlowFigure> Figures { get; init; } = [];

    /// <summary>As it is declared, JSON in UTF-8; without <see cref="Objective"/> and <see cref="Figures"/>, which are good for all revisions.</summary>
    public ReadOnlyMemory<byte> Document { get; init; }

    /// <summary>All steps, the inner ones too, in the order they are declared in.</summary>
    public IEnumerable<FlowStep> All => FlowStep.Within(Steps).Concat(FlowStep.Within(Cancellation?.Steps ?? [])).Concat(FlowStep.Within(AfterFailure));

    public FlowStep? Step(string name) => All.FirstOrDefault(s => s.Name == name);

    /// <summary>Names of the backends that it calls.</summary>
    public IEnumerable<string> Backends => All.OfType<FlowStep.Call>().SelectMany(c => c.Undo is { } undo ? new[] { c.Operation.Backend, undo.Operation.Backend } : [c.Operation.Backend]).Distinct();

    /// <summary>Types of the events that it tells.</summary>
    public IEnumerable<string> Told => All.OfType<FlowStep.Emit>().Select(e => e.Event).Concat(Cancellation?.Refused is { } refused ? [refused.Event] : []).Distinct();

    /// <summary>Types of the events that it begins with, waits for or is cancelled by.</summary>
    public IReadOnlySet<string> Heard => field ??= new[] { Trigger.Event }.Concat(All.OfType<FlowStep.Await>().Select(a => a.Event)).Concat(Cancellation is { } c ? [c.Event] : []).ToHashSet();
}

/// <summary>What begins an instance of a flow.</summary>
/// <param name="Event">Its type.</param>
/// <param name="Key">Over the event's envelope: what the instance is about. One key has one instance.</param>
/// <param name="When">Over the envelope; anything but true begins nothing. Null: always.</param>
public sealed record FlowTrigger(string Event, FlowExpression Key, FlowExpression? When)
{
    /// <summary>Its instances belong to no partner (<see cref="Partner.House"/>), and begin with what belongs to none: what backends tell.</summary>
    public bool ForHouse { get; init; }
}

/// <summary>How a flow is cancelled: by an event, while nothing final was begun.</summary>
/// <param name="Key">Over the event's envelope: the key of the instance.</param>
public sealed record FlowCancellation(string Event, FlowExpression Key, FlowExpression? When)
{
    /// <summary>What is done when all was undone; with the last of it the instance is cancelled.</summary>
    public IReadOnlyList<FlowStep> Steps { get; init; } = [];

    /// <summary>What is told where it is too late; null for nothing.</summary>
    public FlowStep.Emit? Refused { get; init; }
}

/// <summary>What an instance knows, for an expression.</summary>
/// <param name="Known"><c>{ flow, trigger, steps }</c>; for the keys of events, the envelope.</param>
/// <param name="Event"><c>$event</c>, the envelope; null where none is at hand.</param>
public readonly record struct FlowSight(JsonElement Known, JsonElement? Event, Partner Partner, DateTimeOffset Now)
{
    /// <summary><c>$instance</c>, how the instance stands; null for all expressions but those of figures.</summary>
    public JsonElement? Instance { get; init; }
}

/// <summary>What an expression of a flow gives: JSON in UTF-8, empty for nothing; or why it failed.</summary>
public readonly record struct FlowValue(ReadOnlyMemory<byte> Json, string? Error)
{
    public bool IsTrue => Error is null && Json.Span.SequenceEqual("true"u8);

    /// <summary>Texts as they are, numbers as they are written; null for nothing and for what has parts.</summary>
    public string? Text
    {
        get
        {
            if (Error is not null || Json.IsEmpty) return null;
            using var parsed = JsonDocument.Parse(Json);
            return parsed.RootElement.ValueKind switch
            {
                JsonValueKind.String => parsed.RootElement.GetString(),
                JsonValueKind.Number => parsed.RootElement.GetRawText(),
                _ => null,
            };
        }
    }
}

/// <summary>An expression of a flow, compiled. Never throws.</summary>
public delegate FlowValue FlowExpression(in FlowSight sight);

/// <summary>A mapping that a call's input goes through, or its backend's record. Never throws.</summary>
/// <param name="input">What is mapped.</param>
/// <param name="accepted">The canonical input that a record is the answer to; null for the input itself.</param>
public delegate FlowValue FlowMapping(JsonElement input, JsonElement? accepted, in FlowSight sight);

/// <summary>One step of a flow.</summary>
/// <param name="Name">No other step of the flow has it; what comes of the step is known under it.</param>
public abstract record FlowStep(string Name)
{
    /// <summary>Where it does not give true, the step is passed over. Null: it is done.</summary>
    public FlowExpression? When { get; init; }

    /// <summary>From when it began; null for no end.</summary>
    public TimeSpan? Timeout { get; init; }

    public FlowEnd OnTimeout { get; init; }

    /// <summary>How long it takes at most, as promised.</summary>
    public TimeSpan? Promise { get; init; }

    /// <summary>Who is told when it takes longer, and longer still.</summary>
    public IReadOnlyList<FlowEscalation> Escalations { get; init; } = [];

    /// <summary>By kind, what the instance is found by when the step is done, over what is known then: a text, or a list of texts.</summary>
    public IReadOnlyDictionary<string, FlowExpression> Refs { get; init; } = new Dictionary<string, FlowExpression>();

    /// <summary>From its beginning on the flow is not cancelled any more.</summary>
    public bool IsFinal { get; init; }

    /// <summary>Steps within it.</summary>
    public virtual IReadOnlyList<IReadOnlyList<FlowStep>> Inner => [];

    /// <summary>In one word: <c>call</c>.</summary>
    public abstract string Kind { get; }

    public static IEnumerable<FlowStep> Within(IEnumerable<FlowStep> steps) => steps.SelectMany(s => s.Inner.SelectMany(Within).Prepend(s));

    /// <summary>Calls an operation of a backend. What comes of it is <c>{ record, reference, facts }</c>.</summary>
    public sealed record Call(string Name, BackendOperation Operation, FlowSubject About, FlowExpression? Input, FlowRetry Retry) : FlowStep(Name)
    {
        /// <summary>From what <see cref="Input"/> gives to the backend's words; null where these are its words.</summary>
        public FlowMapping? Request { get; init; }

        /// <summary>From the backend's record to what is known of it; null for the record itself.</summary>
        public FlowMapping? Response { get; init; }

        /// <summary>Time for one call.</summary>
        public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

        /// <summary>What follows when the backend refuses, or no attempt is left.</summary>
        public FlowEnd OnFailure { get; init; } = FlowEnd.Park;

        /// <summary>How it is undone; null where nothing does it.</summary>
        public Call? Undo { get; init; }

        /// <summary>Why nothing undoes it; null for what is undone, and for what changes nothing.</summary>
        public string? NoUndo { get; init; }

        public override string Kind => "call";
    }

    /// <summary>Waits for an event; what comes of it is its envelope.</summary>
    /// <param name="By">What <paramref name="Value"/> names: a kind of <see cref="Refs"/>, or <see cref="FlowRef.Key"/>.</param>
    /// <param name="Value">Over the event's envelope.</param>
    /// <param name="If">Over what is known, with the envelope as <c>$event</c>; anything but true leaves it waiting. Null: the first will do.</param>
    public sealed record Await(string Name, string Event, string By, FlowExpression Value, FlowExpression? If) : FlowStep(Name)
    {
        public override string Kind => "await";
    }

    /// <summary>Tells an event.</summary>
    public sealed record Emit(string Name, string Event, FlowExpression? Subject, FlowExpression Data) : FlowStep(Name)
    {
        public override string Kind => "emit";
    }

    /// <summary>One of several ways: the first whose condition gives true; none where none does. What comes of it is <c>{ way }</c>, from 1.</summary>
    public sealed record Choose(string Name, IReadOnlyList<FlowWay> Ways) : FlowStep(Name)
    {
        public override string Kind => "choose";

        public override IReadOnlyList<IReadOnlyList<FlowStep>> Inner => [.. Ways.Select(w => w.Steps)];
    }

    /// <summary>Several ways at once; it is done when all are.</summary>
    public sealed record Parallel(string Name, IReadOnlyList<FlowWay> Ways) : FlowStep(Name)
    {
        public override string Kind => "parallel";

        public override IReadOnlyList<IReadOnlyList<FlowStep>> Inner => [.. Ways.Select(w => w.Steps)];
    }

    /// <summary>Steps that are done again, in rounds, until they have brought about what they are for. What comes of it is <c>{ rounds }</c>.</summary>
    /// <param name="Until">Over what is known behind each round; what gives true ends it.</param>
    /// <param name="Most">Rounds; behind the last of them the instance is parked.</param>
    public sealed record Repeat(string Name, IReadOnlyList<FlowStep> Steps, FlowExpression Until, int Most) : FlowStep(Name)
    {
        public override string Kind => "repeat";

        public override IReadOnlyList<IReadOnlyList<FlowStep>> Inner => [Steps];
    }

    /// <summary>Waits for a time, or until one.</summary>
    public sealed record Wait(string Name, TimeSpan? For, FlowExpression? Until) : FlowStep(Name)
    {
        public override string Kind => "wait";
    }

    /// <summary>Waits for people. What comes of it is <c>{ by }</c>.</summary>
    /// <param name="Count">So many different people must agree; one who refuses ends it.</param>
    /// <param name="NotBy">Gives the name of who may not, for it is their own matter.</param>
    public sealed record Approve(string Name, Role Role, int Count, FlowExpression? NotBy) : FlowStep(Name)
    {
        /// <summary>What follows when one refuses.</summary>
        public FlowEnd OnRefusal { get; init; } = FlowEnd.Undo;

        public override string Kind => "approve";
    }
}

/// <summary>One of the ways of a step.</summary>
/// <param name="When">Null: where no other is gone. Has no meaning where all are gone at once.</param>
public sealed record FlowWay(FlowExpression? When, IReadOnlyList<FlowStep> Steps);

/// <summary>What a call is about.</summary>
/// <param name="Kind">Of an object of the partner's, that <paramref name="Id"/> names; null without one.</param>
/// <param name="Of">Name of the step whose reference it is; null without one.</param>
public sealed record FlowSubject(string? Kind, FlowExpression? Id, string? Of)
{
    public static readonly FlowSubject None = new(null, null, null);
}

/// <summary>How a call is repeated that did not reach its backend, or did nothing there for a reason that passes.</summary>
/// <param name="Attempts">In all. What is kept back because the backend is away is none.</param>
/// <param name="First">Behind the first; twice as long behind each that follows, with jitter.</param>
public sealed record FlowRetry(int Attempts, TimeSpan First, TimeSpan Most)
{
    public static readonly FlowRetry Default = new(8, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(30));
}

/// <summary>What follows for the flow when a step does not end well.</summary>
public enum FlowEnd
{
    /// <summary>The instance is parked until an operator decides.</summary>
    Park,

    /// <summary>What was done is undone, last first, and the instance has failed.</summary>
    Undo,

    /// <summary>It goes on as if the step had been passed over.</summary>
    GoOn,

    /// <summary>It waits on, and its owner is told.</summary>
    Stay,
}

/// <summary>Who is told that a step takes too long.</summary>
/// <param name="After">From its beginning.</param>
/// <param name="To">Name of an owner.</param>
public sealed record FlowEscalation(TimeSpan After, string To);

/// <summary>The flows of a Plan by name.</summary>
/// <param name="revive">A flow as it was declared, with the backends of this Plan; null where it can't be read by now.</param>
public sealed class FlowSet(IReadOnlyList<Flow> flows, Func<FlowDefinition, Flow?> revive)
{
    public static FlowSet None { get; } = new([], _ => null);

    public IReadOnlyList<Flow> All => flows;

    public Flow? Find(string name) => flows.FirstOrDefault(f => f.Name == name);

    public Flow? Revive(FlowDefinition definition) => revive(definition);
}
