using System.Globalization;
using Gateway.Delivery.Audit;
using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>
/// Records of before there were chains, in the tables <c>audit</c> and <c>audit_blocks</c>, become links: their chain begins when they are taken
/// over. A few at a time, each with its own transaction, so that a start that is cut off goes on where it was.
/// </summary>
internal static class AuditImport
{
    private const int Batch = 4096;

    private const string RowsSql =
        """
        SELECT at, tenant, consumer, route, method, path, revision, correlation_id, status, outcome, trace_id, reason, milliseconds, row
        FROM audit ORDER BY row LIMIT $max
        """;

    private const string BlockSql = "SELECT row, records FROM audit_blocks ORDER BY row LIMIT 1";

    public static void Run(Session db, AuditRows audit, DateTimeOffset now)
    {
        while (InTransaction(db, () => Block(db, audit, now) || Rows(db, audit, now)))
        {
        }
    }

    private static bool Block(Session db, AuditRows audit, DateTimeOffset now)
    {
        if (db.Command(BlockSql).First(row => Tuple.Create(row.GetInt64(0), row.Bytes(1))) is not var (block, bytes)) return false;
        Append(db, audit, AuditForm.Read(bytes, AuditClass.Confidential, (_, _) => null), now);
        db.Command("DELETE FROM audit_blocks WHERE row = $row").Bind("$row", block).Run();
        return true;
    }

    private static bool Rows(Session db, AuditRows audit, DateTimeOffset now)
    {
        var rows = db.Command(RowsSql).Bind("$max", Batch).All(row => (Record: Read(row), Row: row.GetInt64(13)));
        if (rows.Count == 0) return false;
        Append(db, audit, [.. rows.Select(r => r.Record)], now);
        db.Command("DELETE FROM audit WHERE row <= $row").Bind("$row", rows[^1].Row).Run();
        return true;
    }

    private static void Append(Session db, AuditRows audit, IReadOnlyList<AuditRecord> records, DateTimeOffset now)
    {
        audit.Append(db, audit.Seal(records));
        audit.Flush(db, now);
    }

    private static bool InTransaction(Session db, Func<bool> step)
    {
        if (Convert.ToInt64(db.Command("SELECT EXISTS (SELECT 1 FROM audit_blocks) + EXISTS (SELECT 1 FROM audit)").ExecuteScalar(), CultureInfo.InvariantCulture) == 0) return false;
        db.Execute("BEGIN IMMEDIATE");
        var more = step();
        db.Execute("COMMIT");
        return more;
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
