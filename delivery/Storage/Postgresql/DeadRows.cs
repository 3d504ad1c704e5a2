using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Dead rows of the table <c>deliveries</c>, and the table <c>edits</c>.</summary>
internal sealed class DeadRows(NodeTime time, DeliveryRows deliveries)
{
    private const string Among = "deliveries d WHERE d.state = 2";

    private const string One = "deliveries d WHERE d.state = 2 AND d.id = @id";

    private const string Matching =
        """
        AND (@tenant IS NULL OR d.tenant = @tenant) AND (@subscription IS NULL OR d.subscription = @subscription) AND (@cause IS NULL OR d.cause = @cause)
        AND (@since IS NULL OR d.died_at >= @since) AND (@until IS NULL OR d.died_at < @until)
        AND (@type IS NULL OR EXISTS (SELECT 1 FROM events e WHERE e.position = d.event_position AND e.type = @type))
        AND (@key IS NULL OR coalesce(d.ordering_key, (SELECT e.partition_key FROM events e WHERE e.position = d.event_position)) = @key)
        """;

    private const string Overtaken =
        """
        (d.ordering_key IS NOT NULL AND EXISTS (
            SELECT 1 FROM deliveries l WHERE l.state = 1 AND l.ordering_key IS NOT NULL
                AND l.tenant = d.tenant AND l.subscription = d.subscription AND l.ordering_key = d.ordering_key AND l.event_position > d.event_position))
        """;

    private const string Taken =
        $"""
        {Matching}
        AND (@late = 1 OR NOT {Overtaken}) AND d.tenant || '/' || d.subscription <> ALL (@except)
        AND NOT EXISTS (SELECT 1 FROM events e WHERE e.position = d.event_position AND e.type = ANY (@never))
        """;

    private const string Chosen = $"SELECT {DeliveryRows.Columns}, e.id, e.type, e.subject, coalesce(d.ordering_key, e.partition_key)";

    private const string FindEditSql = $"SELECT {DeliveryRows.Columns} FROM deliveries d WHERE d.edit_of = @id";

    private const string AddDataSql = "INSERT INTO edits (delivery_id, tenant, data) VALUES (@id, @tenant, @data)";

    private const string DataSql = "SELECT data FROM edits WHERE delivery_id = @id";

    private const string ReplaceSql = "UPDATE deliveries SET state = 3, next_at = NULL, note = @note, version = version + 1 WHERE id = @id AND version = @version AND state = 2";

    public static NpgsqlBatchCommand Count(DeadLetterQuery query) => Bind(Statements.Of(
        $"""
        SELECT d.cause, d.tenant, d.subscription, count(*)::int, min(d.died_at), max(d.died_at), max((lpad(d.died_at::text, 20, '0') || d.id) COLLATE "C")
        FROM {Of(query)} {Matching} GROUP BY d.cause, d.tenant, d.subscription ORDER BY d.cause COLLATE "C", d.tenant COLLATE "C", d.subscription COLLATE "C"
        """), query);

    public NpgsqlBatchCommand List(DeadLetterQuery query, DeadLetterPlace? after, int max) => Bind(time.Now(Statements.Of(
        $"""
        {Chosen} FROM (
            SELECT d.* FROM {Of(query)} {Matching} AND (@afterAt IS NULL OR (d.died_at, d.id) < (@afterAt, @afterId)) ORDER BY d.died_at DESC, d.id DESC LIMIT @max) d
        LEFT JOIN events e ON e.position = d.event_position ORDER BY d.died_at DESC, d.id DESC
        """)), query).Bind("afterAt", after?.DiedAt).Bind("afterId", after?.Id).Bind("max", max);

    public static NpgsqlBatchCommand Lines(DeadLetterQuery query) => Bind(Statements.Of(
        $"""
        SELECT d.tenant, d.subscription, count(*)::int, (count(*) FILTER (WHERE {Overtaken}))::int FROM {Of(query)} {Matching}
        GROUP BY d.tenant, d.subscription ORDER BY d.tenant COLLATE "C", d.subscription COLLATE "C"
        """), query);

