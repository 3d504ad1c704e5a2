using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gateway.Delivery.Audit;
using Gateway.Delivery.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>Somebody who can write to the SQLite file, with another connection: what is changed in the audit is found, and where.</summary>
public sealed class AuditTamperingTests
{
    private const string Segment = "audit_links WHERE segment = (SELECT row FROM audit_segments WHERE class = 'confidential' AND number = 2)";

    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    /// <summary>Edits of the file, and the findings that must come of them: the place's end and a word of the problem.</summary>
    public static TheoryData<string, string, string> Edits => new()
    {
        { $"UPDATE audit_links SET records = CAST(substr(records, 1, 40) || X'DEADBEEF' || substr(records, 45) AS BLOB) WHERE row IN (SELECT row FROM {Segment} AND number = 3)", "/2 link 3", "it was changed" },
        { $"UPDATE audit_links SET correlation_id = 'another' WHERE row IN (SELECT row FROM {Segment} AND number = 2)", "/2 link 2", "it was changed" },
        { $"UPDATE audit_links SET filter = zeroblob(length(filter)) WHERE row IN (SELECT row FROM {Segment} AND number = 3)", "/2 link 3", "it was changed" },
        { $"UPDATE audit_links SET first_at = first_at + 1 WHERE row IN (SELECT row FROM {Segment} AND number = 3)", "/2 link 3", "it was changed" },
        { $"UPDATE audit_links SET last_at = -1 WHERE row IN (SELECT row FROM {Segment} AND number = 3)", "/2 link 3", "it was changed" },
        { "UPDATE audit_segments SET last_at = 9223372036854775807 WHERE class = 'confidential' AND number = 2", "/2", "the seal does not fit" },
        { $"UPDATE audit_links SET hash = '{new string('a', 64)}' WHERE row IN (SELECT row FROM {Segment} AND number = 3)", "/2 link 3", "it was changed" },
        { $"DELETE FROM {Segment} AND number = 2", "/2 link 2", "it is missing" },
        { $"DELETE FROM {Segment} AND number BETWEEN 2 AND 3", "/2 link 2", "it and those up to 3 are missing" },
        { $"DELETE FROM {Segment} AND number = 4", "/2 link 4", "it is missing at the end" },
        { $"DELETE FROM {Segment} AND number > 1", "/2 link 2", "it and all up to 4 are missing at the end" },
        { $"DELETE FROM {Segment}", "/2 link 1", "it and all up to 4 are missing at the end" },
        { $"UPDATE audit_links SET number = 99 WHERE row IN (SELECT row FROM {Segment} AND number = 2); UPDATE audit_links SET number = 2 WHERE row IN (SELECT row FROM {Segment} AND number = 3); UPDATE audit_links SET number = 3 WHERE number = 99", "/2 link 2", "does not stand where it was recorded" },
        { $"INSERT INTO audit_links SELECT NULL, segment, 5, first_at, last_at, correlation_id, filter, hash, records FROM {Segment} AND number = 4", "/2 link 5", "it stands behind the head" },
        { "DELETE FROM audit_segments WHERE class = 'confidential' AND number = 2", "/3", "the segment before it is missing" },
        { "DELETE FROM audit_segments WHERE class = 'confidential' AND number < 3", "/3", "the 2 segments before it are missing" },
        { "UPDATE audit_segments SET dropped_at = 1 WHERE class = 'confidential' AND number = 2", "/2", "the seal does not fit" },
        { "UPDATE audit_segments SET erased = 1 WHERE class = 'confidential' AND number = 2", "/2", "the seal does not fit" },
        { "UPDATE audit_node SET key = (SELECT sealed FROM taken)", "/1", "the seal does not fit" },
        { "DELETE FROM audit_persons WHERE segment = 2 AND link = 1", "/2", "is missing 1 times, and was erased 0 times" },
        { "UPDATE audit_persons SET sealed = CAST(substr(sealed, 1, 60) || X'DEADBEEF' || substr(sealed, 65) AS BLOB) WHERE segment = 2 AND link = 1", "/2 link 1", "it can't be decrypted" },
        { "UPDATE audit_persons SET sealed = (SELECT sealed FROM audit_persons WHERE segment = 1 AND link = 1) WHERE segment = 2 AND link = 1", "/2 link 1", "is not what was recorded" },
    };

