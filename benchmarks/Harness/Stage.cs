using System.ComponentModel;
using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks;

/// <summary>Everything one scenario starts and writes; all of it is stopped, by id, and removed at its end.</summary>
internal sealed class Stage(Settings settings, CancellationToken stop) : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-benchmarks-");
    private readonly List<IAsyncDisposable> _started = [];

    public Settings Settings => settings;

    public CancellationToken Stop => stop;

    /// <summary>A new directory of this scenario's own.</summary>
    public string Folder(string name) => _folder.CreateSubdirectory(name).FullName;

    public string Write(string path, string text)
    {
        var file = Path.Combine(_folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return file;
    }

    /// <summary>Starts a program and waits until it answers at <see cref="ProgramStart.Url"/>.</summary>
    public async Task<Server> StartAsync(ProgramStart program)
    {
        var server = await Server.StartAsync(program, stop, settings.ServerEnvironment);
        _started.Add(server);
        return server;
    }

    /// <summary>What is to be disposed of with everything else, in reverse order.</summary>
    public T Keep<T>(T disposable) where T : IAsyncDisposable
    {
        _started.Add(disposable);
        return disposable;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var started in Enumerable.Reverse(_started))
        {
            try
            {
                await started.DisposeAsync();
            }
            catch (Exception odd) when (odd is InvalidOperationException or IOException or Win32Exception)
            {
                Console.WriteLine($"  could not be stopped: {odd.Message}");
            }
        }
        _folder.Delete(recursive: true);
    }
}

/// <summary>A program that a scenario needs is not installed, and may not be.</summary>
internal sealed class MissingToolException(string message) : Exception(message);
