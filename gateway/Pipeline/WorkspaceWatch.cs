using System.Runtime.InteropServices;
using Gateway.Configuration;

namespace Gateway.Pipeline;

/// <summary>Reloads when the workspace's files change or SIGHUP comes.</summary>
public sealed partial class WorkspaceWatch(CurrentPlan plans, string root, LoadOptions options, ILogger<WorkspaceWatch> log) : BackgroundService
{
    /// <summary>Changes are not told on every file system (network mounts); looking now and then costs little.</summary>
    private static readonly TimeSpan LookAnyway = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _bell = new(0, 1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            Ring();
        });
        using var watcher = new FileSystemWatcher(root) { IncludeSubdirectories = true, EnableRaisingEvents = true };
        watcher.Changed += (_, change) => Ring(change.FullPath);
        watcher.Created += (_, change) => Ring(change.FullPath);
        watcher.Deleted += (_, change) => Ring(change.FullPath);
        watcher.Renamed += (_, change) => Ring(change.FullPath);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _bell.WaitAsync(LookAnyway, stoppingToken);
                await Task.Delay(Settle, TimeProvider.System, stoppingToken);
                await plans.LoadAsync(root, options);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                Unreadable(unreadable.Message);
            }
        }
    }

    private void Ring(string path)
    {
        if (Path.GetExtension(path) is ".yaml" or ".json" or ".jsonata" or "") Ring();
    }

    private void Ring()
    {
        try
        {
            if (_bell.CurrentCount == 0) _bell.Release();
        }
        catch (SemaphoreFullException)
        {
            // Rung already.
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The workspace can't be read: {Message}")]
    private partial void Unreadable(string message);
}
