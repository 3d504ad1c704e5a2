using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Tables <c>issued_keys</c> and <c>key_secret</c>.</summary>
internal sealed class IssuedKeyRows(Payloads payloads)
{
    private const string NextChange = "(SELECT coalesce(max(change), 0) + 1 FROM issued_keys)";

    private const string AddSql =
        $"""
        INSERT INTO issued_keys (id, tenant, consumer, hash, scopes, location, created_at, expires_at, revoked_at, replaced_by, last_used_at, change)
        VALUES ($id, $tenant, $consumer, $hash, $scopes, $location, $createdAt, $expiresAt, NULL, NULL, NULL, {NextChange})
        ON CONFLICT (id) DO NOTHING
        """;

    private const string ChangeSql =
        $"""
        UPDATE issued_keys SET expires_at = $expiresAt, revoked_at = $revokedAt, replaced_by = $replacedBy, change = {NextChange}
        WHERE id = $id AND change = $change
        """;

    private const string ChangedSql =
        """
        SELECT id, tenant, consumer, hash, scopes, location, created_at, expires_at, revoked_at, replaced_by, last_used_at, change
        FROM issued_keys WHERE change > $after ORDER BY change LIMIT $max
        """;

    private const string UseSql = "UPDATE issued_keys SET last_used_at = $at WHERE id = $id AND coalesce(last_used_at, 0) < $at";

    public static bool Add(Session db, IssuedKey key) => db.Command(AddSql)
        .Bind("$id", key.Id).Bind("$tenant", key.Tenant).Bind("$consumer", key.Consumer).Bind("$hash", key.Hash.ToArray())
        .Bind("$scopes", key.Scopes is { } scopes ? string.Join(' ', scopes) : null).Bind("$location", key.Location)
        .Bind("$createdAt", key.CreatedAt).Bind("$expiresAt", key.ExpiresAt).Run() > 0;

    public static bool Change(Session db, IssuedKey key) => db.Command(ChangeSql)
        .Bind("$id", key.Id).Bind("$change", key.Change)
        .Bind("$expiresAt", key.ExpiresAt).Bind("$revokedAt", key.RevokedAt).Bind("$replacedBy", key.ReplacedBy).Run() > 0;

    /// <summary>Whether nobody changed the key since it was read.</summary>
    public static bool IsAsRead(Session db, IssuedKey key) =>
        db.Command("SELECT id FROM issued_keys WHERE id = $id AND change = $change").Bind("$id", key.Id).Bind("$change", key.Change).First(row => row.GetString(0)) is not null;

    public static List<IssuedKey> Changed(Session db, long after, int max) => db.Command(ChangedSql).Bind("$after", after).Bind("$max", max).All(Read);

    public static void Use(Session db, string id, DateTimeOffset at) => db.Command(UseSql).Bind("$id", id).Bind("$at", at).Run();

    /// <summary>The secret; a new one where there is none yet.</summary>
    public byte[] Secret(Session db)
    {
        if (db.Command("SELECT sealed FROM key_secret").First(row => row.Bytes(0)) is { } known) return payloads.Open(PayloadKind.KeySecret, known);
        var secret = RandomNumberGenerator.GetBytes(32);
        db.Command("INSERT INTO key_secret (sealed) VALUES ($sealed)").Bind("$sealed", payloads.Seal(PayloadKind.KeySecret, secret)).Run();
        return secret;
    }

    private static IssuedKey Read(SqliteDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), row.Bytes(3))
    {
        Scopes = row.TextOrNull(4)?.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        Location = row.TextOrNull(5),
        CreatedAt = row.Time(6),
        ExpiresAt = row.TimeOrNull(7),
        RevokedAt = row.TimeOrNull(8),
        ReplacedBy = row.TextOrNull(9),
        LastUsedAt = row.TimeOrNull(10),
        Change = row.GetInt64(11),
    };
}
