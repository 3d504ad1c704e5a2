using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Tables <c>deliveries</c> and <c>attempts</c>.</summary>
internal static class DeliveryRows
{
    private const string Columns = "d.id, d.tenant, d.subscription, d.event_position, d.created_at, d.state, d.attempts, d.next_at, d.version";

    // The id says which event goes to which subscription: one that is there already is the same delivery.
    private const string AddSql =
        """
        INSERT INTO deliveries (id, tenant, subscription, event_position, created_at, state, attempts, next_at, version)
        VALUES ($id, $tenant, $subscription, $eventPosition, $createdAt, $state, $attempts, $nextAt, $version)
        ON CONFLICT (id) DO NOTHING
        """;

    // Jumps from subscription to subscription over the index, whatever the length of each one's list. The index is named because
    // the planner, without statistics, takes the one over the state and reads every pending row.
    private const string DueSql =
        $"""
        WITH RECURSIVE queues (tenant, subscription) AS (
            SELECT * FROM (SELECT tenant, subscription FROM deliveries INDEXED BY deliveries_due WHERE state = 0 ORDER BY tenant, subscription LIMIT 1)
            UNION ALL
            SELECT n.tenant, n.subscription FROM queues q JOIN deliveries n ON n.row = coalesce(
                (SELECT row FROM deliveries INDEXED BY deliveries_due
                    WHERE state = 0 AND tenant = q.tenant AND subscription > q.subscription ORDER BY subscription LIMIT 1),
                (SELECT row FROM deliveries INDEXED BY deliveries_due
                    WHERE state = 0 AND tenant > q.tenant ORDER BY tenant, subscription LIMIT 1)))
        SELECT {Columns} FROM queues q JOIN deliveries d ON d.row IN (
            SELECT row FROM deliveries INDEXED BY deliveries_due
            WHERE state = 0 AND tenant = q.tenant AND subscription = q.subscription AND next_at <= $now
            ORDER BY next_at, row LIMIT $max)
        ORDER BY d.next_at, d.row
        """;

    private const string NextDueSql = "SELECT min(next_at) FROM deliveries INDEXED BY deliveries_next WHERE state = 0";

    private const string MoveSql =
        """
        UPDATE deliveries SET state = $state, attempts = $attempts, next_at = $nextAt, version = version + 1
        WHERE id = $id AND version = $version
        """;

    private const string DecideSql =
        """
        UPDATE deliveries SET state = $state, next_at = $nextAt, version = version + 1
        WHERE id = $id AND version = $version
        """;

    private const string AddAttemptSql =
        """
        INSERT INTO attempts (delivery_id, number, tenant, at, duration, status, error)
        VALUES ($id, $number, $tenant, $at, $duration, $status, $error)
        """;

    private const string AttemptsSql = "SELECT number, at, duration, status, error FROM attempts WHERE delivery_id = $id ORDER BY number";

    private const string FindSql = $"SELECT {Columns} FROM deliveries d WHERE d.id = $id";

    private const string ByStateSql = $"SELECT {Columns} FROM deliveries d WHERE d.state = $state ORDER BY d.row DESC LIMIT $max";

    private const string NewestSql = $"SELECT {Columns} FROM deliveries d ORDER BY d.row DESC LIMIT $max";

    public static void Add(Session db, EventDelivery delivery) => db.Command(AddSql)
        .Bind("$id", delivery.Id).Bind("$tenant", delivery.Tenant).Bind("$subscription", delivery.Subscription)
        .Bind("$eventPosition", delivery.EventPosition).Bind("$createdAt", delivery.CreatedAt).Bind("$state", (int)delivery.State)
        .Bind("$attempts", delivery.Attempts).Bind("$nextAt", delivery.NextAt).Bind("$version", delivery.Version)
        .Run();

    /// <summary>At most <paramref name="max"/> of each subscription, earliest first.</summary>
    public static List<EventDelivery> Due(Session db, DateTimeOffset now, int max) =>
        db.Command(DueSql).Bind("$now", now).Bind("$max", max).All(Read);

    public static DateTimeOffset? NextDue(Session db)
    {
        using var row = db.Command(NextDueSql).ExecuteReader();
        return row.Read() ? row.TimeOrNull(0) : null;
    }

    public static bool RecordAttempt(Session db, EventDelivery delivery, DeliveryAttempt attempt, DeliveryState next, DateTimeOffset? nextAt)
    {
        var moved = db.Command(MoveSql).Bind("$id", delivery.Id).Bind("$version", delivery.Version)
            .Bind("$state", (int)next).Bind("$attempts", attempt.Number).Bind("$nextAt", nextAt).Run() > 0;
        if (!moved) return false;
        db.Command(AddAttemptSql).Bind("$id", delivery.Id).Bind("$number", attempt.Number).Bind("$tenant", delivery.Tenant)
            .Bind("$at", attempt.At).Bind("$duration", attempt.Duration.Ticks).Bind("$status", attempt.Status).Bind("$error", attempt.Error).Run();
        return true;
    }

    public static bool Decide(Session db, EventDelivery delivery, DeliveryState next, DateTimeOffset? nextAt) => db.Command(DecideSql)
        .Bind("$id", delivery.Id).Bind("$version", delivery.Version).Bind("$state", (int)next).Bind("$nextAt", nextAt)
        .Run() > 0;

    public static EventDelivery? Find(Session db, string id) => db.Command(FindSql).Bind("$id", id).All(Read).FirstOrDefault();

    public static List<DeliveryAttempt> Attempts(Session db, string id) => db.Command(AttemptsSql).Bind("$id", id)
        .All(row => new DeliveryAttempt(row.GetInt32(0), row.Time(1), row.Span(2), row.GetInt32(3), row.TextOrNull(4)));

    public static List<EventDelivery> ByState(Session db, DeliveryState? state, int max) => state is { } wanted
        ? db.Command(ByStateSql).Bind("$state", (int)wanted).Bind("$max", max).All(Read)
        : db.Command(NewestSql).Bind("$max", max).All(Read);

    private static EventDelivery Read(SqliteDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.Time(4))
        {
            State = (DeliveryState)row.GetInt32(5),
            Attempts = row.GetInt32(6),
            NextAt = row.TimeOrNull(7),
            Version = row.GetInt32(8),
        };
}
