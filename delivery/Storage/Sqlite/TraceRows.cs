using System.Text.Json;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>The table <c>events</c>, by what its rows are about.</summary>
internal static class TraceRows
{
    /// <summary>What timelines are looked up by.</summary>
    public const string IndexSql =
        """
        CREATE INDEX events_subject ON events (subject, position);
        CREATE INDEX deliveries_event ON deliveries (event_position);
        """;

    // The index is named because the planner, without statistics, goes through the log from its end.
    internal const string AboutSql =
        """
        SELECT position, id, tenant, type, subject, time, correlation_id FROM events INDEXED BY events_subject
        WHERE subject IN (SELECT value FROM json_each($subjects)) ORDER BY position DESC LIMIT $max
        """;

    public static List<ToldEvent> About(Session db, IEnumerable<string> subjects, int max) => db.Command(AboutSql).Bind("$subjects", JsonSerializer.Serialize(subjects)).Bind("$max", max)
        .All(row => new ToldEvent(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.Time(5), row.TextOrNull(6)));
}
