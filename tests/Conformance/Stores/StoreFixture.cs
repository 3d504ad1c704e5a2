using System.Data.Common;
using System.Text;
using Gateway.Delivery.Storage;
using Gateway.Delivery.Storage.Sqlite;
using Gateway.Tests.Servers;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Xunit;

[assembly: AssemblyFixture(typeof(DatabaseServer))]

namespace Gateway.Tests.Conformance.Stores;

/// <summary>One engine on directories of its own, with a clock that stands still, and records to put in.</summary>
public sealed class StoreFixture : IAsyncDisposable
{
    public const string Owner = "process-1";

    private const string InMemory = "sqlite in memory";

    private const string Postgresql = "postgresql";

    private readonly string _root = Directory.CreateTempSubdirectory("gateway-store-").FullName;
    private readonly List<IStore> _opened = [];
    private readonly string _engine;
    private readonly Func<StoreOptions, IStore> _create;
    private string? _database;

    public StoreFixture(string engine)
    {
        _engine = engine;
        _create = engine == InMemory ? options => SqliteStore.InMemory(options.Protection, options.Clock) : Delivery.Storage.Stores.All.Single(e => e.Name == engine).Create;
        Protection = KeyRing.Open(KeyDirectory, DataDirectory);
    }

    /// <summary>Rows of a theory over all engines, and the one that cases run on, which keeps nothing.</summary>
    public static IEnumerable<TheoryDataRow<string>> EnginesAndMemory => [.. Engines, new(InMemory)];

    /// <summary>Rows of a theory over all engines.</summary>
    public static IEnumerable<TheoryDataRow<string>> Engines =>
        Delivery.Storage.Stores.All.Select(e => new TheoryDataRow<string>(e.Name) { Skip = e.Name == Postgresql ? PostgresqlServer.Missing : null });

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));

    public IDataProtectionProvider Protection { get; set; }

    public string DataDirectory => Path.Combine(_root, "data");

    public string KeyDirectory => Path.Combine(_root, "keys");

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<(StoreFixture Fixture, IStore Store)> NewAsync(string engine)
    {
        var fixture = new StoreFixture(engine);
        return (fixture, await fixture.OpenAsync());
    }

    public async Task<IStore> OpenAsync(string? directory = null)
    {
        if (_engine == Postgresql) _database ??= await DatabaseServer.NewDatabaseAsync();
        var store = _create(new StoreOptions
        {
            DataDirectory = directory ?? DataDirectory,
            Protection = Protection,
            Clock = Clock,
            Postgresql = _database is null ? null : new PostgresqlOptions { Connection = new Secret("secret://env/TEST", _database), Connections = 8 },
            // Time passes where the tests say so, in the database too.
            SharedClock = Clock,
        });
        _opened.Add(store);
        await store.OpenAsync(Cancellation);
        return store;
    }

    /// <summary>Lets time pass where leases alone tell who is dead; an embedded engine knows that its owner before is.</summary>
    public void OutliveLeases()
    {
        if (_engine == Postgresql) Clock.Advance(TimeSpan.FromSeconds(62));
    }

    /// <summary>What a column of bytes holds.</summary>
    public async Task<List<byte[]>> BytesAsync(string sql)
    {
        if (_database is not null) return await DatabaseFiles.BytesAsync(_database, sql);
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(DataDirectory, SqliteStore.FileName)};Pooling=False");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var rows = await command.ExecuteReaderAsync(Cancellation);
        var found = new List<byte[]>();
        while (await rows.ReadAsync(Cancellation)) found.Add(rows.GetFieldValue<byte[]>(0));
        return found;
    }

    /// <summary>The database itself, empty where no store has opened it yet.</summary>
    public async Task<DbConnection> ConnectAsync()
    {
        if (_engine == Postgresql) _database ??= await DatabaseServer.NewDatabaseAsync();
        Directory.CreateDirectory(DataDirectory);
        DbConnection connection = _database is not null ? new NpgsqlConnection(_database + ";Pooling=false") : new SqliteConnection($"Data Source={Path.Combine(DataDirectory, SqliteStore.FileName)};Pooling=False");
        await connection.OpenAsync(Cancellation);
        return connection;
    }

    /// <summary>The files as a machine that lost its power would find them, in another directory; of a database, what it holds.</summary>
    public async Task<string> CopyOfDataAsync()
    {
        var copy = CopyOfData();
        if (_database is not null) await DatabaseFiles.WriteAsync(_database, copy);
        return copy;
    }

    /// <summary>The files of an embedded engine, in another directory.</summary>
    public string CopyOfData()
    {
        var copy = Directory.CreateDirectory(Path.Combine(_root, "copy-" + Guid.NewGuid().ToString("N"))).FullName;
        foreach (var from in Directory.EnumerateFiles(DataDirectory).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)))
        {
            File.Copy(from, Path.Combine(copy, Path.GetFileName(from)));
        }

        return copy;
    }

    public Intent Intent(string id, string? key = null, string? reference = null, string tenant = "acme") => new()
    {
        Id = id,
        Tenant = tenant,
        Consumer = "shop",
        Route = "orders.create",
        Backend = "odoo",
        Operation = "odoo/order.create",
        ExternalId = reference ?? "gw." + id,
        Fingerprint = "f-" + id,
        Key = key,
        ObjectId = "o-" + id,
        Canonical = Bytes("""{"canonical":1.10}"""),
        Input = Bytes("""{"input":2.50}"""),
        CorrelationId = "c-" + id,
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        Revision = "r1",
        CreatedAt = Clock.GetUtcNow(),
        OverAt = Clock.GetUtcNow().AddSeconds(60),
        LeaseOwner = Owner,
        LeaseUntil = Clock.GetUtcNow().AddSeconds(60),
    };

    public Completion Completion(Intent intent, string partition = "p") => new(intent, Result)
    {
        Object = new OwnedObject(intent.Tenant, "order", intent.ObjectId, intent.Backend, "42", intent.ExternalId, intent.Canonical, Clock.GetUtcNow()),
        Event = new NewEvent("e-" + intent.Id, intent.Tenant, "order.created", "/orders", intent.ObjectId, partition, Clock.GetUtcNow(), Bytes("""{"total":"1.10"}"""))
        {
            TraceParent = intent.TraceParent,
            CorrelationId = intent.CorrelationId,
        },
        Answer = Answer(201),
        Audit = Audit(intent.CorrelationId, 201),
    };

    public AuditRecord Audit(string correlationId, int status) =>
        new(Clock.GetUtcNow(), "acme", "shop", "orders.create", "POST", "/v1/orders", "r1", correlationId, status, "created")
        {
            TraceId = "0af7651916cd43dd8448eb211c80319c",
            Reason = "S00042",
            Milliseconds = 12.5,
        };

    public static OperationResult Result => new(OperationStatus.Done)
    {
        Record = Bytes("""{"id":42,"amount":1.10}"""),
        Facts = Bytes("""{"salesOrderId":"S00042"}"""),
        Reference = "42",
        Detail = "made",
        Reason = "first",
        RetryAfter = TimeSpan.FromSeconds(3),
    };

    public static Answer Answer(int status, string body = """{"id":"o-1","amount":1.10}""") =>
        new(status, [new("Location", "/v1/orders/o-1"), new("X-Note", "ü")], Bytes(body)) { ContentType = "application/json; v=1" };

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public static KeyScope Scope(string key, string tenant = "acme") => new(tenant, "orders.create", key);

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _opened) await store.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }
}
