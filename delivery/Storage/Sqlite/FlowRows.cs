using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Tables <c>flow_instances</c> and <c>flow_definitions</c>. What is open is less than 4 (<see cref="FlowState.Done"/>).</summary>
internal sealed class FlowRows(Payloads payloads)
{
    private const string Plain =
        "i.id, i.tenant, i.flow, i.key, i.revision, i.shard, i.state, i.stage, i.stage_since, i.wake_at, i.heard, i.backend, i.urgency, i.promised_at, i.owner, i.lease_until, i.version, "
        + "i.created_at, i.ended_at, i.reason, i.correlation_id, i.trace_parent";

    private const string Columns = Plain + ", i.body";

    private const string BeginSql =
        """
        INSERT INTO flow_instances (id, tenant, flow, key, revision, shard, state, stage, stage_since, wake_at, heard, backend, urgency, promised_at, owner, lease_until, version,
            created_at, ended_at, reason, correlation_id, trace_parent, body)
        VALUES ($id, $tenant, $flow, $key, $revision, $shard, $state, $stage, $stageSince, $wakeAt, 0, $backend, $urgency, $promisedAt, $owner, $leaseUntil, 1,
            $createdAt, $endedAt, $reason, $correlationId, $traceParent, $body)
        ON CONFLICT (id) DO NOTHING
        """;

    // What came since it was read is not lost, though the save knows nothing of it.
    private const string SaveSql =
        """
        UPDATE flow_instances SET revision = $revision, shard = $shard, state = $state, stage = $stage, stage_since = $stageSince,
            wake_at = CASE WHEN heard > $heard AND $state < 4 THEN min(coalesce($wakeAt, $now), $now) ELSE $wakeAt END,
            backend = $backend, urgency = $urgency, promised_at = $promisedAt, owner = $owner, lease_until = $leaseUntil, version = version + 1,
            created_at = $createdAt, ended_at = $endedAt, reason = $reason, correlation_id = $correlationId, trace_parent = $traceParent, body = coalesce($body, body)
        WHERE id = $id AND version = $version
        """;

    private const string WakeSql = "UPDATE flow_instances SET heard = heard + 1, wake_at = min(coalesce(wake_at, $now), $now) WHERE id = $id AND state < 4";

    private const string ShardsOf = "SELECT value FROM json_each($shards)";

    // So many of each shard, by the index alone; of all these the first. Those that are leased are as many as are worked on.
    internal const string DueSql =
        $"""
        SELECT {Columns} FROM (
            SELECT row, wake_at FROM (
                SELECT d.row, d.wake_at FROM json_each($shards) s JOIN flow_instances d ON d.row IN (
                    SELECT row FROM flow_instances INDEXED BY flow_instances_due
                    WHERE shard = s.value AND wake_at IS NOT NULL AND lease_until IS NULL AND wake_at <= $until ORDER BY wake_at LIMIT $max)
                UNION ALL
                SELECT row, wake_at FROM flow_instances INDEXED BY flow_instances_leased
                WHERE lease_until IS NOT NULL AND (owner IS NOT $owner OR lease_until <= $now) AND wake_at <= $until AND shard IN ({ShardsOf}))
            ORDER BY wake_at, row LIMIT $max) first
        JOIN flow_instances i ON i.row = first.row ORDER BY first.wake_at, first.row
        """;

    internal const string NextSql =
        $"""
        SELECT min(at) FROM (
            SELECT (SELECT wake_at FROM flow_instances INDEXED BY flow_instances_due
                WHERE shard = s.value AND wake_at IS NOT NULL AND lease_until IS NULL ORDER BY wake_at LIMIT 1) AS at FROM json_each($shards) s
            UNION ALL
            SELECT max(wake_at, lease_until) FROM flow_instances INDEXED BY flow_instances_leased WHERE lease_until IS NOT NULL AND shard IN ({ShardsOf}))
        """;

    internal const string WaitingSql =
        $"""
        SELECT {Columns} FROM (
            SELECT d.row, d.urgency, d.created_at FROM json_each($shards) s JOIN flow_instances d ON d.row IN (
                SELECT row FROM flow_instances INDEXED BY flow_instances_waiting
                WHERE backend = $backend AND shard = s.value ORDER BY urgency, created_at LIMIT $max)
            ORDER BY d.urgency, d.created_at, d.row LIMIT $max) first
        JOIN flow_instances i ON i.row = first.row ORDER BY first.urgency, first.created_at, first.row
        """;

