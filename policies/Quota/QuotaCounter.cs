namespace Gateway.Policies.Quota;

/// <summary>
/// One quota of one caller on this node. It takes blocks of units from the store and hands them out in memory, so that most requests write
/// nothing. Blocks are small beside what is left, and single units near the end: what this node holds is never much of what others could use.
/// </summary>
internal sealed class QuotaCounter(QuotaCaller caller, QuotaBook book)
{
    /// <summary>Most units of a block.</summary>
    private const int MostAtOnce = 100;

    /// <summary>A block is one part in so many of what is left.</summary>
    private const int Parts = 64;

    /// <summary>How long a refusal holds without asking again: others may give something back.</summary>
    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _asking = new(1, 1);
    private readonly List<QuotaBlock> _past = [];
    private QuotaBlock? _block;

    /// <summary>Takes units for a request: out of what is held here, and else out of what the store has.</summary>
    public ValueTask<QuotaTaken> TakeAsync(IStore store, long units, long limit, TimeZoneInfo zone, QuotaFailing failing)
    {
        lock (_lock)
        {
            if (Judge(Current(zone), units, limit) is { } taken) return ValueTask.FromResult(taken);
        }
        return AskAsync(store, units, limit, zone, failing);
    }

    /// <summary>Units that were used in a period, of those that the store has as taken.</summary>
    public long UsedOf(string period, long taken)
    {
        lock (_lock) return _block is { } block && block.Period.Name == period ? Math.Max(0, taken - block.Held + block.Owed) : taken;
    }

    /// <summary>Gives back what a request took, because a limit or another quota refused it.</summary>
    public void GiveBack(in QuotaTaken taken, long units)
    {
        lock (_lock)
        {
            taken.Block.GiveBack(units, taken.IsOwed);
            if (taken.Block != _block && !_past.Contains(taken.Block)) _past.Add(taken.Block);
        }
    }

    /// <inheritdoc cref="QuotaBook.SettleAsync"/>
    public async ValueTask SettleAsync(IStore store, bool all, CancellationToken cancellation)
    {
        if (!await TryEnterAsync(cancellation)) throw Silent();
        var telling = TellAsync(store, all, cancellation);
        try
        {
            if (!await book.IsInTimeAsync(telling)) throw Silent();
            await telling;
        }
        finally
        {
            ReleaseAfter(telling);
        }
    }

    private async Task TellAsync(IStore store, bool all, CancellationToken cancellation)
    {
        var due = Due(all);
        for (var i = 0; i < due.Count; i++)
        {
            try
            {
                await store.AddQuotaAsync(KeyOf(due[i].Block.Period), due[i].Units, due[i].Block.Period.Ends, cancellation);
            }
            catch
            {
                Unsettle(due.Skip(i));
                throw;
            }
        }
    }

    private static StoreUnavailableException Silent() => new("The store does not answer.", new TimeoutException());

    private List<(QuotaBlock Block, long Units)> Due(bool all)
    {
        lock (_lock)
        {
            if (_block is { } over && !over.Period.Includes(book.Clock.GetUtcNow())) Leave(over);
            List<(QuotaBlock Block, long Units)> due = [.. _past.Select(p => (p, p.Settle(whole: true)))];
            _past.Clear();
            if (_block is { } block)
            {
                due.Add((block, block.Settle(whole: all || !block.IsInUse)));
                block.IsInUse = false;
            }
            due.RemoveAll(d => d.Units == 0);
            return due;
        }
    }

    private void Unsettle(IEnumerable<(QuotaBlock Block, long Units)> due)
    {
        lock (_lock)
        {
            foreach (var (block, units) in due)
            {
                block.Unsettle(units);
                if (block != _block && block.Owed > 0) _past.Add(block);
            }
        }
    }

    private async ValueTask<QuotaTaken> AskAsync(IStore store, long units, long limit, TimeZoneInfo zone, QuotaFailing failing)
    {
        await SocketThread.LeaveAsync();
        if (!await TryEnterAsync(CancellationToken.None)) return WithoutStore(zone, units, limit, failing);
        Task<long?>? asked = null;
        try
        {
            while (true)
            {
                QuotaBlock block;
                lock (_lock)
                {
                    block = Current(zone);
                    // Who asked before may have brought enough for all.
                    if (Judge(block, units, limit) is { } taken) return taken;
                    if (block.Held >= units) return Refuse(block, units, limit);
                }
                if (book.IsStoreAway) return WithoutStore(zone, units, limit, failing);
                asked = TryTakeAsync(store, block, units, limit);
                if (!await book.IsInTimeAsync(asked) || await asked is not { } granted) return WithoutStore(zone, units, limit, failing);
                lock (_lock)
                {
                    if (granted == 0) return Refuse(block, units, limit);
                }
            }
        }
        finally
        {
            ReleaseAfter(asked);
        }
    }

