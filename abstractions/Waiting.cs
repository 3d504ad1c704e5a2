namespace Gateway;

/// <summary>
/// What was accepted to be forwarded later. It is an intent that has not been sent (<see cref="IntentState.Waiting"/>): key and external id are
/// its own as with any other, so who comes with the same gets the same. Every method throws as <see cref="IStore"/> says.
/// </summary>
public interface IWaitingStore
{
    /// <summary>
    /// Stores a waiting intent, the claim of its key, object, event and audit: one transaction, durable when this returns. What decides is what
    /// decides in <see cref="IStore.BeginAsync"/>.
    /// </summary>
    ValueTask<BeginResult> AcceptAsync(Acceptance acceptance, CancellationToken cancellation);

    /// <summary>
    /// An open intent of which it is certain that nothing was sent waits, in its old place where it waited before, until its <see cref="Line.DueAt"/>; its
    /// <see cref="Intent.Result"/>, if it has one, says what of it keeps it from being sent (<see cref="Waiting.ByItself"/>). What comes with it is stored in the
    /// same transaction. The intent with its new version, or null when somebody has leased it since, or it is closed.
    /// </summary>
    ValueTask<Intent?> PutInLineAsync(Acceptance acceptance, CancellationToken cancellation);

    /// <summary>
    /// What may be sent to a backend now, most urgent first, then first come: due, nothing of its lane is open or stands before it. What of it
    /// can't be read is among them, and says so (<see cref="Intent.Unreadable"/>).
    /// </summary>
    /// <param name="tenant">Of whom; null for all.</param>
    ValueTask<IReadOnlyList<Intent>> WaitingAsync(string backend, string? tenant, Waiting which, int max, CancellationToken cancellation);

    /// <summary>Of whom something waits for a backend, due or not.</summary>
    ValueTask<IReadOnlyList<string>> WaitingTenantsAsync(string backend, CancellationToken cancellation);

    /// <summary>
    /// Opens a waiting intent for the caller, who sends it: from now on it is settled as any open one. Keeps its <see cref="Intent.OverAt"/> as given. The
    /// intent with its new version; null when somebody else was first, or when something of its lane is open or stands before it.
    /// </summary>
    /// <param name="input">In place of its input, where it was prepared anew.</param>
    ValueTask<Intent?> DispatchAsync(Intent intent, string owner, DateTimeOffset until, ReadOnlyMemory<byte>? input, CancellationToken cancellation);

    /// <summary>
    /// An accepted intent, open or waiting, will not become anything: it is closed, its external id is free again, its key replays the refusal, and
    /// event and record are appended: one transaction. False when the intent's version has changed, or it is closed.
    /// </summary>
    ValueTask<bool> RejectAsync(Rejection rejection, CancellationToken cancellation);

    /// <summary>
    /// What an operator decided, and the record of it: one transaction. A waiting intent is due now, and in line; a parked one waits again, or is refused
    /// for good. False when the intent's version has changed, it is in no state for it, or its key or external id are somebody else's by now.
    /// </summary>
    /// <param name="next"><see cref="IntentState.Waiting"/> or <see cref="IntentState.Refused"/>.</param>
    ValueTask<bool> ReviseAsync(Intent intent, IntentState next, AuditRecord audit, CancellationToken cancellation);

    /// <summary>Whether something of a lane waits or is open.</summary>
    ValueTask<bool> IsWaitingAsync(string lane, CancellationToken cancellation);

    /// <summary>The intent that an object was accepted with, if it belongs to the tenant; null for what was not accepted.</summary>
    ValueTask<Intent?> FindAcceptedAsync(string tenant, string objectId, CancellationToken cancellation);

    /// <summary>How much is on its way and is parked, by backend.</summary>
    ValueTask<IReadOnlyList<LineCount>> LinesAsync(CancellationToken cancellation);
}

/// <summary>Which of what waits.</summary>
public enum Waiting
{
    /// <summary>In line with the others.</summary>
    InLine,

    /// <summary>By itself: it could not be sent while others can, and what it ended with says why.</summary>
    ByItself,
}

/// <summary>Where an accepted intent waits.</summary>
/// <param name="Lane">What is forwarded one after another, in the order of its coming.</param>
/// <param name="Urgency">What is smaller goes first. What stands before something more urgent in its lane is as urgent.</param>
/// <param name="DueAt">From when on it may be sent.</param>
public sealed record Line(string Lane, long Urgency, DateTimeOffset DueAt);

/// <summary>What becomes true when a request is accepted, in one transaction.</summary>
/// <param name="Intent">With its <see cref="Gateway.Intent.Line"/>.</param>
public sealed record Acceptance(Intent Intent)
{
    /// <summary>The object that will be created; its reference is empty until the backend has it.</summary>
    public OwnedObject? Object { get; init; }

    public NewEvent? Event { get; init; }

    public AuditRecord? Audit { get; init; }
}

/// <summary>What becomes true when accepted work turns out to be impossible, in one transaction.</summary>
/// <param name="Result">Why; its detail is what the partner reads.</param>
/// <param name="Answer">What the key replays.</param>
public sealed record Rejection(Intent Intent, OperationResult Result, Answer Answer)
{
    /// <summary>Refused where an operator wants no second look.</summary>
    public IntentState State { get; init; } = IntentState.Parked;

    public NewEvent? Event { get; init; }

    public AuditRecord? Audit { get; init; }
}

/// <summary>The line before a backend.</summary>
/// <param name="Waiting">Accepted, and without an end: waiting, or being sent.</param>
/// <param name="Oldest">When the oldest of these was accepted; null where there is none.</param>
/// <param name="ByItself">Of the waiting: what could not be sent for a reason of its own (<see cref="Gateway.Waiting.ByItself"/>).</param>
/// <param name="Parked">Rejected, and not looked at yet by an operator.</param>
public sealed record LineCount(string Backend, long Waiting, DateTimeOffset? Oldest, long ByItself, long Parked);
