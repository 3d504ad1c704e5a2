using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Gateway.Benchmarks.Running;

/// <summary>How a server is started.</summary>
/// <param name="Url">Where it is to answer; it counts as started when it answers anything there, or, with an <see cref="ApiKey"/>, when it succeeds.</param>
internal sealed record ProgramStart(string Name, string File, IReadOnlyList<string> Arguments, Uri Url)
{
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Sent as <c>X-Api-Key</c> while it is waited for.</summary>
    public string? ApiKey { get; init; }

    /// <summary>A .NET program from its Release build.</summary>
    public static ProgramStart DotNet(string name, string dll, Uri url, params IEnumerable<string> arguments) => new(name, "dotnet", [dll, .. arguments], url);
}

/// <summary>A server in a process of its own, with what it costs. Disposing ends it and its children, by id.</summary>
internal sealed class Server : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);
    private static readonly HttpClient Client = new(new SocketsHttpHandler { AllowAutoRedirect = false, ActivityHeadersPropagator = null });

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private bool _isDisposed;

    private Server(string name, Process process, Uri url)
    {
        Name = name;
        Url = url;
        _process = process;
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Name { get; }

    public Uri Url { get; }

    public int Id => _process.Id;

    /// <summary>From the process's start to its first answer.</summary>
    public TimeSpan StartedIn { get; private set; }

    /// <summary>The last lines it printed.</summary>
    public string Output => string.Join('\n', _output);

    /// <param name="more">Environment variables besides the program's own.</param>
    /// <exception cref="MissingToolException">The program is not installed.</exception>
    /// <exception cref="InvalidOperationException">It ended, or did not answer in time.</exception>
    public static async Task<Server> StartAsync(ProgramStart program, CancellationToken stop, IEnumerable<KeyValuePair<string, string>>? more = null)
    {
        var start = new ProcessStartInfo(program.File, program.Arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in program.Environment.Concat(more ?? [])) start.Environment[name] = value;
        var began = Stopwatch.GetTimestamp();
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            throw new MissingToolException($"{program.File} is not installed");
        }
        var server = new Server(program.Name, process, program.Url);
        try
        {
            await server.WaitAsync(began, program.ApiKey, stop);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>CPU time of the process and its children so far, user and system together. Resolution: one tick of 10 ms (proc(5), <c>/proc/PID/stat</c>).</summary>
    public TimeSpan Cpu => ProcessFiles.Cpu(Id);

    /// <summary>Resident memory of the process and its children, bytes.</summary>
    public long ResidentBytes => ProcessFiles.Resident(Id);

    /// <summary>Waits until the process has nothing left to do at once, so that work it put off is counted with the request that made it; not for ever.</summary>
    public async Task RestAsync(CancellationToken stop)
    {
        var (before, began) = (Cpu, Stopwatch.GetTimestamp());
        for (var calm = 0; calm < 3 && Stopwatch.GetElapsedTime(began) < LongestRest;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, stop);
            var now = Cpu;
            calm = now == before ? calm + 1 : 0;
            before = now;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A scenario may end one before its stage does.
        if (_isDisposed) return;
        _isDisposed = true;
        if (!_process.HasExited)
        {
            // Parents first: one that lives would start another child for each that is killed.
            var all = ProcessFiles.Tree(Id).ToList();
            using (var asked = Process.Start("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -TERM {Id}")])) await asked.WaitForExitAsync();
            var began = Stopwatch.GetTimestamp();
            while (!_process.HasExited && Stopwatch.GetElapsedTime(began) < Farewell) await Task.Delay(Poll, TimeProvider.System);
            all.ForEach(Kill);
            _process.WaitForExit(Farewell);
        }
        foreach (var map in (string[])["perf-{0}.map", "perfinfo-{0}.map", "jit-{0}.dump"]) File.Delete(Path.Combine(Path.GetTempPath(), string.Format(CultureInfo.InvariantCulture, map, Id)));
        _process.Dispose();
    }

    private static void Kill(int id)
    {
        try
        {
            using var one = Process.GetProcessById(id);
            one.Kill();
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It has ended.
        }
    }

    private async Task WaitAsync(long began, string? apiKey, CancellationToken stop)
    {
        while (Stopwatch.GetElapsedTime(began) < Patience)
        {
            stop.ThrowIfCancellationRequested();
            if (_process.HasExited) throw new InvalidOperationException($"{Name} ended with {_process.ExitCode}:\n{Output}");
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, Url);
                if (apiKey is not null) request.Headers.Add("X-Api-Key", apiKey);
                using var answer = await Client.SendAsync(request, stop);
                if (apiKey is not null && !answer.IsSuccessStatusCode) throw new InvalidOperationException($"{Name} answers {(int)answer.StatusCode} at {Url}:\n{Output}");
                StartedIn = Stopwatch.GetElapsedTime(began);
                return;
            }
            catch (HttpRequestException refused) when (refused.InnerException is SocketException or IOException)
            {
                await Task.Delay(Poll, TimeProvider.System, stop);
            }
        }
        throw new InvalidOperationException($"{Name} did not answer at {Url}:\n{Output}");
    }

    private void Hear(string? line)
    {
        if (line is null) return;
        _output.Enqueue(line);
        while (_output.Count > 50) _output.TryDequeue(out _);
    }
}
