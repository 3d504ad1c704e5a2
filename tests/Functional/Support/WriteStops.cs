using Gateway.Tests.Functional.Storm;

namespace Gateway.Tests.Functional.Support;

/// <summary>Which side of a write a gateway is to be killed at.</summary>
internal enum WriteSide
{
    /// <summary>Its transaction is not committed, and never will be.</summary>
    Before,

    /// <summary>It is committed, and the gateway never hears of that.</summary>
    Behind,
}

/// <summary>A write, as each engine knows it.</summary>
/// <param name="Statement">A regular expression of one statement, on PostgreSQL.</param>
/// <param name="Triggers">What it does, on SQLite: <c>INSERT ON deliveries</c>, with a <c>WHEN</c> behind it; several where one of them comes, none where it writes nothing there.</param>
internal sealed record WriteBoundary(string Statement, params string[] Triggers)
{
    /// <summary>At which of such statements a transaction of PostgreSQL is stopped: the first is 1.</summary>
    public int Nth { get; init; } = 1;

    /// <summary>At which of such rows SQLite is stopped, however many there are in a transaction: the first is 1. Triggers of more have no <c>WHEN</c>.</summary>
    public int NthRow { get; init; } = 1;
}

/// <summary>Stops a gateway exactly where it writes, with nothing in the product for that.</summary>
internal interface IWriteStops : IAsyncDisposable
{
    /// <summary>Stops at the next such write.</summary>
    /// <returns>Completes when it stands there, or died there; fails where it can't be shown that it did.</returns>
    Task StopAt(WriteBoundary boundary, WriteSide side);

    /// <summary>Stops nowhere any more. The gateway is gone by then.</summary>
    void GoOn();
}

/// <summary>A world whose gateway can be stopped at its writes.</summary>
internal static class StoppedWorlds
{
    public static async Task<(KillWorld World, IWriteStops Stops)> StartAsync(string engine, Func<string, string> change)
    {
        if (StateEngines.IsEmbedded(engine))
        {
            var embedded = await KillWorld.StartAsync(engine, change: change);
            return (embedded, new SqliteStops(embedded.Data, () => embedded.Gateway.KillAsync()));
        }
        var (state, tap) = await StateEngines.TappedAsync();
        return (await KillWorld.StartAsync(state, change: change), tap);
    }

    /// <summary>The same of the shipped workspace before the warehouse and the carrier as well.</summary>
    public static async Task<(StormWorld World, IWriteStops Stops)> StormAsync(string engine, Func<StormBackends, string, TestWorkspace> workspace)
    {
        if (StateEngines.IsEmbedded(engine))
        {
            var embedded = await StormWorld.StartAsync(engine, workspace, wms: "wms", tms: "tms");
            return (embedded, new SqliteStops(embedded.Data, embedded.DieAsync));
        }
        var (state, tap) = await StateEngines.TappedAsync();
        return (await StormWorld.StartAsync(state, workspace, wms: "wms", tms: "tms"), tap);
    }
}
