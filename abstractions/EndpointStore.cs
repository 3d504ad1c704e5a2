namespace Gateway;

/// <summary>What is known of the endpoints of webhooks beside what is declared of them. The part of <see cref="IStore"/> that is about them.</summary>
public interface IEndpointStore
{
    /// <summary>All endpoints that somebody has written of, by tenant and name; one that never failed is not among them.</summary>
    ValueTask<IReadOnlyList<EndpointState>> EndpointsAsync(CancellationToken cancellation);

    /// <summary>
    /// Stores what became of an endpoint, with its record and the event that tells it: one transaction. False when the version has changed since it
    /// was read; one that nobody has written of has the version 0.
    /// </summary>
    ValueTask<bool> ChangeEndpointAsync(EndpointState endpoint, AuditRecord? audit, NewEvent? happened, CancellationToken cancellation);

    /// <summary>
    /// Makes deliveries of an endpoint due now, under the ids they have, each with its whole schedule before it, and appends the record of it where there
    /// is one, which is told how many these were: one transaction.
    /// </summary>
    ValueTask<int> ReplayAsync(EndpointReplay replay, Func<int, AuditRecord>? audit, CancellationToken cancellation);

    /// <summary>How many deliveries a replay leaves as they are because of what <see cref="EndpointReplay.Never"/> says.</summary>
    ValueTask<int> WithheldAsync(EndpointReplay replay, CancellationToken cancellation);

    /// <summary>
    /// The same for who asks from outside, once: the event that tells it is appended with it, and where one with its source and id is there, nothing is done.
    /// False where it was done before.
    /// </summary>
    /// <param name="told">Makes the event, when it is told how many deliveries these were.</param>
    ValueTask<bool> RecoverAsync(EndpointReplay replay, string source, string id, Func<int, NewEvent> told, CancellationToken cancellation);

    /// <summary>Has an endpoint begin anew. False where nothing was changed: nothing keeps it back, or an operator does.</summary>
    ValueTask<bool> ReopenAsync(EndpointReopening reopening, CancellationToken cancellation);

    /// <summary>Says to all nodes that nothing of before keeps these endpoints back (<see cref="EndpointState.Retaken"/>).</summary>
    /// <param name="endpoints">Their keys.</param>
    ValueTask RetakeAsync(IReadOnlyList<string> endpoints, CancellationToken cancellation);

    /// <summary>
    /// Due deliveries of endpoints that nothing is sent to by itself now, which an operator has asked for one by one and which were not attempted since.
    /// </summary>
    /// <param name="endpoints">Their keys.</param>
    ValueTask<IReadOnlyList<EventDelivery>> AskedAsync(DateTimeOffset now, IReadOnlyList<string> endpoints, CancellationToken cancellation);

    /// <summary>Keys of the endpoints with a delivery that is due at or before a moment.</summary>
    ValueTask<IReadOnlyList<string>> DueEndpointsAsync(DateTimeOffset until, CancellationToken cancellation);
}

/// <summary>Of which endpoints, by their keys, as <see cref="Subscription.Key"/> has them.</summary>
public sealed record WhichEndpoints
{
    public static WhichEndpoints All { get; } = new();

    /// <summary>Null for all there are.</summary>
    public IReadOnlyList<string>? Only { get; init; }

    public IReadOnlyList<string> Except { get; init; } = [];
}

/// <summary>How an endpoint does, over all nodes.</summary>
/// <param name="Name">Of its subscription.</param>
public sealed record EndpointState(string Tenant, string Name)
{
    /// <summary>When the first attempt failed behind which none succeeded; null where the last one did.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>The part of its budget, in per cent, that operators were told of last.</summary>
    public int Warned { get; init; }

    /// <summary>From when on nothing is sent there; null where it is.</summary>
    public DateTimeOffset? DisabledAt { get; init; }

    /// <summary>Why it is disabled.</summary>
    public string? Reason { get; init; }

    /// <summary>An operator has disabled it, so nobody else enables it; false where the gateway itself has.</summary>
    public bool IsHeld { get; init; }

    /// <summary>How often it was said that nothing of before keeps it back: where a node sees it grow, it closes its circuit.</summary>
    public int Retaken { get; init; }

    public int Version { get; init; }

    public string Key => $"{Tenant}/{Name}";

    /// <summary>One that nobody has written of, by its key.</summary>
    public static EndpointState Of(string key) => key.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0
        ? new EndpointState(key[..slash], key[(slash + 1)..])
        : throw new ArgumentException($"'{key}' is no key of an endpoint: TENANT/NAME", nameof(key));
}

/// <summary>Which deliveries of an endpoint are sent again.</summary>
/// <param name="Since">Those that were made at this moment or later.</param>
/// <param name="Now">When they are due.</param>
public sealed record EndpointReplay(string Tenant, string Name, DateTimeOffset Since, DateTimeOffset Now, ReplayScope Scope)
{
    /// <summary>Types of events that are not sent again (<see cref="EventTypes.NeverReplayed"/>); what waits for its next attempt is not meant.</summary>
    public IReadOnlyList<string> Never { get; init; } = [];

    /// <summary>Of the endpoint, as <see cref="EndpointState.Key"/> has it.</summary>
    public string Key => $"{Tenant}/{Name}";
}

/// <summary>
/// An endpoint begins anew: it is no longer disabled, where no operator has done that, its budget is whole, no circuit is open, and what waits is due now.
/// </summary>
/// <param name="Told">Record and event, which are stored with it where it had been disabled; made of the state as it becomes, with the version that was read.</param>
public sealed record EndpointReopening(string Tenant, string Name, DateTimeOffset Now, Func<EndpointState, (AuditRecord Record, NewEvent Happened)> Told)
{
    /// <summary>What becomes of an endpoint; null where nothing does.</summary>
    public EndpointState? After(EndpointState? known) => known is null or { DisabledAt: null, FailingSince: null } or { DisabledAt: not null, IsHeld: true }
        ? null
        : known with { DisabledAt = null, Reason = null, IsHeld = false, FailingSince = null, Warned = 0 };

    /// <summary>What waits there is due.</summary>
    public EndpointReplay Waiting => new(Tenant, Name, DateTimeOffset.MinValue, Now, ReplayScope.Waiting);
}

/// <summary>In which states deliveries are sent again; each takes in those before.</summary>
public enum ReplayScope
{
    /// <summary>Those that wait for their next attempt.</summary>
    Waiting,

    /// <summary>And the dead ones.</summary>
    Failed,

    /// <summary>And those that have arrived: the receiver has lost them.</summary>
    All,
}
