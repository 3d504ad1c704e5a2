namespace Gateway.Tests.Servers;

/// <summary>The one PostgreSQL of a test assembly, started by the first who asks for a database of it. The assembly declares it as its fixture, which ends it.</summary>
public sealed class DatabaseServer : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgresqlServer>> Started = new(() => PostgresqlServer.StartAsync());

    /// <summary>A new database; what its connection is.</summary>
    public static async Task<string> NewDatabaseAsync() => await (await Started.Value).NewDatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        if (Started.IsValueCreated) await (await Started.Value).DisposeAsync();
    }
}
