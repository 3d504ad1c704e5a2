using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Tables <c>deliveries</c> and <c>attempts</c>.</summary>
internal sealed class DeliveryRows(NodeTime time, Payloads payloads)
{
    /// <summary>What <see cref="Read"/> reads, of the rows <c>d</c>.</summary>
    public const string Columns =
        $"d.id, d.tenant, d.subscription, d.event_position, d.created_at, d.state, d.attempts, d.next_at - {NodeTime.Clock}, d.version, d.ordering_key, d.round_from, d.cause, d.died_at, d.note, d.edit_of, d.edit";

    public const int ColumnCount = 16;

    // The id says which event goes to which subscription: one that is there already is the same delivery.
    private const string AddSql =
        $"""
        INSERT INTO deliveries (id, tenant, subscription, event_position, created_at, state, attempts, next_at, version, ordering_key, round_from, cause, died_at, edit_of, edit, asked)
        VALUES (@id, @tenant, @subscription, @eventPosition, @createdAt, @state, @attempts, {NodeTime.Clock} + @next, @version, @orderingKey, @roundFrom, @cause, @diedAt, @editOf, @edit, @asked)
        ON CONFLICT (id) DO NOTHING
        """;

    // Jumps from subscription to subscription over the index, whatever the length of each one's list.
    private const string Queues =
        """
        WITH RECURSIVE queues AS (
            (SELECT tenant, subscription FROM deliveries WHERE state = 0 ORDER BY tenant, subscription LIMIT 1)
            UNION ALL
            SELECT n.tenant, n.subscription FROM queues q CROSS JOIN LATERAL (
                SELECT tenant, subscription FROM deliveries
                WHERE state = 0 AND (tenant, subscription) > (q.tenant, q.subscription) ORDER BY tenant, subscription LIMIT 1) n)
        """;

    // Subqueries, which are hashed: a node may have a thousand.
    private const string IsWanted =
        """
        q.tenant || '/' || q.subscription NOT IN (SELECT unnest(@except)) AND (@all OR q.tenant || '/' || q.subscription IN (SELECT unnest(@only)))
        """;

    // Whoever has an earlier one of its key before it, sent or not, is not its turn.
    private const string DueSql =
        $"""
        {Queues}
        SELECT {Columns} FROM queues q CROSS JOIN LATERAL (
            SELECT * FROM deliveries w
            WHERE w.state = 0 AND w.tenant = q.tenant AND w.subscription = q.subscription AND w.next_at <= {NodeTime.Clock} + @due
                AND (w.ordering_key IS NULL OR NOT EXISTS (
                    SELECT 1 FROM deliveries e WHERE e.state = 0 AND e.ordering_key IS NOT NULL
                        AND e.tenant = w.tenant AND e.subscription = w.subscription AND e.ordering_key = w.ordering_key AND e.event_position < w.event_position))
            ORDER BY w.next_at, w.row LIMIT @max) d
        WHERE {IsWanted}
        ORDER BY d.next_at, d.row
        """;

    private const string NextDueSql =
        $"""
        {Queues}
        SELECT min((SELECT next_at FROM deliveries WHERE state = 0 AND tenant = q.tenant AND subscription = q.subscription ORDER BY next_at LIMIT 1)) - {NodeTime.Clock}
        FROM queues q WHERE {IsWanted}
        """;

    private const string DueEndpointsSql =
        $"""
        {Queues}
        SELECT q.tenant || '/' || q.subscription FROM queues q WHERE EXISTS (
            SELECT 1 FROM deliveries WHERE state = 0 AND tenant = q.tenant AND subscription = q.subscription AND next_at <= {NodeTime.Clock} + @until)
        """;

    private const string AskedSql =
        $"""
        SELECT {Columns} FROM deliveries d WHERE d.asked AND d.state = 0 AND d.next_at <= {NodeTime.Clock} + @due
            AND d.tenant || '/' || d.subscription IN (SELECT unnest(@endpoints))
        ORDER BY d.next_at, d.row
        """;

    private const string ClaimSql =
        $"UPDATE deliveries SET next_at = {NodeTime.Clock} + @next, version = version + 1 WHERE id = @id AND version = @version AND state = 0";

    // The attempt is stored with what follows from it: one statement, so that nothing is to be taken back where the version has changed.
    private const string RecordSql =
        $"""
        WITH moved AS (
            UPDATE deliveries SET state = @state, attempts = @number, next_at = {NodeTime.Clock} + @next, cause = @cause, died_at = @diedAt, asked = false, version = version + 1
            WHERE id = @id AND version = @version RETURNING id)
        INSERT INTO attempts (delivery_id, number, tenant, at, duration, status, error, details)
        SELECT id, @number, @tenant, @at, @duration, @status, @error, @details FROM moved
        """;

