using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Table <c>intents</c>.</summary>
internal sealed partial class IntentRows(Payloads payloads, NodeTime time)
{
    private const string Columns =
        "id, tenant, consumer, route, backend, operation, external_id, fingerprint, idempotency_key, keep_key_for, object_id, canonical, input, "
        + $"correlation_id, trace_parent, revision, created_at, over_at - {NodeTime.Clock}, lease_owner, lease_until - {NodeTime.Clock}, version, state, result, path, sealed_path, lane, urgency, due_at - {NodeTime.Clock}, record";

    // Only with its key, where it has one; and only where its reference is free: the index decides, and waits for who came before.
    private const string InsertSql =
        $"""
        INSERT INTO intents (id, tenant, consumer, route, backend, operation, external_id, fingerprint, idempotency_key, keep_key_for, object_id, canonical, input,
            correlation_id, trace_parent, revision, created_at, over_at, lease_owner, lease_until, version, state, path, sealed_path, lane, urgency, due_at, place, closed_by, record)
        SELECT @id, @tenant, @consumer, @route, @backend, @operation, @externalId, @fingerprint, @key, @keepKeyFor, @objectId, @canonical, @input,
            @correlationId, @traceParent, @revision, @createdAt, {NodeTime.Clock} + @over, @leaseOwner, {NodeTime.Clock} + @lease, @version, @state, '', @path,
            @lane, @urgency, {NodeTime.Clock} + @due, CASE WHEN @lane IS NULL THEN NULL ELSE nextval('intents_places') END, @by, @record
        WHERE @key IS NULL OR EXISTS (SELECT 1 FROM keys WHERE tenant = @tenant AND route = @route AND key = @key AND intent_id = @id)
        ON CONFLICT DO NOTHING
        """;

    private const string HolderSql = $"SELECT {Columns} FROM intents WHERE backend = @backend AND external_id = @externalId AND state IN (0, 1, 4)";

    private const string ChangingSql = $"SELECT {Columns} FROM intents WHERE tenant = @tenant AND object_id = @objectId AND state = 0";

    private const string BusySql = $"SELECT {Columns} FROM intents WHERE backend = @backend AND record = @record AND state = 0";

    private const string FindSql = $"SELECT {Columns} FROM intents WHERE id = @id";

    private const string SucceedSql =
        $"""
        UPDATE intents SET state = 1, result = @result, closed_at = {NodeTime.Clock}, closed_by = @by, version = version + 1
        WHERE id = @id AND state = 0
        """;

    private const string UndoSql =
        """
        UPDATE intents SET state = 6, version = version + 1
        WHERE tenant = @tenant AND object_id = @objectId AND backend = @backend AND external_id = @externalId AND state = 1 AND
        """;

    private const string CloseSql =
        $"""
        UPDATE intents SET state = @state, reason = @reason, closed_at = {NodeTime.Clock}, closed_by = @by, version = version + 1
        WHERE id = @id AND state IN (0, 4) AND version = @version
        """;

    private const string AbandonedSql =
        $"SELECT {Columns} FROM intents WHERE state = 0 AND lease_until + @margin <= {NodeTime.Clock} ORDER BY created_at LIMIT @max";

    private const string ByStateSql = $"SELECT {Columns} FROM intents WHERE @state IS NULL OR state = @state ORDER BY created_at DESC LIMIT @max";

    // Nobody can tell of an owner whose lease lasts whether it lives.
    private const string LeaseSql =
        $"""
        UPDATE intents SET lease_owner = @owner, lease_until = {NodeTime.Clock} + @lease, over_at = {NodeTime.Clock} + @over, version = version + 1
        WHERE id = @id AND state = 0 AND version = @version AND (lease_owner = @owner OR lease_until + @margin <= {NodeTime.Clock})
        """;

    /// <summary>Beyond a lease, for clocks that run at slightly different speeds, and a node that has just not said that it goes on.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    /// <param name="by">The write that stores it, where statements behind it depend on that.</param>
    public NpgsqlBatchCommand Insert(Intent intent, byte[] canonical, byte[] input, byte[] path, string? by = null) => time.Now(Statements.Of(InsertSql))
        .Bind("id", intent.Id).Bind("tenant", intent.Tenant).Bind("consumer", intent.Consumer).Bind("route", intent.Route)
        .Bind("backend", intent.Backend).Bind("operation", intent.Operation).Bind("externalId", intent.ExternalId)
        .Bind("fingerprint", intent.Fingerprint).Bind("key", intent.Key).Bind("keepKeyFor", intent.KeepKeyFor.Ticks)
        .Bind("objectId", intent.ObjectId).Bind("canonical", canonical).Bind("input", input)
        .Bind("correlationId", intent.CorrelationId).Bind("traceParent", intent.TraceParent).Bind("revision", intent.Revision)
        .Bind("createdAt", intent.CreatedAt).Bind("over", time.Until(intent.OverAt))
        .Bind("leaseOwner", intent.LeaseOwner).Bind("lease", time.Until(intent.LeaseUntil)).Bind("version", intent.Version)
        .Bind("path", path).Bind("state", (int)intent.State).Bind("by", by)
        .Bind("lane", intent.Line?.Lane).Bind("urgency", intent.Line?.Urgency).Bind("due", time.Until(intent.Line?.DueAt))
        .Bind("record", intent.Record);

