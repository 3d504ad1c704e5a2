using System.Collections.Concurrent;
using System.Threading.RateLimiting;

namespace Gateway.Policies.RateLimit;

/// <summary>
/// The counters of one limit on this node, one for each key. Where callers choose what they are counted by (<c>header:</c>, <c>claim:</c>), each caller
/// has so many at most, and what it comes with beyond them is counted together: nobody fills the memory with values.
/// </summary>
internal sealed class CallerCounters : IDisposable
{
    /// <summary>Values of one caller that are counted apart at the same time.</summary>
    public const int MostOfOne = 1_000;

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<Caller, string> _chosen = [];
    private readonly Dictionary<string, int> _owners = [];
    private readonly PartitionedRateLimiter<Caller> _counters;

    /// <param name="create">A counter of so many permits.</param>
    public CallerCounters(Func<int, Counter> create)
    {
        Func<Caller, Counter> counter = caller =>
        {
            var made = create(caller.Limit);
            made.Gone = () => Forget(caller);
            return made;
        };
        _counters = PartitionedRateLimiter.Create<Caller, Caller>(caller => RateLimitPartition.Get(caller, counter));
    }

    /// <param name="owner">Who chose the key; null where nobody can.</param>
    public Counter Of(string key, int limit, string? owner)
    {
        var caller = new Caller(key, limit, IsRest: false);
        if (owner is not null && !_chosen.ContainsKey(caller) && !TryAdd(caller, owner)) caller = new Caller(owner, limit, IsRest: true);
        return Counter.Of(_counters, caller);
    }

    public void Dispose() => _counters.Dispose();

    private bool TryAdd(in Caller caller, string owner)
    {
        lock (_lock)
        {
            var owned = _owners.GetValueOrDefault(owner);
            if (owned >= MostOfOne) return false;
            if (_chosen.TryAdd(caller, owner)) _owners[owner] = owned + 1;
            return true;
        }
    }

    /// <summary>Its counter was idle for so long that it is the same as a new one.</summary>
    private void Forget(in Caller caller)
    {
        lock (_lock)
        {
            if (!_chosen.TryRemove(caller, out var owner)) return;
            if (_owners[owner] == 1) _owners.Remove(owner);
            else _owners[owner]--;
        }
    }

    /// <param name="IsRest">The key is a caller's, for all it comes with beyond what is counted apart.</param>
    private readonly record struct Caller(string Key, int Limit, bool IsRest);
}
