using System.Globalization;
using Gateway.Configuration.Yaml;
using Gateway.Delivery.Flows;
using Gateway.Policies;

namespace Gateway.Configuration.Flows;

/// <summary>From flows as they are written to flows that run: expressions are compiled, operations found, and what can't come to an end, or be undone, is told.</summary>
/// <param name="context">Of the workspace whose backends, events, owners and mappings are meant.</param>
/// <param name="places">Of the flows that are read.</param>
internal sealed partial class FlowReader(ScopeContext context, IReadOnlyDictionary<string, Backend> backends, Places places, ICollection<Diagnostic> diagnostics)
{
    /// <summary>What is told where a cancellation comes too late.</summary>
    private const string Refused = "cancel_refused";

    /// <summary>Names of the steps of the flow that is read, and what each makes; in the order they are declared in.</summary>
    private readonly Dictionary<string, StepDocument> _steps = [];

    /// <summary>A declaration that instances go by, of another time: it may name events and owners that are gone by now.</summary>
    private bool IsOfAnotherTime { get; init; }

    private WorkspaceDocument Document => context.Document;

    public FlowSet Read()
    {
        CheckThoseOfPartners();
        return new FlowSet([.. Document.Flows.Select(f => Of(f.Key, f.Value)).OfType<Flow>()], Revive);
    }

    /// <summary>A flow as it was declared; null where it can't be read, or calls what is not there any more.</summary>
    private Flow? Revive(FlowDefinition definition)
    {
        if (FlowText.Read(definition.Document) is not { } declaration) return null;
        var wrong = new List<Diagnostic>();
        return new FlowReader(context with { Diagnostics = wrong }, backends, new Places(), wrong) { IsOfAnotherTime = true }.Of(definition.Flow, declaration);
    }

    /// <summary>Null where something was reported.</summary>
    public Flow? Of(string name, FlowDeclaration flow)
    {
        _steps.Clear();
        _forHouse = flow.On.For == FlowFor.House;
        var before = diagnostics.Count;
        foreach (var step in flow.AllSteps()) Name(step);
        CheckOwn(flow.On, nameof(flow.On.Event), flow.On.Event, "begin anything", "write for: house where it is no partner's; else begin with an event of partners', and await this by the step whose call it is about");
        var key = Expression(flow.On, nameof(flow.On.Key), flow.On.Key);
        var wanted = Expression(flow.On, nameof(flow.On.If), flow.On.If);
        var urgency = Expression(flow, nameof(flow.Urgency), flow.Urgency);
        var steps = Steps(flow.Steps);
        var cancellation = flow.Cancel is { } cancel ? Of(cancel) : null;
        var last = Steps(flow.AfterFailure);
        var figures = Figures(flow);
        if (flow.Steps.Count == 0) Error("GW5400", places.Of(flow, nameof(flow.Steps)), $"the flow '{name}' has no steps", "add one");
        if (diagnostics.Skip(before).Any(d => d.Severity == Severity.Error) || key is null) return null;
        var text = FlowText.Write(flow);
        return new Flow(name, flow.Owner, FlowText.RevisionOf(text))
        {
            Description = flow.Description,
            Runbook = flow.Runbook,
            Trigger = new FlowTrigger(flow.On.Event, key, wanted) { ForHouse = _forHouse },
            Steps = steps,
            Cancellation = cancellation,
            AfterFailure = last,
            Urgency = urgency,
            Promise = flow.Promise,
            Objective = flow.Objective is { } objective ? new FlowObjective(objective.Share, objective.Over) : null,
            Figures = figures,
            Document = text,
        };
    }

    private FlowCancellation? Of(CancellationDocument cancel)
    {
        CheckOwn(cancel, nameof(cancel.Event), cancel.Event, "cancel anything", "write an event of partners', or await this by the step whose call it is about");
        var key = Expression(cancel, nameof(cancel.Key), cancel.Key);
        var wanted = Expression(cancel, nameof(cancel.If), cancel.If);
        var steps = Steps(cancel.Steps);
        var refused = cancel.Refused is { } emit ? Emit(Refused, emit) : null;
        return key is null ? null : new FlowCancellation(cancel.Event, key, wanted) { Steps = steps, Refused = refused };
    }

