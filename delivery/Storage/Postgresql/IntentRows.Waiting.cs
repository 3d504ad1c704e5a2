using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Intents that wait to be sent. Who may send is decided by the row's version, and in a lane by an index that takes one open row.</summary>
internal sealed partial class IntentRows
{
    // What stands before something more urgent is as urgent, so that by urgency and place a lane is in its order.
    private const string HurrySql = "UPDATE intents SET urgency = @urgency WHERE lane = @lane AND state = 4 AND urgency > @urgency AND ";

    private const string LineUpSql =
        $"""
        UPDATE intents SET state = 4, lane = @lane, due_at = {NodeTime.Clock} + @due, result = @result, version = version + 1, closed_by = @by,
            place = coalesce(place, nextval('intents_places')),
            urgency = least(@urgency, (SELECT min(o.urgency) FROM intents o WHERE o.lane = @lane AND o.state = 4))
        WHERE id = @id AND state = 0 AND version = @version
        """;

    private const string WaitingSql =
        $"""
        SELECT {Columns} FROM intents w WHERE state = 4 AND backend = @backend AND due_at <= {NodeTime.Clock} AND (result IS NULL) = (@inLine = 1)
            AND NOT EXISTS (SELECT 1 FROM intents o WHERE o.lane = w.lane AND o.state = 0)
            AND NOT EXISTS (SELECT 1 FROM intents o WHERE o.lane = w.lane AND o.state = 4 AND o.place < w.place)
        """;

    private const string WaitingOfAllSql = WaitingSql + " ORDER BY urgency, place LIMIT @max";

    private const string WaitingOfOneSql = WaitingSql + " AND tenant = @tenant ORDER BY urgency, place LIMIT @max";

    // From one to the next by the index, however much of each there is.
    private const string TenantsSql =
        """
        WITH RECURSIVE waiting (tenant) AS (
            SELECT min(tenant) FROM intents WHERE state = 4 AND backend = @backend
            UNION ALL SELECT (SELECT min(i.tenant) FROM intents i WHERE i.state = 4 AND i.backend = @backend AND i.tenant > w.tenant) FROM waiting w WHERE w.tenant IS NOT NULL)
        SELECT tenant FROM waiting WHERE tenant IS NOT NULL
        """;

    private const string DispatchSql =
        $"""
        UPDATE intents SET state = 0, lease_owner = @owner, lease_until = {NodeTime.Clock} + @lease, over_at = {NodeTime.Clock} + @over,
            input = coalesce(@input, input), version = version + 1
        WHERE id = @id AND state = 4 AND version = @version
            AND NOT EXISTS (SELECT 1 FROM intents o WHERE o.lane = intents.lane AND o.state = 0)
            AND NOT EXISTS (SELECT 1 FROM intents o WHERE o.lane = intents.lane AND o.state = 4 AND o.place < intents.place)
            AND NOT EXISTS (SELECT 1 FROM intents o WHERE o.backend = intents.backend AND o.record = intents.record AND o.state = 0)
        """;

    private const string RejectSql =
        $"""
        UPDATE intents SET state = @state, result = @result, closed_at = {NodeTime.Clock}, closed_by = @by, version = version + 1
        WHERE id = @id AND state IN (0, 4) AND version = @version AND lane IS NOT NULL
        """;

    private const string ReviseSql =
        $"""
        UPDATE intents SET state = @state, due_at = {NodeTime.Clock}, result = CASE WHEN @state = 4 THEN NULL ELSE result END, closed_by = @by, version = version + 1
        WHERE id = @id AND version = @version AND (state = 5 OR state = 4 AND @state = 4)
        """;

    private const string LaneSql = "SELECT 1 FROM intents WHERE lane = @lane AND state IN (0, 4) LIMIT 1";

    private const string AcceptedSql = $"SELECT {Columns} FROM intents WHERE tenant = @tenant AND object_id = @objectId AND lane IS NOT NULL ORDER BY place DESC LIMIT 1";

    private const string LinesSql =
        """
        SELECT backend, sum(waiting)::bigint, min(oldest), sum(by_itself)::bigint, sum(parked)::bigint FROM (
            SELECT backend, count(*) AS waiting, min(created_at) AS oldest, count(result) AS by_itself, 0 AS parked FROM intents WHERE state = 4 GROUP BY backend
            UNION ALL SELECT backend, count(*), min(created_at), 0, 0 FROM intents WHERE state = 0 AND lane IS NOT NULL GROUP BY backend
            UNION ALL SELECT backend, 0, NULL, 0, count(*) FROM intents WHERE state = 5 GROUP BY backend) lines
        GROUP BY backend ORDER BY backend
        """;

    /// <summary>What stands in a lane is as urgent as what comes.</summary>
    public static NpgsqlBatchCommand Hurry(Line line, Guard guard) =>
        guard.On(Statements.Of(HurrySql + guard.Sql)).Bind("lane", line.Lane).Bind("urgency", line.Urgency);

    public NpgsqlBatchCommand LineUp(Intent intent, byte[]? result, string by) => time.Now(Statements.Of(LineUpSql))
        .Bind("result", result)
        .Bind("id", intent.Id).Bind("version", intent.Version).Bind("by", by)
        .Bind("lane", intent.Line!.Lane).Bind("urgency", intent.Line.Urgency).Bind("due", time.Until(intent.Line.DueAt));

    public NpgsqlBatchCommand Waiting(string backend, string? tenant, Waiting which, int max)
    {
        var command = time.Now(Statements.Of(tenant is null ? WaitingOfAllSql : WaitingOfOneSql));
        if (tenant is not null) command.Bind("tenant", tenant);
        return command.Bind("backend", backend).Bind("inLine", which == Gateway.Waiting.InLine ? 1 : 0).Bind("max", max);
    }

    public static NpgsqlBatchCommand Tenants(string backend) => Statements.Of(TenantsSql).Bind("backend", backend);

    public NpgsqlBatchCommand Dispatch(Intent intent, string owner, DateTimeOffset until, byte[]? input) => time.Now(Statements.Of(DispatchSql))
        .Bind("input", input)
        .Bind("id", intent.Id).Bind("version", intent.Version).Bind("owner", owner).Bind("lease", time.Until(until)).Bind("over", time.Until(intent.OverAt));

    public NpgsqlBatchCommand Reject(Intent intent, IntentState state, byte[] result, string by) => time.Now(Statements.Of(RejectSql))
        .Bind("id", intent.Id).Bind("version", intent.Version).Bind("state", (int)state).Bind("result", result).Bind("by", by);

    public NpgsqlBatchCommand Revise(Intent intent, IntentState next, string by) => time.Now(Statements.Of(ReviseSql))
        .Bind("id", intent.Id).Bind("version", intent.Version).Bind("state", (int)next).Bind("by", by);

    public static NpgsqlBatchCommand Lane(string lane) => Statements.Of(LaneSql).Bind("lane", lane);

    public NpgsqlBatchCommand Accepted(string tenant, string objectId) => time.Now(Statements.Of(AcceptedSql)).Bind("tenant", tenant).Bind("objectId", objectId);

    public static NpgsqlBatchCommand Lines() => Statements.Of(LinesSql);

    public static LineCount ReadLine(NpgsqlDataReader row) => new(row.GetString(0), row.GetInt64(1), row.TimeOrNull(2), row.GetInt64(3), row.GetInt64(4));
}