    [Theory, MemberData(nameof(Edits))]
    public async Task What_was_edited_in_the_file_is_found_with_its_place(string edit, string place, string problem)
    {
        await using var fixture = await FilledAsync();
        if (edit.Contains("taken", StringComparison.Ordinal)) await TakeKeyOfAnotherAsync(fixture);
        Sql(fixture.DataDirectory, edit);

        var report = await ReopenedAsync(fixture);

        Assert.Contains(report.Findings, f => f.Place.EndsWith(place, StringComparison.Ordinal) && f.Problem.Contains(problem, StringComparison.Ordinal));
        Assert.Contains(report.Segments, s => !s.Intact);
        // The chains that nobody touched are whole, unless the key is another.
        if (!edit.Contains("audit_node", StringComparison.Ordinal)) Assert.All(report.Segments.Where(s => s.Segment.Class != AuditClass.Confidential), s => Assert.True(s.Intact));
    }

    [Fact]
    public async Task A_store_that_nobody_edited_has_no_findings()
    {
        await using var fixture = await FilledAsync();

        var report = await ReopenedAsync(fixture);

        Assert.Empty(report.Findings);
        Assert.Equal([1, 2, 3, 1], report.Segments.Select(s => s.Segment.Number));
        Assert.All(report.Segments, s => Assert.True(s.Intact));
    }

