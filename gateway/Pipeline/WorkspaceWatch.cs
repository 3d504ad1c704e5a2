using System.Runtime.InteropServices;
using Gateway.Configuration;

namespace Gateway.Pipeline;

/// <summary>Reloads when the workspace's files change or SIGHUP comes, as far as the mode lets it.</summary>
/// <param name="mode">Null for what the workspace says when the gateway starts.</param>
public sealed partial class WorkspaceWatch(CurrentPlan plans, string root, LoadOptions options, ReloadMode? mode, ILogger<WorkspaceWatch> log) : BackgroundService
{
    /// <summary>Changes are not told on every file system (network mounts); looking now and then costs little.</summary>
    private static readonly TimeSpan LookAnyway = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _bell = new(0, 1);

    /// <summary>SIGHUP reads secrets anew too, which are no part of the files.</summary>
    private bool _evenUnchanged;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var follows = plans.Mode = mode ?? plans.Current.Reload;
        // Taken in every mode: unhandled, the signal would end the process.
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            if (follows == ReloadMode.Off) Ignored();
            else Ring(evenUnchanged: true);
        });
        var watchers = follows == ReloadMode.On
            ? WorkspaceFiles.Rooms.Select(room => Path.Combine(root, room)).Where(Directory.Exists).Select(Watch).Append(Watch(root)).ToList()
            : [];
        try
        {
            await FollowAsync(follows == ReloadMode.On ? LookAnyway : Timeout.InfiniteTimeSpan, stoppingToken);
        }
        finally
        {
            foreach (var watcher in watchers) watcher.Dispose();
        }
    }

    /// <param name="look">How long to wait for the bell before looking all the same.</param>
    private async Task FollowAsync(TimeSpan look, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _bell.WaitAsync(look, stoppingToken);
                await Task.Delay(Settle, TimeProvider.System, stoppingToken);
                await plans.LoadAsync(root, options, Interlocked.Exchange(ref _evenUnchanged, false));
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                Unreadable(unreadable.Message);
            }
            catch (Exception bug)
            {
                // Whatever a changed workspace brings, the gateway runs on with the one it has.
                Failed(bug);
            }
        }
    }

    /// <summary>A room with all that is in it; the root only itself, as it may hold a whole repository.</summary>
    private FileSystemWatcher Watch(string directory)
    {
        var watcher = new FileSystemWatcher(directory) { IncludeSubdirectories = directory != root };
        watcher.Changed += (_, change) => Ring(change.FullPath);
        watcher.Created += (_, change) => Ring(change.FullPath);
        watcher.Deleted += (_, change) => Ring(change.FullPath);
        watcher.Renamed += (_, change) => Ring(change.FullPath);
        watcher.EnableRaisingEvents = true;
        return watcher;
    }

    private void Ring(string path)
    {
        if (Path.GetExtension(path) is ".yaml" or ".json" or ".jsonata" or ".pem" or "") Ring();
    }

    private void Ring(bool evenUnchanged = false)
    {
        if (evenUnchanged) _evenUnchanged = true;
        try
        {
            if (_bell.CurrentCount == 0) _bell.Release();
        }
        catch (SemaphoreFullException)
        {
            // Rung already.
        }
    }

    [LoggerMessage(3, LogLevel.Warning, "SIGHUP changes nothing: reload is off")]
    private partial void Ignored();

    [LoggerMessage(1, LogLevel.Error, "The workspace can't be read: {Message}")]
    private partial void Unreadable(string message);

    [LoggerMessage(2, LogLevel.Error, "The changed workspace could not be taken over")]
    private partial void Failed(Exception bug);
}
