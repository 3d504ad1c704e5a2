using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>A small pool of reading connections. A read sees everything whose commit has returned, and nothing else.</summary>
internal sealed class Readers(Func<Session> open) : IDisposable
{
    private const int Most = 4;

    private readonly SemaphoreSlim slots = new(Most);
    private readonly ConcurrentBag<Session> idle = [];

    /// <exception cref="StoreUnavailableException">The file can't be read.</exception>
    public async ValueTask<T> RunAsync<T>(Func<Session, T> read, CancellationToken cancellation)
    {
        await slots.WaitAsync(cancellation);
        Session? db = null;
        try
        {
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

    public void Dispose()
    {
        while (idle.TryTake(out var db)) db.Dispose();
        slots.Dispose();
    }
}
