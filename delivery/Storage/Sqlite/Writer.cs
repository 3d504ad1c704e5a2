using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>
/// The one writer: a thread that takes all waiting writes into one transaction (group commit) and lets each caller go on after the COMMIT.
/// While a commit waits for the disk the next group gathers, so no write ever waits for company.
/// </summary>
internal sealed class Writer : IAsyncDisposable
{
    private const int MaxGroup = 256;

    private readonly Channel<Write> _queue = Channel.CreateUnbounded<Write>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Func<Session> _open;
    private readonly Action<Session> _housekeep;
    private readonly Task _loop;
    private Session? _db;

    /// <param name="first">The opened and migrated connection.</param>
    /// <param name="open">Opens another one after an outage.</param>
    /// <param name="housekeep">Small work of the store's own that rides along with a group; it must be cheap when there is nothing to do.</param>
    public Writer(Session first, Func<Session> open, Action<Session> housekeep)
    {
        _db = first;
        _open = open;
        _housekeep = housekeep;
        _loop = Task.Factory.StartNew(Loop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>
    /// Runs a write and completes when it is durable. Cancellation is heard until the write has begun and not after:
    /// a caller that was told "cancelled" can rely on nothing having been stored.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The group could not be written, or the store is closed.</exception>
    public Task<T> RunAsync<T>(Func<Session, T> work, CancellationToken cancellation)
    {
        var write = new Write<T>(work, cancellation);
        if (!_queue.Writer.TryWrite(write)) write.Fail(SqliteOutage.Closed());
        return write.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
        _db?.Dispose();
        _db = null;
    }

    private void Loop()
    {
        var group = new List<Write>();
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (group.Count < MaxGroup && _queue.Reader.TryRead(out var write))
            {
                if (!write.Cancelled()) group.Add(write);
            }

            if (group.Count > 0) Commit(group);
            group.Clear();
        }
    }

    private void Commit(List<Write> group)
    {
        var committing = false;
        try
        {
            _db ??= _open();
            _db.Command("BEGIN IMMEDIATE").Run();
            foreach (var write in group) RunAlone(_db, write);
            _housekeep(_db);
            committing = true;
            _db.Command("COMMIT").Run();
        }
        catch (Exception error)
        {
            // The connection may be in any state: without it the transaction is gone, and the next group opens another.
            _db?.Dispose();
            _db = null;
            var cause = error is SqliteException sqlite ? SqliteOutage.Of(sqlite, nothingWritten: !committing) : error;
            foreach (var write in group) write.Fail(cause);
            return;
        }

        foreach (var write in group) write.Committed();
    }

    /// <summary>One write of the group. What is wrong with it alone is undone alone; an outage is everybody's.</summary>
    private static void RunAlone(Session db, Write write)
    {
        db.Command("SAVEPOINT one").Run();
        try
        {
            write.Run(db);
        }
        catch (Exception error) when (error is not SqliteException sqlite || !SqliteOutage.Is(sqlite))
        {
            db.Command("ROLLBACK TO one").Run();
            write.Fail(error);
        }

        db.Command("RELEASE one").Run();
    }

    private abstract class Write
    {
        /// <summary>True when the caller has given up before the write began.</summary>
        public abstract bool Cancelled();

        public abstract void Run(Session db);

        public abstract void Committed();

        public abstract void Fail(Exception error);
    }

    private sealed class Write<T>(Func<Session, T> work, CancellationToken cancellation) : Write
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;

        public Task<T> Task => _done.Task;

        public override bool Cancelled() => cancellation.IsCancellationRequested && _done.TrySetCanceled(cancellation);

        public override void Run(Session db) => _result = work(db);

        public override void Committed() => _done.TrySetResult(_result);

        public override void Fail(Exception error) => _done.TrySetException(error);
    }
}
