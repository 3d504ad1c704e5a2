using System.Collections.Concurrent;
using System.Diagnostics;
using Gateway.Tests.Servers;

namespace Gateway.Tests.Functional.Support;

/// <summary>The gateway's program in a process of its own, really killed.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private ChildProcess(Process process) => _process = process;

    public string Output => string.Join('\n', _output);

    public int Id => _process.Id;

    /// <summary>Starts <c>gateway ARGUMENTS</c> and waits until a line has come for each of the names.</summary>
    public static async Task<(ChildProcess Process, IReadOnlyDictionary<string, Uri> Addresses)> StartAsync(string[] arguments, params string[] names)
    {
        var start = new ProcessStartInfo("dotnet", [GatewayProgram.Path, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // It lives for seconds: to compile again what was called thirty times takes two of them, behind its back.
        start.Environment["DOTNET_TC_CallCountThreshold"] = "1000";
        // Nor does it live long enough for heaps of its own for each core, for code that counts what is called, or for pages that are either written or run.
        (start.Environment["DOTNET_gcServer"], start.Environment["DOTNET_TieredPGO"], start.Environment["DOTNET_EnableWriteXorExecute"]) = ("0", "0", "0");
        foreach (var (name, value) in TestWorkspace.Secrets) start.Environment[name] = value;
        var child = new ChildProcess(Process.Start(start)!);
        var found = new Dictionary<string, Uri>();
        var all = new TaskCompletionSource();
        child._process.OutputDataReceived += (_, line) => Take(line.Data);
        child._process.ErrorDataReceived += (_, line) => child._output.Enqueue(line.Data ?? "");
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        await Task.WhenAny(all.Task, child._process.WaitForExitAsync(), Task.Delay(TimeSpan.FromMinutes(2)));
        if (all.Task.IsCompleted || names.Length == 0) return (child, found);
        await child.DisposeAsync();
        throw new InvalidOperationException($"gateway {string.Join(' ', arguments)} did not start:\n{child.Output}");

        void Take(string? line)
        {
            child._output.Enqueue(line ?? "");
            if (line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var name, var url] || !names.Contains(name)) return;
            found[name] = new Uri(url);
            if (found.Count == names.Length) all.TrySetResult();
        }
    }

    public static async Task<(ChildProcess Process, Uri Gateway, Uri Admin)> ServeAsync(TestWorkspace workspace, params string[] more)
    {
        var (process, addresses) = await StartAsync(
            ["serve", workspace.Root, "--data", workspace.Data, "--keys", workspace.Keys, "--environment", "test", "--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0", .. more],
            "gateway", "admin");
        return (process, addresses["gateway"], addresses["admin"]);
    }

    public Task HangUpAsync() => SignalAsync("-HUP");

    /// <summary>SIGSTOP: connections stay, time goes on, and nothing runs.</summary>
    public Task PauseAsync() => SignalAsync("-STOP");

    public Task ResumeAsync() => SignalAsync("-CONT");

    private Task SignalAsync(string signal) => Process.Start("kill", [signal, Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]).WaitForExitAsync();

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as who deploys sends it; and its end.</summary>
    public async Task StopAsync()
    {
        await SignalAsync("-TERM");
        await ExitAsync(TimeSpan.FromSeconds(30));
    }

    public async Task<int> ExitAsync(TimeSpan atMost)
    {
        using var late = new CancellationTokenSource(atMost);
        await _process.WaitForExitAsync(late.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }
}
