using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Tables <c>feeds</c> and <c>feed_records</c>. One writer, so what is looked at holds until what follows from it is written.</summary>
internal static class FeedRows
{
    /// <summary>Records that somebody has said to have changed, until they were looked at.</summary>
    public const string HintsSql = "CREATE TABLE feed_hints (feed TEXT NOT NULL, id INTEGER NOT NULL, mark TEXT NOT NULL, PRIMARY KEY (feed, id)) STRICT, WITHOUT ROWID";

    private const string HintSql =
        """
        INSERT INTO feed_hints (feed, id, mark)
        SELECT $feed, $id, $mark WHERE (SELECT count(*) FROM feed_hints WHERE feed = $feed) < $most OR EXISTS (SELECT 1 FROM feed_hints WHERE feed = $feed AND id = $id)
        ON CONFLICT (feed, id) DO UPDATE SET mark = excluded.mark
        """;

    private const string FindSql = "SELECT feed, lease_owner, version, scope, watermark, due_at, looked_at, reconciled_at FROM feeds WHERE feed = $feed";

    // Nobody but this process has the file: who else has taken a look is dead, and an earlier one of its own has been given up.
    private const string TakeSql =
        """
        INSERT INTO feeds (feed, scope, watermark, lease_owner, lease_until, due_at, version) VALUES ($feed, '', $never, $owner, $until, $now, 1)
        ON CONFLICT (feed) DO UPDATE SET lease_owner = $owner, lease_until = $until, version = version + 1
        WHERE due_at <= $now OR $hurried
        """;

    private const string MoveSql =
        """
        UPDATE feeds SET scope = $scope, watermark = $watermark, lease_until = $until, due_at = $due, looked_at = $looked, reconciled_at = $reconciled, version = version + 1
        WHERE feed = $feed AND version = $version AND lease_owner = $owner
        """;

    private const string Columns = "id, written_at, hash, stage, subjects, told, settled, version";

    private const string KnownSql = $"SELECT {Columns} FROM feed_records WHERE feed = $feed AND id IN (SELECT value FROM json_each($ids)) ORDER BY id";

    private const string KnownAfterSql = $"SELECT {Columns} FROM feed_records WHERE feed = $feed AND id > $after ORDER BY id LIMIT $max";

    private const string OwedSql = $"SELECT {Columns} FROM feed_records WHERE feed = $feed AND hash = 'owed' ORDER BY id LIMIT $max";

    private const string VersionSql = "SELECT version FROM feed_records WHERE feed = $feed AND id = $id";

    private const string PutSql =
        """
        INSERT INTO feed_records (feed, id, written_at, hash, stage, subjects, told, settled, version) VALUES ($feed, $id, $written, $hash, $stage, $subjects, $told, $settled, 1)
        ON CONFLICT (feed, id) DO UPDATE SET
            written_at = excluded.written_at, hash = excluded.hash, stage = excluded.stage, subjects = excluded.subjects, told = excluded.told, settled = excluded.settled,
            version = version + 1
        """;

    // Whom it was told to is not the route's to say.
    private const string NoteSql =
        """
        INSERT INTO feed_records (feed, id, written_at, hash, stage, subjects, told, settled, version) VALUES ($feed, $id, $written, $hash, $stage, $subjects, $told, 0, 1)
        ON CONFLICT (feed, id) DO UPDATE SET written_at = excluded.written_at, hash = excluded.hash, stage = excluded.stage, told = excluded.told, settled = 0, version = version + 1
        """;

    private const string RemoveSql = "DELETE FROM feed_records WHERE feed = $feed AND id = $id";

    public static FeedState? Find(Session db, string feed) => db.Command(FindSql).Bind("$feed", feed).First(Read);

    public static bool Take(Session db, string feed, string owner, DateTimeOffset until, bool hurried, DateTimeOffset now) => db.Command(TakeSql)
        .Bind("$feed", feed).Bind("$owner", owner).Bind("$until", until).Bind("$hurried", hurried).Bind("$now", now).Bind("$never", default(DateTimeOffset)).Run() > 0;

