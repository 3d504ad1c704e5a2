using Gateway.Configuration;
using Gateway.Hosting;
using Gateway.Simulators;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.Tests.Functional.Support;

/// <summary>Simulators and a gateway in this process, on real sockets.</summary>
internal sealed class World : IAsyncDisposable
{
    private readonly bool _ownsSimulators;

    private World(SimulatorSet simulators, bool ownsSimulators, TestWorkspace workspace, GatewayHost gateway)
    {
        Simulators = simulators;
        _ownsSimulators = ownsSimulators;
        Workspace = workspace;
        Gateway = gateway;
        Caller = new Caller(gateway.Url);
    }

    public SimulatorSet Simulators { get; }

    public TestWorkspace Workspace { get; }

    public GatewayHost Gateway { get; }

    /// <summary>acme-shop.</summary>
    public Caller Caller { get; }

    /// <param name="beside">A node that the new one shares simulators and key ring with; it is to be disposed later.</param>
    public static async Task<World> StartAsync(string more = "", string governance = "", TimeProvider? clock = null, World? beside = null)
    {
        var simulators = beside?.Simulators ?? await SimulatorSet.StartAsync();
        var workspace = new TestWorkspace(simulators.Odoo.Url, simulators.Tms.Url, simulators.Partner.Url, more, governance);
        var gateway = await GatewayHost.StartAsync(new GatewayOptions
        {
            Workspace = workspace.Root,
            DataDirectory = workspace.Data,
            KeyDirectory = (beside?.Workspace ?? workspace).Keys,
            Urls = "http://127.0.0.1:0",
            AdminUrls = "http://127.0.0.1:0",
            LogLevel = LogLevel.None,
            Clock = clock ?? TimeProvider.System,
            Load = new LoadOptions { Environment = "test", Variables = TestWorkspace.Secrets },
        });
        return new World(simulators, beside is null, workspace, gateway);
    }

    public int OrdersInOdoo(string reference) => Simulators.Odoo.Orders.Count(o => o.ClientOrderRef == reference);

    public async ValueTask DisposeAsync()
    {
        Caller.Dispose();
        await Gateway.DisposeAsync();
        if (_ownsSimulators) await Simulators.DisposeAsync();
        Workspace.Dispose();
    }
}

internal static class Until
{
    /// <summary>Looks every 100 ms until what is looked for is there; fails after <paramref name="seconds"/>, which are many: the machine has other work.</summary>
    public static async Task<T> Found<T>(Func<Task<T?>> look, string what, int seconds = 60) where T : class
    {
        for (var i = 0; i < seconds * 10; i++)
        {
            if (await look() is { } found) return found;
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        throw new TimeoutException($"waited {seconds} s for {what}");
    }

    public static Task True(Func<bool> holds, string what, int seconds = 60) =>
        Found(() => Task.FromResult(holds() ? "" : null), what, seconds);
}
