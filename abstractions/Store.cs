namespace Gateway;

/// <summary>
/// The durable state: intents, outcomes, answers, objects, events, cursors, deliveries, flows, quotas, audit. Engines pass one conformance suite.
/// Every row has its tenant. Payloads come and go in clear here; the engine encrypts them at rest.
/// Every method throws <see cref="StoreUnavailableException"/> when the engine can't be reached or written.
/// </summary>
public interface IStore : IKeyStore, IQuotaStore, IWaitingStore, IChangeStore, IEndpointStore, IDeadLetterStore, ISubscriptionStore, IFlowStore, ITraceStore, IRetentionStore, IAsyncDisposable
{
    /// <summary>Opens and migrates to this build's schema version; fails on a newer one.</summary>
    ValueTask OpenAsync(CancellationToken cancellation);

    // --- Exactly once ---------------------------------------------------------------------------

    /// <summary>What is known of an idempotency key; null when it is new or its life is over.</summary>
    ValueTask<KeyRecord?> FindKeyAsync(KeyScope key, CancellationToken cancellation);

    /// <summary>
    /// Stores an intent and, with it, the claim of its key: one transaction, durable when this returns.
    /// The unique external id (per backend, while waiting, open or succeeded), the unique object and the unique record (per backend; both while open) and
    /// the unique key decide who may call.
    /// </summary>
    ValueTask<BeginResult> BeginAsync(Intent intent, CancellationToken cancellation);

    /// <summary>The call certainly did nothing: the intent, open or waiting, is closed, its key and external id are free again.</summary>
    ValueTask ReleaseAsync(Intent intent, string reason, CancellationToken cancellation);

    /// <summary>The backend refused: the intent is closed, its external id is free again, its key replays the refusal.</summary>
    ValueTask RefuseAsync(Intent intent, Answer answer, AuditRecord? audit, CancellationToken cancellation);

    /// <summary>
    /// Outcome, object, event, the caller's answer and audit in one transaction. Does nothing and returns false when the intent was
    /// already completed by somebody else. A null answer leaves the key finished without one.
    /// </summary>
    ValueTask<bool> CompleteAsync(Completion completion, CancellationToken cancellation);

    /// <summary>Stores an answer for a key without an intent of its own (known reference, same content), or for one that finished without an answer.</summary>
    ValueTask RememberAsync(KeyScope key, string fingerprint, TimeSpan keepFor, Answer answer, AuditRecord? audit, CancellationToken cancellation);

    /// <summary>
    /// Intents without outcome that nobody works on, oldest first: the lease has run out, or it belongs to an owner that can no longer live
    /// (an embedded engine is owned by one process, so every other owner is dead; a shared engine knows only the lease). Also those that can't be read.
    /// </summary>
    ValueTask<IReadOnlyList<Intent>> AbandonedAsync(string owner, int max, CancellationToken cancellation);

    /// <summary>
    /// Takes over an abandoned intent until <paramref name="until"/>, or renews a lease, and keeps its <see cref="Intent.OverAt"/> as given; the
    /// intent with its new version, or null when somebody else was first or it is closed.
    /// </summary>
    ValueTask<Intent?> LeaseAsync(Intent intent, string owner, DateTimeOffset until, CancellationToken cancellation);

    /// <summary>One intent with its outcome, by id; also what of it can't be read, and says so (<see cref="Intent.Unreadable"/>).</summary>
    ValueTask<Intent?> FindIntentAsync(string id, CancellationToken cancellation);

    /// <summary>Intents by state, newest first, for the admin port; also those that can't be read.</summary>
    ValueTask<IReadOnlyList<Intent>> IntentsAsync(IntentState? state, int max, CancellationToken cancellation);

    /// <summary>
    /// What an operator decided: the call did nothing. The intent is closed, its key and external id are free again, and the record of it is
    /// appended: one transaction. False when the intent's version has changed, or it is closed.
    /// </summary>
    ValueTask<bool> GiveUpAsync(Intent intent, string reason, AuditRecord audit, CancellationToken cancellation);

    /// <summary>An object's row, if it belongs to the tenant.</summary>
    ValueTask<OwnedObject?> FindObjectAsync(string tenant, string kind, string id, CancellationToken cancellation);

    /// <summary>Takes a name that nobody has until a moment: true for the first who asks on any node, durable when this returns.</summary>
    ValueTask<bool> TakeOnceAsync(string name, DateTimeOffset until, CancellationToken cancellation);