    /// <summary>One asks at a time. Who would wait for what does not answer does not wait; false for those.</summary>
    private async ValueTask<bool> TryEnterAsync(CancellationToken cancellation)
    {
        if (_asking.Wait(0, CancellationToken.None)) return true;
        if (book.IsStoreAway) return false;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await using var timer = book.Clock.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), patience, QuotaBook.Patience, Timeout.InfiniteTimeSpan);
        try
        {
            await _asking.WaitAsync(patience.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>The next one asks when this one was answered.</summary>
    private void ReleaseAfter(Task? asked)
    {
        if (asked is null or { IsCompleted: true }) _asking.Release();
        else _ = asked.ContinueWith((_, asking) => ((SemaphoreSlim)asking!).Release(), _asking, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>
    /// Takes a block, after the store was told what is owed: how much that was; null where the store is away. What comes when nobody waits for it any
    /// more is held as well.
    /// </summary>
    private async Task<long?> TryTakeAsync(IStore store, QuotaBlock block, long units, long limit)
    {
        try
        {
            var key = KeyOf(block.Period);
            if (block.Owed is > 0 and var owed)
            {
                await store.AddQuotaAsync(key, owed, block.Period.Ends, CancellationToken.None);
                lock (_lock) (block.Owed, block.Taken) = (block.Owed - owed, block.Taken + owed);
            }
            long least, wanted;
            lock (_lock) (least, wanted) = (Math.Max(1, units - block.Held), Math.Clamp((limit - block.Taken) / Parts, 1, MostAtOnce));
            var grant = await store.TakeQuotaAsync(key, limit, least, Math.Max(least, wanted), block.Period.Ends, CancellationToken.None);
            lock (_lock)
            {
                (block.Taken, block.Held) = (grant.Taken, block.Held + grant.Granted);
                if (block != _block && !_past.Contains(block)) _past.Add(block);
            }
            return grant.Granted;
        }
        catch (StoreUnavailableException)
        {
            book.NoteAway();
            return null;
        }
    }

    /// <summary>What passes now is owed to the store.</summary>
    private QuotaTaken WithoutStore(TimeZoneInfo zone, long units, long limit, QuotaFailing failing)
    {
        lock (_lock)
        {
            var block = Current(zone);
            // It may have come while this one waited.
            if (Judge(block, units, limit) is { } taken) return taken;
            var verdict = failing switch
            {
                QuotaFailing.Deny => QuotaVerdict.Unknown,
                QuotaFailing.Local when block.Used + units > limit => QuotaVerdict.Exceeded,
                _ => QuotaVerdict.Taken,
            };
            if (verdict == QuotaVerdict.Taken) (block.Owed, block.IsInUse) = (block.Owed + units, true);
            QuotaBook.Tell(caller.Quota, verdict);
            return Told(block, verdict, limit, isOwed: true);
        }
    }

    /// <summary>What a request comes to, where that can be told without the store; null where it can't.</summary>
    private QuotaTaken? Judge(QuotaBlock block, long units, long limit)
    {
        if (block.TryUse(units, limit)) return Told(block, QuotaVerdict.Taken, limit);
        return block.IsRefused(units, RefusedFor, book.Clock) ? Told(block, QuotaVerdict.Exceeded, limit) : null;
    }

    private QuotaTaken Refuse(QuotaBlock block, long units, long limit)
    {
        block.NoteRefused(units, book.Clock);
        return Told(block, QuotaVerdict.Exceeded, limit);
    }

    private static QuotaTaken Told(QuotaBlock block, QuotaVerdict verdict, long limit, bool isOwed = false) => new(verdict, Math.Max(0, limit - block.Used), block, isOwed);

    private QuotaBlock Current(TimeZoneInfo zone)
    {
        var now = book.Clock.GetUtcNow();
        if (_block is { } block)
        {
            if (block.IsOf(now, zone)) return block;
            Leave(block);
        }
        return _block = new QuotaBlock(QuotaPeriod.At(now, caller.Span, zone), zone);
    }

    /// <summary>What a block that is over holds and owes is settled at the next look.</summary>
    private void Leave(QuotaBlock block)
    {
        if (block.Held != 0 || block.Owed != 0) _past.Add(block);
        _block = null;
    }

    private QuotaKey KeyOf(QuotaPeriod period) => new(caller.Tenant, caller.Quota, caller.Counted, period.Name);
}
