using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>The table <c>events</c>, by what its rows are about.</summary>
internal static class TraceRows
{
    /// <summary>What timelines are looked up by.</summary>
    public const string IndexSql =
        """
        -- By its hash: a subject may be longer than what a tree takes.
        CREATE INDEX events_subject ON events USING hash (subject);
        CREATE INDEX deliveries_event ON deliveries (event_position);
        """;

    // Ordered by what is no column alone: else the planner may go through the log from its end.
    internal const string AboutSql =
        """
        SELECT position, id, tenant, type, subject, time, correlation_id FROM events
        WHERE subject = ANY(@subjects) ORDER BY position + 0 DESC LIMIT @max
        """;

    public static NpgsqlBatchCommand About(IEnumerable<string> subjects, int max) => Statements.Of(AboutSql).Bind("subjects", subjects.ToArray()).Bind("max", max);

    public static ToldEvent Read(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.Time(5), row.TextOrNull(6));
}
