using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Table <c>intents</c>.</summary>
internal sealed partial class IntentRows(Payloads payloads)
{
    private const string Columns =
        "id, tenant, consumer, route, backend, operation, external_id, fingerprint, idempotency_key, keep_key_for, object_id, canonical, input, "
        + "correlation_id, trace_parent, revision, created_at, over_at, lease_owner, lease_until, version, state, result, path, sealed_path, lane, urgency, due_at, record";

    private const string InsertSql =
        $"""
        INSERT INTO intents ({Columns}) VALUES ($id, $tenant, $consumer, $route, $backend, $operation, $externalId, $fingerprint, $key, $keepKeyFor,
            $objectId, $canonical, $input, $correlationId, $traceParent, $revision, $createdAt, $overAt, $leaseOwner, $leaseUntil, $version, $state, NULL, '', $path, $lane, $urgency, $dueAt, $record)
        """;

    private const string HolderSql = $"SELECT {Columns} FROM intents WHERE backend = $backend AND external_id = $externalId AND state IN (0, 1, 4)";

    private const string HolderIdSql = "SELECT id FROM intents WHERE backend = $backend AND external_id = $externalId AND state IN (0, 1, 4)";

    private const string ChangingSql = $"SELECT {Columns} FROM intents WHERE tenant = $tenant AND object_id = $objectId AND state = 0";

    private const string BusySql = $"SELECT {Columns} FROM intents WHERE backend = $backend AND record = $record AND state = 0";

    private const string FindSql = $"SELECT {Columns} FROM intents WHERE id = $id";

    private const string SucceedSql =
        "UPDATE intents SET state = 1, result = $result, closed_at = $now, version = version + 1 WHERE id = $id AND state = 0";

    private const string UndoSql =
        "UPDATE intents SET state = 6, version = version + 1 WHERE tenant = $tenant AND object_id = $objectId AND backend = $backend AND external_id = $externalId AND state = 1";

    private const string CloseSql =
        "UPDATE intents SET state = $state, reason = $reason, closed_at = $now, version = version + 1 WHERE id = $id AND state IN (0, 4) AND version = $version";

    private const string AbandonedSql =
        $"SELECT {Columns} FROM intents WHERE state = 0 AND (lease_owner <> $owner OR lease_until <= $now) ORDER BY created_at LIMIT $max";

    // Written out, so that the index of open intents is used.
    private const string OpenSql = $"SELECT {Columns} FROM intents WHERE state = 0 ORDER BY created_at DESC LIMIT $max";

    private const string ByStateSql = $"SELECT {Columns} FROM intents WHERE state = $state ORDER BY row DESC LIMIT $max";

    private const string NewestSql = $"SELECT {Columns} FROM intents ORDER BY row DESC LIMIT $max";

    private const string LeaseSql =
        "UPDATE intents SET lease_owner = $owner, lease_until = $until, over_at = $overAt, version = version + 1 WHERE id = $id AND state = 0 AND version = $version";

    public void Insert(Session db, Intent intent, byte[] canonical, byte[] input, byte[] path) => db.Command(InsertSql)
        .Bind("$id", intent.Id).Bind("$tenant", intent.Tenant).Bind("$consumer", intent.Consumer).Bind("$route", intent.Route)
        .Bind("$backend", intent.Backend).Bind("$operation", intent.Operation).Bind("$externalId", intent.ExternalId)
        .Bind("$fingerprint", intent.Fingerprint).Bind("$key", intent.Key).Bind("$keepKeyFor", intent.KeepKeyFor.Ticks)
        .Bind("$objectId", intent.ObjectId).Bind("$canonical", canonical).Bind("$input", input)
        .Bind("$correlationId", intent.CorrelationId).Bind("$traceParent", intent.TraceParent).Bind("$revision", intent.Revision)
        .Bind("$createdAt", intent.CreatedAt).Bind("$overAt", intent.OverAt)
        .Bind("$leaseOwner", intent.LeaseOwner).Bind("$leaseUntil", intent.LeaseUntil).Bind("$version", intent.Version)
        .Bind("$path", path).Bind("$state", (int)intent.State)
        .Bind("$lane", intent.Line?.Lane).Bind("$urgency", intent.Line?.Urgency).Bind("$dueAt", intent.Line?.DueAt)
        .Bind("$record", intent.Record)
        .Run();

    /// <summary>The intent, waiting, open or succeeded, that holds an external id.</summary>
    public Intent? Holder(Session db, string backend, string externalId) =>
        db.Command(HolderSql).Bind("$backend", backend).Bind("$externalId", externalId).First(Read);

    /// <summary>Of the intent, waiting, open or succeeded, that holds another's external id.</summary>
    public static string? HolderId(Session db, Intent intent) =>
        db.Command(HolderIdSql).Bind("$backend", intent.Backend).Bind("$externalId", intent.ExternalId).First(row => row.GetString(0));

