using Gateway.Policies;
using Gateway.Policies.Transform;

namespace Gateway.Configuration.Flows;

/// <summary>Calls of a flow, and whether each can be ended, and undone.</summary>
internal sealed partial class FlowReader
{
    private FlowStep.Call? Call(StepDocument step)
    {
        if (Find(step, nameof(step.Call), step.Call!) is not { } operation) return null;
        CheckCallOfHouse(step, nameof(step.Call), operation);
        CheckUndo(step, operation);
        if (step.OnFailure == FlowEnd.Stay)
            Error("GW5409", places.Of(step, nameof(step.OnFailure)), "a call that has failed can't stay: nothing would ever end it", "write park, undo or goOn");
        var about = About(step, step.Step, operation, step.Object, step.Of, nameof(step.Call));
        return new FlowStep.Call(step.Step, operation, about, Expression(step, nameof(step.Input), step.Input), Of(step.Retry))
        {
            Request = step.Transform is { Request: not null } to ? Mapped(to, nameof(to.Request), to.Request) : null,
            Response = step.Transform is { Response: not null } from ? Mapped(from, nameof(from.Response), from.Response) : null,
            Patience = step.Patience,
            OnFailure = step.OnFailure,
            Undo = step.Undo is { } undo ? Undo(step, undo) : null,
            NoUndo = step.NoUndo,
        };
    }

    private FlowStep.Call? Undo(StepDocument step, UndoDocument undo)
    {
        if (Find(undo, nameof(undo.Call), undo.Call) is not { } operation) return null;
        CheckCallOfHouse(undo, nameof(undo.Call), operation);
        var about = About(undo, step.Step, operation, undo.Object, undo.Object is null && operation.Descriptor.About is not null ? step.Step : null, nameof(undo.Call));
        return new FlowStep.Call(step.Step, operation, about, Expression(undo, nameof(undo.Input), undo.Input), Of(undo.Retry)) { Patience = step.Patience };
    }

    /// <summary>Null where something was reported.</summary>
    private FlowMapping? Mapped(FlowTransformDocument transform, string member, string name) =>
        Mapping.Find(name, places.Of(transform, member), new Scope(context, name, name, HttpMethods.Post, [], new PlanTarget.Nowhere())) is { } mapping ? StepExpression.Of(mapping) : null;

    private static FlowRetry Of(RetryDocument retry) => new(retry.Attempts, retry.First, retry.Most);

    private BackendOperation? Find(object of, string member, string text)
    {
        var place = places.Of(of, member);
        var (name, wanted) = text.Split('/', 2) is [var b, var o] ? (b, o) : (text, "");
        if (!backends.TryGetValue(name, out var backend))
        {
            // One that could not be opened was told of.
            if (!places.Has(Document.Backends, name)) Error("GW5402", place, $"there is no backend '{name}'", Nearest.Cure(name, Document.Backends.Keys));
            return null;
        }
        if (backend.Operations.TryGetValue(wanted, out var operation)) return operation;
        Error("GW5402", place, $"the backend '{name}' has no operation '{wanted}'", Nearest.Cure(wanted, backend.Operations.Keys));
        return null;
    }

    /// <summary>What is changed is undone by something, or there is a reason; what only reads needs neither.</summary>
    private void CheckUndo(StepDocument step, BackendOperation operation)
    {
        var changes = operation.Descriptor.Effect == Effect.Changes;
        if (step is { Undo: not null, NoUndo: not null })
            Error("GW5406", places.Of(step, nameof(step.NoUndo)), $"the step '{step.Step}' is undone, and says why it is not", "keep undo: or noUndo:");
        else if (changes && step is { Undo: null, NoUndo: null } && !places.Has(step, nameof(step.Undo)))
            Error("GW5406", places.Of(step, nameof(step.Call)), $"{operation.FullName} changes something, and nothing undoes it",
                operation.Descriptor.Compensation is { } known ? $"add undo: {{ call: {operation.Backend}/{known}{(step.Object is { } about && operation.Descriptor.Makes is null ? $", object: {{ kind: {about.Kind} }}" : "")} }}, or noUndo: with the reason" : "add undo: with the call that does, or noUndo: with the reason");
        else if (!changes && step.Undo is not null)
            Error("GW5406", places.Of(step, nameof(step.Undo)), $"{operation.FullName} changes nothing, so there is nothing to undo", "remove undo:");
    }

