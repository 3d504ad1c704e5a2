using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Tables <c>deliveries</c> and <c>attempts</c>.</summary>
internal sealed class DeliveryRows(Payloads payloads)
{
    /// <summary>What <see cref="Read"/> reads, of the rows <c>d</c>.</summary>
    public const string Columns =
        "d.id, d.tenant, d.subscription, d.event_position, d.created_at, d.state, d.attempts, d.next_at, d.version, d.ordering_key, d.round_from, d.cause, d.died_at, d.note, d.edit_of, d.edit";

    public const int ColumnCount = 16;

    // The id says which event goes to which subscription: one that is there already is the same delivery.
    private const string AddSql =
        """
        INSERT INTO deliveries (id, tenant, subscription, event_position, created_at, state, attempts, next_at, version, ordering_key, round_from, cause, died_at, edit_of, edit, asked)
        VALUES ($id, $tenant, $subscription, $eventPosition, $createdAt, $state, $attempts, $nextAt, $version, $orderingKey, $roundFrom, $cause, $diedAt, $editOf, $edit, $asked)
        ON CONFLICT (id) DO NOTHING
        """;

    // Jumps from subscription to subscription over the index, whatever the length of each one's list. The index is named because
    // the planner, without statistics, takes the one over the state and reads every pending row.
    private const string Queues =
        """
        WITH RECURSIVE queues (tenant, subscription) AS (
            SELECT * FROM (SELECT tenant, subscription FROM deliveries INDEXED BY deliveries_due WHERE state = 0 ORDER BY tenant, subscription LIMIT 1)
            UNION ALL
            SELECT n.tenant, n.subscription FROM queues q JOIN deliveries n ON n.row = coalesce(
                (SELECT row FROM deliveries INDEXED BY deliveries_due
                    WHERE state = 0 AND tenant = q.tenant AND subscription > q.subscription ORDER BY subscription LIMIT 1),
                (SELECT row FROM deliveries INDEXED BY deliveries_due
                    WHERE state = 0 AND tenant > q.tenant ORDER BY tenant, subscription LIMIT 1)))
        """;

    private const string IsWanted =
        """
        q.tenant || '/' || q.subscription NOT IN (SELECT value FROM json_each($except))
            AND ($only IS NULL OR q.tenant || '/' || q.subscription IN (SELECT value FROM json_each($only)))
        """;

    // Whoever has an earlier one of its key before it, sent or not, is not its turn.
    private const string DueSql =
        $"""
        {Queues}
        SELECT {Columns} FROM queues q JOIN deliveries d ON d.row IN (
            SELECT w.row FROM deliveries w INDEXED BY deliveries_due
            WHERE w.state = 0 AND w.tenant = q.tenant AND w.subscription = q.subscription AND w.next_at <= $now
                AND (w.ordering_key IS NULL OR NOT EXISTS (
                    SELECT 1 FROM deliveries e INDEXED BY deliveries_line WHERE e.state = 0 AND e.ordering_key IS NOT NULL
                        AND e.tenant = w.tenant AND e.subscription = w.subscription AND e.ordering_key = w.ordering_key AND e.event_position < w.event_position))
            ORDER BY w.next_at, w.row LIMIT $max)
        WHERE {IsWanted}
        ORDER BY d.next_at, d.row
        """;

    private const string NextDueSql =
        $"""
        {Queues}
        SELECT min((SELECT next_at FROM deliveries INDEXED BY deliveries_due
            WHERE state = 0 AND tenant = q.tenant AND subscription = q.subscription ORDER BY next_at LIMIT 1)) FROM queues q WHERE {IsWanted}
        """;

    private const string DueEndpointsSql =
        $"""
        {Queues}
        SELECT q.tenant || '/' || q.subscription FROM queues q WHERE EXISTS (
            SELECT 1 FROM deliveries INDEXED BY deliveries_due WHERE state = 0 AND tenant = q.tenant AND subscription = q.subscription AND next_at <= $until)
        """;

    private const string AskedSql =
        $"""
        SELECT {Columns} FROM deliveries d INDEXED BY deliveries_asked WHERE d.asked = 1 AND d.state = 0 AND d.next_at <= $now
            AND d.tenant || '/' || d.subscription IN (SELECT value FROM json_each($endpoints))
        ORDER BY d.next_at, d.row
        """;

