namespace Gateway.Configuration;

/// <summary>
/// What outlives a reload: limiters with their counts. What a taken Plan no longer asks for is dropped; a refused one changes nothing.
/// </summary>
public sealed class KeptState
{
    /// <summary>Replaced as a whole, since others read it while a Plan is made.</summary>
    private volatile Dictionary<string, object> _kept = [];
    private readonly Dictionary<string, object> _asked = [];

    /// <summary>What is kept since the last commit.</summary>
    public IEnumerable<object> All => _kept.Values;

    public T Get<T>(string key, Func<T> create) where T : class
    {
        if (!_asked.TryGetValue(key, out var value)) _asked[key] = value = _kept.GetValueOrDefault(key) ?? create();
        return (T)value;
    }

    /// <summary>Takes over what was asked for; returns what nobody asks for any more, to be closed when the Plan before has retired.</summary>
    public IReadOnlyList<IDisposable> Commit()
    {
        var gone = _kept.Where(k => !_asked.ContainsKey(k.Key)).Select(k => k.Value).ToList();
        _kept = new Dictionary<string, object>(_asked);
        _asked.Clear();
        return [.. gone.OfType<IDisposable>()];
    }

    public void Rollback()
    {
        foreach (var unused in _asked.Where(a => !_kept.ContainsKey(a.Key)).Select(a => a.Value).OfType<IDisposable>()) unused.Dispose();
        _asked.Clear();
    }
}
