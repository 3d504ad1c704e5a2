using System.Text.Json;
using Gateway.Delivery.Events;
using Gateway.Delivery.Flows;

namespace Gateway.Cases.Flows;

/// <summary>Plays one case of a flow: an instance that no store has, on a clock that moves only where the case says so.</summary>
internal sealed class FlowPlay
{
    private readonly FlowCaseDocument _case;
    private readonly Plan _plan;
    private readonly Partner _partner;
    private readonly CaseTime _clock;
    private readonly List<StoredEvent> _heard = [];
    private readonly List<NewEvent> _told = [];
    private readonly List<FlowAlert> _alerts = [];
    private readonly List<FlowCall> _calls = [];
    private readonly HashSet<string> _away = [];
    private readonly Dictionary<string, FigureChange> _figures = [];
    private FlowRun? _run;

    private FlowPlay(FlowCaseDocument one, Plan plan, Partner partner, DateTimeOffset at) => (_case, _plan, _partner, _clock) = (one, plan, partner, new CaseTime(at));

    /// <summary>What went wrong, and with which of its acts (-1 for its end); null where all is as expected.</summary>
    public static (int Act, string Wrong)? Run(FlowCaseDocument one, Plan plan, Partner partner, DateTimeOffset at) => new FlowPlay(one, plan, partner, at).Run();

    private (int, string)? Run()
    {
        for (var i = 0; i < _case.Play.Count; i++)
        {
            if (Play(_case.Play[i]) is { } wrong) return (i, wrong);
        }
        return Ended() is { } end ? (-1, end) : null;
    }

    private string? Ended()
    {
        if (_run is not { Instance: var instance }) return "no instance has begun";
        if (_calls.Count > 0) return $"{_calls[0].Operation.FullName} is called, for the step '{_calls[0].Name}', and the case does not say so";
        if (_told.Count > 0) return $"{_told[0].Type} was told, and the case does not say so";
        if (instance.State != _case.Ends) return $"it ends {Word(instance.State)}, not {Word(_case.Ends)}{(instance.Reason is { } reason ? $": {reason}" : "")}";
        var stage = string.Join(' ', _case.Stage);
        return stage == instance.Stage ? null : $"the steps that are open are '{instance.Stage}', not '{stage}'";
    }

    private string? Play(FlowActDocument act)
    {
        if (act.Event is { } type) return Hear(type, act);
        if (_run is not { } run) return "an instance begins with an event: write event: first";
        if (act.Call is { } operation) return Call(run, operation, act);
        if (act.Told is { } told) return Told(told, act);
        if (act.Alert is { } alert) return Alert(alert);
        if (act.Figure is { } figure) return Figure(figure, act);
        if (act.Passes is { } span) return Pass(run, span);
        var refused = act.Agrees is { } agreed ? run.Decide(agreed, act.By, agrees: true, why: null)
            : act.Refuses is { } declined ? run.Decide(declined, act.By, agrees: false, why: null)
            : run.Cancel(act.Cancels!, act.By);
        if (refused is not null || act.Because is not null)
            return refused is null ? "that could be done" : act.Because is { } because && refused.Contains(because, StringComparison.Ordinal) ? null : refused;
        return Advance(run);
    }

    private string? Hear(string type, FlowActDocument act)
    {
        // What a backend tells names the call by its external id, which a case can't know.
        var subject = act.About is { } step ? _run?.ExternalIdOf(step) ?? step : act.Subject ?? "1";
        var happened = new NewEvent(FormattableString.Invariant($"event-{_heard.Count + 1}"), _partner.Name, type, "/cases", subject, subject, _clock.GetUtcNow(),
            act.Data is { } data ? JsonSerializer.SerializeToUtf8Bytes(data) : "{}"u8.ToArray());
        var stored = new StoredEvent(_heard.Count + 1, 1, happened);
        _heard.Add(stored);
        if (_run is { } run) return Advance(run);
        var flow = _plan.Flows.Find(_case.Flow)!;
        using var envelope = JsonDocument.Parse(Envelope.Write(stored));
        if (flow.Trigger.Event != type) return $"the flow begins with {flow.Trigger.Event}";
        var (begun, why) = FlowStart.Of(flow, stored, new FlowSight(envelope.RootElement, null, _partner, _clock.GetUtcNow()));
        if (begun is null) return $"it begins nothing: {why ?? "its if: is not true"}";
        _run = new FlowRun(flow, begun.Instance, _partner, _plan.EventTypes, _clock, new Random(1)) { CanCall = backend => !_away.Contains(backend) };
        return Advance(_run);
    }

    /// <summary>As far as it comes with what was heard.</summary>
    private string? Advance(FlowRun run)
    {
        // Who calls has it in hand; what comes meanwhile is heard afterwards.
        if (_calls.Count > 0) return null;
        do run.Advance();
        while (Listen(run));
        var move = run.Move("case", _clock.Now);
        // What owners are told stands among the alerts.
        _told.AddRange(move.Events.Where(e => e.Type != AlertEvent.Type));
        _alerts.AddRange(run.Alerts);
        _calls.AddRange(run.Calls);
        foreach (var change in move.Figures) _figures[change.Figure] = change;
        if (run.Uncounted is [var (figure, error), ..]) return $"whether it counts for the figure '{figure}' can't be told: {error}";
        run.Moved(move.Instance with { Version = move.Instance.Version + 1 });
        return null;
    }

