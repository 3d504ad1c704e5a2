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

    /// <summary>Of one feed. More are not kept: the next look finds what they were about.</summary>
    private const int MostHints = 10_000;

    /// <summary>How soon a feed is asked for again that another node looks at.</summary>
    private static readonly TimeSpan Elsewhere = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Watch> _watches = new(StringComparer.Ordinal);
    private readonly Bell _bell = new();

    private DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>A record may have changed: that is stored, and then it is read at once, and with it all that were hinted until then.</summary>
    /// <exception cref="StoreUnavailableException">It is not stored.</exception>
    public async ValueTask HintAsync(string backend, Hint hint, CancellationToken cancellation)
    {
        var feeds = plans.Current.Feeds.Where(f => f.Backend == backend && hint.Kinds.Contains(f.Kind.Name)).ToList();
        if (feeds.Count == 0) return;
        await store.HintAsync([.. feeds.Select(f => f.Name)], hint.Id, MostHints, cancellation);
        foreach (var feed in feeds) WatchOf(feed).Hint();
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
        // Before they are read: what comes behind that is looked after by another look.
        var heard = watch.Heard;
        var hinted = await store.HintsAsync(feed.Name, stopping);
        if (hinted.Count == 0 && !watch.IsPaced(Now, work.TakesOver))
        {
            // Another node was there before.
            watch.Seen(heard);
            return;
        }
        if (await store.TakeFeedAsync(feed.Name, work.Owner, Now + ChangeLook.Lease, hurried: hinted.Count > 0, stopping) is not { } state)
        {
            await PassAsync(feed, watch, isHinted: hinted.Count > 0, stopping);
            return;
        }
        var look = new ChangeLook(feed, state, store, clock, (id, why) => Untold(feed, id, why), reports);
        var end = await look.RunAsync([.. hinted.Select(hint => hint.Id)], stopping);
        switch (end)
        {
            case LookEnd.Done:
                await store.DropHintsAsync(feed.Name, hinted, stopping);
                watch.Done(heard, look.State.DueAt);
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
    /// <param name="isHinted">There are hints: whoever looks may be dead, and they are not left to the pace.</param>
    private async ValueTask PassAsync(PlanFeed feed, Watch watch, bool isHinted, CancellationToken stopping)
    {
        var soon = Now + Elsewhere;
        watch.TryAt = soon;
        watch.HintsAt = soon;
        if (await store.FindFeedAsync(feed.Name, stopping) is not { } state) return;
        board.Hear(state);
        if (!isHinted && state.DueAt > soon) watch.TryAt = state.DueAt;
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
        private long _heard;
        private long _seen;

        public Rest Rest { get; } = new();

        public DateTimeOffset TryAt { get; set; }

        /// <summary>From when on hints are looked after again.</summary>
        public DateTimeOffset HintsAt { get; set; }

        /// <summary>How many hints this node was given.</summary>
        public long Heard => Interlocked.Read(ref _heard);

        public void Hint() => Interlocked.Increment(ref _heard);

        /// <summary>Whether there is something to do now.</summary>
        public bool IsOn(DateTimeOffset now, bool paced) => now >= Rest.Until && (IsPaced(now, paced) || (Heard > _seen && now >= HintsAt));

        /// <summary>Whether it is time for a look, hinted at or not.</summary>
        public bool IsPaced(DateTimeOffset now, bool paced) => paced && now >= TryAt;

        /// <summary>So many hints have been looked after. What was said again meanwhile is looked at again: it may have been read before.</summary>
        public void Seen(long heard) => _seen = heard;

        public void Done(long heard, DateTimeOffset due)
        {
            Rest.Back();
            TryAt = due;
            Seen(heard);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Changes of {Feed} are not told: {Trouble}")]
    private partial void Stands(Exception? failed, string feed, string trouble);

    [LoggerMessage(2, LogLevel.Information, "Changes of {Feed} are told")]
    private partial void GoesOn(string feed);

    [LoggerMessage(3, LogLevel.Error, "Record {Id} of {Feed} has changed and can't be told: {Why}; it is tried again at each look")]
    private partial void NotTold(string feed, int id, string why);
}
