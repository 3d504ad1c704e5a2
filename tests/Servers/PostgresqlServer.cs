using System.Globalization;
using Npgsql;

namespace Gateway.Tests.Servers;

/// <summary>A PostgreSQL with a database of its own.</summary>
public sealed class PostgresqlServer : ServerProcess
{
    private const string User = "postgres";

    private static readonly string? Binaries = Programs.Find("initdb") is { } found ? Path.GetDirectoryName(found) : null;

    private readonly bool _waitsForDisk;
    private int _databases;

    private PostgresqlServer(bool waitsForDisk)
        : base("postgresql") => _waitsForDisk = waitsForDisk;

    /// <summary>Why tests that need one are skipped; null where it is there.</summary>
    public static string? Missing => Binaries is null ? "postgresql is not installed" : null;

    /// <summary>As <c>state.postgresql.connection</c> says it.</summary>
    public string Connection => ConnectionTo("postgres");

    private string Data => Path.Combine(Root, "data");

    /// <summary>The same for another database of this server.</summary>
    public string ConnectionTo(string database) => $"Host=127.0.0.1;Port={Port};Database={database};Username={User}";

    /// <param name="waitsForDisk">Whether what is committed outlives the machine. Tests kill processes, never the machine.</param>
    public static async Task<PostgresqlServer> StartAsync(bool waitsForDisk = false)
    {
        var server = new PostgresqlServer(waitsForDisk);
        if (Environment.IsPrivilegedProcess) await RunAsync("chown", User, server.Root);
        var (program, arguments) = AsItsUser("initdb", "--pgdata", server.Data, "--username", User, "--auth", "trust", "--no-sync", "--encoding", "UTF8", "--locale", "C.UTF-8");
        await RunAsync(program, arguments);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>A new, empty database; what its connection is.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"gateway_{Interlocked.Increment(ref _databases)}");
        await using var connection = new NpgsqlConnection(Connection + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return ConnectionTo(name);
    }

    public override async Task StartAgainAsync()
    {
        var (program, arguments) = AsItsUser(
            "postgres", "-D", Data, "-p", Text(Port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", _waitsForDisk ? "fsync=on" : "fsync=off", "-c", "max_connections=500");
        await RunServerAsync(program, arguments);
        // It listens before it answers: what was killed is recovered first.
        while (!await IsReadyAsync()) await Task.Delay(TimeSpan.FromMilliseconds(20));
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            await RunAsync(Path.Combine(Binaries!, "pg_isready"), "--host", "127.0.0.1", "--port", Text(Port));
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>PostgreSQL refuses to run as root; the package made a user for it.</summary>
    private static (string Program, string[] Arguments) AsItsUser(string name, params string[] arguments)
    {
        var program = Path.Combine(Binaries!, name);
        return Environment.IsPrivilegedProcess
            ? ("setpriv", ["--reuid", User, "--regid", User, "--clear-groups", program, .. arguments])
            : (program, arguments);
    }
}
