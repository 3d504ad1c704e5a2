namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Table <c>taken_names</c>: names that are taken once.</summary>
internal static class TakenRows
{
    private const string TakeSql =
        """
        INSERT INTO taken_names (name, until) VALUES ($name, $until)
        ON CONFLICT (name) DO UPDATE SET until = excluded.until WHERE until <= $now
        """;

    private const string PurgeSql = "DELETE FROM taken_names WHERE name IN (SELECT name FROM taken_names WHERE until <= $now LIMIT $max)";

    public static bool Take(Session db, string name, DateTimeOffset until, DateTimeOffset now) =>
        db.Command(TakeSql).Bind("$name", name).Bind("$until", until).Bind("$now", now).Run() > 0;

    /// <summary>Removes some that have ended; how many.</summary>
    public static int Purge(Session db, DateTimeOffset now, int max) => db.Command(PurgeSql).Bind("$now", now).Bind("$max", max).Run();
}
