using System.Text.Json;

namespace Gateway.Delivery.Flows;

/// <summary>The way back: what was done is undone, last first, when a step has failed for good or the instance is cancelled.</summary>
public sealed partial class FlowRun
{
    /// <summary>Something that nobody can take back was begun.</summary>
    private bool IsFinal => _body.Steps.Any(s => s.Status is StepStatus.Open or StepStatus.Done && flow.Step(s.Name) is { IsFinal: true });

    private void WishForCancellation()
    {
        if (flow.Cancellation is { } cancellation && _instance.EndedAt is null && _body is { CancelAsked: false, Becomes: null })
            _wishes.Add(new FlowWish(null, cancellation.Event, FlowRef.Key, _instance.Key));
    }

    private bool HearCancellation(StoredEvent happened, JsonElement envelope)
    {
        if (_body.CancelAsked || _body.Becomes is not null || _instance.EndedAt is not null) return false;
        _body.Taken.Add(happened.Position);
        var wanted = flow.Cancellation!.When?.Invoke(Sight(envelope));
        // Whether it is cancelled is for people then: what goes on could not be taken back.
        if (wanted is { Error: { } error }) Park("", $"whether {happened.Event.Type} {happened.Event.Id} cancels it can't be told: {error}");
        if (wanted is { IsTrue: false }) return false;
        AskToCancel($"{happened.Event.Type} {happened.Event.Id}");
        return true;
    }

    private void AskToCancel(string why)
    {
        (_body.CancelAsked, _body.CancelWhy) = (true, why);
        Note("", "cancel asked", why);
        // What is parked can be cancelled as it stands.
        if (_instance.State == FlowState.Parked) _instance = _instance with { State = FlowState.Running, Reason = null };
    }

    private void BeginCancelling()
    {
        if (IsFinal)
        {
            RefuseCancellation("it is too late: what can't be taken back was begun");
            Run();
        }
        else BeginUndoing(FlowState.Cancelled, $"it was cancelled: {_body.CancelWhy}");
    }

    private void RefuseCancellation(string reason)
    {
        _body.CancelAsked = false;
        Note("", "cancel refused", reason);
        _body.Why = reason;
        _known?.Dispose();
        _known = null;
        if (flow.Cancellation?.Refused is not { } refused || EventOf(refused) is not { } happened) return;
        // It may be asked, and refused, again.
        _events.Add(happened with { Id = FormattableString.Invariant($"{happened.Id}_{_body.Entries}") });
    }

    private void BeginUndoing(FlowState becomes, string why)
    {
        (_body.Becomes, _body.Why, _body.CancelAsked) = (becomes, why, false);
        _instance = _instance with { State = FlowState.Undoing, Reason = why };
        _known?.Dispose();
        _known = null;
        Note("", "undo", why);
    }

    private void Undo()
    {
        if (!_body.Closing)
        {
            if (!AreCallsOver() || !IsUndone()) return;
            // From here on there is no way back to what was open.
            DropOpen();
            _body.Closing = true;
        }
        var last = _body.Becomes == FlowState.Cancelled ? flow.Cancellation?.Steps ?? [] : flow.AfterFailure;
        if (!Do(last)) return;
        End(_body.Becomes!.Value, _body.Why);
    }

    /// <summary>What may have been carried out is found out before anything is undone.</summary>
    private bool AreCallsOver()
    {
        var over = true;
        foreach (var record in _body.Steps.Where(s => s is { IsOver: false, Call.IsUncertain: true }).ToList())
        {
            if (flow.Step(record.Name) is FlowStep.Call call) over &= Do(call, record, record.Call!, isUndo: false);
        }
        return over && _instance.State == FlowState.Undoing;
    }

    private bool IsUndone()
    {
        foreach (var record in _body.Steps.Where(s => s.Status == StepStatus.Done).OrderByDescending(s => s.Order).ToList())
        {
            if (flow.Step(record.Name) is not FlowStep.Call call) continue;
            if (call.Undo is null)
            {
                if (call.NoUndo is { } reason && record.Undo is null)
                {
                    record.Undo = new CallRecord { Status = CallStatus.Done };
                    Note(record.Name, "left", reason);
                }
                continue;
            }
            if (!Do(call.Undo, record, record.Undo ??= new CallRecord(), isUndo: true)) return false;
        }
        return _instance.State == FlowState.Undoing;
    }

    /// <summary>A cancellation that the last step's backend does not take is too late, and the flow goes on; anything else is for people.</summary>
    private void FailToUndo(FlowCall call, string reason)
    {
        var nothingUndone = !_body.Steps.Any(s => s.Undo is { Status: CallStatus.Done } && (flow.Step(s.Name) as FlowStep.Call)?.Undo is not null);
        if (_body.Becomes != FlowState.Cancelled || !nothingUndone)
        {
            Park(call.Name, $"it can't be undone: {reason}");
            return;
        }
        foreach (var record in _body.Steps) record.Undo = null;
        _body.Becomes = null;
        _instance = _instance with { State = FlowState.Running, Reason = null };
        RefuseCancellation($"{call.Name} can't be undone: {reason}");
    }
}
