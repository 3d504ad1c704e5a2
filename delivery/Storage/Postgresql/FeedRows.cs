using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Tables <c>feeds</c> and <c>feed_records</c>. Who looks is decided by the feed's row and the database's clock, what was known by each record's version.</summary>
internal sealed class FeedRows(NodeTime time)
{
    /// <summary>Records that somebody has said to have changed, until they were looked at.</summary>
    public const string HintsSql = "CREATE TABLE feed_hints (feed text NOT NULL, id integer NOT NULL, mark text NOT NULL, PRIMARY KEY (feed, id))";

    private const string HintSql =
        """
        INSERT INTO feed_hints (feed, id, mark)
        SELECT @feed, @id, @mark WHERE (SELECT count(*) FROM feed_hints WHERE feed = @feed) < @most OR EXISTS (SELECT 1 FROM feed_hints WHERE feed = @feed AND id = @id)
        ON CONFLICT (feed, id) DO UPDATE SET mark = excluded.mark
        """;

    private const string DropSql = "DELETE FROM feed_hints h USING unnest(@ids, @marks) AS seen (id, mark) WHERE h.feed = @feed AND h.id = seen.id AND h.mark = seen.mark";

    private const string Columns = $"feed, lease_owner, version, scope, watermark, due_at - {NodeTime.Clock}, looked_at - {NodeTime.Clock}, reconciled_at - {NodeTime.Clock}";

    private const string FindSql = $"SELECT {Columns} FROM feeds WHERE feed = @feed";

    private const string TakeSql =
        $"""
        INSERT INTO feeds (feed, scope, watermark, lease_owner, lease_until, due_at, version) VALUES (@feed, '', @never, @owner, {NodeTime.Clock} + @lease, {NodeTime.Clock}, 1)
        ON CONFLICT (feed) DO UPDATE SET lease_owner = @owner, lease_until = {NodeTime.Clock} + @lease, version = feeds.version + 1
        WHERE (feeds.lease_until <= {NodeTime.Clock} OR feeds.lease_owner = @owner) AND (feeds.due_at <= {NodeTime.Clock} OR @hurried > 0)
        RETURNING {Columns}
        """;

    private const string MoveSql =
        $"""
        UPDATE feeds SET scope = @scope, watermark = @watermark, lease_until = {NodeTime.Clock} + @lease, due_at = {NodeTime.Clock} + @due,
            looked_at = {NodeTime.Clock} + @looked, reconciled_at = {NodeTime.Clock} + @reconciled, version = version + 1
        WHERE feed = @feed AND version = @version AND lease_owner = @owner
        """;

    private const string RecordColumns = "id, written_at, hash, stage, subjects, told, settled, version";

    private const string KnownSql = $"SELECT {RecordColumns} FROM feed_records WHERE feed = @feed AND id = ANY(@ids) ORDER BY id";

    private const string KnownAfterSql = $"SELECT {RecordColumns} FROM feed_records WHERE feed = @feed AND id > @after ORDER BY id LIMIT @max";

    private const string OwedSql = $"SELECT {RecordColumns} FROM feed_records WHERE feed = @feed AND hash = 'owed' ORDER BY id LIMIT @max";

    private const string AddSql =
        "INSERT INTO feed_records (feed, id, written_at, hash, stage, subjects, told, settled, version) VALUES (@feed, @id, @written, @hash, @stage, @subjects, @told, @settled > 0, 1)";

    private const string PutSql =
        """
        UPDATE feed_records SET written_at = @written, hash = @hash, stage = @stage, subjects = @subjects, told = @told, settled = @settled > 0, version = version + 1
        WHERE feed = @feed AND id = @id AND version = @version
        """;

    // Whom it was told to is not the route's to say.
    private const string NoteSql =
        """
        INSERT INTO feed_records (feed, id, written_at, hash, stage, subjects, told, settled, version)
        SELECT @feed, @id, @written, @hash, @stage, @subjects, @told, false, 1 WHERE
        """;

    private const string OnNoted =
        """

        ON CONFLICT (feed, id) DO UPDATE SET
            written_at = excluded.written_at, hash = excluded.hash, stage = excluded.stage, told = excluded.told, settled = false, version = feed_records.version + 1
        """;

    private const string RemoveSql = "DELETE FROM feed_records WHERE feed = @feed AND id = @id AND version = @version";

