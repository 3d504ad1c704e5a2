namespace Gateway.Keys;

/// <summary>
/// Keeps the keys in memory in step with the store: read before the ports open, then twice a second, so that a key that was taken back on
/// another node ends here within the second. While the store is away, what is known holds on.
/// </summary>
internal sealed partial class KeyFollower(KeyBook keys, TimeProvider clock, ILogger<KeyFollower> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan NoteEvery = TimeSpan.FromMinutes(1);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await keys.FollowAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(() => keys.NoteUseAsync(cancellationToken));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        var noted = clock.GetTimestamp();
        var down = false;
        while (await NextAsync(timer, stoppingToken))
        {
            var well = await TryAsync(() => keys.FollowAsync(stoppingToken), silent: down);
            down = !well;
            if (down || clock.GetElapsedTime(noted) < NoteEvery) continue;
            noted = clock.GetTimestamp();
            await TryAsync(() => keys.NoteUseAsync(stoppingToken));
        }
    }

    private static async ValueTask<bool> NextAsync(PeriodicTimer timer, CancellationToken stopping)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async ValueTask<bool> TryAsync(Func<ValueTask> work, bool silent = false)
    {
        try
        {
            await work();
            return true;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
        catch (StoreUnavailableException unavailable)
        {
            if (!silent) Behind(unavailable.Message);
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The issued keys can't be read anew; what is known holds: {Message}")]
    private partial void Behind(string message);
}
