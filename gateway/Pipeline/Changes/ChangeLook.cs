namespace Gateway.Pipeline.Changes;

/// <summary>How a look ended.</summary>
internal enum LookEnd
{
    Done,

    /// <summary>The backend did not answer: what is not told yet is found by a later look.</summary>
    Away,

    /// <summary>Another node has the feed by now, and has found what this one has.</summary>
    Lost,
}

/// <summary>
/// One look at a feed, by who has taken it. Everything it finds becomes true in steps of the store, each with the records, the events and how far the feed
/// has come; a look that is cut off between two steps is begun again where the watermark stands, and finds what was told as known.
/// </summary>
internal sealed class ChangeLook(PlanFeed feed, FeedState state, IStore store, TimeProvider clock, Action<int, string> untold, EventReports reports)
{
    /// <summary>How long a look is nobody else's, from each of its steps on.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private const int Page = 200;
    private const int StockPage = 1000;
    private const int OwedAtOnce = 100;

    /// <summary>How often a batch is read again that a route of ours has overtaken.</summary>
    private const int Tries = 5;

    private readonly RecordTelling _telling = new(feed, store, clock);
    private readonly ChangesOptions _options = feed.Source.Options;
    private FeedState _state = state;
    private bool _missing;
    private bool _lost;

    /// <summary>What the backend said, where the look ended <see cref="LookEnd.Away"/>.</summary>
    public OperationResult? Failure { get; private set; }

    /// <summary>What operators have to look at, though the look went on; null where all is well.</summary>
    public string? Trouble { get; private set; }

    public FeedState State => _state;

    private DateTimeOffset Now => clock.GetUtcNow();

    public async ValueTask<LookEnd> RunAsync(IReadOnlyList<int> hinted, CancellationToken cancellation)
    {
        var isDue = _state.DueAt <= Now || _state.Scope != feed.Scope;
        var went = _state.Scope != feed.Scope ? await TakeStockAsync(cancellation) : await CatchUpAsync(hinted, isDue, cancellation);
        if (_lost) return LookEnd.Lost;
        var now = Now;
        var end = went && isDue ? _state with { LookedAt = now, DueAt = now + _options.Every } : _state;
        if (!await StepAsync(new FeedStep(_state) { To = end, LeaseUntil = now }, cancellation)) return LookEnd.Lost;
        return went ? LookEnd.Done : LookEnd.Away;
    }

    private async ValueTask<bool> CatchUpAsync(IReadOnlyList<int> hinted, bool isDue, CancellationToken cancellation)
    {
        if (!await TellAsync(hinted, cancellation)) return false;
        var owed = await store.OwedAsync(feed.Name, OwedAtOnce, cancellation);
        if (!await TellAsync([.. owed.Select(record => record.Id)], cancellation)) return false;
        if (isDue && !await SweepAsync(cancellation)) return false;
        return !_missing && (!isDue || Now - _state.ReconciledAt < _options.Reconcile) || await ReconcileAsync(cancellation);
    }

    /// <summary>
    /// What is there when a feed begins, or looks for other records than before, is told to nobody; but it is known, so that what becomes of it is.
    /// </summary>
    private async ValueTask<bool> TakeStockAsync(CancellationToken cancellation)
    {
        if (!Take(await feed.Source.LatestAsync(feed.Kind, feed.Partners, cancellation), out var latest)) return false;
        for (var (after, more) = (0, true); more;)
        {
            if (!Take(await feed.Source.ListAsync(feed.Kind, feed.Partners, new ChangeQuery(StockPage) { AfterId = after }, cancellation), out var page)) return false;
            more = page!.Count == StockPage;
            var until = more ? page[^1].Id : int.MaxValue;
            var known = await KnownAsync(after, until, cancellation);
            var gone = known.Values.ExceptBy(page.Select(row => row.Id), record => record.Id).ToList();
            if (gone.Count > 0 && !await StepAsync(new FeedStep(_state) { To = _state, LeaseUntil = Now + Lease, Gone = gone }, cancellation)) return false;
            foreach (var batch in page.Where(row => !known.ContainsKey(row.Id)).Chunk(Page))
                if (!await CountAsync([.. batch.Select(row => row.Id)], cancellation)) return false;
            after = until;
        }
        // Where a feed looks for more than before, it goes on from where it was.
        var watermark = _state.Scope.Length > 0 && _state.Watermark > default(DateTimeOffset) ? _state.Watermark : latest ?? DateTimeOffset.UnixEpoch;
        return await StepAsync(new FeedStep(_state) { To = _state with { Scope = feed.Scope, Watermark = watermark, ReconciledAt = Now }, LeaseUntil = Now + Lease }, cancellation);
    }

