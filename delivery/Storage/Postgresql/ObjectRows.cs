using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Table <c>objects</c>.</summary>
internal sealed class ObjectRows(Payloads payloads)
{
    // An operation on an object that exists completes with the same id: what it changed is kept, the day of its making too.
    private const string OnConflict =
        """

        ON CONFLICT (tenant, kind, id) DO UPDATE SET
            backend = excluded.backend, reference = excluded.reference, external_id = excluded.external_id, canonical = excluded.canonical
        """;

    private const string PutSql =
        """
        INSERT INTO objects (tenant, kind, id, backend, reference, external_id, canonical, created_at)
        SELECT @tenant, @kind, @id, @backend, @reference, @externalId, @canonical, @createdAt WHERE
        """;

    // What an intent's row has sealed already, under the same purpose, is neither sealed nor sent again.
    private const string PutOfIntentSql =
        """
        INSERT INTO objects (tenant, kind, id, backend, reference, external_id, canonical, created_at)
        SELECT @tenant, @kind, @id, @backend, @reference, @externalId, made.canonical, @createdAt FROM intents made WHERE made.id = @intent AND
        """;

    private const string FindSql =
        """
        SELECT tenant, kind, id, backend, reference, external_id, canonical, created_at
        FROM objects WHERE tenant = @tenant AND kind = @kind AND id = @id
        """;

    private const string OfSql =
        """
        SELECT tenant, kind, id, backend, reference, external_id, canonical, created_at
        FROM objects WHERE backend = @backend AND kind = @kind AND reference = @reference ORDER BY created_at, tenant, id
        """;

    public static NpgsqlBatchCommand Put(OwnedObject owned, byte[] canonical, Guard guard) => Of(PutSql, owned, guard).Bind("canonical", canonical);

    /// <summary>The same for an object whose canonical form is the intent's.</summary>
    public static NpgsqlBatchCommand Put(OwnedObject owned, Intent intent, Guard guard) => Of(PutOfIntentSql, owned, guard).Bind("intent", intent.Id);

    public static NpgsqlBatchCommand Find(string tenant, string kind, string id) =>
        Statements.Of(FindSql).Bind("tenant", tenant).Bind("kind", kind).Bind("id", id);

    /// <summary>Those that a backend calls so.</summary>
    public static NpgsqlBatchCommand Of(string backend, string kind, string reference) =>
        Statements.Of(OfSql).Bind("backend", backend).Bind("kind", kind).Bind("reference", reference);

    public OwnedObject Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5),
        payloads.Open(PayloadKind.Canonical, row.Bytes(6)), row.Time(7));

    private static NpgsqlBatchCommand Of(string sql, OwnedObject owned, Guard guard) => guard.On(Statements.Of($"{sql} {guard.Sql}{OnConflict}"))
        .Bind("tenant", owned.Tenant).Bind("kind", owned.Kind).Bind("id", owned.Id).Bind("backend", owned.Backend)
        .Bind("reference", owned.Reference).Bind("externalId", owned.ExternalId).Bind("createdAt", owned.CreatedAt);
}
