using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Policies.Quota;

/// <summary>So much in a day or a month of the calendar. A named policy counts over all routes that use it.</summary>
public sealed record QuotaOptions
{
    internal const long MaxLimit = 1_000_000_000_000;

    private QuotaCost? _counted;

    [Description("Requests in the period, or units where cost: says what one costs.")]
    [Range(typeof(long), "1", "1000000000000")]
    public required long Limit { get; init; }

    [Description("day, or month: of the calendar, by the clocks of the partner (timeZone of the partner, else of its first company, else UTC).")]
    public required QuotaSpan Per { get; init; }

    [Description("Who is counted.")]
    public QuotaBy By { get; init; } = QuotaBy.Partner;

    [Description("Another limit for partners of a tier.")]
    public IReadOnlyDictionary<string, long> Tiers { get; init; } = new Dictionary<string, long>();

    [Description("What a request costs, in JSONata over its body ($), $params, $consumer, $partner and $route, rounded up to whole units, one at least: $count(orderLines). Where it looks at the body it is counted when the body has kept its contract. Default: one.")]
    public string? Cost { get; init; }

    [Description("While the store is away. local: this node counts on by itself, and tells the store later. deny: 503. allow: all pass, and are counted later.")]
    public QuotaFailing OnStoreFailure { get; init; } = QuotaFailing.Local;

    internal QuotaCost? Counted => Cost is null ? null : _counted ??= new QuotaCost(Cost);

    internal bool ReadsBody => Counted is { ReadsBody: true };

    /// <summary>The limit of a partner of a tier; null for none.</summary>
    public long LimitOf(string? tier) => tier is not null && Tiers.TryGetValue(tier, out var own) ? own : Limit;
}

public enum QuotaSpan
{
    Day,
    Month,
}

public enum QuotaBy
{
    /// <summary>All consumers of a partner together.</summary>
    Partner,

    /// <summary>Each consumer by itself.</summary>
    Consumer,
}

public enum QuotaFailing
{
    Local,
    Deny,
    Allow,
}
