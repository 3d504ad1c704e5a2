using System.Text.Json;

namespace Gateway.Delivery.Flows;

/// <summary>What people decide. Each is null when it was done, else why it can't be.</summary>
public sealed partial class FlowRun
{
    /// <summary>One agrees, or does not, where a step waits for people.</summary>
    /// <param name="by">The operator's name.</param>
    public string? Decide(string step, string by, bool agrees, string? why)
    {
        if (flow.Step(step) is not FlowStep.Approve approve || _body.Find(step) is not { IsOver: false } record || !IsGoing) return $"the step '{step}' waits for nobody's approval";
        if (approve.NotBy?.Invoke(Sight()) is { } own)
        {
            if (own.Error is { } error) return $"who may not approve it can't be told: {error}";
            if (own.Text == by) return "whose matter it is does not approve it";
        }
        if (record.Agreed.Contains(by)) return $"{by} has agreed already";
        if (!agrees)
        {
            Note(step, "declined", why is null ? by : $"{by}: {why}");
            Decline(approve, record, by);
            return null;
        }
        record.Agreed.Add(by);
        Note(step, "agreed", why is null ? by : $"{by}: {why}");
        if (record.Agreed.Count >= approve.Count) Finish(approve, record, JsonSerializer.SerializeToElement(new { by = record.Agreed }), null);
        return null;
    }

    /// <summary>What is parked goes on: the steps that failed are tried anew, with all their attempts before them.</summary>
    /// <param name="step">Null for all that failed.</param>
    /// <param name="input">What its call is made with from now on; null for what the flow says.</param>
    public string? Retry(string? step, JsonElement? input, string by)
    {
        var calls = _body.Steps.Where(s => step is null || s.Name == step).SelectMany(CallsOf).Where(c => c.State.Status is not (CallStatus.Done or CallStatus.Calling)).ToList();
        if (step is not null && calls.Count == 0) return $"the step '{step}' has no call that could be made again";
        if (_instance.State != FlowState.Parked && calls.Count == 0) return "it is not parked, and nothing in it waits to be tried again";
        foreach (var (call, state) in calls)
        {
            // What may have been carried out is asked about, not sent again; where nobody can be asked, somebody has looked.
            state.Resumes |= state.Status == CallStatus.Unknown;
            if (state.Status != CallStatus.Unknown || !call.Operation.Descriptor.ReadsBack) (state.Status, state.Attempts, state.Input) = (CallStatus.Ready, 0, input);
            (state.NextAt, state.Asked) = (null, 0);
        }
        Note(step ?? "", "retried", by);
        GoOn();
        return null;
    }

    /// <summary>A step that is open, or failed, is taken for done.</summary>
    /// <param name="result">What is known of it then; null for nothing.</param>
    public string? Skip(string step, string reason, JsonElement? result, string by)
    {
        if (_body.Find(step) is not { } record) return $"the step '{step}' was not begun";
        if (record is { IsOver: true, Undo: { Status: not CallStatus.Done } undo })
        {
            undo.Status = CallStatus.Done;
            Note(step, "skipped", $"{by}: {reason}");
            GoOn();
            return null;
        }
        if (record.IsOver) return $"the step '{step}' is over";
        if (flow.Step(step) is { Inner.Count: > 0 }) return $"'{step}' holds other steps: skip those that keep it";
        record.Result = result?.Clone();
        Close(record, StepStatus.Skipped, "skipped", $"{by}: {reason}");
        GoOn();
        return null;
    }

    /// <summary>Somebody has asked for it, and it is not answered yet; or it is being undone.</summary>
    public bool IsCancelling => _body.CancelAsked || _body.Becomes is not null;

    public string? Cancel(string reason, string by)
    {
        if (_instance.EndedAt is not null) return "it has ended";
        if (_body.CancelAsked || _body.Becomes is not null) return "it is being undone already";
        if (IsFinal) return "it is too late: what can't be taken back was begun";
        if (_instance.State == FlowState.Paused) _instance = _instance with { State = FlowState.Running };
        AskToCancel($"{by}: {reason}");
        return null;
    }

    public string? Pause(string reason, string by)
    {
        if (_instance.State is not (FlowState.Running or FlowState.Undoing)) return $"it is {Word(_instance.State)}";
        _instance = _instance with { State = FlowState.Paused, Reason = $"{by}: {reason}" };
        Note("", "paused", $"{by}: {reason}");
        return null;
    }

    public string? Resume(string by)
    {
        if (_instance.State != FlowState.Paused) return "it is not paused";
        Note("", "resumed", by);
        GoOn();
        return null;
    }

    private IEnumerable<(FlowStep.Call Call, CallRecord State)> CallsOf(StepRecord record)
    {
        if (flow.Step(record.Name) is not FlowStep.Call call) yield break;
        if (record is { IsOver: false, Call: { } made }) yield return (call, made);
        if (record.Undo is { } undone && call.Undo is { } undo) yield return (undo, undone);
    }

    private void Decline(FlowStep.Approve approve, StepRecord record, string by)
    {
        switch (approve.OnRefusal)
        {
            case FlowEnd.GoOn:
                Close(record, StepStatus.Passed, "refused", by);
                break;
            case FlowEnd.Park:
                Park(approve.Name, $"{by} has refused it");
                break;
            default:
                BeginUndoing(FlowState.Failed, $"{approve.Name}: {by} has refused it");
                break;
        }
    }

    private void GoOn()
    {
        if (_instance.State is FlowState.Parked or FlowState.Paused)
            _instance = _instance with { State = _body.Becomes is null ? FlowState.Running : FlowState.Undoing, Reason = _body.Becomes is null ? null : _body.Why };
    }
}