    private void Name(StepDocument step)
    {
        if (!_steps.TryAdd(step.Step, step))
            Error("GW5401", places.Of(step, nameof(step.Step)), $"another step of the flow is called '{step.Step}' already", "give each a name of its own, the inner ones too");
        else if (step.Step is FlowRef.Key or Refused)
            Error("GW5401", places.Of(step, nameof(step.Step)), $"'{step.Step}' has a meaning of its own", "call the step something else");
    }

    private List<FlowStep> Steps(IReadOnlyList<StepDocument> steps) => [.. steps.Select(Of).OfType<FlowStep>()];

    private FlowStep? Of(StepDocument step)
    {
        CheckTimes(step);
        var when = Expression(step, nameof(step.If), step.If);
        var refs = step.Refs.Select(r => (r.Key, Expression: Expression(step.Refs, r.Key, r.Value))).Where(r => r.Expression is not null).ToDictionary(r => r.Key, r => r.Expression!);
        if (Read(step) is not { } read) return null;
        return read with
        {
            When = when,
            Timeout = step.Timeout,
            OnTimeout = step.OnTimeout,
            Promise = step.Promise,
            Escalations = [.. step.Escalate.Select(e => new FlowEscalation(e.After, e.To)).OrderBy(e => e.After)],
            Refs = refs,
            IsFinal = step.Final,
        };
    }

    /// <summary>What kind of step it is, and that it is one only.</summary>
    private FlowStep? Read(StepDocument step)
    {
        var kinds = new (string Name, object? Value)[]
        {
            ("call", step.Call), ("await", step.Await), ("emit", step.Emit), ("choose", step.Choose), ("parallel", step.Parallel), ("repeat", step.Repeat), ("wait", step.Wait), ("approve", step.Approve),
        };
        var written = kinds.Where(k => k.Value is not null).Select(k => k.Name).ToList();
        if (written.Count != 1)
        {
            // One that could not be bound was told of.
            if (written.Count > 1 || !kinds.Any(k => places.Has(step, char.ToUpperInvariant(k.Name[0]) + k.Name[1..])))
                Error("GW5400", places.Of(step), written.Count == 0 ? $"the step '{step.Step}' does nothing" : $"the step '{step.Step}' is {string.Join(" and ", written)} at once", $"write one of {string.Join(", ", kinds.Select(k => k.Name))}");
            return null;
        }
        CheckMembers(step, written[0]);
        return step switch
        {
            { Call: not null } => Call(step),
            { Await: { } wait } => Await(step, wait),
            { Emit: { } emit } => Emit(step.Step, emit),
            { Choose: { } ways } => new FlowStep.Choose(step.Step, Ways(step, ways)),
            { Parallel: { } ways } => new FlowStep.Parallel(step.Step, Ways(step, ways)),
            { Repeat: { } repeat } => Repeat(step, repeat),
            { Wait: { } wait } => Wait(step, wait),
            { Approve: { } approve } => Approve(step, approve),
            _ => null,
        };
    }

    private FlowStep.Approve Approve(StepDocument step, ApproveDocument approve)
    {
        if (approve.OnRefusal == FlowEnd.Stay)
            Error("GW5409", places.Of(approve, nameof(approve.OnRefusal)), "what somebody has refused can't stay: nobody could agree to it any more", "write undo, park or goOn");
        return new FlowStep.Approve(step.Step, approve.Role, approve.Count, Expression(approve, nameof(approve.NotBy), approve.NotBy)) { OnRefusal = approve.OnRefusal };
    }

    private FlowStep.Await? Await(StepDocument step, AwaitDocument wait)
    {
        if (_forHouse) CheckOfHouse(wait, nameof(wait.Event), wait.Event);
        else if (!IsOfBackend(wait.Event)) CheckCatalogued(wait, nameof(wait.Event), wait.Event, "neither the catalogue nor a backend has an");
        var kinds = _steps.Values.SelectMany(s => s.Refs.Keys).Concat(_steps.Values.Where(s => s.Call is not null).Select(s => s.Step)).Append(FlowRef.Key).ToHashSet();
        if (!kinds.Contains(wait.By))
            Error("GW5408", places.Of(wait, nameof(wait.By)), $"nothing in the flow is known by '{wait.By}': no step has refs of that kind, and no step of that name calls a backend", $"add refs: {{ {wait.By}: … }} to the step that learns it; {Nearest.Cure(wait.By, kinds)}");
        if (wait.By == FlowRef.Key && !_forHouse && IsOfBackend(wait.Event))
            Error("GW5408", places.Of(wait, nameof(wait.Event)), $"'{wait.Event}' is told by a backend, which does not know what the instance is about", "write by: with the step whose call the event is about, or with a kind of refs");
        var condition = Expression(wait, nameof(wait.If), wait.If);
        return Expression(wait, nameof(wait.Value), wait.Value) is { } value ? new FlowStep.Await(step.Step, wait.Event, wait.By, value, condition) : null;
    }