    /// <summary>The open intent that makes or changes an object.</summary>
    public Intent? Changing(Session db, string tenant, string objectId) =>
        db.Command(ChangingSql).Bind("$tenant", tenant).Bind("$objectId", objectId).First(Read);

    /// <summary>The open intent that changes a record of a backend.</summary>
    public Intent? Changing(Session db, Intent intent) => intent.Record is null ? null
        : db.Command(BusySql).Bind("$backend", intent.Backend).Bind("$record", intent.Record).First(Read);

    public Intent? Find(Session db, string id) => db.Command(FindSql).Bind("$id", id).First(ReadAny);

    /// <summary>Closes an open intent as succeeded, whoever leases it: that the backend did the work is a fact.</summary>
    public static bool Succeed(Session db, string id, byte[] result, DateTimeOffset now) =>
        db.Command(SucceedSql).Bind("$id", id).Bind("$result", result).Bind("$now", now).Run() > 0;

    /// <summary>The intent that made an object gives its external id free.</summary>
    public static void Undo(Session db, OwnedObject ended) => db.Command(UndoSql)
        .Bind("$tenant", ended.Tenant).Bind("$objectId", ended.Id).Bind("$backend", ended.Backend).Bind("$externalId", ended.ExternalId).Run();

    /// <summary>
    /// Closes an open or waiting intent as refused or not done, if nobody has leased it since: whoever did may be sending it again.
    /// </summary>
    public static bool Close(Session db, Intent intent, IntentState state, string? reason, DateTimeOffset now) => db.Command(CloseSql)
        .Bind("$id", intent.Id).Bind("$version", intent.Version).Bind("$state", (int)state).Bind("$reason", reason).Bind("$now", now).Run() > 0;

    public List<Intent> Abandoned(Session db, string owner, DateTimeOffset now, int max) =>
        db.Command(AbandonedSql).Bind("$owner", owner).Bind("$now", now).Bind("$max", max).All(ReadAny);

    public List<Intent> ByState(Session db, IntentState? state, int max) => state switch
    {
        IntentState.Open => db.Command(OpenSql).Bind("$max", max).All(ReadAny),
        { } wanted => db.Command(ByStateSql).Bind("$state", (int)wanted).Bind("$max", max).All(ReadAny),
        null => db.Command(NewestSql).Bind("$max", max).All(ReadAny),
    };

    public static bool Lease(Session db, Intent intent, string owner, DateTimeOffset until) => db.Command(LeaseSql)
        .Bind("$id", intent.Id).Bind("$version", intent.Version).Bind("$owner", owner).Bind("$until", until).Bind("$overAt", intent.OverAt).Run() > 0;

    private Intent Read(SqliteDataReader row) => Opened(Sealed(row), row);

    /// <summary>What can't be decrypted is told of the intent, so that one row does not hide the others.</summary>
    private Intent ReadAny(SqliteDataReader row)
    {
        var intent = Sealed(row);
        try
        {
            return Opened(intent, row);
        }
        catch (StoreUnavailableException unreadable)
        {
            return intent with { Unreadable = unreadable.Message };
        }
    }

    private Intent Opened(Intent intent, SqliteDataReader row) => intent with
    {
        Canonical = payloads.Open(PayloadKind.Canonical, row.Bytes(11)),
        Input = payloads.Open(PayloadKind.Input, row.Bytes(12)),
        Result = row.BytesOrNull(22) is { } result ? payloads.OpenResult(result) : null,
        Path = payloads.OpenPath(row.BytesOrNull(24), row.GetString(23)),
    };

    private static Intent Sealed(SqliteDataReader row) => new()
    {
        Id = row.GetString(0),
        Tenant = row.GetString(1),
        Consumer = row.GetString(2),
        Route = row.GetString(3),
        Backend = row.GetString(4),
        Operation = row.GetString(5),
        ExternalId = row.GetString(6),
        Fingerprint = row.GetString(7),
        Key = row.TextOrNull(8),
        KeepKeyFor = row.Span(9),
        ObjectId = row.GetString(10),
        Canonical = default,
        Input = default,
        CorrelationId = row.GetString(13),
        TraceParent = row.TextOrNull(14),
        Revision = row.GetString(15),
        CreatedAt = row.Time(16),
        OverAt = row.Time(17),
        LeaseOwner = row.GetString(18),
        LeaseUntil = row.Time(19),
        Version = row.GetInt32(20),
        State = (IntentState)row.GetInt32(21),
        Line = row.TextOrNull(25) is { } lane ? new Line(lane, row.GetInt64(26), row.Time(27)) : null,
        Record = row.TextOrNull(28),
    };
}
