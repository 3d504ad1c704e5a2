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

    public int Version { get; init; }

    public string Key => $"{Tenant}/{Name}";
}

/// <summary>Which deliveries of an endpoint are sent again.</summary>
/// <param name="Since">Those that were made at this moment or later.</param>
/// <param name="Now">When they are due.</param>
public sealed record EndpointReplay(string Tenant, string Name, DateTimeOffset Since, DateTimeOffset Now, ReplayScope Scope);

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
