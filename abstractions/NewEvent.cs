namespace Gateway;

/// <summary>An event to be appended: the members of a CloudEvents 1.0 envelope, and its data as JSON.</summary>
public sealed record NewEvent(string Id, string Tenant, string Type, string Source, string Subject, string PartitionKey, DateTimeOffset Time, ReadOnlyMemory<byte> Data)
{
    public string? TraceParent { get; init; }

    public string? CorrelationId { get; init; }

    /// <summary>How long one of its source and id is the same one; null for as long as that is in the log. It is not stored.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>Since when its subject stands as it says, by whoever tells it; null for what says only what has happened.</summary>
    public DateTimeOffset? Standing { get; init; }

    /// <summary>Numbers of what it is about beside the subject, as people have them on paper: it is found by each of them. They are stored in clear, and not read back.</summary>
    public IReadOnlyList<string> Numbers { get; init; } = [];

    /// <summary>It is stored only where the log has none of its tenant, type and subject with a later <see cref="Standing"/>. It is not stored itself.</summary>
    public bool IfNewest { get; init; }
}
