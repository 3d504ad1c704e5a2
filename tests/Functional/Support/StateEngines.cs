using Gateway.Delivery.Storage;
using Gateway.Tests.Servers;
using Xunit;

namespace Gateway.Tests.Functional.Support;

/// <summary>The engines of the durable state, each as a workspace declares it; a shared one has a server of its own, gone when disposed.</summary>
internal sealed class StateEngines : IAsyncDisposable
{
    private const string Postgresql = "postgresql";

    private readonly PostgresqlServer? _server;

    private StateEngines(string name, PostgresqlServer? server) => (Name, _server) = (name, server);

    public string Name { get; }

    public static IEnumerable<string> Names => Stores.All.Select(engine => engine.Name);

    /// <summary>Rows of a theory over all engines.</summary>
    public static TheoryData<string> Rows => [.. Names];

    /// <summary>The section <c>state</c> of a workspace; nothing for the engine that needs none.</summary>
    public string Section => _server is null ? "" : $$"""state: { store: {{Name}}, postgresql: { connection: "secret://file{{ConnectionFile}}" } }""";

    private string ConnectionFile => Path.Combine(_server!.Root, "connection.txt");

    /// <summary>Rows of a theory over those that several nodes share.</summary>
    public static TheoryData<string> Shared => [.. Names.Where(name => !IsEmbedded(name))];

    /// <summary>Whether one process owns it; others are shared by nodes.</summary>
    public static bool IsEmbedded(string name) => name == "sqlite";

    /// <summary>Skips the test where the engine's server is not installed.</summary>
    public static async Task<StateEngines> StartAsync(string name)
    {
        if (name != Postgresql) return new StateEngines(name, null);
        Assert.SkipWhen(PostgresqlServer.Missing is not null, PostgresqlServer.Missing ?? "");
        var engine = new StateEngines(name, await PostgresqlServer.StartAsync());
        await File.WriteAllTextAsync(engine.ConnectionFile, engine._server!.Connection);
        return engine;
    }

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
