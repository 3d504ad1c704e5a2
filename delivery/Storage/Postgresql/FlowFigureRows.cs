using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Tables <c>flow_figures</c>, a row for each instance that counts for a figure, and <c>flow_hours</c>, how promises were kept.</summary>
internal static class FlowFigureRows
{
    /// <summary>The tables, as the step of <see cref="Migrations"/> makes them.</summary>
    public const string Sql =
        """
        -- The group is JSON of names that a figure is counted by, in clear; of a figure that lasts the row stays.
        CREATE TABLE flow_figures (
            figure text NOT NULL,
            instance text NOT NULL,
            flow text NOT NULL,
            tenant text NOT NULL,
            lasts boolean NOT NULL,
            grp text NOT NULL,
            amount bigint,
            at bigint NOT NULL,
            PRIMARY KEY (figure, instance)
        );
        CREATE INDEX flow_figures_now ON flow_figures (flow, figure, grp, at, amount) WHERE NOT lasts;
        CREATE INDEX flow_figures_lasting ON flow_figures (at, flow, figure, grp, amount) WHERE lasts;
        -- An hour is the ticks of its beginning. A few rows of each, so that those who end at the same time don't wait for each other.
        CREATE TABLE flow_hours (
            hour bigint NOT NULL,
            flow text NOT NULL,
            shard integer NOT NULL,
            kept bigint NOT NULL,
            broken bigint NOT NULL,
            PRIMARY KEY (hour, flow, shard)
        );
        """;

    private const string CountSql =
        """
        INSERT INTO flow_figures AS f (figure, instance, flow, tenant, lasts, grp, amount, at)
        SELECT c.figure, @id, @flow, @tenant, c.lasts = 1, c.grp, CASE WHEN c.has = 1 THEN c.amount END, @now
        FROM unnest(@figures, @lasts, @groups, @has, @amounts) AS c (figure, lasts, grp, has, amount) WHERE
        """;

    private const string Recount =
        "ON CONFLICT (figure, instance) DO UPDATE SET flow = excluded.flow, lasts = excluded.lasts, grp = excluded.grp, amount = excluded.amount";

    private const string DropSql = "DELETE FROM flow_figures WHERE instance = @id AND figure = ANY (@figures) AND";

    private const string PromiseSql = "INSERT INTO flow_hours AS h (hour, flow, shard, kept, broken) SELECT @hour, @flow, @shard, @kept, @broken WHERE";

    private const string More = "ON CONFLICT (hour, flow, shard) DO UPDATE SET kept = h.kept + excluded.kept, broken = h.broken + excluded.broken";

    internal const string SumsSql =
        """
        SELECT flow, figure, false, grp, count(*), sum(amount), min(at) FROM flow_figures WHERE NOT lasts GROUP BY flow, figure, grp
        UNION ALL
        SELECT flow, figure, true, grp, count(*), sum(amount), min(at) FROM flow_figures WHERE lasts AND at >= @since GROUP BY flow, figure, grp
        ORDER BY 1, 2, 4
        """;

    private const string HoursSql =
        "SELECT flow, hour, sum(kept)::bigint, sum(broken)::bigint FROM flow_hours WHERE hour >= @since GROUP BY flow, hour ORDER BY flow, hour";

    private const string ForgetSql = "DELETE FROM flow_hours WHERE hour < @before";

    /// <summary>What an instance counts for from now on, and how it has kept its promise.</summary>
    public static IEnumerable<NpgsqlBatchCommand> Add(FlowMove move, Guard guard, DateTimeOffset now)
    {
        var instance = move.Instance;
        var dropped = move.Figures.Where(f => f.Group is null).Select(f => f.Figure).ToArray();
        if (dropped.Length > 0) yield return guard.On(Statements.Of($"{DropSql} {guard.Sql}").Bind("id", instance.Id).Bind("figures", dropped));
        var counted = move.Figures.Where(f => f.Group is not null).ToList();
        if (counted.Count > 0)
        {
            yield return guard.On(Statements.Of($"{CountSql} {guard.Sql} {Recount}").Bind("id", instance.Id).Bind("flow", instance.Flow).Bind("tenant", instance.Tenant).Bind("now", now)
                .Bind("figures", counted.Select(f => f.Figure).ToArray()).Bind("lasts", counted.Select(f => f.Lasts ? 1L : 0).ToArray()).Bind("groups", counted.Select(f => f.Group!).ToArray())
                .Bind("has", counted.Select(f => f.Amount is null ? 0L : 1).ToArray()).Bind("amounts", counted.Select(f => f.Amount ?? 0).ToArray()));
        }
        if (move.KeptPromise is { } kept)
        {
            yield return guard.On(Statements.Of($"{PromiseSql} {guard.Sql} {More}").Bind("hour", FlowHours.Of(now)).Bind("flow", instance.Flow).Bind("shard", FlowHours.ShardOf(instance))
                .Bind("kept", (long?)(kept ? 1 : 0)).Bind("broken", (long?)(kept ? 0 : 1)));
        }
    }

    public static NpgsqlBatchCommand Sums(DateTimeOffset since) => Statements.Of(SumsSql).Bind("since", since);

    public static FigureSum ReadSum(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetString(3), row.GetInt64(4), row.IsDBNull(5) ? null : FlowHours.Amount(row.GetDecimal(5)), row.Time(6));

    public static NpgsqlBatchCommand Hours(DateTimeOffset since) => Statements.Of(HoursSql).Bind("since", FlowHours.Of(since));

    public static FlowHour ReadHour(NpgsqlDataReader row) => new(row.GetString(0), row.Time(1), row.GetInt64(2), row.GetInt64(3));

    public static NpgsqlBatchCommand Forget(DateTimeOffset before) => Statements.Of(ForgetSql).Bind("before", before);
}
