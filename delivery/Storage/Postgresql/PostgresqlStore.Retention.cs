namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Erasing of the log.</summary>
public sealed partial class PostgresqlStore
{
    public async ValueTask<LogRange?> FirstRangeAsync(int max, CancellationToken cancellation)
    {
        var after = (await FindCursorAsync(LogRange.Cursor, cancellation)).Position;
        var types = await AllAsync(RetentionRows.Range(after, max), row => (Position: row.GetInt64(0), Type: row.GetString(1), Latest: row.Time(2)), cancellation);
        return types.Count == 0 ? null : new LogRange(after, types.Max(t => t.Position), types.ToDictionary(t => t.Type, t => t.Latest));
    }

    public ValueTask<bool> EraseAsync(LogRange range, CancellationToken cancellation) => _db.TransactAsync(async connection =>
    {
        var cursor = await connection.FirstAsync(EventRows.FindCursor(LogRange.Cursor), row => new Cursor(row.GetInt64(0), row.GetInt32(1)), CancellationToken.None);
        if (cursor.Position != range.After || (await connection.RunAsync(EventRows.MoveCursor(LogRange.Cursor, cursor.Version, range.UpTo)))[0] == 0) return false;
        await connection.RunAsync(RetentionRows.Keys(range), RetentionRows.Tenants(range), RetentionRows.Erase(range), RetentionRows.Numbers(range), RetentionRows.Deliveries(range));
        return true;
    }, cancellation);

    public ValueTask<long> ErasedUpToAsync(string tenant, CancellationToken cancellation) => FirstAsync(RetentionRows.UpTo(tenant), row => row.GetInt64(0), cancellation);
}