    private async ValueTask<bool> CountAsync(IReadOnlyList<int> ids, CancellationToken cancellation)
    {
        if (!Take(await feed.Source.HeadsAsync(feed.Kind, feed.Partners, ids, cancellation), out var heads)) return false;
        var records = new List<KnownRecord>(heads!.Count);
        foreach (var head in heads)
        {
            var reference = head.Id.ToString(System.Globalization.CultureInfo.InvariantCulture);
            var objects = feed.ObjectKind is { } kind ? await store.ObjectsOfAsync(feed.Backend, kind, reference, cancellation) : [];
            records.Add(new KnownRecord(head.Id, head.WrittenAt, KnownRecord.Unread, head.Stage)
            {
                Subjects = feed.Partners.Where(p => head.IsOf(p, feed.Company)).ToDictionary(p => p.Name, p => objects.FirstOrDefault(o => o.Tenant == p.Name)?.Id ?? reference),
            });
        }
        return await StepAsync(new FeedStep(_state) { To = _state, LeaseUntil = Now + Lease, Records = records }, cancellation);
    }

    /// <summary>
    /// What was written since the watermark, and for the overlap before it. What was told and read a second time is passed over: only a transaction that began
    /// in the same second and took long can still change it, so it is read for the last time when the overlap leaves it behind.
    /// </summary>
    private async ValueTask<bool> SweepAsync(CancellationToken cancellation)
    {
        var from = _state.Watermark - DateTimeOffset.UnixEpoch > _options.Overlap ? _state.Watermark - _options.Overlap : DateTimeOffset.UnixEpoch;
        var cursor = new SweepCursor(from, Page);
        var (seen, passed) = (new HashSet<DatedRecord>(), new List<DatedRecord>());
        while (cursor.Next is { } next)
        {
            if (!Take(await feed.Source.ListAsync(feed.Kind, feed.Partners, next, cancellation), out var page)) return false;
            cursor.Take(page!);
            var fresh = page!.Where(seen.Add).ToList();
            var known = (await store.KnownAsync(feed.Name, [.. fresh.Select(row => row.Id)], cancellation)).ToDictionary(record => record.Id);
            var settled = fresh.ToLookup(row => known.GetValueOrDefault(row.Id) is { Settled: true } record && record.WrittenAt == row.WrittenAt);
            passed.AddRange(settled[true]);
            if (!await TellAsync([.. settled[false].Select(row => row.Id)], cancellation)) return false;
        }
        var watermark = Bounded(cursor.Latest);
        if (!await TellAsync([.. passed.Where(row => row.WrittenAt < watermark - _options.Overlap).Select(row => row.Id)], cancellation)) return false;
        return await StepAsync(new FeedStep(_state) { To = _state with { Watermark = watermark }, LeaseUntil = Now + Lease }, cancellation);
    }

    /// <summary>A backend whose clock leaps ahead would take the watermark along, and hide what is written afterwards.</summary>
    private DateTimeOffset Bounded(DateTimeOffset? latest)
    {
        var most = Now + _options.Overlap;
        var reached = latest > _state.Watermark ? latest.Value : _state.Watermark;
        return reached < most ? reached : most;
    }

    /// <summary>All ids, compared: what is gone, and what was written behind the overlap.</summary>
    private async ValueTask<bool> ReconcileAsync(CancellationToken cancellation)
    {
        var gone = new List<KnownRecord>();
        for (var (after, more) = (0, true); more;)
        {
            if (!Take(await feed.Source.ListAsync(feed.Kind, feed.Partners, new ChangeQuery(StockPage) { AfterId = after }, cancellation), out var page)) return false;
            more = page!.Count == StockPage;
            var until = more ? page[^1].Id : int.MaxValue;
            var known = await KnownAsync(after, until, cancellation);
            gone.AddRange(known.Values.ExceptBy(page.Select(row => row.Id), record => record.Id));
            if (!await TellAsync([.. page.Where(row => known.GetValueOrDefault(row.Id)?.WrittenAt != row.WrittenAt).Select(row => row.Id)], cancellation)) return false;
            after = until;
        }
        if (!await BuryAsync(gone, cancellation)) return false;
        _missing = false;
        return await StepAsync(new FeedStep(_state) { To = _state with { ReconciledAt = Now }, LeaseUntil = Now + Lease }, cancellation);
    }