    internal const string FindSql = $"SELECT {Columns} FROM flow_instances i WHERE i.id = $id";

    internal const string CountsSql =
        """
        SELECT flow, state, stage, count(*), min(stage_since), coalesce(sum(promised_at < $now), 0) FROM flow_instances INDEXED BY flow_instances_stages
        WHERE state < 4 GROUP BY flow, state, stage ORDER BY flow, state, stage
        """;

    internal const string RevisionsSql = "SELECT DISTINCT flow, revision FROM flow_instances INDEXED BY flow_instances_revisions WHERE state < 4";

    private const string Matching =
        """
        AND ($flow IS NULL OR i.flow = $flow) AND ($tenant IS NULL OR i.tenant = $tenant) AND ($state IS NULL OR i.state = $state) AND ($open = 0 OR i.state < 4)
        AND ($step IS NULL OR $step <> '' AND instr($step, ' ') = 0 AND instr(' ' || i.stage || ' ', ' ' || $step || ' ') > 0)
        AND ($figure IS NULL OR EXISTS (SELECT 1 FROM flow_figures WHERE figure = $figure AND instance = i.id))
        AND ($revision IS NULL OR i.revision = $revision) AND ($before IS NULL OR i.stage_since < $before) AND ($promisedBefore IS NULL OR i.promised_at < $promisedBefore)
        ORDER BY i.created_at DESC, i.row DESC LIMIT $max
        """;

    private const string KeepSql = "INSERT INTO flow_definitions (flow, revision, document, at) VALUES ($flow, $revision, $document, $at) ON CONFLICT DO NOTHING";

    private const string DefinitionSql = "SELECT flow, revision, document, at FROM flow_definitions WHERE flow = $flow AND revision = $revision";

    private static readonly string AllShards = Shards([.. Enumerable.Range(0, FlowInstance.Shards)]);

    /// <summary>False where one of its id is there.</summary>
    public static bool Begin(Session db, SealedFlow begun) => Of(db.Command(BeginSql), begun).Run() > 0;

    /// <summary>False where its version has changed.</summary>
    public static bool Save(Session db, SealedFlow saved, DateTimeOffset now) =>
        Of(db.Command(SaveSql), saved).Bind("$version", saved.Instance.Version).Bind("$heard", saved.Instance.Heard).Bind("$now", now).Run() > 0;

    /// <summary>It is due at once, unless it has ended.</summary>
    public static void Wake(Session db, string id, DateTimeOffset now) => db.Command(WakeSql).Bind("$id", id).Bind("$now", now).Run();

    public List<FlowInstance> Due(Session db, DateTimeOffset until, DateTimeOffset now, string owner, IReadOnlyList<int>? shards, int max) => db.Command(DueSql)
        .Bind("$until", until).Bind("$now", now).Bind("$owner", owner).Bind("$shards", Shards(shards)).Bind("$max", max).All(Read);

    public static DateTimeOffset? Next(Session db, IReadOnlyList<int>? shards)
    {
        using var row = db.Command(NextSql).Bind("$shards", Shards(shards)).ExecuteReader();
        return row.Read() ? row.TimeOrNull(0) : null;
    }

    public List<FlowInstance> Waiting(Session db, string backend, IReadOnlyList<int>? shards, int max) =>
        db.Command(WaitingSql).Bind("$backend", backend).Bind("$shards", Shards(shards)).Bind("$max", max).All(Read);

    public FlowInstance? Find(Session db, string id) => db.Command(FindSql).Bind("$id", id).First(Read);

    public static List<FlowInstance> List(Session db, FlowFilter filter, int max) => db.Command(ListSql(filter))
        .Bind("$flow", filter.Flow).Bind("$tenant", filter.Tenant).Bind("$state", (int?)filter.State).Bind("$open", filter.Open ? 1 : 0).Bind("$step", filter.Step).Bind("$revision", filter.Revision)
        .Bind("$before", filter.Before).Bind("$promisedBefore", filter.PromisedBefore).Bind("$ref", filter.Ref is { } value ? FoundBy.Of(value) : null).Bind("$figure", filter.Figure).Bind("$max", max)
        .All(ReadPlain);

