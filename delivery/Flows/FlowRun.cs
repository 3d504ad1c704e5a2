using System.Text.Json;

namespace Gateway.Delivery.Flows;

/// <summary>
/// One instance, in hand: from what it is, what was heard and what time it is to what is done next. It calls nobody and stores nothing; who has it
/// does, and tells it what came of it. So the same runs in a gateway and in the cases of a flow.
/// </summary>
/// <param name="random">For the jitter of retries.</param>
public sealed partial class FlowRun(Flow flow, FlowInstance instance, Partner partner, EventTypes catalogue, TimeProvider clock, Random random)
{
    private readonly FlowBody _body = FlowBody.Read(instance.Body);
    private readonly List<FlowEntry> _entries = [];
    private readonly List<FlowRef> _refs = [];
    private readonly List<NewEvent> _events = [];
    private readonly List<FlowAlert> _alerts = [];
    private readonly List<FlowCall> _calls = [];
    private readonly List<FlowWish> _wishes = [];
    private FlowInstance _instance = instance;
    private JsonDocument? _known;
    private DateTimeOffset? _wakeAt;

    /// <summary>Whether a backend may be called now; where it may not, its calls are kept back.</summary>
    public Func<string, bool> CanCall { get; init; } = _ => true;

    public Flow Flow => flow;

    public FlowInstance Instance => _instance;

    public Partner Partner => partner;

    /// <summary>To be made now, each after what <see cref="Move"/> gives is stored.</summary>
    public IReadOnlyList<FlowCall> Calls => _calls;

    /// <summary>What it waits to hear.</summary>
    public IReadOnlyList<FlowWish> Wishes => _wishes;

    /// <summary>What people are to be told, since the last <see cref="Move"/>.</summary>
    public IReadOnlyList<FlowAlert> Alerts => _alerts;

    private DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>How an instance begins.</summary>
    /// <param name="envelope">Of the event that it begins with.</param>
    public static FlowMove Begin(Flow flow, Partner partner, string key, JsonElement envelope, StoredEvent from, DateTimeOffset now)
    {
        var id = FlowId.Of(partner.Name, flow.Name, key);
        var body = new FlowBody { Trigger = envelope, Entries = 1 };
        var urgency = flow.Urgency?.Invoke(new FlowSight(envelope, null, partner, now)) is { Error: null, Text: { } text } ? FlowUrgency.Of(text) : long.MaxValue;
        return new FlowMove(new FlowInstance(id, partner.Name, flow.Name, key, flow.Revision)
        {
            Shard = FlowId.ShardOf(id),
            StageSince = now,
            WakeAt = now,
            CreatedAt = now,
            Urgency = urgency,
            PromisedAt = now + flow.Promise,
            CorrelationId = from.Event.CorrelationId,
            TraceParent = from.Event.TraceParent,
            Body = body.Write(),
        })
        {
            Entries = [new FlowEntry(1, now, "", "started") { Detail = $"{from.Event.Type} {from.Event.Id}" }],
            Refs = [new FlowRef(FlowRef.Key, key)],
        };
    }

    /// <summary>Goes as far as it can with what is known.</summary>
    public void Advance()
    {
        _calls.Clear();
        _wishes.Clear();
        _wakeAt = null;
        WatchPromise();
        if (_instance.State is FlowState.Running) Run();
        if (_instance.State is FlowState.Undoing) Undo();
        WishForCancellation();
    }

    /// <summary>What has happened since the last time, and how the instance stands.</summary>
    /// <param name="owner">Who makes the calls, and works on it until <paramref name="until"/>; null for nobody, and then there are none.</param>
    public FlowMove Move(string? owner = null, DateTimeOffset? until = null)
    {
        if (owner is not null) BeginCalls();
        var stage = Stage();
        var (figures, kept) = (Recount(stage), KeptPromise());
        var move = new FlowMove(_instance with
        {
            Stage = stage,
            StageSince = stage == _instance.Stage ? _instance.StageSince : Now,
            // Whoever may take it from a node that is gone takes it at once; the lease keeps it from all others.
            WakeAt = _calls.Count > 0 ? Now : _wakeAt,
            Backend = _calls.Count == 0 && _instance.EndedAt is null ? KeptFor() : null,
            PromisedAt = PromisedAt(),
            Owner = owner,
            LeaseUntil = until,
            Body = _body.Write(),
        })
        {
            Entries = [.. _entries],
            Refs = [.. _refs],
            Events = [.. _events, .. _alerts.Select(a => AlertEvent.Of(_instance, a, flow.Runbook, Now))],
            Figures = figures,
            KeptPromise = kept,
        };
        return move;
    }

