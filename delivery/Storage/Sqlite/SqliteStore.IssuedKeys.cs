namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>API keys issued at run time.</summary>
public sealed partial class SqliteStore
{
    public async ValueTask<ReadOnlyMemory<byte>> KeySecretAsync(CancellationToken cancellation) => await WriteAsync(IssuedKeys.Secret, cancellation);

    public ValueTask<bool> IssueKeyAsync(IssuedKey key, IssuedKey? replaced, AuditRecord audit, CancellationToken cancellation) => WriteAsync(db =>
    {
        if ((replaced is not null && !IssuedKeyRows.IsAsRead(db, replaced)) || !IssuedKeyRows.Add(db, key)) return false;
        if (replaced is not null) IssuedKeyRows.Change(db, replaced);
        Audit.Append(db, audit);
        return true;
    }, cancellation);

    public ValueTask<bool> ChangeKeyAsync(IssuedKey key, AuditRecord audit, CancellationToken cancellation) => WriteAsync(db =>
    {
        if (!IssuedKeyRows.Change(db, key)) return false;
        Audit.Append(db, audit);
        return true;
    }, cancellation);

    public async ValueTask<IReadOnlyList<IssuedKey>> KeysChangedAsync(long after, int max, CancellationToken cancellation) =>
        await ReadAsync(db => IssuedKeyRows.Changed(db, after, max), cancellation);

    public async ValueTask NoteUseAsync(IReadOnlyCollection<KeyValuePair<string, DateTimeOffset>> used, CancellationToken cancellation) => await WriteAsync(db =>
    {
        foreach (var (id, at) in used) IssuedKeyRows.Use(db, id, at);
        return true;
    }, cancellation);
}
