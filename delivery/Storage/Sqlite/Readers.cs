using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>A small pool of reading connections. A read sees everything whose commit has returned, and nothing else.</summary>
internal sealed class Readers(Func<Session> open) : IAsyncDisposable
{
    private const int Most = 4;

    private readonly SemaphoreSlim _slots = new(Most);
    private readonly ConcurrentBag<Session> _idle = [];
    private volatile bool _closed;

    /// <exception cref="StoreUnavailableException">The file can't be read, or the store is closed.</exception>
    public async ValueTask<T> RunAsync<T>(Func<Session, T> read, CancellationToken cancellation)
    {
        await SocketThread.LeaveAsync();
        await _slots.WaitAsync(cancellation);
        Session? db = null;
        try
        {
            if (_closed) throw SqliteOutage.Closed();
            if (!_idle.TryTake(out db)) db = open();
            var result = read(db);
            _idle.Add(db);
            return result;
        }
        catch (Exception error)
        {
            db?.Dispose();
            if (error is SqliteException sqlite && SqliteOutage.Is(sqlite)) throw SqliteOutage.Of(sqlite);
            throw;
        }
        finally
        {
            _slots.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _closed = true;
        // Reads that have begun end first.
        for (var i = 0; i < Most; i++) await _slots.WaitAsync();
        while (_idle.TryTake(out var db)) db.Dispose();
        _slots.Release(Most);
    }
}