    private const string MoveSql =
        """
        UPDATE deliveries SET state = $state, attempts = $attempts, next_at = $nextAt, cause = $cause, died_at = $diedAt, asked = 0, version = version + 1
        WHERE id = $id AND version = $version
        """;

    private const string DecideSql =
        """
        UPDATE deliveries SET state = $state, next_at = $nextAt, note = $note, asked = $state = 0, version = version + 1,
            cause = CASE WHEN $state = 3 THEN cause END, died_at = CASE WHEN $state = 3 THEN died_at END
        WHERE id = $id AND version = $version
        """;

    private const string AddAttemptSql =
        """
        INSERT INTO attempts (delivery_id, number, tenant, at, duration, status, error, details)
        VALUES ($id, $number, $tenant, $at, $duration, $status, $error, $details)
        """;

    private const string AttemptsSql = "SELECT number, at, duration, status, error, details FROM attempts WHERE delivery_id = $id ORDER BY number";

    // By ReplayScope. What is due anyway is not touched: it may be under way.
    private const string ReplaySql =
        $"""
        UPDATE deliveries SET state = 0, next_at = $now, round_from = attempts, cause = NULL, died_at = NULL, version = version + 1
        WHERE tenant = $tenant AND subscription = $subscription AND created_at >= $since AND ((state = 0 AND next_at > $now) OR ({OfScope} AND NOT {IsWithheld}))
        """;

    private const string WithheldSql = $"SELECT count(*) FROM deliveries WHERE tenant = $tenant AND subscription = $subscription AND created_at >= $since AND {OfScope} AND {IsWithheld}";

    // What has arrived and is no longer in the log can't be sent again.
    private const string OfScope =
        $"(($scope >= 1 AND state = 2) OR ($scope = 2 AND state = 1 AND event_position > coalesce((SELECT position FROM cursors WHERE reader = '{LogRange.Cursor}'), 0)))";

    private const string IsWithheld = "EXISTS (SELECT 1 FROM events e WHERE e.position = event_position AND e.type IN (SELECT value FROM json_each($never)))";

    private const string FindSql = $"SELECT {Columns} FROM deliveries d WHERE d.id = $id";

    private const string ByStateSql = $"SELECT {Columns} FROM deliveries d WHERE d.state = $state ORDER BY d.row DESC LIMIT $max";

    private const string OfEventsSql =
        $"""
        SELECT {Columns} FROM deliveries d INDEXED BY deliveries_event
        WHERE d.event_position IN (SELECT value FROM json_each($positions)) ORDER BY d.event_position DESC, d.row DESC LIMIT $max
        """;

    private const string NewestSql = $"SELECT {Columns} FROM deliveries d ORDER BY d.row DESC LIMIT $max";

    /// <summary>How many were added: none where it is there.</summary>
    public static int Add(Session db, EventDelivery delivery) => db.Command(AddSql)
        .Bind("$id", delivery.Id).Bind("$tenant", delivery.Tenant).Bind("$subscription", delivery.Subscription)
        .Bind("$eventPosition", delivery.EventPosition).Bind("$createdAt", delivery.CreatedAt).Bind("$state", (int)delivery.State)
        .Bind("$attempts", delivery.Attempts).Bind("$nextAt", delivery.NextAt).Bind("$version", delivery.Version)
        .Bind("$orderingKey", delivery.OrderingKey).Bind("$roundFrom", delivery.RoundFrom)
        .Bind("$cause", delivery.Cause ?? (delivery.State == DeliveryState.Dead ? DeliveryCause.Unknown : null)).Bind("$diedAt", delivery.DiedAt ?? (delivery.State == DeliveryState.Dead ? delivery.CreatedAt : null)).Bind("$editOf", delivery.EditOf).Bind("$edit", delivery.Edit)
        .Bind("$asked", delivery.Asked ? 1 : 0)
        .Run();

    /// <summary>At most <paramref name="max"/> of each subscription, earliest first.</summary>
    public static List<EventDelivery> Due(Session db, DateTimeOffset now, int max, WhichEndpoints which) => Of(db.Command(DueSql), which).Bind("$now", now).Bind("$max", max).All(Read);

    public static DateTimeOffset? NextDue(Session db, WhichEndpoints which)
    {
        using var row = Of(db.Command(NextDueSql), which).ExecuteReader();
        return row.Read() ? row.TimeOrNull(0) : null;
    }