    public NpgsqlBatchCommand Next(DeadLetterRetry retry) => Bind(time.Now(Statements.Of(
        $"""
        {Chosen} FROM (SELECT d.* FROM {Of(retry.Query)} {Taken} ORDER BY d.event_position, d.row LIMIT @max) d
        LEFT JOIN events e ON e.position = d.event_position ORDER BY d.event_position, d.row
        """)), retry);

    // Of two nodes that have chosen the same rows, the second finds them no longer dead.
    public NpgsqlBatchCommand Retry(DeadLetterRetry retry) => Bind(time.Now(Statements.Of(
        $"""
        UPDATE deliveries u SET state = 0, next_at = {NodeTime.Clock} + @from + taken.place * @step, round_from = u.attempts, cause = NULL, died_at = NULL, version = u.version + 1
        FROM (
            SELECT chosen.row, row_number() OVER (PARTITION BY chosen.tenant, chosen.subscription ORDER BY chosen.event_position, chosen.row) - 1 AS place
            FROM (SELECT d.row, d.tenant, d.subscription, d.event_position FROM {Of(retry.Query)} {Taken} ORDER BY d.event_position, d.row LIMIT @max) chosen) taken
        WHERE u.row = taken.row AND u.state = 2
        """)), retry).Bind("from", time.Until(retry.From)).Bind("step", (long?)retry.Step.Ticks);

    public static NpgsqlBatchCommand Skip(DeadLetterQuery query, string note, int max) => Bind(Statements.Of(
        $"""
        UPDATE deliveries u SET state = 3, next_at = NULL, note = @note, version = u.version + 1
        WHERE u.state = 2 AND u.row IN (SELECT d.row FROM {Of(query)} {Matching} ORDER BY d.event_position, d.row LIMIT @max)
        """), query).Bind("note", note).Bind("max", max);

    public static NpgsqlBatchCommand Replace(EventDelivery dead) => Statements.Of(ReplaceSql).Bind("id", dead.Id).Bind("version", dead.Version).Bind("note", dead.Note);

    public static NpgsqlBatchCommand AddData(EventDelivery edited, byte[] data) => Statements.Of(AddDataSql).Bind("id", edited.Id).Bind("tenant", edited.Tenant).Bind("data", data);

    public NpgsqlBatchCommand FindEdit(string id) => time.Now(Statements.Of(FindEditSql)).Bind("id", id);

    /// <summary>The sealed data of an edit.</summary>
    public static NpgsqlBatchCommand Data(string id) => Statements.Of(DataSql).Bind("id", id);

    public static DeadLetterCount ReadCount(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt32(3), row.Time(4), row.Time(5), row.GetString(6)[20..]);

    public static DeadLetterLine ReadLine(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetInt32(3));

    public DeadLetter Read(NpgsqlDataReader row)
    {
        const int Behind = DeliveryRows.ColumnCount;
        return new DeadLetter(deliveries.Read(row)) { EventId = row.TextOrNull(Behind), Type = row.TextOrNull(Behind + 1), Subject = row.TextOrNull(Behind + 2), Key = row.TextOrNull(Behind + 3) };
    }

    private static string Of(DeadLetterQuery query) => query.Id is null ? Among : One;

    private static NpgsqlBatchCommand Bind(NpgsqlBatchCommand command, DeadLetterQuery query)
    {
        command.Bind("tenant", query.Tenant).Bind("subscription", query.Subscription).Bind("cause", query.Cause)
            .Bind("since", query.Since).Bind("until", query.Until).Bind("type", query.Type).Bind("key", query.OrderingKey);
        return query.Id is null ? command : command.Bind("id", query.Id);
    }

    private static NpgsqlBatchCommand Bind(NpgsqlBatchCommand command, DeadLetterRetry retry) => Bind(command, retry.Query)
        .Bind("late", retry.Late ? 1 : 0).Bind("except", retry.Except.ToArray()).Bind("never", retry.Never.ToArray()).Bind("max", retry.Max);
}
