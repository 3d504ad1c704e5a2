using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>
/// Tables <c>audit</c>, a row a record that belongs to the transaction of an outcome, and <c>audit_blocks</c>, many records a row
/// (<see cref="AuditBlock"/>).
/// </summary>
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

    private const string AppendBlockSql = "INSERT INTO audit_blocks (first_at, last_at, records, filter) VALUES ($firstAt, $lastAt, $records, $filter)";

    private const string FiltersSql = "SELECT row, filter FROM audit_blocks ORDER BY row";

    private const string BlockSql = "SELECT records FROM audit_blocks WHERE row = $row";

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

    /// <param name="block">What <see cref="AuditBlock.Write"/> made of the records.</param>
    public static void Append(Session db, IReadOnlyList<AuditRecord> records, byte[] block, byte[] filter) => db.Command(AppendBlockSql)
        .Bind("$firstAt", (DateTimeOffset?)records.Min(r => r.At)).Bind("$lastAt", (DateTimeOffset?)records.Max(r => r.At))
        .Bind("$records", block).Bind("$filter", filter)
        .Run();

    public static List<AuditRecord> Find(Session db, string correlationId, int max)
    {
        var alone = db.Command(FindSql).Bind("$correlationId", correlationId).Bind("$max", max).All(Read);
        return [.. alone.Concat(InBlocks(db, correlationId)).OrderBy(r => r.At).Take(max)];
    }

    private static List<AuditRecord> InBlocks(Session db, string correlationId)
    {
        var blocks = new List<long>();
        using (var rows = db.Command(FiltersSql).ExecuteReader())
        {
            while (rows.Read())
            {
                if (AuditBlock.MayHave(rows.Bytes(1), correlationId)) blocks.Add(rows.GetInt64(0));
            }
        }
        return [.. blocks
            .SelectMany(block => db.Command(BlockSql).Bind("$row", block).All(row => row.Bytes(0)))
            .SelectMany(AuditBlock.Read)
            .Where(record => record.CorrelationId == correlationId)];
    }

    private static AuditRecord Read(SqliteDataReader row) => new(
        row.Time(0), row.GetString(1), row.TextOrNull(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6), row.GetString(7),
        row.GetInt32(8), row.GetString(9))
    {
        TraceId = row.TextOrNull(10),
        Reason = row.TextOrNull(11),
        Milliseconds = row.GetDouble(12),
    };
}
