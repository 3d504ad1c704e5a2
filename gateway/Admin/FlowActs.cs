using System.Text.Json;
using Gateway.Delivery.Flows;
using Gateway.Pipeline;

namespace Gateway.Admin;

/// <summary>What operators do about instances of flows. Act and record are one transaction; what follows from it is done by who works on flows.</summary>
/// <param name="here">Null on a node that works on no flows.</param>
internal sealed class FlowActs(IStore store, FlowBook book, CurrentPlan plans, TimeProvider clock, FlowsHere? here)
{
    private const int MostTries = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary><c>{"step":"…","input":{…}}</c>, each if need be: what failed is tried anew, with this input.</summary>
    public Task<Acted> RetryAsync(OperatorRequest request) => ActAsync(request, ["step", "input"], (run, by, wish) => run.Retry(wish.Text("step"), wish.Value("input"), by));

    /// <summary><c>{"step":"…","result":{…}}</c>: the step is taken for done.</summary>
    public Task<Acted> SkipAsync(OperatorRequest request) => ActAsync(request, ["step", "result"], (run, by, wish) =>
        wish.Text("step") is { } step ? run.Skip(step, request.Why, wish.Value("result"), by) : "Say which step.");

    public Task<Acted> CancelAsync(OperatorRequest request) => ActAsync(request, [], (run, by, _) => run.Cancel(request.Why, by));

    public Task<Acted> PauseAsync(OperatorRequest request) => ActAsync(request, [], (run, by, _) => run.Pause(request.Why, by));

    public Task<Acted> ResumeAsync(OperatorRequest request) => ActAsync(request, [], (run, by, _) => run.Resume(by));

    /// <summary><c>{"step":"…"}</c>: the operator agrees.</summary>
    public Task<Acted> ApproveAsync(OperatorRequest request) => DecideAsync(request, agrees: true);

    /// <summary><c>{"step":"…"}</c>: the operator refuses.</summary>
    public Task<Acted> RefuseAsync(OperatorRequest request) => DecideAsync(request, agrees: false);

    private Task<Acted> DecideAsync(OperatorRequest request, bool agrees) => ActAsync(request, ["step"], (run, by, wish) =>
    {
        if (wish.Text("step") is not { } step) return "Say which step.";
        return run.Decide(step, by, agrees, request.Why);
    }, decides: true);

    /// <param name="decides">Whether the role that the step asks for is needed.</param>
    private async Task<Acted> ActAsync(OperatorRequest request, string[] known, Func<FlowRun, string, Wish, string?> act, bool decides = false)
    {
        if (Wish.Read(request.Body, known) is not { } wish)
            return Acted.Refused(Failure.MalformedRequest, known.Length == 0 ? "Only the reason is taken." : $"Only {string.Join(", ", known)} and the reason are taken; step is text.", "wish-malformed");
        for (var tries = 1; ; tries++)
        {
            if (await store.FindFlowAsync(request.Parameter("id"), request.Aborted) is not { } instance)
                return Acted.Refused(Failure.NotFound, "There is no instance of this id.", "flow-unknown");
            if (await TryAsync(request, instance, wish, act, decides) is { } acted) return acted;
            if (tries == MostTries) return Acted.Refused(Failure.WrongState, "It is being worked on; look at it again.", "flow-changed") with { Tenant = instance.Tenant };
            await Task.Delay(Pause, TimeProvider.System, request.Aborted);
        }
    }

    /// <summary>Null where it has changed meanwhile, or a call is under way.</summary>
    private async ValueTask<Acted?> TryAsync(OperatorRequest request, FlowInstance instance, Wish wish, Func<FlowRun, string, Wish, string?> act, bool decides)
    {
        Acted Refused(string detail, string reason) => Acted.Refused(Failure.WrongState, detail, reason) with { Tenant = instance.Tenant };
        if (instance.Unreadable) return Refused("It can't be read: its key is missing from the key ring.", "flow-unreadable");
        if (instance.EndedAt is not null) return Refused($"It is {instance.State.ToString().ToLowerInvariant()}, and nothing is done in it any more.", "flow-ended");
        if (instance.LeaseUntil > clock.GetUtcNow()) return null;
        var flow = await book.FindAsync(instance.Flow, instance.Revision, request.Aborted);
        if (flow is null || book.PartnerOf(instance.Tenant) is not { } partner) return Refused("Its flow or its partner can't be read as they were: restore them.", "flow-gone");
        if (decides && wish.Text("step") is { } named && flow.Step(named) is FlowStep.Approve { Role: var role } && !request.Operator.May(role))
            return Acted.Refused(Failure.InsufficientScope, $"The role {role.ToString().ToLowerInvariant()} is needed for this step.", "role-missing") with { Tenant = instance.Tenant };
        var run = new FlowRun(flow, instance, partner, plans.Current.EventTypes, clock, Random.Shared);
        if (act(run, request.Operator.Name, wish) is { } obstacle) return Refused(obstacle, "flow-state");
        var move = run.Decided();
        var shown = new Acted { Tenant = instance.Tenant, Before = FlowViews.Shown(instance), After = FlowViews.Shown(move.Instance), Answer = FlowViews.Shown(move.Instance), Recorded = true };
        if (await store.SaveFlowAsync(move with { Audit = request.Record(shown) }, CancellationToken.None) is null) return null;
        foreach (var alert in run.Alerts) here?.Tell(instance, alert);
        here?.Wake();
        return shown;
    }

    /// <summary>What the body says beside the reason.</summary>
    private sealed record Wish(JsonElement? Body)
    {
        /// <summary>Null when it is malformed: an unknown member too, since a misspelt one would be passed over.</summary>
        public static Wish? Read(JsonElement? body, string[] known)
        {
            // Who gives the reason in a header may have nothing else to say.
            if (body is null) return new Wish(body);
            if (body is not { ValueKind: JsonValueKind.Object } members) return null;
            if (members.EnumerateObject().Any(m => m.Name != "reason" && !known.Contains(m.Name))) return null;
            return members.TryGetProperty("step", out var step) && step.ValueKind != JsonValueKind.String ? null : new Wish(members);
        }

        public string? Text(string name) => Value(name)?.GetString();

        public JsonElement? Value(string name) => Body is { } members && members.TryGetProperty(name, out var value) ? value : null;
    }
}
