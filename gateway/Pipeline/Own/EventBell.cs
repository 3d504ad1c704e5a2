namespace Gateway.Pipeline.Own;

/// <summary>
/// Wakes who waits for events of one partner, when one of its events is committed on any node. One look at the log is made for all who wait, and
/// none while nobody does; who waits holds no thread.
/// </summary>
public sealed partial class EventBell(IStore store, IHostApplicationLifetime life, TimeProvider clock, ILogger<EventBell> log)
{
    /// <summary>So many calls of one partner wait at once; the next is answered without.</summary>
    public const int MostOfPartner = 64;

    private const int Batch = 500;
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Place> _places = [];
    private bool _watching;

    /// <summary>The process ends: nobody is to wait any more.</summary>
    public bool IsStopping => life.ApplicationStopping.IsCancellationRequested;

    /// <summary>A place to wait in, until it is disposed; null where the partner has no more of them.</summary>
    /// <exception cref="StoreUnavailableException">Where the log ends can't be told.</exception>
    public async ValueTask<IDisposable?> EnterAsync(string tenant, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (!_places.TryGetValue(tenant, out var known)) _places[tenant] = known = new Place();
            if (known.Waiting == MostOfPartner) return null;
            known.Waiting++;
        }
        var seat = new Seat(this, tenant);
        try
        {
            await BeginAsync(cancellation);
            return seat;
        }
        catch
        {
            seat.Dispose();
            throw;
        }
    }

    /// <summary>Completes at the next event of the partner that is committed after this call. Taken before the log is read, nothing slips between.</summary>
    public Task Next(string tenant)
    {
        lock (_lock) return _places[tenant].Rung.Task;
    }

    /// <summary>Completes when <paramref name="rung"/> does, after a time, or when the process ends.</summary>
    public async Task WaitAsync(Task rung, TimeSpan atMost, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, life.ApplicationStopping);
        await Task.WhenAny(rung, Task.Delay(atMost, clock, either.Token));
        await either.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Who comes first looks from where the log ends now; nobody of those here has read it yet.</summary>
    private async ValueTask BeginAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_watching) return;
        }
        var end = await store.LastPositionAsync(cancellation);
        lock (_lock)
        {
            if (_watching) return;
            _watching = true;
        }
        _ = Task.Run(() => WatchAsync(end), CancellationToken.None);
    }

    private async Task WatchAsync(long position)
    {
        var woken = Task.CompletedTask;
        while (GoesOn())
        {
            try
            {
                if (woken.IsCompleted) woken = store.WaitForAppendAsync(LongestSleep, life.ApplicationStopping).AsTask();
                var heads = await store.ReadEventHeadsAsync(position, Batch, life.ApplicationStopping);
                if (heads.Count == 0)
                {
                    await woken;
                    continue;
                }
                position = heads[^1].Position;
                Ring(heads.Select(h => h.Tenant).Distinct());
            }
            catch (OperationCanceledException) when (IsStopping)
            {
                // The last who wait are woken by the same token.
            }
            catch (Exception cause)
            {
                // Who waits is woken, reads, and tells its caller what is the matter.
                LogTrouble(cause);
                woken = Task.CompletedTask;
                RingAll();
                await Task.Delay(LongestSleep, clock);
            }
        }
    }

    private bool GoesOn()
    {
        lock (_lock) return _watching = _places.Count > 0 && !IsStopping;
    }

    private void RingAll()
    {
        string[] all;
        lock (_lock) all = [.. _places.Keys];
        Ring(all);
    }

    private void Ring(IEnumerable<string> tenants)
    {
        lock (_lock)
        {
            foreach (var tenant in tenants)
            {
                if (!_places.TryGetValue(tenant, out var place)) continue;
                place.Rung.TrySetResult();
                place.Rung = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    private void Leave(string tenant)
    {
        lock (_lock)
        {
            if (--_places[tenant].Waiting == 0) _places.Remove(tenant);
        }
    }

    private sealed class Place
    {
        public int Waiting { get; set; }

        public TaskCompletionSource Rung { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Seat(EventBell bell, string tenant) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) bell.Leave(tenant);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The log can't be looked at for those who wait for events")]
    private partial void LogTrouble(Exception cause);
}
