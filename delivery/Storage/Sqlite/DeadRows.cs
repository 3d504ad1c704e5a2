using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Dead rows of the table <c>deliveries</c>, and the table <c>edits</c>.</summary>
internal static class DeadRows
{
    // The index is named where the planner, without statistics, could take the one over all states.
    private const string Among = "deliveries d INDEXED BY deliveries_dead WHERE d.state = 2";

    private const string One = "deliveries d WHERE d.state = 2 AND d.id = $id";

    private const string Matching =
        """
        AND ($tenant IS NULL OR d.tenant = $tenant) AND ($subscription IS NULL OR d.subscription = $subscription) AND ($cause IS NULL OR d.cause = $cause)
        AND ($since IS NULL OR d.died_at >= $since) AND ($until IS NULL OR d.died_at < $until)
        AND ($type IS NULL OR EXISTS (SELECT 1 FROM events e WHERE e.position = d.event_position AND e.type = $type))
        AND ($key IS NULL OR coalesce(d.ordering_key, (SELECT e.partition_key FROM events e WHERE e.position = d.event_position)) = $key)
        """;

    private const string Overtaken =
        """
        (d.ordering_key IS NOT NULL AND EXISTS (
            SELECT 1 FROM deliveries l INDEXED BY deliveries_arrived WHERE l.state = 1 AND l.ordering_key IS NOT NULL
                AND l.tenant = d.tenant AND l.subscription = d.subscription AND l.ordering_key = d.ordering_key AND l.event_position > d.event_position))
        """;

    private const string Taken =
        $"""
        {Matching}
        AND ($late = 1 OR NOT {Overtaken}) AND d.tenant || '/' || d.subscription NOT IN (SELECT value FROM json_each($except))
        AND NOT EXISTS (SELECT 1 FROM events e WHERE e.position = d.event_position AND e.type IN (SELECT value FROM json_each($never)))
        """;

    private const string Chosen = $"SELECT {DeliveryRows.Columns}, e.id, e.type, e.subject, coalesce(d.ordering_key, e.partition_key)";

    private const string FindEditSql = $"SELECT {DeliveryRows.Columns} FROM deliveries d WHERE d.edit_of = $id";

    private const string AddDataSql = "INSERT INTO edits (delivery_id, tenant, data) VALUES ($id, $tenant, $data)";

    private const string DataSql = "SELECT data FROM edits WHERE delivery_id = $id";

    private const string ReplaceSql = "UPDATE deliveries SET state = 3, next_at = NULL, note = $note, version = version + 1 WHERE id = $id AND version = $version AND state = 2";

    public static List<DeadLetterCount> Count(Session db, DeadLetterQuery query) => db.Command(
        $"""
        SELECT d.cause, d.tenant, d.subscription, count(*), min(d.died_at), max(d.died_at), max(printf('%020d', d.died_at) || d.id)
        FROM {Of(query)} {Matching} GROUP BY d.cause, d.tenant, d.subscription ORDER BY d.cause, d.tenant, d.subscription
        """).Bind(query).All(row => new DeadLetterCount(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt32(3), row.Time(4), row.Time(5), row.GetString(6)[20..]));

    public static List<DeadLetter> List(Session db, DeadLetterQuery query, DeadLetterPlace? after, int max) => db.Command(
        $"""
        {Chosen} FROM (
            SELECT d.* FROM {Of(query)} {Matching} AND ($afterAt IS NULL OR (d.died_at, d.id) < ($afterAt, $afterId)) ORDER BY d.died_at DESC, d.id DESC LIMIT $max) d
        LEFT JOIN events e ON e.position = d.event_position ORDER BY d.died_at DESC, d.id DESC
        """).Bind(query).Bind("$afterAt", after?.DiedAt).Bind("$afterId", after?.Id).Bind("$max", max).All(Read);