    private const string AddAttemptSql =
        """
        INSERT INTO attempts (delivery_id, number, tenant, at, duration, status, error, details)
        VALUES (@id, @number, @tenant, @at, @duration, @status, @error, @details)
        """;

    private const string DecideSql =
        $"""
        UPDATE deliveries SET state = @state, next_at = {NodeTime.Clock} + @next, note = @note, asked = @state = 0, version = version + 1,
            cause = CASE WHEN @state = 3 THEN cause END, died_at = CASE WHEN @state = 3 THEN died_at END
        WHERE id = @id AND version = @version
        """;

    private const string AttemptsSql = "SELECT number, at, duration, status, error, details FROM attempts WHERE delivery_id = @id ORDER BY number";

    // By ReplayScope. What is due anyway is not touched: it may be under way.
    private const string ReplaySql =
        $"""
        UPDATE deliveries SET state = 0, next_at = {NodeTime.Clock}, round_from = attempts, cause = NULL, died_at = NULL, version = version + 1
        WHERE tenant = @tenant AND subscription = @subscription AND created_at >= @since AND ((state = 0 AND next_at > {NodeTime.Clock}) OR ({OfScope} AND NOT {IsWithheld}))
        """;

    private const string WithheldSql = $"SELECT count(*)::int FROM deliveries WHERE tenant = @tenant AND subscription = @subscription AND created_at >= @since AND {OfScope} AND {IsWithheld}";

    // What has arrived and is no longer in the log can't be sent again.
    private const string OfScope =
        $"((@scope >= 1 AND state = 2) OR (@scope = 2 AND state = 1 AND event_position > coalesce((SELECT position FROM cursors WHERE reader = '{LogRange.Cursor}'), 0)))";

    private const string IsWithheld = "EXISTS (SELECT 1 FROM events e WHERE e.position = event_position AND e.type = ANY (@never))";

    private const string FindSql = $"SELECT {Columns} FROM deliveries d WHERE d.id = @id";

    // Ordered by what is no column alone: else the planner may go through all deliveries from their end.
    private const string OfEventsSql = $"SELECT {Columns} FROM deliveries d WHERE d.event_position = ANY(@positions) ORDER BY d.event_position + 0 DESC, d.row DESC LIMIT @max";

    private const string ByStateSql = $"SELECT {Columns} FROM deliveries d WHERE d.state = @state ORDER BY d.row DESC LIMIT @max";

    private const string NewestSql = $"SELECT {Columns} FROM deliveries d ORDER BY d.row DESC LIMIT @max";

    public NpgsqlBatchCommand Add(EventDelivery delivery) => time.Now(Statements.Of(AddSql))
        .Bind("id", delivery.Id).Bind("tenant", delivery.Tenant).Bind("subscription", delivery.Subscription)
        .Bind("eventPosition", delivery.EventPosition).Bind("createdAt", delivery.CreatedAt).Bind("state", (int)delivery.State)
        .Bind("attempts", delivery.Attempts).Bind("next", time.Until(delivery.NextAt)).Bind("version", delivery.Version)
        .Bind("orderingKey", delivery.OrderingKey).Bind("roundFrom", delivery.RoundFrom)
        .Bind("cause", delivery.Cause ?? (delivery.State == DeliveryState.Dead ? DeliveryCause.Unknown : null)).Bind("diedAt", delivery.DiedAt ?? (delivery.State == DeliveryState.Dead ? delivery.CreatedAt : null)).Bind("editOf", delivery.EditOf).Bind("edit", delivery.Edit)
        .Bind("asked", delivery.Asked);

    /// <summary>At most <paramref name="max"/> of each subscription, earliest first.</summary>
    public NpgsqlBatchCommand Due(DateTimeOffset now, int max, WhichEndpoints which) => Of(time.Now(Statements.Of(DueSql)), which).Bind("due", time.Until(now)).Bind("max", max);

    public NpgsqlBatchCommand NextDue(WhichEndpoints which) => Of(time.Now(Statements.Of(NextDueSql)), which);

    public NpgsqlBatchCommand DueEndpoints(DateTimeOffset until) => time.Now(Statements.Of(DueEndpointsSql)).Bind("until", time.Until(until));

    public NpgsqlBatchCommand Asked(DateTimeOffset now, IReadOnlyList<string> endpoints) =>
        time.Now(Statements.Of(AskedSql)).Bind("due", time.Until(now)).Bind("endpoints", endpoints.ToArray());