    // --- Events ---------------------------------------------------------------------------------

    /// <summary>
    /// Appends an event whose cause is outside, once: false where one with its id and source was stored within its <see cref="NewEvent.Window"/>, or where it is
    /// older than <see cref="NewEvent.IfNewest"/> lets it be; then nothing is changed. Durable when this returns.
    /// </summary>
    ValueTask<bool> AppendEventAsync(NewEvent happened, CancellationToken cancellation);

    /// <summary>Events after a position, in order; never past an uncommitted one.</summary>
    ValueTask<IReadOnlyList<StoredEvent>> ReadEventsAsync(long after, int max, CancellationToken cancellation);

    /// <summary>The same without what the events say: enough to know who wants them.</summary>
    ValueTask<IReadOnlyList<EventHead>> ReadEventHeadsAsync(long after, int max, CancellationToken cancellation);

    /// <summary>Events of a tenant after a position, in order; never past an uncommitted one. What it costs follows from what it gives, not from what others have in the log.</summary>
    ValueTask<IReadOnlyList<StoredEvent>> ReadEventsAsync(string tenant, long after, int max, CancellationToken cancellation);

    /// <summary>The position of the last event that is there; 0 in an empty log.</summary>
    ValueTask<long> LastPositionAsync(CancellationToken cancellation);

    ValueTask<StoredEvent?> FindEventAsync(long position, CancellationToken cancellation);

    /// <summary>The event of a source and id; of several, the last.</summary>
    ValueTask<StoredEvent?> FindEventAsync(string source, string id, CancellationToken cancellation);

    /// <summary>The event of a tenant with an id, whatever its source; of several, the last.</summary>
    ValueTask<StoredEvent?> FindEventOfAsync(string tenant, string id, CancellationToken cancellation);

    /// <summary>Position and version of a reader's cursor; (0, 0) for a new reader.</summary>
    ValueTask<Cursor> FindCursorAsync(string reader, CancellationToken cancellation);

    /// <summary>Moves a cursor and adds the deliveries that follow from the events passed: one transaction. False when the cursor's version has changed.</summary>
    ValueTask<bool> AdvanceAsync(string reader, Cursor from, long to, IReadOnlyList<EventDelivery> deliveries, CancellationToken cancellation);

    // --- Deliveries -----------------------------------------------------------------------------

    /// <summary>
    /// Pending deliveries due at or before a moment, earliest first; at most <paramref name="max"/> of each subscription,
    /// so that one with a long list does not hide the others. Of those with one ordering key, the first alone.
    /// </summary>
    /// <param name="which">Of the others none is given, and they cost nothing.</param>
    ValueTask<IReadOnlyList<EventDelivery>> DueAsync(DateTimeOffset now, int max, WhichEndpoints which, CancellationToken cancellation);

    ValueTask<IReadOnlyList<EventDelivery>> DueAsync(DateTimeOffset now, int max, CancellationToken cancellation) => DueAsync(now, max, WhichEndpoints.All, cancellation);

    /// <summary>When the earliest pending delivery is due; null when none is pending.</summary>
    /// <param name="which">Deliveries of the others don't count.</param>
    ValueTask<DateTimeOffset?> NextDueAsync(WhichEndpoints which, CancellationToken cancellation);

    ValueTask<DateTimeOffset?> NextDueAsync(CancellationToken cancellation) => NextDueAsync(WhichEndpoints.All, cancellation);

    /// <summary>
    /// Keeps a due delivery for the caller, so that nobody else sends it: for others it is due again at <paramref name="until"/>, should the caller
    /// die. The delivery with its new version, or null when somebody else was first. An embedded engine is owned by one process, and writes nothing.
    /// </summary>
    ValueTask<EventDelivery?> ClaimAsync(EventDelivery delivery, DateTimeOffset until, CancellationToken cancellation);

    /// <summary>Stores one attempt and what follows from it. False when the delivery's version has changed.</summary>
    ValueTask<bool> RecordAttemptAsync(EventDelivery delivery, DeliveryAttempt attempt, DeliveryState next, DateTimeOffset? nextAt, CancellationToken cancellation);

    ValueTask<IReadOnlyList<DeliveryAttempt>> AttemptsAsync(string deliveryId, CancellationToken cancellation);

