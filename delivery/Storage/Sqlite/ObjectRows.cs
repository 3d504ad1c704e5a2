using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Table <c>objects</c>.</summary>
internal sealed class ObjectRows(Payloads payloads)
{
    // An operation on an object that exists completes with the same id: what it changed is kept, the day of its making too.
    private const string PutSql =
        """
        INSERT INTO objects (tenant, kind, id, backend, reference, external_id, canonical, created_at)
        VALUES ($tenant, $kind, $id, $backend, $reference, $externalId, $canonical, $createdAt)
        ON CONFLICT (tenant, kind, id) DO UPDATE SET
            backend = excluded.backend, reference = excluded.reference, external_id = excluded.external_id, canonical = excluded.canonical
        """;

    // What an intent's row has sealed already, under the same purpose, is not sealed again.
    private const string PutOfIntentSql =
        """
        INSERT INTO objects (tenant, kind, id, backend, reference, external_id, canonical, created_at)
        SELECT $tenant, $kind, $id, $backend, $reference, $externalId, canonical, $createdAt FROM intents WHERE id = $intent
        ON CONFLICT (tenant, kind, id) DO UPDATE SET
            backend = excluded.backend, reference = excluded.reference, external_id = excluded.external_id, canonical = excluded.canonical
        """;

    private const string FindSql =
        """
        SELECT tenant, kind, id, backend, reference, external_id, canonical, created_at
        FROM objects WHERE tenant = $tenant AND kind = $kind AND id = $id
        """;

    private const string OfSql =
        """
        SELECT tenant, kind, id, backend, reference, external_id, canonical, created_at
        FROM objects WHERE backend = $backend AND kind = $kind AND reference = $reference ORDER BY row
        """;

    public static void Put(Session db, OwnedObject owned, byte[] canonical) => Of(db.Command(PutSql), owned).Bind("$canonical", canonical).Run();

    /// <summary>The same for an object whose canonical form is the intent's.</summary>
    public static void Put(Session db, OwnedObject owned, Intent intent) => Of(db.Command(PutOfIntentSql), owned).Bind("$intent", intent.Id).Run();

    public OwnedObject? Find(Session db, string tenant, string kind, string id) =>
        db.Command(FindSql).Bind("$tenant", tenant).Bind("$kind", kind).Bind("$id", id).First(Read);

    /// <summary>Those that a backend calls so.</summary>
    public List<OwnedObject> Of(Session db, string backend, string kind, string reference) =>
        db.Command(OfSql).Bind("$backend", backend).Bind("$kind", kind).Bind("$reference", reference).All(Read);

    private static SqliteCommand Of(SqliteCommand command, OwnedObject owned) => command
        .Bind("$tenant", owned.Tenant).Bind("$kind", owned.Kind).Bind("$id", owned.Id).Bind("$backend", owned.Backend)
        .Bind("$reference", owned.Reference).Bind("$externalId", owned.ExternalId).Bind("$createdAt", owned.CreatedAt);

    private OwnedObject Read(SqliteDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5),
        payloads.Open(PayloadKind.Canonical, row.Bytes(6)), row.Time(7));
}
