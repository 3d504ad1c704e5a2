using Gateway.Delivery.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Gateway.Tests.Functional.Support;

/// <summary>
/// Stops a gateway at a write of SQLite, from outside: a trigger makes the write heavy, so that it is seen where the transaction stands. Before its commit, more than the cache holds
/// has gone to the write-ahead log, whose index says that it is not committed, and the trigger never ends. Behind it, the checkpoint that SQLite runs at the end of the same COMMIT takes
/// its time, and the gateway is killed in the middle of that: it is committed, and COMMIT has not returned. Both are read from the index of the write-ahead log, and read again when the process is
/// gone (https://www.sqlite.org/walformat.html#the_wal_index_file_format).
/// </summary>
internal sealed class SqliteStops(KillWorld world) : IWriteStops
{
    /// <summary>Far more than the gateway's cache, which holds 16 MiB.</summary>
    private const int Weight = 96 << 20;

    /// <summary>In pages of 4096 bytes: no other transaction writes as many.</summary>
    private const uint Heavy = (Weight / 4096) - 1;

    /// <summary>So that only the one that is stopped at is heavy.</summary>
    private const string Tables =
        """
        CREATE TABLE stop_weight (bytes BLOB);
        CREATE VIEW stop_never AS WITH RECURSIVE steps(step) AS (SELECT 1 UNION ALL SELECT step + 1 FROM steps) SELECT step FROM steps;
        """;

    private string Database => Path.Combine(world.Data, SqliteStore.FileName);

    public Task StopAt(WriteBoundary boundary, WriteSide side)
    {
        var act = $"INSERT INTO stop_weight SELECT zeroblob({Weight}) WHERE NOT EXISTS (SELECT 1 FROM stop_weight);{(side == WriteSide.Before ? " SELECT max(step) FROM stop_never;" : "")}";
        Run([Tables, .. boundary.Triggers.Select((on, at) => $"CREATE TRIGGER stop_{at} AFTER {on} BEGIN {act} END")]);
        var (committed, length) = (Index().Committed, new FileInfo(Database + "-wal").Length);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // A thread of its own: what is looked for behind a commit lasts for some hundredths of a second.
        new Thread(() => Watch(side, committed, length, reached)) { IsBackground = true }.Start();
        return reached.Task;
    }

    public void GoOn() => Run(["DROP TRIGGER IF EXISTS stop_0", "DROP TRIGGER IF EXISTS stop_1", "DROP VIEW stop_never", "DROP TABLE stop_weight", "PRAGMA wal_checkpoint(TRUNCATE)"]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Watch(WriteSide side, uint committed, long length, TaskCompletionSource reached)
    {
        try
        {
            while (!Stands())
            {
                if (TestContext.Current.CancellationToken.IsCancellationRequested) return;
                if (side == WriteSide.Before) Thread.Sleep(10);
            }
            world.Gateway.KillAsync().GetAwaiter().GetResult();
            if (Stands()) reached.SetResult();
            else reached.SetException(new InvalidOperationException($"the gateway was not {side} its commit any more when it was gone: {Index()}"));
        }
        catch (Exception failed)
        {
            reached.SetException(failed);
        }

        bool Stands()
        {
            var index = Index();
            return side == WriteSide.Before
                ? new FileInfo(Database + "-wal").Length > length + (Weight / 2) && index.Committed < Heavy
                : index.Committed > Heavy && index.Attempted == index.Committed && index.Copied < index.Committed;
        }
    }

    /// <summary>Frames of the write-ahead log that are committed, that the checkpoint under way is to copy, and that one has copied.</summary>
    private (uint Committed, uint Attempted, uint Copied) Index()
    {
        Span<byte> head = stackalloc byte[136];
        using var file = File.OpenHandle(Database + "-shm", share: FileShare.ReadWrite | FileShare.Delete);
        if (RandomAccess.Read(file, head, 0) < head.Length) throw new InvalidOperationException("the index of the write-ahead log is too short");
        return (At(head, 16), At(head, 128), At(head, 96));

        // In the byte order of the machine, which is the gateway's too.
        static uint At(Span<byte> head, int place) => BitConverter.ToUInt32(head[place..]);
    }

    private void Run(IEnumerable<string> statements)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Database, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 30 }.ToString());
        connection.Open();
        foreach (var statement in statements)
        {
            using var command = connection.CreateCommand();
            command.CommandText = statement;
            command.ExecuteNonQuery();
        }
    }
}
