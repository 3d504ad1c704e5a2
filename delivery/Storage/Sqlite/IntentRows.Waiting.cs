namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Intents that wait to be sent. A place in line is the row's number.</summary>
internal sealed partial class IntentRows
{
    // What stands before something more urgent is as urgent, so that by urgency and place a lane is in its order.
    private const string HurrySql = "UPDATE intents SET urgency = $urgency WHERE lane = $lane AND state = 4 AND urgency > $urgency";

    private const string LineUpSql =
        """
        UPDATE intents SET state = 4, lane = $lane, due_at = $dueAt, result = $result, version = version + 1,
            urgency = min($urgency, coalesce((SELECT min(o.urgency) FROM intents o WHERE o.lane = $lane AND o.state = 4), $urgency))
        WHERE id = $id AND state = 0 AND version = $version
        """;

    private const string WaitingSql =
        $"""
        SELECT {Columns} FROM intents w WHERE state = 4 AND backend = $backend AND due_at <= $now AND (result IS NULL) = $inLine
            AND NOT EXISTS (SELECT 1 FROM intents o WHERE o.lane = w.lane AND o.state = 0)
            AND NOT EXISTS (SELECT 1 FROM intents o WHERE o.lane = w.lane AND o.state = 4 AND o.row < w.row)
        """;

    private const string WaitingOfAllSql = WaitingSql + " ORDER BY urgency, row LIMIT $max";

    private const string WaitingOfOneSql = WaitingSql + " AND tenant = $tenant ORDER BY urgency, row LIMIT $max";

    // From one to the next by the index, however much of each there is.
    private const string TenantsSql =
        """
        WITH RECURSIVE waiting (tenant) AS (
            SELECT min(tenant) FROM intents WHERE state = 4 AND backend = $backend
            UNION ALL SELECT (SELECT min(i.tenant) FROM intents i WHERE i.state = 4 AND i.backend = $backend AND i.tenant > w.tenant) FROM waiting w WHERE w.tenant IS NOT NULL)
        SELECT tenant FROM waiting WHERE tenant IS NOT NULL
        """;

    private const string DispatchSql =
        """
        UPDATE intents SET state = 0, lease_owner = $owner, lease_until = $until, over_at = $overAt, input = coalesce($input, input), version = version + 1
        WHERE id = $id AND state = 4 AND version = $version
            AND NOT EXISTS (SELECT 1 FROM intents o WHERE o.lane = intents.lane AND o.state = 0)
            AND NOT EXISTS (SELECT 1 FROM intents o WHERE o.lane = intents.lane AND o.state = 4 AND o.row < intents.row)
            AND NOT EXISTS (SELECT 1 FROM intents o WHERE o.backend = intents.backend AND o.record = intents.record AND o.state = 0)
        """;

    private const string RejectSql =
        """
        UPDATE intents SET state = $state, result = $result, closed_at = $now, version = version + 1
        WHERE id = $id AND state IN (0, 4) AND version = $version AND lane IS NOT NULL
        """;

    private const string ReviseSql =
        """
        UPDATE intents SET state = $state, due_at = $now, result = CASE $state WHEN 4 THEN NULL ELSE result END, version = version + 1
        WHERE id = $id AND version = $version AND (state = 5 OR state = 4 AND $state = 4)
        """;

    private const string LaneSql = "SELECT id FROM intents WHERE lane = $lane AND state IN (0, 4) LIMIT 1";

    private const string AcceptedSql = $"SELECT {Columns} FROM intents WHERE tenant = $tenant AND object_id = $objectId AND lane IS NOT NULL ORDER BY row DESC LIMIT 1";

    private const string LinesSql =
        """
        SELECT backend, sum(waiting), min(oldest), sum(by_itself), sum(parked) FROM (
            SELECT backend, count(*) AS waiting, min(created_at) AS oldest, sum(result IS NOT NULL) AS by_itself, 0 AS parked FROM intents WHERE state = 4 GROUP BY backend
            UNION ALL SELECT backend, count(*), min(created_at), 0, 0 FROM intents WHERE state = 0 AND lane IS NOT NULL GROUP BY backend
            UNION ALL SELECT backend, 0, NULL, 0, count(*) FROM intents WHERE state = 5 GROUP BY backend)
        GROUP BY backend ORDER BY backend
        """;

    /// <summary>What stands in a lane is as urgent as what comes.</summary>
    public static void Hurry(Session db, Line line) => db.Command(HurrySql).Bind("$lane", line.Lane).Bind("$urgency", line.Urgency).Run();

    public static bool LineUp(Session db, Intent intent, byte[]? result) => db.Command(LineUpSql)
        .Bind("$result", result).Bind("$id", intent.Id).Bind("$version", intent.Version)
        .Bind("$lane", intent.Line!.Lane).Bind("$urgency", intent.Line.Urgency).Bind("$dueAt", intent.Line.DueAt).Run() > 0;

    public List<Intent> Waiting(Session db, string backend, string? tenant, Waiting which, DateTimeOffset now, int max)
    {
        var command = tenant is null ? db.Command(WaitingOfAllSql) : db.Command(WaitingOfOneSql).Bind("$tenant", tenant);
        return command.Bind("$backend", backend).Bind("$inLine", which == Gateway.Waiting.InLine ? 1 : 0).Bind("$now", now).Bind("$max", max).All(ReadAny);
    }

    public static List<string> Tenants(Session db, string backend) => db.Command(TenantsSql).Bind("$backend", backend).All(row => row.GetString(0));

    public static bool Dispatch(Session db, Intent intent, string owner, DateTimeOffset until, byte[]? input) => db.Command(DispatchSql)
        .Bind("$input", input)
        .Bind("$id", intent.Id).Bind("$version", intent.Version).Bind("$owner", owner).Bind("$until", until).Bind("$overAt", intent.OverAt).Run() > 0;

    public static bool Reject(Session db, Intent intent, IntentState state, byte[] result, DateTimeOffset now) => db.Command(RejectSql)
        .Bind("$id", intent.Id).Bind("$version", intent.Version).Bind("$state", (int)state).Bind("$result", result).Bind("$now", now).Run() > 0;

    public static bool Revise(Session db, Intent intent, IntentState next, DateTimeOffset now) => db.Command(ReviseSql)
        .Bind("$id", intent.Id).Bind("$version", intent.Version).Bind("$state", (int)next).Bind("$now", now).Run() > 0;

    public static bool IsBusy(Session db, string lane) => db.Command(LaneSql).Bind("$lane", lane).First(row => row.GetString(0)) is not null;

    public Intent? Accepted(Session db, string tenant, string objectId) =>
        db.Command(AcceptedSql).Bind("$tenant", tenant).Bind("$objectId", objectId).First(Read);

    public static List<LineCount> Lines(Session db) =>
        db.Command(LinesSql).All(row => new LineCount(row.GetString(0), row.GetInt64(1), row.TimeOrNull(2), row.GetInt64(3), row.GetInt64(4)));
}
