namespace Gateway.Pipeline;

/// <summary>
/// What operators decide about work that was cut off and can't be settled by itself. A decision is taken only when the call can no longer be
/// running; of two that come at once, and of one and recovery, the intent's version lets one through.
/// </summary>
internal sealed class Decisions(CurrentPlan plans, IStore store, WorkAtHand work, IssuedKeys keys, Endings endings, TimeProvider clock)
{
    /// <summary>Why nothing can be decided about an intent now; null where it can.</summary>
    /// <returns>For the operator, and a reason code for log and audit.</returns>
    public (string Detail, string Reason)? Obstacle(Intent intent, bool done)
    {
        if (intent.State != IntentState.Open) return ($"The intent is {WordOf(intent.State)}; only one that is open waits for a decision.", "intent-closed");
        if (clock.GetUtcNow() < intent.OverAt) return ($"The call may be running until {intent.OverAt:O}; decide after that.", "intent-running");
        return done || intent.Line is not null ? Unroutable(intent) : null;
    }

    /// <summary>Why nobody can say what follows from an intent; null where its route can.</summary>
    public (string Detail, string Reason)? Unroutable(Intent intent) => endings.RouteOf(intent) is null
        ? ($"The route {intent.Route} no longer calls {intent.Operation}, so nobody can say what follows from it; restore the route.", "route-gone")
        : null;

    /// <summary>
    /// Why an object can't be known by a reference: the backend has none like it; or its operation can be asked, and says otherwise. Null where it can,
    /// or the backend can't be asked now.
    /// </summary>
    /// <returns>For the operator, and a reason code for log and audit.</returns>
    public async ValueTask<(string Detail, string Reason)?> FaultOfAsync(Intent intent, string reference)
    {
        var (route, target) = endings.RouteOf(intent)!.Value;
        if (target.Operation.WrongReference(reference) is { } form)
            return ($"'{reference}' is no reference of {target.Operation.Backend}. It is {form}.", "reference-malformed");
        if (!target.Operation.Descriptor.ReadsBack) return null;
        var about = await Recovery.AboutAsync(store, intent, route, target);
        var found = await Recovery.ReadBackAsync(target.Operation, intent, about, Revived.ConsumerOf(intent, plans.Current).Partner, route.Timeout, clock);
        return found.Status switch
        {
            OperationStatus.Done when found.Reference != reference => ($"The backend was asked, and has it as {found.Reference}.", "reference-other"),
            OperationStatus.NotFound => ($"The backend was asked, and has nothing under {intent.ExternalId}.", "reference-unknown"),
            _ => null,
        };
    }

    /// <summary>It was done: outcome, object, event, answer and the record of the decision are stored. False when somebody else was first.</summary>
    /// <param name="reference">How the backend names the object.</param>
    /// <param name="answer">The body that callers get, JSON; empty for one that says the object's id alone.</param>
    public ValueTask<bool> DoneAsync(Intent intent, string reference, ReadOnlyMemory<byte> answer, AuditRecord audit) => AloneAsync(intent, async () =>
    {
        var (route, target) = endings.RouteOf(intent)!.Value;
        using var revived = new Revived(intent, route, Revived.ConsumerOf(intent, plans.Current), new Surroundings(store, clock, static (_, _) => new(Settlement.AtWork), keys));
        var exchange = revived.Exchange;
        Targets.Take(exchange, target, await Recovery.AboutAsync(store, intent, route, target));
        exchange.Result = new OperationResult(OperationStatus.Done) { Reference = reference, Reason = "an operator decided" };
        exchange.Answer = answer.IsEmpty ? Answers.WithoutRecord(exchange, target, intent.ObjectId) : Answers.Of(exchange, target, intent.ObjectId, answer);
        return await store.CompleteAsync(Outcomes.Of(exchange, intent, exchange.Result) with { Audit = audit }, CancellationToken.None);
    });

    /// <summary>It was not done: key and reference are free again; what was accepted is rejected. False when somebody else was first.</summary>
    public ValueTask<bool> NotDoneAsync(Intent intent, string why, AuditRecord audit) => intent.Line is not null
        ? RejectAsync(intent, why, audit)
        : AloneAsync(intent, () => store.GiveUpAsync(intent, why, audit, CancellationToken.None));

    /// <summary>Nothing becomes of accepted work: its partner gets the refusal and the event. False when somebody else was first.</summary>
    public ValueTask<bool> RejectAsync(Intent intent, string why, AuditRecord audit) => AloneAsync(intent, () =>
    {
        var (route, target) = endings.RouteOf(intent)!.Value;
        return endings.RejectAsync(intent, route, target, why, audit);
    });

    public static string WordOf(IntentState state) => state switch
    {
        IntentState.NotDone => "closed as not done",
        _ => state.ToString().ToLowerInvariant(),
    };

    /// <summary>False, too, while a request or recovery of this process works on it.</summary>
    private async ValueTask<bool> AloneAsync(Intent intent, Func<ValueTask<bool>> decide)
    {
        if (!work.TryEnter(intent.Id)) return false;
        try
        {
            return await decide();
        }
        finally
        {
            work.Leave(intent.Id);
        }
    }
}