    /// <summary>Whether all that a step rests on is as it was read.</summary>
    public static bool Holds(Session db, FeedStep step) =>
        Find(db, step.From.Feed) is { } now && now.Version == step.From.Version && now.Owner == step.From.Owner
        && step.Records.Concat(step.Gone).All(record => VersionOf(db, step.From.Feed, record.Id) == record.Version);

    /// <summary>Writes a step whose ground <see cref="Holds"/>.</summary>
    public static void Write(Session db, FeedStep step)
    {
        var feed = step.From.Feed;
        foreach (var record in step.Records) Of(db.Command(PutSql), feed, record).Bind("$settled", record.Settled).Run();
        foreach (var record in step.Gone) db.Command(RemoveSql).Bind("$feed", feed).Bind("$id", record.Id).Run();
        db.Command(MoveSql)
            .Bind("$feed", feed).Bind("$version", step.From.Version).Bind("$owner", step.From.Owner).Bind("$scope", step.To.Scope).Bind("$watermark", step.To.Watermark)
            .Bind("$until", step.LeaseUntil).Bind("$due", step.To.DueAt).Bind("$looked", step.To.LookedAt).Bind("$reconciled", step.To.ReconciledAt).Run();
    }

    public static void Note(Session db, NotedRecord noted) => Of(db.Command(NoteSql), noted.Feed, noted.Record).Run();

    public static List<KnownRecord> Known(Session db, string feed, IReadOnlyList<int> ids) =>
        db.Command(KnownSql).Bind("$feed", feed).Bind("$ids", $"[{string.Join(',', ids)}]").All(ReadRecord);

    public static List<KnownRecord> KnownAfter(Session db, string feed, int after, int max) =>
        db.Command(KnownAfterSql).Bind("$feed", feed).Bind("$after", after).Bind("$max", max).All(ReadRecord);

    public static List<KnownRecord> Owed(Session db, string feed, int max) => db.Command(OwedSql).Bind("$feed", feed).Bind("$max", max).All(ReadRecord);

    public static void Hint(Session db, string feed, int id, string mark, int most) =>
        db.Command(HintSql).Bind("$feed", feed).Bind("$id", id).Bind("$mark", mark).Bind("$most", most).Run();

    public static List<RecordHint> Hints(Session db, string feed) =>
        db.Command("SELECT id, mark FROM feed_hints WHERE feed = $feed ORDER BY id").Bind("$feed", feed).All(row => new RecordHint(row.GetInt32(0), row.GetString(1)));

    public static void Drop(Session db, string feed, RecordHint hint) =>
        db.Command("DELETE FROM feed_hints WHERE feed = $feed AND id = $id AND mark = $mark").Bind("$feed", feed).Bind("$id", hint.Id).Bind("$mark", hint.Mark).Run();

    /// <summary>0 for one that is not there.</summary>
    private static int VersionOf(Session db, string feed, int id)
    {
        using var row = db.Command(VersionSql).Bind("$feed", feed).Bind("$id", id).ExecuteReader();
        return row.Read() ? row.GetInt32(0) : 0;
    }

    private static SqliteCommand Of(SqliteCommand command, string feed, KnownRecord record) => command
        .Bind("$feed", feed).Bind("$id", record.Id).Bind("$written", record.WrittenAt).Bind("$hash", record.Hash).Bind("$stage", record.Stage)
        .Bind("$subjects", SubjectsText.Write(record.Subjects)).Bind("$told", record.Told);

    private static FeedState Read(SqliteDataReader row) => new(row.GetString(0), row.GetString(1), row.GetInt32(2))
    {
        Scope = row.GetString(3),
        Watermark = row.Time(4),
        DueAt = row.Time(5),
        LookedAt = row.TimeOrNull(6),
        ReconciledAt = row.TimeOrNull(7),
    };

    private static KnownRecord ReadRecord(SqliteDataReader row) => new(row.GetInt32(0), row.Time(1), row.GetString(2), row.GetString(3))
    {
        Subjects = SubjectsText.Read(row.GetString(4)),
        Told = row.GetString(5),
        Settled = row.GetBoolean(6),
        Version = row.GetInt32(7),
    };
}
