using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Table <c>endpoints</c>.</summary>
internal static class EndpointRows
{
    private const string AllSql = "SELECT tenant, name, failing_since, warned, disabled_at, reason, version, retaken, held FROM endpoints ORDER BY tenant, name";

    private const string AddSql =
        """
        INSERT INTO endpoints (tenant, name, failing_since, warned, disabled_at, reason, held, version)
        VALUES ($tenant, $name, $failingSince, $warned, $disabledAt, $reason, $held, 1) ON CONFLICT (tenant, name) DO NOTHING
        """;

    private const string ChangeSql =
        """
        UPDATE endpoints SET failing_since = $failingSince, warned = $warned, disabled_at = $disabledAt, reason = $reason, held = $held, version = version + 1
        WHERE tenant = $tenant AND name = $name AND version = $version
        """;

    private const string RetakeSql =
        """
        INSERT INTO endpoints (tenant, name, warned, version, retaken) VALUES ($tenant, $name, 0, 1, 1)
        ON CONFLICT (tenant, name) DO UPDATE SET retaken = retaken + 1, version = version + 1
        """;

    private const string FindSql = "SELECT tenant, name, failing_since, warned, disabled_at, reason, version, retaken, held FROM endpoints WHERE tenant = $tenant AND name = $name";

    public static List<EndpointState> All(Session db) => db.Command(AllSql).All(Read);

    public static EndpointState? Find(Session db, string tenant, string name) => db.Command(FindSql).Bind("$tenant", tenant).Bind("$name", name).First(Read);

    /// <summary>False where somebody else was first.</summary>
    public static bool Change(Session db, EndpointState endpoint)
    {
        var command = endpoint.Version == 0 ? db.Command(AddSql) : db.Command(ChangeSql).Bind("$version", endpoint.Version);
        return command.Bind("$tenant", endpoint.Tenant).Bind("$name", endpoint.Name).Bind("$failingSince", endpoint.FailingSince)
            .Bind("$warned", endpoint.Warned).Bind("$disabledAt", endpoint.DisabledAt).Bind("$reason", endpoint.Reason).Bind("$held", endpoint.IsHeld ? 1 : 0).Run() > 0;
    }

    public static void Retake(Session db, string key)
    {
        var endpoint = EndpointState.Of(key);
        db.Command(RetakeSql).Bind("$tenant", endpoint.Tenant).Bind("$name", endpoint.Name).Run();
    }

    private static EndpointState Read(SqliteDataReader row) => new(row.GetString(0), row.GetString(1))
    {
        FailingSince = row.TimeOrNull(2),
        Warned = row.GetInt32(3),
        DisabledAt = row.TimeOrNull(4),
        Reason = row.TextOrNull(5),
        Version = row.GetInt32(6),
        Retaken = row.GetInt32(7),
        IsHeld = row.GetInt32(8) == 1,
    };
}
