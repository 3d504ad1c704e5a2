using System.Collections.Concurrent;

namespace Gateway.Delivery.Placement;

/// <summary>
/// What this node holds of one kind of things that are placed over the nodes of a cluster: all there are, until somebody says which (<see cref="Cluster"/>). That
/// two nodes hold the same does no harm: the store decides who acts.
/// </summary>
public sealed class Holding<TKey>(TimeProvider clock) where TKey : notnull
{
    // Until when. Nothing else is held while _all is false.
    private readonly ConcurrentDictionary<TKey, DateTimeOffset> _held = new();
    private volatile bool _all = true;

    /// <summary>There may be more than before.</summary>
    public event Action? More;

    /// <summary>Whether this node holds one now.</summary>
    public bool Holds(TKey key) => _all || (_held.TryGetValue(key, out var until) && clock.GetUtcNow() < until);

    /// <summary>From now on this node holds every one, as one that is alone does.</summary>
    public void HoldAll()
    {
        _all = true;
        _held.Clear();
        More?.Invoke();
    }

    /// <summary>From now on it holds those alone that it is told of.</summary>
    public void HoldTold() => _all = false;

    /// <summary>It holds one until it is told otherwise, or for a while.</summary>
    public void Hold(TKey key, TimeSpan? atMost = null)
    {
        var until = atMost is { } span ? clock.GetUtcNow() + span : DateTimeOffset.MaxValue;
        _held.AddOrUpdate(key, until, (_, before) => before > until ? before : until);
        More?.Invoke();
    }

    /// <summary>It begins nothing for this one any more. What is under way comes to its end.</summary>
    public void LetGo(TKey key) => _held.TryRemove(key, out _);

    /// <summary>Those that are held now; null for all.</summary>
    public IReadOnlyList<TKey>? Now()
    {
        if (_all) return null;
        var now = clock.GetUtcNow();
        foreach (var over in _held.Where(h => h.Value <= now)) _held.TryRemove(over);
        return [.. _held.Keys];
    }
}
