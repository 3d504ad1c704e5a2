using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Gateway.Policies.Authenticate;

/// <summary>
/// A bounded memory: two generations of at most so many each. What is asked for moves to the younger, and when that is full the older is
/// forgotten. A flood of new things costs memory up to that bound, and forgets nothing that is asked for again before a generation of new ones
/// has come.
/// </summary>
internal sealed class Generations<TKey, TValue>(int perGeneration)
    where TKey : notnull
    where TValue : notnull
{
    private readonly Lock _turning = new();
    private volatile Generation _younger = new();
    private volatile Generation _older = new();

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_younger.TryGetValue(key, out value)) return true;
        if (!_older.TryGetValue(key, out value)) return false;
        Keep(key, value);
        return true;
    }

    public void Keep(TKey key, TValue value)
    {
        var younger = _younger;
        if (younger.Keep(key, value) <= perGeneration) return;
        lock (_turning)
        {
            if (_younger != younger) return;
            _older = younger;
            _younger = new();
        }
    }

    /// <summary>Counts for itself: the dictionary's own count takes all its locks.</summary>
    private sealed class Generation
    {
        private readonly ConcurrentDictionary<TKey, TValue> _kept = new();
        private int _count;

        public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value) => _kept.TryGetValue(key, out value);

        /// <summary>How many there are then.</summary>
        public int Keep(TKey key, TValue value)
        {
            if (_kept.TryAdd(key, value)) return Interlocked.Increment(ref _count);
            _kept[key] = value;
            return _count;
        }
    }
}