    /// <summary>The intent, waiting, open or succeeded, that holds an external id.</summary>
    public NpgsqlBatchCommand Holder(string backend, string externalId) =>
        time.Now(Statements.Of(HolderSql)).Bind("backend", backend).Bind("externalId", externalId);

    /// <summary>The open intent that makes or changes an object.</summary>
    public NpgsqlBatchCommand Changing(string tenant, string objectId) =>
        time.Now(Statements.Of(ChangingSql)).Bind("tenant", tenant).Bind("objectId", objectId);

    /// <summary>The open intent that changes a record of a backend.</summary>
    public NpgsqlBatchCommand Busy(string backend, string record) =>
        time.Now(Statements.Of(BusySql)).Bind("backend", backend).Bind("record", record);

    public NpgsqlBatchCommand Find(string id) => time.Now(Statements.Of(FindSql)).Bind("id", id);

    /// <summary>Closes an open intent as succeeded, whoever leases it: that the backend did the work is a fact.</summary>
    public NpgsqlBatchCommand Succeed(Intent intent, byte[] result, string by) =>
        time.Now(Statements.Of(SucceedSql)).Bind("id", intent.Id).Bind("result", result).Bind("by", by);

    /// <summary>The intent that made an object gives its external id free.</summary>
    public static NpgsqlBatchCommand Undo(OwnedObject ended, Guard guard) => guard.On(Statements.Of($"{UndoSql} {guard.Sql}"))
        .Bind("tenant", ended.Tenant).Bind("objectId", ended.Id).Bind("backend", ended.Backend).Bind("externalId", ended.ExternalId);

    /// <summary>
    /// Closes an open or waiting intent as refused or not done, if nobody has leased it since: whoever did may be sending it again.
    /// </summary>
    public NpgsqlBatchCommand Close(Intent intent, IntentState state, string? reason, string by) => time.Now(Statements.Of(CloseSql))
        .Bind("id", intent.Id).Bind("version", intent.Version).Bind("state", (int)state).Bind("reason", reason).Bind("by", by);

    public NpgsqlBatchCommand Abandoned(int max) => time.Now(Statements.Of(AbandonedSql)).Bind("margin", Margin.Ticks).Bind("max", max);

    public NpgsqlBatchCommand ByState(IntentState? state, int max) => time.Now(Statements.Of(ByStateSql)).Bind("state", (long?)state).Bind("max", max);

    public NpgsqlBatchCommand Lease(Intent intent, string owner, DateTimeOffset until) => time.Now(Statements.Of(LeaseSql))
        .Bind("id", intent.Id).Bind("version", intent.Version).Bind("owner", owner).Bind("margin", Margin.Ticks).Bind("lease", time.Until(until)).Bind("over", time.Until(intent.OverAt));

    public Intent Read(NpgsqlDataReader row) => Opened(Sealed(row), row);

    /// <summary>What can't be decrypted is told of the intent, so that one row does not hide the others.</summary>
    public Intent ReadAny(NpgsqlDataReader row)
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

    private Intent Opened(Intent intent, NpgsqlDataReader row) => intent with
    {
        Canonical = payloads.Open(PayloadKind.Canonical, row.Bytes(11)),
        Input = payloads.Open(PayloadKind.Input, row.Bytes(12)),
        Result = row.BytesOrNull(22) is { } result ? payloads.OpenResult(result) : null,
        Path = payloads.OpenPath(row.BytesOrNull(24), row.GetString(23)),
    };

    private Intent Sealed(NpgsqlDataReader row) => new()
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
        OverAt = time.Read(row, 17),
        LeaseOwner = row.GetString(18),
        LeaseUntil = time.Read(row, 19),
        Version = row.GetInt32(20),
        State = (IntentState)row.GetInt32(21),
        Line = row.TextOrNull(25) is { } lane ? new Line(lane, row.GetInt64(26), time.Read(row, 27)) : null,
        Record = row.TextOrNull(28),
    };
}
