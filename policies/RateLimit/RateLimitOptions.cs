using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Policies.RateLimit;

/// <summary>One limit, or several with a name each. A named policy counts over all routes that use it.</summary>
public sealed record RateLimitOptions : LimitOptions
{
    [Description("Several limits at once, by the names that callers read: burst, sustained. A request is counted by all of them, or by none. What is said beside limits holds for each that does not say it itself.")]
    public IReadOnlyDictionary<string, LimitOptions> Limits { get; init; } = new Dictionary<string, LimitOptions>();

    /// <summary>Whether one of the limits is a caller's own.</summary>
    /// <param name="known">Whether callers say who they are.</param>
    public bool CountsEachCaller(bool known) => All("").Any(l => l.Limit.CountedBy.Any(by => known ? CallerKey.IsIdentity(by) : !CallerKey.IsCommon(by)));

    /// <summary>The limits by the names that callers read, each whole.</summary>
    /// <param name="policy">What the only one is called.</param>
    internal IEnumerable<(string Name, LimitOptions Limit)> All(string policy) => Limits.Count == 0
        ? [(policy, this)]
        : Limits.Select(l => (l.Key, l.Value.Within(this)));
}

/// <summary>So many requests in so much time, or at the same time, counted per caller.</summary>
public record LimitOptions
{
    internal const int MaxLimit = 10_000_000;

    private static readonly IReadOnlyList<string> ByConsumer = [CallerKey.Consumer];

    private RequestCost? _counted;

    [Description("Permits per window, and the most at once. A request takes one, or what its cost says. With the algorithm concurrency: requests at the same time.")]
    [Range(1, MaxLimit)]
    public int? Limit { get; init; }

    [Description("The window, whole seconds. None with the algorithm concurrency.")]
    public TimeSpan? Window { get; init; }

    [Description("tokenBucket: permits come back evenly over the window. slidingWindow: never more than the limit in any stretch as long as the window. fixedWindow: from one full minute (hour, day) of UTC to the next. concurrency: at the same time.")]
    public LimitAlgorithm Algorithm { get; init; }

    [Description("Who is counted: consumer, partner, key, address, route (all callers of a route together), everybody (all callers of all routes with the policy), claim:NAME, header:NAME; several, in brackets, for each combination. Default: consumer.")]
    [OneOrMore]
    public IReadOnlyList<string> By { get; init; } = [];

    [Description("Another limit for partners of a tier.")]
    public IReadOnlyDictionary<string, int> Tiers { get; init; } = new Dictionary<string, int>();

    [Description("JSONata that gives the permits a request takes, a whole number: $count(orderLines). It may look at the body ($), $params, $consumer, $partner and $route. Where it gives nothing, the request takes one.")]
    public string? Cost { get; init; }

    [Description("What requests of a lower priority must leave to those of a higher one. The priority is said at the route.")]
    public ReserveOptions? Reserve { get; init; }

    [Description("What is done while nodes that count together (state.redis) can't. local: this node counts for itself, a part of the limit by the number of nodes. deny: 503. allow: nothing is counted. Default: local.")]
    public StoreFailure? OnStoreFailure { get; init; }

    internal RequestCost? Counted => Cost is null ? null : _counted ??= new RequestCost(Cost);

    internal int Most => Limit ?? 1;

    internal TimeSpan Span => Window ?? TimeSpan.Zero;

    internal bool IsConcurrency => Algorithm == LimitAlgorithm.Concurrency;

    internal IReadOnlyList<string> CountedBy => By.Count > 0 ? By : ByConsumer;

    internal StoreFailure WithoutStore => OnStoreFailure ?? StoreFailure.Local;

    /// <summary>What a partner of a tier may.</summary>
    internal int For(string? tier) => tier is not null && Tiers.TryGetValue(tier, out var own) ? own : Most;

    /// <summary>In a few words: <c>600 in 60 s</c>, <c>5 at the same time</c>.</summary>
    internal string Text(int limit) => IsConcurrency ? $"{limit} at the same time" : $"{limit} in {(long)Span.TotalSeconds} s";

    /// <summary>This, with what it does not say itself.</summary>
    internal LimitOptions Within(LimitOptions outer) => this with
    {
        By = By.Count > 0 ? By : outer.By,
        Cost = Cost ?? (IsConcurrency ? null : outer.Cost),
        Reserve = Reserve ?? outer.Reserve,
        OnStoreFailure = OnStoreFailure ?? outer.OnStoreFailure,
    };
}

/// <summary>Parts of a limit, in percent, that requests must leave.</summary>
public sealed record ReserveOptions
{
    [Description("What requests of normal priority leave to those of high, in percent of the limit.")]
    [Range(0, 99)]
    public int Normal { get; init; }

    [Description("What requests of low priority leave to the others, in percent of the limit.")]
    [Range(0, 99)]
    public int Low { get; init; }

    internal int Of(RoutePriority priority) => priority switch
    {
        RoutePriority.High => 0,
        RoutePriority.Normal => Normal,
        _ => Low,
    };
}

/// <summary>What a limit does while nodes can't count together.</summary>
public enum StoreFailure
{
    Local,
    Deny,
    Allow,
}