    public NpgsqlBatchCommand Find(string feed) => time.Now(Statements.Of(FindSql)).Bind("feed", feed);

    /// <summary>Its row is the feed as it stands then; none where it is another's, or not due.</summary>
    public NpgsqlBatchCommand Take(string feed, string owner, DateTimeOffset until, bool hurried) => time.Now(Statements.Of(TakeSql))
        .Bind("feed", feed).Bind("owner", owner).Bind("lease", time.Until(until)).Bind("hurried", hurried ? 1 : 0).Bind("never", default(DateTimeOffset));

    public NpgsqlBatchCommand Move(FeedStep step) => time.Now(Statements.Of(MoveSql))
        .Bind("feed", step.From.Feed).Bind("version", step.From.Version).Bind("owner", step.From.Owner).Bind("scope", step.To.Scope).Bind("watermark", step.To.Watermark)
        .Bind("lease", time.Until(step.LeaseUntil)).Bind("due", time.Until(step.To.DueAt)).Bind("looked", time.Until(step.To.LookedAt)).Bind("reconciled", time.Until(step.To.ReconciledAt));

    /// <summary>Changes one row, or none where something of it was noted since.</summary>
    public static NpgsqlBatchCommand Put(string feed, KnownRecord record) => record.Version == 0
        ? Of(AddSql + " ON CONFLICT DO NOTHING", feed, record).Bind("settled", record.Settled ? 1 : 0)
        : Of(PutSql, feed, record).Bind("settled", record.Settled ? 1 : 0).Bind("version", record.Version);

    public static NpgsqlBatchCommand Remove(string feed, KnownRecord record) =>
        Statements.Of(RemoveSql).Bind("feed", feed).Bind("id", record.Id).Bind("version", record.Version);

    public static NpgsqlBatchCommand Note(NotedRecord noted, Guard guard) => guard.On(Of($"{NoteSql} {guard.Sql}{OnNoted}", noted.Feed, noted.Record));

    public static NpgsqlBatchCommand Known(string feed, IReadOnlyList<int> ids) => Statements.Of(KnownSql).Bind("feed", feed).Bind("ids", ids.Select(id => (long)id).ToArray());

    public static NpgsqlBatchCommand KnownAfter(string feed, int after, int max) => Statements.Of(KnownAfterSql).Bind("feed", feed).Bind("after", after).Bind("max", max);

    public static NpgsqlBatchCommand Owed(string feed, int max) => Statements.Of(OwedSql).Bind("feed", feed).Bind("max", max);

    public static NpgsqlBatchCommand Hint(string feed, int id, string mark, int most) => Statements.Of(HintSql).Bind("feed", feed).Bind("id", id).Bind("mark", mark).Bind("most", most);

    public static NpgsqlBatchCommand Hints(string feed) => Statements.Of("SELECT id, mark FROM feed_hints WHERE feed = @feed ORDER BY id").Bind("feed", feed);

    public static NpgsqlBatchCommand Drop(string feed, IReadOnlyList<RecordHint> hints) =>
        Statements.Of(DropSql).Bind("feed", feed).Bind("ids", hints.Select(hint => (long)hint.Id).ToArray()).Bind("marks", hints.Select(hint => hint.Mark).ToArray());

    public static RecordHint ReadHint(NpgsqlDataReader row) => new(row.GetInt32(0), row.GetString(1));

    public FeedState Read(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetInt32(2))
    {
        Scope = row.GetString(3),
        Watermark = row.Time(4),
        DueAt = time.Read(row, 5),
        LookedAt = time.ReadOrNull(row, 6),
        ReconciledAt = time.ReadOrNull(row, 7),
    };

    public static KnownRecord ReadRecord(NpgsqlDataReader row) => new(row.GetInt32(0), row.Time(1), row.GetString(2), row.GetString(3))
    {
        Subjects = SubjectsText.Read(row.GetString(4)),
        Told = row.GetString(5),
        Settled = row.GetBoolean(6),
        Version = row.GetInt32(7),
    };

    private static NpgsqlBatchCommand Of(string sql, string feed, KnownRecord record) => Statements.Of(sql)
        .Bind("feed", feed).Bind("id", record.Id).Bind("written", record.WrittenAt).Bind("hash", record.Hash).Bind("stage", record.Stage)
        .Bind("subjects", SubjectsText.Write(record.Subjects)).Bind("told", record.Told);
}
