using System.Text.Json;

namespace Gateway.Delivery.Flows;

/// <summary>Calls of backends: when one is made, and what follows from how it ended.</summary>
public sealed partial class FlowRun
{
    /// <summary>Behind the time that a call may take, until nothing of it can be under way any more.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstQuestion = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan LongestQuestion = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan FirstHold = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(5);

    /// <summary>How a call ended that <see cref="Calls"/> named.</summary>
    public void Ended(FlowCall call, OperationResult result)
    {
        var record = _body.Find(call.Name, call.Round)!;
        var state = (call.IsUndo ? record.Undo : record.Call)!;
        state.Trouble = result.Status == OperationStatus.Done ? null : result.Reason ?? (result.Detail.Length > 0 ? result.Detail : result.Status.ToString());
        switch (result.Status)
        {
            case OperationStatus.Done:
                Succeed(call, record, state, result);
                break;
            case OperationStatus.NotFound when call.Asks:
                Unmade(call, state);
                break;
            case OperationStatus.NotSent when call.Asks:
                AskLater(call, state);
                break;
            case OperationStatus.NotSent when result.IsHeldBack:
                HoldBack(call, state);
                break;
            case OperationStatus.NotSent when result.BackendIsAway:
                Keep(call.Name, state);
                break;
            case OperationStatus.Unknown or OperationStatus.TimedOut or OperationStatus.Unusable when call.Asks || call.Operation.Descriptor.Effect == Effect.Changes:
                AskLater(call, state);
                break;
            case OperationStatus.NotSent or OperationStatus.Unknown or OperationStatus.TimedOut or OperationStatus.Unusable:
                RetryLater(call, record, state, result.RetryAfter);
                break;
            case OperationStatus.Malformed or OperationStatus.Taken:
                state.Status = CallStatus.Failed;
                Park(call.Name, state.Trouble!);
                break;
            default:
                Fail(call, record, state, result.Detail.Length > 0 ? result.Detail : state.Trouble!);
                break;
        }
    }

    private bool Do(FlowStep.Call call, StepRecord record) => Do(call, record, record.Call ??= new CallRecord(), isUndo: false);

    /// <summary>True when it is over, well or not.</summary>
    private bool Do(FlowStep.Call call, StepRecord record, CallRecord state, bool isUndo)
    {
        var changes = call.Operation.Descriptor.Effect == Effect.Changes;
        if (state.Status == CallStatus.Calling)
        {
            // Whoever made it is gone.
            (state.Status, state.NextAt) = (changes ? CallStatus.Unknown : CallStatus.Ready, null);
            Note(record.Name, "cut off");
        }
        switch (state.Status)
        {
            case CallStatus.Done:
                return true;
            case CallStatus.Failed:
                Park(record.Name, state.Trouble ?? "it has failed");
                return false;
            case CallStatus.Unknown when !call.Operation.Descriptor.ReadsBack:
                Park(record.Name, $"{call.Operation.FullName} was cut off, and can't be asked about: look in {call.Operation.Backend}, then retry or skip the step");
                return false;
        }
        if (state.NextAt is { } next && !IsPast(next)) return false;
        if (!CanCall(call.Operation.Backend))
        {
            if (state.Status == CallStatus.Ready) Keep(record.Name, state);
            else if (state.Status == CallStatus.Unknown) WakeAt(Now + FirstQuestion);
            return false;
        }
        if (CallOf(call, record, state, isUndo) is { } made) _calls.Add(made);
        return false;
    }

    /// <summary>From here on the calls may have been made.</summary>
    private void BeginCalls()
    {
        foreach (var made in _calls)
        {
            var record = _body.Find(made.Name, made.Round)!;
            var state = (made.IsUndo ? record.Undo : record.Call)!;
            if (!made.Asks) (state.Status, state.OverAt) = (CallStatus.Calling, made.Until + Margin);
            // What the backend tells about it is known to be this instance's, before it is called.
            if (made.ExternalId is { } external && !made.IsUndo) Refer(record.Name, external);
            Note(record.Name, made.Asks ? "asking" : made.IsUndo ? "undoing" : "calling", made.Operation.FullName);
        }
    }

    /// <summary>Null where it can't be made; then the instance is parked.</summary>
    private FlowCall? CallOf(FlowStep.Call call, StepRecord record, CallRecord state, bool isUndo)
    {
        var made = state.Input is { } given ? new FlowValue(JsonSerializer.SerializeToUtf8Bytes(given), null) : InputOf(call, Sight(record));
        if (made.Error is not null || made.Json.IsEmpty) return Unmakeable(record, state, $"its input can't be made: {made.Error ?? "it gives nothing"}");
        // Every attempt says the same, whatever the clock says by then.
        state.Input ??= JsonElement.Parse(made.Json.Span);
        var external = call.Operation.Descriptor.Effect == Effect.Changes ? FlowId.OfCall(_instance.Id, record.Name, record.Round, isUndo) : null;
        var wanted = new FlowCall(call, record.Name, isUndo, state.Status == CallStatus.Unknown, made.Json, external, Now + call.Patience) { Round = record.Round, Resumes = state.Resumes };
        if (call.About.Of is { } of)
        {
            return (_body.Find(of, record.Round) ?? _body.Find(of))?.Result is { ValueKind: JsonValueKind.Object } result && result.TryGetProperty("reference", out var reference) && reference.GetString() is { } text
                ? wanted with { Reference = text }
                : Unmakeable(record, state, $"it is about what the step '{of}' has made, and that has made nothing");
        }
        if (call.About is not { Kind: { } kind, Id: { } id }) return wanted;
        return id(Sight(record)) is { Text: { } name } ? wanted with { Object = (kind, name) } : Unmakeable(record, state, $"which {kind} it is about can't be told");
    }

