using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Tests.Servers;

/// <summary>A server of Debian's packages in a process of its own, on a free port of loopback, with a directory that goes with it.</summary>
public abstract class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private Process? _process;

    protected ServerProcess(string name)
    {
        Root = Directory.CreateTempSubdirectory($"gateway-{name}-").FullName;
        Port = FreePorts.Next();
    }

    /// <summary>Its directory, removed with it.</summary>
    public string Root { get; }

    public int Port { get; }

    public int Id => _process!.Id;

    /// <summary>SIGKILL: no handler runs, nothing is written that was not.</summary>
    public virtual async Task KillAsync()
    {
        if (_process is not { } process) return;
        _process = null;
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>SIGSTOP: connections stay, and nothing answers on them.</summary>
    public Task PauseAsync() => RunAsync("kill", "-STOP", Text(Id));

    /// <summary>SIGCONT.</summary>
    public Task ResumeAsync() => RunAsync("kill", "-CONT", Text(Id));

    /// <summary>On the same port and with what it kept, after <see cref="KillAsync"/>.</summary>
    public abstract Task StartAgainAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(Root, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts the program and waits until it takes connections.</summary>
    protected async Task RunServerAsync(string program, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Root })!;
        _process = process;
        var said = new List<string>();
        process.OutputDataReceived += (_, line) => { lock (said) said.Add(line.Data ?? ""); };
        process.ErrorDataReceived += (_, line) => { lock (said) said.Add(line.Data ?? ""); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        for (var waited = Stopwatch.StartNew(); !await ListensAsync();)
        {
            if (process.HasExited || waited.Elapsed > Patience)
            {
                lock (said) throw new InvalidOperationException($"{program} did not start:\n{string.Join('\n', said)}");
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }

    /// <summary>Runs a program to its end. Its output; throws where it fails.</summary>
    protected static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {await output}{await error}");
    }

    protected static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task<bool> ListensAsync()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
