using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Table <c>audit</c>.</summary>
internal static class AuditRows
{
    private const string AppendSql =
        """
        INSERT INTO audit (at, tenant, consumer, route, method, path, revision, correlation_id, status, outcome, trace_id, reason, milliseconds)
        VALUES ($at, $tenant, $consumer, $route, $method, $path, $revision, $correlationId, $status, $outcome, $traceId, $reason, $milliseconds)
        """;

    private const string FindSql =
        """
        SELECT at, tenant, consumer, route, method, path, revision, correlation_id, status, outcome, trace_id, reason, milliseconds
        FROM audit WHERE correlation_id = $correlationId ORDER BY row LIMIT $max
        """;

    public static void Append(Session db, AuditRecord? record)
    {
        if (record is null) return;
        db.Command(AppendSql)
            .Bind("$at", record.At).Bind("$tenant", record.Tenant).Bind("$consumer", record.Consumer).Bind("$route", record.Route)
            .Bind("$method", record.Method).Bind("$path", record.Path).Bind("$revision", record.Revision)
            .Bind("$correlationId", record.CorrelationId).Bind("$status", record.Status).Bind("$outcome", record.Outcome)
            .Bind("$traceId", record.TraceId).Bind("$reason", record.Reason).Bind("$milliseconds", record.Milliseconds)
            .Run();
    }

    public static List<AuditRecord> Find(Session db, string correlationId, int max) =>
        db.Command(FindSql).Bind("$correlationId", correlationId).Bind("$max", max).All(Read);

    private static AuditRecord Read(SqliteDataReader row) => new(
        row.Time(0), row.GetString(1), row.TextOrNull(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6), row.GetString(7),
        row.GetInt32(8), row.GetString(9))
    {
        TraceId = row.TextOrNull(10),
        Reason = row.TextOrNull(11),
        Milliseconds = row.GetDouble(12),
    };
}
