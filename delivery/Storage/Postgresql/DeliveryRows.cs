using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Tables <c>deliveries</c> and <c>attempts</c>.</summary>
internal sealed class DeliveryRows(NodeTime time)
{
    private const string Columns =
        $"d.id, d.tenant, d.subscription, d.event_position, d.created_at, d.state, d.attempts, d.next_at - {NodeTime.Clock}, d.version";

    // The id says which event goes to which subscription: one that is there already is the same delivery.
    private const string AddSql =
        $"""
        INSERT INTO deliveries (id, tenant, subscription, event_position, created_at, state, attempts, next_at, version)
        VALUES (@id, @tenant, @subscription, @eventPosition, @createdAt, @state, @attempts, {NodeTime.Clock} + @next, @version)
        ON CONFLICT (id) DO NOTHING
        """;

    // Jumps from subscription to subscription over the index, whatever the length of each one's list.
    private const string DueSql =
        $"""
        WITH RECURSIVE queues AS (
            (SELECT tenant, subscription FROM deliveries WHERE state = 0 ORDER BY tenant, subscription LIMIT 1)
            UNION ALL
            SELECT n.tenant, n.subscription FROM queues q CROSS JOIN LATERAL (
                SELECT tenant, subscription FROM deliveries
                WHERE state = 0 AND (tenant, subscription) > (q.tenant, q.subscription) ORDER BY tenant, subscription LIMIT 1) n)
        SELECT {Columns} FROM queues q CROSS JOIN LATERAL (
            SELECT * FROM deliveries
            WHERE state = 0 AND tenant = q.tenant AND subscription = q.subscription AND next_at <= {NodeTime.Clock} + @due
            ORDER BY next_at, row LIMIT @max) d
        ORDER BY d.next_at, d.row
        """;

    private const string NextDueSql = $"SELECT min(next_at) - {NodeTime.Clock} FROM deliveries WHERE state = 0";

    private const string ClaimSql =
        $"UPDATE deliveries SET next_at = {NodeTime.Clock} + @next, version = version + 1 WHERE id = @id AND version = @version AND state = 0";

    // The attempt is stored with what follows from it: one statement, so that nothing is to be taken back where the version has changed.
    private const string RecordSql =
        $"""
        WITH moved AS (
            UPDATE deliveries SET state = @state, attempts = @number, next_at = {NodeTime.Clock} + @next, version = version + 1
            WHERE id = @id AND version = @version RETURNING id)
        INSERT INTO attempts (delivery_id, number, tenant, at, duration, status, error)
        SELECT id, @number, @tenant, @at, @duration, @status, @error FROM moved
        """;

    private const string DecideSql =
        $"UPDATE deliveries SET state = @state, next_at = {NodeTime.Clock} + @next, version = version + 1 WHERE id = @id AND version = @version";

    private const string AttemptsSql = "SELECT number, at, duration, status, error FROM attempts WHERE delivery_id = @id ORDER BY number";

    private const string FindSql = $"SELECT {Columns} FROM deliveries d WHERE d.id = @id";

    private const string ByStateSql = $"SELECT {Columns} FROM deliveries d WHERE d.state = @state ORDER BY d.row DESC LIMIT @max";

    private const string NewestSql = $"SELECT {Columns} FROM deliveries d ORDER BY d.row DESC LIMIT @max";

    public NpgsqlBatchCommand Add(EventDelivery delivery) => time.Now(Statements.Of(AddSql))
        .Bind("id", delivery.Id).Bind("tenant", delivery.Tenant).Bind("subscription", delivery.Subscription)
        .Bind("eventPosition", delivery.EventPosition).Bind("createdAt", delivery.CreatedAt).Bind("state", (int)delivery.State)
        .Bind("attempts", delivery.Attempts).Bind("next", time.Until(delivery.NextAt)).Bind("version", delivery.Version);

    /// <summary>At most <paramref name="max"/> of each subscription, earliest first.</summary>
    public NpgsqlBatchCommand Due(DateTimeOffset now, int max) => time.Now(Statements.Of(DueSql)).Bind("due", time.Until(now)).Bind("max", max);

    public NpgsqlBatchCommand NextDue() => time.Now(Statements.Of(NextDueSql));

    public NpgsqlBatchCommand Claim(EventDelivery delivery, DateTimeOffset until) => time.Now(Statements.Of(ClaimSql))
        .Bind("id", delivery.Id).Bind("version", delivery.Version).Bind("next", time.Until(until));

    public NpgsqlBatchCommand Record(EventDelivery delivery, DeliveryAttempt attempt, DeliveryState next, DateTimeOffset? nextAt) => time.Now(Statements.Of(RecordSql))
        .Bind("id", delivery.Id).Bind("version", delivery.Version).Bind("state", (int)next).Bind("next", time.Until(nextAt))
        .Bind("number", attempt.Number).Bind("tenant", delivery.Tenant).Bind("at", attempt.At)
        .Bind("duration", attempt.Duration.Ticks).Bind("status", attempt.Status).Bind("error", attempt.Error);

    public NpgsqlBatchCommand Decide(EventDelivery delivery, DeliveryState next, DateTimeOffset? nextAt) => time.Now(Statements.Of(DecideSql))
        .Bind("id", delivery.Id).Bind("version", delivery.Version).Bind("state", (int)next).Bind("next", time.Until(nextAt));

    public NpgsqlBatchCommand Find(string id) => time.Now(Statements.Of(FindSql)).Bind("id", id);

    public static NpgsqlBatchCommand Attempts(string id) => Statements.Of(AttemptsSql).Bind("id", id);

    public NpgsqlBatchCommand ByState(DeliveryState? state, int max) => state is { } wanted
        ? time.Now(Statements.Of(ByStateSql)).Bind("state", (int)wanted).Bind("max", max)
        : time.Now(Statements.Of(NewestSql)).Bind("max", max);

    public static DeliveryAttempt ReadAttempt(NpgsqlDataReader row) => new(row.GetInt32(0), row.Time(1), row.Span(2), row.GetInt32(3), row.TextOrNull(4));

    public DateTimeOffset? ReadNext(NpgsqlDataReader row) => time.ReadOrNull(row, 0);

    public EventDelivery Read(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.Time(4))
    {
        State = (DeliveryState)row.GetInt32(5),
        Attempts = row.GetInt32(6),
        NextAt = time.ReadOrNull(row, 7),
        Version = row.GetInt32(8),
    };
}