    public static List<FlowCount> Counts(Session db, DateTimeOffset now) => db.Command(CountsSql).Bind("$now", now)
        .All(row => new FlowCount(row.GetString(0), (FlowState)row.GetInt32(1), row.GetString(2), row.GetInt64(3), row.Time(4), row.GetInt64(5)));

    public static List<(string Flow, string Revision)> Revisions(Session db) => db.Command(RevisionsSql).All(row => (row.GetString(0), row.GetString(1)));

    public static void Keep(Session db, FlowDefinition kept) => db.Command(KeepSql)
        .Bind("$flow", kept.Flow).Bind("$revision", kept.Revision).Bind("$document", kept.Document.ToArray()).Bind("$at", kept.At).Run();

    public static FlowDefinition? Definition(Session db, string flow, string revision) => db.Command(DefinitionSql)
        .Bind("$flow", flow).Bind("$revision", revision).First(row => new FlowDefinition(row.GetString(0), row.GetString(1), row.Bytes(2), row.Time(3)));

    /// <summary>By what is asked for most closely: the index is named where the planner, without statistics, could take another.</summary>
    internal static string ListSql(FlowFilter filter)
    {
        var among = filter switch
        {
            { Ref: not null } => "flow_instances i WHERE i.id IN (SELECT instance FROM flow_refs WHERE value = $ref)",
            { Figure: not null } => "flow_instances i WHERE i.id IN (SELECT instance FROM flow_figures WHERE figure = $figure)",
            { State: not null } => "flow_instances i INDEXED BY flow_instances_state WHERE i.state = $state",
            { Open: true } => "flow_instances i INDEXED BY flow_instances_open WHERE i.state < 4",
            _ => "flow_instances i INDEXED BY flow_instances_newest WHERE true",
        };
        return $"SELECT {Plain} FROM {among} {Matching}";
    }

    private static string Shards(IReadOnlyList<int>? shards) => shards is null ? AllShards : $"[{string.Join(',', shards)}]";

    private static SqliteCommand Of(SqliteCommand command, SealedFlow flow)
    {
        var instance = flow.Instance;
        return command
            .Bind("$id", instance.Id).Bind("$tenant", instance.Tenant).Bind("$flow", instance.Flow).Bind("$key", instance.Key).Bind("$revision", instance.Revision)
            .Bind("$shard", instance.Shard).Bind("$state", (int)instance.State).Bind("$stage", instance.Stage).Bind("$stageSince", instance.StageSince)
            .Bind("$wakeAt", instance.WakeAt).Bind("$backend", instance.Backend).Bind("$urgency", instance.Urgency).Bind("$promisedAt", instance.PromisedAt)
            .Bind("$owner", instance.Owner).Bind("$leaseUntil", instance.LeaseUntil).Bind("$createdAt", instance.CreatedAt).Bind("$endedAt", instance.EndedAt)
            .Bind("$reason", instance.Reason).Bind("$correlationId", instance.CorrelationId).Bind("$traceParent", instance.TraceParent).Bind("$body", flow.Body);
    }

    private FlowInstance Read(SqliteDataReader row) => SealedFlow.Open(ReadPlain(row), row.BytesOrNull(22), payloads);

    private static FlowInstance ReadPlain(SqliteDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4))
    {
        Shard = row.GetInt32(5),
        State = (FlowState)row.GetInt32(6),
        Stage = row.GetString(7),
        StageSince = row.Time(8),
        WakeAt = row.TimeOrNull(9),
        Heard = row.GetInt32(10),
        Backend = row.TextOrNull(11),
        Urgency = row.GetInt64(12),
        PromisedAt = row.TimeOrNull(13),
        Owner = row.TextOrNull(14),
        LeaseUntil = row.TimeOrNull(15),
        Version = row.GetInt32(16),
        CreatedAt = row.Time(17),
        EndedAt = row.TimeOrNull(18),
        Reason = row.TextOrNull(19),
        CorrelationId = row.TextOrNull(20),
        TraceParent = row.TextOrNull(21),
    };
}