    public static List<DeadLetterLine> Lines(Session db, DeadLetterQuery query) => db.Command(
        $"""
        SELECT d.tenant, d.subscription, count(*), sum({Overtaken}) FROM {Of(query)} {Matching}
        GROUP BY d.tenant, d.subscription ORDER BY d.tenant, d.subscription
        """).Bind(query).All(row => new DeadLetterLine(row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetInt32(3)));

    public static List<DeadLetter> Next(Session db, DeadLetterRetry retry) => db.Command(
        $"""
        {Chosen} FROM (SELECT d.* FROM {Of(retry.Query)} {Taken} ORDER BY d.event_position, d.row LIMIT $max) d
        LEFT JOIN events e ON e.position = d.event_position ORDER BY d.event_position, d.row
        """).Bind(retry).All(Read);

    /// <summary>How many there are.</summary>
    public static int Retry(Session db, DeadLetterRetry retry) => db.Command(
        $"""
        UPDATE deliveries SET state = 0, next_at = $from + taken.place * $step, round_from = attempts, cause = NULL, died_at = NULL, version = version + 1
        FROM (
            SELECT row AS taken_row, row_number() OVER (PARTITION BY tenant, subscription ORDER BY event_position, row) - 1 AS place
            FROM (SELECT d.row, d.tenant, d.subscription, d.event_position FROM {Of(retry.Query)} {Taken} ORDER BY d.event_position, d.row LIMIT $max)) taken
        WHERE deliveries.row = taken.taken_row
        """).Bind(retry).Bind("$from", retry.From).Bind("$step", retry.Step.Ticks).Run();

    /// <summary>How many there are.</summary>
    public static int Skip(Session db, DeadLetterQuery query, string note, int max) => db.Command(
        $"""
        UPDATE deliveries SET state = 3, next_at = NULL, note = $note, version = version + 1
        WHERE row IN (SELECT d.row FROM {Of(query)} {Matching} ORDER BY d.event_position, d.row LIMIT $max)
        """).Bind(query).Bind("$note", note).Bind("$max", max).Run();

    /// <summary>False where the dead one has changed.</summary>
    public static bool Replace(Session db, EventDelivery dead, EventDelivery edited, byte[] data)
    {
        if (db.Command(ReplaceSql).Bind("$id", dead.Id).Bind("$version", dead.Version).Bind("$note", dead.Note).Run() == 0) return false;
        DeliveryRows.Add(db, edited);
        db.Command(AddDataSql).Bind("$id", edited.Id).Bind("$tenant", edited.Tenant).Bind("$data", data).Run();
        return true;
    }

    public static EventDelivery? FindEdit(Session db, string id) => db.Command(FindEditSql).Bind("$id", id).First(row => DeliveryRows.Read(row));

    /// <summary>The sealed data of an edit.</summary>
    public static byte[]? Data(Session db, string id) => db.Command(DataSql).Bind("$id", id).First(row => row.Bytes(0));

    private static string Of(DeadLetterQuery query) => query.Id is null ? Among : One;

    private static SqliteCommand Bind(this SqliteCommand command, DeadLetterQuery query) => command
        .Bind("$id", query.Id).Bind("$tenant", query.Tenant).Bind("$subscription", query.Subscription).Bind("$cause", query.Cause)
        .Bind("$since", query.Since).Bind("$until", query.Until).Bind("$type", query.Type).Bind("$key", query.OrderingKey);

    private static SqliteCommand Bind(this SqliteCommand command, DeadLetterRetry retry) => command.Bind(retry.Query)
        .Bind("$late", retry.Late ? 1 : 0).Bind("$except", JsonSerializer.Serialize(retry.Except)).Bind("$never", JsonSerializer.Serialize(retry.Never)).Bind("$max", retry.Max);

    private static DeadLetter Read(SqliteDataReader row)
    {
        const int Behind = DeliveryRows.ColumnCount;
        return new DeadLetter(DeliveryRows.Read(row)) { EventId = row.TextOrNull(Behind), Type = row.TextOrNull(Behind + 1), Subject = row.TextOrNull(Behind + 2), Key = row.TextOrNull(Behind + 3) };
    }
}
