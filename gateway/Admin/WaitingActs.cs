using Gateway.Pipeline;

namespace Gateway.Admin;

/// <summary>What operators do about accepted work: have it sent now, or again, and end it. Act and record are one transaction.</summary>
internal sealed class WaitingActs(IStore store, Decisions decisions, WorkAtHand work, IntentActs intents)
{
    /// <summary>A parked intent waits again, and one that waits is due now. Its key replays no refusal any more.</summary>
    public Task<Acted> RetryAsync(OperatorRequest request) => ActAsync(request, IntentState.Waiting, async (intent, record) =>
    {
        if (!await store.ReviseAsync(intent, IntentState.Waiting, record, CancellationToken.None)) return false;
        work.Accepted.Ring();
        return true;
    });

    /// <summary>A parked intent is done with; one that waits is rejected, and its partner gets the event.</summary>
    public Task<Acted> RejectAsync(OperatorRequest request) => ActAsync(request, IntentState.Refused, (intent, record) => intent.State == IntentState.Parked
        ? store.ReviseAsync(intent, IntentState.Refused, record, CancellationToken.None)
        : decisions.RejectAsync(intent, request.Why, record));

    private async Task<Acted> ActAsync(OperatorRequest request, IntentState next, Func<Intent, AuditRecord, ValueTask<bool>> act)
    {
        if (await store.FindIntentAsync(request.Parameter("id"), request.Aborted) is not { } intent)
            return Acted.Refused(Failure.NotFound, "There is no intent of this id.", "intent-unknown");
        if (Obstacle(intent, next) is { } obstacle) return Acted.Refused(Failure.WrongState, obstacle.Detail, obstacle.Reason) with { Tenant = intent.Tenant };
        var after = intent with { State = next };
        var acted = new Acted { Tenant = intent.Tenant, Before = intents.Shown(intent), After = new { after.State }, Answer = intents.Shown(after), Recorded = true };
        if (await act(intent, request.Record(acted))) return acted;
        return Acted.Refused(Failure.WrongState, "It has changed meanwhile, or its reference belongs to a newer one; look at it again.", "intent-changed") with { Tenant = intent.Tenant };
    }

    private (string Detail, string Reason)? Obstacle(Intent intent, IntentState next) => intent.State switch
    {
        IntentState.Parked => null,
        IntentState.Waiting when next == IntentState.Waiting => null,
        IntentState.Waiting => decisions.Unroutable(intent),
        _ => ($"The intent is {Decisions.WordOf(intent.State)}; only one that waits or is parked is retried or rejected.", "intent-not-waiting"),
    };
}
