using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>A small pool of reading connections. A read sees everything whose commit has returned, and nothing else.</summary>
internal sealed class Readers(Func<Session> open) : IAsyncDisposable
{
    private const int Most = 4;

    private readonly SemaphoreSlim slots = new(Most);
    private readonly ConcurrentBag<Session> idle = [];
    private volatile bool closed;

    /// <exception cref="StoreUnavailableException">The file can't be read, or the store is closed.</exception>
    public async ValueTask<T> RunAsync<T>(Func<Session, T> read, CancellationToken cancellation)
    {
        await slots.WaitAsync(cancellation);
        Session? db = null;
        try
        {
            if (closed) throw SqliteOutage.Closed();
            if (!idle.TryTake(out db)) db = open();
            var result = read(db);
            idle.Add(db);
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
            slots.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        closed = true;
        // Reads that have begun end first.
        for (var i = 0; i < Most; i++) await slots.WaitAsync();
        while (idle.TryTake(out var db)) db.Dispose();
        slots.Release(Most);
    }
}