    /// <summary>What a call is about is made before by a step, or is an object of the partner's; where the operation is about one, it is said.</summary>
    private FlowSubject About(object of, string step, BackendOperation operation, ObjectDocument? wanted, string? maker, string member)
    {
        if (wanted is not null) CheckObjectOfHouse(of);
        if (wanted is not null && maker is not null)
        {
            Error("GW5407", places.Of(of, nameof(StepDocument.Of)), $"the step '{step}' is about an object and about what a step has made", "keep object: or of:");
            return FlowSubject.None;
        }
        if (operation.Descriptor.About is not { } subject)
        {
            // The object of one that makes something new is what is made.
            if (maker is not null || (wanted is not null && operation.Descriptor.Effect == Effect.Reads))
                Error("GW5407", places.Of(of, wanted is not null ? nameof(StepDocument.Object) : nameof(StepDocument.Of)), $"{operation.FullName} is about nothing that was made before", wanted is not null ? "remove object:" : "remove of:");
        }
        else if (wanted is null && maker is null && subject.Or.Count == 0)
            Error("GW5407", places.Of(of, member), $"{operation.FullName} is about one {subject.Text}, and the step does not say which", "add object: { kind: … }, or of: with the step that has made it");
        else if (maker is not null) CheckMaker(of, maker, operation, subject);
        return wanted is not null ? new FlowSubject(wanted.Kind, Expression(wanted, nameof(wanted.Id), wanted.Id), null) : maker is not null ? new FlowSubject(null, null, maker) : FlowSubject.None;
    }

    private void CheckMaker(object of, string maker, BackendOperation operation, Subject subject)
    {
        var place = places.Of(of, of is UndoDocument ? nameof(UndoDocument.Call) : nameof(StepDocument.Of));
        if (!_steps.TryGetValue(maker, out var step))
        {
            Error("GW5407", place, $"there is no step '{maker}'", Nearest.Cure(maker, _steps.Keys));
            return;
        }
        if (step.Call?.Split('/', 2) is not [var name, var wanted] || backends.GetValueOrDefault(name)?.Operations.GetValueOrDefault(wanted) is not { } making) return;
        if (making.Backend != operation.Backend || making.Descriptor.Makes is not { } made || !subject.Kinds.Contains(made))
            Error("GW5407", place, $"{operation.FullName} is about one {subject.Text}, and the step '{maker}' makes {(making.Descriptor.Makes is { } other ? $"one {other} of {making.Backend}" : "none")}", of is UndoDocument ? "add object: to the undo:" : "name the step that makes one, or write object:");
    }

    /// <summary>What waits for others comes to an end.</summary>
    private void CheckTimes(StepDocument step)
    {
        if ((step.Await is not null || step.Approve is not null || step.Call is not null) && step.Timeout is null && !places.Has(step, nameof(step.Timeout)))
            Error("GW5405", places.Of(step), $"the step '{step.Step}' has no end: it would wait for ever", "add timeout:, and onTimeout: with what follows");
        for (var i = 0; i < step.Escalate.Count; i++)
        {
            if (Document.Owners.Count > 0 && !IsOfAnotherTime && !Document.Owners.ContainsKey(step.Escalate[i].To) && !places.Has(Document.Owners, step.Escalate[i].To))
                Error("GW5410", places.Of(step.Escalate[i], nameof(EscalationDocument.To)), $"there is no owner '{step.Escalate[i].To}'", Nearest.Cure(step.Escalate[i].To, Document.Owners.Keys));
        }
    }

    /// <summary>What belongs to another kind of step is told, not passed over.</summary>
    private void CheckMembers(StepDocument step, string kind)
    {
        var ofCalls = new[] { nameof(step.Input), nameof(step.Transform), nameof(step.Object), nameof(step.Of), nameof(step.Patience), nameof(step.Retry), nameof(step.OnFailure), nameof(step.Undo), nameof(step.NoUndo) };
        var timed = new[] { nameof(step.Timeout), nameof(step.OnTimeout) };
        var strange = (kind == "call" ? [] : ofCalls).Concat(kind is "choose" or "parallel" or "repeat" or "emit" or "wait" ? timed : []);
        foreach (var member in strange.Where(m => places.Has(step, m)))
            Error("GW5409", places.Of(step, member), $"{char.ToLowerInvariant(member[0])}{member[1..]}: means nothing for {kind}:", ofCalls.Contains(member) ? "it is for call:; remove it" : "it is for call:, await: and approve:; remove it");
    }
}
