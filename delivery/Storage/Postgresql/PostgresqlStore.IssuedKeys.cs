using System.Security.Cryptography;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>API keys issued at run time.</summary>
public sealed partial class PostgresqlStore
{
    private const int SecretSize = 32;

    public async ValueTask<ReadOnlyMemory<byte>> KeySecretAsync(CancellationToken cancellation) =>
        await _db.WriteAsync(connection => SealedAsync(connection, PayloadKind.KeySecret, RandomNumberGenerator.GetBytes(SecretSize)), cancellation);

    public ValueTask<bool> IssueKeyAsync(IssuedKey key, IssuedKey? replaced, AuditRecord audit, CancellationToken cancellation) =>
        ChainedTransactAsync(async connection =>
        {
            if ((await connection.RunAsync(IssuedKeyRows.Count(), IssuedKeyRows.Add(key)))[1] == 0) return false;
            if (replaced is not null && (await connection.RunAsync(IssuedKeyRows.Count(), IssuedKeyRows.Alter(replaced)))[1] == 0) return false;
            await LinkAsync(connection, audit);
            return true;
        }, cancellation);

    public ValueTask<bool> ChangeKeyAsync(IssuedKey key, AuditRecord audit, CancellationToken cancellation) => ChainedTransactAsync(async connection =>
    {
        if ((await connection.RunAsync(IssuedKeyRows.Count(), IssuedKeyRows.Alter(key)))[1] == 0) return false;
        await LinkAsync(connection, audit);
        return true;
    }, cancellation);

    public async ValueTask<IReadOnlyList<IssuedKey>> KeysChangedAsync(long after, int max, CancellationToken cancellation) =>
        await AllAsync(IssuedKeyRows.Changed(after, max), IssuedKeyRows.Read, cancellation);

    public async ValueTask NoteUseAsync(IReadOnlyCollection<KeyValuePair<string, DateTimeOffset>> used, CancellationToken cancellation) =>
        await RunAsync([IssuedKeyRows.Use(used)], cancellation);
}
