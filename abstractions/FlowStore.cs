namespace Gateway;

/// <summary>
/// Flows that run: how each stands, what was done in it, what it is found by, and what it may still have to hear. The part of <see cref="IStore"/>
/// that is about them. Who writes an instance says which version of it was read, so it does no harm that two nodes work on one.
/// </summary>
public interface IFlowStore
{
    /// <summary>
    /// Moves the cursor of who listens to the log over events that were read, starts instances and keeps signals: one transaction. An instance with the id
    /// of one that is there is not started again, and nothing that comes with it is stored; a signal that is there is not kept twice, and wakes nobody again.
    /// What a signal is for, and has not ended, is due at once (<see cref="FlowInstance.WakeAt"/>), also where it was started by the same call; its version
    /// stays, so who works on it can save (<see cref="FlowInstance.Heard"/>). False when the cursor's version has changed; then nothing is done.
    /// </summary>
    ValueTask<bool> HearAsync(FlowHearing heard, CancellationToken cancellation);

    /// <summary>
    /// Instances that are due at or before a moment and that nobody works on, earliest first: there is no lease, it has run out, or it belongs to an owner that
    /// can no longer live (see <see cref="IStore.AbandonedAsync"/>). Also those that can't be read, which say so.
    /// </summary>
    /// <param name="shards">Of which (<see cref="FlowInstance.Shard"/>); null for all.</param>
    ValueTask<IReadOnlyList<FlowInstance>> DueFlowsAsync(DateTimeOffset now, string owner, IReadOnlyList<int>? shards, int max, CancellationToken cancellation);

    /// <summary>When the next instance is due that nothing else is known of; null when none is. One that is leased is not due before its lease is over.</summary>
    ValueTask<DateTimeOffset?> NextFlowAsync(IReadOnlyList<int>? shards, CancellationToken cancellation);

    /// <summary>Instances that wait for a backend (<see cref="FlowInstance.Backend"/>), most urgent first, then the oldest.</summary>
    ValueTask<IReadOnlyList<FlowInstance>> FlowsWaitingForAsync(string backend, IReadOnlyList<int>? shards, int max, CancellationToken cancellation);

    /// <summary>An instance by its id; also one that can't be read, which says so.</summary>
    ValueTask<FlowInstance?> FindFlowAsync(string id, CancellationToken cancellation);

    /// <summary>
    /// Stores how an instance stands by now and what comes with it: one transaction, durable when this returns. The instance with its new version, or null
    /// when the version has changed since it was read; then nothing is done. One with the version 0 is begun by it, and null when it is there.
    /// </summary>
    /// <remarks>
    /// All is stored as the instance says, its lease too: taking one, and giving it back, is a save. Two things the store knows better. An empty body leaves the
    /// one that is stored. And a wake is not lost: where signals came since the instance was read, or one was kept before for a reference that it is given
    /// now, it is due at once, unless it has ended. The instance that is returned knows nothing of that, so the next save from it keeps the wake as well.
    /// An event of an id and source that is in the log is not appended again.
    /// </remarks>
    ValueTask<FlowInstance?> SaveFlowAsync(FlowMove step, CancellationToken cancellation);

    /// <summary>What was done in an instance, in order. Details that can't be decrypted are null.</summary>
    ValueTask<IReadOnlyList<FlowEntry>> FlowJournalAsync(string id, CancellationToken cancellation);

    /// <summary>Signals of a kind and value, in the order of the log. Who has used one before knows it by its position.</summary>
    ValueTask<IReadOnlyList<FlowSignal>> FlowSignalsAsync(string tenant, string type, string kind, string value, int max, CancellationToken cancellation);

    /// <summary>Instances as they stand, without what they know, newest first.</summary>
    ValueTask<IReadOnlyList<FlowInstance>> FlowsAsync(FlowFilter filter, int max, CancellationToken cancellation);

    /// <summary>How many instances stand where, of those that have not ended.</summary>
    ValueTask<IReadOnlyList<FlowCount>> FlowCountsAsync(CancellationToken cancellation);

    /// <summary>Keeps how a flow was declared, so that instances go on as they began. One that is there is left as it is.</summary>
    ValueTask KeepDefinitionAsync(FlowDefinition definition, CancellationToken cancellation);

