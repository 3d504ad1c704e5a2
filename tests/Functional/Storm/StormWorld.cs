using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Tests.Functional.Support;
using Gateway.Tests.Servers;
using Xunit;

namespace Gateway.Tests.Functional.Storm;

/// <summary>The gateway's program in a process of its own, under one address over all its lives, before simulators in this process.</summary>
internal sealed class StormWorld : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(9);

    private readonly StateEngines _engine;
    private readonly TestWorkspace _workspace;
    private readonly List<string> _outputs = [];
    private ChildProcess _gateway = null!;
    private volatile bool _up;
    private volatile int _life;

    private StormWorld(StateEngines engine, StormBackends backends, TestWorkspace workspace, Uri url, Uri admin)
    {
        (_engine, Backends, Url, _workspace) = (engine, backends, url, workspace);
        Operator = Caller.OfOperator(admin);
        Arguments = ["serve", _workspace.Root, "--data", _workspace.Data, "--keys", _workspace.Keys, "--environment", "test", "--urls", Bare(url), "--admin-urls", Bare(admin)];
    }

    public StormBackends Backends { get; }

    public Uri Url { get; }

    public Caller Operator { get; }

    /// <summary>Which life of the gateway this is; null while it is dead, or begins.</summary>
    public int? Life => _up ? _life : null;

    private string[] Arguments { get; }

    /// <param name="workspace">From the backends and the section of the state engine; null for the one that has a route for everything.</param>
    /// <param name="wms">Name of the backend that the warehouse's webhooks are for; <paramref name="tms"/> the same of the carrier.</param>
    public static async Task<StormWorld> StartAsync(string engine, Func<StormBackends, string, TestWorkspace>? workspace = null, string wms = "warehouse", string tms = "carriers") =>
        await StartAsync(await StateEngines.StartAsync(engine), workspace, wms, tms);

    /// <inheritdoc cref="StartAsync(string, Func{StormBackends, string, TestWorkspace}, string, string)"/>
    public static async Task<StormWorld> StartAsync(StateEngines state, Func<StormBackends, string, TestWorkspace>? workspace = null, string wms = "warehouse", string tms = "carriers")
    {
        var (url, admin) = (FreeAddress(), FreeAddress());
        var backends = await StormBackends.StartAsync(url, wms, tms);
        var world = new StormWorld(state, backends, (workspace ?? StormWorkspace.Create)(backends, state.Section), url, admin);
        await world.ServeAsync();
        return world;
    }

    /// <summary>Where the gateway keeps its state, where that is its own.</summary>
    public string Data => _workspace.Data;

    /// <summary>SIGKILL, and another life on the same state.</summary>
    /// <param name="between">What is done while there is no gateway.</param>
    public async Task KillAsync(Action? between = null)
    {
        await DieAsync();
        _outputs.Add(_gateway.Output);
        await _gateway.DisposeAsync();
        between?.Invoke();
        await ServeAsync();
    }

    /// <summary>SIGKILL, and nothing more.</summary>
    public Task DieAsync()
    {
        _up = false;
        return _gateway.KillAsync();
    }

    /// <summary>The machine stands still: longer than leases and calls last, and shorter than callers wait.</summary>
    public async Task PauseAsync()
    {
        await _gateway.PauseAsync();
        await Task.Delay(Pause, TestContext.Current.CancellationToken);
        await _gateway.ResumeAsync();
    }

    /// <summary>What the program has written in all its lives, line by line.</summary>
    public IEnumerable<string> Log => _outputs.Append(_gateway.Output).SelectMany(output => output.Split('\n'));

    /// <summary>Memory that the process holds in MB, and what it has open: files and sockets. Linux only.</summary>
    public (long Megabytes, int Open) Size
    {
        get
        {
            var resident = File.ReadLines($"/proc/{_gateway.Id}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            var kilobytes = long.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
            return (kilobytes / 1024, Directory.GetFiles($"/proc/{_gateway.Id}/fd").Length);
        }
    }

    public Task<JsonArray> ListAsync(string path) => Operator.ListAsync(path);

    public Task<IReadOnlyList<JsonNode>> EventsAsync() => Operator.EventsAsync();

    private async Task ServeAsync()
    {
        (_gateway, _) = await ChildProcess.StartAsync(Arguments, "gateway", "admin");
        _life++;
        _up = true;
    }

    private static string Bare(Uri address) => address.ToString().TrimEnd('/');

    private static Uri FreeAddress() => new($"http://127.0.0.1:{FreePorts.Next()}");

    public async ValueTask DisposeAsync()
    {
        Operator.Dispose();
        await _gateway.DisposeAsync();
        await Backends.DisposeAsync();
        _engine.Dispose();
        _workspace.Dispose();
    }
}