    /// <summary>What people have decided; who works on flows takes it up at once.</summary>
    public FlowMove Decided()
    {
        var move = Move();
        return move with { Instance = move.Instance with { WakeAt = Now, Backend = null } };
    }

    /// <summary>It is stored; <see cref="Move"/> begins anew.</summary>
    public void Moved(FlowInstance stored)
    {
        _instance = stored with { Body = default };
        _entries.Clear();
        _refs.Clear();
        _events.Clear();
        _alerts.Clear();
        _calls.Clear();
    }

    /// <summary>The external id under which a step calls its backend, in its last round.</summary>
    public string ExternalIdOf(string step) => FlowId.OfCall(_instance.Id, step, _body.Steps.FindLast(s => s.Name == step)?.Round ?? 0, undo: false);

    /// <summary>Whether a step, or the cancellation, has taken an event.</summary>
    public bool HasTaken(long position) => _body.Taken.Contains(position);

    /// <summary>An event that a wish is for. False where it is not what is waited for, or was taken before.</summary>
    public bool Hear(FlowWish wish, StoredEvent happened, JsonElement envelope)
    {
        if (_body.Taken.Contains(happened.Position)) return false;
        if (wish.Step is null) return HearCancellation(happened, envelope);
        if (_body.Find(wish.Step.Name) is not { IsOver: false } record) return false;
        if (wish.Step.If is { } condition)
        {
            var value = condition(Sight(envelope));
            if (value.Error is { } error) Park(wish.Step.Name, $"its condition failed: {error}");
            if (!value.IsTrue) return false;
        }
        _body.Taken.Add(happened.Position);
        Finish(wish.Step, record, envelope, $"{happened.Event.Type} {happened.Event.Id}");
        return true;
    }

    private void Run()
    {
        if (_body.CancelAsked)
        {
            BeginCancelling();
            return;
        }
        if (!Do(flow.Steps)) return;
        End(FlowState.Done, null);
    }

    /// <summary>True when all are over.</summary>
    private bool Do(IReadOnlyList<FlowStep> steps)
    {
        foreach (var step in steps)
        {
            if (!Do(step)) return false;
        }
        return true;
    }

    private bool Do(FlowStep step)
    {
        if (!IsGoing) return false;
        if ((_body.Find(step.Name) ?? Begin(step)) is not { } record) return false;
        if (!record.IsOver) Watch(step, record);
        if (record.IsOver) return true;
        if (!IsGoing) return false;
        return step switch
        {
            FlowStep.Call call => Do(call, record),
            FlowStep.Await waiting => Do(waiting),
            FlowStep.Emit emit => Do(emit, record),
            FlowStep.Choose choose => Do(choose, record),
            FlowStep.Parallel parallel => Do(parallel, record),
            FlowStep.Repeat repeat => Do(repeat, record),
            FlowStep.Wait wait => Do(wait, record),
            FlowStep.Approve => false,
            _ => throw new NotSupportedException(step.Kind),
        };
    }

    /// <summary>Null where it can't be told whether it is to be done.</summary>
    private StepRecord? Begin(FlowStep step)
    {
        var record = new StepRecord { Name = step.Name, Since = Now, Round = _body.Steps.Count(s => s.Name == step.Name) };
        if (step.When is { } condition)
        {
            var value = condition(Sight());
            if (value.Error is { } error)
            {
                Park(step.Name, $"its condition failed: {error}");
                return null;
            }
            if (!value.IsTrue)
            {
                _body.Steps.Add(record);
                Close(record, StepStatus.Passed, "passed", null);
                return record;
            }
        }
        _body.Steps.Add(record);
        return record;
    }

    private bool Do(FlowStep.Await waiting)
    {
        foreach (var value in ValuesOf(waiting.By)) _wishes.Add(new FlowWish(waiting, waiting.Event, waiting.By, value));
        return false;
    }

    private bool Do(FlowStep.Emit emit, StepRecord record)
    {
        if (EventOf(emit, record.Round) is not { } happened) return false;
        _events.Add(happened);
        Finish(emit, record, JsonSerializer.SerializeToElement(new { id = happened.Id, type = happened.Type }), happened.Type);
        return true;
    }