    private FlowStep.Emit? Emit(string name, EmitDocument emit)
    {
        CheckCatalogued(emit, nameof(emit.Event), emit.Event, "the catalogue has no");
        var subject = Expression(emit, nameof(emit.Subject), emit.Subject);
        return Expression(emit, nameof(emit.Data), emit.Data) is { } data ? new FlowStep.Emit(name, emit.Event, subject, data) : null;
    }

    private FlowStep.Repeat? Repeat(StepDocument step, RepeatDocument repeat)
    {
        if (repeat.Steps.Count == 0) Error("GW5400", places.Of(repeat), $"the step '{step.Step}' has nothing to repeat", "add a step");
        var steps = Steps(repeat.Steps);
        return Expression(repeat, nameof(repeat.Until), repeat.Until) is { } until ? new FlowStep.Repeat(step.Step, steps, until, repeat.Most) : null;
    }

    private FlowStep.Wait? Wait(StepDocument step, WaitDocument wait)
    {
        if (wait.For is null == wait.Until is null)
        {
            Error("GW5400", places.Of(wait), $"the step '{step.Step}' waits {(wait.For is null ? "for nothing" : "for a time and until one")}", "write for: or until:");
            return null;
        }
        return new FlowStep.Wait(step.Step, wait.For, Expression(wait, nameof(wait.Until), wait.Until));
    }

    private List<FlowWay> Ways(StepDocument step, IReadOnlyList<WayDocument> ways)
    {
        if (ways.Count == 0) Error("GW5400", places.Of(step), $"the step '{step.Step}' has no way to go", "add one with its steps:");
        for (var i = 0; i < ways.Count; i++)
        {
            if (step.Parallel is not null && ways[i].If is not null)
                Error("GW5400", places.Of(ways[i], nameof(WayDocument.If)), "all ways of parallel: are gone", "move if: to the steps, or write choose:");
            if (step.Choose is not null && ways[i].If is null && i < ways.Count - 1)
                Error("GW5400", places.Of(ways, i.ToString(CultureInfo.InvariantCulture)), "a way without if: is always gone, so those behind it never are", "give it if:, or put it last");
        }
        return [.. ways.Select(w => new FlowWay(Expression(w, nameof(w.If), w.If), Steps(w.Steps)))];
    }

    /// <summary>Null for none, and where something was reported.</summary>
    private FlowExpression? Expression(object of, string member, string? text, bool forFigure = false)
    {
        if (text is null) return null;
        var (expression, wrong) = StepExpression.Compile(text, context.Codes, _forHouse, forFigure);
        if (wrong is not var (message, cure)) return expression;
        if (AsksForPartner(text, forFigure)) Error(NotOfHouse, places.Of(of, member), "this asks for $partner, and the flow is for the house", "remove $partner: there is none");
        else Error("GW5403", places.Of(of, member), $"this is no expression: {message}", cure);
        return expression;
    }

    private bool IsOfBackend(string type) => Document.Events.GetValueOrDefault(type) is null or { From: not null } && backends.Values.Any(b => b.Hook is { } hook && hook.WrongType(type) is null);

    /// <summary>A workspace without a catalogue is not held against it.</summary>
    private void CheckCatalogued(object of, string member, string type, string lack)
    {
        if (type == AlertEvent.Type)
            Error("GW5404", places.Of(of, member), $"'{type}' is told by the gateway itself, to owners alone: no flow begins with it, hears it or tells it", "write an event of partners'");
        else if (Document.Events.Count > 0 && !IsOfAnotherTime && !places.Has(Document.Events, type))
            Error("GW5404", places.Of(of, member), $"{lack} event '{type}'", $"add it to events/; {Nearest.Cure(type, Document.Events.Keys)}");
    }

    private void Error(string code, Place place, string message, string cure) => diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
}
