using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>
/// Tables <c>flow_instances</c> and <c>flow_definitions</c>. What is open is less than 4 (<see cref="FlowState.Done"/>). When one is due and how long it is
/// leased is counted by the database's clock; what operators are shown is counted by the node's that wrote it.
/// </summary>
internal sealed class FlowRows(Payloads payloads, NodeTime time)
{
    private const string Plain =
        $"i.id, i.tenant, i.flow, i.key, i.revision, i.shard, i.state, i.stage, i.stage_since, i.wake_at - {NodeTime.Clock}, i.heard, i.backend, i.urgency, i.promised_at, i.owner, "
        + $"i.lease_until - {NodeTime.Clock}, i.version, i.created_at, i.ended_at, i.reason, i.correlation_id, i.trace_parent";

    private const string Columns = Plain + ", i.body";

    private const string BeginSql =
        $"""
        INSERT INTO flow_instances (id, tenant, flow, key, revision, shard, state, stage, stage_since, wake_at, heard, backend, urgency, promised_at, owner, lease_until, version,
            created_at, ended_at, reason, correlation_id, trace_parent, body, saved_by)
        SELECT @id, @tenant, @flow, @key, @revision, @shard, @state, @stage, @stageSince, {NodeTime.Clock} + @wake, 0, @backend, @urgency, @promisedAt, @owner, {NodeTime.Clock} + @lease, 1,
            @createdAt, @endedAt, @reason, @correlationId, @traceParent, @body, @saves
        WHERE
        """;

    private const string OnBegun = "\nON CONFLICT (id) DO NOTHING";

    // What came since it was read is not lost, though the save knows nothing of it.
    private const string SaveSql =
        $"""
        UPDATE flow_instances SET revision = @revision, shard = @shard, state = @state, stage = @stage, stage_since = @stageSince,
            wake_at = CASE WHEN heard > @heard AND @state < 4 THEN least({NodeTime.Clock} + @wake, {NodeTime.Clock}) ELSE {NodeTime.Clock} + @wake END,
            backend = @backend, urgency = @urgency, promised_at = @promisedAt, owner = @owner, lease_until = {NodeTime.Clock} + @lease, version = version + 1,
            created_at = @createdAt, ended_at = @endedAt, reason = @reason, correlation_id = @correlationId, trace_parent = @traceParent, body = coalesce(@body, body), saved_by = @saves
        WHERE id = @id AND version = @version
        """;

    /// <summary>What makes an instance due at once, in an UPDATE of those that are open.</summary>
    public const string Woken = $"heard = heard + 1, wake_at = least(wake_at, {NodeTime.Clock})";

    // So many of each shard, by the index alone; of all these the first. Those that are leased are as many as are worked on.
    private const string DueSql =
        $"""
        SELECT {Columns} FROM (
            SELECT id, wake_at FROM (
                SELECT d.id, d.wake_at FROM unnest(@shards) AS s (shard) CROSS JOIN LATERAL (
                    SELECT id, wake_at FROM flow_instances
                    WHERE shard = s.shard AND wake_at IS NOT NULL AND lease_until IS NULL AND wake_at <= {NodeTime.Clock} + @until ORDER BY wake_at, id LIMIT @max) d
                UNION ALL
                SELECT id, wake_at FROM flow_instances
                WHERE lease_until IS NOT NULL AND lease_until <= {NodeTime.Clock} - @margin AND wake_at <= {NodeTime.Clock} + @until AND shard = ANY (@shards)) due
            ORDER BY wake_at, id LIMIT @max) first
        JOIN flow_instances i ON i.id = first.id ORDER BY first.wake_at, first.id
        """;

    private const string NextSql =
        $"""
        SELECT min(at) - {NodeTime.Clock} FROM (
            SELECT d.wake_at AS at FROM unnest(@shards) AS s (shard) CROSS JOIN LATERAL (
                SELECT wake_at FROM flow_instances WHERE shard = s.shard AND wake_at IS NOT NULL AND lease_until IS NULL ORDER BY wake_at LIMIT 1) d
            UNION ALL
            SELECT greatest(wake_at, lease_until + @margin) FROM flow_instances WHERE lease_until IS NOT NULL AND wake_at IS NOT NULL AND shard = ANY (@shards)) next
        """;