    private static NpgsqlBatchCommand Of(NpgsqlBatchCommand command, WhichEndpoints which) =>
        command.Bind("except", which.Except.ToArray()).Bind("all", which.Only is null).Bind("only", which.Only?.ToArray() ?? []);

    public NpgsqlBatchCommand Claim(EventDelivery delivery, DateTimeOffset until) => time.Now(Statements.Of(ClaimSql))
        .Bind("id", delivery.Id).Bind("version", delivery.Version).Bind("next", time.Until(until));

    public NpgsqlBatchCommand Record(EventDelivery delivery, DeliveryAttempt attempt, DeliveryState next, DateTimeOffset? nextAt) => time.Now(Statements.Of(RecordSql))
        .Bind("id", delivery.Id).Bind("version", delivery.Version).Bind("state", (int)next).Bind("next", time.Until(nextAt))
        .Bind("number", attempt.Number).Bind("tenant", delivery.Tenant).Bind("at", attempt.At)
        .Bind("duration", attempt.Duration.Ticks).Bind("status", attempt.Status).Bind("error", attempt.Error)
        .Bind("details", payloads.Seal(attempt.Details))
        .Bind("cause", next == DeliveryState.Dead ? DeliveryCause.Of(attempt) : null).Bind("diedAt", next == DeliveryState.Dead ? attempt.At + attempt.Duration : null);

    public NpgsqlBatchCommand AddAttempt(EventDelivery delivery, DeliveryAttempt attempt) => Statements.Of(AddAttemptSql)
        .Bind("id", delivery.Id).Bind("number", attempt.Number).Bind("tenant", delivery.Tenant).Bind("at", attempt.At)
        .Bind("duration", attempt.Duration.Ticks).Bind("status", attempt.Status).Bind("error", attempt.Error).Bind("details", payloads.Seal(attempt.Details));

    public NpgsqlBatchCommand Decide(EventDelivery delivery, DeliveryState next, DateTimeOffset? nextAt) => time.Now(Statements.Of(DecideSql))
        .Bind("id", delivery.Id).Bind("version", delivery.Version).Bind("state", (int)next).Bind("next", time.Until(nextAt)).Bind("note", delivery.Note);

    public NpgsqlBatchCommand Find(string id) => time.Now(Statements.Of(FindSql)).Bind("id", id);

    public static NpgsqlBatchCommand Attempts(string id) => Statements.Of(AttemptsSql).Bind("id", id);

    public NpgsqlBatchCommand ByState(DeliveryState? state, int max) => state is { } wanted
        ? time.Now(Statements.Of(ByStateSql)).Bind("state", (int)wanted).Bind("max", max)
        : time.Now(Statements.Of(NewestSql)).Bind("max", max);

    public NpgsqlBatchCommand Replay(EndpointReplay replay) => Of(time.Now(Statements.Of(ReplaySql)), replay);

    /// <summary>How many a replay leaves as they are, for their types are not sent again.</summary>
    public static NpgsqlBatchCommand Withheld(EndpointReplay replay) => Of(Statements.Of(WithheldSql), replay);

    private static NpgsqlBatchCommand Of(NpgsqlBatchCommand command, EndpointReplay replay) => command
        .Bind("tenant", replay.Tenant).Bind("subscription", replay.Name).Bind("since", replay.Since).Bind("scope", (int)replay.Scope).Bind("never", replay.Never.ToArray());

    public DeliveryAttempt ReadAttempt(NpgsqlDataReader row) => new(row.GetInt32(0), row.Time(1), row.Span(2), row.GetInt32(3), row.TextOrNull(4))
    {
        Details = row.BytesOrNull(5) is { } details ? payloads.OpenDetails(details) : null,
    };

    public DateTimeOffset? ReadNext(NpgsqlDataReader row) => time.ReadOrNull(row, 0);

    public NpgsqlBatchCommand OfEvents(IEnumerable<long> positions, int max) => time.Now(Statements.Of(OfEventsSql)).Bind("positions", positions.ToArray()).Bind("max", max);

    public EventDelivery Read(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.Time(4))
    {
        State = (DeliveryState)row.GetInt32(5),
        Attempts = row.GetInt32(6),
        NextAt = time.ReadOrNull(row, 7),
        Version = row.GetInt32(8),
        OrderingKey = row.TextOrNull(9),
        RoundFrom = row.GetInt32(10),
        Cause = row.TextOrNull(11),
        DiedAt = row.TimeOrNull(12),
        Note = row.TextOrNull(13),
        EditOf = row.TextOrNull(14),
        Edit = row.GetInt32(15),
    };
}
