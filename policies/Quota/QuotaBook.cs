using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Gateway.Policies.Quota;

/// <summary>
/// All quotas of this node, and how much of each it has taken from the store and not used yet. One for the process: it outlives reloads, and
/// what it holds is given back when nobody uses it, and when the process stops. What a killed process held counts as used: a block at most of each
/// quota, so that never more passes than a quota allows.
/// </summary>
public sealed class QuotaBook(TimeProvider clock)
{
    /// <summary>Under which the state that outlives reloads has it.</summary>
    public const string Key = "quotas";

    /// <summary>How long a request waits for the store at most.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>How long the store is left alone after it was away: requests do not wait for it one by one.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly Meter Meter = new("Gateway.Policies");

    private static readonly Counter<long> Unstored = Meter.CreateCounter<long>("gateway.quota.unstored", "{request}", "Requests that a quota judged while the store was away, by quota and what became of them.");

    // Callers are of the workspace, so there are no more than it declares.
    private readonly ConcurrentDictionary<QuotaCaller, QuotaCounter> _counters = new();
    private long _awayAt = long.MinValue;
    private int _late;

    internal TimeProvider Clock { get; } = clock;

    /// <summary>The store was away a moment ago, or has not answered yet what it was asked too long ago.</summary>
    internal bool IsStoreAway => Volatile.Read(ref _late) > 0 || Volatile.Read(ref _awayAt) is var at && at != long.MinValue && Clock.GetElapsedTime(at) < Pause;

    internal QuotaCounter Of(QuotaCaller caller) => _counters.TryGetValue(caller, out var known) ? known : _counters.GetOrAdd(caller, static (c, book) => new QuotaCounter(c, book), this);

    internal QuotaCounter? Find(QuotaCaller caller) => _counters.GetValueOrDefault(caller);

    internal void NoteAway() => Volatile.Write(ref _awayAt, Clock.GetTimestamp());

    /// <summary>
    /// Waits for the store as long as a request may. Where it does not answer in time it is away until it does: this call goes on, and no other is made.
    /// </summary>
    /// <returns>False where it did not answer in time.</returns>
    internal async ValueTask<bool> IsInTimeAsync(Task asked)
    {
        if (asked.IsCompleted) return true;
        using var answered = new CancellationTokenSource();
        var first = await Task.WhenAny(asked, Task.Delay(Patience, Clock, answered.Token));
        await answered.CancelAsync();
        if (first == asked || asked.IsCompleted) return true;
        Interlocked.Increment(ref _late);
        NoteAway();
        _ = asked.ContinueWith(
            (late, _) =>
            {
                // What is wrong with what comes too late is nobody's any more.
                _ = late.Exception;
                Interlocked.Decrement(ref _late);
            },
            null, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return false;
    }

    internal static void Tell(string quota, QuotaVerdict verdict) =>
        Unstored.Add(1, new("gateway.quota", quota), new("gateway.result", verdict.ToString().ToLowerInvariant()));

    /// <summary>Tells the store what was used while it was away, and gives back what nobody has used since the last time, or, at the end, all.</summary>
    /// <exception cref="StoreUnavailableException">The store is away, or does not answer in time. What was not told is told another time.</exception>
    public async ValueTask SettleAsync(IStore store, bool all, CancellationToken cancellation)
    {
        foreach (var counter in _counters.Values) await counter.SettleAsync(store, all, cancellation);
    }
}

/// <summary>Whose counter it is.</summary>
internal readonly record struct QuotaCaller(string Quota, string Tenant, string Counted, QuotaSpan Span);

internal enum QuotaVerdict
{
    Taken,
    Exceeded,

    /// <summary>The store is away, and without it nothing passes.</summary>
    Unknown,
}

/// <summary>What a request came to.</summary>
/// <param name="Left">Units that are left after it, as far as this node knows.</param>
/// <param name="Block">Of which it was taken.</param>
/// <param name="IsOwed">It was taken without the store.</param>
internal readonly record struct QuotaTaken(QuotaVerdict Verdict, long Left, QuotaBlock Block, bool IsOwed)
{
    public QuotaPeriod Period => Block.Period;
}
