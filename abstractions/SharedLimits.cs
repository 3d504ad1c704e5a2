namespace Gateway;

/// <summary>How a limit counts.</summary>
public enum LimitAlgorithm
{
    /// <summary>A store of permits that fills evenly over the window: the whole limit at once, then one by one.</summary>
    TokenBucket,

    /// <summary>At most the limit in any stretch of time as long as the window.</summary>
    SlidingWindow,

    /// <summary>At most the limit from one full minute (or what the window is) of the clock to the next.</summary>
    FixedWindow,

    /// <summary>At most so many at the same time.</summary>
    Concurrency,
}

/// <summary>What is asked of one limit for one request.</summary>
/// <param name="Key">Which limit, and whose: unique over all limits of the workspace.</param>
/// <param name="Window">Whole seconds; zero where what is counted is at work at the same time.</param>
/// <param name="Cost">Permits it takes: 0 or more.</param>
/// <param name="Reserve">Permits that it must leave to requests of a higher priority.</param>
public readonly record struct LimitAsk(string Key, LimitAlgorithm Algorithm, int Limit, TimeSpan Window, int Cost, int Reserve);

/// <summary>What one limit said.</summary>
/// <param name="IsTaken">Whether it lets the request through.</param>
/// <param name="Left">Permits that are left, those of the reserve included.</param>
/// <param name="UntilWhole">Until all permits are back, if nobody takes more.</param>
/// <param name="RetryAfter">After which the same request is let through, if nobody takes more; zero where it was.</param>
public readonly record struct LimitTaken(bool IsTaken, long Left, TimeSpan UntilWhole, TimeSpan RetryAfter);

/// <summary>
/// Limits that several nodes count together. All of a request are asked in one round trip; they are taken together, or none of them is.
/// </summary>
public abstract class SharedLimits
{
    /// <summary>Whether the workspace has a place where nodes count together. Where it has none, each node counts for itself.</summary>
    public abstract bool IsDeclared { get; }

    /// <summary>How many nodes were at work when they were counted last, this one among them; 1 where nobody knows.</summary>
    public abstract int Nodes { get; }

    /// <summary>Null where nobody can be asked at the moment: each limit says what is done then.</summary>
    public abstract ValueTask<SharedTaking?> TakeAsync(LimitAsk[] asks);

    /// <summary>Gives back what was taken of the limits of <see cref="LimitAlgorithm.Concurrency"/>. Waits for nothing; what does not arrive ends by itself.</summary>
    public abstract void GiveBack(SharedTaking taking);
}

/// <summary>What all limits of one request said, in the order in which they were asked.</summary>
/// <param name="Holder">By which name permits are held while the request is at work; null where none are.</param>
public sealed record SharedTaking(LimitAsk[] Asks, LimitTaken[] Taken, string? Holder)
{
    /// <summary>Whether the request was let through by all of them, and is counted.</summary>
    public bool IsTaken { get; } = Array.TrueForAll(Taken, t => t.IsTaken);
}