    private bool Do(FlowStep.Choose choose, StepRecord record)
    {
        if (record.Way == 0 && !ChooseWay(choose, record)) return false;
        if (record.Way > choose.Ways.Count || Do(choose.Ways[record.Way - 1].Steps))
        {
            Finish(choose, record, JsonSerializer.SerializeToElement(new { way = record.Way > choose.Ways.Count ? 0 : record.Way }), null);
            return true;
        }
        return false;
    }

    /// <summary>False where a condition failed. One behind the last stands for no way at all.</summary>
    private bool ChooseWay(FlowStep.Choose choose, StepRecord record)
    {
        for (var i = 0; i < choose.Ways.Count; i++)
        {
            var value = choose.Ways[i].When?.Invoke(Sight());
            if (value is { Error: { } error })
            {
                Park(choose.Name, $"the condition of its way {i + 1} failed: {error}");
                return false;
            }
            if (value is { IsTrue: false }) continue;
            record.Way = i + 1;
            return true;
        }
        record.Way = choose.Ways.Count + 1;
        return true;
    }

    private bool Do(FlowStep.Parallel parallel, StepRecord record)
    {
        var all = true;
        foreach (var way in parallel.Ways) all &= Do(way.Steps);
        if (!all || !IsGoing) return false;
        Finish(parallel, record, null, null);
        return true;
    }

    private bool Do(FlowStep.Repeat repeat, StepRecord record)
    {
        while (Do(repeat.Steps))
        {
            var value = repeat.Until(Sight());
            if (value.Error is { } error)
            {
                Park(repeat.Name, $"whether it is repeated can't be told: {error}");
                return false;
            }
            record.Rounds++;
            if (value.IsTrue)
            {
                Finish(repeat, record, JsonSerializer.SerializeToElement(new { rounds = record.Rounds }), null);
                return true;
            }
            if (record.Rounds >= repeat.Most)
            {
                Park(repeat.Name, $"{record.Rounds} rounds have not brought it to its end");
                return false;
            }
            var inner = FlowStep.Within(repeat.Steps).Select(s => s.Name).ToHashSet();
            foreach (var over in _body.Steps.Where(s => inner.Contains(s.Name))) over.IsPast = true;
            Note(repeat.Name, "repeated", $"round {record.Rounds + 1}");
        }
        return false;
    }

    private bool Do(FlowStep.Wait wait, StepRecord record)
    {
        if (record.Until is null)
        {
            if (wait.For is { } span) record.Until = record.Since + span;
            else if (MomentOf(wait.Until!(Sight())) is var (moment, trouble) && moment is not null) record.Until = moment;
            else
            {
                Park(wait.Name, trouble ?? "it gives no time to wait for");
                return false;
            }
        }
        if (Now < record.Until)
        {
            WakeAt(record.Until);
            return false;
        }
        Finish(wait, record, null, null);
        return true;
    }

    private static (DateTimeOffset? Moment, string? Trouble) MomentOf(FlowValue value)
    {
        if (value.Error is { } error) return (null, $"until when it waits can't be told: {error}");
        return value.Text is { } text && DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var moment)
            ? (moment, null)
            : (null, $"until when it waits is no time: {value.Text ?? "nothing"}");
    }

    /// <summary>The event that a step tells; null where it can't be made, or is not what its type promises.</summary>
    private NewEvent? EventOf(FlowStep.Emit emit, int round = 0)
    {
        var subject = emit.Subject?.Invoke(Sight());
        var data = emit.Data(Sight());
        if ((subject?.Error ?? data.Error) is { } error) Park(emit.Name, $"its event can't be made: {error}");
        else if (subject is { Text: null }) Park(emit.Name, "its event has no subject: it gives no text");
        else if (data.Json.IsEmpty) Park(emit.Name, "its event has no data: they give nothing");
        else
        {
            var about = subject?.Text ?? _instance.Key;
            var happened = catalogue.Keyed(new NewEvent(FlowId.OfEvent(_instance.Id, emit.Name, round), _instance.Tenant, emit.Event, $"/flows/{flow.Name}", about, about, Now, data.Json)
            {
                TraceParent = _instance.TraceParent,
                CorrelationId = _instance.CorrelationId,
            });
            if (catalogue.ViolationOf(happened) is not { } violation) return happened;
            Park(emit.Name, $"its event breaks {violation.Contract}: {string.Join("; ", violation.Findings.Take(3).Select(f => $"{f.Pointer} {f.Detail}"))}");
        }
        return null;
    }
}