    /// <summary>One delivery by its id.</summary>
    ValueTask<EventDelivery?> FindDeliveryAsync(string id, CancellationToken cancellation);

    /// <summary>
    /// What an operator decided about a delivery, with its <see cref="EventDelivery.Note"/> and the record of it: one transaction. One that is pending from then on is
    /// asked for (<see cref="IEndpointStore.AskedAsync"/>). False when the delivery's version has changed.
    /// </summary>
    ValueTask<bool> DecideAsync(EventDelivery delivery, DeliveryState next, DateTimeOffset? nextAt, AuditRecord audit, CancellationToken cancellation);

    /// <summary>Deliveries by state, newest first, for the admin port.</summary>
    ValueTask<IReadOnlyList<EventDelivery>> DeliveriesAsync(DeliveryState? state, int max, CancellationToken cancellation);

    // --- Audit ----------------------------------------------------------------------------------

    /// <summary>Appends records to the chains of their classes, all or none.</summary>
    ValueTask AppendAuditAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellation);

    /// <summary>Audit records of one correlation id, oldest first.</summary>
    ValueTask<IReadOnlyList<AuditRecord>> FindAuditAsync(string correlationId, int max, CancellationToken cancellation);

    /// <summary>All segments of all nodes, the dropped ones too: by node, class and number.</summary>
    ValueTask<IReadOnlyList<AuditSegment>> AuditSegmentsAsync(CancellationToken cancellation);

    /// <summary>Links of a segment behind a number, in order.</summary>
    ValueTask<IReadOnlyList<AuditLink>> ReadAuditAsync(AuditSegment segment, long after, int max, CancellationToken cancellation);

    /// <summary>
    /// Removes what is about a person, known by address or subject, from all chains, and appends what <paramref name="act"/> says of it when it
    /// is told how often that was: one transaction. Records of calls that are still under way are not reached.
    /// </summary>
    /// <returns>How often something was removed.</returns>
    ValueTask<int> EraseAuditAsync(string person, Func<int, AuditRecord> act, CancellationToken cancellation);

    /// <summary>Drops the links of a segment, keeps its head, and appends the record of it: one transaction. False when it was dropped before.</summary>
    ValueTask<bool> DropAuditAsync(AuditSegment segment, AuditRecord act, CancellationToken cancellation);

    /// <summary>
    /// Completes when something is appended after the call, by this process at once and by another one within about a second, or after
    /// <paramref name="atMost"/>: readers sleep on it.
    /// A reader asks for it before it reads and awaits it when it has read nothing; then no append slips between.
    /// </summary>
    ValueTask WaitForAppendAsync(TimeSpan atMost, CancellationToken cancellation);
}

/// <summary>The durable store can't be reached or written. The one exception that crosses the seam: it may come from any call.</summary>
public sealed class StoreUnavailableException(string message, Exception inner) : Exception(message, inner)
{
    /// <summary>A write certainly did nothing, and never will: it did not get as far. False where its commit may have happened, and its answer been lost.</summary>
    public bool NothingWritten { get; init; }
}

/// <summary>Scope of an idempotency key: tenant, route and key.</summary>
public readonly record struct KeyScope(string Tenant, string Route, string Key);

/// <summary>What is stored under an idempotency key.</summary>
/// <param name="Fingerprint">Of the request that claimed it.</param>
/// <param name="Answer">Null while running, or when the work was done but its answer could not be mapped.</param>
/// <param name="IntentId">Null when the answer needed no intent of its own.</param>
public sealed record KeyRecord(KeyScope Scope, string Fingerprint, Answer? Answer, string? IntentId);

public enum IntentState
{
    /// <summary>Stored, outcome not known: the call may be running, or may have been cut off.</summary>
    Open,
    Succeeded,

    /// <summary>The backend said no.</summary>
    Refused,

    /// <summary>The call certainly never left.</summary>
    NotDone,

    /// <summary>Accepted, and not sent yet.</summary>
    Waiting,

    /// <summary>Accepted, and rejected later; an operator may look at it, and have it sent again.</summary>
    Parked,

    /// <summary>Succeeded, and undone since by another intent: its external id is free again, its key is not.</summary>
    Undone,
}

/// <summary>What a request is about to do in a backend, stored before it is done.</summary>
public sealed record Intent
{
    public required string Id { get; init; }

