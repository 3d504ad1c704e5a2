using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Table <c>endpoints</c>.</summary>
internal static class EndpointRows
{
    private const string AllSql = "SELECT tenant, name, failing_since, warned, disabled_at, reason, version, retaken, held FROM endpoints ORDER BY tenant, name";

    private const string AddSql =
        """
        INSERT INTO endpoints (tenant, name, failing_since, warned, disabled_at, reason, held, version)
        VALUES (@tenant, @name, @failingSince, @warned, @disabledAt, @reason, @held, 1) ON CONFLICT (tenant, name) DO NOTHING
        """;

    private const string ChangeSql =
        """
        UPDATE endpoints SET failing_since = @failingSince, warned = @warned, disabled_at = @disabledAt, reason = @reason, held = @held, version = version + 1
        WHERE tenant = @tenant AND name = @name AND version = @version
        """;

    private const string RetakeSql =
        """
        INSERT INTO endpoints (tenant, name, warned, version, retaken) VALUES (@tenant, @name, 0, 1, 1)
        ON CONFLICT (tenant, name) DO UPDATE SET retaken = endpoints.retaken + 1, version = endpoints.version + 1
        """;

    private const string FindSql = "SELECT tenant, name, failing_since, warned, disabled_at, reason, version, retaken, held FROM endpoints WHERE tenant = @tenant AND name = @name FOR UPDATE";

    public static NpgsqlBatchCommand All() => Statements.Of(AllSql);

    /// <summary>One, kept from others until the commit.</summary>
    public static NpgsqlBatchCommand Find(string tenant, string name) => Statements.Of(FindSql).Bind("tenant", tenant).Bind("name", name);

    /// <summary>Changes no row where somebody else was first.</summary>
    public static NpgsqlBatchCommand Change(EndpointState endpoint)
    {
        var command = endpoint.Version == 0 ? Statements.Of(AddSql) : Statements.Of(ChangeSql).Bind("version", endpoint.Version);
        return command.Bind("tenant", endpoint.Tenant).Bind("name", endpoint.Name).Bind("failingSince", endpoint.FailingSince)
            .Bind("warned", endpoint.Warned).Bind("disabledAt", endpoint.DisabledAt).Bind("reason", endpoint.Reason).Bind("held", endpoint.IsHeld);
    }

    public static NpgsqlBatchCommand Retake(string key)
    {
        var endpoint = EndpointState.Of(key);
        return Statements.Of(RetakeSql).Bind("tenant", endpoint.Tenant).Bind("name", endpoint.Name);
    }

    public static EndpointState Read(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1))
    {
        FailingSince = row.TimeOrNull(2),
        Warned = row.GetInt32(3),
        DisabledAt = row.TimeOrNull(4),
        Reason = row.TextOrNull(5),
        Version = row.GetInt32(6),
        Retaken = row.GetInt32(7),
        IsHeld = row.GetBoolean(8),
    };
}