    private async ValueTask<bool> BuryAsync(List<KnownRecord> gone, CancellationToken cancellation)
    {
        if (gone.Count > _options.MostGone)
        {
            Trouble = $"{gone.Count} records are gone at once, more than mostGone allows: nobody is told. Either the key has lost rights, or raise mostGone";
            return true;
        }
        foreach (var batch in gone.Chunk(Page))
        {
            if (!Take(await feed.Source.HeadsAsync(feed.Kind, feed.Partners, [.. batch.Select(record => record.Id)], cancellation), out var there)) return false;
            var buried = batch.ExceptBy(there!.Select(head => head.Id), record => record.Id).ToList();
            if (!await StepAsync(new FeedStep(_state) { To = _state, LeaseUntil = Now + Lease, Gone = buried, Events = [.. buried.SelectMany(_telling.Gone)] }, cancellation)) return false;
        }
        return true;
    }

    /// <summary>Reads records and tells what became of them. One that is not there is looked for with all others.</summary>
    private async ValueTask<bool> TellAsync(IReadOnlyList<int> ids, CancellationToken cancellation)
    {
        foreach (var batch in ids.Distinct().Chunk(feed.Kind.Batch))
            if (!await TellBatchAsync(batch, cancellation)) return false;
        return true;
    }

    private async ValueTask<bool> TellBatchAsync(int[] ids, CancellationToken cancellation)
    {
        for (var tries = 0; ; tries++)
        {
            // Known before it is read: what a route notes in between overtakes the step.
            var known = (await store.KnownAsync(feed.Name, ids, cancellation)).ToDictionary(record => record.Id);
            if (!Take(await feed.Source.ReadAsync(feed.Kind, feed.Partners, ids, cancellation), out var read)) return false;
            if (known.Keys.Except(read!.Select(record => record.Head.Id)).Any()) _missing = true;
            var tellings = new List<Telling>();
            foreach (var record in read!)
            {
                var telling = await _telling.OfAsync(known.GetValueOrDefault(record.Head.Id), record, cancellation);
                if (telling.Trouble is { } trouble) untold(record.Head.Id, trouble);
                if (telling.Record is not null) tellings.Add(telling);
            }
            if (tellings.Count == 0) return true;
            var step = new FeedStep(_state)
            {
                To = _state,
                LeaseUntil = Now + Lease,
                Records = [.. tellings.Select(t => t.Record!)],
                Events = [.. tellings.SelectMany(t => t.Events)],
                Objects = [.. tellings.SelectMany(t => t.Objects)],
            };
            if (await store.StepAsync(step, cancellation) is { } stands)
            {
                reports.Look(feed.Catalogue, step.Events, feed.Name);
                _state = stands;
                return true;
            }
            if (tries == Tries || await IsLostAsync(cancellation)) return Lose();
        }
    }

    private async ValueTask<Dictionary<int, KnownRecord>> KnownAsync(int after, int until, CancellationToken cancellation)
    {
        var known = new Dictionary<int, KnownRecord>();
        while (true)
        {
            var page = await store.KnownAfterAsync(feed.Name, after, StockPage, cancellation);
            foreach (var record in page.TakeWhile(record => record.Id <= until)) known[record.Id] = record;
            if (page.Count < StockPage || page[^1].Id >= until) return known;
            after = page[^1].Id;
        }
    }

    private async ValueTask<bool> StepAsync(FeedStep step, CancellationToken cancellation)
    {
        if (await store.StepAsync(step, cancellation) is not { } stands) return Lose();
        reports.Look(feed.Catalogue, step.Events, feed.Name);
        _state = stands;
        return true;
    }

    private async ValueTask<bool> IsLostAsync(CancellationToken cancellation) =>
        await store.FindFeedAsync(feed.Name, cancellation) is not { } now || now.Owner != _state.Owner || now.Version != _state.Version;

    private bool Lose()
    {
        _lost = true;
        return false;
    }

    private bool Take<T>(Asked<T> asked, out T? value)
    {
        (value, Failure) = (asked.Value, asked.Failure);
        return asked.Failure is null;
    }
}