    /// <summary>How a flow was declared under a revision; null for one that no instance began with.</summary>
    ValueTask<FlowDefinition?> FindDefinitionAsync(string flow, string revision, CancellationToken cancellation);

    /// <summary>What instances make up: of figures that last what has counted since a moment, of all others what counts now.</summary>
    ValueTask<IReadOnlyList<FigureSum>> FlowFiguresAsync(DateTimeOffset since, CancellationToken cancellation);

    /// <summary>How promises were kept, by the hour, from the hour of a moment on.</summary>
    ValueTask<IReadOnlyList<FlowHour>> FlowHoursAsync(DateTimeOffset since, CancellationToken cancellation);

    /// <summary>Removes the hours of before a moment.</summary>
    ValueTask ForgetHoursAsync(DateTimeOffset before, CancellationToken cancellation);

    /// <summary>Under which revisions there are instances that have not ended.</summary>
    ValueTask<IReadOnlyList<(string Flow, string Revision)>> FlowRevisionsAsync(CancellationToken cancellation);

    /// <summary>
    /// Removes signals of events up to a position that nothing can wait for any more, at most so many: those that no instance is found by which has not ended.
    /// </summary>
    /// <returns>How many were removed.</returns>
    ValueTask<int> ForgetSignalsAsync(long upTo, int max, CancellationToken cancellation);
}

/// <summary>How an instance of a flow stands.</summary>
public enum FlowState
{
    Running,

    /// <summary>What it did is undone, last first.</summary>
    Undoing,

    /// <summary>It can't go on by itself: an operator retries, skips or edits.</summary>
    Parked,

    /// <summary>An operator has stopped it for a while.</summary>
    Paused,

    Done,

    /// <summary>It was undone because a step failed for good.</summary>
    Failed,

    /// <summary>It was undone because it was cancelled.</summary>
    Cancelled,
}

/// <summary>One run of a flow for one business key.</summary>
/// <param name="Id">The gateway's, opaque; follows from tenant, flow and key, so a key has one instance.</param>
/// <param name="Key">What it is about: the id of an order.</param>
/// <param name="Revision">Of the flow as it was declared when the instance began, or was moved to.</param>
public sealed record FlowInstance(string Id, string Tenant, string Flow, string Key, string Revision)
{
    /// <summary>Instances are spread over so many shards, and shards over nodes.</summary>
    public const int Shards = 64;

    /// <summary>0 to <see cref="Shards"/> - 1.</summary>
    public required int Shard { get; init; }

    public FlowState State { get; init; }

    /// <summary>Names of the steps that are open, separated by blanks; empty for one that has ended.</summary>
    public string Stage { get; init; } = "";

    /// <summary>Since when the stage is what it is.</summary>
    public required DateTimeOffset StageSince { get; init; }

    /// <summary>When something is to be done in it next; null where only a signal, an operator or a backend that comes back moves it.</summary>
    public DateTimeOffset? WakeAt { get; init; }

    /// <summary>
    /// How many signals it was woken for, about: it grows when some come. A save that has seen fewer leaves it due at once. Given by the store, and stored by no
    /// save.
    /// </summary>
    public int Heard { get; init; }

    /// <summary>The backend that it waits for: nothing can be sent there. Null where it waits for none.</summary>
    public string? Backend { get; init; }

    /// <summary>What is smaller goes first where a backend is waited for.</summary>
    public long Urgency { get; init; } = long.MaxValue;

    /// <summary>When its current stage should be over at the latest; null where nothing is promised.</summary>
    public DateTimeOffset? PromisedAt { get; init; }

    /// <summary>The node that works on it; null for none.</summary>
    public string? Owner { get; init; }