    [Fact]
    public async Task A_chain_that_was_computed_anew_from_a_changed_link_on_is_found_by_its_seal()
    {
        await using var fixture = await FilledAsync();
        Rechain(fixture.DataDirectory, segment: 2, sealed_: false);
        Assert.Contains((await ReopenedAsync(fixture)).Findings, f => f.Problem.Contains("the end was replaced", StringComparison.Ordinal));

        Rechain(fixture.DataDirectory, segment: 2, sealed_: true);

        var findings = (await ReopenedAsync(fixture)).Findings;
        Assert.Contains(findings, f => f.Place.EndsWith("/2", StringComparison.Ordinal) && f.Problem.Contains("the seal does not fit", StringComparison.Ordinal));
        Assert.Contains(findings, f => f.Place.EndsWith("/3", StringComparison.Ordinal) && f.Problem.Contains("does not go on from the head", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_segment_of_another_store_in_the_place_of_one_is_found()
    {
        await using var fixture = await FilledAsync();
        await using var other = await FilledAsync();
        Sql(fixture.DataDirectory, $"""
            ATTACH '{Path.Combine(other.DataDirectory, SqliteStore.FileName)}' AS other;
            DELETE FROM audit_links WHERE segment = 2;
            INSERT INTO audit_links SELECT NULL, segment, number, first_at, last_at, correlation_id, filter, hash, records FROM other.audit_links WHERE segment = 2;
            UPDATE audit_segments SET (previous, opened_at, links, first_at, last_at, head, erased, seal) =
                (SELECT previous, opened_at, links, first_at, last_at, head, erased, seal FROM other.audit_segments WHERE row = 2) WHERE row = 2;
            """);

        var findings = (await ReopenedAsync(fixture)).Findings;

        Assert.Contains(findings, f => f.Place.EndsWith("/2", StringComparison.Ordinal) && f.Problem.Contains("the seal does not fit", StringComparison.Ordinal));
        Assert.Contains(findings, f => f.Place.EndsWith("/2", StringComparison.Ordinal) && f.Problem.Contains("does not go on from the head", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_older_copy_in_place_of_the_store_is_found_by_the_heads_that_were_kept_elsewhere()
    {
        var (fixture, store) = await StoreFixture.NewAsync("sqlite");
        await using var _ = fixture;
        await AppendAsync(fixture, store, "a", 1);
        var old = fixture.CopyOfData();
        await AppendAsync(fixture, store, "b", 1);
        var heads = (await store.AuditSegmentsAsync(Cancellation)).Select(KnownHead.Of).ToList();
        fixture.Clock.Advance(TimeSpan.FromDays(1));
        await AppendAsync(fixture, store, "c", 1);
        var later = (await store.AuditSegmentsAsync(Cancellation)).Select(KnownHead.Of).ToList();
        Assert.Empty((await AuditTests.VerifyAsync(store, [.. heads, .. later])).Findings);

        var copy = await fixture.OpenAsync(old);

        // By itself the copy is what it was.
        Assert.Empty((await AuditTests.VerifyAsync(copy)).Findings);
        Assert.Contains((await AuditTests.VerifyAsync(copy, heads)).Findings, f => f.Problem.Contains("it has 1 links and had 2", StringComparison.Ordinal));
        Assert.Contains((await AuditTests.VerifyAsync(copy, later)).Findings, f => f.Place.EndsWith("/2", StringComparison.Ordinal) && f.Problem.Contains("is not there", StringComparison.Ordinal));
        // What is recorded on the copy afterwards leads elsewhere.
        await AppendAsync(fixture, copy, "d", 1);
        await AppendAsync(fixture, copy, "e", 1);
        Assert.Contains((await AuditTests.VerifyAsync(copy, heads)).Findings, f => f.Problem.Contains("is another than the head that was known", StringComparison.Ordinal) || f.Problem.Contains("and had", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_lies_beside_the_keys_shows_an_older_copy_and_is_not_written_over()
    {
        var (fixture, store) = await StoreFixture.NewAsync("sqlite");
        await using var _ = fixture;
        var kept = new KeptHeads(fixture.KeyDirectory);
        Assert.Empty(await kept.ReadAsync(Cancellation));
        await AppendAsync(fixture, store, "a", 1);
        Assert.Empty(await KeepAsync(store));
        var old = fixture.CopyOfData();
        await AppendAsync(fixture, store, "b", 1);
        fixture.Clock.Advance(TimeSpan.FromDays(1));
        await AppendAsync(fixture, store, "c", 1);
        Assert.Empty(await KeepAsync(store));
        var heads = await kept.ReadAsync(Cancellation);
        Assert.Empty((await AuditTests.VerifyAsync(store, heads)).Findings);

        var copy = await fixture.OpenAsync(old);
        await AppendAsync(fixture, copy, "d", 1);

        Assert.EndsWith("/2", Assert.Single(await KeepAsync(copy)), StringComparison.Ordinal);
        Assert.Equal(heads, await kept.ReadAsync(Cancellation));
        Assert.Contains((await AuditTests.VerifyAsync(copy, heads)).Findings, f => f.Place.Contains("/2", StringComparison.Ordinal));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(fixture.KeyDirectory, KeptHeads.FileName)));

        async Task<IReadOnlyList<string>> KeepAsync(IStore of) => await kept.KeepAsync(await of.AuditSegmentsAsync(Cancellation), Cancellation);
    }

    [Fact]
    public async Task A_head_that_is_put_back_while_the_gateway_runs_is_not_gone_on_with()
    {
        var (fixture, store) = await StoreFixture.NewAsync("sqlite");
        await using var _ = fixture;
        await AppendAsync(fixture, store, "a", 1);
        Sql(fixture.DataDirectory, "CREATE TABLE taken AS SELECT links, first_at, last_at, head, seal FROM audit_segments WHERE row = 1");
        await AppendAsync(fixture, store, "b", 1);

        // What was true once: head and links as they were after the first.
        Sql(fixture.DataDirectory, "DELETE FROM audit_links WHERE number = 2; UPDATE audit_segments SET (links, first_at, last_at, head, seal) = (SELECT links, first_at, last_at, head, seal FROM taken) WHERE row = 1");
        Assert.Empty((await AuditTests.VerifyAsync(store)).Findings);
        await AppendAsync(fixture, store, "c", 1);

        var finding = Assert.Single((await AuditTests.VerifyAsync(store)).Findings);
        Assert.EndsWith("/2", finding.Place, StringComparison.Ordinal);
        Assert.Contains("does not go on from the head", finding.Problem, StringComparison.Ordinal);
        Assert.Single(await store.FindAuditAsync("c", 9, Cancellation));
    }

    [Fact]
    public async Task A_head_with_a_wrong_seal_is_not_gone_on_with_after_a_start()
    {
        await using var fixture = await FilledAsync();
        Sql(fixture.DataDirectory, "DELETE FROM audit_links WHERE segment = 3; UPDATE audit_segments SET links = 0 WHERE row = 3");
        var store = await fixture.OpenAsync();

        await AppendAsync(fixture, store, "after", 1);

        var report = await AuditTests.VerifyAsync(store);
        Assert.Equal(4, report.Segments.Count(s => s.Segment.Class == AuditClass.Confidential));
        Assert.Contains(report.Findings, f => f.Place.EndsWith("/3", StringComparison.Ordinal) && f.Problem.Contains("the seal does not fit", StringComparison.Ordinal));
        Assert.Single(await store.FindAuditAsync("after", 9, Cancellation));
    }

    [Fact]
    public async Task What_stands_behind_the_head_is_in_nobodys_way()
    {
        await using var fixture = await FilledAsync();
        Sql(fixture.DataDirectory, "INSERT INTO audit_links SELECT NULL, segment, 5, first_at, last_at, correlation_id, filter, hash, records FROM audit_links WHERE segment = 3 AND number = 4");
        var store = await fixture.OpenAsync();

        await AppendAsync(fixture, store, "after", 1);

        Assert.Empty((await AuditTests.VerifyAsync(store)).Findings);
    }

    [Fact]
    public async Task Records_of_before_there_were_chains_become_links_and_are_found()
    {
        var (fixture, store) = await StoreFixture.NewAsync("sqlite");
        await using var _ = fixture;
        await store.DisposeAsync();
        const string Block =
            "0100b04dd6144ddf08000000000000f43fc801010461636d65020961636d652d73686f70030b6f72646572732e7265616404034745540504726576310604646f6e65000c2f76312f6f72"
            + "646572732f31056f6c642d310007b04dd6144ddf080000000000000000910307012d0008046f70656e0405090f756e61757468656e746963617465640a0f6170692d6b65792d756e6b"
            + "6e6f776e062f76312fc3b6056f6c642d320100";
        Sql(fixture.DataDirectory, $"""
            INSERT INTO audit_blocks (first_at, last_at, filter, records) VALUES (1, 2, X'd6a920', X'{Block}');
            INSERT INTO audit (at, tenant, consumer, route, method, path, revision, correlation_id, status, outcome, trace_id, reason, milliseconds)
            VALUES (639000000000000000, 'acme', 'shop', 'orders.create', 'POST', '/v1/orders', 'r1', 'old-3', 201, 'done', NULL, 'S00042', 12.5)
            """);

        store = await fixture.OpenAsync();

        Assert.Empty((await AuditTests.VerifyAsync(store)).Findings);
        Assert.Equal("api-key-unknown", Assert.Single(await store.FindAuditAsync("old-2", 9, Cancellation)).Reason);
        var row = Assert.Single(await store.FindAuditAsync("old-3", 9, Cancellation));
        Assert.Equal(("S00042", 12.5, new DateTimeOffset(639000000000000000, TimeSpan.Zero)), (row.Reason, row.Milliseconds, row.At));
        await store.DisposeAsync();
        Assert.Equal(0, Sql(fixture.DataDirectory, "SELECT (SELECT count(*) FROM audit) + (SELECT count(*) FROM audit_blocks)"));
    }

    /// <summary>Three days of four links each in one class, alone and many a link, with persons; and one link of another class.</summary>
    private static async Task<StoreFixture> FilledAsync()
    {
        var (fixture, store) = await StoreFixture.NewAsync("sqlite");
        for (var day = 0; day < 3; day++)
        {
            if (day > 0) fixture.Clock.Advance(TimeSpan.FromDays(1));
            foreach (var (name, count) in new[] { ("a", 1), ("b", 1), ("c", 40), ("d", 1) }) await AppendAsync(fixture, store, $"{name}{day}", count);
        }
        await store.AppendAuditAsync([fixture.Audit("public", 200) with { Class = AuditClass.Public }], Cancellation);
        await store.DisposeAsync();
        return fixture;
    }

    private static ValueTask AppendAsync(StoreFixture fixture, IStore store, string id, int count) =>
        store.AppendAuditAsync([.. Enumerable.Range(0, count).Select(i => fixture.Audit(i == 0 ? id : $"{id}-{i}", 200) with { Address = "10.0.0." + i % 3 })], Cancellation);

    private static async Task<AuditReport> ReopenedAsync(StoreFixture fixture)
    {
        await using var store = await fixture.OpenAsync();
        return await AuditTests.VerifyAsync(store);
    }

    /// <summary>A key that the same ring protects, of another store.</summary>
    private static async Task TakeKeyOfAnotherAsync(StoreFixture fixture)
    {
        var elsewhere = fixture.CopyOfData();
        Sql(elsewhere, "DELETE FROM audit_node");
        await (await fixture.OpenAsync(elsewhere)).DisposeAsync();
        Sql(fixture.DataDirectory, $"ATTACH '{Path.Combine(elsewhere, SqliteStore.FileName)}' AS other; CREATE TABLE taken AS SELECT key AS sealed FROM other.audit_node");
    }

    /// <summary>Changes the second link of a segment and computes all hashes behind it anew, as docs/audit.md tells; then the head as well.</summary>
    private static void Rechain(string directory, int segment, bool sealed_)
    {
        using var db = Open(directory);
        Execute(db, $"UPDATE audit_links SET correlation_id = 'forged' WHERE segment = {segment} AND number = 2");
        var before = Text(db, $"SELECT hash FROM audit_links WHERE segment = {segment} AND number = 1");
        for (var number = 2; number <= 4; number++)
        {
            using var command = db.CreateCommand();
            command.CommandText = $"SELECT first_at, last_at, correlation_id, filter, records FROM audit_links WHERE segment = {segment} AND number = {number}";
            using var row = command.ExecuteReader();
            Assert.True(row.Read());
            byte[] search = row.IsDBNull(2) ? row.GetFieldValue<byte[]>(3) : Encoding.UTF8.GetBytes(row.GetString(2));
            var digest = SHA256.HashData([.. Long(row.GetInt64(0)), .. Long(row.GetInt64(1)), row.IsDBNull(2) ? (byte)2 : (byte)1, .. Long(search.Length)[4..], .. search, .. row.GetFieldValue<byte[]>(4)]);
            before = Convert.ToHexStringLower(SHA256.HashData([.. Convert.FromHexString(before), .. Long(number), .. digest]));
            Execute(db, $"UPDATE audit_links SET hash = '{before}' WHERE segment = {segment} AND number = {number}");
        }
        if (sealed_) Execute(db, $"UPDATE audit_segments SET head = '{before}' WHERE row = {segment}");
    }

    private static byte[] Long(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    private static long Sql(string directory, string sql)
    {
        using var db = Open(directory);
        return Execute(db, sql);
    }

    private static SqliteConnection Open(string directory)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(directory, SqliteStore.FileName)};Pooling=False");
        connection.Open();
        return connection;
    }

    private static string Text(SqliteConnection db, string sql)
    {
        using var command = db.CreateCommand();
        command.CommandText = sql;
        return (string)command.ExecuteScalar()!;
    }

    private static long Execute(SqliteConnection db, string sql)
    {
        using var command = db.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar() ?? 0L, CultureInfo.InvariantCulture);
    }
}
