using System.Globalization;
using Npgsql;

namespace Gateway.Tests.Servers;

/// <summary>The one PostgreSQL of a test assembly, started by the first who asks for a database of it. The assembly declares it as its fixture, which ends it.</summary>
public sealed class DatabaseServer : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgresqlServer>> Started = new(PostgresqlServer.StartAsync);
    private static int _databases;

    /// <summary>A new database; what its connection is.</summary>
    public static async Task<string> NewDatabaseAsync() => await NewDatabaseAsync(await Started.Value);

    public static async Task<string> NewDatabaseAsync(PostgresqlServer server)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"gateway_{Interlocked.Increment(ref _databases)}");
        await using var connection = new NpgsqlConnection(server.Connection + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return server.ConnectionTo(name);
    }

    public async ValueTask DisposeAsync()
    {
        if (Started.IsValueCreated) await (await Started.Value).DisposeAsync();
    }
}