    public required string Tenant { get; init; }

    public required string Consumer { get; init; }

    public required string Route { get; init; }

    /// <summary>Path and query as the caller sent them: an answer that is made later sees the same parameters.</summary>
    public string Path { get; init; } = "/";

    public required string Backend { get; init; }

    /// <summary>Full name of the operation: <c>odoo/order.create</c>.</summary>
    public required string Operation { get; init; }

    public required string ExternalId { get; init; }

    public required string Fingerprint { get; init; }

    public string? Key { get; init; }

    public TimeSpan KeepKeyFor { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The gateway's id of the object that will be created or changed.</summary>
    public required string ObjectId { get; init; }

    /// <summary>What of the backend is changed beside it (<see cref="BackendOperation.RecordOf"/>); null for nothing that others change, too.</summary>
    public string? Record { get; init; }

    /// <summary>The canonical request as the caller sent it; encrypted at rest.</summary>
    public required ReadOnlyMemory<byte> Canonical { get; init; }

    /// <summary>The mapped request, as the operation is called; encrypted at rest.</summary>
    public required ReadOnlyMemory<byte> Input { get; init; }

    public required string CorrelationId { get; init; }

    /// <summary>W3C traceparent of the request.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Revision of the Plan the request ran on.</summary>
    public required string Revision { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From here on the call can no longer be running in the backend: total timeout and a margin.</summary>
    public required DateTimeOffset OverAt { get; init; }

    /// <summary>Who works on it: a name that is new with every start of a process.</summary>
    public required string LeaseOwner { get; init; }

    public required DateTimeOffset LeaseUntil { get; init; }

    /// <summary>Grows with every write; every write carries the version it read.</summary>
    public int Version { get; init; }

    public IntentState State { get; init; }

    /// <summary>Where it waits or waited; null for what is sent at once.</summary>
    public Line? Line { get; init; }

    /// <summary>It was accepted, and its end is not known yet.</summary>
    public bool IsOnItsWay => Line is not null && State is (IntentState.Open or IntentState.Waiting);

    /// <summary>
    /// What the operation answered, once it succeeded, or why it was rejected after it had been accepted, or why it waits by itself; encrypted at rest.
    /// </summary>
    public OperationResult? Result { get; init; }

    /// <summary>Why path, canonical request, input and result are not here: what is stored of them can't be decrypted. Null where they are.</summary>
    public string? Unreadable { get; init; }
}

/// <summary>How a claim ended.</summary>
public abstract record BeginResult
{
    /// <summary>This request, and no other, may call.</summary>
    public sealed record Granted : BeginResult;

    /// <summary>The idempotency key is held by another request.</summary>
    public sealed record KeyTaken(KeyRecord Holder) : BeginResult;

    /// <summary>The external id is held by another intent, waiting, open or succeeded.</summary>
    public sealed record ReferenceTaken(Intent Holder) : BeginResult;

    /// <summary>The object, or the backend's record, is held by an open intent that changes it: two changes are never open, so neither undoes the other when it is settled.</summary>
    public sealed record ObjectTaken(Intent Holder) : BeginResult;
}

/// <summary>Everything that becomes true when an intent succeeds, in one transaction.</summary>
public sealed record Completion(Intent Intent, OperationResult Result)
{
    public OwnedObject? Object { get; init; }

    public NewEvent? Event { get; init; }

    public Answer? Answer { get; init; }

    public AuditRecord? Audit { get; init; }

    /// <summary>What is over with this: the intent that made it is <see cref="IntentState.Undone"/> from now on. Null where nothing is.</summary>
    public OwnedObject? Ended { get; init; }

    /// <summary>What is left of the backend's records, where a feed looks for changes of them.</summary>
    public IReadOnlyList<NotedRecord> Noted { get; init; } = [];
}

/// <summary>An object the gateway gave an id to, owned by a partner.</summary>
/// <param name="Reference">How the backend names it.</param>
/// <param name="Canonical">The canonical request that made it; encrypted at rest.</param>
public sealed record OwnedObject(
    string Tenant, string Kind, string Id, string Backend, string Reference, string ExternalId, ReadOnlyMemory<byte> Canonical, DateTimeOffset CreatedAt);

/// <summary>An event of the log. Position grows over the whole log, Sequence is dense per tenant and partition key, from 1.</summary>
public sealed record StoredEvent(long Position, long Sequence, NewEvent Event);

/// <summary>Which event stands at a position of the log.</summary>
public sealed record EventHead(long Position, string Id, string Tenant, string Type, string Source)
{
    public string PartitionKey { get; init; } = "";
}

public readonly record struct Cursor(long Position, int Version);

public enum DeliveryState
{
    Pending,
    Delivered,

    /// <summary>All attempts failed; kept with its history until an operator decides.</summary>
    Dead,

    /// <summary>An operator decided that it is not sent any more; kept with its history.</summary>
    Skipped,
}

/// <summary>One event on its way to one subscription. <see cref="Id"/> is the <c>webhook-id</c>, the same over retries.</summary>
public sealed record EventDelivery(string Id, string Tenant, string Subscription, long EventPosition, DateTimeOffset CreatedAt)
{
    public DeliveryState State { get; init; }

    public int Attempts { get; init; }

    /// <summary>Attempts before it was replayed: its schedule counts from there.</summary>
    public int RoundFrom { get; init; }

    /// <summary>What it waits in line by, behind earlier events of the same key; null where it waits for nobody.</summary>
    public string? OrderingKey { get; init; }

    public DateTimeOffset? NextAt { get; init; }

    public int Version { get; init; }

    /// <summary>What its last attempt failed of, in the words of <see cref="DeliveryCause"/>; null for one that is neither dead nor skipped.</summary>
    public string? Cause { get; init; }

    /// <summary>When it became dead; null for one that is neither dead nor skipped.</summary>
    public DateTimeOffset? DiedAt { get; init; }

    /// <summary>Who skipped it, and why; null where nobody has.</summary>
    public string? Note { get; init; }

    /// <summary>The delivery whose data an operator has changed to make this one; null for what was told as it happened.</summary>
    public string? EditOf { get; init; }

    /// <summary>How often its data were changed: 0 for what was told as it happened.</summary>
    public int Edit { get; init; }

    /// <summary>It is sent whatever is with its endpoint, as one that an operator asks for; kept until its next attempt, and not read.</summary>
    public bool Asked { get; init; }

    /// <summary>Of its endpoint, as <see cref="EndpointState.Key"/> has it.</summary>
    public string Endpoint => $"{Tenant}/{Subscription}";
}

/// <summary>One attempt: number from 1, the endpoint's status (0 when there was no answer), what went wrong.</summary>
public sealed record DeliveryAttempt(int Number, DateTimeOffset At, TimeSpan Duration, int Status, string? Error)
{
    /// <summary>What was said both ways, encrypted at rest; null where nothing was, or it can't be decrypted.</summary>
    public AttemptDetails? Details { get; init; }

    /// <summary>What it failed of, kept with the delivery where this attempt was the last; null where it arrived, and as it is read.</summary>
    public string? Cause { get; init; }
}

/// <summary>What was said in one attempt, without secrets.</summary>
/// <param name="Request">The first line and the headers of the request, a line each; signatures without what makes them hold.</param>
/// <param name="Answer">The beginning of the answer's body, without what looks like a secret; null where it had none, or none that is text.</param>
public sealed record AttemptDetails(string Request, string? Answer);

/// <summary>Who did what on which revision, and how it ended.</summary>
public sealed record AuditRecord(
    DateTimeOffset At, string Tenant, string? Consumer, string Route, string Method, string Path, string Revision, string CorrelationId, int Status, string Outcome)
{
    public string? TraceId { get; init; }

    /// <summary>For the operator only: reason codes, external ids.</summary>
    public string? Reason { get; init; }

    public double Milliseconds { get; init; }

    /// <summary>What it is about: decides in which chain it stands and how long it is kept. What operators did has a chain of its own.</summary>
    public AuditClass Class { get => Act is null ? field : AuditClass.Operators; init; }

    /// <summary>Where the call came from, an IP address; about a person, so it can be erased.</summary>
    public string? Address { get; init; }

    /// <summary>Who stood behind the consumer, where its token says so; about a person, so it can be erased.</summary>
    public string? Subject { get; init; }

    /// <summary>What was about a person in it has been erased.</summary>
    public bool Erased { get; init; }

    /// <summary>What an operator did; null for a call of the API. Route is then the action, Consumer nobody, and Tenant the target's, else <c>-</c>.</summary>
    public OperatorAct? Act { get; init; }
}
