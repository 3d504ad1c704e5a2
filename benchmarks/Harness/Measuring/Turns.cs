namespace Gateway.Benchmarks.Measuring;

/// <summary>
/// The order in which variants take their turns: shuffled anew each time, the same in every run. An order that only moves on would leave each
/// variant behind the same other all the time, and what that one leaves (a busy disk, a warm cache, a core's clock) would be measured with it.
/// </summary>
internal sealed class Turns<T>(IReadOnlyList<T> variants)
{
    private readonly T[] _order = [.. variants];
    private readonly Random _random = new(1);

    /// <summary>Every variant once.</summary>
    public IReadOnlyList<T> Next()
    {
        _random.Shuffle(_order);
        return _order;
    }
}
