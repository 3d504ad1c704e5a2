using System.Text.Json;
using Gateway.Pipeline;
using Gateway.Pipeline.Accepted;

namespace Gateway.Admin;

/// <summary>What operators see of intents, and decide about those that nobody but them can settle. Decision and record are one transaction.</summary>
internal sealed class IntentActs(IStore store, Decisions decisions, CurrentPlan plans, Forwarding forwarding)
{
    private const int Most = 100;
    private const int LongestReference = 200;
    private const int MostTries = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary><c>?state=open|waiting|parked|succeeded|refused|notDone|undone|all</c>: intents, newest first; the open ones by default.</summary>
    public async Task ListAsync(HttpContext http)
    {
        var asked = http.Request.Query["state"].ToString();
        IntentState? state = asked == "all" ? null : Enum.TryParse<IntentState>(asked, ignoreCase: true, out var wanted) && Enum.IsDefined(wanted) ? wanted : IntentState.Open;
        await Views.Write(http, (await store.IntentsAsync(state, Most, http.RequestAborted)).Select(Shown));
    }

    /// <summary>
    /// What was accepted and waits, by backend: how much, since when, how much of it by itself, and how much is parked; and where this node can send nothing now.
    /// </summary>
    public async Task LinesAsync(HttpContext http)
    {
        var troubles = forwarding.Troubles.ToLookup(t => t.Backend);
        var lines = await store.LinesAsync(http.RequestAborted);
        await Views.Write(http, lines.Select(l => new { l.Backend, l.Waiting, l.Oldest, l.ByItself, l.Parked, troubles = troubles[l.Backend].Select(t => new { t.Partner, t.Since, t.Reason }) }));
    }

    /// <summary>One intent, with what the caller asked for: whoever decides looks for it in the backend.</summary>
    public async Task ShowAsync(HttpContext http)
    {
        if (await store.FindIntentAsync((string?)http.GetRouteValue("id") ?? "", http.RequestAborted) is not { } intent)
        {
            await Problems.WriteAsync(http, new Refusal(Failure.NotFound, "There is no intent of this id."), plans.Current.Problem);
            return;
        }
        using var request = intent.Canonical.IsEmpty ? null : JsonDocument.Parse(intent.Canonical);
        await Views.Write(http, new { intent = Shown(intent), request = request?.RootElement, reference = intent.Result?.Reference, why = intent.State is IntentState.Parked or IntentState.Refused ? ReasonOf(intent) : null });
    }

    /// <summary><c>{"outcome":"done","reference":"42","answer":{…}}</c> or <c>{"outcome":"not-done"}</c>, each with its reason.</summary>
    public async Task<Acted> SettleAsync(OperatorRequest request)
    {
        var decision = Decision.Read(request.Body);
        for (var tries = 1; ; tries++)
        {
            if (await store.FindIntentAsync(request.Parameter("id"), request.Aborted) is not { } intent)
                return Acted.Refused(Failure.NotFound, "There is no intent of this id.", "intent-unknown");
            if (decision is null) return Malformed(intent);
            if (decisions.Obstacle(intent, decision.Done) is { } obstacle)
                return Acted.Refused(Failure.WrongState, obstacle.Detail, obstacle.Reason) with { Tenant = intent.Tenant };
            if (decision.Done && await decisions.FaultOfAsync(intent, decision.Reference!) is { } fault)
                return Acted.Refused(Failure.WrongState, fault.Detail, fault.Reason) with { Tenant = intent.Tenant };
            if (await TrySettleAsync(request, intent, decision) is { } acted) return acted;
            // Somebody looks at it at this moment, which is no decision.
            if (tries == MostTries) return Acted.Refused(Failure.WrongState, "Somebody works on it; look at the intent again.", "intent-changed") with { Tenant = intent.Tenant };
            await Task.Delay(Pause, TimeProvider.System, request.Aborted);
        }
    }

    private async ValueTask<Acted?> TrySettleAsync(OperatorRequest request, Intent intent, Decision decision)
    {
        var after = intent with { State = decision.Done ? IntentState.Succeeded : IntentState.NotDone };
        var acted = new Acted { Tenant = intent.Tenant, Before = Shown(intent), After = new { after.State, decision.Reference, answered = !decision.Answer.IsEmpty }, Answer = Shown(after), Recorded = true };
        var record = request.Record(acted);
        return await (decision.Done ? decisions.DoneAsync(intent, decision.Reference!, decision.Answer, record) : decisions.NotDoneAsync(intent, request.Why, record)) ? acted : null;
    }

    private static Acted Malformed(Intent intent)
    {
        const string Ask = "Say what became of it: outcome done, with the backend's reference and, if you like, the answer as a JSON object; or outcome not-done, alone.";
        return Acted.Refused(Failure.MalformedRequest, Ask, "decision-malformed") with { Tenant = intent.Tenant };
    }

    /// <summary>An intent as operators see it.</summary>
    public object Shown(Intent intent) => new
    {
        intent.Id,
        intent.Tenant,
        intent.Consumer,
        intent.Route,
        intent.Operation,
        intent.State,
        intent.ExternalId,
        intent.ObjectId,
        intent.Key,
        intent.CorrelationId,
        intent.CreatedAt,
        intent.OverAt,
        waitsFor = intent.State is IntentState.Open or IntentState.Waiting or IntentState.Parked ? WaitsFor(intent) : null,
        dueAt = intent.State == IntentState.Waiting ? intent.Line?.DueAt : null,
        why = intent.State is IntentState.Waiting or IntentState.Parked || intent.Unreadable is not null ? ReasonOf(intent) : null,
    };

    private static string? ReasonOf(Intent intent) => intent.Unreadable ?? intent.Result?.Reason ?? intent.Result?.Detail;

    /// <summary>An operator, where the backend can't be asked; else recovery, or the route that is gone.</summary>
    private string WaitsFor(Intent intent) => plans.Current.Route(intent.Route) switch
    {
        { Target: PlanTarget.Call { Operation: var operation } } when operation.FullName == intent.Operation => operation.Descriptor.ReadsBack && intent.State != IntentState.Parked ? "the backend" : "an operator",
        _ => "its route",
    };

    /// <param name="Reference">How the backend names the object; null where nothing was done.</param>
    /// <param name="Answer">The body that callers get; empty where none was given.</param>
    private sealed record Decision(bool Done, string? Reference, ReadOnlyMemory<byte> Answer)
    {
        /// <summary>Null when it is malformed: an unknown member too, since a misspelt one would be lost for good.</summary>
        public static Decision? Read(JsonElement? body)
        {
            if (body is not { ValueKind: JsonValueKind.Object } members) return null;
            if (members.EnumerateObject().Any(m => m.Name is not ("outcome" or "reference" or "answer" or "reason"))) return null;
            var outcome = Text(members, "outcome");
            var (reference, answer) = (members.TryGetProperty("reference", out _), members.TryGetProperty("answer", out var given));
            if (outcome == "not-done") return reference || answer ? null : new Decision(false, null, default);
            if (outcome != "done" || (answer && given.ValueKind != JsonValueKind.Object)) return null;
            return Text(members, "reference") is { Length: > 0 } name && name.Length <= LongestReference && !name.Any(char.IsControl)
                ? new Decision(true, name, answer ? JsonSerializer.SerializeToUtf8Bytes(given, Views.Compact) : default(ReadOnlyMemory<byte>))
                : null;
        }

        private static string? Text(JsonElement members, string name) =>
            members.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }
}