    /// <summary>Until when nobody else takes it.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>Grows with every write; 0 for one that is not stored yet.</summary>
    public int Version { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it is parked, failed or cancelled, for operators; null where it is none of these.</summary>
    public string? Reason { get; init; }

    public string? CorrelationId { get; init; }

    /// <summary>W3C traceparent of the event that began it.</summary>
    public string? TraceParent { get; init; }

    /// <summary>What it knows, JSON; encrypted at rest. Empty where it was not asked for or can't be decrypted.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Its body can't be decrypted.</summary>
    public bool Unreadable { get; init; }
}

/// <summary>One thing that was done in an instance.</summary>
/// <param name="Number">From 1, dense. Given by the store: behind those that are there, whatever number it has when it is stored.</param>
/// <param name="Step">Name of the step; empty for what is about the whole instance.</param>
/// <param name="What">In one word: <c>started</c>, <c>calling</c>, <c>done</c>.</param>
public sealed record FlowEntry(int Number, DateTimeOffset At, string Step, string What)
{
    /// <summary>For operators, encrypted at rest: what was answered, who decided.</summary>
    public string? Detail { get; init; }
}

/// <summary>What an instance is found by beside its key: <c>pick WH/OUT/00042</c>.</summary>
public readonly record struct FlowRef(string Kind, string Value)
{
    /// <summary>The kind of <see cref="FlowInstance.Key"/>, which every instance has.</summary>
    public const string Key = "key";
}

/// <summary>An event that an instance may wait for, or will.</summary>
/// <param name="Kind">Of what <paramref name="Value"/> names: an instance of the tenant that has it is woken (<see cref="FlowRef"/>).</param>
/// <param name="Position">Of the event in the log.</param>
public sealed record FlowSignal(string Tenant, string Type, string Kind, string Value, long Position);

/// <summary>What was heard of the log.</summary>
/// <param name="Reader">Name of the cursor.</param>
/// <param name="To">Position of the last event that was read.</param>
public sealed record FlowHearing(string Reader, Cursor From, long To)
{
    /// <summary>As they begin, with the version 0; each has its key among its references. No operator acts in them, so they have no record of it.</summary>
    public IReadOnlyList<FlowMove> Starts { get; init; } = [];

    public IReadOnlyList<FlowSignal> Signals { get; init; } = [];
}

/// <summary>What becomes true of an instance in one transaction.</summary>
/// <param name="Instance">As it stands then, with the version that was read.</param>
public sealed record FlowMove(FlowInstance Instance)
{
    /// <summary>They go behind those that are there.</summary>
    public IReadOnlyList<FlowEntry> Entries { get; init; } = [];

    /// <summary>By these it is found from now on; one that it has already changes nothing.</summary>
    public IReadOnlyList<FlowRef> Refs { get; init; } = [];

    public IReadOnlyList<NewEvent> Events { get; init; } = [];

    /// <summary>What it counts for from now on, and what for no more. Of a figure that lasts the first stays.</summary>
    public IReadOnlyList<FigureChange> Figures { get; init; } = [];

    /// <summary>Whether it has kept its flow's promise, told once; null where that is not known yet, or was told.</summary>
    public bool? KeptPromise { get; init; }

    /// <summary>The record of what an operator did; null where none has.</summary>
    public AuditRecord? Audit { get; init; }
}

/// <summary>Which instances; what is null does not matter.</summary>
public sealed record FlowFilter
{
    public string? Flow { get; init; }

    public string? Tenant { get; init; }

    public FlowState? State { get; init; }

    /// <summary>Only those that go by the flow as it was declared under this revision.</summary>
    public string? Revision { get; init; }

    /// <summary>Only those that have not ended.</summary>
    public bool Open { get; init; }

    /// <summary>Only those with an open step of this name.</summary>
    public string? Step { get; init; }

    /// <summary>Only those whose stage is what it is since before this moment.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Only those whose promise was for before this moment.</summary>
    public DateTimeOffset? PromisedBefore { get; init; }

    /// <summary>Only those that are found by this value, of whatever kind.</summary>
    public string? Ref { get; init; }

    /// <summary>Only those that count for this figure, of whatever flow.</summary>
    public string? Figure { get; init; }
}

/// <summary>Instances of a flow that stand alike.</summary>
/// <param name="Oldest">Since when the one stands so that does longest.</param>
/// <param name="Late">Of these: whose promise is over.</param>
public sealed record FlowCount(string Flow, FlowState State, string Stage, long Count, DateTimeOffset Oldest, long Late);

/// <summary>How a flow was declared.</summary>
/// <param name="Revision">16 hex digits of <paramref name="Document"/>.</param>
/// <param name="Document">JSON in UTF-8.</param>
public sealed record FlowDefinition(string Flow, string Revision, ReadOnlyMemory<byte> Document, DateTimeOffset At);
