using System.Text.Json;

namespace Gateway.Delivery.Flows;

/// <summary>What an instance knows, and how it is said where it stands.</summary>
public sealed partial class FlowRun
{
    private bool IsGoing => _instance.State is FlowState.Running or FlowState.Undoing;

    /// <summary>What expressions see, <c>{ flow, trigger, steps, before }</c>; good until a step is over.</summary>
    private JsonElement Known => (_known ??= KnownNow()).RootElement;

    private FlowSight Sight(JsonElement? envelope = null) => new(Known, envelope, partner, Now);

    /// <summary>What is known; for a step of a round that is over, what was known when it was done.</summary>
    private FlowSight Sight(StepRecord record) => record.IsPast ? new(KnownAt(record.Order), null, partner, Now) : Sight();

    private JsonElement KnownAt(int order)
    {
        using var known = KnownOf([.. _body.Steps.Where(s => s.Order <= order)], []);
        return known.RootElement.Clone();
    }

    private JsonDocument KnownNow() => KnownOf([.. _body.Steps.Where(s => !s.IsPast)], [.. _body.Steps.Where(s => s.IsPast)]);

    /// <param name="past">Of rounds that are over.</param>
    private JsonDocument KnownOf(IReadOnlyList<StepRecord> steps, IReadOnlyList<StepRecord> past)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartObject("flow");
            json.WriteString("id", _instance.Id);
            json.WriteString("name", flow.Name);
            json.WriteString("key", _instance.Key);
            if (!flow.Trigger.ForHouse) json.WriteString("partner", _instance.Tenant);
            json.WriteString("startedAt", _instance.CreatedAt);
            if (_body.Why is { } why) json.WriteString("why", why);
            json.WriteEndObject();
            json.WritePropertyName("trigger");
            _body.Trigger.WriteTo(json);
            Write(json, "steps", steps);
            if (past.Count > 0) Write(json, "before", past);
            json.WriteEndObject();
        }
        return JsonDocument.Parse(bytes.ToArray());
    }

    /// <summary>Of a step that came to its end several times, the last.</summary>
    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<StepRecord> steps)
    {
        json.WriteStartObject(name);
        foreach (var step in steps.Where(s => s.Result is not null).GroupBy(s => s.Name).Select(s => s.Last()))
        {
            json.WritePropertyName(step.Name);
            step.Result!.Value.WriteTo(json);
        }
        json.WriteEndObject();
    }

    private IEnumerable<string> ValuesOf(string by) => by == FlowRef.Key ? [_instance.Key] : _body.Refs.Where(r => r.Kind == by).Select(r => r.Value);

    private void Finish(FlowStep step, StepRecord record, JsonElement? result, string? detail)
    {
        record.Result = result?.Clone();
        Close(record, StepStatus.Done, "done", detail);
        foreach (var (kind, expression) in step.Refs) Refer(step, kind, expression(Sight()));
    }

    /// <summary>What it can't be found by keeps nothing from going on; who awaits something by it waits for long, so that is told.</summary>
    private void Refer(FlowStep step, string kind, FlowValue value)
    {
        if (value.Error is { } error)
        {
            Note(step.Name, "unfound", $"{kind}: {error}");
            Tell(FlowAlertKind.Unfound, step.Name, flow.Owner, $"what it is found by as {kind} can't be told: {error}");
            return;
        }
        foreach (var text in TextsOf(value)) Refer(kind, text);
    }

    private void Refer(string kind, string text)
    {
        var reference = new FlowRef(kind, text);
        if (_body.Refs.Contains(reference)) return;
        _body.Refs.Add(reference);
        _refs.Add(reference);
    }

    private static List<string> TextsOf(FlowValue value)
    {
        if (value.Json.IsEmpty) return [];
        using var parsed = JsonDocument.Parse(value.Json);
        IEnumerable<JsonElement> items = parsed.RootElement.ValueKind == JsonValueKind.Array ? parsed.RootElement.EnumerateArray() : [parsed.RootElement];
        return [.. items.Select(i => i.ValueKind == JsonValueKind.String ? i.GetString()! : i.ValueKind == JsonValueKind.Number ? i.GetRawText() : "").Where(t => t.Length > 0)];
    }

    private void Close(StepRecord record, StepStatus status, string word, string? detail)
    {
        record.Status = status;
        record.Order = ++_body.Over;
        Note(record.Name, word, detail);
        _known?.Dispose();
        _known = null;
    }

    /// <summary>What time brings to an open step: that a promise is broken, that somebody is to be told, that it is over.</summary>
    private void Watch(FlowStep step, StepRecord record)
    {
        if (step.Promise is { } promise && !record.ToldLate && IsPast(record.Since + promise))
        {
            record.ToldLate = true;
            Note(step.Name, "late", $"longer than {Span(promise)}");
            Tell(FlowAlertKind.Late, step.Name, flow.Owner, $"takes longer than {Span(promise)}, as promised");
        }
        while (record.Escalated < step.Escalations.Count && IsPast(record.Since + step.Escalations[record.Escalated].After))
        {
            var escalation = step.Escalations[record.Escalated++];
            Note(step.Name, "escalated", $"to {escalation.To}, after {Span(escalation.After)}");
            Tell(FlowAlertKind.Escalated, step.Name, escalation.To, $"is not over after {Span(escalation.After)}");
        }
        // What may have been carried out is found out first, however long that takes.
        if (step.Timeout is { } timeout && !record.Stays && record.Call is not { IsUncertain: true } && IsPast(record.Since + timeout)) TimeOut(step, record, $"it was not over after {Span(timeout)}");
    }

    private void TimeOut(FlowStep step, StepRecord record, string reason)
    {
        switch (step.OnTimeout)
        {
            case FlowEnd.GoOn:
                Close(record, StepStatus.Passed, "timeout", reason);
                break;
            case FlowEnd.Undo:
                Note(step.Name, "timeout", reason);
                BeginUndoing(FlowState.Failed, $"{step.Name}: {reason}");
                break;
            case FlowEnd.Stay:
                record.Stays = true;
                Note(step.Name, "timeout", reason);
                Tell(FlowAlertKind.Late, step.Name, flow.Owner, reason);
                break;
            default:
                Park(step.Name, reason);
                break;
        }
    }

    /// <summary>Whether a moment has come; if not, the instance is looked at again when it has.</summary>
    private bool IsPast(DateTimeOffset moment)
    {
        if (Now >= moment) return true;
        WakeAt(moment);
        return false;
    }

    private void WakeAt(DateTimeOffset? moment)
    {
        if (_wakeAt is null || moment < _wakeAt) _wakeAt = moment;
    }

    /// <summary>It can't go on by itself.</summary>
    private void Park(string step, string reason)
    {
        _instance = _instance with { State = FlowState.Parked, Reason = step.Length == 0 ? reason : $"{step}: {reason}" };
        Note(step, "parked", reason);
        Tell(FlowAlertKind.Parked, step, flow.Owner, reason);
    }

    private void End(FlowState state, string? reason)
    {
        DropOpen();
        _instance = _instance with { State = state, Reason = reason, EndedAt = Now };
        _wakeAt = null;
        Note("", "ended", reason is null ? Word(state) : $"{Word(state)}: {reason}");
        if (state == FlowState.Failed) Tell(FlowAlertKind.Failed, "", flow.Owner, reason ?? "");
    }

    private void DropOpen()
    {
        foreach (var open in _body.Steps.Where(s => !s.IsOver)) open.Status = StepStatus.Dropped;
    }

    /// <summary>Names of the innermost steps that are open; while it is undone, of those that are being undone.</summary>
    private string Stage()
    {
        if (_instance.EndedAt is not null) return "";
        var undoing = _body.Becomes is not null && !_body.Closing;
        return string.Join(' ', undoing
            ? _body.Steps.Where(s => s.Undo is { Status: not CallStatus.Done }).Select(s => s.Name)
            : _body.Steps.Where(s => !s.IsOver && flow.Step(s.Name) is { Inner.Count: 0 }).Select(s => s.Name));
    }

    /// <summary>The backend that a call of what is gone on with now is kept back for; null for none, and for who stands still for another reason.</summary>
    private string? KeptFor()
    {
        if (!IsGoing) return null;
        var calls = _body.Becomes is not null && !_body.Closing
            ? _body.Steps.Where(s => s.Undo is { Status: CallStatus.Kept }).Select(s => (flow.Step(s.Name) as FlowStep.Call)?.Undo)
            : _body.Steps.Where(s => s is { IsOver: false, Call.Status: CallStatus.Kept }).Select(s => flow.Step(s.Name) as FlowStep.Call);
        return calls.FirstOrDefault()?.Operation.Backend;
    }

    /// <summary>The earliest promise of the flow and its open steps.</summary>
    private DateTimeOffset? PromisedAt() => _instance.EndedAt is not null
        ? null
        : _body.Steps.Where(s => !s.IsOver).Select(s => flow.Step(s.Name)?.Promise is { } promise ? s.Since + promise : (DateTimeOffset?)null).Append(_instance.CreatedAt + flow.Promise).Min();

    private void Note(string step, string what, string? detail = null) => _entries.Add(new FlowEntry(++_body.Entries, Now, step, what) { Detail = detail });

    private void Tell(FlowAlertKind kind, string step, string to, string text) => _alerts.Add(new FlowAlert(kind, step, to, text));

    private static string Word(FlowState state) => state.ToString().ToLowerInvariant();

    /// <summary>As a workspace writes it: <c>36h</c>.</summary>
    private static string Span(TimeSpan span) => span switch
    {
        { TotalDays: >= 1 } when span.Ticks % TimeSpan.TicksPerDay == 0 => $"{(int)span.TotalDays}d",
        { TotalHours: >= 1 } when span.Ticks % TimeSpan.TicksPerHour == 0 => $"{(int)span.TotalHours}h",
        { TotalMinutes: >= 1 } when span.Ticks % TimeSpan.TicksPerMinute == 0 => $"{(int)span.TotalMinutes}m",
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.###}s"),
    };
}
