using Gateway.Delivery;
using System.Collections.Concurrent;

namespace Gateway.Pipeline.Changes;

/// <summary>
/// Watches backends for what is changed in them by others than this gateway: each declared kind at its pace, and at once where a hint says so. Of the
/// nodes that share a store whoever comes first looks, the others pass. A backend that does not answer is left alone for longer each time, and so is
/// one whose circuit is open; what is hinted meanwhile is kept. A node that is for requests alone looks where it got a hint, and at no pace.
/// </summary>
public sealed partial class ChangeFeeds(CurrentPlan plans, IStore store, WorkAtHand work, FeedBoard board, TimeProvider clock, EventReports reports, ILogger<ChangeFeeds> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>How soon a feed is asked for again that another node looks at.</summary>
    private static readonly TimeSpan Elsewhere = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Watch> _watches = new(StringComparer.Ordinal);
    private readonly Bell _bell = new();

    private DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>A record may have changed: it is read at once, and with it all that were hinted until then.</summary>
    public void Hint(string backend, Hint hint)
    {
        foreach (var feed in plans.Current.Feeds.Where(f => f.Backend == backend && hint.Kinds.Contains(f.Kind.Name)))
            WatchOf(feed).Hint(hint.Id);
        _bell.Ring();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var looks = new Dictionary<string, Task>();
        while (!stoppingToken.IsCancellationRequested)
        {
            var feeds = plans.Current.Feeds;
            board.Keep(work.TakesOver ? feeds.Select(f => f.Name) : []);
            // One that takes long holds up no other.
            foreach (var feed in feeds.Where(f => WatchOf(f).IsOn(Now, work.TakesOver) && (!looks.TryGetValue(f.Name, out var look) || look.IsCompleted)))
                looks[feed.Name] = TryAsync(feed, WatchOf(feed), stoppingToken);
            await _bell.WaitAsync(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await Task.WhenAll(looks.Values);
    }

    private Watch WatchOf(PlanFeed feed) => _watches.GetOrAdd(feed.Name, _ => new Watch());

    private async Task TryAsync(PlanFeed feed, Watch watch, CancellationToken stopping)
    {
        try
        {
            await LookAsync(feed, watch, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What was told is stored; the rest is found again.
        }
        catch (Exception failed)
        {
            // Nothing may end watching: not a store that is away, and not a Plan that was retired over a look.
            watch.Rest.Down(Now, feed.Name, failed.Message, null);
            Tell(feed, null, failed is StoreUnavailableException ? $"the store: {failed.Message}" : failed.Message, failed);
        }
    }

    private async Task LookAsync(PlanFeed feed, Watch watch, CancellationToken stopping)
    {
        var hinted = watch.Hinted;
        if (await store.TakeFeedAsync(feed.Name, work.Owner, Now + ChangeLook.Lease, hurried: hinted.Count > 0, stopping) is not { } state)
        {
            await PassAsync(feed, watch, stopping);
            return;
        }
        var look = new ChangeLook(feed, state, store, clock, (id, why) => Untold(feed, id, why), reports);
        var end = await look.RunAsync([.. hinted.Keys], stopping);
        switch (end)
        {
            case LookEnd.Done:
                watch.Done(hinted, look.State.DueAt);
                Tell(feed, look.State.LookedAt, look.Trouble, null);
                break;
            case LookEnd.Away:
                watch.Rest.Down(Now, feed.Name, look.Failure!.Reason ?? look.Failure.Detail, look.Failure.RetryAfter);
                Tell(feed, look.State.LookedAt, $"{feed.Backend}: {look.Failure.Reason ?? look.Failure.Detail}", null);
                break;
            default:
                watch.TryAt = Now + Elsewhere;
                break;
        }
    }

    /// <summary>Another node looks, or has looked.</summary>
    private async ValueTask PassAsync(PlanFeed feed, Watch watch, CancellationToken stopping)
    {
        var soon = Now + Elsewhere;
        watch.TryAt = soon;
        watch.HintsAt = soon;
        if (await store.FindFeedAsync(feed.Name, stopping) is not { } state) return;
        board.Hear(state);
        if (state.DueAt > soon) watch.TryAt = state.DueAt;
    }

    private void Untold(PlanFeed feed, int id, string why)
    {
        board.Untold(feed.Name);
        NotTold(feed.Name, id, why);
    }

    private void Tell(PlanFeed feed, DateTimeOffset? looked, string? trouble, Exception? failed)
    {
        looked ??= board.Reports.FirstOrDefault(r => r.Feed == feed.Name)?.LookedAt;
        if (!board.Tell(new FeedReport(feed.Name, looked, trouble))) return;
        if (trouble is null) GoesOn(feed.Name);
        else Stands(failed, feed.Name, trouble);
    }

    /// <summary>What this node remembers of a feed between two looks.</summary>
    private sealed class Watch
    {
        /// <summary>More are not kept: the next look finds what they were about.</summary>
        private const int MostHints = 10_000;

        private readonly Dictionary<int, long> _hints = [];
        private long _hinted;

        public Rest Rest { get; } = new();

        public DateTimeOffset TryAt { get; set; }

        /// <summary>From when on hints are looked after again.</summary>
        public DateTimeOffset HintsAt { get; set; }

        /// <summary>Records, each with the number of its last hint.</summary>
        public IReadOnlyDictionary<int, long> Hinted
        {
            get
            {
                lock (_hints) return new Dictionary<int, long>(_hints);
            }
        }

        public void Hint(int id)
        {
            lock (_hints)
                if (_hints.Count < MostHints || _hints.ContainsKey(id)) _hints[id] = ++_hinted;
        }

        /// <summary>Whether there is something to do now.</summary>
        public bool IsOn(DateTimeOffset now, bool paced)
        {
            lock (_hints) return now >= Rest.Until && ((paced && now >= TryAt) || (_hints.Count > 0 && now >= HintsAt));
        }

        /// <summary>A record that was hinted at again meanwhile is looked at again: it may have been read before.</summary>
        public void Done(IReadOnlyDictionary<int, long> hinted, DateTimeOffset due)
        {
            Rest.Back();
            TryAt = due;
            lock (_hints)
                foreach (var (id, last) in hinted)
                    if (_hints.GetValueOrDefault(id) == last) _hints.Remove(id);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Changes of {Feed} are not told: {Trouble}")]
    private partial void Stands(Exception? failed, string feed, string trouble);

    [LoggerMessage(2, LogLevel.Information, "Changes of {Feed} are told")]
    private partial void GoesOn(string feed);

    [LoggerMessage(3, LogLevel.Error, "Record {Id} of {Feed} has changed and can't be told: {Why}; it is tried again at each look")]
    private partial void NotTold(string feed, int id, string why);
}
