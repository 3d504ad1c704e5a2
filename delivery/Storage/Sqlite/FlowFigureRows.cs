namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Tables <c>flow_figures</c>, a row for each instance that counts for a figure, and <c>flow_hours</c>, how promises were kept.</summary>
internal static class FlowFigureRows
{
    /// <summary>The tables, as the step of <see cref="Migrations"/> makes them.</summary>
    public const string Sql =
        """
        -- The group is JSON of names that a figure is counted by, in clear; of a figure that lasts the row stays.
        CREATE TABLE flow_figures (
            figure TEXT NOT NULL,
            instance TEXT NOT NULL,
            flow TEXT NOT NULL,
            tenant TEXT NOT NULL,
            lasts INTEGER NOT NULL,
            grp TEXT NOT NULL,
            amount INTEGER,
            at INTEGER NOT NULL,
            PRIMARY KEY (figure, instance)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX flow_figures_now ON flow_figures (flow, figure, grp, at, amount) WHERE lasts = 0;
        CREATE INDEX flow_figures_lasting ON flow_figures (at, flow, figure, grp, amount) WHERE lasts = 1;
        -- An hour is the ticks of its beginning. A few rows of each, so that those who end at the same time don't wait for each other.
        CREATE TABLE flow_hours (
            hour INTEGER NOT NULL,
            flow TEXT NOT NULL,
            shard INTEGER NOT NULL,
            kept INTEGER NOT NULL,
            broken INTEGER NOT NULL,
            PRIMARY KEY (hour, flow, shard)
        ) STRICT, WITHOUT ROWID;
        """;

    private const string CountSql =
        """
        INSERT INTO flow_figures (figure, instance, flow, tenant, lasts, grp, amount, at) VALUES ($figure, $id, $flow, $tenant, $lasts, $group, $amount, $now)
        ON CONFLICT (figure, instance) DO UPDATE SET flow = excluded.flow, lasts = excluded.lasts, grp = excluded.grp, amount = excluded.amount
        """;

    private const string DropSql = "DELETE FROM flow_figures WHERE figure = $figure AND instance = $id";

    private const string PromiseSql =
        """
        INSERT INTO flow_hours (hour, flow, shard, kept, broken) VALUES ($hour, $flow, $shard, $kept, $broken)
        ON CONFLICT (hour, flow, shard) DO UPDATE SET kept = kept + excluded.kept, broken = broken + excluded.broken
        """;

    internal const string SumsSql =
        """
        SELECT flow, figure, 0, grp, count(*), sum(amount), min(at) FROM flow_figures INDEXED BY flow_figures_now WHERE lasts = 0 GROUP BY flow, figure, grp
        UNION ALL
        SELECT flow, figure, 1, grp, count(*), sum(amount), min(at) FROM flow_figures INDEXED BY flow_figures_lasting WHERE lasts = 1 AND at >= $since GROUP BY flow, figure, grp
        ORDER BY 1, 2, 4
        """;

    private const string HoursSql = "SELECT flow, hour, sum(kept), sum(broken) FROM flow_hours WHERE hour >= $since GROUP BY flow, hour ORDER BY flow, hour";

    private const string ForgetSql = "DELETE FROM flow_hours WHERE hour < $before";

    /// <summary>What an instance counts for from now on, and how it has kept its promise.</summary>
    public static void Add(Session db, FlowMove move, DateTimeOffset now)
    {
        var instance = move.Instance;
        foreach (var change in move.Figures)
        {
            if (change.Group is null) db.Command(DropSql).Bind("$figure", change.Figure).Bind("$id", instance.Id).Run();
            else
            {
                db.Command(CountSql).Bind("$figure", change.Figure).Bind("$id", instance.Id).Bind("$flow", instance.Flow).Bind("$tenant", instance.Tenant)
                    .Bind("$lasts", change.Lasts ? 1 : 0).Bind("$group", change.Group).Bind("$amount", change.Amount).Bind("$now", now).Run();
            }
        }
        if (move.KeptPromise is { } kept)
        {
            db.Command(PromiseSql).Bind("$hour", FlowHours.Of(now)).Bind("$flow", instance.Flow).Bind("$shard", FlowHours.ShardOf(instance))
                .Bind("$kept", kept ? 1 : 0).Bind("$broken", kept ? 0 : 1).Run();
        }
    }

    public static List<FigureSum> Sums(Session db, DateTimeOffset since) => db.Command(SumsSql).Bind("$since", since)
        .All(row => new FigureSum(row.GetString(0), row.GetString(1), row.GetInt32(2) == 1, row.GetString(3), row.GetInt64(4), row.IsDBNull(5) ? null : FlowHours.Amount(row.GetInt64(5)), row.Time(6)));

    public static List<FlowHour> Hours(Session db, DateTimeOffset since) => db.Command(HoursSql).Bind("$since", FlowHours.Of(since))
        .All(row => new FlowHour(row.GetString(0), row.Time(1), row.GetInt64(2), row.GetInt64(3)));

    public static int Forget(Session db, DateTimeOffset before) => db.Command(ForgetSql).Bind("$before", before).Run();
}
