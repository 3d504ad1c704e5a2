using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Table <c>taken_names</c>: names that are taken once.</summary>
internal sealed class TakenRows(NodeTime time)
{
    private const string TakeSql =
        $"""
        INSERT INTO taken_names (name, until) VALUES (@name, {NodeTime.Clock} + @for)
        ON CONFLICT (name) DO UPDATE SET until = excluded.until WHERE taken_names.until <= {NodeTime.Clock}
        """;

    // What another node removes just now is left to it.
    private const string PurgeSql =
        $"DELETE FROM taken_names WHERE name IN (SELECT name FROM taken_names WHERE until <= {NodeTime.Clock} LIMIT @max FOR UPDATE SKIP LOCKED)";

    /// <summary>Takes a name that nobody has.</summary>
    public NpgsqlBatchCommand Take(string name, DateTimeOffset until) => time.Now(Statements.Of(TakeSql)).Bind("name", name).Bind("for", time.Until(until));

    /// <summary>Removes some that have ended.</summary>
    public NpgsqlBatchCommand Purge(int max) => time.Now(Statements.Of(PurgeSql)).Bind("max", max);
}
