using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Policies.RateLimit;

/// <summary>So many requests in so much time, counted per caller. A named policy counts over all routes that use it.</summary>
public sealed record RateLimitOptions
{
    internal const int MaxLimit = 10_000_000;

    [Description("Requests per window, and the most at once.")]
    [Range(1, MaxLimit)]
    public required int Limit { get; init; }

    [Description("The window; tokens come back evenly over it.")]
    public required TimeSpan Window { get; init; }

    [Description("Who is counted.")]
    public RateLimitKey By { get; init; } = RateLimitKey.Consumer;

    [Description("Another limit for partners of a tier.")]
    public IReadOnlyDictionary<string, int> Tiers { get; init; } = new Dictionary<string, int>();
}

public enum RateLimitKey
{
    Consumer,
    Partner,
    Address,

    /// <summary>All callers together.</summary>
    Route,
}
