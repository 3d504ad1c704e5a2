namespace Gateway;

/// <summary>
/// What is known of records that change behind the gateway: how far a feed has looked, whose turn it is, and what was told of each record. Every
/// method throws as <see cref="IStore"/> says.
/// </summary>
public interface IChangeStore
{
    /// <summary>How a feed stands; null for one that nobody has looked at.</summary>
    ValueTask<FeedState?> FindFeedAsync(string feed, CancellationToken cancellation);

    /// <summary>
    /// Takes the next look at a feed until a moment. Null when another has it, or it is not due. An owner that can no longer live has nothing, and one that
    /// takes a look again has given up the look before: of that no step holds any more.
    /// </summary>
    /// <param name="hurried">Also before it is due.</param>
    ValueTask<FeedState?> TakeFeedAsync(string feed, string owner, DateTimeOffset until, bool hurried, CancellationToken cancellation);

    /// <summary>
    /// What a look has found, all of it or nothing, durable when this returns: records, events, objects, how far the feed has come. The feed as it stands
    /// then; null when it is another's by now, or something of a record has been noted since it was read.
    /// </summary>
    ValueTask<FeedState?> StepAsync(FeedStep step, CancellationToken cancellation);

    /// <summary>What is known of records, by their ids; of unknown ones nothing.</summary>
    ValueTask<IReadOnlyList<KnownRecord>> KnownAsync(string feed, IReadOnlyList<int> ids, CancellationToken cancellation);

    /// <summary>Known records behind an id, in the order of their ids.</summary>
    ValueTask<IReadOnlyList<KnownRecord>> KnownAfterAsync(string feed, int after, int max, CancellationToken cancellation);

    /// <summary>Records that are <see cref="KnownRecord.Owed"/>, in the order of their ids.</summary>
    ValueTask<IReadOnlyList<KnownRecord>> OwedAsync(string feed, int max, CancellationToken cancellation);

    /// <summary>Keeps that somebody says that a record has changed, durable when this returns. Said again, it is kept anew.</summary>
    /// <param name="feeds">Which the record may be one of.</param>
    /// <param name="most">Records of one feed; of more it is not kept, and the next look finds what they were about.</param>
    ValueTask HintAsync(IReadOnlyList<string> feeds, int id, int most, CancellationToken cancellation);

    /// <summary>The hints of a feed that are kept, in the order of their records.</summary>
    ValueTask<IReadOnlyList<RecordHint>> HintsAsync(string feed, CancellationToken cancellation);

    /// <summary>Forgets hints that were looked after; one that was said again since it was read stays.</summary>
    ValueTask DropHintsAsync(string feed, IReadOnlyList<RecordHint> hints, CancellationToken cancellation);

    /// <summary>The objects that stand for what a backend calls so, each of another partner.</summary>
    ValueTask<IReadOnlyList<OwnedObject>> ObjectsOfAsync(string backend, string kind, string reference, CancellationToken cancellation);

    /// <summary>Whether an intent without an end makes what has this external id: waiting, or open.</summary>
    ValueTask<bool> IsBeingMadeAsync(string backend, string externalId, CancellationToken cancellation);

    /// <summary>Whether an open intent makes or changes an object.</summary>
    ValueTask<bool> IsBeingChangedAsync(string tenant, string objectId, CancellationToken cancellation);
}

/// <summary>How far a feed has come.</summary>
/// <param name="Feed">Backend and kind: <c>odoo/orders</c>.</param>
/// <param name="Owner">Who looks, or was the last to look.</param>
/// <param name="Version">Grows with every write; a step carries the one it read.</param>
public sealed record FeedState(string Feed, string Owner, int Version)
{
    /// <summary>Whose records were looked for; where it is another now, what is there is taken stock of first. Empty before the first time.</summary>
    public string Scope { get; init; } = "";

    /// <summary>By the backend's clock: everything up to here is told, but for what is committed late.</summary>
    public DateTimeOffset Watermark { get; init; }

    public DateTimeOffset DueAt { get; init; }

    /// <summary>When a look last came to its end.</summary>
    public DateTimeOffset? LookedAt { get; init; }

    /// <summary>When all ids were last compared.</summary>
    public DateTimeOffset? ReconciledAt { get; init; }
}

/// <summary>What was told of a record, or noted by the route that wrote it.</summary>
/// <param name="Id">Its id in the backend.</param>
/// <param name="WrittenAt">When the backend says that it was written; whole seconds.</param>
/// <param name="Hash">Of its content; <see cref="Unread"/> where it was counted and not read, <see cref="Debt"/> where it could not be told yet.</param>
/// <param name="Stage">What it was, by the feed's kind: an event is named after the next one.</param>
public sealed record KnownRecord(int Id, DateTimeOffset WrittenAt, string Hash, string Stage)
{
    public const string Unread = "";

    public const string Debt = "owed";

    /// <summary>By tenant, the subject of its events: whom it was told to.</summary>
    public IReadOnlyDictionary<string, string> Subjects { get; init; } = new Dictionary<string, string>();

    /// <summary>Hash of what its partners were told; empty where a route has told it. The same is not told again, whatever else was written.</summary>
    public string Told { get; init; } = "";

    /// <summary>It was read again when the second in which it was written was over, and was the same.</summary>
    public bool Settled { get; init; }

    /// <summary>Grows with every write; 0 for one that is not stored yet.</summary>
    public int Version { get; init; }

    public bool Owed => Hash == Debt;
}

/// <summary>Somebody has said that a record has changed.</summary>
/// <param name="Id">Of the record, in the backend.</param>
/// <param name="Mark">Which time it was said: another one each time.</param>
public sealed record RecordHint(int Id, string Mark);

/// <summary>What becomes true when a look has found something, in one transaction.</summary>
/// <param name="From">As it was taken, or as the step before left it.</param>
public sealed record FeedStep(FeedState From)
{
    /// <summary>How it stands behind the step; <see cref="FeedState.Version"/> and <see cref="FeedState.Owner"/> say nothing.</summary>
    public required FeedState To { get; init; }

    /// <summary>Until when the look goes on; now, where it is over.</summary>
    public required DateTimeOffset LeaseUntil { get; init; }

    /// <summary>Records as they are known from now on; each has the version that was read of it.</summary>
    public IReadOnlyList<KnownRecord> Records { get; init; } = [];

    /// <summary>Records that are gone, as they were read.</summary>
    public IReadOnlyList<KnownRecord> Gone { get; init; } = [];

    public IReadOnlyList<NewEvent> Events { get; init; } = [];

    /// <summary>Objects that were made behind the gateway, and get an id of it.</summary>
    public IReadOnlyList<OwnedObject> Objects { get; init; } = [];
}

/// <summary>What a route has left of a record, stored with its outcome: the feed does not tell again what the route's own event has told.</summary>
public sealed record NotedRecord(string Feed, KnownRecord Record);
