using Gateway.Delivery.Storage;
using Gateway.Tests.Servers;
using Xunit;

[assembly: AssemblyFixture(typeof(DatabaseServer))]

namespace Gateway.Tests.Functional.Support;

/// <summary>The engines of the durable state, each as a workspace declares it; a shared one has a database of its own.</summary>
internal sealed class StateEngines : IDisposable
{
    private const string Postgresql = "postgresql";

    private readonly string? _connectionFile;

    private StateEngines(string name, string? connectionFile) => (Name, _connectionFile) = (name, connectionFile);

    public string Name { get; }

    public static IEnumerable<string> Names => Stores.All.Select(engine => engine.Name);

    /// <summary>Rows of a theory over all engines.</summary>
    public static TheoryData<string> Rows => [.. Names];

    /// <summary>The section <c>state</c> of a workspace; nothing for the engine that needs none.</summary>
    public string Section => _connectionFile is null ? "" : $$"""state: { store: {{Name}}, postgresql: { connection: "secret://file{{_connectionFile}}" } }""";

    /// <summary>Rows of a theory over those that several nodes share.</summary>
    public static TheoryData<string> Shared => [.. Names.Where(name => !IsEmbedded(name))];

    /// <summary>Whether one process owns it; others are shared by nodes.</summary>
    public static bool IsEmbedded(string name) => name == "sqlite";

    /// <summary>Skips the test where the engine's server is not installed.</summary>
    public static async Task<StateEngines> StartAsync(string name)
    {
        if (name != Postgresql) return new StateEngines(name, null);
        Assert.SkipWhen(PostgresqlServer.Missing is not null, PostgresqlServer.Missing ?? "");
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, await DatabaseServer.NewDatabaseAsync());
        return new StateEngines(name, file);
    }

    /// <summary>A database of a server that the test has for itself.</summary>
    public static async Task<StateEngines> OfAsync(PostgresqlServer server)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, await server.NewDatabaseAsync());
        return new StateEngines(Postgresql, file);
    }

    /// <summary>A shared one, and what stands before its database.</summary>
    public static async Task<(StateEngines Engine, PostgresqlTap Tap)> TappedAsync()
    {
        Assert.SkipWhen(PostgresqlServer.Missing is not null, PostgresqlServer.Missing ?? "");
        var tap = PostgresqlTap.Before(await DatabaseServer.NewDatabaseAsync());
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, tap.Connection);
        return (new StateEngines(Postgresql, file), tap);
    }

    public void Dispose()
    {
        if (_connectionFile is not null) File.Delete(_connectionFile);
    }
}
