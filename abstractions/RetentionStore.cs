namespace Gateway;

/// <summary>
/// Erasing of the log, a range of positions at a time and never event by event. Sequences go on where they were, and what a delivery still needs stays
/// until somebody has decided about it. The part of <see cref="IStore"/> that is about it.
/// </summary>
public interface IRetentionStore
{
    /// <summary>
    /// The first events that are not erased, none of them before a reader's cursor has passed it; null where there are none. What it costs follows from
    /// <paramref name="max"/>, not from how long the log is.
    /// </summary>
    /// <param name="max">So many events at most.</param>
    ValueTask<LogRange?> FirstRangeAsync(int max, CancellationToken cancellation);

    /// <summary>Erases a range, and of those before it what no delivery needs any more: one transaction. False where somebody else was first.</summary>
    ValueTask<bool> EraseAsync(LogRange range, CancellationToken cancellation);

    /// <summary>The position of the last event of a tenant that was erased; 0 where none was.</summary>
    ValueTask<long> ErasedUpToAsync(string tenant, CancellationToken cancellation);
}

/// <summary>A range of the log.</summary>
/// <param name="After">The position before its first event.</param>
/// <param name="UpTo">The position of its last event.</param>
/// <param name="Latest">When the latest event of each type in it happened.</param>
public sealed record LogRange(long After, long UpTo, IReadOnlyDictionary<string, DateTimeOffset> Latest)
{
    /// <summary>Name of the cursor that tells how far the log is erased.</summary>
    public const string Cursor = "erased";
}
