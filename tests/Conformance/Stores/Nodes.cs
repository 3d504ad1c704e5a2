using Gateway.Delivery.Storage;
using Gateway.Tests.Servers;
using Npgsql;
using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>Several nodes on one PostgreSQL: each with a data directory and a clock of its own, all with one key ring.</summary>
internal sealed class Nodes(string connection) : IAsyncDisposable
{
    public const int Connections = 6;

    private readonly string _root = Directory.CreateTempSubdirectory("gateway-nodes-").FullName;
    private readonly StoreFixture _records = new("sqlite");
    private readonly List<(IStore Store, TimeProvider Clock)> _nodes = [];

    /// <summary>Of nodes that are opened from now on.</summary>
    public Secret Connection { get; set; } = new("secret://env/TEST", connection);

    public IStore this[int node] => _nodes[node].Store;

    /// <param name="together">All of them in one data directory, so that they have one name.</param>
    public static async Task<Nodes> StartAsync(int count, bool together = false, PostgresqlServer? server = null)
    {
        if (PostgresqlServer.Missing is { } why) Assert.Skip(why);
        var nodes = new Nodes(server is null ? await DatabaseServer.NewDatabaseAsync() : await server.NewDatabaseAsync());
        if (together) await nodes.OpenAsync(TimeProvider.System, "together");
        await Task.WhenAll(Enumerable.Range(0, together ? count - 1 : count).Select(_ => nodes.OpenAsync(TimeProvider.System, together ? "together" : null)));
        return nodes;
    }

    /// <param name="skews">How far each node's clock is ahead of this machine's.</param>
    public static async Task<Nodes> StartAsync(params TimeSpan[] skews)
    {
        var nodes = await StartAsync(0);
        foreach (var skew in skews) await nodes.OpenAsync(new SkewedClock(skew));
        return nodes;
    }

    public async Task<IStore> OpenAsync(TimeProvider clock, string? directory = null, string keys = "keys")
    {
        keys = Path.Combine(_root, keys);
        var data = Path.Combine(_root, directory ?? Guid.NewGuid().ToString("N"));
        IStore store;
        lock (_nodes)
        {
            store = Delivery.Storage.Stores.All.Single(e => e.Name == "postgresql").Create(new StoreOptions
            {
                DataDirectory = data,
                Protection = KeyRing.Open(keys, data),
                Clock = clock,
                Postgresql = new PostgresqlOptions { Connection = Connection, Connections = Connections },
            });
        }
        try
        {
            await store.OpenAsync(StoreFixture.Cancellation);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
        lock (_nodes) _nodes.Add((store, clock));
        return store;
    }

    public TimeProvider Clock(int node) => _nodes[node].Clock;

    /// <summary>The same on all nodes at once.</summary>
    public Task<T[]> AllAsync<T>(Func<IStore, int, ValueTask<T>> work) =>
        Task.WhenAll(_nodes.Select((node, n) => Task.Run(() => work(node.Store, n).AsTask(), StoreFixture.Cancellation)));

    /// <inheritdoc cref="AllAsync"/>
    public Task EachAsync(Func<IStore, int, Task> work) => Task.WhenAll(_nodes.Select((node, n) => Task.Run(() => work(node.Store, n), StoreFixture.Cancellation)));

    public Intent Intent(string id, string? key = null, string? reference = null, string tenant = "acme")
    {
        var now = TimeProvider.System.GetUtcNow();
        return _records.Intent(id, key, reference, tenant) with { CreatedAt = now, OverAt = now.AddSeconds(60), LeaseUntil = now.AddSeconds(60) };
    }

    public Completion Completion(Intent intent, string partition = "p") => _records.Completion(intent, partition);

    public AuditRecord Audit(string correlationId) => _records.Audit(correlationId, 200);

    /// <summary>The text of the connection.</summary>
    public string Text => connection;

    /// <summary>Numbers that a statement gives, asked beside the nodes.</summary>
    public async Task<List<long>> SqlAsync(string sql)
    {
        await using var db = new NpgsqlConnection(connection + ";Pooling=false");
        await db.OpenAsync();
        await using var command = new NpgsqlCommand(sql, db) { CommandTimeout = 600 };
        await using var rows = await command.ExecuteReaderAsync();
        var all = new List<long>();
        while (await rows.ReadAsync()) all.Add(rows.GetInt64(0));
        return all;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (store, _) in _nodes) await store.DisposeAsync();
        await _records.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    /// <summary>This machine's clock, and some time.</summary>
    private sealed class SkewedClock(TimeSpan skew) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + skew;
    }
}
