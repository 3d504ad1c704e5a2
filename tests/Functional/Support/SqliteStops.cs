using Gateway.Delivery.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Gateway.Tests.Functional.Support;

/// <summary>
/// Stops a gateway at a write of SQLite, from outside: a trigger makes the write heavy, so that it is seen where the transaction stands. Before its commit, more than the cache holds
/// has gone to the write-ahead log, whose index says that it is not committed, and the trigger never ends. Behind it, the checkpoint that SQLite runs at the end of the same COMMIT takes
/// its time, and the gateway is killed in the middle of that: it is committed, and COMMIT has not returned. Both are read from the index of the write-ahead log, and read again when the process is
/// gone (https://www.sqlite.org/walformat.html#the_wal_index_file_format).
/// </summary>
/// <param name="data">The gateway's data directory.</param>
/// <param name="kill">SIGKILL of the gateway.</param>
internal sealed class SqliteStops(string data, Func<Task> kill) : IWriteStops
{
    /// <summary>Far more than the gateway's cache, which holds 16 MiB.</summary>
    private const int Weight = 96 << 20;

    /// <summary>In pages of 4096 bytes: no other transaction writes as many.</summary>
    private const uint Heavy = (Weight / 4096) - 1;

    /// <summary>So that only the one that is stopped at is heavy.</summary>
    private const string Tables =
        """
        CREATE TABLE stop_weight (bytes BLOB);
        CREATE TABLE stop_count (rows INTEGER);
        INSERT INTO stop_count VALUES (0);
        CREATE VIEW stop_never AS WITH RECURSIVE steps(step) AS (SELECT 1 UNION ALL SELECT step + 1 FROM steps) SELECT step FROM steps;
        """;

    private volatile CancellationTokenSource? _watching;

    private string Database => Path.Combine(data, SqliteStore.FileName);

    public Task StopAt(WriteBoundary boundary, WriteSide side)
    {
        var act = $"INSERT INTO stop_weight SELECT zeroblob({Weight}) WHERE NOT EXISTS (SELECT 1 FROM stop_weight);{(side == WriteSide.Before ? " SELECT max(step) FROM stop_never;" : "")}";
        Run([Tables, .. boundary.Triggers.SelectMany((on, at) => Triggers(boundary, on, at, act))]);
        var (committed, length) = (Index().Committed, new FileInfo(Database + "-wal").Length);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // A thread of its own: what is looked for behind a commit lasts for some hundredths of a second.
        var watching = _watching = new CancellationTokenSource();
        new Thread(() => Watch(side, committed, length, reached, watching.Token)) { IsBackground = true }.Start();
        return reached.Task;
    }

    public void GoOn()
    {
        _watching?.Cancel();
        Run([
            .. ((string[])["stop_0", "stop_1", "stop_count_0", "stop_count_1"]).Select(trigger => "DROP TRIGGER IF EXISTS " + trigger),
            "DROP VIEW IF EXISTS stop_never", "DROP TABLE IF EXISTS stop_count", "DROP TABLE IF EXISTS stop_weight", "PRAGMA wal_checkpoint(TRUNCATE)",
        ]);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static IEnumerable<string> Triggers(WriteBoundary boundary, string on, int at, string act)
    {
        if (boundary.NthRow == 1) return [$"CREATE TRIGGER stop_{at} AFTER {on} BEGIN {act} END"];
        // What is counted before the row is written is known behind it.
        return
        [
            $"CREATE TRIGGER stop_count_{at} BEFORE {on} BEGIN UPDATE stop_count SET rows = rows + 1; END",
            $"CREATE TRIGGER stop_{at} AFTER {on} WHEN (SELECT rows FROM stop_count) = {boundary.NthRow} BEGIN {act} END",
        ];
    }

    private void Watch(WriteSide side, uint committed, long length, TaskCompletionSource reached, CancellationToken stop)
    {
        try
        {
            while (!Stands())
            {
                if (stop.IsCancellationRequested) return;
                if (side == WriteSide.Before) Thread.Sleep(10);
            }
            kill().GetAwaiter().GetResult();
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