    private const string WaitingSql =
        $"""
        SELECT {Columns} FROM (
            SELECT d.id, d.urgency, d.created_at FROM unnest(@shards) AS s (shard) CROSS JOIN LATERAL (
                SELECT id, urgency, created_at FROM flow_instances
                WHERE backend = @backend AND backend IS NOT NULL AND shard = s.shard ORDER BY urgency, created_at, id LIMIT @max) d
            ORDER BY d.urgency, d.created_at, d.id LIMIT @max) first
        JOIN flow_instances i ON i.id = first.id ORDER BY first.urgency, first.created_at, first.id
        """;

    private const string FindSql = $"SELECT {Columns} FROM flow_instances i WHERE i.id = @id";

    private const string CountsSql =
        """
        SELECT flow, state, stage, count(*), min(stage_since), count(*) FILTER (WHERE promised_at < @now) FROM flow_instances
        WHERE state < 4 GROUP BY flow, state, stage ORDER BY flow COLLATE "C", state, stage COLLATE "C"
        """;

    internal const string RevisionsSql = "SELECT DISTINCT flow, revision FROM flow_instances WHERE state < 4";

    private const string Matching =
        """
        AND (@flow IS NULL OR i.flow = @flow) AND (@tenant IS NULL OR i.tenant = @tenant)
        AND (@step IS NULL OR @step = ANY (string_to_array(i.stage, ' ')))
        AND (@figure IS NULL OR EXISTS (SELECT 1 FROM flow_figures f WHERE f.figure = @figure AND f.instance = i.id))
        AND (@revision IS NULL OR i.revision = @revision) AND (@before IS NULL OR i.stage_since < @before) AND (@promisedBefore IS NULL OR i.promised_at < @promisedBefore)
        ORDER BY i.created_at DESC, i.id DESC LIMIT @max
        """;

    private const string KeepSql = "INSERT INTO flow_definitions (flow, revision, document, at) VALUES (@flow, @revision, @document, @at) ON CONFLICT DO NOTHING";

    private const string DefinitionSql = "SELECT flow, revision, document, at FROM flow_definitions WHERE flow = @flow AND revision = @revision";

    private static readonly long[] AllShards = [.. Enumerable.Range(0, FlowInstance.Shards).Select(shard => (long)shard)];

    /// <summary>Changes one row, or none where one of its id is there.</summary>
    public NpgsqlBatchCommand Begin(SealedFlow begun, string by, Guard guard) => guard.On(Of($"{BeginSql} {guard.Sql}{OnBegun}", begun, by));

    /// <summary>Changes one row, or none where its version has changed.</summary>
    public NpgsqlBatchCommand Save(SealedFlow saved, string by) => Of(SaveSql, saved, by).Bind("version", saved.Instance.Version).Bind("heard", saved.Instance.Heard);

    public NpgsqlBatchCommand Due(DateTimeOffset until, IReadOnlyList<int>? shards, int max) => time.Now(Statements.Of(DueSql))
        .Bind("until", time.Until(until)).Bind("margin", IntentRows.Margin.Ticks).Bind("shards", Shards(shards)).Bind("max", max);

    public NpgsqlBatchCommand Next(IReadOnlyList<int>? shards) => time.Now(Statements.Of(NextSql)).Bind("margin", IntentRows.Margin.Ticks).Bind("shards", Shards(shards));

    public NpgsqlBatchCommand Waiting(string backend, IReadOnlyList<int>? shards, int max) =>
        time.Now(Statements.Of(WaitingSql)).Bind("backend", backend).Bind("shards", Shards(shards)).Bind("max", max);

    public NpgsqlBatchCommand Find(string id) => time.Now(Statements.Of(FindSql)).Bind("id", id);