    private bool Listen(FlowRun run)
    {
        foreach (var wish in run.Wishes.ToList())
        {
            foreach (var stored in _heard.Where(h => h.Event.Type == wish.Type && !run.HasTaken(h.Position)))
            {
                using var envelope = JsonDocument.Parse(Envelope.Write(stored));
                var value = wish.Step is { } step ? step.Value : run.Flow.Cancellation!.Key;
                if (value(new FlowSight(envelope.RootElement, null, _partner, _clock.GetUtcNow())).Text == wish.Value && run.Hear(wish, stored, envelope.RootElement)) return true;
            }
        }
        return false;
    }

    private string? Call(FlowRun run, string operation, FlowActDocument act)
    {
        if (_calls.FirstOrDefault(c => c.Operation.FullName == operation) is not { } call)
            return _calls.Count > 0 ? $"{_calls[0].Operation.FullName} is called, for the step '{_calls[0].Name}'" : $"nothing is called; the steps that are open are '{run.Instance.Stage}'{(run.Instance.Reason is { } reason ? $", and it is {Word(run.Instance.State)}: {reason}" : "")}";
        if (act.With is { } with)
        {
            using var input = JsonDocument.Parse(call.Input);
            if (JsonDifference.Find(with, input.RootElement, new Names(), part: true) is { } difference) return $"the input is another: {difference}";
        }
        _calls.Remove(call);
        if (act.Answer.Is == "away") _away.Add(call.Operation.Backend);
        run.Ended(call, Of(act.Answer));
        // What others of the same round come to is told before it goes on.
        return _calls.Count > 0 ? null : Advance(run);
    }

    private static OperationResult Of(FlowAnswerDocument answer) => new(answer.Is switch
    {
        "done" => OperationStatus.Done,
        "refused" => OperationStatus.Refused,
        "notFound" => OperationStatus.NotFound,
        "unknown" => OperationStatus.Unknown,
        "malformed" => OperationStatus.Malformed,
        _ => OperationStatus.NotSent,
    })
    {
        Record = Bytes(answer.Record),
        Facts = Bytes(answer.Facts),
        Reference = answer.Reference,
        WasSo = answer.WasSo,
        Detail = answer.Detail ?? "",
        Reason = answer.Is == "done" ? null : answer.Detail ?? answer.Is,
        BackendIsAway = answer.Is == "away",
    };

    /// <summary>As cases write it.</summary>
    private static string Word(Enum value) => value.ToString().ToLowerInvariant();

    private static ReadOnlyMemory<byte> Bytes(JsonElement? json) => json is { } value ? JsonSerializer.SerializeToUtf8Bytes(value) : default;

    private string? Told(string type, FlowActDocument act)
    {
        if (_told.FirstOrDefault(t => t.Type == type) is not { } happened) return _told.Count > 0 ? $"{_told[0].Type} was told" : "nothing was told";
        if (act.Subject is { } subject && happened.Subject != subject) return $"it is about '{happened.Subject}'";
        if (act.Data is { } data)
        {
            using var actual = JsonDocument.Parse(happened.Data);
            if (JsonDifference.Find(data, actual.RootElement, new Names(), part: true) is { } difference) return $"its data are others: {difference}";
        }
        _told.Remove(happened);
        return null;
    }

    private string? Figure(string name, FlowActDocument act)
    {
        if (_run!.Flow.Figures.All(f => f.Name != name)) return $"the flow has no figure '{name}'";
        var counted = _figures.GetValueOrDefault(name);
        if (counted?.Group is not { } group) return act.Counts ? $"it does not count for '{name}'" : null;
        if (!act.Counts) return $"it counts for '{name}', in {group}";
        if (act.Group is { } expected && JsonSerializer.Deserialize<Dictionary<string, string>>(group)! is var by && !(by.Count == expected.Count && by.All(b => expected.GetValueOrDefault(b.Key) == b.Value)))
            return $"it counts in {group}";
        var amount = counted.Amount is { } units ? units / (decimal)Math.Pow(10, FlowFigure.Digits) : (decimal?)null;
        return act.Amount is null || act.Amount == amount ? null : $"it adds {amount?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "nothing"}";
    }

    private string? Alert(string kind)
    {
        if (_alerts.FirstOrDefault(a => a.Kind.ToString().Equals(kind, StringComparison.OrdinalIgnoreCase)) is not { } alert)
            return _alerts.Count > 0 ? $"it was told that it is {Word(_alerts[0].Kind)}: {_alerts[0].Text}" : "nobody was told anything";
        _alerts.Remove(alert);
        return null;
    }

    /// <summary>Every moment at which something is to be done comes, and none is passed over. A backend that was away is back by then.</summary>
    private string? Pass(FlowRun run, TimeSpan span)
    {
        var until = _clock.GetUtcNow() + span;
        if (_away.Count > 0 && run.Instance.Backend is not null) _clock.Now = until;
        _away.Clear();
        while (true)
        {
            Advance(run);
            if (_calls.Count > 0 && _clock.Now < until) return $"{_calls[0].Operation.FullName} is called before, at {_clock.Now:u}: let less time pass, and say what it answers";
            if (_calls.Count > 0 || run.Instance.WakeAt is not { } wake || wake > until) break;
            _clock.Now = wake > _clock.Now ? wake : until;
        }
        if (_clock.Now < until)
        {
            _clock.Now = until;
            Advance(run);
        }
        return null;
    }

    private sealed class CaseTime(DateTimeOffset at) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = at;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
