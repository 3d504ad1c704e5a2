using System.Globalization;
using System.Runtime.Versioning;
using Gateway.Delivery.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>What only the embedded engine promises: one file, one process, and what it says when the file is not well.</summary>
public sealed class SqliteTests
{
    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    [Fact]
    public async Task The_files_of_a_running_store_are_all_that_is_needed_after_a_crash()
    {
        var (fixture, store) = await StoreFixture.NewAsync("sqlite");
        await using var _ = fixture;
        await DurabilityTests.FillAsync(fixture, store);

        await DurabilityTests.AssertFilledAsync(fixture, await fixture.OpenAsync(fixture.CopyOfData()));
    }

    [Fact]
    public async Task A_second_owner_of_the_file_is_refused()
    {
        var (fixture, store) = await StoreFixture.NewAsync("sqlite");
        await using var _ = fixture;

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => fixture.OpenAsync());
        Assert.Contains("in use by another process", error.Message);

        await store.DisposeAsync();
        await fixture.OpenAsync();
    }

    [Fact]
    public async Task A_file_of_a_newer_build_is_refused_and_left_as_it_is()
    {
        var (fixture, store) = await StoreFixture.NewAsync("sqlite");
        await using var _ = fixture;
        await store.DisposeAsync();
        Sql(fixture, "INSERT INTO schema_version (version, applied_at) VALUES (1000, 0)");

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => fixture.OpenAsync());
        Assert.Contains("schema version 1000", error.Message);
        Assert.Contains("newer build", error.Message);

        Sql(fixture, "DELETE FROM schema_version WHERE version = 1000");
        await fixture.OpenAsync();
    }

    [Fact]
    public async Task A_payload_that_was_changed_in_the_file_is_reported_and_others_can_still_be_read()
    {
        var (fixture, store) = await StoreFixture.NewAsync("sqlite");
        await using var _ = fixture;
        await DurabilityTests.FillAsync(fixture, store);
        await store.DisposeAsync();
        Sql(fixture, "UPDATE intents SET input = substr(input, 1, length(input) - 1) WHERE id = 'i1'");
        // A payload put into another column is as bad as a changed one.
        Sql(fixture, "UPDATE intents SET input = canonical WHERE id = 'i2'");
        store = await fixture.OpenAsync();

        foreach (var id in (string[])["i1", "i2"])
        {
            var intent = await store.FindIntentAsync(id, Cancellation);
            Assert.Contains("can't be decrypted", intent!.Unreadable, StringComparison.Ordinal);
            Assert.True(intent.Input.IsEmpty);
        }

        Assert.Null((await store.FindIntentAsync("i3", Cancellation))!.Unreadable);
    }

    [Fact]
    public async Task Expired_keys_leave_the_file_by_and_by()
    {
        var (fixture, store) = await StoreFixture.NewAsync("sqlite");
        await using var _ = fixture;
        for (var i = 0; i < 300; i++)
        {
            await store.RememberAsync(StoreFixture.Scope($"K{i}"), "f", TimeSpan.FromHours(1), StoreFixture.Answer(200), null, Cancellation);
        }

        fixture.Clock.Advance(TimeSpan.FromHours(2));
        for (var i = 0; i < 3; i++) await store.AppendAuditAsync([fixture.Audit("x", 200)], Cancellation);

        await store.DisposeAsync();
        Assert.Equal(0, Sql(fixture, "SELECT count(*) FROM keys"));
    }

    [Fact]
    public async Task While_the_file_takes_no_writes_they_are_refused_and_afterwards_the_store_goes_on_by_itself()
    {
        var (fixture, store) = await StoreFixture.NewAsync("sqlite");
        await using var _ = fixture;
        await DurabilityTests.FillAsync(fixture, store);

        // Somebody who holds the write lock stands for a disk that is full: the same road through the writer, without a disk of our own.
        using (var blocker = new SqliteConnection($"Data Source={Path.Combine(fixture.DataDirectory, SqliteStore.FileName)};Pooling=False"))
        {
            blocker.Open();
            Execute(blocker, "BEGIN IMMEDIATE");
            var refused = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i => await Record.ExceptionAsync(
                () => store.BeginAsync(fixture.Intent($"x{i}", $"X{i}"), Cancellation).AsTask())));
            Assert.All(refused, error => Assert.IsType<StoreUnavailableException>(error));
            Assert.NotNull(await store.FindIntentAsync("i3", Cancellation));
            Execute(blocker, "ROLLBACK");
        }

        for (var i = 0; i < 8; i++) Assert.IsType<BeginResult.Granted>(await store.BeginAsync(fixture.Intent($"x{i}", $"X{i}"), Cancellation));
        await store.DisposeAsync();
        Assert.Equal(28, Sql(fixture, "SELECT count(*) FROM intents"));
    }

    [Fact]
    public async Task A_write_that_is_wrong_fails_alone()
    {
        var (fixture, store) = await StoreFixture.NewAsync("sqlite");
        await using var _ = fixture;
        var broken = fixture.Intent("broken") with { Route = null! };

        var tasks = Enumerable.Range(0, 32).Select(i => Record.ExceptionAsync(
            () => store.BeginAsync(i == 7 ? broken : fixture.Intent($"i{i}"), Cancellation).AsTask()).AsTask()).ToList();
        var errors = await Task.WhenAll(tasks);

        Assert.IsType<SqliteException>(Assert.Single(errors, e => e is not null));
        Assert.Equal(31, (await store.AbandonedAsync("process-2", 99, Cancellation)).Count);
    }

    [Fact]
    public async Task A_closed_store_says_so()
    {
        var (fixture, store) = await StoreFixture.NewAsync("sqlite");
        await using var _ = fixture;
        await store.DisposeAsync();

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.BeginAsync(fixture.Intent("a"), Cancellation).AsTask());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.FindIntentAsync("a", Cancellation).AsTask());
    }

    [Fact, UnsupportedOSPlatform("windows")]
    public async Task The_files_are_their_owners_only_in_an_open_directory_too()
    {
        await using var fixture = new StoreFixture("sqlite");
        Directory.CreateDirectory(fixture.DataDirectory, (UnixFileMode)0b111_101_101);
        var store = await fixture.OpenAsync();
        await DurabilityTests.FillAsync(fixture, store);

        var files = Directory.GetFiles(fixture.DataDirectory, SqliteStore.FileName + "*").Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, files.Count);
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task A_file_that_is_gone_does_not_come_back_empty()
    {
        var (fixture, store) = await StoreFixture.NewAsync("sqlite");
        await using var _ = fixture;
        await DurabilityTests.FillAsync(fixture, store);
        foreach (var suffix in (string[])["", "-wal", "-shm"])
        {
            File.Move(Path.Combine(fixture.DataDirectory, SqliteStore.FileName + suffix), Path.Combine(fixture.DataDirectory, "away.db" + suffix));
        }

        // An outage makes the store open the file again.
        using (var blocker = new SqliteConnection($"Data Source={Path.Combine(fixture.DataDirectory, "away.db")};Pooling=False"))
        {
            blocker.Open();
            Execute(blocker, "BEGIN IMMEDIATE");
            await Assert.ThrowsAsync<StoreUnavailableException>(() => store.BeginAsync(fixture.Intent("x"), Cancellation).AsTask());
            Execute(blocker, "ROLLBACK");
        }

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.BeginAsync(fixture.Intent("again", reference: "R0"), Cancellation).AsTask());
        Assert.False(File.Exists(Path.Combine(fixture.DataDirectory, SqliteStore.FileName)));
    }

    private static long Sql(StoreFixture fixture, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(fixture.DataDirectory, SqliteStore.FileName)};Pooling=False");
        connection.Open();
        return Execute(connection, sql);
    }

    private static long Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar() ?? 0L, CultureInfo.InvariantCulture);
    }
}