    public NpgsqlBatchCommand List(FlowFilter filter, int max)
    {
        // Written out, so that the index of the open ones, or of one state, is used: also by a plan that is made for all values.
        var where = filter switch
        {
            { Ref: not null } => "i.id = ANY (ARRAY(SELECT instance FROM flow_refs WHERE value = @ref)) AND (@state IS NULL OR i.state = @state) AND (@open = 0 OR i.state < 4)",
            { Figure: not null } => "i.id = ANY (ARRAY(SELECT instance FROM flow_figures WHERE figure = @figure)) AND (@state IS NULL OR i.state = @state) AND (@open = 0 OR i.state < 4)",
            { State: { } state } => $"i.state = {(int)state} AND (@open = 0 OR i.state < 4)",
            { Open: true } => "i.state < 4",
            _ => "true",
        };
        return time.Now(Statements.Of($"SELECT {Plain} FROM flow_instances i WHERE {where} {Matching}"))
            .Bind("flow", filter.Flow).Bind("tenant", filter.Tenant).Bind("state", (long?)filter.State).Bind("open", filter.Open ? 1 : 0).Bind("step", filter.Step).Bind("revision", filter.Revision)
            .Bind("before", filter.Before).Bind("promisedBefore", filter.PromisedBefore).Bind("ref", filter.Ref is { } value ? FoundBy.Of(value) : null).Bind("figure", filter.Figure).Bind("max", max);
    }

    public static NpgsqlBatchCommand Counts(DateTimeOffset now) => Statements.Of(CountsSql).Bind("now", now);

    public static NpgsqlBatchCommand Revisions() => Statements.Of(RevisionsSql);

    public static NpgsqlBatchCommand Keep(FlowDefinition kept) =>
        Statements.Of(KeepSql).Bind("flow", kept.Flow).Bind("revision", kept.Revision).Bind("document", kept.Document.ToArray()).Bind("at", kept.At);

    public static NpgsqlBatchCommand Definition(string flow, string revision) => Statements.Of(DefinitionSql).Bind("flow", flow).Bind("revision", revision);

    public static FlowDefinition ReadDefinition(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.Bytes(2), row.Time(3));

    public static FlowCount ReadCount(NpgsqlDataReader row) => new(row.GetString(0), (FlowState)row.GetInt32(1), row.GetString(2), row.GetInt64(3), row.Time(4), row.GetInt64(5));

    public DateTimeOffset? ReadNext(NpgsqlDataReader row) => time.ReadOrNull(row, 0);

    public FlowInstance Read(NpgsqlDataReader row) => SealedFlow.Open(ReadPlain(row), row.BytesOrNull(22), payloads);

    public FlowInstance ReadPlain(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4))
    {
        Shard = row.GetInt32(5),
        State = (FlowState)row.GetInt32(6),
        Stage = row.GetString(7),
        StageSince = row.Time(8),
        WakeAt = time.ReadOrNull(row, 9),
        Heard = row.GetInt32(10),
        Backend = row.TextOrNull(11),
        Urgency = row.GetInt64(12),
        PromisedAt = row.TimeOrNull(13),
        Owner = row.TextOrNull(14),
        LeaseUntil = time.ReadOrNull(row, 15),
        Version = row.GetInt32(16),
        CreatedAt = row.Time(17),
        EndedAt = row.TimeOrNull(18),
        Reason = row.TextOrNull(19),
        CorrelationId = row.TextOrNull(20),
        TraceParent = row.TextOrNull(21),
    };

    private static long[] Shards(IReadOnlyList<int>? shards) => shards is null ? AllShards : [.. shards.Select(shard => (long)shard)];

    private NpgsqlBatchCommand Of(string sql, SealedFlow flow, string by)
    {
        var instance = flow.Instance;
        return time.Now(Statements.Of(sql))
            .Bind("id", instance.Id).Bind("tenant", instance.Tenant).Bind("flow", instance.Flow).Bind("key", instance.Key).Bind("revision", instance.Revision)
            .Bind("shard", instance.Shard).Bind("state", (int)instance.State).Bind("stage", instance.Stage).Bind("stageSince", instance.StageSince)
            .Bind("wake", time.Until(instance.WakeAt)).Bind("backend", instance.Backend).Bind("urgency", (long?)instance.Urgency).Bind("promisedAt", instance.PromisedAt)
            .Bind("owner", instance.Owner).Bind("lease", time.Until(instance.LeaseUntil)).Bind("createdAt", instance.CreatedAt).Bind("endedAt", instance.EndedAt)
            .Bind("reason", instance.Reason).Bind("correlationId", instance.CorrelationId).Bind("traceParent", instance.TraceParent).Bind("body", flow.Body).Bind("saves", by);
    }
}