    public static List<string> DueEndpoints(Session db, DateTimeOffset until) => db.Command(DueEndpointsSql).Bind("$until", until).All(row => row.GetString(0));

    public static List<EventDelivery> Asked(Session db, DateTimeOffset now, IReadOnlyList<string> endpoints) =>
        db.Command(AskedSql).Bind("$now", now).Bind("$endpoints", JsonSerializer.Serialize(endpoints)).All(Read);

    private static SqliteCommand Of(SqliteCommand command, WhichEndpoints which) =>
        command.Bind("$except", JsonSerializer.Serialize(which.Except)).Bind("$only", which.Only is null ? null : JsonSerializer.Serialize(which.Only));

    public static bool RecordAttempt(Session db, EventDelivery delivery, DeliveryAttempt attempt, byte[]? details, DeliveryState next, DateTimeOffset? nextAt)
    {
        var moved = db.Command(MoveSql).Bind("$id", delivery.Id).Bind("$version", delivery.Version)
            .Bind("$state", (int)next).Bind("$attempts", attempt.Number).Bind("$nextAt", nextAt)
            .Bind("$cause", next == DeliveryState.Dead ? DeliveryCause.Of(attempt) : null).Bind("$diedAt", next == DeliveryState.Dead ? attempt.At + attempt.Duration : null).Run() > 0;
        if (moved) AddAttempt(db, delivery, attempt, details);
        return moved;
    }

    public static void AddAttempt(Session db, EventDelivery delivery, DeliveryAttempt attempt, byte[]? details) =>
        db.Command(AddAttemptSql).Bind("$id", delivery.Id).Bind("$number", attempt.Number).Bind("$tenant", delivery.Tenant)
            .Bind("$at", attempt.At).Bind("$duration", attempt.Duration.Ticks).Bind("$status", attempt.Status).Bind("$error", attempt.Error).Bind("$details", details).Run();

    public static bool Decide(Session db, EventDelivery delivery, DeliveryState next, DateTimeOffset? nextAt) => db.Command(DecideSql)
        .Bind("$id", delivery.Id).Bind("$version", delivery.Version).Bind("$state", (int)next).Bind("$nextAt", nextAt).Bind("$note", delivery.Note)
        .Run() > 0;

    public static EventDelivery? Find(Session db, string id) => db.Command(FindSql).Bind("$id", id).All(Read).FirstOrDefault();

    /// <summary>How many there are.</summary>
    public static int Replay(Session db, EndpointReplay replay) => Of(db.Command(ReplaySql), replay).Bind("$now", replay.Now).Run();

    /// <summary>How many a replay leaves as they are, for their types are not sent again.</summary>
    public static int Withheld(Session db, EndpointReplay replay) => Convert.ToInt32(Of(db.Command(WithheldSql), replay).ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);

    private static SqliteCommand Of(SqliteCommand command, EndpointReplay replay) => command
        .Bind("$tenant", replay.Tenant).Bind("$subscription", replay.Name).Bind("$since", replay.Since).Bind("$scope", (int)replay.Scope).Bind("$never", JsonSerializer.Serialize(replay.Never));

    public List<DeliveryAttempt> Attempts(Session db, string id) => db.Command(AttemptsSql).Bind("$id", id)
        .All(row => new DeliveryAttempt(row.GetInt32(0), row.Time(1), row.Span(2), row.GetInt32(3), row.TextOrNull(4))
        {
            Details = row.IsDBNull(5) ? null : payloads.OpenDetails(row.Bytes(5)),
        });

    public static List<EventDelivery> ByState(Session db, DeliveryState? state, int max) => state is { } wanted
        ? db.Command(ByStateSql).Bind("$state", (int)wanted).Bind("$max", max).All(Read)
        : db.Command(NewestSql).Bind("$max", max).All(Read);

    public static List<EventDelivery> OfEvents(Session db, IEnumerable<long> positions, int max) =>
        db.Command(OfEventsSql).Bind("$positions", JsonSerializer.Serialize(positions)).Bind("$max", max).All(Read);

    public static EventDelivery Read(SqliteDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.Time(4))
        {
            State = (DeliveryState)row.GetInt32(5),
            Attempts = row.GetInt32(6),
            NextAt = row.TimeOrNull(7),
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
