using System.Collections.Frozen;
using System.Globalization;

namespace Gateway.Policies.RateLimit;

/// <summary>One limit as it runs: who is counted, what each may, and where this node counts.</summary>
internal sealed class Limit
{
    private readonly LimitOptions _options;
    private readonly CallerKey _key;
    private readonly Allowance _everybody;
    private readonly FrozenDictionary<string, Allowance> _tiers;
    private readonly CallerCounters _here;

    /// <param name="policy">Name of the policy: counts are kept under it.</param>
    /// <param name="name">As callers read it.</param>
    public Limit(string policy, string name, LimitOptions options, PolicyScope scope)
    {
        (Name, _options, _key) = (name, options, new CallerKey(options.CountedBy));
        var whose = $"{policy}/{name}/{string.Join('+', options.CountedBy)}/{options.Algorithm}/{(long)options.Span.TotalSeconds}";
        _everybody = new Allowance(name, options.Most, options, whose);
        _tiers = options.Tiers.ToFrozenDictionary(t => t.Key, t => new Allowance(name, t.Value, options, whose));
        var clock = scope.Clock;
        _here = scope.Kept($"rateLimit/{whose}", () => Counters(options.Algorithm, options.Span, clock));
    }

    public string Name { get; }

    public bool IsConcurrency => _options.IsConcurrency;

    /// <inheritdoc cref="CallerKey.IsChosen"/>
    public bool IsChosen => _key.IsChosen;

    public StoreFailure WithoutStore => _options.WithoutStore;

    /// <summary>What it will ask for one request. Takes nothing.</summary>
    public LimitPart Look(Exchange exchange)
    {
        var allowed = exchange.Consumer?.Partner.Tier is { } tier && _tiers.TryGetValue(tier, out var own) ? own : _everybody;
        return new LimitPart(this, allowed, _key.Of(exchange), _key.OwnerOf(exchange), CostOf(exchange), allowed.Percent(exchange.Route.Priority));
    }

    public Counter Here(string key, int limit, string? owner) => _here.Of(key, limit, owner);

    private int CostOf(Exchange exchange)
    {
        if (_options.Counted is not { } cost) return 1;
        var (permits, trouble) = cost.Of(exchange);
        // Whose mistake it is shows when the body was judged by its contract.
        if (trouble is not null) exchange.Uncounted ??= $"cost-broken: {Name}: {trouble}";
        return permits;
    }

    private static CallerCounters Counters(LimitAlgorithm algorithm, TimeSpan window, TimeProvider clock) => new(algorithm switch
    {
        LimitAlgorithm.SlidingWindow => limit => new SlidingWindow(limit, window, clock),
        LimitAlgorithm.FixedWindow => limit => new FixedWindow(limit, window, clock),
        LimitAlgorithm.Concurrency => limit => new AtWork(limit, clock),
        _ => limit => new TokenBucket(limit, window, clock),
    });
}

/// <summary>What one kind of caller may, and how its answers tell it.</summary>
internal sealed class Allowance(string name, int limit, LimitOptions options, string whose)
{
    public int Limit { get; } = limit;

    public LimitOptions Options { get; } = options;

    /// <summary>The limit's item in <c>RateLimit-Policy</c>.</summary>
    public string Policy { get; } = HeaderOf(name, limit, options);

    /// <summary>What keys of shared counts begin with: another limit is another count.</summary>
    public string Shared { get; } = $"{whose}/{limit}/";

    public int Percent(RoutePriority priority) => Options.Reserve?.Of(priority) ?? 0;

    /// <summary>draft-ietf-httpapi-ratelimit-headers, section 3: of what is at work at the same time there is no window, and the unit is said.</summary>
    public static string HeaderOf(string name, int limit, LimitOptions options) => options.IsConcurrency
        ? string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={limit};qu=\"concurrent-requests\"")
        : string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={limit};w={(long)options.Span.TotalSeconds}");
}