    private FlowValue InputOf(FlowStep.Call call, in FlowSight sight)
    {
        var canonical = CanonicalOf(call, sight);
        if (canonical.Error is not null || canonical.Json.IsEmpty || call.Request is null) return canonical;
        return call.Request(JsonElement.Parse(canonical.Json.Span), null, sight);
    }

    private static FlowValue CanonicalOf(FlowStep.Call call, in FlowSight sight) => call.Input?.Invoke(sight) ?? new FlowValue("{}"u8.ToArray(), null);

    /// <summary>What is known of a call that is done; its record in canonical words, where the step has a mapping to them.</summary>
    private FlowValue RecordOf(FlowStep.Call call, OperationResult result)
    {
        if (call.Response is null || result.Record.IsEmpty) return new FlowValue(result.Record, null);
        var sight = Sight();
        var canonical = CanonicalOf(call, sight);
        return call.Response(JsonElement.Parse(result.Record.Span), canonical.Json.IsEmpty ? null : JsonElement.Parse(canonical.Json.Span), sight);
    }

    private FlowCall? Unmakeable(StepRecord record, CallRecord state, string reason)
    {
        (state.Status, state.Trouble) = (CallStatus.Failed, reason);
        Park(record.Name, reason);
        return null;
    }

    private void Succeed(FlowCall call, StepRecord record, CallRecord state, OperationResult result)
    {
        (state.Status, state.NextAt, state.OverAt, state.Input) = (CallStatus.Done, null, null, null);
        if (call.IsUndo)
        {
            Note(call.Name, "undone");
            return;
        }
        var mapped = RecordOf(call.Step, result);
        Finish(call.Step, record, FlowResults.Of(result with { Record = mapped.Json }), call.Asks ? "found" : null);
        // What was done is done; what can't be read of it is for people, before others go by it.
        if (mapped.Error is { } error) Park(call.Name, $"it was carried out, and what came of it can't be mapped: {error}");
    }

    /// <summary>An earlier call did nothing. When none can be under way any more, it is made again.</summary>
    private void Unmade(FlowCall call, CallRecord state)
    {
        state.Asked = 0;
        if (Now < state.OverAt)
        {
            (state.Status, state.NextAt) = (CallStatus.Unknown, state.OverAt);
            return;
        }
        state.Attempts++;
        (state.Status, state.NextAt, state.Resumes) = (CallStatus.Ready, null, true);
        Note(call.Name, "not arrived", "it is sent again");
    }

    private void AskLater(FlowCall call, CallRecord state)
    {
        if (state.Status != CallStatus.Unknown || state.Asked == 0) Note(call.Name, "unknown", state.Trouble);
        (state.Status, state.NextAt) = (CallStatus.Unknown, Now + Doubled(FirstQuestion, state.Asked++, LongestQuestion));
    }

    /// <summary>It waits for its backend, and spends no attempt.</summary>
    private void Keep(string step, CallRecord state)
    {
        (state.Status, state.NextAt) = (CallStatus.Kept, null);
        Note(step, "kept", state.Trouble);
    }

    /// <summary>Nothing was tried; whoever waits long says so once.</summary>
    private void HoldBack(FlowCall call, CallRecord state)
    {
        if (state.Held == 0) Note(call.Name, "held back", state.Trouble);
        (state.Status, state.NextAt) = (CallStatus.Ready, Now + Doubled(FirstHold, state.Held++, LongestHold));
    }

    private void RetryLater(FlowCall call, StepRecord record, CallRecord state, TimeSpan? asked)
    {
        if (++state.Attempts >= call.Step.Retry.Attempts)
        {
            Fail(call, record, state, $"no attempt of {state.Attempts} succeeded; the last: {state.Trouble}");
            return;
        }
        var pause = Doubled(call.Step.Retry.First, state.Attempts - 1, call.Step.Retry.Most) * (0.75 + 0.5 * random.NextDouble());
        if (asked > pause) pause = asked.Value;
        (state.Status, state.NextAt) = (CallStatus.Ready, Now + pause);
        Note(call.Name, "retry", $"in {Span(TimeSpan.FromMilliseconds(Math.Round(pause.TotalMilliseconds)))}: {state.Trouble}");
    }

    private static TimeSpan Doubled(TimeSpan first, int times, TimeSpan most) => TimeSpan.FromTicks((long)Math.Min(most.Ticks, first.Ticks * Math.Pow(2, times)));

    /// <summary>Nothing becomes of it, and nothing was changed.</summary>
    private void Fail(FlowCall call, StepRecord record, CallRecord state, string reason)
    {
        (state.Status, state.Trouble, state.NextAt) = (CallStatus.Failed, reason, null);
        if (call.IsUndo)
        {
            FailToUndo(call, reason);
            return;
        }
        if (_body.Becomes is not null && !_body.Closing)
        {
            // It is undone anyway.
            Close(record, StepStatus.Dropped, "failed", reason);
            return;
        }
        switch (call.Step.OnFailure)
        {
            case FlowEnd.GoOn:
                Close(record, StepStatus.Passed, "failed", reason);
                break;
            case FlowEnd.Undo:
                Note(call.Name, "failed", reason);
                BeginUndoing(FlowState.Failed, $"{call.Name}: {reason}");
                break;
            default:
                Park(call.Name, reason);
                break;
        }
    }
}
