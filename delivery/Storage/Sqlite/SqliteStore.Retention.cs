namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Erasing of the log.</summary>
public sealed partial class SqliteStore
{
    public ValueTask<LogRange?> FirstRangeAsync(int max, CancellationToken cancellation) => ReadAsync(db => RetentionRows.First(db, max), cancellation);

    public ValueTask<bool> EraseAsync(LogRange range, CancellationToken cancellation) => WriteAsync(db => RetentionRows.Erase(db, range), cancellation);

    public ValueTask<long> ErasedUpToAsync(string tenant, CancellationToken cancellation) => ReadAsync(db => RetentionRows.UpTo(db, tenant), cancellation);
}
